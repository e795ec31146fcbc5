import CallDomain

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// What an operator reads when a journal cannot be used: what is wrong, then what to do.

extension JournalFailure {
    static func inUse(_ path: String, by process: Int?) -> JournalFailure {
        JournalFailure(
            reason: "\(path) is in use by \(process.map { "process \($0)" } ?? "another process"): "
                + "one gateway at a time writes a journal",
            advice: "Stop that one, or set JOURNAL to another file",
            kind: .inUse
        )
    }

    static func foreign(_ path: String) -> JournalFailure {
        JournalFailure(
            reason: "\(path) is a database of another program, and was not touched",
            advice: "Set JOURNAL to another file"
        )
    }

    static func noDatabase(_ path: String) -> JournalFailure {
        JournalFailure(
            reason: "\(path) is not an SQLite database, and was not touched",
            advice: "Set JOURNAL to another file; if this one was a journal, restore a backup of it"
        )
    }

    static func irregular(_ path: String) -> JournalFailure {
        JournalFailure(reason: "\(path) is not a regular file", advice: "Set JOURNAL to the name of a file")
    }

    /// The file that would say who writes the journal holds something else.
    static func foreignLock(_ path: String) -> JournalFailure {
        JournalFailure(
            reason: "\(path).lock is a file of another program, and was not touched: the journal needs this name",
            advice: "Set JOURNAL to a file with another name, or move \(path).lock away"
        )
    }

    static func later(_ path: String, version: Int, known: Int) -> JournalFailure {
        JournalFailure(
            reason: "\(path) has version \(version) of the journal's tables and this program knows \(known): "
                + "a later version of switchboard wrote it",
            advice: "Run that version"
        )
    }

    static func damaged(_ path: String, _ what: String) -> JournalFailure {
        JournalFailure(
            reason: "\(path) is damaged: \(what)",
            advice: "Restore a backup; or, to begin with an empty journal and forget what this one holds, move it away "
                + "together with \(path)-wal and \(path)-shm"
        )
    }

    static func unwritable(_ path: String, _ what: String) -> JournalFailure {
        JournalFailure(
            reason: "\(path) cannot be written: \(what)",
            advice: "Mend the disk, or make room on it, and restart the gateway: it goes on from the journal"
        )
    }

    /// Another program has locked the database, and was waited for.
    static func locked(_ path: String, seconds: Int) -> JournalFailure {
        JournalFailure(
            reason: "\(path) cannot be used: another program has held it locked for more than \(seconds) s",
            advice: "End that program, such as an open sqlite3, and restart the gateway: it goes on from the journal",
            kind: .inUse
        )
    }

    /// What is written goes nowhere: the next start would not find it.
    static func replaced(_ name: String) -> JournalFailure {
        JournalFailure(
            reason: "\(name) was removed or replaced while the gateway ran: what it writes would be lost",
            advice: "Stop the gateway, put the file back or restore a backup, and start it again; let nothing move or "
                + "remove the journal's files while it runs"
        )
    }

    /// Somebody reads an older state of the journal, which an opening must do away with.
    static func held(_ path: String) -> JournalFailure {
        JournalFailure(
            reason: "the torn end of \(path)-wal cannot be cut while another program reads the journal",
            advice: "End that program, such as an open sqlite3",
            kind: .inUse
        )
    }

    static func closed(_ path: String) -> JournalFailure {
        JournalFailure(reason: "\(path) is closed", kind: .closed)
    }

    /// The file, or one beside it, is somebody else's or cannot be made.
    static func unopened(_ path: String, _ what: String) -> JournalFailure {
        JournalFailure(reason: "\(path) cannot be opened: \(what)", advice: access)
    }

    /// A call of the operating system failed just now.
    static func system(_ what: String) -> JournalFailure {
        let code = errno
        let advice =
            switch code {
            case EACCES, EPERM: access
            case EROFS: "Set JOURNAL to a file in a folder that can be written, or mount this one for writing"
            case ENOENT, ENOTDIR: "Create the folder, or set JOURNAL to a file in another one"
            case ELOOP: "Remove the symbolic link, or set JOURNAL to another file"
            case ENOSPC, EDQUOT, EIO: "Mend the disk, or make room on it"
            default: "Mend that, or set JOURNAL to another file"
            }
        return JournalFailure(reason: "\(what): \(String(cString: strerror(code)))", advice: advice)
    }

    private static let access =
        "Let the user that runs this program read and write the file, its folder, and what stands beside it with the "
        + "endings -wal, -shm and .lock, or set JOURNAL to another file"
}
