package import CallDomain

/// What became of a verified webhook.
package enum WebhookOutcome: Sendable {
    case applied(Call)
    case alreadyKnown(Call)
    /// Verified, but of no use: acknowledged, counted, and nothing changes.
    case useless(UselessReason)
}

/// Why a verified webhook changed nothing.
package enum UselessReason: String, Sendable {
    /// The id in the signed URL and the CallSid, or the ids in the signed body, name different calls.
    case contradiction
    /// A call that we do not know, and a kind of message that does not make it known.
    case unknownCall = "unknown_call"
    /// A call that ended longer ago than calls are kept.
    case tooOld = "too_old"
}

/// Which TwiML a voice webhook gets.
package enum VoiceAnswer: Sendable, Equatable {
    case connect(JoinURL, CallID)
    case unavailable
    case reject
    case hangUp
}

extension CallFlow {
    /// Takes in a verified message of Twilio.
    ///
    /// `claimed` is the id in the signed URL's `call`, if it has one.
    package func receive(_ fact: CallFact, claimed: CallID?) -> WebhookOutcome {
        guard let sid = fact.callSid else { return .useless(.unknownCall) }
        let bound = store.callID(of: sid)
        if let bound, let claimed, bound != claimed { return .useless(.contradiction) }
        let id = bound ?? claimed ?? CallID(derivedFrom: sid)
        if store.call(id) == nil {
            guard fact.adopts else { return .useless(.unknownCall) }
            guard !isTooOld(id, fact) else { return .useless(.tooOld) }
        }
        return apply(fact, to: id)
    }

    /// Takes in a verified message of Ultravox.
    ///
    /// `claimed` is the id in the URL's `call`, which is not signed and so decides nothing; one that disagrees with the
    /// signed body makes the message useless.
    package func receive(_ report: ConversationReport, claimed: CallID?) -> WebhookOutcome {
        let bound = store.callID(of: report.ultravoxCallID)
        let named = Set([bound, report.callID, claimed].compactMap(\.self))
        guard named.count <= 1 else { return .useless(.contradiction) }
        guard let id = bound ?? report.callID, store.call(id) != nil else { return .useless(.unknownCall) }
        return apply(.conversationReported(report), to: id)
    }

    /// Takes in a verified request for TwiML and says what to answer.
    package func receive(_ request: VoiceRequest, claimed: CallID?) -> (outcome: WebhookOutcome, answer: VoiceAnswer) {
        let outcome = receive(.voiceRequested(request), claimed: claimed)
        switch outcome {
        case .useless: return (outcome, .hangUp)
        case .applied(let call), .alreadyKnown(let call): return (outcome, answer(for: call))
        }
    }

    private func answer(for call: Call) -> VoiceAnswer {
        if call.status.isTerminal || call.hangUpRequested { return .hangUp }
        if call.direction == .inbound { return .reject }
        guard let agentCall = call.agentCall, clock.now <= agentCall.joinDeadline else { return .unavailable }
        return .connect(agentCall.joinURL, call.id)
    }

    private func apply(_ fact: CallFact, to id: CallID) -> WebhookOutcome {
        switch record(fact, of: id) {
        case .applied(_, let call): .applied(call)
        case .alreadyKnown(let call): .alreadyKnown(call)
        case .contradicts: .useless(.contradiction)
        }
    }

    private func isTooOld(_ id: CallID, _ fact: CallFact) -> Bool {
        let oldest = Timestamp(milliseconds: clock.now.milliseconds - policy.retention.milliseconds)
        return [id.time, fact.vendorTime].compactMap(\.self).contains { $0 < oldest }
    }
}

extension CallFact {
    /// Whether the message alone makes a call known: status and voice webhooks do, so that state is never lost for want
    /// of a record.
    fileprivate var adopts: Bool {
        switch self {
        case .statusReported, .voiceRequested: true
        default: false
        }
    }
}
