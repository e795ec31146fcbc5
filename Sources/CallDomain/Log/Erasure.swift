/// What becomes of a record in a log that is edited.
package enum RecordEdit: Sendable, Equatable {
    case keep
    /// Its place stays, and nothing else.
    case remove
    case replace(Record)
}
