package import CallDomain
import Synchronization

/// Agents, read through a short cache: an order needs its agent before any phone rings, and a busy agent gets many
/// orders.
package final class AgentDirectory: Sendable {
    /// How long a read agent is good.
    package static let freshness = Duration.seconds(30)
    private static let capacity = 1000

    /// One request to the platform, shared by all callers that need it at the same time.
    private struct Question: Hashable {
        let id: AgentID
        let patience: Duration
        let work: WorkClass
    }

    private struct State {
        var entries: [AgentID: (agent: Agent, readAt: Moment)] = [:]
        /// Requests in progress, by number. If a request is missing here when its answer arrives, the agent was changed
        /// meanwhile, and the answer is not cached.
        var open: [AgentID: Set<Int>] = [:]
        /// The request in progress that further callers may join.
        var joinable: [Question: Int] = [:]
        var next = 0

        mutating func begin(_ id: AgentID) -> Int {
            defer { next += 1 }
            open[id, default: []].insert(next)
            return next
        }

        /// Returns whether nothing has changed since it began.
        mutating func end(_ number: Int, _ id: AgentID) -> Bool {
            let isCurrent = open[id]?.remove(number) != nil
            if open[id]?.isEmpty == true { open[id] = nil }
            return isCurrent
        }

        /// Either the cached agent, or the number of the request to send or to join.
        mutating func join(_ question: Question, now: Moment) -> (agent: Agent?, number: Int) {
            if let agent = recent(question.id, now: now) { return (agent, 0) }
            if let number = joinable[question] { return (nil, number) }
            let number = begin(question.id)
            joinable[question] = number
            return (nil, number)
        }

        func recent(_ id: AgentID, now: Moment) -> Agent? {
            guard let entry = entries[id], now - entry.readAt < AgentDirectory.freshness else { return nil }
            return entry.agent
        }

        mutating func drop(_ id: AgentID) {
            entries[id] = nil
            open[id] = nil
            joinable = joinable.filter { $0.key.id != id }
        }

        mutating func remember(_ agent: Agent, now: Moment) {
            if entries.count >= AgentDirectory.capacity {
                entries = entries.filter { now - $0.value.readAt < AgentDirectory.freshness }
            }
            if entries.count < AgentDirectory.capacity { entries[agent.id] = (agent, now) }
        }
    }

    private let platform: GuardedPlatform
    private let clock: any TimeSource
    private let state = Mutex(State())
    private let reads = SingleFlight<Int, Result<Agent, VendorFailure>>()

    init(platform: GuardedPlatform, clock: any TimeSource) {
        self.platform = platform
        self.clock = clock
    }

    /// The agent as it was at most ``freshness`` ago; a platform that must be asked has `patience` to answer.
    func recentAgent(
        _ id: AgentID,
        within patience: Duration,
        for work: WorkClass = .dial
    ) async throws(VendorFailure) -> Agent {
        let question = Question(id: id, patience: patience, work: work)
        let (agent, number) = state.withLock { $0.join(question, now: clock.moment) }
        if let agent { return agent }
        return try await reads.value(for: number) {
            // A caller that was about to join the request may arrive just after its answer.
            if let agent = state.withLock({ $0.recent(id, now: clock.moment) }) { return .success(agent) }
            return await read(question, number)
        }.get()
    }

    /// The agent for an order that was accepted at `time` and whose turn has come.
    ///
    /// A change through us is known at once. One made elsewhere is seen when what was read for the order, or since, is
    /// older than ``freshness``: an order that waited for less needs no other request.
    func agentAtTurn(_ id: AgentID, ofOrderAt time: Moment) async throws(VendorFailure) -> Agent {
        if clock.moment - time < Self.freshness, let known = state.withLock({ $0.entries[id]?.agent }) {
            return known
        }
        return try await recentAgent(id, within: CallPolicy.vendorPatience)
    }

    /// The agent as it was last read, however long ago; the platform is not asked.
    func lastRead(_ id: AgentID) -> Agent? { state.withLock { $0.entries[id]?.agent } }

    /// Removes an agent from the cache, because the platform contradicted it.
    func forget(_ id: AgentID) { state.withLock { $0.drop(id) } }

    /// The agent as it is.
    package func agent(_ id: AgentID) async throws(VendorFailure) -> Agent {
        let question = Question(id: id, patience: CallPolicy.vendorPatience, work: .other)
        let number = state.withLock { $0.begin(id) }
        return try await read(question, number).get()
    }

    private func read(_ question: Question, _ number: Int) async -> Result<Agent, VendorFailure> {
        let id = question.id
        defer {
            state.withLock { if $0.joinable[question] == number { $0.joinable[question] = nil } }
        }
        do throws(VendorFailure) {
            let agent = try await platform.agent(id, within: question.patience, for: question.work)
            let now = clock.moment
            state.withLock { if $0.end(number, id) { $0.remember(agent, now: now) } }
            return .success(agent)
        } catch {
            state.withLock {
                _ = $0.end(number, id)
                // Without a connection the platform was not asked, which says nothing of the agent.
                if case .noConnection = error {} else { $0.drop(id) }
            }
            return .failure(error)
        }
    }

    package func agents(search: String?, limit: Int, cursor: String?) async throws(VendorFailure) -> AgentPage {
        try await platform.agents(search: search, limit: limit, cursor: cursor)
    }

    package func create(_ configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        let agent = try await platform.createAgent(configuration)
        let now = clock.moment
        state.withLock { $0.remember(agent, now: now) }
        return agent
    }

    package func replace(_ id: AgentID, with configuration: AgentConfiguration) async throws(VendorFailure) -> Agent {
        let number = state.withLock { state in
            state.drop(id)
            return state.begin(id)
        }
        do {
            let agent = try await platform.replaceAgent(id, with: configuration)
            let now = clock.moment
            state.withLock { state in
                // Of two simultaneous changes it is not known which one is in effect.
                let isOnlyOne = state.end(number, id)
                state.drop(id)
                if isOnlyOne { state.remember(agent, now: now) }
            }
            return agent
        } catch {
            forget(id)
            throw error
        }
    }

    package func delete(_ id: AgentID) async throws(VendorFailure) {
        forget(id)
        defer { forget(id) }
        try await platform.deleteAgent(id)
    }
}
