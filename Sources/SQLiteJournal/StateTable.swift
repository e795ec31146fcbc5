#if SQLite
import CallDomain
import FoundationEssentials
import GRDB
import JournalFormat

/// The table of the snapshot's parts, which changes in many small transactions and still passes from one snapshot to the
/// next in one.
///
/// A row holds a name, the generation in which it was written, a checksum of all of it, and the part, or nothing where the
/// part of that name is gone. `meta` notes:
///
///     generation  that of the snapshot that counts; its parts are, of each name, the newest rows up to it
///     snapshot    the position of that snapshot; 0 as long as there is none
///     base        rows of generations before it do not count any more, whatever their names
///     writing     1 while a snapshot is written, until nothing of what it replaced is left
///
/// A snapshot is written as rows of the next generation, which nobody reads; then `generation` is set, which makes all of
/// them count at once; then the rows that they replaced are deleted. A process that ends before the switch leaves rows that
/// do not count, after it rows that are replaced: the next opening deletes both.
enum StateTable {
    /// About so many rows are written or deleted in one transaction.
    static let rowsAtOnce = 256

    struct Row: Sendable {
        let key: [UInt8]
        /// `nil` where the part is gone.
        let part: [UInt8]?
    }

    static func noted(_ name: String, _ database: Database, _ path: String) throws -> Int64 {
        let value = try Int64.fetchOne(database, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name])
        guard let value else { throw JournalFailure.damaged(path, "'\(name)' was not noted") }
        return value
    }

    /// - Returns: how many pages that took.
    @discardableResult
    static func note(_ name: String, _ value: Int64, _ database: Database) throws -> Int {
        try database.cachedStatement(sql: "UPDATE meta SET value = ? WHERE name = ?").execute(arguments: [value, name])
        return 1
    }

    /// - Returns: roughly how many pages that took.
    static func write(_ rows: [Row], _ generation: Int64, to database: Database) throws -> Int {
        let insert = try database.cachedStatement(sql: "INSERT INTO state VALUES (?, ?, ?, ?)")
        var size = 0
        for row in rows {
            size += row.key.count + (row.part?.count ?? 0)
            let checksum = checksum(of: row.key, row.part ?? [], generation)
            try insert.execute(arguments: [Data(row.key), generation, Int64(checksum), row.part.map { Data($0) }])
        }
        return rows.count / 8 + size / 4096 + 2
    }

    static func checksum(of key: [UInt8], _ part: [UInt8], _ generation: Int64) -> UInt32 {
        (key + part).withUnsafeBytes { Checksum.of($0, at: UInt64(bitPattern: generation)) }
    }

    /// Deletes what rows of a generation replaced, and those of them that say that a part is gone.
    static func deleteReplaced(by keys: [[UInt8]], of generation: Int64, in database: Database) throws -> Int {
        let older = try database.cachedStatement(sql: "DELETE FROM state WHERE key = ? AND generation < ?")
        let gone = try database.cachedStatement(
            sql: "DELETE FROM state WHERE key = ? AND generation = ? AND part IS NULL"
        )
        for key in keys {
            let key = Data(key)
            try older.execute(arguments: [key, generation])
            try gone.execute(arguments: [key, generation])
        }
        return keys.count / 4 + 1
    }

    /// What `meta` notes of the rows.
    struct Notes: Sendable {
        let generation: Int64
        let base: Int64
        let isWriting: Bool
    }

    /// What is noted of the rows, which say the same: each snapshot has a summary of its own.
    /// - Throws: if they do not.
    static func notes(_ database: Database, _ path: String) throws -> Notes {
        let notes = Notes(
            generation: try noted("generation", database, path),
            base: try noted("base", database, path),
            isWriting: try noted("writing", database, path) != 0
        )
        guard notes.base >= 0, notes.base <= notes.generation else {
            throw JournalFailure.damaged(
                path,
                "its snapshot is the \(notes.generation)th, and was noted to begin with the \(notes.base)th"
            )
        }
        let found = try Int64.fetchOne(
            database,
            sql: "SELECT max(generation) FROM state WHERE key = ? AND generation <= ?",
            arguments: [Data(SnapshotFormat.encode(.summary)), notes.isWriting ? notes.generation : .max]
        )
        guard found ?? 0 == notes.generation else {
            throw JournalFailure.damaged(
                path,
                "its snapshot is the \(found ?? 0)th, and the \(notes.generation)th was noted"
            )
        }
        return notes
    }

    /// Of the snapshot; `nil` if there is none.
    static func position(_ database: Database, _ path: String) throws -> Position? {
        guard try noted("generation", database, path) > 0 else { return nil }
        let (position, last) = (
            try noted("snapshot", database, path), try JournalFile.lastPosition(database, path)
        )
        guard position >= 0, position <= last else {
            throw JournalFailure.damaged(
                path,
                "its snapshot is of record \(position), and it ends with record \(last)"
            )
        }
        return Position(low: UInt64(position))
    }

    /// Deletes what a process that ended in the middle of a snapshot left, so that there is one row of each name.
    /// - Throws: if what was noted is not true; nothing is deleted then.
    static func clean(_ database: Database, _ path: String) throws {
        let notes = try notes(database, path)
        guard notes.isWriting else { return }
        try database.inTransaction(.immediate) {
            try database.execute(
                sql: "DELETE FROM state WHERE generation < ? OR generation > ?",
                arguments: [notes.base, notes.generation]
            )
            try database.execute(
                sql: """
                    DELETE FROM state WHERE rowid IN (
                        SELECT older.rowid FROM state AS older JOIN state AS newer
                        ON newer.key = older.key AND newer.generation > older.generation
                    );
                    DELETE FROM state WHERE part IS NULL
                    """
            )
            try note("writing", 0, database)
            return .commit
        }
    }
}

