import HTTPTypes
import Hummingbird

/// Lets web pages of the configured origins use the REST API; without any it does nothing at all.
///
/// An answer without these headers is kept from other pages by the browser itself.
/// - SeeAlso: https://fetch.spec.whatwg.org/#http-cors-protocol
struct CrossOrigin: RouterMiddleware {
    let origins: Set<String>

    private static let methods = "GET, POST, PUT, DELETE"
    private static let requestHeaders =
        "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-API-Key, X-Request-ID"
    private static let answerHeaders =
        "Idempotent-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard !origins.isEmpty else { return try await next(request, context) }
        let given = request.headers[values: .origin]
        let origin = given.count == 1 && origins.contains(given[0]) ? given[0] : nil
        var response: Response
        if let origin, request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            response = Response(
                status: .noContent,
                headers: [
                    .accessControlAllowMethods: Self.methods, .accessControlAllowHeaders: Self.requestHeaders,
                    .accessControlMaxAge: "600",
                ]
            )
            response.headers[.accessControlAllowOrigin] = origin
        } else {
            response = try await next(request, context)
            if let origin {
                response.headers[.accessControlAllowOrigin] = origin
                response.headers[.accessControlExposeHeaders] = Self.answerHeaders
            }
        }
        // A cache must not give one origin what another one was answered.
        response.headers.append(HTTPField(name: .vary, value: "Origin"))
        return response
    }
}
