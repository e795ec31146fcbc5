package import CallDomain

/// Bounds that every call keeps.
package struct CallPolicy: Sendable {
    /// The caller id of orders that name none.
    package var from: PhoneNumber
    /// Who may be called.
    package var destinations: DestinationPolicy
    /// Upper bound of an order's conversation.
    package var maxCallDuration: Duration
    /// Finished calls leave after this, and one that nobody remembers is not adopted if it is older.
    package var retention: Duration
    /// Who answers those who call us; `nil` turns them away.
    package var inboundAgentID: AgentID?

    package init(
        from: PhoneNumber,
        destinations: DestinationPolicy,
        maxCallDuration: Duration,
        retention: Duration,
        inboundAgentID: AgentID? = nil
    ) {
        self.from = from
        self.destinations = destinations
        self.maxCallDuration = maxCallDuration
        self.retention = retention
        self.inboundAgentID = inboundAgentID
    }

    /// How long a vendor's answer is waited for where nobody is on the line.
    package static let vendorPatience = Duration.seconds(10)
    /// How long somebody on the line may wait for the agent. Twilio gives up after 15 s.
    static let callerPatience = Duration.seconds(4)
    /// How long a join URL is good that is used at once.
    static let immediateJoin = Duration.seconds(30)
    /// The longest ring for which a conversation is prepared before it.
    package static let longestEagerRing = Duration.seconds(240)

    /// How long beyond the ring a join URL lives: Twilio rings up to 5 s longer than asked, and then connects.
    static let joinMargin = Duration.seconds(20)
    /// How much longer than the conversation the phone call may last, so that the agent ends it with words.
    static let timeLimitMargin = Duration.seconds(30)
    static let longestTimeLimit = Duration.seconds(14_400)
    /// How often a request that certainly never left is sent again, after these pauses.
    static let resendPauses: [Duration] = [.milliseconds(200), .milliseconds(800)]
    /// How often, and after which pauses, the end of a call is asked for again that Twilio did not hear.
    static let endPauses: [Duration?] = [.seconds(1), .seconds(3), .seconds(10)]
    /// How long an order waits in all where Twilio answers 429.
    static let throttlePatience = Duration.seconds(10)
}
