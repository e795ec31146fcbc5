package import FoundationEssentials

/// What really reached the stand-ins and what they sent, in order.
package struct Ledger: Sendable {
    package enum Vendor: String, Sendable {
        case twilio
        case ultravox
    }

    /// A connection that a fault ended before a request was read from it.
    package struct Connection: Sendable {
        package let time: Date
        package let vendor: Vendor
        /// Method and target, if they had come.
        package let head: String?
        package let fault: String
    }

    /// A request that arrived.
    package struct Request: Sendable {
        package let time: Date
        package let vendor: Vendor
        package let method: String
        /// Without the query.
        package let path: String
        /// The query's pairs, then those of a form body.
        package let parameters: [Parameter]
        /// A body that is not a form, as text.
        package let body: String?
        /// False when the connection was closed while the body came.
        package let isComplete: Bool
        /// Whether the vendor's API got the request, and may have done what it asks.
        package internal(set) var isActedOn: Bool
        /// What was done to the request on purpose, by its name in the control API.
        package let fault: String?
        /// `nil` while no answer was begun.
        package internal(set) var status: Int?
    }

    /// One attempt to deliver a webhook, or to fetch TwiML.
    package struct Callback: Sendable {
        package let time: Date
        package let vendor: Vendor
        /// `voice`, `fallback`, `action`, `status`, `amd`, `stream` or `recording` from Twilio; the event (`call.ended`)
        /// from Ultravox.
        package let kind: String
        /// Twilio's CallSid or Ultravox's call id.
        package let callID: String
        package let method: String
        package let url: String
        /// The form of Twilio's webhooks.
        package let parameters: [Parameter]
        /// The JSON text of Ultravox's webhooks.
        package let body: String?
        /// From 1.
        package let attempt: Int
        /// What was done to the webhook on purpose, by its name in the control API.
        package let fault: String?
        /// `nil` while no answer came.
        package internal(set) var status: Int?
        /// Why none came.
        package internal(set) var error: String?
    }

    /// An entry of Twilio's debugger.
    package struct Alert: Sendable {
        package let time: Date
        package let callSid: String?
        package let code: Int
        package let message: String
    }

    package enum Entry: Sendable {
        case connection(Connection)
        case request(Request)
        case callback(Callback)
        case alert(Alert)
    }

    /// Everything, in the order in which it began.
    package private(set) var entries: [Entry] = []

    /// How many deliveries about a call were answered, by CallSid or Ultravox call id.
    private var answered: [String: Int] = [:]

    package var connections: [Connection] {
        entries.compactMap { if case .connection(let connection) = $0 { connection } else { nil } }
    }

    package var requests: [Request] {
        entries.compactMap { if case .request(let request) = $0 { request } else { nil } }
    }

    package var callbacks: [Callback] {
        entries.compactMap { if case .callback(let callback) = $0 { callback } else { nil } }
    }

    package var alerts: [Alert] {
        entries.compactMap { if case .alert(let alert) = $0 { alert } else { nil } }
    }

    /// The attempts to deliver something about one call, by CallSid or Ultravox call id.
    package func callbacks(of callID: String) -> [Callback] {
        callbacks.filter { $0.callID == callID }
    }

    /// How many deliveries about one call were answered, with whatever status.
    func deliveries(of callID: String) -> Int { answered[callID, default: 0] }

    /// Adds an entry and returns its place, for the answer to be filled in.
    mutating func append(_ entry: Entry) -> Int {
        entries.append(entry)
        return entries.count - 1
    }

    mutating func answerRequest(at place: Int, status: Int) {
        guard case .request(var request) = entries[place] else { return }
        request.status = status
        entries[place] = .request(request)
    }

    mutating func actOnRequest(at place: Int) {
        guard case .request(var request) = entries[place] else { return }
        request.isActedOn = true
        entries[place] = .request(request)
    }

    mutating func answerCallback(at place: Int, status: Int?, error: String?) {
        guard case .callback(var callback) = entries[place] else { return }
        callback.status = status
        callback.error = error
        if status != nil { answered[callback.callID, default: 0] += 1 }
        entries[place] = .callback(callback)
    }

    mutating func alert(_ code: Int, _ message: String, callSid: String?) {
        entries.append(.alert(Alert(time: Date(), callSid: callSid, code: code, message: message)))
    }
}

extension Ledger {
    /// The ledger as the control API shows it.
    var json: JSON {
        ["entries": .array(entries.map(\.json))]
    }
}

extension Ledger.Entry {
    fileprivate var json: JSON {
        switch self {
        case .connection(let connection):
            [
                "entry": "connection", "time": .string(VendorTime.iso8601(connection.time)),
                "vendor": .string(connection.vendor.rawValue), "head": JSON(connection.head),
                "fault": .string(connection.fault),
            ]
        case .request(let request):
            [
                "entry": "request", "time": .string(VendorTime.iso8601(request.time)),
                "vendor": .string(request.vendor.rawValue), "method": .string(request.method),
                "path": .string(request.path), "parameters": pairs(request.parameters), "body": JSON(request.body),
                "complete": .bool(request.isComplete), "acted_on": .bool(request.isActedOn),
                "fault": JSON(request.fault), "status": request.status.map(JSON.int) ?? .null,
            ]
        case .callback(let callback):
            [
                "entry": "callback", "time": .string(VendorTime.iso8601(callback.time)),
                "vendor": .string(callback.vendor.rawValue), "kind": .string(callback.kind),
                "call": .string(callback.callID), "method": .string(callback.method), "url": .string(callback.url),
                "parameters": pairs(callback.parameters), "body": JSON(callback.body),
                "attempt": .int(callback.attempt), "fault": JSON(callback.fault),
                "status": callback.status.map(JSON.int) ?? .null,
                "error": JSON(callback.error),
            ]
        case .alert(let alert):
            [
                "entry": "alert", "time": .string(VendorTime.iso8601(alert.time)), "call": JSON(alert.callSid),
                "code": .int(alert.code), "message": .string(alert.message),
            ]
        }
    }

    private func pairs(_ parameters: [Parameter]) -> JSON {
        .array(parameters.map { [.string($0.name), .string($0.value)] })
    }
}
