import CCurl
import Glibc
import Synchronization

/// The threads of the engines: of the operating system, since their work blocks, and known until they are joined.
///
/// The TLS library below libcurl frees what its threads share when the process ends. A thread that closes a connection
/// at that moment crashes the process, and its exit status with it. So ``CurlLibrary`` calls ``endAll(within:)`` first,
/// whichever way `exit` was reached.
final class EngineThreads: Sendable {
    /// Those of this process.
    static let shared = EngineThreads()

    typealias ID = Int

    private struct Running {
        let thread: pthread_t
        /// Asks the body to return soon.
        let stop: @Sendable () -> Void
        /// The body has returned, so joining takes no noticeable time.
        var hasEnded = false
    }

    private struct State {
        var lastID: ID = 0
        var running: [ID: Running] = [:]
    }

    private let state = Mutex(State())

    /// Runs `body` on a thread of its own, which takes no signals, until it returns, as it must soon after `stop`.
    /// - Throws: ``CurlEngineError/thread(_:)``; `body` was not run then.
    func start(
        stop: @escaping @Sendable () -> Void,
        run body: @escaping @Sendable () -> Void
    ) throws(CurlEngineError) -> ID {
        joinEnded()
        // A thread inherits its creator's mask: signals are for the threads that expect them.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        // The lock is held until the thread is known: it cannot end before that.
        let started: Result<ID, CurlEngineError> = state.withLock { state in
            state.lastID += 1
            let id = state.lastID
            // SAFETY: the box is retained here and released by the thread, or below if there is none.
            let box = Unmanaged.passRetained(
                Box { [self] in
                    body()
                    self.state.withLock { $0.running[id]?.hasEnded = true }
                }
            )
            var thread = pthread_t()
            let failure = pthread_create(
                &thread,
                nil,
                { context in
                    guard let context else { return nil }
                    Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
                    return nil
                },
                box.toOpaque()
            )
            guard failure == 0 else {
                box.release()
                return .failure(.thread(failure))
            }
            state.running[id] = Running(thread: thread, stop: stop)
            return .success(id)
        }
        return try started.get()
    }

    /// Waits for the end of the thread, whose body returns by itself.
    func join(_ id: ID) {
        guard let running = state.withLock({ $0.running.removeValue(forKey: id) }) else { return }
        pthread_join(running.thread, nil)
    }

    /// Stops all threads and waits until they are gone, or as long as `patience` allows: looking up a name may hold a
    /// thread for longer, and does not touch the TLS library.
    func endAll(within patience: Duration) {
        let all = state.withLock { state in
            defer { state.running = [:] }
            return Array(state.running.values)
        }
        for running in all { running.stop() }
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += time_t(patience.components.seconds)
        for running in all where pthread_equal(running.thread, pthread_self()) == 0 {
            pthread_timedjoin_np(running.thread, nil, &deadline)
        }
    }

    /// Gives back what the threads hold that have ended without being joined.
    private func joinEnded() {
        let ended = state.withLock { state in
            let ended = state.running.filter(\.value.hasEnded)
            for id in ended.keys { state.running[id] = nil }
            return ended
        }
        for running in ended.values { pthread_join(running.thread, nil) }
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
