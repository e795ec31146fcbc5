import CallDomain

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where the files of a journal are, and who may read them.
enum JournalPath {
    /// The one path of a file that may not exist yet: with two names of one file, two processes would take two locks.
    static func canonical(_ path: String) throws(JournalFailure) -> String {
        if let whole = resolved(path) { return whole }
        guard errno == ENOENT else { throw .system("\(path) cannot be opened") }
        var status = stat()
        if lstat(path, &status) == 0 {
            throw JournalFailure(
                reason: "\(path) is a symbolic link to nothing",
                advice: "Remove the link, or set JOURNAL to the file that it should lead to"
            )
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast().joined(separator: "/")
        guard let name = parts.last, !name.isEmpty, name != ".", name != ".." else {
            throw JournalFailure(
                reason: "\(path) is not the name of a file",
                advice: "Set JOURNAL to sqlite: and the name of a file"
            )
        }
        let parent = path.hasPrefix("/") && folder.isEmpty ? "/" : folder.isEmpty ? "." : folder
        guard let whole = resolved(parent) else { throw .system("the folder of \(path) cannot be used") }
        return (whole == "/" ? "" : whole) + "/" + name
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Looks whether `path` can be a journal: a regular file that is one, or none in a folder that can be used. Nothing is
    /// made, changed or locked.
    /// - Returns: whether there is a file.
    /// - Throws: if it cannot.
    @discardableResult
    static func check(_ path: String) throws(JournalFailure) -> Bool {
        var status = stat()
        if stat(path, &status) != 0 {
            guard errno == ENOENT else { throw .system("\(path) cannot be opened") }
            return false
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .irregular(path) }
        let log = size(path + "-wal") ?? 0
        if status.st_size == 0, log > 0 {
            // SQLite would take the empty file for a new one and remove what belongs to the lost one.
            throw .damaged(path, "it is empty, and \(path)-wal beside it is not: the file itself was lost")
        }
        switch try JournalHeader(of: path) {
        case .ours: break
        case .foreign: throw .foreign(path)
        case .none where log == 0: throw .noDatabase(path)
        // SQLite says what is wrong with it; the write-ahead log may have its beginning.
        case .none, .unknown: break
        }
        return true
    }

    /// Looks whether this process may write the journal at `path` and all that stands beside it.
    static func checkAccess(_ path: String) throws(JournalFailure) {
        let folder = folder(of: path)
        guard access(folder, W_OK | X_OK) == 0 else { throw .system("the folder \(folder) cannot be used") }
        for name in [path, path + "-wal", path + "-shm"] where access(name, F_OK) == 0 {
            guard access(name, R_OK | W_OK) == 0 else { throw .system("\(name) cannot be opened") }
        }
    }

    private static func folder(of path: String) -> String {
        String(path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex))
    }

    /// Sees to it that there is a file, and that nobody but its owner can read what the journal holds. SQLite gives the
    /// two files beside it the same mode. A file that is not one of this program's journals stays as it is.
    /// - Throws: if that is so, or if the file cannot be made or made private.
    static func prepare(_ path: String) throws(JournalFailure) {
        if try !check(path) { try create(path) }
        var status = stat()
        for name in [path, path + "-wal", path + "-shm"] where stat(name, &status) == 0 {
            guard status.st_mode & 0o777 == 0o600 || chmod(name, 0o600) == 0 else {
                throw .system("\(name) is readable for others, and its mode cannot be changed")
            }
        }
    }

    /// The file is there after a crash, too: its folder is synced.
    private static func create(_ path: String) throws(JournalFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("\(path) cannot be created") }
        close(descriptor)
        let folder = folder(of: path)
        let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw .system("\(folder) cannot be opened") }
        defer { close(parent) }
        guard fsync(parent) == 0 else { throw .system("\(folder) cannot be synced") }
    }

    /// In bytes; `nil` where there is no file.
    static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }
}
