import NIOHTTP1

/// Why a message is refused before it reaches the router. The raw value says it in the log.
enum Refusal: String, Error, CaseIterable {
    case requestLine = "the request line is malformed"
    case target = "the request target is not a path"
    case targetTooLong = "the request target is too long"
    case version = "the HTTP version is not supported"
    case method = "the method is not supported"
    case host = "there is not exactly one valid Host field"
    case lineEnd = "a line does not end in CR LF"
    case fields = "the header fields are too many or too long"
    case malformed = "the message is malformed"
    case framing = "the length of the body is ambiguous"
    case transferCoding = "the transfer coding is not supported"
    case expectation = "the expectation is not supported"
    case bodyTooLarge = "the body is too large"
    case headTooSlow = "the head did not arrive in time"
    case bodyTooSlow = "the body did not arrive in time"

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
