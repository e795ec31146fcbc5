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

/// Takes verified webhooks in.
struct Intake: Sendable {
    let ledger: Ledger
    let clock: any TimeSource
    let policy: CallPolicy
    let erasing: Erasing

    /// `claimed` is our id in the URL's `call`, if it has one. Of a message of Twilio's it is signed; of one of Ultravox's
    /// it is not and therefore decides nothing, but if it disagrees with the signed body, the webhook is ignored.
    /// - Throws: where the message could not be made durable; it must not be acknowledged then.
    func receive(_ fact: CallFact, claimed: CallID?) async throws(JournalFailure) -> WebhookOutcome {
        let oldest = Timestamp(milliseconds: clock.now.milliseconds - policy.retention.milliseconds)
        let applied = try await ledger.commit(.told(Message(fact: fact, claimed: claimed, oldest: oldest)))
        switch applied.verdict {
        case .applied: return applied.call.map { .applied($0) } ?? .held
        case .alreadyKnown: return applied.call.map { .alreadyKnown($0) } ?? .held
        case .waits: return .held
        case .ignored(let reason):
            if reason == .gone { try await erasing.find(fact, claimed: claimed) }
            return .useless(reason)
        // Only records of our own can be refused, or come too late.
        case .refused, .void: return .held
        }
    }
}

extension CallFact {
    /// Which of its vendor's webhooks it came by.
    var webhookKind: String {
        switch self {
        case .statusReported: "status"
        case .voiceRequested: "voice"
        case .fallbackRequested: "fallback"
        case .machineDetected: "amd"
        case .streamReported: "stream"
        case .recordingReported: "recording"
        case .conversationReported(let report): report.event.rawValue
        case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .callCreated, .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled,
            .lookedUp,
            .unknownToTwilio:
            "none"
        }
    }
}

extension DeadLetters {
    /// Lists messages that waited for their call in vain.
    func bury(_ messages: [Message]) {
        for message in messages {
            var ultravoxCallID: UltravoxCallID?
            if case .conversationReported(let report) = message.fact { ultravoxCallID = report.ultravoxCallID }
            add(
                ultravoxCallID == nil ? .twilio : .ultravox,
                kind: message.fact.webhookKind,
                reason: UselessReason.unknownCall.rawValue,
                callID: message.claimed,
                callSid: message.fact.callSid,
                ultravoxCallID: ultravoxCallID
            )
        }
    }
}
