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
                logger.info("a call was erased", metadata: ["call.id": "\(call.id)"])
                return call.id
            // Somebody else was faster.
            case .alreadyKnown: throw .notFound
            // More has become known of the call meanwhile, or it goes on again.
            case .void, .ignored, .refused, .waits: continue
            }
        }
    }

    /// What a message tells of a call that was erased: that a vendor keeps more of it.
    func find(_ fact: CallFact, claimed: CallID?) async throws(JournalFailure) {
        let copy: VendorCopy
        var names = claimed.map { [CallName.id($0)] } ?? []
        switch fact {
        case .recordingReported(let report):
            copy = .recording(report.recordingSid)
            names.insert(.callSid(report.callSid), at: 0)
        case .conversationReported(let report):
            copy = .conversation(report.ultravoxCallID)
            // The URL is not signed.
            names = report.callID.map { [.id($0)] } ?? []
        case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .callCreated, .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled,
            .statusReported, .voiceRequested, .fallbackRequested, .machineDetected, .streamReported, .lookedUp,
            .unknownToTwilio:
            return
        }
        let erasure = ledger.read { book in names.lazy.compactMap { book.erasure(named: $0) }.first }
        guard let erasure, !erasure.knows(copy) else { return }
        try await ledger.commit(.erasureNoted(erasure.id, .found(copy)))
    }
}
