package import CallDomain

/// Reads a verified webhook of Ultravox: `{"event": …, "call": …}`.
/// - SeeAlso: https://docs.ultravox.ai/webhooks/available-webhooks
package enum UltravoxWebhook {
    /// Why a verified message says nothing that we can use. The raw values are stable: operators see them in the
    /// dead-letter list and in metrics.
    package enum Useless: String, Error, Sendable, CaseIterable {
        /// No JSON (cut off, for example), or without an event or a call.
        case badBody = "bad_body"
        case unknownEvent = "unknown_event"
        /// `callId` is no UUID.
        case malformedUltravoxCallID = "malformed_ultravox_call_id"
        /// The metadata has an invalid id in place of ours.
        case malformedCallID = "malformed_call_id"
    }

    /// The metadata entry in which we send our id of the call, to get it back in every webhook.
    package static let callIDKey = "switchboard_call_id"

    /// The metadata entry in which Ultravox names the phone call whose stream joined.
    private static let callSidKey = "ultravox.twilio.call_sid"

    /// The longest texts that we keep of a conversation, in bytes of UTF-8.
    private static let maximumSummary = 16 << 10
    private static let maximumWord = 64

    /// Reads a message whose signature has been verified.
    ///
    /// Only what identifies the call must be right; a time or a text that cannot be read is absent, and its name stands in
    /// ``ConversationReport/unread``.
    /// - Parameter body: the bytes as received.
    /// - Returns: what happened to the conversation, its texts bounded and without control characters.
    /// - Throws: why the message is of no use.
    package static func read(_ body: [UInt8]) throws(Useless) -> ConversationReport {
        guard let message = try? JSONParser.parse(body, reading: .lenient),
            let eventName = message["event"]?.stringValue, let call = message["call"], call.objectValue != nil
        else { throw .badBody }
        guard let event = event(named: eventName) else { throw .unknownEvent }
        guard let id = call["callId"]?.stringValue.flatMap(UltravoxCallID.init(_:)) else {
            throw .malformedUltravoxCallID
        }
        var report = ConversationReport(ultravoxCallID: id, event: event, callID: try callID(in: call))
        var fields = SideFields(call)
        report.createdAt = fields.read("created", \.timestamp)
        report.joinedAt = fields.read("joined", \.timestamp)
        report.endedAt = fields.read("ended", \.timestamp)
        report.endReason = fields.read("endReason") { text($0, VendorText.word, maximumWord) }
        report.shortSummary = fields.read("shortSummary") { text($0, VendorText.lines, maximumSummary) }
        report.summary = fields.read("summary") { text($0, VendorText.lines, maximumSummary) }
        report.billedDuration = fields.read("billedDuration") {
            $0.duration(in: UltravoxBounds.elapsed).map(roundedSeconds)
        }
        report.agentID = fields.read("agentId") { $0.stringValue.flatMap(AgentID.init(_:)) }
        report.agentID = report.agentID ?? call["agent"]?["agentId"]?.stringValue.flatMap(AgentID.init(_:))
        let metadata = fields.read("metadata", \.objectValue)
        report.callSid = metadata?[callSidKey]?.stringValue.flatMap { CallSid($0) }
        report.unread = fields.unread
        return report
    }

    /// Compared as bytes: `String ==` also accepts canonically equivalent text.
    private static func event(named name: String) -> ConversationReport.Event? {
        ConversationReport.Event.allCases.first { $0.rawValue.utf8.elementsEqual(name.utf8) }
    }

    private static func callID(in call: JSONValue) throws(Useless) -> CallID? {
        // We never send `null`, and a name that stands twice is read as it.
        guard let member = call["metadata"]?.objectValue?[callIDKey] else { return nil }
        guard let id = member.stringValue.flatMap(CallID.init(_:)) else { throw .malformedCallID }
        return id
    }

    private static func text(_ value: JSONValue, _ bounded: (String, Int) -> String?, _ limit: Int) -> String? {
        value.stringValue.flatMap { bounded($0, limit) }
    }

    private static func roundedSeconds(_ duration: Duration) -> Int {
        (duration + .milliseconds(500)).wholeSeconds
    }
}

/// The members of a call that a message does without.
private struct SideFields {
    private let call: JSONValue
    /// The names of those that are there and cannot be read.
    private(set) var unread: [String] = []

    init(_ call: JSONValue) { self.call = call }

    mutating func read<Value>(_ name: String, _ reading: (JSONValue) -> Value?) -> Value? {
        guard let member = call[name], member != "" else { return nil }
        guard let value = reading(member) else {
            unread.append(name)
            return nil
        }
        return value
    }
}
