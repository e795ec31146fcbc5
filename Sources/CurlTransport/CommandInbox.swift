import CCurl
import OutboundHTTP
import Synchronization

/// What tasks hand to the engine's thread, and the only thing they share with it.
///
/// The address of the multi handle is kept here for `curl_multi_wakeup`, the one function that may be called from any
/// thread. It is called under the lock, and the thread replaces and removes the address under the lock before it frees
/// the handle, so that no wake-up can reach a freed one.
final class CommandInbox: Sendable {
    enum Command: Sendable {
        case start(Transfer.ID, WireRequest, deadline: ContinuousClock.Instant, Transfer.Answer)
        case cancel(Transfer.ID)
    }

    /// How far the engine has been asked to stop. It only grows.
    enum Stop: Int, Comparable, Sendable {
        case none
        /// No further command is accepted; accepted ones are finished.
        case afterCurrentTransfers
        case immediately

        static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
    }

    private struct State {
        var commands: [Command] = []
        var stop = Stop.none
        /// SAFETY: owned by the loop; used here for nothing but `curl_multi_wakeup`.
        var multi: UnsafeMutableRawPointer?
        var end: Result<Void, CurlEngineError>?
        var waiting: [CheckedContinuation<Result<Void, CurlEngineError>, Never>] = []
    }

    private let state = Mutex(State())

    /// - Returns: `false` when the engine has been asked to stop: the command was not taken.
    func post(_ command: Command) -> Bool {
        state.withLock { state in
            if case .start = command, state.stop != .none { return false }
            guard state.end == nil else { return false }
            state.commands.append(command)
            if let multi = state.multi { curl_multi_wakeup(multi) }
            return true
        }
    }

    func stop(_ stop: Stop) {
        state.withLock { state in
            state.stop = max(state.stop, stop)
            if let multi = state.multi { curl_multi_wakeup(multi) }
        }
    }

    /// Returns when the thread has ended.
    func untilEnd() async -> Result<Void, CurlEngineError> {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state in
                if state.end == nil { state.waiting.append(continuation) }
                return state.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    // MARK: For the engine's thread

    func take() -> (commands: [Command], stop: Stop) {
        state.withLock { state in
            defer { state.commands = [] }
            return (state.commands, state.stop)
        }
    }

    /// Sets the handle to wake; `nil` before the handle is freed. Wakes it at once if commands arrived without a
    /// handle, or for the previous one.
    func attach(_ multi: UnsafeMutableRawPointer?) {
        // SAFETY: the address crosses as a number, because a pointer is not sendable.
        let address = multi.map { UInt(bitPattern: $0) }
        state.withLock { state in
            state.multi = address.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
            guard let multi = state.multi, !state.commands.isEmpty || state.stop != .none else { return }
            curl_multi_wakeup(multi)
        }
    }

    /// Marks the end of the thread.
    /// - Returns: commands that came in too late for the loop.
    func close(_ end: Result<Void, CurlEngineError>) -> [Command] {
        let (left, waiting) = state.withLock { state in
            defer {
                state.commands = []
                state.waiting = []
            }
            state.stop = .immediately
            state.end = end
            return (state.commands, state.waiting)
        }
        for continuation in waiting { continuation.resume(returning: end) }
        return left
    }
}
