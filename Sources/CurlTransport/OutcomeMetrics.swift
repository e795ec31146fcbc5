import Metrics
import OutboundHTTP
import Synchronization

/// Counts labelled requests by outcome (the class of the status, or why there was no answer), and takes their time.
final class OutcomeMetrics: Sendable {
    private struct Key: Hashable {
        let label: RequestLabel
        let outcome: String
    }

    private let factory: any MetricsFactory
    private let made = Mutex((counters: [Key: Counter](), timers: [RequestLabel: Timer]()))

    init(factory: any MetricsFactory) { self.factory = factory }

    func record(_ duration: Duration, _ label: RequestLabel?, status: Int) {
        record(duration, label, status == 429 ? "429" : "\(status / 100)xx")
    }

    func record(_ duration: Duration, _ label: RequestLabel?, failure: TransportError.Cause) {
        record(duration, label, failure.word)
    }

    private func record(_ duration: Duration, _ label: RequestLabel?, _ outcome: String) {
        guard let label else { return }
        let key = Key(label: label, outcome: outcome)
        let (counter, timer) = made.withLock { made in
            let counter = made.counters[key] ?? newCounter(key)
            let timer = made.timers[label] ?? newTimer(label)
            made.counters[key] = counter
            made.timers[label] = timer
            return (counter, timer)
        }
        counter.increment()
        timer.record(duration: duration)
    }

    private func newCounter(_ key: Key) -> Counter {
        let dimensions = key.label.dimensions + [("outcome", key.outcome)]
        return Counter(label: "switchboard_upstream_requests", dimensions: dimensions, factory: factory)
    }

    private func newTimer(_ label: RequestLabel) -> Timer {
        Timer(label: "switchboard_upstream_request_duration", dimensions: label.dimensions, factory: factory)
    }
}

extension RequestLabel {
    fileprivate var dimensions: [(String, String)] { [("vendor", service), ("endpoint", endpoint)] }
}

extension TransportError.Cause {
    fileprivate var word: String {
        switch self {
        case .invalidRequest: "invalid_request"
        case .nameResolution: "name_resolution"
        case .connect: "connect"
        case .forbiddenAddress: "forbidden_address"
        case .tls: "tls"
        case .timeout: "timeout"
        case .connectionLost: "connection_lost"
        case .answerTooLarge: "answer_too_large"
        case .withdrawn: "withdrawn"
        case .cancelled: "cancelled"
        case .stopped: "stopped"
        }
    }
}
