#if SQLite
package import CallDomain
import GRDB

extension JournalFile {
    /// Opens the journal at `path`, or creates it. Blocks while it does so.
    /// - Throws: if another process writes it, if it is damaged, or if it is not one of this program's journals, which is
    ///   not touched then.
    package static func open(at path: String) throws(JournalFailure) -> JournalFile {
        try open(at: path, maximumPages: nil)
    }

    /// `maximumPages`: beyond them SQLite finds the disk full.
    static func open(
        at name: String,
        maximumPages: Int?,
        keptRecords: Int64 = JournalFile.keptRecords
    ) throws(JournalFailure) -> JournalFile {
        let (path, _) = try look(at: name)
        let lock = try FileLock(beside: path)
        try JournalPath.prepare(path)
        let tail = try WriteAheadLog.check(path)
        do {
            let database = try DatabasePool(path: path, configuration: configuration(path, tornTail: tail))
            let kept = try database.writeWithoutTransaction { database in
                try prepareWriter(database)
                if let maximumPages { try database.execute(sql: "PRAGMA max_page_count = \(maximumPages)") }
                let last = try lastPosition(database, path)
                try StateTable.clean(database, path)
                return try firstPosition(database, path)...(last + 1)
            }
            return JournalFile(
                path: path,
                database: database,
                files: try OpenFiles(path),
                kept: kept,
                keptRecords: keptRecords,
                tornTail: tail,
                // What one gateway after the other leaves that is killed must not grow for ever.
                pages: (JournalPath.size(path + "-wal") ?? 0) / 4096,
                lock: lock
            )
        } catch let failure as JournalFailure {
            throw failure
        } catch {
            throw unusable(path, error)
        }
    }

    /// Looks whether a gateway could open the journal at `name`, as far as that is seen from beside it: nothing is made,
    /// changed or locked. That another process writes the journal is no hindrance here.
    /// - Returns: its one path, and whether there is a file.
    /// - Throws: if it is not one of this program's journals, or cannot be written.
    package static func look(at name: String) throws(JournalFailure) -> (path: String, isThere: Bool) {
        let path = try JournalPath.canonical(name)
        let isThere = try JournalPath.check(path)
        try JournalPath.checkAccess(path)
        try FileLock.check(beside: path)
        return (path, isThere)
    }

    /// What SQLite's error says about the file.
    static func unusable(_ path: String, _ error: any Error) -> JournalFailure {
        if error is RowDecodingError { return .damaged(path, "a value is of another type") }
        guard let error = error as? DatabaseError else { return JournalFailure(reason: "\(path): \(error)") }
        let words = words(error)
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .damaged(path, words)
        // Its own tables or settings are not as it left them.
        case .SQLITE_ERROR: return .damaged(path, words)
        case .SQLITE_FULL, .SQLITE_IOERR: return .unwritable(path, words)
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM: return .unopened(path, words)
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .locked(path, seconds: patience / 1000)
        default: return JournalFailure(reason: "\(path) cannot be used: \(words)")
        }
    }

    /// Milliseconds for which another process's lock is waited for.
    static let patience = 5000

    private static func configuration(_ path: String, tornTail: Int) -> Configuration {
        var configuration = Configuration()
        configuration.label = "switchboard.journal"
        configuration.maximumReaderCount = 2
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(Double(patience) / 1000)
        configuration.prepareDatabase { database in
            // Finds damage before it is followed.
            try database.execute(sql: "PRAGMA cell_size_check = ON")
            guard !database.configuration.readonly else { return }
            if tornTail > 0 { try cutTail(database, path) }
            // Before anything is written: the file may be somebody else's.
            try JournalSchema.prepare(database, path)
        }
        return configuration
    }

    /// Empties the write-ahead log. What is torn would stay behind what is written next otherwise, and look after another
    /// crash as if something whole had come after the damage.
    private static func cutTail(_ database: Database, _ path: String) throws {
        // SQLite reads the log with the first statement.
        _ = try JournalSchema.check(database, path)
        do {
            _ = try database.checkpoint(.truncate)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            throw JournalFailure.held(path)
        }
    }

    /// After the pool was made: it sets `synchronous` itself.
    private static func prepareWriter(_ database: Database) throws {
        // What is deleted is overwritten: it holds phone numbers.
        let settings = "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON"
        try database.execute(sql: settings)
        let (synchronous, mode) = (
            try Int.fetchOne(database, sql: "PRAGMA synchronous"),
            try String.fetchOne(database, sql: "PRAGMA journal_mode")
        )
        guard synchronous == 2, mode == "wal" else {
            throw JournalFailure(reason: "SQLite does not sync each commit, as it was told to")
        }
    }

    /// Where the log ends; the log itself and what was noted of it say the same.
    static func lastPosition(_ database: Database, _ path: String) throws -> Int64 {
        let noted = try Int64.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'last'")
        let found = try Int64.fetchOne(database, sql: "SELECT max(position) FROM log") ?? 0
        guard let noted, noted == found else {
            throw JournalFailure.damaged(
                path,
                "it ends with record \(found), and \(noted.map { "record \($0)" } ?? "nothing") was noted as the last"
            )
        }
        return found
    }

    /// Where the log begins; the same.
    static func firstPosition(_ database: Database, _ path: String) throws -> Int64 {
        let last = try lastPosition(database, path)
        let noted = try StateTable.noted("first", database, path)
        let found = try Int64.fetchOne(database, sql: "SELECT min(position) FROM log") ?? last + 1
        guard noted == found, noted == 1 || last >= noted else {
            throw JournalFailure.damaged(
                path,
                "it begins with record \(found), and record \(noted) was noted as the first"
            )
        }
        return found
    }
}

