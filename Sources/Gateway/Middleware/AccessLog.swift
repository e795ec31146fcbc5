import HTTPTypes
import Hummingbird
import Logging

/// One line for each request, when it has been answered: status and time, never a query, a header or a body.
struct AccessLog: RouterMiddleware {
    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        let elapsed = start.duration(to: .now)
        context.trace.note(
            method: request.method.rawValue,
            // The route's pattern: what a client wrote into a path is its own.
            route: context.endpointPath ?? "none",
            status: response.status.code,
            milliseconds: Double(elapsed.components.attoseconds / 1_000_000_000_000) / 1000
                + Double(elapsed.components.seconds) * 1000
        )
        context.logger.info("request answered", metadata: context.trace.metadata)
        return response
    }
}
