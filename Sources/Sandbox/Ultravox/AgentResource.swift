import OrderedCollections

/// `/api/agents`. <https://docs.ultravox.ai/agents/building-and-editing-agents>
struct AgentResource: Sendable {
    let core: SandboxCore

    func list(_ request: VendorRequest) -> VendorAnswer {
        let state = core.state.value
        let search = request.query["search"]?.lowercased()
        let found = state.agents.values.reversed().filter { agent in
            search.map { agent.name.lowercased().contains($0) } ?? true
        }
        return UltravoxPage(request, address: state.ultravoxAddress)
            .answer(found.map { ($0.id, json($0, state)) })
    }

    func read(_ id: String) throws(UltravoxProblem) -> VendorAnswer {
        let state = core.state.value
        guard let agent = state.agents[id] else { throw .notFound }
        return .json(json(agent, state))
    }

    /// Unknown top-level keys are ignored; without `callTemplate` the agent is a draft.
    func create(_ request: VendorRequest) throws(UltravoxProblem) -> VendorAnswer {
        let body = try request.jsonObject()
        guard let name = body["name"] else { throw .field("name", "This field is required.") }
        let checked = try Self.name(name)
        let agent = VoiceAgent(name: checked, template: try template(body))
        return try change { state throws(UltravoxProblem) in
            try Self.refuseTaken(checked, except: nil, state)
            state.agents[agent.id] = agent
            return .json(json(agent, state), status: 201)
        }
    }

    /// Replaces `callTemplate` as a whole, if the body has one.
    func patch(_ id: String, _ request: VendorRequest) throws(UltravoxProblem) -> VendorAnswer {
        let body = try request.jsonObject()
        var name: String?
        if let given = body["name"] { name = try Self.name(given) }
        let template = try template(body)
        return try change { state throws(UltravoxProblem) in
            guard var agent = state.agents[id] else { throw .notFound }
            if let name {
                try Self.refuseTaken(name, except: id, state)
                agent.name = name
            }
            if let template { agent.replaceTemplate(template) }
            state.agents[id] = agent
            return .json(json(agent, state))
        }
    }

    func delete(_ id: String) throws(UltravoxProblem) -> VendorAnswer {
        guard core.state.update({ $0.agents.removeValue(forKey: id) }) != nil else { throw .notFound }
        return .noContent
    }

    private func change(
        _ body: (inout SandboxState) throws(UltravoxProblem) -> VendorAnswer
    ) throws(UltravoxProblem) -> VendorAnswer {
        let result: Result<VendorAnswer, UltravoxProblem> = core.state.update { state in
            do throws(UltravoxProblem) {
                return .success(try body(&state))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func json(_ agent: VoiceAgent, _ state: SandboxState) -> JSON {
        agent.json(calls: state.agentCalls.values.count { $0.agentID == agent.id && !$0.isDeleted })
    }

    private static func name(_ json: JSON) throws(UltravoxProblem) -> String {
        guard let name = json.string, name.wholeMatch(of: /[a-zA-Z0-9_-]{1,64}/) != nil else {
            throw .field("name", "This value does not match the required pattern ^[a-zA-Z0-9_-]{1,64}$.")
        }
        return name
    }

    private static func refuseTaken(
        _ name: String,
        except id: String?,
        _ state: SandboxState
    ) throws(UltravoxProblem) {
        if state.agents.values.contains(where: { $0.name == name && $0.id != id }) {
            throw .field("name", "An agent with the name \(name) already exists.")
        }
    }

    private func template(_ body: JSON) throws(UltravoxProblem) -> JSON? {
        guard let given = body["callTemplate"], given != .null else { return nil }
        guard let message = ProtoMessage.named("CallTemplate") else { throw .detail("Server error", status: 500) }
        let template = try message.parse(given)
        try CallSettings.check(template)
        if template["voice"] != nil, template["externalVoice"] != nil {
            throw .detail("Only one of voice and externalVoice may be set")
        }
        return template
    }
}
