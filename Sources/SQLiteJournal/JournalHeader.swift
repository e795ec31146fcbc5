import CallDomain

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Says whose database a file is, from its first bytes alone: SQLite, asked for it, would already change some.
/// - SeeAlso: https://www.sqlite.org/fileformat2.html#the_database_header
enum JournalHeader {
    case ours
    case foreign
    /// No database at all.
    case none
    /// The beginning of a database, or zeros where it was: it does not say whose.
    case unknown

    /// "SwBd", as no other program's known files have it.
    /// - SeeAlso: https://www.sqlite.org/src/artifact?ci=trunk&filename=magic.txt
    static let applicationID = 0x5377_4264

    private static let magic = Array("SQLite format 3\0".utf8)
    private static let applicationIDPlace = 68..<72

    /// Reads the header of the file at `path`; a file that is empty will be ours.
    init(of path: String) throws(JournalFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("\(path) cannot be opened") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.applicationIDPlace.upperBound)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw .system("\(path) cannot be read") }
        self =
            if count == 0 {
                .ours
            } else if !Self.magic.starts(with: bytes.prefix(min(count, Self.magic.count))) {
                bytes.prefix(Self.magic.count).allSatisfy { $0 == 0 } ? .unknown : .none
            } else if count < bytes.count {
                .unknown
            } else if bytes[Self.applicationIDPlace].reduce(0, { $0 << 8 | Int($1) }) == Self.applicationID {
                .ours
            } else {
                .foreign
            }
    }
}
