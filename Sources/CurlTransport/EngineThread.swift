import Glibc

/// A thread of the operating system, for work that blocks.
enum EngineThread {
    /// Runs `body` on a thread of its own, which takes no signals.
    /// - Throws: ``CurlEngineError/thread(_:)``; `body` was not run then.
    static func start(_ body: @escaping @Sendable () -> Void) throws(CurlEngineError) {
        // A thread inherits its creator's mask: signals are for the threads that expect them.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        // SAFETY: the box is retained here and released by the thread, or below if there is none.
        let box = Unmanaged.passRetained(Box(body: body))
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
            throw .thread(failure)
        }
        pthread_detach(thread)
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
