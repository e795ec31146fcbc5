import CallDomain
import CallStorage
import Logging

/// Places calls: from a client's order to the create at Twilio and its outcome.
struct Placing: Sendable {
    let ledger: Ledger
    let duties: Duties
    let erasing: Erasing
    let queue: DialDriver
    let agents: AgentDirectory
    let telephony: GuardedTelephony
    let platform: GuardedPlatform
    let vendors: [VendorGuard]
    let clock: any TimeSource
    let random: any RandomBits
    let background: BackgroundWork
    let policy: CallPolicy
    let logger: Logger

    /// An order that was accepted, on its way.
    struct Accepted: Sendable {
        let id: CallID
        let order: CallOrder
        /// What the client gave for the agent's variables.
        let givenContext: JSONObject
        let acceptedAt: Moment
        let ticket: DialQueue.Ticket
        /// Its turn came when it was accepted.
        var hasTurn = false
    }

    /// An order whose turn has come.
    struct Due: Sendable {
        let accepted: Accepted
        /// As it is now.
        let agent: Agent
        /// Complete: the agent's defaults stand under what the client gave.
        let context: JSONObject
        /// When a create may leave at the latest, so that the prepared conversation outlives the ring.
        var ringsBy: Moment?

        var id: CallID { accepted.id }
        var order: CallOrder { accepted.order }
        var ticket: DialQueue.Ticket { accepted.ticket }
    }

    /// Places a call: checks whether it may be placed, reads the agent, and waits for the order's turn; then prepares
    /// the conversation, unless that waits for the answer, and dials. At most one create that Twilio may have acted on
    /// is ever sent for an order.
    ///
    /// - Returns: the call, with a CallSid if Twilio gave one. `pending` if its turn is more than two seconds away: it
    ///   is placed in the background. `unknown` if the dial went out and its outcome did not come back; `canceled` if
    ///   it was hung up before it was dialed.
    func place(_ order: PlaceCall, key: KeyClaim?) async throws(PlacingFailure) -> Call {
        var order = order
        order.phoneNumber = try numberToCall(order)
        try checkOpen()
        // That it fits is known before the order is accepted.
        _ = try await agentForOrder(order.agentID, given: order.templateContext, callID: nil) {
            () throws(VendorFailure) in
            try await agents.recentAgent(order.agentID, within: CallPolicy.vendorPatience)
        }
        let accepted = try await accept(order, key: key)
        if accepted.hasTurn {
            try await LogContext.adding(latest(accepted).logNames) { () throws(PlacingFailure) in
                try await carryOutAtOnce(accepted)
            }
            return latest(accepted)
        }
        if accepted.ticket.isAtOnce {
            switch await queue.turn(accepted.ticket, within: CallPolicy.longestWaitForTurn) {
            case .come:
                try await LogContext.adding(latest(accepted).logNames) { () throws(PlacingFailure) in
                    try await carryOut(accepted)
                }
                return latest(accepted)
            case .timeUp:
                await expire(accepted.id)
                return latest(accepted)
            case .left:
                try await takenOut(accepted)
                return latest(accepted)
            case .switchedOff(let reason):
                // What could not be canceled durably goes on after a restart.
                guard await cancelSwitchedOff(accepted.id) else { return latest(accepted) }
                throw .dialingDisabled(reason: reason, callID: accepted.id)
            case .notYet: break
            }
        }
        background.submit { await latest(accepted).logged { await placeLater(accepted) } }
        return latest(accepted)
    }

    private static let stopped = "the gateway stopped before the order was dialed"

    /// Answers for an order that somebody took out of the queue: a client by a hang-up, an operator by the switch, or a stop.
    /// None of them may have known of the order when it was taken out before its record was applied.
    private func takenOut(_ accepted: Accepted) async throws(PlacingFailure) {
        let position = ledger.read { $0.dialing }
        if queue.isStopping {
            // The next start goes on with it.
            if ledger.outlivesProcess { return }
            let isEnded = await end(accepted.id, .canceled(reason: Self.stopped))
            if isEnded || wasEnded(accepted) { throw .draining(callID: accepted.id) }
        } else if !position.isEnabled {
            let isEnded = await cancelSwitchedOff(accepted.id)
            if isEnded || wasEnded(accepted) {
                throw .dialingDisabled(reason: position.reason, callID: accepted.id)
            }
        } else {
            await end(accepted.id, .canceled(reason: "the order was taken out of the queue"))
        }
    }

    /// Whether the gateway itself ended the order.
    private func wasEnded(_ accepted: Accepted) -> Bool {
        let call = latest(accepted)
        return call.status == .canceled && !call.hangUpRequested
    }

    /// The number as it is dialed, and locked: of its spellings the one that its country uses today.
    private func numberToCall(_ order: PlaceCall) throws(PlacingFailure) -> PhoneNumber {
        let number = order.phoneNumber.respelled
        for own in [order.from, policy.from].compactMap(\.self) where own.respelled == number { throw .numberIsOurs }
        switch policy.destinations.verdict(on: number) {
        case .allowed: return number
        case .refused(let reason): throw .destinationNotAllowed(reason)
        case .misspelt(let fault): throw .numberMisspelt(fault)
        }
    }

