import HTTPTypes
import Hummingbird

/// Tells browsers to do as little as possible with an answer: not to guess its type, not to run or frame it, not to say
/// where they come from, and over https to stay there.
struct SecurityHeaders: RouterMiddleware {
    /// What every answer says, a refusal with a body included.
    static let always: HTTPFields = [
        .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer",
        .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    ]

    /// Whether people reach us over https.
    let isSecure: Bool

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        // A page has a Content-Security-Policy of its own.
        for field in Self.always where !response.headers.contains(field.name) { response.headers.append(field) }
        if isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        return response
    }
}

extension HTTPField.Name {
    static let referrerPolicy = Self.known("Referrer-Policy")
}
