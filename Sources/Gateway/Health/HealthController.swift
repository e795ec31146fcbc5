import CallDomain
import Hummingbird

/// `/health`: for load balancers and people. The status needs no key; what is behind it does.
struct HealthController {
    let readiness: Readiness
    let report: HealthReport
    let keys: Rotating<[APIKey]>

    func addRoutes(to router: Router<GatewayContext>) {
        router.get("health") { request, context in
            let hasCredential =
                !request.headers[values: .xAPIKey].isEmpty || !request.headers[values: .authorization].isEmpty
            guard hasCredential else { return Response.json(.ok, ["status": .string(report.status)]) }
            guard let key = keys.current.authenticated(request.headers) else { throw Problem.noKey }
            context.trace.note(caller: key.name)
            return Response.json(.ok, report.detail)
        }
        router.get("health/live") { _, _ in Response.json(.ok, ["status": "live"]) }
        router.get("health/ready") { _, _ in
            switch readiness.state {
            case .ready: Response.json(.ok, ["status": "ready"])
            case .starting: Response.json(.serviceUnavailable, ["status": "starting"], headers: [.retryAfter: "1"])
            case .draining: Response.json(.serviceUnavailable, ["status": "draining"], headers: [.retryAfter: "5"])
            }
        }
    }
}
