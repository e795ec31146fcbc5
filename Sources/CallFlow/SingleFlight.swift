import Synchronization

/// Does a thing once for all who ask for it at the same time.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Value?, Never>

    private let waiting = Mutex<[Key: [Waiter]]>([:])

    /// Runs `find` for the first caller; the others wait for its result.
    func value(for key: Key, _ find: () async -> Value) async -> Value {
        while !lead(key) {
            if let value = await join(key) { return value }
        }
        let value = await find()
        let waiters = waiting.withLock { $0.removeValue(forKey: key) ?? [] }
        for waiter in waiters { waiter.resume(returning: value) }
        return value
    }

    private func lead(_ key: Key) -> Bool {
        waiting.withLock { waiting in
            guard waiting[key] == nil else { return false }
            waiting[key] = []
            return true
        }
    }

    /// Returns `nil` if the first one was done before this one could wait for it.
    private func join(_ key: Key) async -> Value? {
        await withCheckedContinuation { continuation in
            let isWaiting = waiting.withLock { waiting in
                guard waiting[key] != nil else { return false }
                waiting[key]?.append(continuation)
                return true
            }
            if !isWaiting { continuation.resume(returning: nil) }
        }
    }
}
