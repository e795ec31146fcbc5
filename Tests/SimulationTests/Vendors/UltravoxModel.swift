import CallDomain

/// Ultravox: what it was asked, the conversations that it has, and the webhooks that it sends by itself.
final class UltravoxModel: AgentPlatform {
    struct Talk: Sendable {
        enum Phase: Sendable { case waiting, joined, ended, deleted }

        let agentCall: AgentCall
        let callID: CallID
        let agentID: AgentID
        let createdAt: Timestamp
        /// By the monotonic clock.
        let joinBy: Duration
        var phase = Phase.waiting
        var joinedAt: Timestamp?
    }

    private struct State {
        var agents: [AgentID: Agent.Status] = [:]
        var needsName = false
        var talks: [UltravoxCallID: Talk] = [:]
        /// In the order of their creation.
        var order: [UltravoxCallID] = []
        var byURL: [JoinURL: UltravoxCallID] = [:]
        var createdFor: [CallID: Int] = [:]
        /// Calls that somebody wants to erase.
        var unwanted: Set<CallID> = []
        var deliver: @Sendable (ConversationReport) -> Void = { _ in }
    }

    let wire: Wire
    private let world: SerialWorld
    private let courier: Courier
    private let chronicle: Chronicle
    private let bits: SeededBits
    private let state: Confined<State>

    static let agentIDs = [
        AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"),
        AgentID("0b9d7f10-55aa-4a61-8a1e-2f00aa11bb22"),
    ].compactMap(\.self)

    init(world: SerialWorld, courier: Courier, chronicle: Chronicle, seed: UInt64) {
        self.world = world
        self.courier = courier
        self.chronicle = chronicle
        wire = Wire(.ultravox, world: world, chronicle: chronicle, seed: seed)
        bits = SeededBits(seed: seed, for: "Ultravox")
        state = Confined(State(), to: world.thread)
        world.thread.run { for id in Self.agentIDs { state.value.agents[id] = .active } }
    }

    /// Where webhooks go.
    func connect(to deliver: @escaping @Sendable (ConversationReport) -> Void) { state.value.deliver = deliver }

    /// Somebody wants the call erased: its conversation may be asked for at any time.
    func expectErasure(of id: CallID) { state.value.unwanted.insert(id) }

    // MARK: What somebody does in the console

    /// An agent becomes a draft, is deleted, or is as it was; or its variables change.
    func meddle(calmly: Bool) {
        for id in Self.agentIDs { state.value.agents[id] = .active }
        state.value.needsName = false
        guard !calmly else { return }
        switch bits.below(4) {
        case 0: state.value.agents[bits.element(Self.agentIDs)] = .draft
        case 1: state.value.agents[bits.element(Self.agentIDs)] = nil
        case 2: state.value.needsName = true
        default: break
        }
    }

    // MARK: What Twilio's media stream does

    /// - Returns: the id of the order that the conversation was made for, if it can be joined.
    func join(_ url: JoinURL) -> CallID? {
        guard let id = state.value.byURL[url], var talk = state.value.talks[id], talk.phase == .waiting,
            world.time.elapsed <= talk.joinBy
        else { return nil }
        talk.phase = .joined
        talk.joinedAt = world.time.trueTime
        state.value.talks[id] = talk
        report(.joined, talk)
        return talk.callID
    }

    func leave(_ url: JoinURL, byAgent: Bool) {
        guard let id = state.value.byURL[url], let talk = state.value.talks[id], talk.phase == .joined else { return }
        end(talk, byAgent ? "agent_hangup" : "hangup")
    }

    private func end(_ talk: Talk, _ reason: String) {
        state.value.talks[talk.agentCall.ultravoxCallID]?.phase = .ended
        let endedAt = world.time.trueTime
        report(.ended, talk, endedAt: endedAt, reason: reason)
        guard talk.joinedAt != nil else { return }
        world.after(bits.duration(1000...20_000)) { [self] in
            report(.billed, talk, endedAt: endedAt, reason: reason, billed: 30)
        }
    }

    private func report(
        _ event: ConversationReport.Event,
        _ talk: Talk,
        endedAt: Timestamp? = nil,
        reason: String? = nil,
        billed: Int? = nil
    ) {
        let report = ConversationReport(
            ultravoxCallID: talk.agentCall.ultravoxCallID,
            event: event,
            callID: talk.callID,
            createdAt: talk.createdAt,
            joinedAt: talk.joinedAt,
            endedAt: endedAt,
            endReason: reason,
            billedDuration: billed,
            agentID: talk.agentID
        )
        courier.send(event.rawValue, talk.callID.text) { [self] in state.value.deliver(report) }
    }

    // MARK: AgentPlatform

    private func agentOfNow(_ id: AgentID) -> Result<Agent, VendorFailure> {
        guard let status = state.value.agents[id] else {
            return .failure(.refused(VendorRefusal(vendor: .ultravox, status: 404, message: "not found")))
        }
        let names = state.value.needsName ? ["name"] : []
        let schema = ContextSchema(
            variables: JSONObject(names.map { ($0, .null) }) { $1 },
            required: names,
            isClosed: false
        )
        let configuration = AgentConfiguration(name: "reminder", prompt: "Be kind.", maxDuration: .seconds(120))
        return .success(
            Agent(
                id: id,
                configuration: configuration,
                status: status,
                createdAt: nil,
                updatedAt: nil,
                contextSchema: schema
            )
        )
    }

