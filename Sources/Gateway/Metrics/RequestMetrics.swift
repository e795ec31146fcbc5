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
        private struct Target: Hashable {
            let route: String
            let method: String

            var dimensions: [(String, String)] { [("route", route), ("method", method)] }
        }

        private struct Key: Hashable {
            let target: Target
            let status: Int
        }

        private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

        private let factory: any MetricsFactory
        private let made = Mutex((counters: [Key: Counter](), timers: [Target: Timer]()))

        init(factory: any MetricsFactory) { self.factory = factory }

        func record(route: String, method: HTTPRequest.Method, status: Int, _ duration: Duration) {
            let word = Self.methods.contains(method) ? method.rawValue : "other"
            let target = Target(route: route, method: word)
            let key = Key(target: target, status: status)
            let (counter, timer) = made.withLock { made in
                if let counter = made.counters[key], let timer = made.timers[target] { return (counter, timer) }
                let counter = newCounter(key)
                let timer = made.timers[target] ?? newTimer(target)
                made.counters[key] = counter
                made.timers[target] = timer
                return (counter, timer)
            }
            counter.increment()
            timer.record(duration: duration)
        }

        private func newCounter(_ key: Key) -> Counter {
            Counter(
                label: "switchboard_http_requests",
                dimensions: key.target.dimensions + [("status", String(key.status))],
                factory: factory
            )
        }

        private func newTimer(_ target: Target) -> Timer {
            Timer(label: "switchboard_http_request_duration", dimensions: target.dimensions, factory: factory)
        }
    }
}
