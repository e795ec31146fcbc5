import HTTPTypes
import Hummingbird
import NIOPosix

/// Works on look-ups with threads of their own.
///
/// Under more load than the processors can do, all that Swift's own threads run takes its turn in one queue, the taking of
/// new connections and their webhooks, too. Look-ups are most of the load and all of their work is on this machine: apart
/// from the rest they wait for each other, first come first served, and nothing else waits for them.
struct LookUpThreads: RouterMiddleware {
    /// Look-ups that ask no vendor.
    private static let routes: Set<String> = ["/calls", "/calls/{id}", "/dead-letters"]

    private let executor: any TaskExecutor

    init(executor: any TaskExecutor = ThreadPoolExecutor()) { self.executor = executor }

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get || request.method == .head,
            let route = context.endpointPath, Self.routes.contains(route)
        else { return try await next(request, context) }
        return try await withTaskExecutorPreference(executor) { try await next(request, context) }
    }
}

/// Runs jobs on NIO's threads for work that takes long, as many as there are processors, in order of arrival.
final class ThreadPoolExecutor: TaskExecutor {
    private let pool = NIOThreadPool.singleton

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        // The singleton is never shut down, so the work item is never canceled.
        pool.submit { _ in job.runSynchronously(on: executor) }
    }
}
