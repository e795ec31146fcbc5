import HTTPTypes
import NIOCore
import NIOHTTP1

/// What messages are answered that are refused before they reach the router, made once: a refusal then costs a look-up
/// and a write, and carries nothing of what the client sent.
///
/// A problem document tells clients of the REST API which bound they met. Webhooks, HEAD, and what is no HTTP at all get
/// the bare status.
struct RefusalAnswers: Sendable {
    private let bare: [Refusal: ByteBuffer]
    private let full: [Refusal: ByteBuffer]

    init(limits: ConnectionLimits) {
        var bare: [Refusal: ByteBuffer] = [:]
        var full: [Refusal: ByteBuffer] = [:]
        for refusal in Refusal.allCases {
            bare[refusal] = Self.answer(refusal.status, fields: "", body: "")
            if let body = refusal.problem(limits: limits) {
                full[refusal] = Self.answer(refusal.status, fields: Self.fields, body: body)
            }
        }
        self.bare = bare
        self.full = full
    }

    func answer(to refusal: Refusal, isBare: Bool) -> ByteBuffer {
        (isBare ? nil : full[refusal]) ?? bare[refusal] ?? ByteBuffer()
    }

    private static let fields =
        "content-type: \(Problem.contentType)\r\ncache-control: no-store\r\n"
        + SecurityHeaders.always.map { "\($0.name.canonicalName): \($0.value)\r\n" }.joined()

    /// It names no software.
    private static func answer(_ status: HTTPResponseStatus, fields: String, body: String) -> ByteBuffer {
        ByteBuffer(
            string: "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n\(fields)"
                + "content-length: \(body.utf8.count)\r\nconnection: close\r\n\r\n\(body)"
        )
    }
}
