import HTTPTypes
import Hummingbird
import Metrics
import Synchronization

/// Counts requests by route, method and status, and takes their time.
///
/// Routes are the router's own patterns and methods are of a closed set, so that no client can make a new series.
struct RequestMetrics: RouterMiddleware {
    let recorder: Recorder

    init(factory: any MetricsFactory) { recorder = Recorder(factory: factory) }

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        recorder.record(
            route: context.endpointPath ?? "none",
            method: request.method,
            status: response.status.code,
            start.duration(to: .now)
        )
        return response
    }

    /// Makes each counter and timer once.
    final class Recorder: Sendable {
        private struct Key: Hashable {
            let route: String
            let method: String
            let status: Int
        }

        private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

        private let factory: any MetricsFactory
        private let made = Mutex((counters: [Key: Counter](), timers: [String: Timer]()))

        init(factory: any MetricsFactory) { self.factory = factory }

        func record(route: String, method: HTTPRequest.Method, status: Int, _ duration: Duration) {
            let word = Self.methods.contains(method) ? method.rawValue : "other"
            let key = Key(route: route, method: word, status: status)
            let (counter, timer) = made.withLock { made in
                let counter = made.counters[key] ?? newCounter(key)
                let timer = made.timers[route] ?? newTimer(route)
                made.counters[key] = counter
                made.timers[route] = timer
                return (counter, timer)
            }
            counter.increment()
            timer.record(duration: duration)
        }

        private func newCounter(_ key: Key) -> Counter {
            Counter(
                label: "switchboard_http_requests",
                dimensions: [("route", key.route), ("method", key.method), ("status", String(key.status))],
                factory: factory
            )
        }

        private func newTimer(_ route: String) -> Timer {
            Timer(label: "switchboard_http_request_duration", dimensions: [("route", route)], factory: factory)
        }
    }
}
