import CallDomain
import CallStorage
import Logging
import Synchronization

/// What is still to be done for a call, by its state alone.
///
/// Whether something must be done is asked of the call as it is, after each of its changes; what led to that does not
/// matter. A duty is started when the state shows it and it is not under way, and ends with its cause.
enum Duty: Equatable {
    /// A client asked to end it, or its machine is not wanted.
    case endPhoneCall(CallSid)
    /// Nobody will join it.
    case deleteConversation(UltravoxCallID)
    /// Nothing proves that Twilio has it.
    case park

    /// What a call needs; `now` is the steady wall clock's, by which join deadlines count.
    static func all(of call: Call, now: Timestamp) -> [Duty] {
        var duties: [Duty] = []
        if let sid = call.callSid, !call.status.isTerminal, call.isToEnd { duties.append(.endPhoneCall(sid)) }
        if let agentCall = call.agentCall, call.leavesConversationUnjoined, now <= agentCall.joinDeadline {
            duties.append(.deleteConversation(agentCall.ultravoxCallID))
        }
        if call.status == .unknown { duties.append(.park) }
        return duties
    }
}

extension Call {
    fileprivate var isToEnd: Bool { hangUpRequested || (order?.machineDetection == .hangUp && isMachine == true) }

    /// Whether the call is over, nobody answered it, and a conversation waits for somebody to join.
    ///
    /// Twilio reports these ends of calls that were not answered, so that nobody was given the document with the join URL.
    /// Whatever shows that somebody may have been there keeps the conversation: to delete one is final.
    fileprivate var leavesConversationUnjoined: Bool {
        switch status {
        case .busy, .noAnswer, .canceled, .failed:
            agentCall != nil && conversation == nil && answeredAt == nil && stream == nil && (duration ?? 0) == 0
        case .pending, .unknown, .unconfirmed, .queued, .initiated, .ringing, .inProgress, .completed: false
        }
    }
}

/// Carries out what calls need, each duty by one task.
final class Duties: Sendable {
    private struct State {
        /// Calls that are being ended.
        var ending: Set<CallID> = []
        /// Calls that Twilio refused to end, and would refuse again.
        var refused: Set<CallID> = []
        /// Conversations whose deletion was asked for, and until when they would have waited.
        var deleted: [UltravoxCallID: Moment] = [:]
        /// Dials without proof, and when each is parked.
        var unproven: [CallID: Moment] = [:]
        /// Orders that are being dialed: Twilio's answer is still to come.
        var dialing: Set<CallID> = []
    }

    let telephony: GuardedTelephony
    let platform: GuardedPlatform
    let background: BackgroundWork
    let clock: any TimeSource
    let policy: CallPolicy
    let logger: Logger
    private let state = Mutex(State())

    init(
        telephony: GuardedTelephony,
        platform: GuardedPlatform,
        background: BackgroundWork,
        clock: any TimeSource,
        policy: CallPolicy,
        logger: Logger
    ) {
        self.telephony = telephony
        self.platform = platform
        self.background = background
        self.clock = clock
        self.policy = policy
        self.logger = logger
    }

    /// Starts what the changed calls show.
    func follow(_ applied: Applied, _ ledger: Ledger) {
        if let call = applied.change?.after { follow(call, ledger) }
        for change in applied.others { if let call = change.after { follow(call, ledger) } }
    }

    /// Starts what a call shows as it is.
    func follow(_ id: CallID, _ ledger: Ledger) {
        if let call = ledger.read({ $0.call(id) }) { follow(call, ledger) }
    }

    /// Starts what all calls need after a restart.
    func resume(_ ledger: Ledger) {
        var calls: [Call] = []
        ledger.read { book in
            book.forEachCall { if !Duty.all(of: $0, now: clock.steadyNow).isEmpty { calls.append($0) } }
        }
        for call in calls.sorted(by: { $0.id < $1.id }) {
            // What was dialed before the restart has waited for its proof since.
            if call.status == .unknown {
                let waited = max(.zero, clock.now - call.updatedAt)
                let until = clock.moment + max(.zero, policy.unconfirmedAfter - waited)
                state.withLock { $0.unproven[call.id] = until }
            }
            follow(call, ledger)
        }
    }

    private func follow(_ call: Call, _ ledger: Ledger) {
        if call.status.isTerminal { state.withLock { _ = $0.refused.remove(call.id) } }
        for duty in Duty.all(of: call, now: clock.steadyNow) { start(duty, of: call, ledger) }
    }

    private func start(_ duty: Duty, of call: Call, _ ledger: Ledger) {
        switch duty {
        case .endPhoneCall(let sid):
            if beginEnding(call.id) { keepEnding(sid, of: call, after: nil, ledger) }
        case .deleteConversation(let id): delete(id)
        case .park:
            let until = clock.moment + policy.unconfirmedAfter
            state.withLock { state in
                // A dial that is under way is not parked, however short the time is.
                guard !state.dialing.contains(call.id), state.unproven[call.id] == nil else { return }
                state.unproven[call.id] = until
            }
        }
    }

    // MARK: Parking

    /// Twilio is about to be asked to dial for the order; to be ended by ``endDial(_:_:)``.
    func beginDial(_ id: CallID) { state.withLock { _ = $0.dialing.insert(id) } }

    func endDial(_ id: CallID, _ ledger: Ledger) {
        state.withLock { _ = $0.dialing.remove(id) }
        follow(id, ledger)
    }

