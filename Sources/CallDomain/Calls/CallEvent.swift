/// One verified fact.
package struct CallEvent: Sendable, Equatable {
    /// Our id of the call, where whoever told the fact named it; `nil` of what is known of a CallSid or of a conversation
    /// alone, whatever call that belongs to.
    package let callID: CallID?
    /// When we learned it.
    package let receivedAt: Timestamp
    package let fact: CallFact

    package init(callID: CallID?, receivedAt: Timestamp, fact: CallFact) {
        self.callID = callID
        self.receivedAt = receivedAt
        self.fact = fact
    }

    /// When it happened: the vendor's time where the event carries one, ours otherwise.
    package var at: Timestamp { fact.vendorTime ?? receivedAt }
}

/// What a call's state is made of: our own intents, the vendors' answers, webhooks and look-ups.
///
/// What a fact tells stands in a place of its own, which copies of the fact share: facts are moved and copied far more
/// often than they are made.
package indirect enum CallFact: Sendable, Equatable {
    /// A client's order was accepted.
    case ordered(CallOrder)
    /// Ultravox prepared the conversation.
    case agentCallCreated(AgentCall)
    /// Ultravox refused or failed; nobody was dialed.
    case agentCallFailed(CallError)
    /// Somebody is on the line, and the request for a conversation with this agent is about to leave. A call has one
    /// such request: whatever becomes of it, it is not repeated.
    case agentCallRequested(AgentID)
    /// No conversation could be prepared for somebody who is on the line.
    case agentCallUnavailable(CallError)
    /// The request to Twilio is about to leave.
    case dialing
    /// Twilio answered the create with a call.
    case callCreated(TwilioCall)
    /// Twilio refused; nobody was dialed.
    case dialRefused(CallError)
    /// The request to Twilio certainly never left.
    case dialNotSent(CallError)
    /// The request may have reached Twilio and its outcome did not reach us.
    case dialUnclear(CallError)
    /// No proof came for `UNCONFIRMED_AFTER`.
    case unconfirmed
    /// A client asked to end the call.
    case hangUpRequested
    /// It ended before it was dialed.
    case canceled(reason: String)
    case statusReported(StatusReport)
    case voiceRequested(VoiceRequest)
    case fallbackRequested(FallbackRequest)
    case machineDetected(MachineDetectionReport)
    case streamReported(StreamReport)
    case recordingReported(RecordingReport)
    /// Twilio's call object, from a fetch or from the answer to our own update.
    case lookedUp(TwilioCall)
    /// Twilio, asked to end the call, said in its own words (its error `code`) that it has no such call: it is over.
    case unknownToTwilio(CallSid, code: Int)
    case conversationReported(ConversationReport)

    package enum Source: String, Sendable, CaseIterable {
        case gateway
        case twilio
        case ultravox
        case lookup
    }

    package var source: Source {
        switch self {
        case .ordered, .dialing, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled,
            .agentCallRequested:
            .gateway
        case .callCreated, .dialRefused, .statusReported, .voiceRequested, .fallbackRequested, .machineDetected,
            .streamReported, .recordingReported, .unknownToTwilio:
            .twilio
        case .agentCallCreated, .agentCallFailed, .agentCallUnavailable, .conversationReported: .ultravox
        case .lookedUp: .lookup
        }
    }

    /// The status that this fact alone proves. What ``unknownToTwilio(_:code:)`` proves depends on the rest: see
    /// ``Call/status``.
    package var status: CallStatus? {
        switch self {
        case .ordered: .pending
        case .dialing: .unknown
        case .unconfirmed: .unconfirmed
        case .agentCallFailed, .dialRefused, .dialNotSent: .failed
        case .canceled: .canceled
        case .callCreated(let call), .lookedUp(let call): call.status
        case .statusReported(let report): report.status
        case .voiceRequested(let request): request.status
        case .agentCallCreated, .agentCallRequested, .agentCallUnavailable, .dialUnclear, .hangUpRequested,
            .fallbackRequested, .machineDetected, .streamReported, .recordingReported, .conversationReported,
            .unknownToTwilio:
            nil
        }
    }

    package var callSid: CallSid? {
        switch self {
        case .callCreated(let call), .lookedUp(let call): call.callSid
        case .statusReported(let report): report.callSid
        case .voiceRequested(let request): request.callSid
        case .fallbackRequested(let request): request.callSid
        case .machineDetected(let report): report.callSid
        case .streamReported(let report): report.callSid
        case .recordingReported(let report): report.callSid
        case .unknownToTwilio(let sid, _): sid
        case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .dialRefused, .dialNotSent, .dialUnclear,
            .unconfirmed, .hangUpRequested, .canceled, .conversationReported:
            nil
        }
    }

    /// The names of the fields of a vendor's message that were there and could not be read, so that they count as absent.
    package var unread: [String] {
        switch self {
        case .statusReported(let report): report.unread
        case .voiceRequested(let request): request.unread
        case .fallbackRequested(let request): request.unread
        case .machineDetected(let report): report.unread
        case .streamReported(let report): report.unread
        case .recordingReported(let report): report.unread
        case .conversationReported(let report): report.unread
        case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .callCreated, .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled,
            .lookedUp, .unknownToTwilio:
            []
        }
    }

    package var vendorTime: Timestamp? {
        switch self {
        case .statusReported(let report): report.timestamp
        case .streamReported(let report): report.timestamp
        // Every report of a recording names its start.
        case .recordingReported(let report): report.status == .inProgress ? report.startedAt : nil
        case .conversationReported(let report): report.timestamp
        case .lookedUp(let call): call.status.isTerminal ? call.endedAt : nil
        case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .callCreated, .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled,
            .voiceRequested, .fallbackRequested, .machineDetected, .unknownToTwilio:
            nil
        }
    }
}
