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
                + "one gateway at a time writes a journal. Stop that one, or set JOURNAL to another file",
            mayPass: true
        )
    }

    static func foreign(_ path: String) -> JournalFailure {
        JournalFailure(
            reason: "\(path) is a database of another program, and was not touched. Set JOURNAL to another file"
        )
    }

    static func later(_ path: String, version: Int, known: Int) -> JournalFailure {
        JournalFailure(
            reason: "\(path) has version \(version) of the journal's tables and this program knows \(known): "
                + "a later version of switchboard wrote it. Run that version"
        )
    }

    static func damaged(_ path: String, _ what: String) -> JournalFailure {
        JournalFailure(
            reason: "\(path) is damaged: \(what). Restore a backup; or, to begin with an empty journal and forget what "
                + "this one holds, move it away together with \(path)-wal and \(path)-shm"
        )
    }

    static func unwritable(_ path: String, _ what: String) -> JournalFailure {
        JournalFailure(
            reason: "\(path) cannot be written: \(what). Nothing is acknowledged or dialed any more. Mend the disk, or "
                + "make room on it, and restart the gateway"
        )
    }

    static func closed(_ path: String) -> JournalFailure { JournalFailure(reason: "\(path) is closed") }

    /// A call of the operating system failed just now.
    static func system(_ what: String) -> JournalFailure {
        JournalFailure(reason: "\(what): \(String(cString: strerror(errno)))")
    }
}
