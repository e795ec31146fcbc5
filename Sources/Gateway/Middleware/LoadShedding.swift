import Hummingbird
import Synchronization

/// Bounds how many requests of the REST API are in hand at the same time, so that slow vendors or too many clients leave
/// room for webhooks, which are never turned away here.
///
/// The bound is far above what a gateway has in hand that keeps up: while the processor is the bottleneck, every refusal
/// takes time from an answer, so requests rather wait.
///
/// The emergency switch and metrics wait for nobody, and are always taken. Hang-ups have room of their own, half as much
/// again: they get through when orders do not, and a client that hangs up in a loop still leaves room for webhooks.
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
                "This gateway has as many requests in hand as it takes; send it again shortly. Nothing was done."
            ).retryAfter(.seconds(1))
        }
        return try await next(request, context)
    }
}
