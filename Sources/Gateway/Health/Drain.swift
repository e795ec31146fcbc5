package import CallDomain
package import CallFlow
package import Logging
import ServiceLifecycle

/// The first step of a stop: no new work is started, and clients have time to notice.
///
/// Must be the last service of its group: that one stops first, and the others when it has ended.
package struct Drain: Service {
    private let readiness: Readiness
    private let flow: CallFlow
    private let pause: Duration
    private let pauseEnd: AsyncStream<Void>
    private let clock: any TimeSource
    private let logger: Logger

    /// After the stop has begun, connections are taken for `pause` more, or until `pauseEnd` ends.
    package init(
        readiness: Readiness,
        flow: CallFlow,
        pause: Duration,
        pauseEnd: AsyncStream<Void>,
        clock: any TimeSource,
        logger: Logger
    ) {
        self.readiness = readiness
        self.flow = flow
        self.pause = pause
        self.pauseEnd = pauseEnd
        self.clock = clock
        self.logger = logger
    }

    package func run() async {
        try? await gracefulShutdown()
        let hasListened = readiness.listens
        readiness.drain()
        await flow.stopDialing()
        // A gateway that could not start has nobody to give notice to.
        guard hasListened else { return }
        logger.notice(
            "stopping: new orders are refused, webhooks are still accepted",
            metadata: ["calls.unfinished": "\(flow.callsInProgress)", "pause.ms": "\(pause.milliseconds)"]
        )
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await clock.sleep(for: pause) }
            tasks.addTask {
                for await _ in pauseEnd {}
            }
            await tasks.next()
            tasks.cancelAll()
        }
    }
}

/// The last step of a stop: logs the calls that continue without this gateway.
///
/// Must be the first service of its group: that one stops last.
package struct StopReport: Service {
    private static let mostLines = 1000

    private let flow: CallFlow
    private let logger: Logger

    package init(flow: CallFlow, logger: Logger) {
        self.flow = flow
        self.logger = logger
    }

    package func run() async {
        try? await gracefulShutdown()
        var filter = CallFilter()
        // An order that was never dialed is no call: it waits in the journal for the next start.
        filter.statuses = [.pending]
        let waiting = flow.calls(matching: filter, limit: Self.mostLines, after: nil).calls.count
        filter.statuses = Set(CallStatus.allCases.filter { !$0.isTerminal && $0 != .unconfirmed && $0 != .pending })
        let calls = flow.calls(matching: filter, limit: Self.mostLines, after: nil).calls
        for call in calls {
            logger.notice("a call continues without this gateway", metadata: call.logMetadata())
        }
        logger.notice("stopped", metadata: ["calls.unfinished": "\(calls.count)", "orders.waiting": "\(waiting)"])
    }
}
