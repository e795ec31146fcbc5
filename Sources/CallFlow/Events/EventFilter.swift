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