    /// Refuses at once what could not be dialed now.
    private func checkOpen() throws(PlacingFailure) {
        if let failure = ledger.failure { throw .journal(failure) }
        if queue.isStopping { throw .draining(callID: nil) }
        let position = ledger.read { $0.dialing }
        guard position.isEnabled else { throw .dialingDisabled(reason: position.reason, callID: nil) }
        for vendor in vendors where vendor.isOpen { throw .vendor(vendor.openFailure, callID: nil) }
    }

    /// Takes the order's place in the queue, and among the calls, and records it. Where its turn comes at once, one append
    /// says, too, that its conversation is asked for.
    private func accept(_ asked: PlaceCall, key: KeyClaim?) async throws(PlacingFailure) -> Accepted {
        let order = CallOrder(asked, policy: policy)
        let now = clock.now
        let id = CallID(at: now, random: (UInt16(truncatingIfNeeded: random.next()), random.next()))
        let limits = policy.admissionLimits
        // A hopeless order stays out of queue and log.
        if let refusal = ledger.read({ $0.refusal(of: order.phoneNumber, within: limits, at: now) }) {
            throw failure(refusal)
        }
        let ticket: DialQueue.Ticket
        do throws(DialQueue.Full) {
            ticket = try queue.enter(id)
        } catch {
            switch error {
            case .full(let retryAfter): throw .queueFull(retryAfter: retryAfter)
            case .stopping: throw .draining(callID: nil)
            }
        }
        let hasTurn = ticket.isAtOnce && queue.takeTurn(ticket)
        func leave() {
            queue.leave(id)
            if hasTurn { queue.giveUp(ticket) }
        }
        let verdict: Verdict
        do throws(JournalFailure) {
            let ordered = Ordered(
                id: id,
                order: order,
                templateContext: asked.templateContext,
                key: key,
                limits: limits
            )
            var records: [Record.Content] = [.ordered(ordered)]
            // It is void where the order is refused.
            if hasTurn, order.join == .eager { records.append(.noted(id, .agentCallRequested(order.agentID))) }
            verdict = try await ledger.commit(records)[0].verdict
        } catch {
            leave()
            throw .journal(error)
        }
        guard verdict == .applied else {
            leave()
            guard case .refused(let refusal) = verdict else {
                // The id was another call's.
                return try await accept(asked, key: key)
            }
            switch refusal {
            case .rail(let rail): throw failure(rail)
            case .key(let state): throw .keyTaken(state)
            }
        }
        return Accepted(
            id: id,
            order: order,
            givenContext: asked.templateContext,
            acceptedAt: clock.moment,
            ticket: ticket,
            hasTurn: hasTurn
        )
    }

    private func failure(_ refusal: RailRefusal) -> PlacingFailure {
        guard case .numberBusy(let live) = refusal else { return .rail(refusal) }
        let call = ledger.read { $0.call(live) }
        let agent = call?.agentID.flatMap(agents.lastRead)
        return .numberBusy(live, BusyNumber(call, agent: agent, policy: policy, now: clock.now))
    }

    /// Waits for the turn of an order whose client is not waiting any more, and places the call.
    func placeLater(_ accepted: Accepted) async {
        switch await queue.turn(accepted.ticket) {
        case .come:
            do throws(PlacingFailure) {
                try await carryOut(accepted)
            } catch {
                // Why stands in the call, where the client reads it, and in the log.
            }
        case .timeUp, .notYet: await expire(accepted.id)
        case .switchedOff: await cancelSwitchedOff(accepted.id)
        case .left:
            // Why stands in the call.
            try? await takenOut(accepted)
        }
    }

    func expire(_ id: CallID) async { await end(id, notInTime) }

    /// What ends an order that waited too long.
    var notInTime: CallFact {
        let because = ledger.read { $0.dialing.isEnabled } ? "" : ": dialing was switched off"
        return .canceled(reason: "not dialed within QUEUE_MAX_WAIT\(because)")
    }

    @discardableResult
    func cancelSwitchedOff(_ id: CallID) async -> Bool {
        await end(id, .canceled(reason: "dialing was switched off"))
    }

    /// Begins no dial any more. The orders that wait for their turn are canceled, unless a journal keeps them for the next
    /// start.
    func stop() async {
        let waiting = queue.stop()
        guard !ledger.outlivesProcess else { return }
        for id in waiting { await end(id, .canceled(reason: Self.stopped)) }
    }

    /// Ends an order whose dial has not begun.
    /// - Returns: whether that ended it; if not, its dial has begun, somebody else has ended it, or the end could not be made
    ///   durable: then the order is accepted still, and a restart goes on with it.
    @discardableResult
    func end(_ id: CallID, _ fact: CallFact) async -> Bool {
        // The process ends before its time: that is no reason to end orders that the next one can go on with.
        if ledger.outlivesProcess, Task.isCancelled { return false }
        do throws(JournalFailure) {
            return try await ledger.commit(.undialed(id, fact)).verdict == .applied
        } catch {
            return false
        }
    }

