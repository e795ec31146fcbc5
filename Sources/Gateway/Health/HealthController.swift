import CallDomain
import CallFlow
import Hummingbird

/// `/health`: for load balancers and people. The status needs no key; the details do.
struct HealthController {
    let readiness: Readiness
    let report: HealthReport
    let flow: CallFlow
    let keys: Rotating<[APIKey]>

    func addRoutes(to router: Router<GatewayContext>) {
        router.get("health") { request, context in
            guard let key = keys.current.authenticated(request.headers) else {
                // `Authorization` may be meant for a proxy in between, and load balancers go by the status. `X-API-Key`
                // is ours: whoever sends a wrong one is to know.
                guard request.headers[values: .xAPIKey].isEmpty else { throw Problem.noKey }
                return Response.json(.ok, ["status": .string(report.status)])
            }
            context.trace.note(caller: key.name)
            return Response.json(.ok, report.detail)
        }
        router.get("health/live") { _, _ in Response.json(.ok, ["status": "live"]) }
        router.get("health/ready") { _, _ in
            switch readiness.state {
            case .ready where flow.journalFailure != nil:
                Response.json(.serviceUnavailable, ["status": "failed"], headers: [.retryAfter: "30"])
            case .ready: Response.json(.ok, ["status": "ready"])
            case .starting:
                Response.json(
                    .serviceUnavailable,
                    ["status": "starting", "journal_records_read": .integer(readiness.recordsRead)],
                    headers: [.retryAfter: "1"]
                )
            case .draining: Response.json(.serviceUnavailable, ["status": "draining"], headers: [.retryAfter: "5"])
            }
        }
    }
}
