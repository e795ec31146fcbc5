#if SQLite
import CallDomain

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Tells the torn end of a write-ahead log from damage in the middle of it.
///
/// SQLite ends the log at the first frame whose checksum is wrong, and says nothing: with it would go all that was
/// acknowledged after a single bad bit. A process or a machine that stops tears the last transaction alone, because every
/// one before it was synced before the next was begun.
/// - SeeAlso: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
struct WriteAheadLog {
    private static let headerSize = 32
    private static let frameHeaderSize = 24
    /// About so many bytes are in memory at a time.
    private static let blockSize = 1 << 20

    private let pageSize: Int
    /// The checksums are over words of this order.
    private let isBigEndian: Bool
    /// What each frame of this log repeats.
    private let salts: UInt64
    /// Of the last frame that is whole and follows on a whole one.
    private var sum: Sum
    /// Where the last whole transaction ends.
    private var whole = headerSize
    /// Where the first frame begins that is not whole.
    private var broken: Int?
    /// Where the first transaction ends after that.
    private var commit: Int?
    /// Where the frames of this log end.
    private var end = headerSize

    /// Looks at the log beside the database at `path`, before SQLite does.
    /// - Returns: how many bytes of its end belong to no whole transaction.
    /// - Throws: if it is damaged before its end, or cannot be read.
    static func check(_ path: String) throws(JournalFailure) -> Int {
        let name = path + "-wal"
        let descriptor = open(name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw .system("\(name) cannot be opened") }
            return 0
        }
        defer { close(descriptor) }
        let header = try read(headerSize, at: 0, of: descriptor, name)
        guard var log = header.withUnsafeBytes({ WriteAheadLog($0) }) else {
            // Its header was synced before anything followed.
            let isAlone = try read(1, at: headerSize, of: descriptor, name).isEmpty
            if isAlone { return header.count }
            throw .damaged(path, "the header of \(name) is not what SQLite wrote")
        }
        return try log.tornTail(path, descriptor)
    }

    /// - Returns: fewer bytes at the end of the file.
    private static func read(
        _ count: Int,
        at offset: Int,
        of descriptor: CInt,
        _ name: String
    ) throws(JournalFailure) -> [UInt8] {
        var (bytes, filled) = ([UInt8](repeating: 0, count: count), 0)
        while filled < count {
            let more = bytes.withUnsafeMutableBytes { bytes in
                pread(descriptor, bytes.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
            }
            if more < 0, errno == EINTR { continue }
            guard more >= 0 else { throw .system("\(name) cannot be read") }
            if more == 0 { break }
            filled += more
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// - Returns: `nil` if the header is not whole.
    private init?(_ header: UnsafeRawBufferPointer) {
        guard header.count == Self.headerSize else { return nil }
        let magic = Self.word(header, at: 0)
        guard magic & ~1 == 0x377F_0682 else { return nil }
        isBigEndian = magic & 1 == 1
        pageSize = Int(Self.word(header, at: 8))
        guard pageSize >= 512, pageSize <= 65536, pageSize.nonzeroBitCount == 1 else { return nil }
        salts = header.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        sum = Self.storedSum(header, at: 24)
        guard Self.sum(of: header[0..<24], from: Sum(), isBigEndian) == sum else { return nil }
    }

    private mutating func tornTail(_ path: String, _ descriptor: CInt) throws(JournalFailure) -> Int {
        let blockSize = max(1, Self.blockSize / frameSize) * frameSize
        var offset = Self.headerSize
        while true {
            let block = try Self.read(blockSize, at: offset, of: descriptor, path + "-wal")
            let frames = block.count / frameSize
            for frame in 0..<frames {
                let begin = frame * frameSize
                let isSecond = block.withUnsafeBytes { bytes in
                    take(UnsafeRawBufferPointer(rebasing: bytes[begin..<begin + frameSize]), at: offset + begin)
                }
                if isSecond, let broken, let commit {
                    throw .damaged(
                        path,
                        "\(path)-wal is damaged at byte \(broken), and what was synced at byte \(commit) came later"
                    )
                }
            }
            offset += frames * frameSize
            guard block.count < blockSize else { continue }
            // A frame that ends with the file.
            let rest = block.dropFirst(frames * frameSize)
            let isOurs = rest.withUnsafeBytes { $0.count >= Self.frameHeaderSize && isOfThisLog($0) }
            return max(isOurs ? offset + rest.count : end, broken ?? offset) - whole
        }
    }

    /// Looks at the next frame.
    /// - Returns: whether it comes after a transaction that ended after a frame that is not whole: then that was no torn end.
    private mutating func take(_ frame: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        if broken == nil {
            if let next = checked(frame) {
                sum = next
                if isCommit(frame) { whole = offset + frameSize }
                return false
            }
            broken = offset
        }
        // SQLite leaves the frames of an older log in place.
        guard isOfThisLog(frame) else { return false }
        if commit != nil { return true }
        if isCommit(frame) { commit = offset }
        end = offset + frameSize
        return false
    }

    private var frameSize: Int { Self.frameHeaderSize + pageSize }

    /// The frame's checksum, if the frame is whole and follows on the last one.
    private func checked(_ frame: UnsafeRawBufferPointer) -> Sum? {
        guard isOfThisLog(frame) else { return nil }
        let header = Self.sum(of: frame[0..<8], from: sum, isBigEndian)
        let whole = Self.sum(of: frame[Self.frameHeaderSize..<frameSize], from: header, isBigEndian)
        return whole == Self.storedSum(frame, at: 16) ? whole : nil
    }

    /// Whether the frame has the salts of the header.
    private func isOfThisLog(_ frame: UnsafeRawBufferPointer) -> Bool {
        frame.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == salts
    }

    /// Whether the frame ends a transaction.
    private func isCommit(_ frame: UnsafeRawBufferPointer) -> Bool { Self.word(frame, at: 4) != 0 }

    private struct Sum: Equatable {
        var first: UInt32 = 0
        var second: UInt32 = 0
    }

    private static func storedSum(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Sum {
        Sum(first: word(bytes, at: offset), second: word(bytes, at: offset + 4))
    }

    private static func sum(
        of part: Slice<UnsafeRawBufferPointer>,
        from before: Sum,
        _ isBigEndian: Bool
    ) -> Sum {
        let bytes = UnsafeRawBufferPointer(rebasing: part)
        var sum = before
        for offset in stride(from: 0, to: bytes.count, by: 8) {
            let (one, other) = (
                bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self),
                bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            )
            sum.first &+= (isBigEndian ? UInt32(bigEndian: one) : UInt32(littleEndian: one)) &+ sum.second
            sum.second &+= (isBigEndian ? UInt32(bigEndian: other) : UInt32(littleEndian: other)) &+ sum.first
        }
        return sum
    }

    /// Headers are always big-endian.
    private static func word(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
#endif
