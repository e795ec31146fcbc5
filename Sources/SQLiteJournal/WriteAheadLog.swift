#if SQLite
import CallDomain
import FoundationEssentials

/// Tells the torn end of a write-ahead log from damage in the middle of it.
///
/// SQLite ends the log at the first frame whose checksum is wrong, and says nothing: with it would go all that was
/// acknowledged after a single bad bit. A process or a machine that stops tears the last transaction alone, because every
/// one before it was synced before the next was begun.
/// - SeeAlso: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
struct WriteAheadLog {
    private static let headerSize = 32
    private static let frameHeaderSize = 24

    private let bytes: [UInt8]
    private let pageSize: Int
    /// The checksums are over words of this order.
    private let isBigEndian: Bool

    /// Looks at the log beside the database at `path`, before SQLite does.
    /// - Returns: how many bytes of its end belong to no whole transaction.
    /// - Throws: if it is damaged before its end.
    static func check(_ path: String) throws(JournalFailure) -> Int {
        let name = path + "-wal"
        let url = URL(filePath: name)
        guard let data = try? Data(contentsOf: url), !data.isEmpty else { return 0 }
        guard let log = WriteAheadLog([UInt8](data)) else {
            // Its header was synced before anything followed.
            if data.count <= headerSize { return data.count }
            throw .damaged(path, "the header of \(name) is not what SQLite wrote")
        }
        return try log.tornTail(path)
    }

    /// - Returns: `nil` if the header is not whole.
    private init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        guard bytes.count >= Self.headerSize else { return nil }
        let magic = Self.word(bytes, at: 0)
        guard magic & ~1 == 0x377F_0682 else { return nil }
        isBigEndian = magic & 1 == 1
        pageSize = Int(Self.word(bytes, at: 8))
        guard pageSize >= 512, pageSize <= 65536, pageSize.nonzeroBitCount == 1 else { return nil }
        guard sum(of: 0..<24, from: Sum()) == storedSum(at: 24) else { return nil }
    }

    private func tornTail(_ path: String) throws(JournalFailure) -> Int {
        var (offset, whole, sum) = (Self.headerSize, Self.headerSize, storedSum(at: 24))
        while let next = checked(offset, after: sum) {
            (offset, sum) = (offset + frameSize, next)
            if isCommit(offset - frameSize) { whole = offset }
        }
        // Frames of this log after the one that is not whole: SQLite leaves those of an older one in place.
        let broken = offset
        var (end, commit) = (offset, Int?.none)
        while offset + frameSize <= bytes.count {
            if isOfThisLog(offset) {
                if let commit {
                    throw .damaged(
                        path,
                        "\(path)-wal is damaged at byte \(broken), and what was synced at byte \(commit) came later"
                    )
                }
                if isCommit(offset) { commit = offset }
                end = offset + frameSize
            }
            offset += frameSize
        }
        // A frame that ends with the file.
        if bytes.count - offset >= Self.frameHeaderSize, isOfThisLog(offset) { end = bytes.count }
        return max(end, broken) - whole
    }

    private var frameSize: Int { Self.frameHeaderSize + pageSize }

    /// The frame's checksum, if the frame is whole and follows on one with this checksum.
    private func checked(_ offset: Int, after before: Sum) -> Sum? {
        guard offset + frameSize <= bytes.count, isOfThisLog(offset) else { return nil }
        let header = sum(of: offset..<offset + 8, from: before)
        let whole = sum(of: offset + Self.frameHeaderSize..<offset + frameSize, from: header)
        return whole == storedSum(at: offset + 16) ? whole : nil
    }

    /// Whether the frame has the salts of the header.
    private func isOfThisLog(_ offset: Int) -> Bool { bytes[offset + 8..<offset + 16] == bytes[16..<24] }

    /// Whether the frame ends a transaction.
    private func isCommit(_ offset: Int) -> Bool { Self.word(bytes, at: offset + 4) != 0 }

    private struct Sum: Equatable {
        var first: UInt32 = 0
        var second: UInt32 = 0
    }

    private func storedSum(at offset: Int) -> Sum {
        Sum(first: Self.word(bytes, at: offset), second: Self.word(bytes, at: offset + 4))
    }

    private func sum(of range: Range<Int>, from before: Sum) -> Sum {
        var sum = before
        bytes.withUnsafeBytes { bytes in
            for offset in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
                let (one, other) = (
                    bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self),
                    bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                )
                sum.first &+= (isBigEndian ? UInt32(bigEndian: one) : UInt32(littleEndian: one)) &+ sum.second
                sum.second &+= (isBigEndian ? UInt32(bigEndian: other) : UInt32(littleEndian: other)) &+ sum.first
            }
        }
        return sum
    }

    /// Headers are always big-endian.
    private static func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
#endif