    func agent(_ id: AgentID, within patience: Duration) async throws(VendorFailure) -> Agent {
        try await wire.send(
            Wire.Exchange(
                request: .agent,
                about: id.text,
                patience: min(patience, Self.longestWait),
                act: { [self] in agentOfNow(id) }
            )
        )
    }

    func createAgentCall(_ request: AgentCallRequest) async throws(VendorFailure) -> AgentCall {
        let deadline = world.time.now + request.joinTimeout
        return try await wire.send(
            Wire.Exchange(
                request: .agentCall,
                about: request.callID.text,
                patience: min(request.patience, Self.longestWait),
                act: { [self] in create(request, deadline) },
                foreign: { [self] in state.value.order.last.flatMap { state.value.talks[$0]?.agentCall } }
            )
        )
    }

    private func create(_ request: AgentCallRequest, _ deadline: Timestamp) -> Result<AgentCall, VendorFailure> {
        switch agentOfNow(request.agent.id) {
        case .failure(let failure): return .failure(failure)
        case .success(let agent):
            guard agent.status == .active else {
                return .failure(.refused(VendorRefusal(vendor: .ultravox, status: 400, message: "a draft")))
            }
        }
        let id = UltravoxCallID.drawn(bits)
        guard let url = JoinURL("wss://voice.ultravox.ai/calls/\(id.text)/telephony") else {
            preconditionFailure("not a join URL")
        }
        let agentCall = AgentCall(ultravoxCallID: id, joinURL: url, joinDeadline: deadline)
        let talk = Talk(
            agentCall: agentCall,
            callID: request.callID,
            agentID: request.agent.id,
            createdAt: world.time.trueTime,
            joinBy: world.time.elapsed + request.joinTimeout
        )
        state.value.talks[id] = talk
        state.value.order.append(id)
        state.value.byURL[url] = id
        state.value.createdFor[request.callID, default: 0] += 1
        chronicle.note("ultravox", "created \(id.text) for \(request.callID.text)")
        if state.value.createdFor[request.callID, default: 0] > 1 {
            chronicle.violate(.oneConversation, "a second conversation for \(request.callID.text)")
        }
        report(.started, talk)
        world.after(request.joinTimeout) { [self] in
            if let talk = state.value.talks[id], talk.phase == .waiting { end(talk, "unjoined") }
        }
        return .success(agentCall)
    }

    func deleteAgentCall(_ id: UltravoxCallID) async throws(VendorFailure) {
        try await wire.send(
            Wire.Exchange(
                request: .deleteAgentCall,
                about: id.text,
                act: { [self] () -> Result<Void, VendorFailure> in
                    let talk = state.value.talks[id]
                    if let talk, talk.phase == .joined, state.value.unwanted.contains(talk.callID) {
                        let message = "An ongoing call cannot be deleted."
                        return .failure(.refused(VendorRefusal(vendor: .ultravox, status: 400, message: message)))
                    }
                    chronicle.note("ultravox", "deleted \(id.text)")
                    if talk?.phase == .joined {
                        chronicle.violate(.oneConversation, "\(id.text) was deleted while somebody talks")
                    }
                    state.value.talks[id]?.phase = .deleted
                    return .success(())
                }
            )
        )
    }

    func endAgentCall(_ id: UltravoxCallID) async throws(VendorFailure) {
        try await wire.send(
            Wire.Exchange(
                request: .deleteAgentCall,
                about: "end \(id.text)",
                act: { [self] in
                    if let talk = state.value.talks[id], talk.phase == .joined { end(talk, "api_hangup") }
                    return .success(())
                }
            )
        )
    }

    func messages(
        of id: UltravoxCallID,
        joinedAt: Timestamp?,
        limit: Int,
        cursor: String?
    ) async throws(VendorFailure) -> ConversationPage {
        try await wire.send(
            Wire.Exchange(
                request: .messages,
                about: id.text,
                act: { .success(ConversationPage(messages: [], nextCursor: nil)) }
            )
        )
    }

    func checkAccess(within patience: Duration) async throws(VendorFailure) {
        try await wire.send(
            Wire.Exchange(request: .check, about: "ultravox", patience: patience, act: { .success(()) })
        )
    }

    func createAgent(_ configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        try await agent(Self.agentIDs[0], within: Self.longestWait)
    }

    func agents(search: String?, limit: Int, cursor: String?) async throws(VendorFailure) -> AgentPage {
        AgentPage(agents: [try await agent(Self.agentIDs[0], within: Self.longestWait)], nextCursor: nil)
    }

    func replaceAgent(_ id: AgentID, with configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        try await agent(id, within: Self.longestWait)
    }

    func deleteAgent(_ id: AgentID) async throws(VendorFailure) {
        _ = try await agent(id, within: Self.longestWait)
    }
}
