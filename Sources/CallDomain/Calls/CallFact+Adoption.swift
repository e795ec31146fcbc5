extension CallFact {
    /// Whether the message alone makes a call with that id known: status and voice webhooks do, so that state is never
    /// lost for want of a record.
    ///
    /// A derived id tells neither the call's age nor its direction. If the message tells them in a way that cannot be read,
    /// it waits for one that can be read: it may be a copy, in another shape, of a message about a call of long ago, or
    /// of another program's call. A message that was sent without them is taken as it is.
    package func adopts(as id: CallID) -> Bool {
        switch self {
        case .statusReported, .voiceRequested:
            !id.isDerived || !unread.contains { $0 == "Timestamp" || $0 == "Direction" }
        case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .callCreated, .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled,
            .fallbackRequested, .machineDetected, .streamReported, .recordingReported, .lookedUp, .unknownToTwilio,
            .conversationReported:
            false
        }
    }
}
