package import CallDomain

/// Bounds that every call keeps.
package struct CallPolicy: Sendable {
    /// The caller id of orders that name none.
    package var from: PhoneNumber
    /// Who may be called.
    package var destinations: DestinationPolicy
    /// `MAX_CONCURRENT_CALLS`.
    package var maxConcurrentCalls: Int
    /// `MAX_CALLS_PER_DAY`.
    package var maxCallsPerDay: Int?
    /// `PARALLEL_CALLS_TO_NUMBER`.
    package var parallelCallsToNumber: Bool
    /// `NUMBER_COOLDOWN`.
    package var numberCooldown: Duration
    /// `CALLS_PER_SECOND`.
    package var callsPerSecond: Double
    /// `QUEUE_MAX_WAIT`.
    package var queueMaxWait: Duration
    /// `QUEUE_LIMIT`.
    package var queueLimit: Int
    /// A dial without proof is parked after this (`UNCONFIRMED_AFTER`).
    package var unconfirmedAfter: Duration
    /// Upper bound of an order's conversation.
    package var maxCallDuration: Duration
    /// Finished calls are removed after this time, and an unknown call that is older is not adopted.
    package var retention: Duration
    /// `MAX_CALLS_IN_MEMORY`.
    package var maximumCalls: Int
    /// Who answers those who call us; `nil` turns them away.
    package var inboundAgentID: AgentID?

    package init(
        from: PhoneNumber,
        destinations: DestinationPolicy,
        maxConcurrentCalls: Int,
        maxCallsPerDay: Int? = nil,
        parallelCallsToNumber: Bool,
        numberCooldown: Duration,
        callsPerSecond: Double,
        queueMaxWait: Duration,
        queueLimit: Int,
        unconfirmedAfter: Duration,
        maxCallDuration: Duration,
        retention: Duration,
        maximumCalls: Int = .max,
        inboundAgentID: AgentID? = nil
    ) {
        self.from = from
        self.destinations = destinations
        self.maxConcurrentCalls = maxConcurrentCalls
        self.maxCallsPerDay = maxCallsPerDay
        self.parallelCallsToNumber = parallelCallsToNumber
        self.numberCooldown = numberCooldown
        self.callsPerSecond = callsPerSecond
        self.queueMaxWait = queueMaxWait
        self.queueLimit = queueLimit
        self.unconfirmedAfter = unconfirmedAfter
        self.maxCallDuration = maxCallDuration
        self.retention = retention
        self.maximumCalls = maximumCalls
        self.inboundAgentID = inboundAgentID
    }

    /// The time limit of a vendor request if nobody is on the line.
    package static let vendorPatience = Duration.seconds(10)
    /// How long somebody on the line may wait for the agent. Twilio gives up after 15 s.
    static let callerPatience = Duration.seconds(4)
    /// With less time left nothing is asked of a vendor: it could not answer, and would look as if it were down.
    static let leastPatience = Duration.milliseconds(500)
    /// How long a join URL is good that is used at once.
    static let immediateJoin = Duration.seconds(30)
    /// The longest ring for which a conversation is prepared before it.
    package static let longestEagerRing = Duration.seconds(240)

    /// Pauses between the attempts to deliver an event: 24 hours in all.
    static let deliveryPauses: [Duration] = [
        .seconds(1), .seconds(5), .seconds(20), .seconds(60), .seconds(300), .seconds(900), .seconds(1800),
        .seconds(3600), .seconds(7200), .seconds(14_400), .seconds(28_800), .seconds(28_800),
    ]

    /// Twilio may ring that much longer than it is asked to.
    static let longestExtraRing = Duration.seconds(5)
    /// How long a join URL stays valid after the ring timeout: Twilio may ring longer, and a create that was certainly
    /// not sent is sent again.
    static let joinMargin = Duration.seconds(20)
    /// How much longer than the conversation the phone call may last, so that the agent ends it with words.
    static let timeLimitMargin = Duration.seconds(30)
    static let longestTimeLimit = Duration.seconds(14_400)
    /// A client waits for its order's turn no longer than this; it is placed in the background then.
    static let longestWaitForTurn = Duration.seconds(2)
    /// How often a request that certainly never left is sent again, after these pauses.
    static let resendPauses: [Duration] = [.milliseconds(200), .milliseconds(800)]
    /// The pauses between attempts to end a call that Twilio did not accept; the last one repeats.
    static let endPauses: [Duration] = [.seconds(1), .seconds(3), .seconds(10), .seconds(30)]
    /// The pauses between attempts to delete what a vendor keeps of an erased call; the last one repeats.
    static let erasurePauses: [Duration] = [
        .seconds(1), .seconds(5), .seconds(30), .seconds(120), .seconds(600), .seconds(3600),
    ]
    /// The same where the vendor refused: it may do so for good, or until it has finished its own work.
    static let erasureRefusalPauses: [Duration] = [
        .seconds(10), .seconds(60), .seconds(600), .seconds(3600), .seconds(21_600),
    ]
    /// The pauses between attempts to take erased calls out of the journal; the last one repeats.
    static let journalPauses: [Duration] = [
        .milliseconds(50), .milliseconds(100), .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(5),
        .seconds(30),
    ]
    /// How long a stop waits for what only tidies up at a vendor.
    static let stopPatience = Duration.seconds(1)
    /// How long a create may take from its beginning until it leaves, which is one second longer than a connection may.
    static let longestWayToTwilio = Duration.seconds(6)
    /// How long an order waits in all where Twilio answers 429.
    static let throttlePatience = Duration.seconds(10)
    /// How long after the record that an order is about to be dialed a create of it may leave, repetitions included.
    static let longestDial = WorkClass.dial.longestWait + max(longestWayToTwilio, throttlePatience)
}

extension CallPolicy {
    /// How long a conversation with the agent may last, of an order that asks for `asked`.
    func maxDuration(_ asked: Duration?, with agent: Agent) -> Duration {
        min(asked ?? agent.configuration.maxDuration ?? maxCallDuration, maxCallDuration)
    }

    var admissionLimits: AdmissionLimits {
        AdmissionLimits(
            concurrentCalls: maxConcurrentCalls,
            callsPerDay: maxCallsPerDay,
            parallelCallsToNumber: parallelCallsToNumber,
            numberCooldown: numberCooldown
        )
    }

    var queueLimits: DialQueue.Limits {
        DialQueue.Limits(callsPerSecond: callsPerSecond, longestWait: queueMaxWait, waitingOrders: queueLimit)
    }
}
