/// Where the log is kept.
package protocol Journal: Sendable {
    /// Whether ``append(_:)`` keeps nothing, so that a record counts as soon as it is applied.
    var isVolatile: Bool { get }

    /// Appends records in their order, all or none.
    /// - Returns: their positions, once all of them are durable.
    func append(_ records: [Record]) async throws(JournalFailure) -> [Position]

    /// What is in the log after `position`, in its order, at most `limit` records; none at its end. Removed records are
    /// passed over.
    func records(after position: Position, limit: Int) async throws(JournalFailure) -> [LoggedRecord]

    /// Whether it keeps snapshots beside the log.
    var keepsSnapshots: Bool { get }

    /// The first position that ``records(after:limit:)`` still gives; records before it are in the snapshot alone.
    var first: Position { get }

    /// The last whole snapshot; `nil` if there is none.
    /// - Throws: if it is damaged, or of a version that this program does not know.
    func snapshot() async throws(JournalFailure) -> Snapshot?

    /// Keeps a snapshot, and returns once it is durable and nothing of what it replaced is left. However that ends, a start
    /// finds the one before or this one. Appending goes on meanwhile. One at a time.
    func keep(_ changes: SnapshotChanges) async throws(JournalFailure)

    /// Removes and replaces records: all that `edit` names up to `end`, or none. Appending goes on meanwhile. Positions stay
    /// as they are; a stub with a checksum marks where a record was.
    ///
    /// What was removed may be left in the journal's files until ``purge()``.
    func edit(
        upTo end: Position,
        _ edit: @Sendable (LoggedRecord) -> RecordEdit
    ) async throws(JournalFailure)

    /// Overwrites what was removed.
    /// - Returns: whether no file of the journal holds any of it; not so while somebody reads an older state of it.
    func purge() async throws(JournalFailure) -> Bool
}

/// A journal that keeps its log alone.
extension Journal {
    package var keepsSnapshots: Bool { false }
    package var first: Position { Position.start.next }
    package func snapshot() async throws(JournalFailure) -> Snapshot? { nil }
    package func keep(_ changes: SnapshotChanges) async throws(JournalFailure) {}
}

/// A record at its place in the log.
package struct LoggedRecord: Sendable, Equatable {
    package let position: Position
    package let record: Record

    package init(position: Position, record: Record) {
        self.position = position
        self.record = record
    }
}

/// The log cannot be written, or read: nothing may be acknowledged, answered or dialed on the strength of what was not
/// written.
package struct JournalFailure: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Somebody has to mend it.
        case fault
        /// Another process has the journal, and may end: it may pass without anybody's help.
        case inUse
        /// This process has closed the journal, because it ends.
        case closed
    }

    /// What is wrong, for the operator, in one line.
    package let reason: String
    /// What the operator must do where nobody gets on without the journal, in one line.
    package let advice: String?
    package let kind: Kind
    /// Whether the next start may find all the same what was to be appended: nobody knows what became of it.
    package var mayBeWritten = false

    package init(reason: String, advice: String? = nil, kind: Kind = .fault) {
        self.reason = reason
        self.advice = advice
        self.kind = kind
    }

    /// What is wrong and what to do, without the last full stop.
    package var text: String { [reason, advice].compactMap(\.self).joined(separator: ". ") }
}
