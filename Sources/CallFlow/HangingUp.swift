package import CallDomain
import CallStorage
import Logging

/// Why a call was not hung up.
package enum HangUpFailure: Error, Sendable {
    case notFound
    case notLive(Call)
    /// Twilio refused it, and is not asked again.
    case vendor(VendorFailure, callID: CallID)
    /// The wish could not be made durable: nothing was done.
    case journal(JournalFailure)
}

/// Ends calls because clients ask for it.
struct HangingUp: Sendable {
    let ledger: Ledger
    let duties: Duties
    let queue: DialDriver

    /// Ends a live call: cancels it if it was not dialed yet, asks Twilio to complete it if its CallSid is known, and
    /// otherwise keeps the request until the CallSid is known.
    ///
    /// Once the request is recorded, the gateway carries it out. If Twilio cannot be reached, or shows the call as going
    /// on, it is asked again in the background until the call is over.
    func hangUp(_ asked: CallID) async throws(HangUpFailure) -> Call {
        guard let call = ledger.read({ $0.call(asked) }) else { throw .notFound }
        guard !call.status.isTerminal else { throw .notLive(call) }
        let id = call.id
        // Whoever asks waits for Twilio's answer; whoever is first sees to it that it is asked again.
        let isFirst = duties.beginEnding(id, isAsked: true)
        do throws(JournalFailure) {
            try await ledger.commit(.noted(id, .hangUpRequested))
            try await ledger.commit(.undialed(id, .canceled(reason: CallOrder.hungUp)))
        } catch {
            if isFirst {
                duties.endEnding(id)
                // The wish may be durable, and what it asks for not.
                duties.follow(id, ledger)
            }
            throw .journal(error)
        }
        // A create whose connection is being made leaves no more.
        queue.leave(id)
        try await end(id, isFirst: isFirst)
        guard let after = ledger.read({ $0.call(id) }) else { throw .notFound }
        return after
    }

    private func end(_ id: CallID, isFirst: Bool) async throws(HangUpFailure) {
        guard let call = ledger.read({ $0.call(id) }), !call.status.isTerminal, let sid = call.callSid else {
            if isFirst { duties.endEnding(id) }
            // Its CallSid may have become known since it was looked up.
            return duties.follow(id, ledger)
        }
        switch await duties.askToEnd(sid, of: id, ledger) {
        case .over:
            guard isFirst else { return }
            duties.endEnding(id)
            // Another phone call may have turned out to be this call's.
            if ledger.read({ $0.call(id)?.callSid }) != sid { duties.follow(id, ledger) }
        case .goesOn(let leastPause): if isFirst { duties.keepEnding(sid, of: call, after: leastPause, ledger) }
        case .refused(let failure):
            if isFirst { duties.endEnding(id, isRefused: true) }
            throw .vendor(failure, callID: id)
        }
    }
}
