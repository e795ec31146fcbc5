package import CallDomain
package import CallFlow
package import Logging
import ServiceLifecycle

/// The start: reads the journal and goes on where the process before this one ended. The gateway is ready after it.
package struct Recovery: Service {
    private let flow: CallFlow
    private let readiness: Readiness
    private let clock: any TimeSource
    private let logger: Logger

    package init(flow: CallFlow, readiness: Readiness, clock: any TimeSource, logger: Logger) {
        self.flow = flow
        self.readiness = readiness
        self.clock = clock
        self.logger = logger
    }

    package func run() async throws {
        let begin = clock.moment
        try await flow.replay(progress: readiness.hasRead)
        // Nobody is dialed by a process that ends because its port is taken.
        while !readiness.listens {
            do { try await clock.sleep(for: .milliseconds(5)) } catch { return }
        }
        try await flow.resume(answering: KeptAnswer.accepted)
        readiness.know()
        if flow.outlivesProcess {
            logger.info(
                "the journal was read",
                metadata: [
                    "records": "\(readiness.recordsRead)", "calls.unfinished": "\(flow.callsInProgress)",
                    "duration.ms": "\((clock.moment - begin).milliseconds)",
                ]
            )
        }
        try? await gracefulShutdown()
    }
}
