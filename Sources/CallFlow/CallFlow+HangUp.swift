package import CallDomain
import Logging
import ServiceLifecycle

/// Why a call was not hung up.
package enum HangUpFailure: Error, Sendable {
    case notFound
    case notLive(Call)
    /// Twilio refused it, and is not asked again.
    case vendor(VendorFailure, callID: CallID)
}

/// What became of one request to end a call.
private enum EndAttempt {
    /// The call is over.
    case over
    /// The call may go on. Twilio is asked again, after that time at least.
    case goesOn(leastPause: Duration)
    /// Twilio refused, and would refuse again.
    case refused(VendorFailure)
}

extension CallFlow {
    /// Ends a live call: cancels it if it was not dialed yet, asks Twilio to complete it if its CallSid is known, and
    /// otherwise keeps the request until the CallSid is known.
    ///
    /// Once the request is recorded, the gateway carries it out. If Twilio cannot be reached, or shows the call as going
    /// on, it is asked again in the background until the call is over.
    package func hangUp(_ id: CallID) async throws(HangUpFailure) -> Call {
        guard let call = store.call(id) else { throw .notFound }
        guard !call.status.isTerminal else { throw .notLive(call) }
        record(.hangUpRequested, of: id)
        let wasWaiting = undialed.take(id)
        if wasWaiting { record(.canceled(reason: "hung up before it was dialed"), of: id) }
        // A create whose connection is being made leaves no more.
        queue.leave(id)
        if !wasWaiting, let sid = store.call(id)?.callSid {
            switch await askToEnd(sid, of: id) {
            case .over: break
            case .goesOn(let leastPause): keepEnding(sid, of: id, after: leastPause)
            case .refused(let failure): throw .vendor(failure, callID: id)
            }
        }
        guard let after = store.call(id) else { throw .notFound }
        return after
    }

    /// Ends a phone call in the background, unless that is under way already. The first request is sent after `leastPause`
    /// at least, or at once if that is `nil`.
    func keepEnding(_ sid: CallSid, of id: CallID, after leastPause: Duration?) {
        guard let call = store.call(id), !call.status.isTerminal, ending.insert(id) else { return }
        background.submit {
            await call.logged { await self.endCall(sid, of: id, after: leastPause) }
            self.ending.remove(id)
        }
    }

    /// Takes in what Twilio said to the end of a call. That it took the request does not prove that the call is over.
    /// - Returns: whether it is over; else Twilio must be asked again.
    private func take(_ answer: EndOfCall, of id: CallID) -> Bool {
        switch answer {
        case .taken(let call), .refused(let call):
            record(.lookedUp(call), of: id)
            return store.call(id)?.status.isTerminal ?? true
        case .noSuchCall(let code):
            if let sid = store.call(id)?.callSid { record(.unknownToTwilio(sid, code: code), of: id) }
            return true
        }
    }

    /// Asks Twilio once to end a call, and takes in the answer.
    private func askToEnd(_ sid: CallSid, of id: CallID) async -> EndAttempt {
        do throws(VendorFailure) {
            let answer = try await telephony.endCall(sid)
            if take(answer, of: id) { return .over }
            if case .refused = answer {
                logger.warning(
                    "Twilio did not end a call",
                    metadata: [
                        "call.id": "\(id)", "call.sid": "\(sid)", "reason": "Twilio shows it as going on",
                        "advice": "It is asked again until the call is over.",
                    ]
                )
            }
            return .goesOn(leastPause: .zero)
        } catch {
            logger.warning(
                "could not end a call",
                metadata: error.logMetadata.merging(["call.id": "\(id)", "call.sid": "\(sid)"]) { $1 }
            )
            if case .refused(let refusal) = error, !error.isOfThisGateway, refusal.meaning.mistake != .notNow {
                return .refused(error)
            }
            if case .throttled(_, let retryAfter?) = error { return .goesOn(leastPause: retryAfter) }
            return .goesOn(leastPause: .zero)
        }
    }

    /// Ends a phone call that no client waits for. To end a call twice does no harm, so what fails is tried again, for
    /// as long as a call can last; a stop does not wait for it.
    ///
    /// After each pause nothing is sent if the call is over by then.
    private func endCall(_ sid: CallSid, of id: CallID, after firstPause: Duration?) async {
        let deadline = clock.moment + CallPolicy.longestTimeLimit
        var pauses = CallPolicy.endPauses[...]
        var leastPause = firstPause
        while true {
            if let leastPause {
                let pause = max(pauses.count > 1 ? pauses.removeFirst() : pauses.first ?? .seconds(1), leastPause)
                guard clock.moment + pause < deadline, await hasPaused(for: pause),
                    store.call(id)?.status.isTerminal == false
                else { return }
            }
            switch await askToEnd(sid, of: id) {
            case .over, .refused: return
            case .goesOn(let next): leastPause = next
            }
        }
    }

    /// Returns whether nothing cut the pause short; a stop does.
    private func hasPaused(for pause: Duration) async -> Bool {
        await cancelWhenGracefulShutdown { [clock] in (try? await clock.sleep(for: pause)) != nil }
    }
}
