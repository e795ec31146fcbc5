import CallDomain

/// When a number that is being called can be called again, as far as that can be known.
///
/// Nobody knows when a call will end, only by when its present phase is over: a ring by its time-out, a conversation by
/// its longest duration, a dial without proof by `UNCONFIRMED_AFTER`. After that time an order gets another answer,
/// whatever happens. The call may end sooner; a client that cannot wait watches the call.
package struct BusyNumber: Sendable, Equatable {
    package enum Phase: Sendable, Equatable {
        /// It waits for its turn.
        case waiting
        /// It is being dialed, or rings.
        case ringing
        /// It may ring, and nothing proves it.
        case unproven
        /// Somebody has answered.
        case talking
        /// It should be over, but its end has not been told.
        case overdue
    }

    package let phase: Phase
    /// Until another order for the number can get another answer, the cool-down after the call included.
    package let wait: Duration
    /// `NUMBER_COOLDOWN`, which counts from the end of the call.
    package let cooldown: Duration

    /// How often to ask where nothing is known: a call that is overdue may end at any time, by a look-up or a hang-up.
    private static let overdueWait = Duration.seconds(60)

    init(phase: Phase, wait: Duration, cooldown: Duration) {
        self.phase = phase
        self.wait = wait
        self.cooldown = cooldown
    }

    /// An order may leave its duration to its agent: `agent` is the call's, as it was last read.
    init(_ call: Call?, agent: Agent?, policy: CallPolicy, now: Timestamp) {
        cooldown = policy.numberCooldown
        let (phase, end) = Self.phase(of: call, agent, policy)
        guard let end, end > now else {
            self.phase = .overdue
            wait = max(Self.overdueWait, cooldown)
            return
        }
        self.phase = phase
        wait = (end - now) + cooldown
    }

    /// What the call is doing, and by when that must be over.
    private static func phase(of call: Call?, _ agent: Agent?, _ policy: CallPolicy) -> (Phase, Timestamp?) {
        guard let call else { return (.overdue, nil) }
        let ring = (call.order?.ringTimeout ?? longestRing) + CallPolicy.longestExtraRing
        let asked = call.order?.maxDuration
        let conversation =
            agent.map { policy.maxDuration(asked, with: $0) }
            ?? min(asked ?? policy.maxCallDuration, policy.maxCallDuration)
        let talk = min(conversation + CallPolicy.timeLimitMargin, CallPolicy.longestTimeLimit)
        switch call.status {
        case .pending: return (.waiting, call.createdAt + policy.queueMaxWait + CallPolicy.vendorPatience + ring)
        case .unknown where call.error != nil: return (.unproven, call.updatedAt + policy.unconfirmedAfter)
        // What was dialed has its CallSid after the vendor's patience, and rings.
        case .unknown, .queued, .initiated:
            return (.ringing, call.updatedAt + CallPolicy.vendorPatience + ring)
        case .ringing: return (.ringing, (call.ringingAt ?? call.updatedAt) + ring)
        case .inProgress: return (.talking, (call.answeredAt ?? call.updatedAt) + talk)
        case .unconfirmed, .noAnswer, .busy, .failed, .canceled, .completed: return (.overdue, nil)
        }
    }

    /// Twilio's longest ring.
    private static let longestRing = Duration.seconds(600)
}
