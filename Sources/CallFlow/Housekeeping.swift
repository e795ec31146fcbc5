package import CallDomain
import ServiceLifecycle

/// Marks calls without confirmation as `unconfirmed` in time, and once a minute removes what was kept long enough.
package struct Housekeeping: Service {
    private static let interval = Duration.seconds(1)
    private static let intervalsBetweenTidying = 60

    private let flow: CallFlow
    private let clock: any TimeSource

    package init(flow: CallFlow, clock: any TimeSource) {
        self.flow = flow
        self.clock = clock
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            var count = 0
            while (try? await clock.sleep(for: Self.interval)) != nil {
                flow.parkUnproven()
                count += 1
                if count.isMultiple(of: Self.intervalsBetweenTidying) { flow.tidy() }
            }
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
        rails.forgetOld(now: now)
        discarded.forgetOld(now: clock.moment)
    }

    /// Parks the calls that were dialed `UNCONFIRMED_AFTER` ago and of which nothing proves that Twilio has them: they
    /// hold no place any more, and later proof still counts.
    package func parkUnproven() {
        for id in unproven.takeDue(now: clock.moment) where store.call(id)?.status == .unknown {
            record(.unconfirmed, of: id)
        }
    }
}
