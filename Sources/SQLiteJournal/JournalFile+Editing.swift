#if SQLite
package import CallDomain
import FoundationEssentials
import GRDB
import JournalFormat
import Synchronization

extension JournalFile {
    /// How many records are looked at in one read.
    private static let look = 1000

    /// Looks for the records beside the writer, and changes them in one transaction of its thread. A stub is as long as its
    /// record was, so that it overwrites the very bytes.
    package func edit(
        upTo end: Position,
        _ edit: @Sendable (LoggedRecord) -> RecordEdit
    ) async throws(JournalFailure) {
        var (rows, position) = ([(position: Int64, bytes: [UInt8])](), Position.start)
        while position < end {
            let records = try await keptRecords(after: position, limit: Self.look)
            for logged in records where logged.position <= end {
                switch edit(logged) {
                case .keep: continue
                case .remove:
                    let size = RecordFormat.encode(logged.record).count
                    rows.append((Int64(logged.position.low), RecordFormat.stub(of: size)))
                case .replace(let record): rows.append((Int64(logged.position.low), RecordFormat.encode(record)))
                }
            }
            guard let last = records.last else { break }
            position = last.position
        }
        let changes = rows
        guard !changes.isEmpty else { return }
        try await onWriter { database in
            let update = try database.cachedStatement(sql: "UPDATE log SET checksum = ?, record = ? WHERE position = ?")
            for (position, bytes) in changes {
                let checksum = bytes.withUnsafeBytes { Checksum.of($0, at: UInt64(position)) }
                try update.execute(arguments: [Int64(checksum), Data(bytes), position])
            }
            return changes.count
        }
    }

    /// How many pages' gaps are overwritten between two of the transactions that append records.
    private static let pagesAtOnce = 2048

    /// Copies the write-ahead log into the file and empties it: older states of pages are nowhere then. And overwrites what
    /// cells that moved left behind; see ``PageGaps``.
    package func purge() async throws(JournalFailure) -> Bool {
        let progress = Mutex(Progress())
        while !Task.isCancelled {
            try await onWriter(asTransaction: false) { [self] database in
                let chores = chores
                let begin = progress.withLock { progress in
                    // A page that was still to come may be among those before by now.
                    if progress.chores != chores { progress = Progress(chores: chores) }
                    return progress.pages
                }
                let pages = try withoutOthers(database) {
                    try PageGaps.overwrite(from: begin, count: Self.pagesAtOnce, in: database)
                }
                // The connection must not write again what it has of these pages.
                PageGaps.forgetPages(of: database)
                progress.withLock { progress in
                    progress.isHeldUp = pages == nil
                    progress.pages = begin + Self.pagesAtOnce
                    progress.isDone = pages.map { progress.pages >= $0 } ?? false
                }
                return 0
            }
            let (isDone, isHeldUp) = progress.withLock { ($0.isDone, $0.isHeldUp) }
            if isDone || isHeldUp { return isDone }
        }
        return false
    }

    /// Empties the write-ahead log, and does `work` while nobody else can write.
    /// - Returns: `nil` if somebody reads an older state, or writes. Nobody who does is waited for: appending would wait, too.
    private func withoutOthers<Value>(_ database: Database, _ work: () throws -> Value) throws -> Value? {
        func version() throws -> Int? { try Int.fetchOne(database, sql: "PRAGMA data_version") }
        try database.execute(sql: "PRAGMA busy_timeout = 0")
        defer { try? database.execute(sql: "PRAGMA busy_timeout = \(Self.patience)") }
        do {
            let before = try version()
            _ = try database.checkpoint(.truncate)
            hasCheckpointed()
            var value: Value?
            try database.inTransaction(.immediate) {
                // Another program's transaction would be in the log.
                if try version() == before { value = try work() }
                return .rollback
            }
            return value
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return nil
        }
    }

    /// How far a purge is.
    private struct Progress {
        /// Which of ``JournalFile/chores`` came before it.
        var chores = -1
        /// How many pages are done.
        var pages = 0
        var isDone = false
        var isHeldUp = false
    }
}
#endif
