import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes log lines to a file descriptor on a thread of its own, so that nobody who logs waits for whoever reads the log.
///
/// A reader that does not take the lines holds up this thread alone. Meanwhile lines wait, up to a bound; what does not
/// fit is dropped, counted, and told in one line as soon as the reader takes lines again. The same holds for a
/// descriptor that cannot be written to: a pipe whose reader went away, a full disk.
final class LogWriter: Sendable {
    /// Of this process. When the process exits, it writes what waits, for one second at most.
    static let standardError: LogWriter = {
        // A reader that went away is an error of `write`, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // Called after the handlers that were registered later, so that their lines are written, too.
        atexit { LogWriter.standardError.flush(within: .seconds(1)) }
        return LogWriter(descriptor: STDERR_FILENO)
    }()

    private struct State {
        var ring: LogRing
        /// The writer waits for work.
        var isIdle = false
        /// Those who wait until everything is written.
        var flushes: [DispatchSemaphore] = []
        var notice: @Sendable (Int) -> [UInt8] = { Array("\($0) log lines were dropped\n".utf8) }
    }

    private let descriptor: Int32
    private let state: Mutex<State>
    private let work = DispatchSemaphore(value: 0)
    private let lost = Atomic<Int>(0)

    /// Starts the thread, which never ends: the writer is meant for the whole life of a process.
    /// - Parameters:
    ///   - descriptor: must stay open.
    ///   - capacity: in bytes, about 4,000 lines by default.
    init(descriptor: Int32, capacity: Int = 1 << 20) {
        self.descriptor = descriptor
        state = Mutex(State(ring: LogRing(capacity: capacity)))
        // A thread inherits its creator's mask: signals are for the threads that expect them.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        Thread.detachNewThread { self.run() }
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    /// Lines that were dropped since the start, or could not be written.
    var linesDropped: Int { lost.load(ordering: .relaxed) }

    /// How the line is written that tells how many lines were dropped, its line end included.
    func tellDropped(_ notice: @escaping @Sendable (Int) -> [UInt8]) { state.withLock { $0.notice = notice } }

    /// Hands over a line, its line end included. Never waits.
    func append(_ line: [UInt8]) {
        let (isTaken, wakes) = state.withLock { state in
            let isTaken = state.ring.append(line)
            defer { state.isIdle = false }
            return (isTaken, state.isIdle)
        }
        if !isTaken { lost.add(1, ordering: .relaxed) }
        if wakes { work.signal() }
    }

    /// Writes what is said last, behind all log lines: why the process cannot start, for example.
    func say(_ text: String) {
        append(Array((text + "\n").utf8))
        flush(within: .seconds(1))
    }

    /// Waits until everything that was handed over before is written, at most for `limit`.
    func flush(within limit: Duration) {
        let done = DispatchSemaphore(value: 0)
        let waits = state.withLock { state in
            guard !state.isIdle || !state.ring.isEmpty else { return false }
            state.flushes.append(done)
            return true
        }
        if waits { _ = done.wait(timeout: .now() + .milliseconds(Int(limit / .milliseconds(1)))) }
    }

    // MARK: The thread

    private func run() {
        var batch: [UInt8] = []
        // Lines that were dropped and of which no line tells yet.
        var untold = 0
        while true {
            let taken = state.withLock { state -> (dropped: Int, notice: @Sendable (Int) -> [UInt8])? in
                guard !state.ring.isEmpty else { return nil }
                return (state.ring.take(into: &batch), state.notice)
            }
            guard let taken else {
                let (flushes, mayRest) = state.withLock { state in
                    guard state.ring.isEmpty else { return ([DispatchSemaphore](), false) }
                    state.isIdle = true
                    defer { state.flushes = [] }
                    return (state.flushes, true)
                }
                for flush in flushes { flush.signal() }
                if mayRest { rest() }
                continue
            }
            if untold > 0, put(taken.notice(untold)) { untold = 0 }
            untold += write(batch)
            untold += taken.dropped
            // Whoever took the batch is back.
            if taken.dropped > 0, put(taken.notice(untold)) { untold = 0 }
        }
    }

    /// Waits for work, and then a little longer, so that under load one waking serves many lines.
    private func rest() {
        work.wait()
        usleep(Self.gatheringTime)
    }

    /// In microseconds.
    private static let gatheringTime: UInt32 = 5000

    /// Writes a batch, the lock not held.
    /// - Returns: how many of its lines could not be written.
    private func write(_ batch: [UInt8]) -> Int {
        var rest = batch[...]
        while !rest.isEmpty {
            let part = Self.wholeLines(of: rest)
            guard put(part) else {
                let count = rest.count { $0 == UInt8(ascii: "\n") }
                lost.add(count, ordering: .relaxed)
                let given = rest.count
                state.withLock { $0.ring.wrote(given) }
                return count
            }
            rest = rest.dropFirst(part.count)
            state.withLock { $0.ring.wrote(part.count) }
        }
        return 0
    }

    /// As many lines as the system writes to a pipe in one piece: other programs may write to the same one. One at least.
    private static func wholeLines(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let atomic = bytes.prefix(4096)
        if atomic.count == bytes.count { return bytes }
        let end = atomic.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.firstIndex(of: UInt8(ascii: "\n"))
        return end.map { bytes[...$0] } ?? bytes
    }

    /// Writes all of it, however long that takes.
    /// - Returns: false if the descriptor cannot be written to.
    private func put(_ bytes: some Collection<UInt8>) -> Bool {
        let written = bytes.withContiguousStorageIfAvailable { put($0) }
        return written ?? Array(bytes).withUnsafeBufferPointer { put($0) }
    }

    private func put(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var offset = 0
        while offset < bytes.count {
            #if canImport(Glibc)
            let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
            #else
            let count = Darwin.write(descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
            #endif
            if count > 0 {
                offset += count
            } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
                // Somebody who shares the descriptor has made it non-blocking.
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wanted, 1, -1)
            } else if count == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }
}
