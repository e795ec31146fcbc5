/// What can go wrong with one request to a vendor.
enum WireFault: String, CaseIterable, Sendable {
    case none
    /// No connection: nothing was sent.
    case noRoute
    /// Connecting takes seconds.
    case slowConnect
    /// The answer comes late, but in time.
    case slowAnswer
    /// The request left and never arrived.
    case lostRequest
    /// The vendor acted, and its answer never arrived.
    case lostAnswer
    /// 4xx.
    case refused
    /// 429, without a word about how long.
    case throttled
    /// 429 with `Retry-After`.
    case throttledWithAdvice
    /// 5xx, and the vendor did nothing.
    case errorBefore
    /// The vendor acted, and answered 5xx.
    case errorAfter
    /// The vendor acted, and its answer makes no sense.
    case brokenAnswer
    /// The vendor acted, and its answer names something that was there before.
    case foreignAnswer
}

/// What is asked of a vendor.
enum Request: String, CaseIterable, Sendable {
    case create, end, fetch, check, deleteRecording
    case agent, agentCall, deleteAgentCall, messages

    /// Those that make no sense for the others.
    var faults: [WireFault] {
        switch self {
        case .create, .agentCall: WireFault.allCases
        case .end, .fetch, .check, .deleteRecording, .agent, .deleteAgentCall, .messages:
            WireFault.allCases.filter { $0 != .foreignAnswer }
        }
    }
}

/// What can happen to one webhook on its way.
enum WebhookFault: String, CaseIterable, Sendable {
    case none
    case lost
    case doubled
    /// Seconds to minutes after those that were sent later.
    case late
    /// It arrives, and once more after many minutes.
    case replayed
}

/// How hard the world is at the moment.
struct Weather: Sendable {
    /// So many of a hundred requests go wrong.
    var wire = 0
    /// So many of a hundred webhooks go wrong.
    var webhooks = 0
    var wireFaults = WireFault.allCases
    var webhookFaults = WebhookFault.allCases
}
