package import CallDomain
import Synchronization

/// Agents, read through a short cache: an order needs its agent before any phone rings, and a busy agent gets many
/// orders.
package final class AgentDirectory: Sendable {
    /// How long a read agent is good.
    package static let freshness = Duration.seconds(30)
    private static let capacity = 1000

    private let platform: any AgentPlatform
    private let clock: any WallClock
    private let state = Mutex(State())

    private struct State {
        var entries: [AgentID: (agent: Agent, readAt: Timestamp)] = [:]
        /// How often something became doubtful. An answer to a question from before is not remembered.
        var changes = 0

        mutating func drop(_ id: AgentID) -> Int {
            entries[id] = nil
            changes += 1
            return changes
        }
    }

    package init(platform: any AgentPlatform, clock: any WallClock) {
        self.platform = platform
        self.clock = clock
    }

    /// The agent as it was at most ``freshness`` ago; a platform that must be asked has `patience` to answer.
    func recentAgent(_ id: AgentID, within patience: Duration) async throws(VendorFailure) -> Agent {
        let now = clock.now
        if let entry = state.withLock({ $0.entries[id] }), now - entry.readAt < Self.freshness, entry.readAt <= now {
            return entry.agent
        }
        return try await agent(id, within: patience)
    }

    /// Drops what is remembered of an agent, because the platform contradicted it.
    func forget(_ id: AgentID) { _ = drop(id) }

    package func agent(
        _ id: AgentID,
        within patience: Duration = CallPolicy.vendorPatience
    ) async throws(VendorFailure) -> Agent {
        let changes = state.withLock(\.changes)
        do {
            let agent = try await platform.agent(id, within: patience)
            remember(agent, ifStillAt: changes)
            return agent
        } catch {
            forget(id)
            throw error
        }
    }

    package func agents(search: String?, limit: Int, cursor: String?) async throws(VendorFailure) -> AgentPage {
        try await platform.agents(search: search, limit: limit, cursor: cursor)
    }

    package func create(_ configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        let changes = state.withLock(\.changes)
        let agent = try await platform.createAgent(configuration)
        remember(agent, ifStillAt: changes)
        return agent
    }

    package func replace(_ id: AgentID, with configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        let before = drop(id)
        let agent: Agent
        do {
            agent = try await platform.replaceAgent(id, with: configuration)
        } catch {
            forget(id)
            throw error
        }
        // Of two changes at the same time nobody knows which one stayed.
        let after = drop(id)
        if after == before + 1 { remember(agent, ifStillAt: after) }
        return agent
    }

    package func delete(_ id: AgentID) async throws(VendorFailure) {
        forget(id)
        defer { forget(id) }
        try await platform.deleteAgent(id)
    }

    private func drop(_ id: AgentID) -> Int { state.withLock { $0.drop(id) } }

    private func remember(_ agent: Agent, ifStillAt changes: Int) {
        let now = clock.now
        state.withLock { state in
            guard state.changes == changes else { return }
            if state.entries.count >= Self.capacity {
                state.entries = state.entries.filter { now - $0.value.readAt < Self.freshness }
            }
            if state.entries.count < Self.capacity { state.entries[agent.id] = (agent, now) }
        }
    }
}
