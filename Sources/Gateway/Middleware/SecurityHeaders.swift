import HTTPTypes
import Hummingbird

/// Restricts what browsers do with an answer: they must not guess its type, run it, frame it or send a referrer, and
/// over https they must stay with https. The empty answer to a vendor's webhook does without.
struct SecurityHeaders: RouterMiddleware {
    /// What every answer with a body says, refusals included.
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
        // No browser reads what a vendor is answered, and here there is nothing to read.
        if response.status == .noContent, WebhookTarget((request.head.path ?? "").utf8) != nil { return response }
        // A page has a Content-Security-Policy of its own.
        for field in Self.always where !response.headers.contains(field.name) { response.headers.append(field) }
        if isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        return response
    }
}

extension HTTPField.Name {
    static let referrerPolicy = Self.known("Referrer-Policy")
}
