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
        (types.isEmpty || types.contains(notice.news))
            && (statuses.isEmpty || statuses.contains(notice.call.status))
            && (agentID == nil || notice.call.agentID == agentID)
            && notice.call.has(metadata)
    }
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
    /// Those of its events.
    var topics: Set<EventTopic> {
        var topics: Set<EventTopic> = [.all, .call(id)]
        if let agentID { topics.insert(.agent(agentID)) }
        for (name, value) in zip(metadata.keys, metadata.values) {
            if case .string(let value) = value { topics.insert(.metadata(name: name, value: value)) }
        }
        return topics
    }
}
