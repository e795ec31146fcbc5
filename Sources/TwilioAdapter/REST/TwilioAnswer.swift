import CallDomain
import HTTPTypes
import OutboundHTTP

/// An answer of Twilio, sorted by what it means for the caller.
struct TwilioAnswer {
    private let response: OutboundResponse
    private let secrets: [String]

    /// `secrets` were sent with the request; they are removed from an error that quotes them.
    init(_ response: OutboundResponse, withholding secrets: [String] = []) {
        self.response = response
        self.secrets = secrets
    }

    var status: Int { response.status }

    /// By which Twilio's support finds a request.
    var requestID: String? {
        HTTPField.Name("Twilio-Request-Id").flatMap { response.headers[$0] }.map { VendorText.bounded($0, to: 64) }
    }

    /// The JSON of an answer with the expected status; anything else is a failure.
    ///
    /// `isWhole` refuses an answer of which a value cannot be read, such as a name that stands twice: it would be missing
    /// where the answer is compared with what was asked for.
    func content(expecting expected: Int, isWhole: Bool = false) throws(VendorFailure) -> JSONValue {
        switch status {
        case expected:
            guard let json else { throw nonsense("Twilio's answer is not JSON") }
            guard !isWhole || isReadAsAWhole else { throw nonsense("Twilio's answer holds values that cannot be read") }
            return json
        case 400..<500:
            guard let refusal else {
                let reason = "HTTP \(status), but not in Twilio's words: a proxy on the way may have answered"
                throw .unclear(.twilio, status: status, reason: reason)
            }
            throw self.failure(of: refusal)
        case 500...: throw .unclear(.twilio, status: status, reason: "Twilio answered \(status)")
        default: throw nonsense("Twilio answered with the unexpected status \(status)")
        }
    }

    /// Of a request whose success is 204.
    func expectNothing() throws(VendorFailure) {
        if status != 204 { _ = try content(expecting: 204) }
    }

    func nonsense(_ reason: String) -> VendorFailure { .nonsense(.twilio, status: status, reason: reason) }

    /// The body, if it is JSON of a size that Twilio's answers have, and not encoded: we never ask for that.
    private var json: JSONValue? {
        let encodings = response.headers[values: .contentEncoding]
        guard response.body.count <= TwilioClient.maximumAnswerBytes,
            encodings.allSatisfy({ $0.lowercased() == "identity" })
        else { return nil }
        return try? JSONParser.parse(response.body, reading: .lenient)
    }

    /// Whether the JSON has no value that lenient reading takes as `null`.
    private var isReadAsAWhole: Bool { (try? JSONParser.parseWhole(response.body)) != nil }

    /// What Twilio's own "no" means for whoever asked.
    private func failure(of refusal: VendorRefusal) -> VendorFailure {
        // 429 is Twilio's REST API, which is asked again; a full account has its own codes, whatever their status.
        if status == 429, refusal.meaning.mistake != .notNow || refusal.code == Self.tooManyRequests {
            return .throttled(refusal, retryAfter: retryAfter)
        }
        var refusal = refusal
        if refusal.meaning.mistake == .notNow { refusal.meaning.wait = retryAfter ?? refusal.meaning.wait }
        return .refused(refusal)
    }

    /// The error object of Twilio's API, which proves that Twilio itself answered, and did nothing: JSON with one of its
    /// codes, or any JSON object with 401 and 403. What a proxy says of its own proves nothing.
    /// - SeeAlso: https://www.twilio.com/docs/usage/twilios-response
    private var refusal: VendorRefusal? {
        guard let body = json, body.objectValue != nil else { return nil }
        let code = (body["code"]?.intValue ?? body["code"]?.stringValue.flatMap(VendorText.number))
            .flatMap { Self.codes.contains($0) ? $0 : nil }
        guard code != nil || status == 401 || status == 403 else { return nil }
        let message = told(body["message"])
        let page = told(body["more_info"])
        return VendorRefusal(
            vendor: .twilio,
            status: status,
            code: code,
            message: message.isEmpty ? "Twilio answered \(status) without a reason" : message,
            moreInfo: page.utf8.starts(with: "https://".utf8) ? page : nil,
            meaning: TwilioRefusals.meaning(ofCode: code, status: status)
        )
    }

    /// Twilio's codes of what can be refused have five digits or six; a proxy may repeat the HTTP status as a `code`.
    private static let codes = 10_000...999_999
    private static let tooManyRequests = 20429

    /// A text of Twilio's without secrets and numbers, which it may quote; cut last, so that no part of them is left.
    private func told(_ value: JSONValue?) -> String {
        var text = VendorText.bounded(value?.stringValue ?? "", to: .max)
        for secret in secrets where !secret.isEmpty { text = text.replacing(secret, with: "[redacted]") }
        return VendorText.bounded(VendorText.withoutNumbers(text), to: 500)
    }

    /// `Retry-After`: seconds, or a date, which is compared with the answer's own `Date`, so that our clock does not
    /// matter. `nil` if it is invalid.
    private var retryAfter: Duration? {
        guard let text = response.headers[.retryAfter] else { return nil }
        if let seconds = VendorText.number(text) { return seconds <= Self.longestWait ? .seconds(seconds) : nil }
        guard let until = Timestamp(rfc2822: text), let now = response.headers[.date].flatMap(Timestamp.init(rfc2822:))
        else { return nil }
        let wait = until - now
        return wait <= .seconds(Self.longestWait) ? max(wait, .zero) : nil
    }

    /// Seconds; who asks for more than a day is not believed.
    private static let longestWait = 86_400
}

extension VendorFailure {
    /// No answer: what matters is whether the request can have left.
    init(_ error: TransportError) {
        let reason =
            switch error.cause {
            case .invalidRequest: "the request to Twilio is malformed and was not sent"
            case .nameResolution: "Twilio's name could not be resolved"
            case .connect, .forbiddenAddress: "could not connect to Twilio"
            case .tls: "the TLS certificate of the connection to Twilio is not trusted"
            case .timeout: "Twilio did not answer in time"
            case .connectionLost: "the connection to Twilio was lost"
            case .answerTooLarge: "Twilio's answer was too large"
            case .withdrawn: "the order was withdrawn, or its time was up, before the request to Twilio was sent"
            case .cancelled: "the request to Twilio was cancelled"
            case .stopped: "the gateway is stopping"
            }
        self =
            switch error.delivery {
            case .notSent: .notSent(.twilio, reason: reason)
            case .maybeSent: .unclear(.twilio, status: nil, reason: reason)
            }
    }
}
