/// Starts the lives of calls as children of the sandbox's own task.
struct JobQueue: Sendable {
    typealias Job = @Sendable () async -> Void

    private let jobs: AsyncStream<Job>
    private let entrance: AsyncStream<Job>.Continuation

    init() {
        (jobs, entrance) = AsyncStream.makeStream()
    }

    /// Starts a job, or does so as soon as the queue runs.
    func add(_ job: @escaping Job) {
        entrance.yield(job)
    }

    /// Runs jobs side by side until the task is cancelled, which cancels them too.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask { await job() } }
        }
    }
}
