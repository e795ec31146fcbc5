#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the operating system says of this program.
enum Machine {
    /// Nanoseconds that this thread has used of a processor: what other programs do meanwhile does not count.
    static var threadTime: UInt64 { time(CLOCK_THREAD_CPUTIME_ID) }

    /// Nanoseconds of a clock that is never set.
    static var elapsed: UInt64 { time(CLOCK_MONOTONIC) }

    /// Bytes in memory, as Linux shows them in `/proc/self/statm`; `nil` elsewhere.
    static var residentBytes: Int? {
        guard let file = fopen("/proc/self/statm", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let words = line.prefix { $0 != 0 }.split(separator: CChar(UInt8(ascii: " ")))
        guard words.count > 1 else { return nil }
        let pages = Int(String(decoding: words[1].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        return pages.map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
    }

    static func end(_ code: Int32) { exit(code) }

    private static func time(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
