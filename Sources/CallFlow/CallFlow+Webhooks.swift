package import CallDomain

/// The result of a verified webhook.
package enum WebhookOutcome: Sendable {
    case applied(Call)
    case alreadyKnown(Call)
    /// About a call that is not known yet: kept for a while, in case that it becomes known.
    case held
    /// Verified, but ignored: it is acknowledged and counted as a dead letter, and changes nothing.
    case useless(UselessReason)
}

/// Why a verified webhook changed nothing.
package enum UselessReason: String, Sendable {
    /// The id in the signed URL and the CallSid, or the ids in the signed body, name different calls.
    case contradiction
    /// A call that ended longer ago than calls are kept.
    case tooOld = "too_old"
    /// A call that was here and left.
    case gone
    /// Its call did not become known in time.
    case unknownCall = "unknown_call"
}

extension CallFlow {
    /// Applies a verified webhook of Twilio.
    ///
    /// `claimed` is the id in the signed URL's `call`, if it has one.
    package func receive(_ fact: CallFact, claimed: CallID?) -> WebhookOutcome {
        receive(HeldMessages.Message(fact: fact, claimed: claimed, receivedAt: clock.now))
    }

    /// Applies a verified webhook of Ultravox.
    ///
    /// `claimed` is the id in the URL's `call`. It is not signed and therefore decides nothing; if it disagrees with
    /// the signed body, the webhook is ignored.
    package func receive(_ report: ConversationReport, claimed: CallID?) -> WebhookOutcome {
        receive(.conversationReported(report), claimed: claimed)
    }

    /// Applies messages that arrived before their call was known.
    func receiveHeld(about names: [CallName]) {
        for message in held.take(names) {
            if case .useless(let reason) = receive(message) { bury(message, reason) }
        }
    }

    func bury(_ message: HeldMessages.Message, _ reason: UselessReason) {
        deadLetters.add(
            message.fact.source == .ultravox ? .ultravox : .twilio,
            kind: message.fact.webhookKind,
            reason: reason.rawValue,
            callID: message.claimed,
            callSid: message.fact.callSid,
            ultravoxCallID: message.fact.ultravoxCallID
        )
    }

    private func receive(_ message: HeldMessages.Message) -> WebhookOutcome {
        let subject: Subject
        switch self.subject(of: message) {
        case .failure(let useless): return .useless(useless.reason)
        case .success(let found): subject = found
        }
        switch subject {
        case .call(let id):
            return apply(message, to: id)
        case .unknown(let id):
            guard !message.names.contains(where: store.isGone), !(id.map(store.isGone) ?? false) else {
                return .useless(.gone)
            }
            guard !isTooOld(id, message.fact) else { return .useless(.tooOld) }
            if let id, message.fact.adopts(as: id) { return apply(message, to: id) }
            return hold(message)
        }
    }

    /// Which call a message is about.
    private enum Subject {
        case call(CallID)
        /// Not known yet; the id that the call would have, if the message contains it.
        case unknown(CallID?)
    }

    private struct Useless: Error {
        let reason: UselessReason
    }

    private func subject(of message: HeldMessages.Message) -> Result<Subject, Useless> {
        var named = Set([message.claimed].compactMap(\.self))
        let id: CallID?
        if case .conversationReported(let report) = message.fact {
            let bound = store.callID(of: report.ultravoxCallID)
            named.formUnion([bound, report.callID].compactMap(\.self))
            id = bound ?? report.callID
        } else if let sid = message.fact.callSid {
            let bound = store.callID(of: sid)
            named.formUnion([bound].compactMap(\.self))
            id = bound ?? message.claimed ?? CallID(derivedFrom: sid)
        } else {
            id = nil
        }
        guard named.count <= 1 else { return .failure(Useless(reason: .contradiction)) }
        if let id, store.call(id) != nil { return .success(.call(id)) }
        return .success(.unknown(id))
    }

    private func apply(_ message: HeldMessages.Message, to id: CallID) -> WebhookOutcome {
        switch record(message.fact, of: id, receivedAt: message.receivedAt) {
        case .applied(_, let call): .applied(call)
        case .alreadyKnown(let call): .alreadyKnown(call)
        case .contradicts: .useless(.contradiction)
        case .gone: .useless(.gone)
        }
    }

    private func hold(_ message: HeldMessages.Message) -> WebhookOutcome {
        for dropped in held.hold(message) { bury(dropped, .unknownCall) }
        // What makes the call known may have come between the look for it and this.
        if case .success(.call) = subject(of: message) { receiveHeld(about: message.names) }
        return .held
    }

    private func isTooOld(_ id: CallID?, _ fact: CallFact) -> Bool {
        let oldest = Timestamp(milliseconds: clock.now.milliseconds - policy.retention.milliseconds)
        return [id?.time, fact.vendorTime].compactMap(\.self).contains { $0 < oldest }
    }
}

extension CallStore {
    fileprivate func isGone(_ id: CallID) -> Bool { isGone(.id(id)) }
}

extension CallFact {
    /// Whether the message alone makes a call with that id known: status and voice webhooks do, so that state is never
    /// lost for want of a record.
    ///
    /// A derived id tells neither the call's age nor its direction. If the message tells them in a way that cannot be read,
    /// it waits for one that can be read: it may be a copy, in another shape, of a message about a call of long ago, or
    /// of another program's call. A message that was sent without them is taken as it is.
    fileprivate func adopts(as id: CallID) -> Bool {
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

    /// Which of its vendor's webhooks it came by.
    fileprivate var webhookKind: String {
        switch self {
        case .statusReported: "status"
        case .voiceRequested: "voice"
        case .fallbackRequested: "fallback"
        case .machineDetected: "amd"
        case .streamReported: "stream"
        case .recordingReported: "recording"
        case .conversationReported(let report): report.event.rawValue
        default: "none"
        }
    }
}
