import CallDomain
import Synchronization

/// Calls that are being ended in the background, each by one task: another request to hang up needs no second one.
final class EndingCalls: Sendable {
    private let calls = Mutex<Set<CallID>>([])

    /// - Returns: whether nobody was ending the call yet; the caller does then.
    func insert(_ id: CallID) -> Bool { calls.withLock { $0.insert(id).inserted } }

    func remove(_ id: CallID) {
        calls.withLock { _ = $0.remove(id) }
    }
}
