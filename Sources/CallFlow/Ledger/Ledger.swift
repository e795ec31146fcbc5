package import CallDomain
package import CallStorage
import Synchronization

/// Owns the book: the one way by which anything that the gateway knows changes.
///
/// A record is appended to the journal first and applied when it is durable, in the order of the log; only then the one
/// who committed it goes on. What waits is appended as one batch. With a journal that keeps nothing, a record is applied
/// at once, without a suspension.
package final class Ledger: Sendable {
    private struct Waiting {
        let record: Record
        let waiter: Waiter
    }

    private struct State {
        var book: Book
        var waiting: [Waiting] = []
        /// Somebody appends, and will append what has come meanwhile.
        var isAppending = false
        /// The journal has failed: nothing is committed any more.
        var failure: JournalFailure?
    }

    private let journal: any Journal
    private let clock: any TimeSource
    private let retention: Retention
    private let state: Mutex<State>
    /// Learns of everything that is applied, after it was applied; never on a replay.
    private let follow: @Sendable (Applied, Ledger) -> Void

    package init(
        journal: any Journal,
        clock: any TimeSource,
        retention: Retention,
        follow: @escaping @Sendable (Applied, Ledger) -> Void
    ) {
        self.journal = journal
        self.clock = clock
        self.retention = retention
        self.follow = follow
        state = Mutex(State(book: Book()))
    }

    /// Looks something up. Nothing that takes long may be asked: everybody else waits.
    package func read<Value: Sendable>(_ body: (Book) -> Value) -> Value {
        state.withLock { body($0.book) }
    }

    /// Folds what the journal holds. To be called once, before anything is committed.
    package func replay() async throws(JournalFailure) {
        for logged in try await journal.records(after: read { $0.position }) {
            state.withLock { _ = $0.book.apply(logged.record, at: logged.position) }
        }
    }

    /// Why nothing can be committed any more; `nil` while all is well.
    package var failure: JournalFailure? { state.withLock { $0.failure } }

    /// How many records wait for the append that is under way.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Commits a record of this moment.
    /// - Throws: where it could not be made durable; nothing that follows from it may be done then.
    @discardableResult
    package func commit(_ content: Record.Content) async throws(JournalFailure) -> Applied {
        let record = Record(at: clock.now, content)
        let applied: Applied
        if journal.isVolatile {
            applied = apply(record)
        } else if case .told(let message) = content, let known = read({ $0.known(message, at: record.at) }) {
            // What is in the book is durable: its twin need not be written.
            return known
        } else {
            applied = try await append(record)
        }
        if let change = applied.change, change.before == nil, read({ $0.needsRoom(retention.maximumCalls) }) {
            try await commit(.tidied(retention))
        }
        return applied
    }

    /// Commits what is true whether or not it can be written, such as a vendor's answer.
    @discardableResult
    func note(_ fact: CallFact, of id: CallID) async -> Verdict {
        do {
            return try await commit(.noted(id, fact)).verdict
        } catch {
            return .void
        }
    }

    /// Lets go what was kept long enough.
    package func tidy() async throws(JournalFailure) {
        while try await commit(.tidied(retention)).hasMore {}
    }

    private func apply(_ record: Record) -> Applied {
        let applied = state.withLock { state in
            state.book.apply(record, at: state.book.position.next)
        }
        follow(applied, self)
        return applied
    }

    private func append(_ record: Record) async throws(JournalFailure) -> Applied {
        let waiter = Waiter()
        let (failure, isFirst): (JournalFailure?, Bool) = state.withLock { state in
            if let failure = state.failure { return (failure, false) }
            state.waiting.append(Waiting(record: record, waiter: waiter))
            defer { state.isAppending = true }
            return (nil, !state.isAppending)
        }
        if let failure { throw failure }
        if isFirst { await appendWhatWaits() }
        return try await waiter.result().get()
    }

    private func appendWhatWaits() async {
        while true {
            let batch = state.withLock { state in
                defer { state.waiting = [] }
                state.isAppending = !state.waiting.isEmpty
                return state.waiting
            }
            guard !batch.isEmpty else { return }
            do throws(JournalFailure) {
                let positions = try await journal.append(batch.map(\.record))
                for (waiting, position) in zip(batch, positions) {
                    let applied = state.withLock { $0.book.apply(waiting.record, at: position) }
                    follow(applied, self)
                    waiting.waiter.resume(.success(applied))
                }
            } catch {
                let late = state.withLock { state in
                    state.failure = error
                    state.isAppending = false
                    defer { state.waiting = [] }
                    return state.waiting
                }
                for waiting in batch + late { waiting.waiter.resume(.failure(error)) }
                return
            }
        }
    }
}

/// One who waits for a record to be applied.
private final class Waiter: Sendable {
    typealias Outcome = Result<Applied, JournalFailure>

    private enum State {
        case open
        case waited(CheckedContinuation<Outcome, Never>)
        case done(Outcome)
    }

    private let state = Mutex(State.open)

    func resume(_ outcome: Outcome) {
        let continuation: CheckedContinuation<Outcome, Never>? = state.withLock { state in
            defer { state = .done(outcome) }
            if case .waited(let continuation) = state { return continuation }
            return nil
        }
        continuation?.resume(returning: outcome)
    }

    func result() async -> Outcome {
        await withCheckedContinuation { continuation in
            let outcome: Outcome? = state.withLock { state in
                if case .done(let outcome) = state { return outcome }
                state = .waited(continuation)
                return nil
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
    }
}
