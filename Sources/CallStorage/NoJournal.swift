package import CallDomain

/// Keeps nothing: the book lives as long as the process.
package struct NoJournal: Journal {
    package init() {}

    package var isVolatile: Bool { true }

    /// Is not called where the log is volatile.
    package func append(_ records: [Record]) async throws(JournalFailure) -> [Position] {
        throw JournalFailure(reason: "there is no journal to append to")
    }

    package func records(after position: Position, limit: Int) async throws(JournalFailure) -> [LoggedRecord] { [] }

    package func edit(
        upTo end: Position,
        _ edit: @Sendable (LoggedRecord) -> RecordEdit
    ) async throws(JournalFailure) {}

    package func purge() async throws(JournalFailure) -> Bool { true }
}
