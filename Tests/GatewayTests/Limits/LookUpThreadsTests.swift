import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Gateway

/// What runs on the threads for look-ups, and what does not.
@Suite struct LookUpThreadsTests {
    @Test(arguments: [
        ("/calls", HTTPRequest.Method.get, true), ("/calls/x", .get, true), ("/calls/x/", .head, true),
        ("/dead-letters", .get, true), ("/calls/x", .post, false), ("/calls/x/hangup", .post, false),
        ("/agents", .get, false), ("/calls/x/transcript", .get, false),
    ])
    func `look-ups that ask no vendor have threads of their own`(
        uri: String,
        method: HTTPRequest.Method,
        isApart: Bool
    ) async throws {
        let counted = CountedJobs()
        let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
        router.addMiddleware { LookUpThreads(executor: counted) }
        for path in ["calls", "calls/{id}", "dead-letters", "agents", "calls/{id}/transcript"] {
            router.get(RouterPath(path)) { _, _ in "seen" }
        }
        router.post("calls/{id}") { _, _ in "ordered" }
        router.post("calls/{id}/hangup") { _, _ in "over" }
        try await Application(router: router).test(.router) { client in
            let answer = try await client.executeRequest(uri: uri, method: method, headers: [:], body: nil)
            #expect(answer.status == .ok)
        }
        #expect((counted.jobs > 0) == isApart)
    }
}

private final class CountedJobs: TaskExecutor {
    private let count = Mutex(0)
    private let pool = ThreadPoolExecutor()

    var jobs: Int { count.withLock { $0 } }

    func enqueue(_ job: consuming ExecutorJob) {
        count.withLock { $0 += 1 }
        pool.enqueue(job)
    }
}
