package import CallDomain
import ServiceLifecycle

/// Lets go what has been kept long enough, once a minute.
package struct Housekeeping: Service {
    private static let interval = Duration.seconds(60)

    private let flow: CallFlow
    private let clock: any WallClock

    package init(flow: CallFlow, clock: any WallClock) {
        self.flow = flow
        self.clock = clock
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(for: Self.interval)) != nil { flow.tidy() }
        }
    }
}

extension CallFlow {
    /// Finished calls leave after `CALL_RETENTION`, messages that wait for their call after an hour, answers after a day.
    package func tidy() {
        let now = clock.now
        store.evict(finishedBefore: Timestamp(milliseconds: now.milliseconds - policy.retention.milliseconds), now: now)
        for message in held.takeExpired(now: now) { bury(message, .unknownCall) }
        idempotencyKeys.forgetOld(now: now)
    }
}
