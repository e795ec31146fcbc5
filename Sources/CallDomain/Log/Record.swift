/// One thing worth remembering, with everything in it that a replay needs: no clock, table or setting is asked again.
package struct Record: Sendable, Equatable {
    /// By the wall clock of whoever wrote it: of a message, when it was received.
    package let at: Timestamp
    package let content: Content

    package init(at: Timestamp, _ content: Content) {
        self.at = at
        self.content = content
    }

    package enum Content: Sendable, Equatable {
        /// A client's order, which may still be refused when it is applied.
        case ordered(Ordered)
        /// A verified message of a vendor, before it is decided which call it is about.
        case told(Message)
        /// An intent of ours about a call, or a vendor's answer to us.
        case noted(CallID, CallFact)
        /// Ends an order whose dial has not begun. It is void where the dial has begun, or the order is over.
        case undialed(CallID, CallFact)
        /// The answer to the order that claimed the key.
        case answerKept(KeyName, KeptAnswer, CallID)
        /// The order that claimed the key certainly rang nobody.
        case keyReleased(KeyName, CallID)
        case dialingSet(DialingPosition)
        /// What was kept long enough leaves: one bounded step.
        case tidied(Retention)
        /// A call that is over leaves with all that is known of it. It is void where the call goes on, or where more is known
        /// of it than the record names.
        case erased(Erased)
        /// What became of an erasure.
        case erasureNoted(CallID, ErasureNews)
        /// Who is to be told of events, and what became of that.
        case delivering(DeliveryRecord)
    }
}

/// What is remembered of telling others what happens.
package enum DeliveryRecord: Sendable, Equatable {
    case subscribed(Subscription)
    /// The subscription ends, with all of its deliveries.
    case unsubscribed(SubscriptionID)
    /// A trial is to be sent.
    case trialAsked(SubscriptionID)
    /// A delivery was tried.
    case tried(DeliveryID, DeliveryAttempt)
    /// A delivery is to be sent at once, whatever became of it before.
    case retryAsked(DeliveryID)
}

/// An order as it is accepted, with the limits by which it is judged.
package struct Ordered: Sendable, Equatable {
    package var id: CallID
    package var order: CallOrder
    /// What the client gave for the agent's variables; forgotten once the order is dialed or over.
    package var templateContext: JSONObject
    package var key: KeyClaim?
    package var limits: AdmissionLimits

    package init(
        id: CallID,
        order: CallOrder,
        templateContext: JSONObject,
        key: KeyClaim?,
        limits: AdmissionLimits
    ) {
        self.id = id
        self.order = order
        self.templateContext = templateContext
        self.key = key
        self.limits = limits
    }
}

/// The limits against toll fraud and accidents.
package struct AdmissionLimits: Sendable, Equatable {
    /// `MAX_CONCURRENT_CALLS`.
    package var concurrentCalls: Int
    /// `MAX_CALLS_PER_DAY`; a day is one of UTC.
    package var callsPerDay: Int?
    /// `PARALLEL_CALLS_TO_NUMBER`.
    package var parallelCallsToNumber: Bool
    /// `NUMBER_COOLDOWN`.
    package var numberCooldown: Duration

    package init(
        concurrentCalls: Int = .max,
        callsPerDay: Int? = nil,
        parallelCallsToNumber: Bool = false,
        numberCooldown: Duration = .zero
    ) {
        self.concurrentCalls = concurrentCalls
        self.callsPerDay = callsPerDay
        self.parallelCallsToNumber = parallelCallsToNumber
        self.numberCooldown = numberCooldown
    }
}

/// A verified message of a vendor.
package struct Message: Sendable, Equatable {
    package var fact: CallFact
    /// Our id in the URL to which it was sent. Twilio signs it; Ultravox does not.
    package var claimed: CallID?
    /// Nothing that is older makes a call known.
    package var oldest: Timestamp

    package init(fact: CallFact, claimed: CallID?, oldest: Timestamp) {
        self.fact = fact
        self.claimed = claimed
        self.oldest = oldest
    }
}

/// Where the operator's emergency switch stands.
package struct DialingPosition: Sendable, Equatable {
    package var isEnabled = true
    /// Why, in the operator's words.
    package var reason: String?
    /// `nil` if the switch was never used.
    package var changedAt: Timestamp?

    package init(isEnabled: Bool = true, reason: String? = nil, changedAt: Timestamp? = nil) {
        self.isEnabled = isEnabled
        self.reason = reason
        self.changedAt = changedAt
    }
}

/// How long things are kept.
package struct Retention: Sendable, Equatable {
    /// `CALL_RETENTION`: after the last news of a finished call.
    package var calls: Duration
    /// `MAX_CALLS_IN_MEMORY`: above it the oldest finished calls leave.
    package var maximumCalls: Int
    /// `NUMBER_COOLDOWN`.
    package var numberCooldown: Duration

    package init(calls: Duration, maximumCalls: Int, numberCooldown: Duration) {
        self.calls = calls
        self.maximumCalls = maximumCalls
        self.numberCooldown = numberCooldown
    }
}
