package import CallDomain
package import CallStorage
import Synchronization

/// Owns the book: the one way by which anything that the gateway knows changes.
///
/// A record is appended to the journal first and applied when it is durable, in the order of the log; only then the one
/// who committed it goes on. What waits is appended as one batch. With a journal that keeps nothing, a record is applied
/// at once, without a suspension. Whoever follows the ledger learns of what was applied in the order of the log, before the
/// one who committed it goes on.
package final class Ledger: Sendable {
    /// Who learns of what happens. Nobody does on a replay.
    package struct Followers: Sendable {
        /// A record was applied.
        var applied: @Sendable (Applied, Ledger) -> Void
        /// The journal has failed: nothing is committed any more.
        var failed: @Sendable (JournalFailure) -> Void
        /// The snapshot cannot be used, and the log that goes back to the beginning is read instead.
        var snapshotIgnored: @Sendable (JournalFailure) -> Void = { _ in }
    }

    private struct Waiting {
        let record: Record
        let waiter: Waiter
        /// What the log lines of whoever waits carry.
        let logNames: [String: String]
    }

    private struct State {
        var book: Book
        var waiting: [Waiting] = []
        /// Somebody appends, and hands that on to one of those who have come meanwhile. Until the log was read, nobody may.
        var isAppending: Bool
        /// The book holds all that the log held at the start.
        var isReplayed: Bool
        /// When the last record was written that was read at the start.
        var lastReplayed: Timestamp?
        /// How long the last append took.
        var lastAppend = Duration.zero
        var failure: JournalFailure?
        /// What was applied and not followed yet.
        var news: [(applied: Applied, logNames: [String: String])] = []
    }

    let journal: any Journal
    let snapshots = SnapshotTurns()
    private let clock: any TimeSource
    private let retention: Retention
    private let state: Mutex<State>
    /// Held by whoever tells the followers, so that they hear in order.
    private let telling = Mutex(())
    let followers: Followers

    package init(journal: any Journal, clock: any TimeSource, retention: Retention, followers: Followers) {
        self.journal = journal
        self.clock = clock
        self.retention = retention
        self.followers = followers
        // Positions of a process that keeps nothing mean nothing to the next one: they begin with the time of its start.
        let start = Position(high: UInt64(max(1, clock.now.milliseconds)), low: 0)
        let book = journal.isVolatile ? Book(beginningAfter: start) : Book()
        state = Mutex(State(book: book, isAppending: !journal.isVolatile, isReplayed: journal.isVolatile))
    }

    /// Looks something up. Nothing that takes long may be asked: everybody else waits.
    package func read<Value: Sendable>(_ body: (Book) -> Value) -> Value {
        state.withLock { body($0.book) }
    }

    /// Takes the journal's snapshot, and folds what it holds after it. Whoever commits meanwhile waits.
    ///
    /// - Parameter progress: told now and then how many records were folded.
    /// - Throws: where the journal cannot be read; nothing is committed any more then.
    package func replay(progress: (Int) -> Void = { _ in }) async throws(JournalFailure) {
        guard !journal.isVolatile else { return }
        var count = 0
        do throws(JournalFailure) {
            if journal.keepsSnapshots, let book = try await restored() { state.withLock { $0.book = book } }
            while true {
                let records = try await journal.records(after: read { $0.position }, limit: Self.replayed)
                guard !records.isEmpty else { break }
                state.withLock { state in
                    for logged in records { _ = state.book.apply(logged.record, at: logged.position) }
                    state.lastReplayed = records.last?.record.at
                }
                count += records.count
                progress(count)
            }
        } catch {
            // Whoever starts the gateway says why it does not start.
            fail([], error)
            throw error
        }
        state.withLock { $0.isReplayed = true }
        // None could be kept before.
        snapshots.count(count)
        handOver()
    }

    /// How many records are folded at a time.
    private static let replayed = 1000

    /// The book as it is, and what changed in it since the last time this was asked; `nil` while the log is being read.
    func takeBook() -> (book: Book, changes: BookChanges)? {
        state.withLock { state in
            guard state.isReplayed else { return nil }
            let changes = state.book.takeChanges()
            return (state.book, changes)
        }
    }

    /// Why nothing can be committed any more; `nil` while all is well.
    package var failure: JournalFailure? { state.withLock { $0.failure } }

    /// When the last of the records was written that ``replay(progress:)`` read; `nil` if there was none.
    package var lastReplayed: Timestamp? { state.withLock { $0.lastReplayed } }

    /// Whether what is committed is there after a restart.
    package var outlivesProcess: Bool { !journal.isVolatile }

    /// How many records wait for the append that is under way.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Commits a record of this moment.
    /// - Throws: where it could not be made durable; nothing that follows from it may be done then.
    @discardableResult
    package func commit(_ content: Record.Content) async throws(JournalFailure) -> Applied {
        let record = Record(at: clock.now, content)
        if journal.isVolatile { return apply(record) }
        // What is in the book is durable: its twin need not be written.
        if case .told(let message) = content, let known = known(message, at: record.at) { return known }
        return try await append([record])[0]
    }

    /// Commits records of this moment one after the other, in one append: all of them or none.
    /// - Throws: where they could not be made durable; nothing that follows from them may be done then.
    func commit(_ contents: [Record.Content]) async throws(JournalFailure) -> [Applied] {
        let now = clock.now
        let records = contents.map { Record(at: now, $0) }
        return journal.isVolatile ? records.map(apply) : try await append(records)
    }

    /// Commits records of this moment, many in one append. Ends early in a task that is cancelled.
    /// - Throws: where they could not be made durable; nothing that follows from them may be done then.
    func commitInParts(_ contents: [Record.Content]) async throws(JournalFailure) {
        var rest = contents[...]
        while !rest.isEmpty, !Task.isCancelled {
            _ = try await commit(Array(rest.prefix(Self.committedAtOnce)))
            rest = rest.dropFirst(Self.committedAtOnce)
        }
    }

    /// How many records of a start share an append.
    private static let committedAtOnce = 256

    private func known(_ message: Message, at time: Timestamp) -> Applied? {
        state.withLock { $0.isReplayed ? $0.book.known(message, at: time) : nil }
    }

    /// Commits what is true whether or not it can be written, such as a vendor's answer.
    /// - Returns: `.void` where it could not be written.
    @discardableResult
    func note(_ fact: CallFact, of id: CallID) async -> Verdict {
        do {
            return try await commit(.noted(id, fact)).verdict
        } catch {
            return .void
        }
    }

    /// Lets go what was kept long enough. Ends early in a task that is cancelled.
    package func tidy() async throws(JournalFailure) {
        while !Task.isCancelled, try await commit(.tidied(retention)).hasMore {}
    }

    /// Lets the oldest finished calls go where there are too many.
    package func makeRoom() async throws(JournalFailure) {
        while read({ $0.needsRoom(retention.maximumCalls) }), try await commit(.tidied(retention)).hasMore {}
    }

    private func apply(_ record: Record) -> Applied {
        let names = LogContext.names
        let applied = state.withLock { state in
            let applied = state.book.apply(record, at: state.book.position.next)
            state.news.append((applied, names))
            // One step for each new call: room is made as fast as it is needed.
            if applied.change?.before == nil, applied.change != nil, state.book.needsRoom(retention.maximumCalls) {
                let tidied = Record(at: record.at, .tidied(retention))
                state.news.append((state.book.apply(tidied, at: state.book.position.next), names))
            }
            return applied
        }
        tell()
        return applied
    }

    /// Tells the followers what they have not heard yet.
    private func tell() {
        telling.withLock { _ in
            let news = state.withLock { state in
                defer { state.news.removeAll(keepingCapacity: true) }
                return state.news
            }
            for (applied, names) in news { LogContext.$names.withValue(names) { followers.applied(applied, self) } }
        }
    }

    /// Gives those whom the last batch released a little time to commit what they do next, so that they share one append: a
    /// twentieth of what the last append took, and as long again while more of them come, up to a half of it.
    private func gather() async {
        let pause = state.withLock { $0.lastAppend } / 20
        guard pause > .milliseconds(1) else { return }
        for _ in 0..<10 {
            let before = waiting
            try? await clock.sleep(for: pause)
            if waiting == before { return }
        }
    }

    private func append(_ records: [Record]) async throws(JournalFailure) -> [Applied] {
        let waiters = records.map { _ in Waiter() }
        let names = LogContext.names
        let (failure, isFirst): (JournalFailure?, Bool) = state.withLock { state in
            if let failure = state.failure { return (failure, false) }
            for (record, waiter) in zip(records, waiters) {
                state.waiting.append(Waiting(record: record, waiter: waiter, logNames: names))
            }
            defer { state.isAppending = true }
            return (nil, !state.isAppending)
        }
        if let failure { throw failure }
        if isFirst { await appendBatch() }
        var applied: [Applied] = []
        for waiter in waiters { applied.append(try await outcome(of: waiter)) }
        return applied
    }

    private func outcome(of waiter: Waiter) async throws(JournalFailure) -> Applied {
        while true {
            switch await waiter.next() {
            case .done(let outcome): return try outcome.get()
            case .append: await appendBatch()
            }
        }
    }

    /// Lets the first of those who wait append the next batch.
    private func handOver() {
        let next = state.withLock { state in
            state.isAppending = !state.waiting.isEmpty
            return state.waiting.first?.waiter
        }
        next?.tell(.append)
    }

    /// Appends what waits as one batch, and hands the next one on to the first of those who have come meanwhile: nobody
    /// waits for the others' records longer than for his own.
    private func appendBatch() async {
        await gather()
        let begin = clock.moment
        let batch = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        do throws(JournalFailure) {
            let positions = try await journal.append(batch.map(\.record))
            // Before anybody can append the next batch.
            state.withLock { $0.lastAppend = clock.moment - begin }
            guard positions.count == batch.count else {
                throw JournalFailure(reason: "the journal gave \(positions.count) positions to \(batch.count) records")
            }
            var outcomes: [Applied] = []
            for (waiting, position) in zip(batch, positions) {
                outcomes.append(
                    state.withLock { state in
                        let applied = state.book.apply(waiting.record, at: position)
                        state.news.append((applied, waiting.logNames))
                        return applied
                    }
                )
            }
            snapshots.count(batch.count)
            tell()
            for (waiting, applied) in zip(batch, outcomes) { waiting.waiter.tell(.done(.success(applied))) }
            handOver()
        } catch {
            followers.failed(error)
            fail(batch, error)
        }
    }

    /// The journal failed at something that nobody waits for.
    func failed(_ failure: JournalFailure) {
        followers.failed(failure)
        fail([], failure)
    }

    /// Nothing is committed any more. What became of `batch`, nobody knows: a write that failed may be on the disk.
    private func fail(_ batch: [Waiting], _ failure: JournalFailure) {
        let late = state.withLock { state in
            state.failure = failure
            state.isAppending = false
            defer { state.waiting = [] }
            return state.waiting
        }
        var doubt = failure
        doubt.mayBeWritten = true
        for waiting in batch { waiting.waiter.tell(.done(.failure(doubt))) }
        for waiting in late { waiting.waiter.tell(.done(.failure(failure))) }
    }
}

/// One who waits for a record to be applied.
private final class Waiter: Sendable {
    enum Turn {
        case done(Result<Applied, JournalFailure>)
        /// The next batch is this one's to append.
        case append
    }

    private enum State {
        case open
        case waits(CheckedContinuation<Turn, Never>)
        case told(Turn)
    }

    private let state = Mutex(State.open)

    func tell(_ turn: Turn) {
        let continuation: CheckedContinuation<Turn, Never>? = state.withLock { state in
            if case .waits(let continuation) = state {
                state = .open
                return continuation
            }
            state = .told(turn)
            return nil
        }
        continuation?.resume(returning: turn)
    }

    func next() async -> Turn {
        await withCheckedContinuation { continuation in
            let turn: Turn? = state.withLock { state in
                if case .told(let turn) = state {
                    state = .open
                    return turn
                }
                state = .waits(continuation)
                return nil
            }
            if let turn { continuation.resume(returning: turn) }
        }
    }
}
