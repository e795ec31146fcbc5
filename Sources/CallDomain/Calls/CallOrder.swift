/// What a client asked for: the body of `POST /calls/{agent_id}`, complete and checked.
package struct CallOrder: Sendable, Equatable {
    /// Whether, and how, Twilio listens for an answering machine; always its asynchronous kind.
    package enum MachineDetection: String, Sendable, CaseIterable {
        case off
        /// Report the verdict.
        case detect
        /// Report the verdict and end the call if it is a machine.
        case hangUp = "hang_up"
    }

    /// When the agent's side of the conversation is prepared.
    package enum Join: String, Sendable, CaseIterable {
        /// Before the phone rings, so that the agent is there at the first "hello".
        case eager
        /// When the callee answers: nothing is held at the agent platform while it rings.
        case onAnswer = "on_answer"
    }

    package var agentID: AgentID
    package var phoneNumber: PhoneNumber
    /// The caller id.
    package var from: PhoneNumber
    /// How long it rings, 5 to 600 s.
    package var ringTimeout: Duration
    /// Upper bound of the conversation; `nil` leaves it to the agent.
    package var maxDuration: Duration?
    package var machineDetection: MachineDetection
    /// Twilio's recording.
    package var record: Bool
    package var join: Join
    /// As the client gave it: the agent's defaults are those of the moment at which the conversation is prepared. Kept
    /// only where that is when the callee answers.
    package var templateContext: JSONObject
    /// The client's own notes, given back with the call: strings by name.
    package var metadata: JSONObject
    /// Where the call's events are to be sent.
    package var callbackURL: String?
    /// The id of the request that ordered the call: every log line that the call causes has it.
    package var correlationID: String?

    package init(
        agentID: AgentID,
        phoneNumber: PhoneNumber,
        from: PhoneNumber,
        ringTimeout: Duration,
        maxDuration: Duration? = nil,
        machineDetection: MachineDetection = .off,
        record: Bool = false,
        join: Join = .eager,
        templateContext: JSONObject = [:],
        metadata: JSONObject = [:],
        callbackURL: String? = nil,
        correlationID: String? = nil
    ) {
        self.agentID = agentID
        self.phoneNumber = phoneNumber
        self.from = from
        self.ringTimeout = ringTimeout
        self.maxDuration = maxDuration
        self.machineDetection = machineDetection
        self.record = record
        self.join = join
        self.templateContext = templateContext
        self.metadata = metadata
        self.callbackURL = callbackURL
        self.correlationID = correlationID
    }
}
