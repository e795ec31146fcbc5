import Synchronization

/// A value behind a lock, whose changes others can wait for.
final class Watched<Value: Sendable>: Sendable {
    private struct Waiter {
        let isMet: @Sendable (Value) throws -> Bool
        let continuation: CheckedContinuation<Value, any Error>
    }

    private struct Storage {
        var value: Value
        var waiters: [UInt64: Waiter] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let storage: Mutex<Storage>

    init(_ value: Value) {
        storage = Mutex(Storage(value: value))
    }

    /// Looks at a part of the value; unlike ``value`` it makes no copy that the next change would have to leave alone.
    func read<Result: Sendable>(_ look: (Value) throws -> Result) rethrows -> Result {
        try storage.withLock { try look($0.value) }
    }

    /// A copy of the value now.
    var value: Value { storage.withLock { $0.value } }

    /// Changes the value, then wakes those whose condition it meets.
    @discardableResult
    func update<Result: Sendable>(_ change: (inout Value) throws -> Result) rethrows -> Result {
        let (result, met) = try storage.withLock { storage in
            let result = try change(&storage.value)
            var met: [(CheckedContinuation<Value, any Error>, Swift.Result<Value, any Error>)] = []
            for (id, waiter) in storage.waiters {
                let answer = Swift.Result { try waiter.isMet(storage.value) }
                if case .success(false) = answer { continue }
                storage.waiters[id] = nil
                let value = storage.value
                met.append((waiter.continuation, answer.map { _ in value }))
            }
            return (result, met)
        }
        for (continuation, answer) in met { continuation.resume(with: answer) }
        return result
    }

    /// Waits until a condition holds, and returns the value that met it.
    /// - Throws: `CancellationError`, or what the condition throws.
    func wait(until isMet: @escaping @Sendable (Value) throws -> Bool) async throws -> Value {
        let id = storage.withLock { storage in
            storage.lastWaiter += 1
            return storage.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Value, any Error>? = storage.withLock { storage in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    let value = storage.value
                    switch Result(catching: { try isMet(value) }) {
                    case .success(true): return .success(value)
                    case .failure(let error): return .failure(error)
                    case .success(false):
                        storage.waiters[id] = Waiter(isMet: isMet, continuation: continuation)
                        return nil
                    }
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = storage.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }
}
