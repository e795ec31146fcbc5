package import CallDomain
import Logging
import ServiceLifecycle

/// Why a call was not hung up.
package enum HangUpFailure: Error, Sendable {
    case notFound
    case notLive(Call)
    case vendor(VendorFailure, callID: CallID)
}

extension CallFlow {
    /// Ends a live call: cancels it if it was not dialed yet, asks Twilio to complete it if its CallSid is known, and
    /// otherwise keeps the request until the CallSid is known.
    package func hangUp(_ id: CallID) async throws(HangUpFailure) -> Call {
        guard let call = store.call(id) else { throw .notFound }
        guard !call.status.isTerminal else { throw .notLive(call) }
        record(.hangUpRequested, of: id)
        if undialed.take(id) {
            queue.leave(id)
            record(.canceled(reason: "hung up before it was dialed"), of: id)
        } else if let sid = store.call(id)?.callSid {
            let isDone: Bool
            do throws(VendorFailure) {
                isDone = take(try await telephony.endCall(sid), of: id)
            } catch {
                throw .vendor(error, callID: id)
            }
            if !isDone, let call = store.call(id) {
                background.submit { await call.logged { await self.endCall(sid, of: id, isRepetition: true) } }
            }
        }
        guard let after = store.call(id) else { throw .notFound }
        return after
    }

    /// Takes in what Twilio said to the end of a call.
    /// - Returns: whether it is over, or about to be; else Twilio must be asked again.
    func take(_ answer: EndOfCall, of id: CallID) -> Bool {
        switch answer {
        case .taken(let call):
            record(.lookedUp(call), of: id)
            return true
        case .refused(let call):
            record(.lookedUp(call), of: id)
            return store.call(id)?.status.isTerminal ?? true
        case .noSuchCall(let code):
            if let sid = store.call(id)?.callSid { record(.unknownToTwilio(sid, code: code), of: id) }
            return true
        }
    }

    /// Ends a phone call that no client waits for. To end a call twice does no harm, so what fails is tried again, for
    /// as long as a call can last; a stop does not wait for it.
    ///
    /// A repetition begins with a pause.
    func endCall(_ sid: CallSid, of id: CallID, isRepetition: Bool = false) async {
        let deadline = clock.now + CallPolicy.longestTimeLimit
        var pauses = CallPolicy.endPauses[...]
        var isFirst = !isRepetition
        var leastPause = Duration.zero
        while true {
            if !isFirst {
                let pause = max(pauses.count > 1 ? pauses.removeFirst() : pauses.first ?? .seconds(1), leastPause)
                guard clock.now + pause < deadline, await hasPaused(for: pause),
                    store.call(id)?.status.isTerminal == false
                else { return }
            }
            isFirst = false
            do throws(VendorFailure) {
                if take(try await telephony.endCall(sid), of: id) { return }
                logger.warning(
                    "Twilio did not end a call",
                    metadata: [
                        "call.id": "\(id)", "call.sid": "\(sid)", "reason": "Twilio shows it as going on",
                        "advice": "It is asked again until the call is over.",
                    ]
                )
            } catch {
                logger.warning(
                    "could not end a call",
                    metadata: error.logMetadata.merging(["call.id": "\(id)", "call.sid": "\(sid)"]) { $1 }
                )
                if case .refused(let refusal) = error, !error.isOfThisGateway, refusal.meaning.mistake != .notNow {
                    return
                }
                if case .throttled(_, let retryAfter?) = error { leastPause = retryAfter } else { leastPause = .zero }
            }
        }
    }

    /// Returns whether nothing cut the pause short; a stop does.
    private func hasPaused(for pause: Duration) async -> Bool {
        await cancelWhenGracefulShutdown { [clock] in (try? await clock.sleep(for: pause)) != nil }
    }
}
