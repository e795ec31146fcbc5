#if SQLite
package import CallDomain
import GRDB

/// A journal as somebody beside the gateway reads it: nothing is written, no lock is held, and a gateway that writes it
/// meanwhile, or starts to, goes on.
///
/// Each call reads what is durable at its time. It blocks while it does so.
package final class JournalReader: Sendable {
    /// How many records are read at a time: a long look would keep the write-ahead log from being used anew.
    private static let records = 1000

    package let path: String
    /// Of the journal's tables.
    package let version: Int
    /// The process that writes the journal.
    package let writer: JournalWriter

    private let database: DatabaseQueue

    /// - Throws: if there is no such file, or if it is not one of this program's journals.
    package init(_ name: String) throws(JournalFailure) {
        let path = try JournalPath.canonical(name)
        guard try JournalPath.check(path) else {
            throw JournalFailure(reason: "there is no file \(path)", advice: "Check the path")
        }
        guard JournalPath.size(path) != 0 else {
            throw JournalFailure(reason: "\(path) is empty: no gateway has written to it yet")
        }
        (self.path, writer) = (path, try FileLock.holder(beside: path))
        // While somebody writes it, its end changes.
        if writer == .none { _ = try WriteAheadLog.check(path) }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cell_size_check = ON") }
            database = try DatabaseQueue(path: path, configuration: configuration)
            version = try database.read { try JournalSchema.check($0, path) }
        } catch let failure as JournalFailure {
            throw failure
        } catch {
            throw JournalFile.unusable(path, error)
        }
    }

    /// Bytes of the file and of the write-ahead log beside it.
    package var sizes: (file: Int, log: Int) {
        (JournalPath.size(path) ?? 0, JournalPath.size(path + "-wal") ?? 0)
    }

    /// Hands out every record in the order of the log. Records that a gateway lets go meanwhile, the oldest, are left out.
    /// - Throws: at the first that is damaged or missing, or what `body` throws.
    package func read(_ body: (LoggedRecord) throws -> Void) throws {
        var position: Int64 = 0
        while true {
            let records = try looked { [path, version] database in
                guard version > 1 else {
                    return try JournalFile.read(database, path, after: position, limit: Self.records)
                }
                return try JournalFile.readKept(database, path, after: position, limit: Self.records)
            }
            for record in records { try body(record) }
            guard let last = records.last else { return }
            position = Int64(clamping: last.position.low)
        }
    }

    /// Checks what reading needs not: all of the file's structure.
    /// - Throws: the first thing that is wrong.
    package func checkStructure() throws {
        let found = try looked { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
        if let found, found != "ok" {
            throw JournalFailure.damaged(path, found.split(whereSeparator: \.isNewline).joined(separator: " "))
        }
    }

    /// The snapshot that a start would read now, also while the next one is written; `nil` if there is none.
    /// - Throws: if it is damaged. That it is whole, building the book shows.
    package func snapshot() throws(JournalFailure) -> Snapshot? {
        guard version > 1 else { return nil }
        return try looked { [path] database in
            let notes = try StateTable.notes(database, path)
            guard let position = try StateTable.position(database, path) else { return nil }
            var (parts, row) = ([Snapshot.Part](), Int64(0))
            while true {
                let rows = try StateRows(database, path, after: row, limit: Self.records, of: notes)
                guard rows.count > 0 else { return Snapshot(position: position, parts: parts) }
                parts += try rows.parts(path)
                row = rows.last
            }
        }
    }

    private func looked<Value>(_ body: (Database) throws -> Value) throws(JournalFailure) -> Value {
        do {
            return try database.read(body)
        } catch let failure as JournalFailure {
            throw failure
        } catch {
            throw JournalFile.unusable(path, error)
        }
    }
}
#endif
