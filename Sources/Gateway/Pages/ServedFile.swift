import CallDomain
import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// A document that does not change while the gateway runs.
struct ServedFile: Sendable {
    private let body: ByteBuffer
    private let contentType: String
    private let entityTag: String

    init(_ bytes: [UInt8], contentType: String) {
        body = ByteBuffer(bytes: bytes)
        self.contentType = contentType
        entityTag = "\"\(Hex.encode(SHA256.hash(data: bytes).prefix(16)))\""
    }

    /// The document, or 304 to whoever has it already.
    func answer(to request: Request) -> Response {
        // Always asked for anew: the next version of the gateway has another one at the same address.
        var headers: HTTPFields = [.eTag: entityTag, .cacheControl: "no-cache"]
        if isKnown(to: request) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = contentType
        headers[.contentLength] = String(body.readableBytes)
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// Whether `If-None-Match` names this document, by the weak comparison of RFC 9110, 13.1.2.
    private func isKnown(to request: Request) -> Bool {
        request.headers[values: .ifNoneMatch].contains { field in
            field.split(separator: ",").contains { candidate in
                let tag = candidate.drop { $0 == " " || $0 == "\t" }
                return tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag).hasPrefix(entityTag)
            }
        }
    }
}
