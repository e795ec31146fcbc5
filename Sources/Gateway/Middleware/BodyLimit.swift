import HTTPTypes
import Hummingbird

/// Refuses a body by the length that its head announces, before anybody asks who sends it.
///
/// ``RequestGate`` has measured the body already: of a message whose body is too large only the head comes here, with a
/// length that no path takes.
struct BodyLimit: RouterMiddleware {
    let limits: ConnectionLimits

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        if let announced = request.headers[.contentLength] {
            let most = limits.bodySize(target: request.head.path ?? "")
            guard let length = Int(announced), length <= most else { throw Problem.bodyTooLarge(most: most) }
        }
        return try await next(request, context)
    }
}

extension Problem {
    static func bodyTooLarge(most: Int) -> Problem {
        Problem(.payloadTooLarge, "The body is larger than the \(most) bytes that this path accepts.")
    }
}
