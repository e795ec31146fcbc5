package import CallDomain
import CallStorage
import Logging

/// Why a call was not erased.
package enum EraseFailure: Error, Sendable {
    case notFound
    /// It goes on, or may still be dialed.
    case live(Call)
    /// The erasure could not be made durable: nothing was done.
    case journal(JournalFailure)
}

/// Erases calls because clients ask for it.
struct Erasing: Sendable {
    let ledger: Ledger
    let deadLetters: DeadLetters
    let clock: any TimeSource
    let logger: Logger

    /// Forgets a call that is over, or `unconfirmed`. What the journal and the vendors keep of it is the affair of
    /// ``ErasureDuties``.
    /// - Returns: its id.
    func erase(_ asked: CallID) async throws(EraseFailure) -> CallID {
        while true {
            let (call, erased) = ledger.read { ($0.call(asked), $0.erasure(of: asked, at: clock.now)) }
            guard let call, let erased else { throw .notFound }
            guard call.isErasable else { throw .live(call) }
            let verdict: Verdict
            do throws(JournalFailure) {
                verdict = try await ledger.commit(.erased(erased)).verdict
            } catch {
                throw .journal(error)
            }
            switch verdict {
            case .applied:
                deadLetters.forget(call.id, erased.names)
                logger.info("a call was erased", metadata: ["call.id": "\(call.id)"])
                return call.id
            // Somebody else was faster.
            case .alreadyKnown: throw .notFound
            // More has become known of the call meanwhile, or it goes on again.
            case .void, .ignored, .refused, .waits: continue
            }
        }
    }

    /// Notes the conversation that Ultravox created for a call. Where the call was erased meanwhile, the conversation is to
    /// be deleted, too.
    /// - Returns: `.void` where it could not be written.
    func note(_ agentCall: AgentCall, of id: CallID) async -> Verdict {
        let verdict = await ledger.note(.agentCallCreated(agentCall), of: id)
        // A journal that has failed has said so.
        if verdict == .ignored(.gone) { try? await find(.agentCallCreated(agentCall), claimed: id) }
        return verdict
    }

    /// What a message, or a vendor's answer, tells of a call that was erased: that the vendor keeps more of it.
    /// - Throws: where that could not be made durable.
    func find(_ fact: CallFact, claimed: CallID?) async throws(JournalFailure) {
        let copy: VendorCopy
        /// What the copy is of, or is.
        let subject: CallName
        var names = claimed.map { [CallName.id($0)] } ?? []
        switch fact {
        case .recordingReported(let report):
            copy = .recording(report.recordingSid)
            subject = .callSid(report.callSid)
            names.insert(subject, at: 0)
        case .conversationReported(let report):
            copy = .conversation(report.ultravoxCallID)
            subject = .ultravoxCallID(report.ultravoxCallID)
            // The URL is not signed.
            names = report.callID.map { [.id($0)] } ?? []
        case .agentCallCreated(let agentCall):
            copy = .conversation(agentCall.ultravoxCallID)
            subject = .ultravoxCallID(agentCall.ultravoxCallID)
        case .ordered, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .callCreated, .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled,
            .statusReported, .voiceRequested, .fallbackRequested, .machineDetected, .streamReported, .lookedUp,
            .unknownToTwilio:
            return
        }
        let erasure = ledger.read { book in
            // What is another call's by all that is known is not deleted because a message contradicts that.
            book.knows(subject) ? nil : names.lazy.compactMap { book.erasure(named: $0) }.first
        }
        guard let erasure, !erasure.knows(copy) else { return }
        try await ledger.commit(.erasureNoted(erasure.id, .found(copy)))
    }
}
