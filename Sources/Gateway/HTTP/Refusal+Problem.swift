import CallDomain
import NIOHTTP1

extension Refusal {
    /// The document that explains the refusal; nil where the contract asks for none: malformed HTTP gets an empty 400,
    /// and a body that is too large is refused by the router, or is a webhook's.
    ///
    /// It has no `instance` and no `request_id`: neither is known of a message that was not read.
    func problem(limits: ConnectionLimits) -> String? {
        guard let words = words(limits) else { return nil }
        let document: JSONValue = [
            "type": .string("urn:switchboard:problem:\(words.code)"),
            "title": .string(words.title),
            "status": .integer(Int(status.code)),
            "detail": .string(words.detail),
            "code": .string(words.code),
        ]
        return String(decoding: document.encoded, as: UTF8.self)
    }

    private func words(_ limits: ConnectionLimits) -> (code: String, title: String, detail: String)? {
        switch self {
        case .requestLine, .target, .host, .lineEnd, .malformed, .framing, .bodyTooLarge:
            nil
        case .targetTooLong:
            (
                "uri_too_long", "The request target is too long",
                "Path and query must not exceed \(limits.requestTarget) bytes together."
            )
        case .fields:
            (
                "header_fields_too_large", "The header fields are too large",
                "A request may have \(limits.fieldCount) header fields, and \(limits.fields) bytes of them and its target."
            )
        case .version:
            ("http_version_not_supported", "HTTP version not supported", "Use HTTP/1.1.")
        case .method:
            (
                "not_implemented", "Method not supported",
                "Use \(RequestLine.methods.joined(separator: ", "))."
            )
        case .transferCoding:
            (
                "not_implemented", "Transfer coding not supported",
                "Send Content-Length, or only Transfer-Encoding: chunked."
            )
        case .expectation:
            ("expectation_failed", "Expectation not supported", "Only Expect: 100-continue is supported.")
        case .headTooSlow:
            (
                "request_timeout", "Request timeout",
                "The request head must arrive within \(limits.headTime.wholeSeconds) s."
            )
        case .bodyTooSlow:
            (
                "request_timeout", "Request timeout",
                "The request body must arrive within \(limits.bodyTime.wholeSeconds) s."
            )
        }
    }
}
