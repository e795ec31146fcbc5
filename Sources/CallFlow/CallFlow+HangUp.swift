package import CallDomain

/// Why a call was not hung up.
package enum HangUpFailure: Error, Sendable {
    case notFound
    case notLive(Call)
    case vendor(VendorFailure, callID: CallID)
}

extension CallFlow {
    /// Ends a live call: cancels one that was not dialed yet, tells Twilio to complete one that it knows, and keeps
    /// the wish for one whose CallSid is still to come.
    package func hangUp(_ id: CallID) async throws(HangUpFailure) -> Call {
        guard let call = store.call(id) else { throw .notFound }
        guard !call.status.isTerminal else { throw .notLive(call) }
        record(.hangUpRequested, of: id)
        if undialed.take(id) {
            queue.leave(id)
            record(.canceled(reason: "hung up before it was dialed"), of: id)
        } else if let sid = store.call(id)?.callSid {
            do {
                record(.lookedUp(try await telephony.endCall(sid)), of: id)
            } catch {
                throw .vendor(error, callID: id)
            }
        }
        guard let after = store.call(id) else { throw .notFound }
        return after
    }
}
