import CallDomain
import CallFlow
import Hummingbird

/// `/agents`: manage agents at Ultravox.
struct AgentController {
    let agents: AgentDirectory
    let cursors: CursorCodec

    func addRoutes(to group: RouterGroup<GatewayContext>) {
        group.post("agents", use: create)
        group.get("agents", use: list)
        group.get("agents/{id}", use: read)
        group.put("agents/{id}", use: replace)
        group.delete("agents/{id}", use: delete)
    }

    @Sendable private func create(_ request: Request, context: GatewayContext) async throws -> Response {
        let configuration = try AgentConfiguration(request: try await request.jsonObject())
        let agent = try await naming(configuration) { () throws(VendorFailure) in try await agents.create(configuration)
        }
        return .json(.created, agent.json, headers: [.location: "/agents/\(agent.id.text)"])
    }

    @Sendable private func list(_ request: Request, context: GatewayContext) async throws -> Response {
        var query = QueryReader(request)
        let limit = query.limit()
        let search = query.text("search", maximum: AgentRules.search)
        let cursor = query.cursor(cursors, list: "agents")
        try query.finish()
        let page = try await agents.agents(search: search, limit: limit, cursor: cursor)
        return .json(
            .ok,
            [
                "data": .array(page.agents.map(\.json)),
                "next_cursor": .optional(page.nextCursor.map { cursors.seal($0, list: "agents") }),
            ]
        )
    }

    @Sendable private func read(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try context.agentID()
        return .json(.ok, try await found(id) { () throws(VendorFailure) in try await agents.agent(id) }.json)
    }

    @Sendable private func replace(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try context.agentID()
        let configuration = try AgentConfiguration(request: try await request.jsonObject())
        let agent = try await naming(configuration) { () throws(VendorFailure) in
            try await agents.replace(id, with: configuration)
        }
        return .json(.ok, agent.json)
    }

    @Sendable private func delete(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try context.agentID()
        try await found(id) { () throws(VendorFailure) in try await agents.delete(id) }
        return Response(status: .noContent)
    }

    /// A vendor's 404 is ours, without the vendor's words.
    private func found<Value>(_ id: AgentID, _ body: () async throws(VendorFailure) -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            if case .refused(let refusal) = error, refusal.status == 404 { throw Problem.noAgent(id.text) }
            throw error
        }
    }

    /// A name that is taken is the client's to change.
    private func naming<Value>(
        _ configuration: AgentConfiguration,
        _ body: () async throws(VendorFailure) -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            if refusal.status == 404 { throw Problem.notFound("No such agent. GET /agents lists all agents.") }
            if refusal.status == 400, refusal.message.hasPrefix("name:") {
                var problem = Problem.validation([
                    .init("name", String(refusal.message.dropFirst(5).drop { $0 == " " }))
                ])
                problem.upstream = refusal
                throw problem
            }
            throw error
        }
    }
}

extension GatewayContext {
    /// The agent of the path. Text that is not an agent id is not sent to the vendor.
    func agentID() throws -> AgentID {
        let text = parameters.get("id") ?? ""
        guard let id = AgentID(text) else { throw Problem.noAgent(text.printable) }
        return id
    }
}

extension Problem {
    fileprivate static func noAgent(_ id: String) -> Problem {
        .notFound("Agent \"\(id)\" does not exist. GET /agents lists all agents.")
    }
}
