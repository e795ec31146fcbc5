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
        context.logger.info(
            "request answered",
            metadata: context.trace.metadata.merging([
                "http.method": "\(request.method.rawValue)",
                // The route's pattern: what a client wrote into a path is its own.
                "http.route": "\(context.endpointPath ?? "none")",
                "http.status": "\(response.status.code)",
                "duration.ms":
                    "\(Double(elapsed.components.attoseconds / 1_000_000_000_000) / 1000 + Double(elapsed.components.seconds) * 1000)",
            ]) { $1 }
        )
        return response
    }
}
