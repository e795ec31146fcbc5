import HTTPTypes
import OrderedCollections

/// Ultravox's REST API: agents, calls, voices, models and the account.
/// <https://docs.ultravox.ai/api-reference/introduction>
struct UltravoxAPI: Sendable {
    let core: SandboxCore

    /// Answers one request; never waits.
    @Sendable func answer(_ request: VendorRequest) -> VendorAnswer {
        do {
            return try route(request)
        } catch {
            return error.answer
        }
    }

    private func route(_ request: VendorRequest) throws(UltravoxProblem) -> VendorAnswer {
        guard request.headers[.known("X-API-Key")] == core.configuration.ultravoxAPIKey else { throw .invalidKey }
        guard request.segments.first == "api" else { throw .notFound }
        let path = Array(request.segments.dropFirst())
        switch path.first {
        case "agents": return try agents(request, Array(path.dropFirst()))
        case "calls": return try calls(request, Array(path.dropFirst()))
        case "accounts" where path == ["accounts", "me"]: return try only(request) { .json(account) }
        case "voices" where path.count == 1: return try only(request) { page(request, UltravoxCatalog.voices) }
        case "models" where path.count == 1: return try only(request) { page(request, UltravoxCatalog.models) }
        default: throw .notFound
        }
    }

    private func only(
        _ request: VendorRequest,
        _ answer: () -> VendorAnswer
    ) throws(UltravoxProblem) -> VendorAnswer {
        guard request.method == .get else { throw .methodNotAllowed(request.method.rawValue) }
        return answer()
    }

    private func page(_ request: VendorRequest, _ entries: [(id: String, json: JSON)]) -> VendorAnswer {
        let search = request.query["search"]?.lowercased()
        let found = entries.filter { entry in
            search.map { entry.json["name"]?.string?.lowercased().contains($0) == true } ?? true
        }
        return UltravoxPage(request, address: core.state.read { $0.ultravoxAddress }).answer(found)
    }

    private func agents(_ request: VendorRequest, _ path: [String]) throws(UltravoxProblem) -> VendorAnswer {
        let agents = AgentResource(core: core)
        switch (path.count, request.method) {
        case (0, .get): return agents.list(request)
        case (0, .post): return try agents.create(request)
        case (1, .get): return try agents.read(path[0])
        case (1, .patch): return try agents.patch(path[0], request)
        case (1, .delete): return try agents.delete(path[0])
        case (2, .get) where path[1] == "calls":
            _ = try agents.read(path[0])
            return CallResource(core: core).list(request, agentID: path[0])
        case (2, .post) where path[1] == "calls":
            return try CallResource(core: core).create(path[0], request)
        case (0...1, _): throw .methodNotAllowed(request.method.rawValue)
        case (2, _) where path[1] == "calls": throw .methodNotAllowed(request.method.rawValue)
        default: throw .notFound
        }
    }

    private func calls(_ request: VendorRequest, _ path: [String]) throws(UltravoxProblem) -> VendorAnswer {
        let calls = CallResource(core: core)
        switch (path.count, request.method) {
        case (0, .get): return calls.list(request, agentID: nil)
        case (1, .get): return try calls.read(path[0])
        case (1, .delete): return try calls.delete(path[0])
        case (2, .get) where path[1] == "messages": return try calls.messages(path[0], request)
        case (2, .post) where path[1] == "send_data_message": return try calls.send(path[0], request)
        case (0...1, _): throw .methodNotAllowed(request.method.rawValue)
        case (2, _) where ["messages", "send_data_message"].contains(path[1]):
            throw .methodNotAllowed(request.method.rawValue)
        default: throw .notFound
        }
    }

    private var account: JSON {
        let active = core.state.read { state in
            state.agentCalls.values.count { $0.ended == nil && !$0.isDeleted }
        }
        return [
            "accountId": "0a1f5a7e-6a0d-4d6f-9f5e-3a1c2b4d5e6f", "name": "Sandbox", "billingUrl": "",
            "freeTimeUsed": "0s", "freeTimeRemaining": "1800s", "hasActiveSubscription": true,
            "subscriptionTier": "PAY_AS_YOU_GO", "subscriptionCadence": nil, "subscriptionExpiration": nil,
            "subscriptionScheduledUpdate": nil, "subscriptionRenewal": nil, "activeCalls": .int(active),
            "allowedConcurrentCalls": nil, "allowedVoices": nil, "allowedCorpora": nil,
        ]
    }
}

extension VendorRequest {
    /// The body as a JSON object; an empty body is an empty object.
    func jsonObject() throws(UltravoxProblem) -> JSON {
        guard !body.isEmpty else { return [:] }
        do {
            let json = try JSON(parsing: body)
            guard json.object != nil else { throw UltravoxProblem.detail("Expected a JSON object") }
            return json
        } catch let problem as UltravoxProblem {
            throw problem
        } catch {
            throw .detail("JSON parse error")
        }
    }
}
