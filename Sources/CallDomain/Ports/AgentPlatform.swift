/// Where agents live and talk: Ultravox.
package protocol AgentPlatform: Sendable {
    func createAgent(_ configuration: AgentConfiguration) async throws(VendorFailure) -> Agent
    /// One page of 1 to 200 agents, from ``AgentPage/nextCursor`` of the page before.
    func agents(search: String?, limit: Int, cursor: String?) async throws(VendorFailure) -> AgentPage
    /// Waits for an answer no longer than `patience`, and never longer than the platform's own limit.
    /// - Throws: `.refused` with status 404 if there is none.
    func agent(_ id: AgentID, within patience: Duration) async throws(VendorFailure) -> Agent
    /// Sets every field of the configuration and keeps what it does not name.
    func replaceAgent(_ id: AgentID, with configuration: AgentConfiguration) async throws(VendorFailure) -> Agent
    func deleteAgent(_ id: AgentID) async throws(VendorFailure)

    /// Prepares a conversation that a phone call can join.
    func createAgentCall(_ request: AgentCallRequest) async throws(VendorFailure) -> AgentCall
    func deleteAgentCall(_ id: UltravoxCallID) async throws(VendorFailure)
    /// Ends a conversation that somebody has joined.
    func endAgentCall(_ id: UltravoxCallID) async throws(VendorFailure)
    /// What was said, in order: one page of 1 to 200 messages, from ``ConversationPage/nextCursor`` of the page before.
    /// Their times need `joinedAt`; it is looked up where it is `nil`.
    func messages(
        of id: UltravoxCallID,
        joinedAt: Timestamp?,
        limit: Int,
        cursor: String?
    ) async throws(VendorFailure) -> ConversationPage
    /// Proves that the platform can be reached and takes our key, at little cost; waits for an answer no longer than
    /// `patience`, and never longer than for any other.
    func checkAccess(within patience: Duration) async throws(VendorFailure)
}

extension AgentPlatform {
    /// How long any answer of the platform is waited for.
    package static var longestWait: Duration { .seconds(10) }

    package func agent(_ id: AgentID) async throws(VendorFailure) -> Agent {
        try await agent(id, within: Self.longestWait)
    }

    package func checkAccess() async throws(VendorFailure) { try await checkAccess(within: Self.longestWait) }
}

/// What an agent call needs.
package struct AgentCallRequest: Sendable, Equatable {
    /// Our id: Ultravox gives it back in every webhook.
    package var callID: CallID
    package var agent: Agent
    /// Complete: defaults filled in, nothing undeclared.
    package var templateContext: JSONObject
    /// How long the join URL must be good.
    package var joinTimeout: Duration
    package var maxDuration: Duration
    /// How long to wait for the answer at most.
    package var patience: Duration
    /// Identifies the conversation in the logs of the client that ordered it.
    package var correlationID: String?

    package init(
        callID: CallID,
        agent: Agent,
        templateContext: JSONObject,
        joinTimeout: Duration,
        maxDuration: Duration,
        patience: Duration = .seconds(10),
        correlationID: String? = nil
    ) {
        self.callID = callID
        self.agent = agent
        self.templateContext = templateContext
        self.joinTimeout = joinTimeout
        self.maxDuration = maxDuration
        self.patience = patience
        self.correlationID = correlationID
    }
}
