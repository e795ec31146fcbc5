#if SQLite
package import CallDomain
import FoundationEssentials
import GRDB
import JournalFormat
import Synchronization

/// A journal in one SQLite file, for one process at a time; others may read it meanwhile.
///
/// Records are written by the thread of the database's own queue, never in the task of whoever appends: a client that hangs
/// up cancels that task, and the record is written all the same. All that waits is written as one transaction, which is
/// synced before anybody is told. The first write or sync that fails is the last: what SQLite has of it is not known.
package final class JournalFile: Journal {
    /// Records that are to be written together, and who waits for them.
    private struct Batch {
        let records: [[UInt8]]
        let told: CheckedContinuation<Result<[Position], JournalFailure>, Never>
    }

    /// What is written besides records.
    private struct Chore {
        /// Whether it is one transaction; else it is none.
        let isTransaction: Bool
        /// Returns roughly how many pages it wrote.
        let work: @Sendable (Database) throws -> Int
        let told: CheckedContinuation<Result<Void, JournalFailure>, Never>
    }

    private struct State {
        /// Of the last record that is durable.
        var last: Int64
        /// Of the first record that is there, or will be.
        var first: Int64
        var waiting: [Batch] = []
        /// They take turns with ``waiting``, one at a time.
        var chores: [Chore] = []
        var isWriting = false
        /// Why nothing is written any more.
        var failure: JournalFailure?
        /// Let go when the database is closed.
        var lock: FileLock?
        /// Roughly how many pages were written since the last checkpoint.
        var pages: Int
        /// How many transactions of records were committed.
        var commits = 0
        /// How many transactions of other kinds were.
        var choresDone = 0
        /// Called by the writer's thread after each chore: for tests.
        var choreDone: (@Sendable () -> Void)?
    }

    /// After about so many pages the write-ahead log is copied into the file; SQLite's own default.
    private static let pagesPerCheckpoint = 1000

    /// How many bytes at the end of the write-ahead log were cut when the journal was opened, because a transaction was
    /// being written when its process ended, so that nobody was told of it; `0` if it ended between two of them.
    package let tornTail: Int

    /// How many records are kept at least, whatever the snapshot holds: the event stream reads them.
    static let keptRecords: Int64 = 100_000

    let path: String
    let database: DatabasePool
    /// Not less than 1: the last record is always there.
    let keptRecords: Int64
    private let files: OpenFiles
    private let state: Mutex<State>

    /// `pages`: of the write-ahead log that the process before this one left.
    init(
        path: String,
        database: DatabasePool,
        files: OpenFiles,
        kept: ClosedRange<Int64>,
        keptRecords: Int64,
        tornTail: Int,
        pages: Int,
        lock: FileLock
    ) {
        self.path = path
        self.keptRecords = max(1, keptRecords)
        self.tornTail = tornTail
        self.database = database
        self.files = files
        state = Mutex(State(last: kept.upperBound - 1, first: kept.lowerBound, lock: lock, pages: pages))
    }

    package var isVolatile: Bool { false }

    /// The last record's position; ``Position/start`` of an empty journal.
    package var last: Position { Position(low: UInt64(state.withLock { $0.last })) }

    /// The first position that can be read, or the next one where there is none.
    package var first: Position { Position(low: UInt64(state.withLock { $0.first })) }

    /// Why nothing can be appended any more; `nil` while all is well.
    package var failure: JournalFailure? { state.withLock { $0.failure } }

    /// How many calls of ``append(_:)`` wait for the one that is under way.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// How many transactions were committed since the journal was opened.
    var commits: Int { state.withLock { $0.commits } }

    /// How many transactions moved what the file holds: to append records moves nothing.
    var chores: Int { state.withLock { $0.choresDone } }

    package func append(_ records: [CallDomain.Record]) async throws(JournalFailure) -> [Position] {
        let encoded = records.map(RecordFormat.encode)
        return try await withCheckedContinuation { continuation in
            let (failure, isFirst): (JournalFailure?, Bool) = state.withLock { state in
                if let failure = state.failure { return (failure, false) }
                state.waiting.append(Batch(records: encoded, told: continuation))
                defer { state.isWriting = true }
                return (nil, !state.isWriting)
            }
            if let failure { return continuation.resume(returning: .failure(failure)) }
            if isFirst { database.asyncWriteWithoutTransaction { [self] in writeWaiting($0) } }
        }.get()
    }

    /// Does something on the writer's thread, between two of the transactions that append records.
    /// - Parameters:
    ///   - isTransaction: as one transaction; else as none.
    ///   - work: returns roughly how many pages it wrote.
    /// - Throws: if it could not be written; nothing is written any more then.
    func onWriter(
        asTransaction isTransaction: Bool = true,
        _ work: @escaping @Sendable (Database) throws -> Int
    ) async throws(JournalFailure) {
        try await withCheckedContinuation { continuation in
            let (failure, isFirst): (JournalFailure?, Bool) = state.withLock { state in
                if let failure = state.failure { return (failure, false) }
                state.chores.append(Chore(isTransaction: isTransaction, work: work, told: continuation))
                defer { state.isWriting = true }
                return (nil, !state.isWriting)
            }
            if let failure { return continuation.resume(returning: .failure(failure)) }
            if isFirst { database.asyncWriteWithoutTransaction { [self] in writeWaiting($0) } }
        }.get()
    }

    /// Writes what waits, as one transaction after the other, until nothing waits.
    private func writeWaiting(_ database: Database) {
        while true {
            let (batches, chore) = state.withLock { state in
                defer { state.waiting = [] }
                let chore = state.chores.isEmpty ? nil : state.chores.removeFirst()
                if state.waiting.isEmpty, chore == nil { state.isWriting = false }
                return (state.waiting, chore)
            }
            if !batches.isEmpty { write(batches, to: database) }
            if let chore { run(chore, in: database) }
            guard !batches.isEmpty || chore != nil else { return }
            let isDue = state.withLock { $0.pages >= Self.pagesPerCheckpoint && $0.failure == nil }
            if isDue { checkpoint(database) }
        }
    }

    private func write(_ batches: [Batch], to database: Database) {
        let last = state.withLock { $0.last }
        do {
            let pages = try Self.write(batches.map(\.records), after: last, to: database)
            // What is in a file that nobody finds again is not durable.
            try files.check()
            let count = Int64(batches.reduce(0) { $0 + $1.records.count })
            state.withLock { state in
                state.last = last + count
                state.commits += 1
                state.pages += pages
            }
        } catch {
            return fail(error, batches)
        }
        var next = UInt64(last)
        for batch in batches {
            let positions = batch.records.map { _ in
                next += 1
                return Position(low: next)
            }
            batch.told.resume(returning: .success(positions))
        }
    }

    private func run(_ chore: Chore, in database: Database) {
        if let failure = state.withLock({ $0.failure }) { return chore.told.resume(returning: .failure(failure)) }
        do {
            var pages = 0
            if chore.isTransaction {
                try database.inTransaction(.immediate) {
                    pages = try chore.work(database)
                    return .commit
                }
            } else {
                pages = try chore.work(database)
            }
            try files.check()
            let done = state.withLock { state in
                state.pages += pages
                if chore.isTransaction { state.choresDone += 1 }
                return state.choreDone
            }
            done?()
            chore.told.resume(returning: .success(()))
        } catch {
            chore.told.resume(returning: .failure(fail(error)))
        }
    }

    /// Calls `body` on the writer's thread after each chore.
    func afterEachChore(_ body: (@Sendable () -> Void)?) { state.withLock { $0.choreDone = body } }

    /// The write-ahead log is empty.
    func hasCheckpointed() { state.withLock { $0.pages = 0 } }

    /// Records before `position` are gone.
    func begins(with position: Int64) { state.withLock { $0.first = position } }

    /// - Returns: roughly how many pages that took.
    private static func write(_ batches: [[[UInt8]]], after last: Int64, to database: Database) throws -> Int {
        var (position, size) = (last, 0)
        try database.inTransaction(.immediate) {
            let insert = try database.cachedStatement(sql: "INSERT INTO log VALUES (?, ?, ?)")
            for record in batches.joined() {
                position += 1
                size += record.count
                let checksum = record.withUnsafeBytes { Checksum.of($0, at: UInt64(position)) }
                try insert.execute(arguments: [position, Int64(checksum), Data(record)])
            }
            try database.cachedStatement(sql: "UPDATE meta SET value = ? WHERE name = 'last'")
                .execute(arguments: [position])
            return .commit
        }
        return 2 + size / 4096
    }

    /// SQLite's own checkpoints would hide that a sync failed.
    private func checkpoint(_ database: Database) {
        do {
            _ = try database.checkpoint(.passive)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // Another process does it. The next one is due after as many pages again.
        } catch {
            fail(error)
        }
        hasCheckpointed()
    }

    private func fail(_ error: any Error, _ batches: [Batch]) {
        let failure = fail(error)
        for batch in batches { batch.told.resume(returning: .failure(failure)) }
    }

    /// - Returns: what whoever waits is told: what made the journal fail first, such as that it was closed.
    @discardableResult
    private func fail(_ error: any Error) -> JournalFailure {
        let (failure, late, chores) = state.withLock { state in
            let failure = state.failure ?? Self.lastWrite(path, error)
            state.failure = failure
            defer { (state.waiting, state.chores) = ([], []) }
            return (failure, state.waiting, state.chores)
        }
        for batch in late { batch.told.resume(returning: .failure(failure)) }
        for chore in chores { chore.told.resume(returning: .failure(failure)) }
        return failure
    }

    /// What the error of a write says.
    private static func lastWrite(_ path: String, _ error: any Error) -> JournalFailure {
        if let failure = error as? JournalFailure { return failure }
        switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_BUSY?, .SQLITE_LOCKED?: return .locked(path, seconds: patience / 1000)
        default: return .unwritable(path, words(error))
        }
    }

    /// SQLite's words, without the statement and its values.
    static func words(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        let words = error.message ?? "SQLite fails"
        return "\(words) (SQLite error \(error.extendedResultCode.rawValue))"
    }

    /// Ends writing, copies the write-ahead log into the file and lets others have it. Waits for what is being written.
    package func close() throws(JournalFailure) {
        let lock = state.withLock { state in
            state.failure = state.failure ?? .closed(path)
            defer { state.lock = nil }
            return state.lock
        }
        guard let lock else { return }
        defer { withExtendedLifetime(lock) {} }
        do {
            // The last connection to close makes a checkpoint and removes the files beside the database. That must not
            // be one that only reads.
            database.releaseMemory()
            try database.close()
        } catch {
            throw .unwritable(path, Self.words(error))
        }
    }
}
#endif
