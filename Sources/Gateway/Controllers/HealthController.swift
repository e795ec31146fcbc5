import CallDomain
import Hummingbird
import Synchronization

/// Whether the gateway takes work.
package final class Readiness: Sendable {
    private let state = Atomic(false)

    package init() {}

    package var isReady: Bool { state.load(ordering: .acquiring) }

    package func set(_ ready: Bool) { state.store(ready, ordering: .releasing) }
}

/// `/health`: for load balancers and people; needs no key.
struct HealthController {
    let readiness: Readiness

    func addRoutes(to router: Router<GatewayContext>) {
        router.get("health") { _, _ in Response.json(.ok, ["status": .string(readiness.isReady ? "ok" : "stopping")]) }
        router.get("health/live") { _, _ in Response.json(.ok, ["status": "live"]) }
        router.get("health/ready") { _, _ in
            readiness.isReady
                ? Response.json(.ok, ["status": "ready"])
                : Response.json(.serviceUnavailable, ["status": "stopping"], headers: [.retryAfter: "5"])
        }
    }
}
