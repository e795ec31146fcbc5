#if SQLite
package import CallDomain
import FoundationEssentials
import GRDB
import JournalFormat

extension JournalFile {
    /// The first `limit` records after `position`, in the order of the log; stubs are passed over. Appending goes on
    /// meanwhile.
    /// - Throws: if any of them is damaged or missing, or was let go.
    package func records(after position: Position, limit: Int) async throws(JournalFailure) -> [LoggedRecord] {
        guard position.high == 0, let start = Int64(exactly: position.low) else {
            throw JournalFailure(reason: "\(position) is not a position of \(path)")
        }
        return try await onReader { [path] database in
            let first = try Self.firstPosition(database, path)
            guard start >= first - 1 else {
                throw JournalFailure(reason: "the log of \(path) begins with record \(first): what was before is gone")
            }
            return try Self.read(database, path, after: start, limit: limit)
        }
    }

    /// The same, but records that were let go are left out.
    func keptRecords(after position: Position, limit: Int) async throws(JournalFailure) -> [LoggedRecord] {
        let start = Int64(clamping: position.low)
        return try await onReader { [path] in try Self.readKept($0, path, after: start, limit: limit) }
    }

    /// In the transaction that reads: records may be let go before and after it.
    static func readKept(
        _ database: Database,
        _ path: String,
        after start: Int64,
        limit: Int
    ) throws -> [LoggedRecord] {
        let first = try firstPosition(database, path)
        return try read(database, path, after: max(start, first - 1), limit: limit)
    }

    /// Reads while others write, also in a task that was cancelled.
    func onReader<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(JournalFailure) -> Value {
        try await withCheckedContinuation { continuation in
            database.asyncRead { [self] database in
                continuation.resume(
                    returning: Result { try body(try database.get()) }.mapError { closed ?? Self.failure(path, $0) }
                )
            }
        }.get()
    }

    /// Nothing can be read any more, and that is no damage.
    private var closed: JournalFailure? { failure.flatMap { $0.kind == .closed ? $0 : nil } }

    static func failure(_ path: String, _ error: any Error) -> JournalFailure {
        error as? JournalFailure ?? unusable(path, error)
    }

    static func read(
        _ database: Database,
        _ path: String,
        after start: Int64,
        limit: Int
    ) throws -> [LoggedRecord] {
        var (records, end) = ([LoggedRecord](), start)
        let sql = "SELECT position, checksum, record FROM log WHERE position > ? ORDER BY position"
        // A statement of its own: one that failed cannot be used again.
        let rows = try Row.fetchCursor(database, sql: sql, arguments: [start])
        while records.count < limit, let row = try rows.next() {
            let expected = end + 1
            // `row[0]` would trap on a value of another type.
            let (position, checksum) = (try row.decode(Int64.self, atIndex: 0), try row.decode(Int64.self, atIndex: 1))
            guard position == expected else {
                throw JournalFailure.damaged(path, "record \(expected) is missing")
            }
            let record: CallDomain.Record? = try row.withUnsafeData(atIndex: 2) { data in
                guard let data else { throw JournalFailure.damaged(path, "record \(position) is missing") }
                return try data.withUnsafeBytes { bytes in
                    guard Int64(Checksum.of(bytes, at: UInt64(position))) == checksum else {
                        throw JournalFailure.damaged(path, "the checksum of record \(position) is wrong")
                    }
                    return RecordFormat.isStub(bytes) ? nil : try decode(bytes, position, path)
                }
            }
            end = position
            if let record { records.append(LoggedRecord(position: Position(low: UInt64(position)), record: record)) }
        }
        if records.count < limit {
            let last = try lastPosition(database, path)
            guard end >= last else { throw JournalFailure.damaged(path, "records \(end + 1) to \(last) are missing") }
        }
        return records
    }

    private static func decode(
        _ bytes: UnsafeRawBufferPointer,
        _ position: Int64,
        _ path: String
    ) throws(JournalFailure) -> CallDomain.Record {
        do {
            return try RecordFormat.decode(bytes)
        } catch {
            // Its checksum is right: it was written like this.
            throw JournalFailure(reason: "record \(position) of \(path) cannot be read: \(error)")
        }
    }
}
#endif
