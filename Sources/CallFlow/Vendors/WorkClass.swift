/// What a request to a vendor is for: who waits, and what the wait costs.
enum WorkClass: Sendable, CaseIterable {
    /// Somebody is on the line, or a call is to end.
    case urgent
    /// An order is to be dialed.
    case dial
    /// Everything else: transcripts, agents, lists, tidying up.
    case other

    /// How long such a request waits at most for one of our connections.
    var longestWait: Duration {
        switch self {
        case .urgent: .seconds(10)
        case .dial: .seconds(5)
        case .other: .seconds(2)
        }
    }
}
