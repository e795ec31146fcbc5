#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// How many files and sockets the process may have open at a time.
enum FileDescriptorLimit {
    /// Descriptors reserved for everything but client connections: vendors, the journal, event loops, logs.
    private static let reserve = 256

    /// Raises the limit as far as the system allows, and returns it.
    ///
    /// The usual 1,024 stands for programs that use `select`; none of our libraries does.
    @discardableResult
    static func raise() -> Int {
        #if canImport(Darwin)
        let resource = RLIMIT_NOFILE
        #else
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return .max }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        if setrlimit(resource, &raised) == 0 { limit = raised }
        return Int(clamping: limit.rlim_cur)
    }

    /// The most connections to take at a time: out of descriptors, a server spins over a connection that it cannot take.
    static func connections(wanted: Int) -> Int {
        max(1, min(wanted, raise() - reserve))
    }
}
