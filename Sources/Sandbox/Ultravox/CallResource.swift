import FoundationEssentials
import OrderedCollections

/// `/api/calls` and `/api/agents/{id}/calls`. <https://docs.ultravox.ai/agents/making-calls>
struct CallResource: Sendable {
    let core: SandboxCore

    func create(_ agentID: String, _ request: VendorRequest) throws(UltravoxProblem) -> VendorAnswer {
        let (found, address) = core.state.read { ($0.agents[agentID], $0.ultravoxAddress ?? "") }
        guard let agent = found else { throw .notFound }
        let body = try AgentCallRequest(try request.jsonObject())
        let call = try body.call(agent, address: address)
        core.state.update { $0.agentCalls[call.id] = call }
        let conversation = Conversation(core: core, call: call)
        core.jobs.add { await conversation.run() }
        return .json(call.json, status: 201)
    }

    func list(_ request: VendorRequest, agentID: String?) -> VendorAnswer {
        let query = request.query
        let state = core.state.value
        let agents = agentID.map { [$0] } ?? query.all("agentIds")
        let metadata = query.compactMap { parameter -> (name: String, value: String)? in
            guard parameter.name.hasPrefix("metadata.") else { return nil }
            return (String(parameter.name.dropFirst("metadata.".count)), parameter.value)
        }
        let from = query["fromDate"].flatMap { VendorTime.parse($0) }
        let to = query["toDate"].flatMap { VendorTime.parse($0) }
        let admitted = state.agentCalls.values.filter { call in
            !call.isDeleted && (agents.isEmpty || agents.contains(call.agentID))
                && metadata.allSatisfy { wanted in call.metadata.contains { $0 == wanted } }
                && (from.map { call.created >= $0.date } ?? true)
                && (to.map { call.created < $0.date.addingTimeInterval($0.isDay ? 86400 : 1) } ?? true)
        }
        let sorted = query["sort"] == "created" ? admitted : admitted.reversed()
        return UltravoxPage(request, address: state.ultravoxAddress).answer(sorted.map { ($0.id, $0.json) })
    }

    func read(_ id: String) throws(UltravoxProblem) -> VendorAnswer { .json(try call(id).json) }

    func messages(_ id: String, _ request: VendorRequest) throws(UltravoxProblem) -> VendorAnswer {
        let messages = try call(id).messages
        let entries = messages.enumerated().map { (id: "\($0.offset)", json: $0.element) }
        return UltravoxPage(request, address: core.state.read { $0.ultravoxAddress }).answer(entries)
    }

    /// A live call cannot be deleted; a call that nobody has joined yet ends without a webhook.
    func delete(_ id: String) throws(UltravoxProblem) -> VendorAnswer {
        let call = try call(id)
        let isDeleted = core.state.update { state in
            guard state.agentCalls[id]?.isLive == false else { return false }
            state.agentCalls[id]?.isDeleted = true
            return true
        }
        guard isDeleted else { throw .detail("An ongoing call cannot be deleted.") }
        call.line.post(.ended)
        return .noContent
    }

    /// <https://docs.ultravox.ai/apps/datamessages>
    func send(_ id: String, _ request: VendorRequest) throws(UltravoxProblem) -> VendorAnswer {
        let call = try call(id)
        let message = try request.jsonObject()
        guard let type = message["type"]?.string else { throw .field("type", "This field is required.") }
        guard ["hang_up", "user_text_message", "forced_agent_message"].contains(type) else {
            throw .field("type", "Unsupported message type: \(type)")
        }
        guard call.isLive else { throw .detail("The call is not active.", status: 422) }
        let media = UltravoxMedia(core: core)
        switch type {
        case "hang_up":
            if let words = message["message"]?.string { media.say(words, role: .agent, in: id) }
            guard media.end(id, .agentHangup) else { throw .detail("The call is not active.", status: 422) }
        case "forced_agent_message":
            media.say(message["content"]?.string ?? "", role: .agent, in: id)
        default:
            media.say(message["text"]?.string ?? "", role: .user, medium: "MESSAGE_MEDIUM_TEXT", in: id)
        }
        return .noContent
    }

    private func call(_ id: String) throws(UltravoxProblem) -> AgentCall {
        guard let call = core.state.read({ $0.agentCalls[id] }), !call.isDeleted else { throw .notFound }
        return call
    }
}
