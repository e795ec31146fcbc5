import CallDomain
import HTTPTypes
package import Logging
package import OutboundHTTP

/// Twilio's Calls API.
///
/// Each request is sent once: repeating is for whoever knows what the failure means. Nothing that is logged holds a
/// number, a body or a secret.
/// - SeeAlso: https://www.twilio.com/docs/voice/api/call-resource
package struct TwilioClient: Sendable {
    let configuration: TwilioConfiguration
    let urls: WebhookURLs
    private let origin: String
    private let transport: any HTTPTransport
    private let logger: Logger

    /// Of any answer. A call has some 2 kB.
    static let maximumAnswerBytes = 1 << 20

    /// Makes a client of one account.
    ///
    /// Twilio is told to send the webhooks of the calls that we create to `urls`.
    package init(
        configuration: TwilioConfiguration,
        urls: WebhookURLs,
        transport: any HTTPTransport,
        logger: Logger
    ) {
        self.configuration = configuration
        self.urls = urls
        self.transport = transport
        self.logger = logger
        var origin = configuration.baseURL[...]
        while origin.utf8.last == UInt8(ascii: "/") { origin = origin.dropLast() }
        self.origin = String(origin)
    }

    /// What a request is for, in logs.
    enum Operation: String {
        case create
        case fetch
        case list
        case end
        case numbers
        case deleteRecording = "delete_recording"

        /// Whether 20404 says that there is no such call, or recording. Elsewhere it
        /// says that there is no such account.
        var isAboutOneThing: Bool {
            switch self {
            case .fetch, .end, .deleteRecording: true
            case .create, .list, .numbers: false
            }
        }
    }

    /// "The requested resource was not found".
    /// - SeeAlso: https://www.twilio.com/docs/api/errors/20404
    static let notFound = 20404

    /// The path of the account's calls; `.json`, because the answer is XML without it.
    var callsPath: String { "\(accountPath)/Calls.json" }

    func callPath(_ sid: CallSid) -> String { "\(accountPath)/Calls/\(sid.text).json" }

    var accountPath: String { "/2010-04-01/Accounts/\(configuration.accountSid.text)" }

    /// The target below our origin that `uri` names: a path of Twilio's own, or the same with the origin before it.
    /// - Returns: `nil` if it leads anywhere but to this account's calls.
    func target(ofPage uri: String) -> String? {
        let target = uri.utf8.starts(with: "\(origin)/".utf8) ? String(uri.dropFirst(origin.count)) : uri
        guard target.utf8.count <= 4096, target.utf8.starts(with: "\(callsPath)?".utf8),
            target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") })
        else { return nil }
        return target
    }

    /// Sends one request and sorts the answer.
    /// - Parameters:
    ///   - operation: for the log.
    ///   - target: path and query.
    ///   - form: `nil` for GET.
    ///   - status: what success looks like.
    ///   - permit: without it nothing leaves that dials.
    ///   - patience: how long to wait for the answer, at most ``longestWait``.
    /// - Returns: the body of an answer with that status.
    /// - Throws: ``VendorFailure`` for any other answer, and for none.
    func send(
        _ operation: Operation,
        _ target: String,
        form: [(name: String, value: String)]? = nil,
        expecting status: Int = 200,
        permit: DialPermit? = nil,
        within patience: Duration = longestWait
    ) async throws(VendorFailure) -> JSONValue {
        var headers = headers
        if form != nil { headers[.contentType] = "application/x-www-form-urlencoded" }
        var request = OutboundRequest(
            method: form == nil ? .get : .post,
            url: origin + target,
            headers: headers,
            body: form.map { Array(FormEncoding.encoded($0).utf8) },
            timeout: min(patience, Self.longestWait),
            connectTimeout: min(patience, .seconds(5)),
            maximumAnswerBytes: Self.maximumAnswerBytes,
            label: RequestLabel(service: "twilio", endpoint: operation.rawValue)
        )
        if let permit { request.mayLeave = { permit.leave() } }
        return try await send(operation, request) { (answer) throws(VendorFailure) in
            try answer.content(expecting: status, isWhole: operation == .create)
        }
    }

    /// Sends `DELETE` and sorts the answer: success has no content.
    func delete(_ operation: Operation, _ target: String) async throws(VendorFailure) {
        let request = OutboundRequest(
            method: .delete,
            url: origin + target,
            headers: headers,
            timeout: Self.longestWait,
            maximumAnswerBytes: Self.maximumAnswerBytes,
            label: RequestLabel(service: "twilio", endpoint: operation.rawValue)
        )
        try await send(operation, request) { (answer) throws(VendorFailure) in try answer.expectNothing() }
    }

    private var headers: HTTPFields {
        [
            .authorization: configuration.credentials.current.authorization(configuration.accountSid),
            .accept: "application/json",
            .userAgent: "switchboard",
        ]
    }

    private func send<Value>(
        _ operation: Operation,
        _ request: OutboundRequest,
        _ read: (TwilioAnswer) throws(VendorFailure) -> Value
    ) async throws(VendorFailure) -> Value {
        let answer = try await exchange(request)
        logger.debug(
            "Twilio answered",
            metadata: [
                "twilio.operation": "\(operation.rawValue)", "http.status": "\(answer.status)",
                "twilio.request.id": "\(answer.requestID ?? "")",
            ]
        )
        do {
            return try read(answer)
        } catch {
            if error.isOfThisGateway, !(operation.isAboutOneThing && error.code == Self.notFound) {
                logger.warning(
                    "Twilio refuses this gateway: check the credentials, the account's balance and its permissions",
                    metadata: [
                        "twilio.operation": "\(operation.rawValue)", "http.status": "\(answer.status)",
                        "twilio.code": "\(error.code.map(String.init) ?? "none")",
                    ]
                )
            }
            throw error
        }
    }

    private func exchange(_ request: OutboundRequest) async throws(VendorFailure) -> TwilioAnswer {
        do throws(TransportError) {
            let response = try await transport.send(request)
            let credentials = configuration.credentials.current
            let secrets = credentials.secrets + [credentials.authorization(configuration.accountSid)]
            return TwilioAnswer(response, withholding: secrets + secrets.map { $0.replacing("Basic ", with: "") })
        } catch {
            logger.debug("no answer from Twilio", metadata: ["reason": "\(error.detail)"])
            throw VendorFailure(error)
        }
    }
}
