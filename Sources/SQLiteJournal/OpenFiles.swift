import CallDomain

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The files that a journal has open, as its path led to them when it was opened.
///
/// A file that is removed or replaced goes on being written by whoever has it open, and SQLite says nothing. The next start
/// would find nothing of that.
struct OpenFiles: Sendable {
    private struct Identity: Sendable, Equatable {
        let device: UInt64
        let inode: UInt64

        /// - Returns: `nil` where there is no file.
        init?(of path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, inode) = (UInt64(truncatingIfNeeded: status.st_dev), UInt64(truncatingIfNeeded: status.st_ino))
        }
    }

    private let file: Identity
    private let log: Identity
    private let path: String
    private let logPath: String

    /// Of a journal whose write-ahead log is open.
    /// - Throws: if one of them is not there any more.
    init(_ path: String) throws(JournalFailure) {
        (self.path, logPath) = (path, path + "-wal")
        guard let file = Identity(of: path) else { throw .replaced(path) }
        guard let log = Identity(of: logPath) else { throw .replaced(logPath) }
        (self.file, self.log) = (file, log)
    }

    /// - Throws: if the path leads to another file by now, or to none. A file that cannot be looked at counts as gone.
    func check() throws(JournalFailure) {
        guard Identity(of: path) == file else { throw .replaced(path) }
        guard Identity(of: logPath) == log else { throw .replaced(logPath) }
    }
}
