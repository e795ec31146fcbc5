import Logging
import Metrics
import NIOHTTP1
import Synchronization

/// Counts the messages that are refused before they reach the router, and so do not stand in the access log.
package final class RefusedMessages: Sendable {
    private let count = Atomic<Int>(0)
    private let counters: [Refusal: Counter]

    package init() {
        counters = Dictionary(
            uniqueKeysWithValues: Refusal.allCases.map { refusal in
                (refusal, Counter(label: "switchboard_messages_refused", dimensions: [("reason", refusal.rawValue)]))
            }
        )
    }

    /// How many there were, of all reasons.
    package var total: Int { count.load(ordering: .relaxed) }

    /// A line for each, at debug: whoever sends nonsense must not fill a disk.
    func note(_ refusal: Refusal, _ logger: Logger) {
        count.add(1, ordering: .relaxed)
        counters[refusal]?.increment()
        logger.debug(
            "message refused",
            metadata: ["http.status": "\(refusal.status.code)", "reason": "\(refusal.rawValue)"]
        )
    }
}