    /// Parks the calls that were dialed `UNCONFIRMED_AFTER` ago and of which nothing proves that Twilio has them: they
    /// hold no place any more, and later proof still counts.
    func parkUnproven(_ ledger: Ledger) async {
        let now = clock.moment
        let due = state.withLock { state in
            let due = state.unproven.filter { $0.value <= now }.keys.sorted { $0.text < $1.text }
            for id in due { state.unproven[id] = nil }
            return due
        }
        for id in due { await ledger.note(.unconfirmed, of: id) }
        let unproven = state.withLock { Array($0.unproven.keys) }
        let proven = ledger.read { book in
            unproven.filter { book.call($0)?.status != .unknown }
        }
        state.withLock { state in for id in proven { state.unproven[id] = nil } }
    }

    /// Forgets the conversations that have run out.
    func forgetOld() {
        let now = clock.moment
        state.withLock { state in state.deleted = state.deleted.filter { $0.value > now } }
    }

    // MARK: Deleting conversations

    /// Deletes a conversation that nobody will join, once; if that fails it runs out by its join time-out. Nobody waits
    /// for it, and a stop hardly does.
    func delete(_ id: UltravoxCallID) {
        let until = clock.moment + CallPolicy.longestEagerRing + CallPolicy.joinMargin
        guard state.withLock({ $0.deleted.updateValue(until, forKey: id) == nil }) else { return }
        background.submit { [platform, logger, clock] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do throws(VendorFailure) {
                        try await platform.deleteAgentCall(id)
                    } catch {
                        logger.debug(
                            "an agent call that nobody will join runs out by its time-out",
                            metadata: error.logMetadata.merging(["ultravox.call.id": "\(id)"]) { $1 }
                        )
                    }
                }
                group.addTask {
                    guard await stopHasBegun() else { return }
                    try? await clock.sleep(for: CallPolicy.stopPatience)
                }
                await group.next()
                group.cancelAll()
            }
        }
    }

    // MARK: Ending phone calls

    /// `isAsked`: a client asks, so that Twilio is asked again even where it refused before.
    /// - Returns: whether nobody was ending the call yet; the caller does then, and must say so when it is done.
    func beginEnding(_ id: CallID, isAsked: Bool = false) -> Bool {
        state.withLock { state in
            if isAsked { state.refused.remove(id) }
            return !state.refused.contains(id) && state.ending.insert(id).inserted
        }
    }

    func isEnding(_ id: CallID) -> Bool { state.withLock { $0.ending.contains(id) } }

    func endEnding(_ id: CallID, isRefused: Bool = false) {
        state.withLock { state in
            state.ending.remove(id)
            if isRefused { state.refused.insert(id) }
        }
    }

    /// Ends a phone call in the background, for as long as a call can last. The first request is sent after `leastPause`
    /// at least, or at once if that is `nil`.
    func keepEnding(_ sid: CallSid, of call: Call, after leastPause: Duration?, _ ledger: Ledger) {
        background.submit {
            await call.logged {
                let isRefused = await self.end(sid, of: call.id, after: leastPause, ledger)
                self.endEnding(call.id, isRefused: isRefused)
                // Another phone call may have turned out to be this call's.
                if ledger.read({ $0.call(call.id)?.callSid }) != sid { self.follow(call.id, ledger) }
            }
        }
    }

    /// To end a call twice does no harm, so what fails is tried again; a stop does not wait for it. After each pause nothing
    /// is sent if the call is over by then.
    /// - Returns: whether Twilio refused, and would refuse again.
    private func end(_ sid: CallSid, of id: CallID, after firstPause: Duration?, _ ledger: Ledger) async -> Bool {
        let deadline = clock.moment + CallPolicy.longestTimeLimit
        var pauses = CallPolicy.endPauses[...]
        var leastPause = firstPause
        while true {
            if let leastPause {
                let pause = max(pauses.count > 1 ? pauses.removeFirst() : pauses.first ?? .seconds(1), leastPause)
                guard clock.moment + pause < deadline, await hasPaused(for: pause),
                    ledger.read({ $0.call(id)?.status.isTerminal }) == false
                else { return false }
            }
            switch await askToEnd(sid, of: id, ledger) {
            case .over: return false
            case .refused: return true
            case .goesOn(let next): leastPause = next
            }
        }
    }

    /// Returns whether nothing cut the pause short; a stop does.
    private func hasPaused(for pause: Duration) async -> Bool {
        await cancelledByStop { [clock] in (try? await clock.sleep(for: pause)) != nil }
    }

    /// What became of one request to end a call.
    enum EndAttempt {
        /// The call is over.
        case over
        /// The call may go on. Twilio is asked again, after that time at least.
        case goesOn(leastPause: Duration)
        /// Twilio refused, and would refuse again.
        case refused(VendorFailure)
    }

    /// Asks Twilio once to end a call, and takes in the answer.
    func askToEnd(_ sid: CallSid, of id: CallID, _ ledger: Ledger) async -> EndAttempt {
        do throws(VendorFailure) {
            let answer = try await telephony.endCall(sid)
            if await take(answer, of: sid, id, ledger) { return .over }
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

    /// Takes in what Twilio said to the end of a call. That it took the request does not prove that the call is over.
    /// - Returns: whether it is over; else Twilio must be asked again.
    private func take(_ answer: EndOfCall, of sid: CallSid, _ id: CallID, _ ledger: Ledger) async -> Bool {
        switch answer {
        case .taken(let call), .refused(let call):
            await ledger.note(.lookedUp(call), of: id)
            return ledger.read { $0.call(id)?.status.isTerminal } ?? true
        case .noSuchCall(let code):
            await ledger.note(.unknownToTwilio(sid, code: code), of: id)
            return true
        }
    }
}
