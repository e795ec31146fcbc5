import CallDomain

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Says which process writes a journal: a lock on a file beside it, with the number of the process in it.
///
/// It is not a lock of SQLite's, which would keep out readers and backups as well. It ends with the process, however that
/// ends. The file stays: whoever removed it could remove the one that somebody else has locked since.
final class FileLock: Sendable {
    /// How often a lock that is held is asked for: whoever asks for its holder has it for a moment.
    private static let looks = 5

    private let descriptor: CInt

    /// Who writes the journal, seen from beside it.
    static func holder(beside path: String) throws(JournalFailure) -> JournalWriter {
        let name = path + ".lock"
        let descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw .system("\(name) cannot be opened") }
            return .none
        }
        defer { close(descriptor) }
        // Whoever holds no lock cannot ask who does, but by taking it. Closing lets it go.
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return .none }
        guard errno == EWOULDBLOCK else { throw .system("\(name) cannot be read") }
        return .process(owner(descriptor))
    }

    /// Looks whether the lock could be asked for. It is not, and no file is made.
    /// - Throws: if there is a file that is not this program's, or that cannot be read.
    static func check(beside path: String) throws(JournalFailure) {
        let name = path + ".lock"
        let descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw .system("\(name) cannot be opened") }
            return
        }
        defer { close(descriptor) }
        guard isOurs(descriptor) else { throw .foreignLock(path) }
    }

    /// - Throws: if another process has it, with its number, or if the file is not this program's.
    init(beside path: String) throws(JournalFailure) {
        let name = path + ".lock"
        let descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw .system("\(name) cannot be opened") }
        self.descriptor = descriptor
        guard Self.isOurs(descriptor) else { throw .foreignLock(path) }
        var looks = 1
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw .system("\(name) cannot be locked") }
            guard looks < Self.looks else { throw .inUse(path, by: Self.owner(descriptor)) }
            looks += 1
            usleep(20_000)
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            throw .system("\(name) cannot be written")
        }
    }

    deinit { close(descriptor) }

    /// More than a number takes.
    private static let longest = 24

    /// Whether the file holds the number of a process, or nothing.
    private static func isOurs(_ descriptor: CInt) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        var bytes = [UInt8](repeating: 0, count: longest)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count >= 0, count < longest else { return false }
        var digits = bytes.prefix(count)
        if digits.last == UInt8(ascii: "\n") { digits.removeLast() }
        return digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// `nil` if the process has not written its number yet.
    private static func owner(_ descriptor: CInt) -> Int? {
        var bytes = [UInt8](repeating: 0, count: longest)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return Int(String(decoding: bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}

/// Who has a journal open for writing.
package enum JournalWriter: Sendable, Equatable {
    case none
    /// A process with this number, if it has written it down yet.
    case process(Int?)
}
