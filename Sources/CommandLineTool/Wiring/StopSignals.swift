import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs a service group until a signal ends it: the first SIGTERM or SIGINT begins the graceful stop. What is still under
/// way when the time for that is over, or when a second signal comes, is cancelled; after a second signal the process
/// ends a second later at the latest.
struct StopSignals: Sendable {
    let group: ServiceGroup
    /// How long a graceful stop may take; `nil` for as long as it takes.
    var grace: Duration?
    let logger: Logger
    /// Prepares the services for being cancelled; given up after ``preparation``.
    var prepare: @Sendable () async -> Void = {}
    /// Ends the process at once.
    var end: @Sendable () -> Void = {
        LogWriter.standardError.flush(within: .seconds(1))
        _exit(0)
    }

    private static let preparation = Duration.milliseconds(500)
    /// How long the services have once the second signal has come, in seconds.
    private static let lastPatience = 1.0

    private enum Step {
        case groupEnded
        case graceIsOver
        case secondSignal
        case prepared
        /// Nothing that matters.
        case nothing
    }

    /// Returns when the group has ended.
    /// - Throws: what the group throws, unless it was cancelled.
    func run() async throws {
        // Before the services: a signal that comes while they start is a stop, too.
        try await run(signals: await UnixSignalsSequence(trapping: .sigterm, .sigint))
    }

    func run<Signals: AsyncSequence & Sendable>(signals: Signals) async throws where Signals.Element == UnixSignal {
        let last = DispatchWorkItem(block: end)
        defer { last.cancel() }
        let (stop, beginStop) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Step.self) { tasks in
            defer { tasks.cancelAll() }
            tasks.addTask {
                try await group.run()
                return .groupEnded
            }
            tasks.addTask { try await secondSignal(signals, beginStop) }
            if let grace {
                tasks.addTask {
                    for await _ in stop {
                        try await Task.sleep(for: grace)
                        return .graceIsOver
                    }
                    return .nothing
                }
            }
            var isOver = false
            var isCancelled = false
            while let step = await tasks.nextResult() {
                switch step {
                case .success(.groupEnded): return
                case .success(.nothing): break
                case .success(.secondSignal):
                    DispatchQueue.global().asyncAfter(deadline: .now() + Self.lastPatience, execute: last)
                    if !isOver { beginPreparation(in: &tasks) }
                    isOver = true
                case .success(.graceIsOver):
                    if !isOver { beginPreparation(in: &tasks) }
                    isOver = true
                case .success(.prepared):
                    isCancelled = true
                    tasks.cancelAll()
                case .failure(let error):
                    guard isCancelled else { throw error }
                }
            }
        }
    }

    private func secondSignal<Signals: AsyncSequence>(
        _ signals: Signals,
        _ beginStop: AsyncStream<Void>.Continuation
    ) async throws -> Step where Signals.Element == UnixSignal {
        var isStopping = false
        for try await signal in signals {
            guard isStopping else {
                isStopping = true
                await group.triggerGracefulShutdown()
                beginStop.yield()
                continue
            }
            logger.notice(
                "stopping at once: a second signal arrived: requests in progress are ended",
                metadata: ["signal": "\(signal)"]
            )
            return .secondSignal
        }
        return .nothing
    }

    /// Begins to prepare the services for being cancelled. `tasks` are those of the whole run: a group of their own would
    /// wait for a preparation that does not heed its cancellation.
    private func beginPreparation(in tasks: inout ThrowingTaskGroup<Step, any Error>) {
        tasks.addTask {
            await prepare()
            return .prepared
        }
        tasks.addTask {
            try? await Task.sleep(for: Self.preparation)
            return .prepared
        }
    }
}
