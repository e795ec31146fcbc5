import CallDomain
import Synchronization

/// Does a thing once for all who ask for it at the same time.
final class SingleFlight<Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Value?, Never>

    private let waiting = Mutex<[CallID: [Waiter]]>([:])

    /// Returns what `find` returns to whoever asked first; the others wait for it.
    func value(for id: CallID, _ find: () async -> Value) async -> Value {
        while !lead(id) {
            if let value = await join(id) { return value }
        }
        let value = await find()
        let waiters = waiting.withLock { $0.removeValue(forKey: id) ?? [] }
        for waiter in waiters { waiter.resume(returning: value) }
        return value
    }

    private func lead(_ id: CallID) -> Bool {
        waiting.withLock { waiting in
            guard waiting[id] == nil else { return false }
            waiting[id] = []
            return true
        }
    }

    /// Returns `nil` if the first one was done before this one could wait for it.
    private func join(_ id: CallID) async -> Value? {
        await withCheckedContinuation { continuation in
            let isWaiting = waiting.withLock { waiting in
                guard waiting[id] != nil else { return false }
                waiting[id]?.append(continuation)
                return true
            }
            if !isWaiting { continuation.resume(returning: nil) }
        }
    }
}