    /// Carries out an order whose turn came when it was accepted, unless dialing was switched off since, or stopped.
    private func carryOutAtOnce(_ accepted: Accepted) async throws(PlacingFailure) {
        let position = ledger.read { $0.dialing }
        guard position.isEnabled, !queue.isStopping else {
            queue.giveUp(accepted.ticket)
            let stop = queue.isStopping ? DialQueue.Stop.stopping : .switchedOff(reason: position.reason)
            return try await cancel(accepted, stop, isDialed: false)
        }
        try await carryOut(accepted)
    }

    /// Carries out an order whose turn has come.
    private func carryOut(_ accepted: Accepted) async throws(PlacingFailure) {
        let id = accepted.id
        defer { queue.giveUp(accepted.ticket) }
        guard var due = try await withAgentOfNow(accepted) else { return }
        let askedAt = clock.moment
        var agentCall: AgentCall?
        if due.order.join == .eager {
            agentCall = try await prepareConversation(due)
            guard agentCall != nil else { return }
            due.ringsBy = latestRing(askedAt: askedAt)
        }
        // `nil` while the order holds none.
        var permit: VendorPermits.Permit?
        do throws(VendorFailure) {
            permit = try await telephony.permitToDial()
        } catch {
            return try await cancel(accepted, preparedWith: agentCall, .vendorDown(error))
        }
        defer { permit?.release() }
        duties.beginDial(id)
        defer { duties.endDial(id, ledger) }
        let create: DialDriver.Create
        do throws(DialQueue.Stop) {
            create = try await queue.begin(accepted.ticket, before: latestDial(due, due.ticket.dialBy))
        } catch {
            return try await cancel(accepted, preparedWith: agentCall, error)
        }
        // Nothing is in flight while the intent is written: over a slow disk others use the connection.
        if ledger.outlivesProcess {
            permit?.release()
            permit = nil
        }
        // It is durable before the first byte leaves.
        do throws(PlacingFailure) {
            guard try await intend(id, with: agentCall) else { return queue.notSent(create) }
        } catch {
            queue.notSent(create)
            throw error
        }
        if permit == nil {
            do throws(VendorFailure) {
                permit = try await telephony.permitToDial()
            } catch {
                queue.notSent(create)
                return try await fail(id, error)
            }
        }
        try await dial(due, create, &permit)
    }

    /// Ends an order that was stopped before its dial, and with it the conversation that was prepared for it.
    private func cancel(
        _ accepted: Accepted,
        preparedWith agentCall: AgentCall?,
        _ stop: DialQueue.Stop
    ) async throws(PlacingFailure) {
        if let agentCall { _ = await erasing.note(agentCall, of: accepted.id) }
        try await cancel(accepted, stop, isDialed: false)
    }

    /// Ends an order that was stopped: before its dial, or before its dial was repeated.
    func cancel(_ accepted: Accepted, _ stop: DialQueue.Stop, isDialed: Bool) async throws(PlacingFailure) {
        let id = accepted.id
        func take(_ fact: CallFact) async -> Bool {
            if !isDialed { return await end(id, fact) }
            // A message may prove that there is a call, whatever Twilio's answer said.
            guard ledger.read({ $0.call(id)?.callSid }) == nil else { return false }
            return await ledger.note(fact, of: id) == .applied
        }
        switch stop {
        case .unwanted: return
        case .timeUp where clock.moment < accepted.ticket.dialBy:
            _ = await take(.canceled(reason: "the prepared conversation would end before the callee could answer"))
        case .timeUp:
            _ = await take(notInTime)
        case .vendorDown(let failure):
            guard await take(.dialNotSent(CallError(failure))) else { return }
            logFailure(of: id, failure)
            throw .vendor(failure, callID: id)
        case .switchedOff(let reason):
            guard await take(.canceled(reason: "dialing was switched off")) else { return }
            throw .dialingDisabled(reason: reason, callID: id)
        // The next start goes on with an order that nothing was done for yet.
        case .stopping where ledger.outlivesProcess && !isDialed && !latest(accepted).agentCallRequested: return
        case .stopping:
            guard await take(.canceled(reason: Self.stopped)) else { return }
            throw .draining(callID: id)
        }
    }

    /// The call as it is, or as it must have been if it has come to its end and left since.
    func latest(_ accepted: Accepted) -> Call {
        if let call = ledger.read({ $0.call(accepted.id) }) { return call }
        var history = CallHistory(id: accepted.id)
        history.merge(CallEvent(callID: accepted.id, receivedAt: clock.now, fact: .ordered(accepted.order)))
        history.merge(CallEvent(callID: accepted.id, receivedAt: clock.now, fact: .dialing))
        return history.folded
    }
}
