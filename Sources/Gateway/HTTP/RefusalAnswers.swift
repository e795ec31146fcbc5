import HTTPTypes
import NIOCore
import NIOHTTP1

/// The prepared answers to messages that are refused before they reach the router: a refusal costs a look-up and a
/// write, and contains nothing that the client sent.
///
/// Clients of the REST API get a problem document that names the limit. Webhooks, HEAD, and everything that is not HTTP
/// get only the status.
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
