import CallDomain
import Synchronization

/// Dials without proof, and when each of them is to be parked.
final class UnprovenCalls: Sendable {
    /// In the order of the times: the time to wait is the same for all.
    private let waiting = Mutex<[(id: CallID, until: Moment)]>([])

    func add(_ id: CallID, until deadline: Moment) {
        waiting.withLock { $0.append((id, deadline)) }
    }

    /// Takes out those whose time is up.
    func takeDue(now: Moment) -> [CallID] {
        waiting.withLock { waiting in
            let due = waiting.prefix { $0.until <= now }.map(\.id)
            waiting.removeFirst(due.count)
            return due
        }
    }
}
