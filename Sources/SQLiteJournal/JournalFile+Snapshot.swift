#if SQLite
package import CallDomain
import GRDB
import JournalFormat

extension JournalFile {
    package var keepsSnapshots: Bool { true }

    /// How many rows are read at a time.
    private static let rowsPerTask = 1000
    /// How many parts of the table are decoded at a time at most.
    private static let tasks = 4
    /// How many records are deleted in one transaction.
    private static let deletedAtOnce: Int64 = 1000

    /// Reads the table on the reader's thread, and decodes it on all cores.
    package func snapshot() async throws(JournalFailure) -> Snapshot? {
        do {
            guard let position = try await onReader({ [path] in try StateTable.position($0, path) }) else { return nil }
            return Snapshot(position: position, parts: try await parts())
        } catch {
            throw Self.failure(path, error)
        }
    }

    private func parts() async throws -> [Snapshot.Part] {
        try await withThrowingTaskGroup(of: [Snapshot.Part].self) { [path] group in
            var (parts, running, row) = ([Snapshot.Part](), 0, Int64(0))
            while true {
                let begin = row
                let rows = try await onReader { database in
                    try StateRows(database, path, after: begin, limit: Self.rowsPerTask)
                }
                if rows.count == 0 { break }
                row = rows.last
                if running == Self.tasks, let done = try await group.next() {
                    parts += done
                    running -= 1
                }
                group.addTask { try rows.parts(path) }
                running += 1
            }
            for try await done in group { parts += done }
            return parts
        }
    }

    /// Writes in many small transactions, between which records are appended; see ``StateTable``. Deletes what was replaced,
    /// in the way of `secure_delete`, and records that the snapshot holds, but for the last 100,000. What was deleted is
    /// gone from the file with the next purge.
    package func keep(_ changes: SnapshotChanges) async throws(JournalFailure) {
        guard changes.position.high == 0, let position = Int64(exactly: changes.position.low),
            changes.position <= last
        else { throw JournalFailure(reason: "\(changes.position) is not a position of \(path)") }
        let generation = try await onReader { [path] in try StateTable.noted("generation", $0, path) } + 1
        // Until the end, whatever happens, the table has to be cleaned before it is used.
        try await onWriter { try StateTable.note("writing", 1, $0) }
        for names in changes.names.parts(of: StateTable.rowsAtOnce) {
            let rows = names.map { name in
                StateTable.Row(
                    key: SnapshotFormat.encode(name),
                    part: changes.part(name).map(SnapshotFormat.encode)
                )
            }
            try await onWriter { try StateTable.write(rows, generation, to: $0) }
        }
        try await onWriter { database in
            try StateTable.note("generation", generation, database)
            try StateTable.note("snapshot", position, database)
            if changes.isWhole { try StateTable.note("base", generation, database) }
            return 2
        }
        if changes.isWhole {
            try await deleteBefore(generation)
        } else {
            for names in changes.names.parts(of: StateTable.rowsAtOnce) {
                let keys = names.map(SnapshotFormat.encode)
                try await onWriter { try StateTable.deleteReplaced(by: keys, of: generation, in: $0) }
            }
        }
        try await onWriter { try StateTable.note("writing", 0, $0) }
        try await deleteRecords(through: position)
    }

    private func deleteBefore(_ base: Int64) async throws(JournalFailure) {
        let end = try await onReader { try Int64.fetchOne($0, sql: "SELECT max(rowid) FROM state") ?? 0 }
        let step = Int64(Self.rowsPerTask)
        for row in stride(from: 0, through: end, by: Int(step)) {
            try await onWriter { database in
                try database.execute(
                    sql: "DELETE FROM state WHERE rowid > ? AND rowid <= ? AND generation < ?",
                    arguments: [row, row + step, base]
                )
                return database.changesCount / 4 + 1
            }
        }
    }

    /// Deletes records up to `position`, but for the last ones.
    private func deleteRecords(through position: Int64) async throws(JournalFailure) {
        let end = min(position, Int64(last.low) - keptRecords)
        while Int64(first.low) <= end {
            let next = min(Int64(first.low) + Self.deletedAtOnce, end + 1)
            try await onWriter { database in
                try database.execute(sql: "DELETE FROM log WHERE position < ?", arguments: [next])
                try StateTable.note("first", next, database)
                return Int(Self.deletedAtOnce) / 16
            }
            begins(with: next)
        }
    }
}

extension Array where Element: Sendable {
    /// Its elements in their order, at most `count` at a time.
    fileprivate func parts(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}
#endif
