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
    private let cache = Mutex<[AgentID: (agent: Agent, readAt: Timestamp)]>([:])

    package init(platform: any AgentPlatform, clock: any WallClock) {
        self.platform = platform
        self.clock = clock
    }

    /// The agent as it was at most ``freshness`` ago; a platform that must be asked has `patience` to answer.
    func recentAgent(_ id: AgentID, within patience: Duration) async throws(VendorFailure) -> Agent {
        let now = clock.now
        if let entry = cache.withLock({ $0[id] }), now - entry.readAt < Self.freshness, entry.readAt <= now {
            return entry.agent
        }
        return try await agent(id, within: patience)
    }

    /// Drops what is remembered of an agent, because the platform contradicted it.
    func forget(_ id: AgentID) {
        cache.withLock { $0[id] = nil }
    }

    package func agent(
        _ id: AgentID,
        within patience: Duration = CallPolicy.vendorPatience
    ) async throws(VendorFailure) -> Agent {
        do {
            return remember(try await platform.agent(id, within: patience))
        } catch {
            forget(id)
            throw error
        }
    }

    package func agents(search: String?, limit: Int, cursor: String?) async throws(VendorFailure) -> AgentPage {
        try await platform.agents(search: search, limit: limit, cursor: cursor)
    }

    package func create(_ configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        remember(try await platform.createAgent(configuration))
    }

    package func replace(_ id: AgentID, with configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        forget(id)
        let agent = try await platform.replaceAgent(id, with: configuration)
        return remember(agent)
    }

    package func delete(_ id: AgentID) async throws(VendorFailure) {
        forget(id)
        try await platform.deleteAgent(id)
        // A read that began before the deletion may have come back meanwhile.
        forget(id)
    }

    private func remember(_ agent: Agent) -> Agent {
        let now = clock.now
        cache.withLock { entries in
            if entries.count >= Self.capacity {
                entries = entries.filter { now - $0.value.readAt < Self.freshness }
            }
            if entries.count < Self.capacity { entries[agent.id] = (agent, now) }
        }
        return agent
    }
}
