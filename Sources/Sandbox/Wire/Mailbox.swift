import Synchronization

/// Signals for one task, which takes them in order and may stop waiting at an instant.
final class Mailbox<Signal: Sendable>: Sendable {
    private struct Storage {
        var signals: [Signal] = []
        var reader: CheckedContinuation<Signal?, Never>?
    }

    private let storage = Mutex(Storage())

    /// Leaves a signal.
    func post(_ signal: Signal) {
        let reader = storage.withLock { storage in
            guard let reader = storage.reader else {
                storage.signals.append(signal)
                return CheckedContinuation<Signal?, Never>?.none
            }
            storage.reader = nil
            return reader
        }
        reader?.resume(returning: signal)
    }

    /// The next signal; `nil` when the task is cancelled.
    func next() async -> Signal? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Signal?? = storage.withLock { storage in
                    if !storage.signals.isEmpty { return .some(storage.signals.removeFirst()) }
                    if Task.isCancelled { return .some(nil) }
                    storage.reader = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let reader = storage.withLock { storage in
                defer { storage.reader = nil }
                return storage.reader
            }
            reader?.resume(returning: nil)
        }
    }

    /// The next signal; `nil` at the deadline, or when the task is cancelled.
    func next(before deadline: ContinuousClock.Instant?) async -> Signal? {
        guard let deadline else { return await next() }
        return await withTaskGroup(of: Signal?.self) { group in
            group.addTask { await self.next() }
            group.addTask {
                try? await ContinuousClock().sleep(until: deadline)
                return nil
            }
            var found: Signal?
            // Both are awaited: the reader may have taken a signal in the instant in which the time ran out.
            for await signal in group {
                if let signal { found = signal }
                group.cancelAll()
            }
            return found
        }
    }
}
