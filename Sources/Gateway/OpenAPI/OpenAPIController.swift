import CallDomain
import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// `/openapi.json`: the description of the API, which does not change while the gateway runs.
struct OpenAPIController: Sendable {
    private let body: ByteBuffer
    private let entityTag: String

    init(_ description: APIDescription) {
        let bytes = description.document.encoded
        body = ByteBuffer(bytes: bytes)
        entityTag = "\"\(Hex.encode(SHA256.hash(data: bytes).prefix(16)))\""
    }

    func addRoutes(to router: Router<GatewayContext>) {
        router.get("openapi.json", use: answer)
    }

    @Sendable private func answer(_ request: Request, context: GatewayContext) -> Response {
        // Always asked for anew: the next version of the gateway has another one at the same address.
        var headers: HTTPFields = [.eTag: entityTag, .cacheControl: "no-cache"]
        if isKnown(to: request) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = "application/json"
        headers[.contentLength] = String(body.readableBytes)
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// Whether `If-None-Match` names this description, by the weak comparison of RFC 9110, 13.1.2.
    private func isKnown(to request: Request) -> Bool {
        request.headers[values: .ifNoneMatch].contains { field in
            field.split(separator: ",").contains { candidate in
                let tag = candidate.drop { $0 == " " || $0 == "\t" }
                return tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag).hasPrefix(entityTag)
            }
        }
    }
}