/// Rows of the table as they were read, in one piece of memory.
struct StateRows: Sendable {
    private struct Place {
        let begin: Int
        let part: Int
        let end: Int
        let generation: Int64
        let checksum: Int64
    }

    private var bytes: [UInt8] = []
    private var places: [Place] = []
    /// Of the last row.
    private(set) var last: Int64 = 0

    var count: Int { places.count }

    /// Of the rows that count while a snapshot is written: of each name the newest one, unless it says that its part is gone.
    private static let counting = """
        AND generation BETWEEN :base AND :generation AND part IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM state AS newer
            WHERE newer.key = state.key AND newer.generation > state.generation AND newer.generation <= :generation
        )
        """

    /// Of a table that was not cleaned, `notes` tell which rows count.
    /// - Throws: if there is a row without a part, or the rows are out of order: whoever reads on after the last one would
    /// read them again, without an end.
    init(_ database: Database, _ path: String, after row: Int64, limit: Int, of notes: StateTable.Notes? = nil) throws {
        let unclean = notes.flatMap { $0.isWriting ? $0 : nil }
        let sql = """
            SELECT rowid, key, generation, checksum, part FROM state
            WHERE rowid > :row \(unclean == nil ? "" : Self.counting) ORDER BY rowid LIMIT :limit
            """
        var arguments: StatementArguments = ["row": row, "limit": limit]
        if let unclean { arguments += ["base": unclean.base, "generation": unclean.generation] }
        let rows = try GRDB.Row.fetchCursor(database, sql: sql, arguments: arguments)
        last = row
        bytes.reserveCapacity(limit * 512)
        places.reserveCapacity(limit)
        while let row = try rows.next() {
            let number = try row.decode(Int64.self, atIndex: 0)
            guard number > last else {
                throw JournalFailure.damaged(path, "the rows of its snapshot are out of order")
            }
            last = number
            let begin = bytes.count
            try row.withUnsafeData(atIndex: 1) { bytes.append(contentsOf: $0 ?? Data()) }
            let part = bytes.count
            try row.withUnsafeData(atIndex: 4) { data in
                guard let data else { throw JournalFailure.damaged(path, "a part of the snapshot is missing") }
                bytes.append(contentsOf: data)
            }
            let (generation, checksum) = (
                try row.decode(Int64.self, atIndex: 2), try row.decode(Int64.self, atIndex: 3)
            )
            places.append(
                Place(begin: begin, part: part, end: bytes.count, generation: generation, checksum: checksum)
            )
        }
    }

    /// - Throws: if a row is damaged, or of a version that this program does not know.
    func parts(_ path: String) throws -> [Snapshot.Part] {
        try bytes.withUnsafeBytes { bytes in
            try places.map { place in
                let row = UnsafeRawBufferPointer(rebasing: bytes[place.begin..<place.end])
                guard Int64(Checksum.of(row, at: UInt64(bitPattern: place.generation))) == place.checksum else {
                    throw JournalFailure.damaged(path, "the checksum of a part of the snapshot is wrong")
                }
                do {
                    return try SnapshotFormat.decode(
                        UnsafeRawBufferPointer(rebasing: bytes[place.part..<place.end]),
                        named: UnsafeRawBufferPointer(rebasing: bytes[place.begin..<place.part])
                    )
                } catch {
                    // Its checksum is right: it was written like this.
                    throw JournalFailure(reason: "a part of the snapshot in \(path) cannot be read: \(error)")
                }
            }
        }
    }
}
#endif
