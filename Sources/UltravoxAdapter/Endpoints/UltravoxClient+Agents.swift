package import CallDomain
import HTTPTypes
import Logging
import OutboundHTTP

extension UltravoxClient {
    /// `POST /api/agents`.
    ///
    /// A name that is taken is `.refused` with a message that starts with `name: `.
    package func createAgent(_ configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        let body: JSONValue = [
            "name": .string(configuration.name), "callTemplate": .object(CallTemplate(configuration).members),
        ]
        let answer: OutboundResponse
        do {
            answer = try await exchange(.post, "/api/agents", body: body, endpoint: "POST /api/agents")
        } catch {
            throw error.namingTakenName
        }
        return try agent(try object(in: answer), answer)
    }

    /// `GET /api/agents`: up to two pages, because ours may be larger than Ultravox's.
    ///
    /// A page may be shorter than `limit` before the end of the list, where agents are large or have no readable id.
    package func agents(search: String?, limit: Int, cursor: String?) async throws(VendorFailure) -> AgentPage {
        let query = search.flatMap { $0.isEmpty ? nil : [("search", $0)] } ?? []
        var agents: [Agent] = []
        var cursor = cursor
        for _ in 0..<2 {
            let page = try await page(
                "/api/agents",
                query: query,
                size: limit - agents.count,
                cursor: cursor,
                endpoint: "GET /api/agents"
            )
            let readable = page.results.compactMap { Agent(json: $0) }
            if readable.count < page.results.count {
                logger.warning(
                    "agents without a readable id left out of a list",
                    metadata: ["agents": "\(page.results.count - readable.count)"]
                )
            }
            agents += readable
            cursor = page.nextCursor
            if page.results.isEmpty || cursor == nil || agents.count >= limit { break }
        }
        return AgentPage(agents: agents, nextCursor: cursor)
    }

    /// `GET /api/agents/{agent_id}`.
    package func agent(_ id: AgentID, within patience: Duration) async throws(VendorFailure) -> Agent {
        let answer = try await exchange(.get, path(of: id), endpoint: "GET /api/agents/{agent_id}", within: patience)
        return try agent(try object(in: answer), answer, expecting: id)
    }

    /// `GET` and `PATCH /api/agents/{agent_id}`: Ultravox has no PUT, and its PATCH replaces the template as a whole.
    ///
    /// What we do not model is sent back as it was read. Secrets of data connections (`sharedSecrets`) cannot be read,
    /// so they are lost.
    package func replaceAgent(
        _ id: AgentID,
        with configuration: AgentConfiguration
    ) async throws(VendorFailure) -> Agent {
        let current = try await exchange(.get, path(of: id), endpoint: "GET /api/agents/{agent_id}")
        let found = try wholeObject(in: current)
        _ = try agent(found, current, expecting: id)
        let template =
            if let members = found["callTemplate"]?.objectValue {
                CallTemplate(members).setting(configuration)
            } else {
                CallTemplate(configuration)
            }
        let body: JSONValue = ["name": .string(configuration.name), "callTemplate": .object(template.members)]
        let answer: OutboundResponse
        do {
            answer = try await exchange(.patch, path(of: id), body: body, endpoint: "PATCH /api/agents/{agent_id}")
        } catch {
            throw error.namingTakenName
        }
        return try agent(try object(in: answer), answer, expecting: id)
    }

    /// `DELETE /api/agents/{agent_id}`.
    package func deleteAgent(_ id: AgentID) async throws(VendorFailure) {
        _ = try await exchange(.delete, path(of: id), endpoint: "DELETE /api/agents/{agent_id}")
    }

    private func path(of id: AgentID) -> String { "/api/agents/\(id.text)" }

    private func agent(
        _ json: JSONValue,
        _ answer: OutboundResponse,
        expecting expected: AgentID? = nil
    ) throws(VendorFailure) -> Agent {
        guard let agent = Agent(json: json), expected == nil || agent.id == expected else {
            throw nonsense(answer, "the answer is a different agent")
        }
        return agent
    }
}

extension VendorFailure {
    /// The same failure, with the field in front if Ultravox says that a name is taken and does not say where.
    fileprivate var namingTakenName: VendorFailure {
        guard case .refused(var refusal) = self, refusal.status == 400, !refusal.message.hasPrefix("name: "),
            refusal.message.lowercased().contains("already exists")
        else { return self }
        refusal.message = "name: " + refusal.message
        return .refused(refusal)
    }
}
