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

    /// Copies the write-ahead log into the file and empties it: older states of pages are nowhere then.
    package func purge() async throws(JournalFailure) -> Bool {
        let box = Outcome()
        try await onWriter(asTransaction: false) { [self] database in
            // Whoever reads an older state is not waited for: appending would wait, too.
            try database.execute(sql: "PRAGMA busy_timeout = 0")
            defer { try? database.execute(sql: "PRAGMA busy_timeout = \(Self.patience)") }
            do {
                _ = try database.checkpoint(.truncate)
                hasCheckpointed()
                box.isDone.store(true, ordering: .releasing)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {}
            return 0
        }
        return box.isDone.load(ordering: .acquiring)
    }

    private final class Outcome: Sendable {
        let isDone = Atomic(false)
    }
}
#endif
