import CallDomain
import Hummingbird

/// Lets requests wait while the gateway reads its journal: what it does not know yet, it must not deny.
struct StartGate: RouterMiddleware {
    private static let patience = Duration.seconds(10)
    private static let look = Duration.milliseconds(20)

    let readiness: Readiness
    let clock: any TimeSource

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        // Nearly always.
        if readiness.knows || request.uri.path.hasPrefix("/health") { return try await next(request, context) }
        let deadline = clock.moment + Self.patience
        while !readiness.knows {
            guard clock.moment < deadline, readiness.state != .draining else {
                throw Problem(
                    .journalUnavailable,
                    "The gateway has just started and reads its journal; nothing was done. GET /health/ready says when "
                        + "it is ready: try again then."
                ).retryAfter(.seconds(2))
            }
            try await clock.sleep(for: Self.look)
        }
        return try await next(request, context)
    }
}
