import Hummingbird
import Synchronization

/// Limits the number of REST requests in progress, so that slow vendors or too many clients leave room for webhooks,
/// which are never refused here.
///
/// The limit is far above the number that a gateway has in progress while it keeps up. While the processor is the
/// bottleneck, a refusal costs as much time as an answer, so requests wait instead.
///
/// The emergency switch and metrics are always accepted. Hang-ups have a separate limit, half as large: they get
/// through when orders do not, and a client that hangs up in a loop still leaves room for webhooks.
struct LoadShedding: RouterMiddleware {
    private final class Gauge: Sendable {
        let inHand = Atomic(0)
    }

    private let most: Int
    private let gauge = Gauge()
    private let hangUps = Gauge()

    init(most: Int) { self.most = most }

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let (gauge, most): (Gauge, Int)
        switch VitalRoute(context) {
        case .dialing, .metrics: return try await next(request, context)
        case .hangUp: (gauge, most) = (hangUps, max(1, self.most / 2))
        case nil: (gauge, most) = (self.gauge, self.most)
        }
        let now = gauge.inHand.add(1, ordering: .relaxed).newValue
        defer { gauge.inHand.subtract(1, ordering: .relaxed) }
        guard now <= most else {
            throw Problem(
                .rateLimited,
                "The gateway is working on its maximum number of requests. Nothing was done; try again shortly."
            ).retryAfter(.seconds(1))
        }
        return try await next(request, context)
    }
}
