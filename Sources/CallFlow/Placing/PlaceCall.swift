package import CallDomain

/// An order as the client gave it, field by field correct.
package struct PlaceCall: Sendable {
    package var agentID: AgentID
    package var phoneNumber: PhoneNumber
    package var templateContext: JSONObject
    package var from: PhoneNumber?
    package var ringTimeout: Duration
    package var maxDuration: Duration?
    package var machineDetection: CallOrder.MachineDetection
    package var record: Bool
    package var join: CallOrder.Join
    package var metadata: JSONObject
    /// See ``CallOrder/callbackURL``.
    package var callbackURL: String?
    /// See ``CallOrder/correlationID``.
    package var correlationID: String?

    package init(
        agentID: AgentID,
        phoneNumber: PhoneNumber,
        templateContext: JSONObject,
        from: PhoneNumber?,
        ringTimeout: Duration,
        maxDuration: Duration?,
        machineDetection: CallOrder.MachineDetection,
        record: Bool,
        join: CallOrder.Join,
        metadata: JSONObject,
        callbackURL: String? = nil,
        correlationID: String? = nil
    ) {
        self.agentID = agentID
        self.phoneNumber = phoneNumber
        self.templateContext = templateContext
        self.from = from
        self.ringTimeout = ringTimeout
        self.maxDuration = maxDuration
        self.machineDetection = machineDetection
        self.record = record
        self.join = join
        self.metadata = metadata
        self.callbackURL = callbackURL
        self.correlationID = correlationID
    }
}

extension CallOrder {
    /// Why an order ended that a client hung up while it waited.
    static let hungUp = "hung up before it was dialed"

    /// The order as it was accepted: everything decided that the client left open.
    init(_ order: PlaceCall, policy: CallPolicy) {
        // A join URL that must outlive a very long ring would hold its place at the platform as long.
        let join = order.ringTimeout > CallPolicy.longestEagerRing ? .onAnswer : order.join
        self.init(
            agentID: order.agentID,
            phoneNumber: order.phoneNumber,
            from: order.from ?? policy.from,
            ringTimeout: order.ringTimeout,
            maxDuration: order.maxDuration,
            machineDetection: order.machineDetection,
            record: order.record,
            join: join,
            templateContext: join == .onAnswer ? order.templateContext : [:],
            metadata: order.metadata,
            callbackURL: order.callbackURL,
            correlationID: order.correlationID
        )
    }
}
