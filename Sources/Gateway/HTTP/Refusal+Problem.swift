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
                "Path and query may have \(limits.requestTarget) bytes together."
            )
        case .fields:
            (
                "header_fields_too_large", "The header fields are too large",
                "A request may have \(limits.fieldCount) fields, of \(limits.fields) bytes together with its target."
            )
        case .version:
            ("http_version_not_supported", "This HTTP version is not served", "Use HTTP/1.1.")
        case .method:
            (
                "not_implemented", "This method is not served on any path",
                "Use \(RequestLine.methods.joined(separator: ", "))."
            )
        case .transferCoding:
            (
                "not_implemented", "This transfer coding is not served",
                "Send Content-Length, or Transfer-Encoding: chunked alone."
            )
        case .expectation:
            ("expectation_failed", "This expectation is not met", "Only Expect: 100-continue is.")
        case .headTooSlow:
            (
                "request_timeout", "The request came too slowly",
                "A head must come within \(limits.headTime.wholeSeconds) s."
            )
        case .bodyTooSlow:
            (
                "request_timeout", "The request came too slowly",
                "A body must come within \(limits.bodyTime.wholeSeconds) s."
            )
        }
    }
}
