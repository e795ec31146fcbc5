import Logging
package import Metrics
import NIOHTTP1
import Synchronization

/// Counts the messages that are refused before anything is done with them.
package final class RefusedMessages: Sendable {
    private let count = Atomic<Int>(0)
    private let counters: [Refusal: Counter]

    package init(factory: any MetricsFactory = MetricsSystem.factory) {
        counters = Dictionary(
            uniqueKeysWithValues: Refusal.allCases.map { refusal in
                let dimensions = [("reason", refusal.rawValue)]
                let counter = Counter(label: "switchboard_messages_refused", dimensions: dimensions, factory: factory)
                return (refusal, counter)
            }
        )
    }

    /// How many there were, of all reasons.
    package var total: Int { count.load(ordering: .relaxed) }

    /// A message that the access log also reports.
    func note(_ refusal: Refusal) {
        count.add(1, ordering: .relaxed)
        counters[refusal]?.increment()
    }

    /// A message that the access log does not report. It is logged at debug, so that malformed messages cannot fill a
    /// disk.
    func note(_ refusal: Refusal, _ logger: Logger) {
        note(refusal)
        logger.debug(
            "malformed request refused",
            metadata: ["http.status": "\(refusal.status.code)", "reason": "\(refusal.rawValue)"]
        )
    }
}