/// The tables of a journal.
///
///     log   a record at each position, without a gap, in the format of JournalFormat, with its checksum; where one was
///           removed, a stub, with its checksum, too
///     meta  `last`, `first`: the positions of the last record and of the first one that is kept
///           `snapshot`, `generation`, `base`, `writing`: see ``StateTable``
///     state the parts of the snapshot; see ``StateTable``
///
/// The file says whose it is (`application_id`) and which version its tables have (`user_version`).
enum JournalSchema {
    /// What makes each version out of the one before. They are only ever added to.
    private static let migrations = [
        """
        CREATE TABLE log (position INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, record BLOB NOT NULL) STRICT;
        CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO meta VALUES ('last', 0);
        """,
        """
        CREATE TABLE state (key BLOB NOT NULL, generation INTEGER NOT NULL, checksum INTEGER NOT NULL, part BLOB) STRICT;
        CREATE UNIQUE INDEX state_by_key ON state (key, generation);
        INSERT INTO meta VALUES ('first', 1), ('snapshot', 0), ('generation', 0), ('base', 0), ('writing', 0);
        """,
    ]

    static var version: Int { migrations.count }

    /// Of a file that is not empty.
    /// - Returns: the version of its tables.
    /// - Throws: if it is not one of this program's journals, or of a later version.
    static func check(_ database: Database, _ path: String) throws -> Int {
        guard try Int.fetchOne(database, sql: "PRAGMA application_id") == JournalHeader.applicationID else {
            throw JournalFailure.foreign(path)
        }
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found <= version else { throw JournalFailure.later(path, version: found, known: version) }
        guard found > 0 else { throw JournalFailure.damaged(path, "it does not say which version it has") }
        return found
    }

    /// Brings a file of this program to the newest version; an empty one becomes such a file.
    static func prepare(_ database: Database, _ path: String) throws {
        let isNew = try Int.fetchOne(database, sql: "PRAGMA page_count") == 0
        let found = isNew ? 0 : try check(database, path)
        guard found < version else { return }
        try database.inTransaction(.exclusive) {
            for migration in migrations[found...] { try database.execute(sql: migration) }
            let names = "PRAGMA application_id = \(JournalHeader.applicationID); PRAGMA user_version = \(version)"
            try database.execute(sql: names)
            return .commit
        }
    }
}
#endif
