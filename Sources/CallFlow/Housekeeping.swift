package import CallDomain
import ServiceLifecycle
import Synchronization

/// Marks calls without confirmation as `unconfirmed` in time, and once a minute removes what was kept long enough: for the
/// first time a second after the start, which does not wait for it.
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
        await cancelledByStop {
            var count = 0
            while (try? await clock.sleep(for: Self.interval)) != nil {
                // The start still needs what is to leave.
                guard flow.hasResumed.load(ordering: .acquiring) else { continue }
                await flow.parkUnproven()
                await flow.makeRoom()
                if count.isMultiple(of: Self.intervalsBetweenTidying) { await flow.tidy() }
                count += 1
            }
        }
    }
}

extension CallFlow {
    /// Finished calls leave after `CALL_RETENTION`, messages that wait for their call after an hour, answers after a day.
    package func tidy() async {
        duties.forgetOld()
        // A journal that has failed has said so.
        try? await ledger.tidy()
    }

    /// Above `MAX_CALLS_IN_MEMORY` the oldest finished calls leave.
    func makeRoom() async { try? await ledger.makeRoom() }

    /// Parks the calls that were dialed `UNCONFIRMED_AFTER` ago and of which nothing proves that Twilio has them.
    package func parkUnproven() async { await duties.parkUnproven(ledger) }
}
