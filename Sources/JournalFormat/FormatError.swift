/// Why bytes are not a record.
package enum FormatError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Of a version that this program does not know.
    case unknownVersion(UInt8)
    /// A number of `what` (a kind of record, a fact, a field, a word) that the version does not have.
    case unknown(_ what: String, number: Int, version: UInt8)
    /// The bytes end within a value.
    case truncated
    /// A value that is none of `what`.
    case malformed(_ what: String)
    /// So many bytes follow the record.
    case trailing(Int)

    package var description: String {
        switch self {
        case .unknownVersion(let version):
            "format version \(version) is unknown to this program, which reads \(RecordFormat.versions): "
                + "a later version of switchboard wrote it"
        case .unknown(let what, let number, let version):
            "\(what) \(number) is unknown in format version \(version)"
        case .truncated: "the record is cut off"
        case .malformed(let what): "what should be \(what) is not"
        case .trailing(let count): "\(count) bytes follow the record"
        }
    }
}
