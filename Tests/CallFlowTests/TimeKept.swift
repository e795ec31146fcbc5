import Testing

@testable import CallFlow

/// Lets the queues of a test keep their time while it runs.
struct TimeKept: SuiteTrait, TestTrait, TestScoping {
    @TaskLocal private static var begin: AsyncStream<DialDriver>.Continuation?

    var isRecursive: Bool { true }

    static func keep(_ driver: DialDriver) { begin?.yield(driver) }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let (drivers, begin) = AsyncStream.makeStream(of: DialDriver.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await withDiscardingTaskGroup { timers in
                    for await driver in drivers { timers.addTask { await driver.keepTime() } }
                }
            }
            defer { group.cancelAll() }
            try await Self.$begin.withValue(begin) { try await function() }
        }
    }
}

extension Trait where Self == TimeKept {
    static var timeKept: Self { TimeKept() }
}
