import NIOHTTP1

/// Why a message is refused before it reaches the router. The raw value says it in the log.
enum Refusal: String, Error, CaseIterable {
    case requestLine = "the request line is malformed"
    case target = "the request target is no path"
    case targetTooLong = "the request target is too long"
    case version = "the HTTP version is not served"
    case method = "the method is not known"
    case host = "there is not exactly one good host"
    case lineEnd = "a line does not end in CR LF"
    case fields = "there are too many fields, or too long ones"
    case malformed = "the message is malformed"
    case framing = "the length of the body is not certain"
    case transferCoding = "the transfer coding is not known"
    case expectation = "the expectation is not known"
    case bodyTooLarge = "the body is too large"
    case headTooSlow = "the head did not come in time"
    case bodyTooSlow = "the body did not come in time"

    var status: HTTPResponseStatus {
        switch self {
        case .requestLine, .target, .host, .lineEnd, .malformed, .framing: .badRequest
        case .targetTooLong: .uriTooLong
        case .version: .httpVersionNotSupported
        case .method, .transferCoding: .notImplemented
        case .fields: .requestHeaderFieldsTooLarge
        case .expectation: .expectationFailed
        case .bodyTooLarge: .payloadTooLarge
        case .headTooSlow, .bodyTooSlow: .requestTimeout
        }
    }
}
