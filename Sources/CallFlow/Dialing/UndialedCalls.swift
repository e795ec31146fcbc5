import CallDomain
import Synchronization

/// Calls that are neither dialed nor canceled yet. Whoever takes a call out decides which; only one caller can.
final class UndialedCalls: Sendable {
    private let open = Mutex<Set<CallID>>([])

    func insert(_ id: CallID) {
        open.withLock { _ = $0.insert(id) }
    }

    /// - Returns: whether the call was still open, and so is the taker's to decide.
    func take(_ id: CallID) -> Bool {
        open.withLock { $0.remove(id) != nil }
    }
}
