package import CallDomain

/// Which events a reader wants: those that pass all that is given.
package struct EventFilter: Sendable, Equatable {
    /// None for events of every type.
    package var types: Set<CallNews> = []
    /// The status that the call has in the event; none for any.
    package var statuses: Set<CallStatus> = []
    package var agentID: AgentID?
    /// Each must be among the call's, with this value.
    package var metadata: [String: String] = [:]

    package init() {}

    package func matches(_ notice: CallNotice) -> Bool {
        matches(notice.news, notice.call.status) && matches(notice.call)
    }

    /// Whether an event passes as far as its type, and the status that it left its call with, tell.
    func matches(_ news: CallNews, _ status: CallStatus) -> Bool {
        (types.isEmpty || types.contains(news)) && (statuses.isEmpty || statuses.contains(status))
    }

    /// Whether the call of an event passes, whatever happened to it.
    func matches(_ call: Call) -> Bool { (agentID == nil || call.agentID == agentID) && call.has(metadata) }
}

/// What the calls of a reader have in common, by which the feed finds those whom an event may concern: a thousand readers,
/// each of another tenant, are not asked one after the other.
enum EventTopic: Hashable {
    case all
    case call(CallID)
    case agent(AgentID)
    case metadata(name: String, value: String)

    /// One that all events have which are wanted.
    init(of callID: CallID?, _ filter: EventFilter) {
        self =
            if let callID {
                .call(callID)
            } else if let (name, value) = filter.metadata.first {
                .metadata(name: name, value: value)
            } else if let agentID = filter.agentID {
                .agent(agentID)
            } else {
                .all
            }
    }
}

extension Call {
    /// Those of its events, each once.
    var topics: [EventTopic] {
        var topics: [EventTopic] = [.all, .call(id)]
        if let agentID { topics.append(.agent(agentID)) }
        for (name, value) in metadata {
            guard case .string(let value) = value else { continue }
            let topic = EventTopic.metadata(name: name, value: value)
            // Two names of different bytes may be the same text.
            if !topics.contains(topic) { topics.append(topic) }
        }
        return topics
    }
}
