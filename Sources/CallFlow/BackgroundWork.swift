import CallDomain
import ServiceLifecycle

/// Work without a waiting caller, kept in one task group so that a stop can wait for it.
package final class BackgroundWork: Service {
    package typealias Job = @Sendable () async -> Void

    private let jobs: AsyncStream<Job>
    private let intake: AsyncStream<Job>.Continuation

    package init() {
        (jobs, intake) = AsyncStream.makeStream(of: Job.self)
    }

    /// Starts `job` as soon as ``run()`` gets to it. After a stop it is dropped: a restart finds out by evidence.
    ///
    /// Its log lines carry the names that those of the submitter carry.
    func submit(_ job: @escaping Job) {
        let names = LogContext.names
        intake.yield { await LogContext.adding(names) { await job() } }
    }

    /// Runs the submitted work until the service group stops, and then finishes the work in progress.
    package func run() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await job in jobs { group.addTask { await job() } }
            }
        } onGracefulShutdown: {
            self.intake.finish()
        }
    }
}
