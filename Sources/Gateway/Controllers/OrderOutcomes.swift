import CallDomain
import Metrics

/// Counts orders by outcome: `created`, the status of a call without a CallSid, or the error code.
struct OrderOutcomes: Sendable {
    private let counters: [String: Counter]

    init(factory: any MetricsFactory) {
        // A closed set, so that the number of time series is bounded.
        let words = ["created"] + CallStatus.allCases.map(\.rawValue) + Problem.Code.allCases.map(\.rawValue)
        counters = Dictionary(
            words.map { ($0, Counter(label: "switchboard_orders", dimensions: [("outcome", $0)], factory: factory)) }
        ) { $1 }
    }

    func count(_ outcome: String) { counters[outcome]?.increment() }
}
