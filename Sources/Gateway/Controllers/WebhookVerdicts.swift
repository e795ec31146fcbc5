import CallDomain
import Metrics

/// Counts webhooks by kind and verdict.
struct WebhookVerdicts: Sendable {
    enum Verdict: String, CaseIterable {
        case applied
        /// A duplicate, or older than the known state.
        case alreadyKnown = "already_known"
        /// About a call that is not known yet.
        case held
        /// Verified, but ignored: a dead letter.
        case useless
        /// Of Ultravox, about a conversation that is no call of this gateway's.
        case notOurs = "not_ours"
        /// Not verified.
        case refused
    }

    private let counters: [String: [Verdict: Counter]]

    /// `kinds` is a closed set, so that the number of time series is bounded whatever arrives.
    init(vendor: Vendor, kinds: [String], factory: any MetricsFactory) {
        var counters: [String: [Verdict: Counter]] = [:]
        for kind in kinds {
            for verdict in Verdict.allCases {
                let dimensions = [("vendor", vendor.rawValue), ("kind", kind), ("verdict", verdict.rawValue)]
                counters[kind, default: [:]][verdict] = Counter(
                    label: "switchboard_webhooks",
                    dimensions: dimensions,
                    factory: factory
                )
            }
        }
        self.counters = counters
    }

    func count(_ kind: String, _ verdict: Verdict) {
        counters[kind]?[verdict]?.increment()
    }
}
