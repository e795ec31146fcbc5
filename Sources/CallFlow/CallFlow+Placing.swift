package import CallDomain
import Logging

/// Why an order was not placed. Nobody was dialed.
package enum PlacingFailure: Error, Sendable {
    case destinationNotAllowed(DestinationRefusal)
    /// The number cannot be one as it is written.
    case numberMisspelt(NumberMisspelling)
    /// The number to call is the one that would call, or `TWILIO_PHONE_NUMBER`.
    case numberIsOurs
    case rail(RailRefusal)
    /// A call to the number is under way, and `PARALLEL_CALLS_TO_NUMBER` is off.
    case numberBusy(CallID, BusyNumber)
    /// The queue is full, or the order would wait too long; try again after that time.
    case queueFull(retryAfter: Duration)
    /// The operator's switch is off, for that reason.
    case dialingDisabled(reason: String?, callID: CallID?)
    /// The gateway is about to stop.
    case draining(callID: CallID?)
    /// - Parameter callID: of the call that look-ups show as `failed`, where the agent changed while the order waited;
    ///   `nil` if the order never became one.
    case agentNotFound(AgentID, callID: CallID?)
    case agentIsDraft(AgentID, callID: CallID?)
    case contextDoesNotFit([ContextSchema.Problem], callID: CallID?)
    /// A vendor refused or could not be reached.
    /// - Parameter callID: of the call that look-ups show as `failed`; `nil` if the order never became one.
    case vendor(VendorFailure, callID: CallID?)
}

extension CallFlow {
    /// An order that was accepted, on its way.
    struct Accepted: Sendable {
        let id: CallID
        let order: CallOrder
        /// What the client gave for the agent's variables.
        let givenContext: JSONObject
        let acceptedAt: Moment
        var agent: Agent
        /// Complete: the agent's defaults stand under what the client gave.
        var context: JSONObject
        let ticket: DialQueue.Ticket
        /// When a create may leave at the latest, so that the prepared conversation outlives the ring.
        var ringsBy: Moment?
    }

    /// Places a call: checks whether it may be placed, reads the agent, and waits for the order's turn; then prepares
    /// the conversation, unless that waits for the answer, and dials. At most one create that Twilio may have acted on
    /// is ever sent for an order.
    ///
    /// - Returns: the call, with a CallSid if Twilio gave one. `pending` if its turn is more than two seconds away: it
    ///   is placed in the background. `unknown` if the dial went out and its outcome did not come back; `canceled` if
    ///   it was hung up before it was dialed.
    package func place(_ order: PlaceCall) async throws(PlacingFailure) -> Call {
        var order = order
        order.phoneNumber = try numberToCall(order)
        try checkOpen()
        let (agent, context) = try await agentForOrder(order.agentID, given: order.templateContext, callID: nil) {
            () throws(VendorFailure) in
            try await agents.recentAgent(order.agentID, within: CallPolicy.vendorPatience)
        }
        let accepted = try accept(order, agent: agent, context: context)
        if accepted.ticket.isAtOnce {
            switch await queue.turn(accepted.ticket, within: CallPolicy.longestWaitForTurn) {
            case .come:
                try await LogContext.adding(latest(accepted).logNames) { () throws(PlacingFailure) in
                    try await carryOut(accepted)
                }
                return latest(accepted)
            case .timeUp:
                expire(accepted.id)
                return latest(accepted)
            case .left:
                let wasHungUp = store.call(accepted.id)?.hangUpRequested == true
                if queue.isStopping, !wasHungUp { throw .draining(callID: accepted.id) }
                return latest(accepted)
            case .switchedOff(let reason):
                cancelSwitchedOff(accepted.id)
                throw .dialingDisabled(reason: reason, callID: accepted.id)
            case .notYet: break
            }
        }
        background.submit { await self.latest(accepted).logged { await self.placeLater(accepted) } }
        return latest(accepted)
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
        if queue.isStopping { throw .draining(callID: nil) }
        let position = dialing.position
        guard position.isEnabled else { throw .dialingDisabled(reason: position.reason, callID: nil) }
        for vendor in vendors where vendor.isOpen { throw .vendor(vendor.openFailure, callID: nil) }
    }

    /// Takes the order's place among the calls, and in the queue, and records it.
    private func accept(_ asked: PlaceCall, agent: Agent, context: JSONObject) throws(PlacingFailure) -> Accepted {
        let order = CallOrder(asked, policy: policy)
        let id = CallID(at: clock.now, random: (UInt16(truncatingIfNeeded: random.next()), random.next()))
        do throws(RailRefusal) {
            try rails.admit(id, to: order.phoneNumber, now: clock.now)
        } catch {
            guard case .numberBusy(let live) = error else { throw .rail(error) }
            let call = store.call(live)
            let agent = call?.agentID.flatMap(agents.lastRead)
            throw .numberBusy(live, BusyNumber(call, agent: agent, policy: policy, now: clock.now))
        }
        // Before the queue lets a stop find it there.
        undialed.insert(id)
        let ticket: DialQueue.Ticket
        do throws(DialQueue.Full) {
            ticket = try queue.enter(id)
        } catch {
            _ = undialed.take(id)
            rails.withdraw(id, now: clock.now)
            switch error {
            case .full(let retryAfter): throw .queueFull(retryAfter: retryAfter)
            case .stopping: throw .draining(callID: nil)
            }
        }
        record(.ordered(order), of: id)
        return Accepted(
            id: id,
            order: order,
            givenContext: asked.templateContext,
            acceptedAt: clock.moment,
            agent: agent,
            context: context,
            ticket: ticket
        )
    }

    /// Waits for the turn of an order whose client is not waiting any more, and places the call.
    private func placeLater(_ accepted: Accepted) async {
        switch await queue.turn(accepted.ticket) {
        case .come:
            do throws(PlacingFailure) {
                try await carryOut(accepted)
            } catch {
                // Why stands in the call, where the client reads it, and in the log.
            }
        case .timeUp, .notYet: expire(accepted.id)
        case .switchedOff: cancelSwitchedOff(accepted.id)
        case .left: break
        }
    }

    private func expire(_ id: CallID) {
        guard undialed.take(id) else { return }
        let because = dialing.position.isEnabled ? "" : ": dialing was switched off"
        record(.canceled(reason: "not dialed within QUEUE_MAX_WAIT\(because)"), of: id)
    }

    /// Begins no dial any more, and cancels the orders that wait for their turn.
    package func stopDialing() {
        for id in queue.stop() where undialed.take(id) {
            record(.canceled(reason: "the gateway stopped before the order was dialed"), of: id)
        }
    }

    /// Prepares and dials an order whose turn has come.
    private func carryOut(_ accepted: Accepted) async throws(PlacingFailure) {
        let id = accepted.id
        defer {
            queue.giveUp(accepted.ticket)
            _ = undialed.take(id)
        }
        guard var accepted = try await withAgentOfNow(accepted) else { return }
        let askedAt = clock.moment
        let agentCall = accepted.order.join == .eager ? try await prepareConversation(accepted) : nil
        if agentCall != nil { accepted.ringsBy = latestRing(askedAt: askedAt) }
        // `nil` while the order holds none.
        var permit: VendorPermits.Permit?
        do throws(VendorFailure) {
            permit = try await telephony.permitToDial()
        } catch {
            guard undialed.take(id) else { return discard(agentCall, of: id) }
            return try cancel(accepted, .vendorDown(error), discarding: agentCall)
        }
        defer { permit?.release() }
        let create: DialDriver.Create
        do throws(DialQueue.Stop) {
            create = try await queue.begin(accepted.ticket, before: latestDial(accepted, accepted.ticket.dialBy))
        } catch {
            guard undialed.take(id) else { return discard(agentCall, of: id) }
            return try cancel(accepted, error, discarding: agentCall)
        }
        guard undialed.take(id) else {
            queue.notSent(create)
            return discard(agentCall, of: id)
        }
        record(.dialing, of: id)
        try await dial(accepted, agentCall, create, &permit)
    }

    /// Ends an order that was stopped before it was dialed.
    func cancel(
        _ accepted: Accepted,
        _ stop: DialQueue.Stop,
        discarding agentCall: AgentCall?
    ) throws(PlacingFailure) {
        let id = accepted.id
        // A message may prove that there is a call, whatever Twilio's answer said.
        guard store.call(id)?.callSid == nil else { return }
        discard(agentCall, of: id)
        switch stop {
        case .unwanted: return
        case .timeUp where clock.moment < accepted.ticket.dialBy:
            record(.canceled(reason: "the prepared conversation would end before the callee could answer"), of: id)
        case .timeUp: record(.canceled(reason: "not dialed within QUEUE_MAX_WAIT"), of: id)
        case .vendorDown(let failure):
            logFailure(of: id, failure)
            record(.dialNotSent(CallError(failure)), of: id)
            throw .vendor(failure, callID: id)
        case .switchedOff(let reason):
            record(.canceled(reason: "dialing was switched off"), of: id)
            throw .dialingDisabled(reason: reason, callID: id)
        case .stopping:
            record(.canceled(reason: "the gateway stopped before the order was dialed"), of: id)
            throw .draining(callID: id)
        }
    }

    /// The call as it is, or as it must have been if it has come to its end and left since.
    private func latest(_ accepted: Accepted) -> Call {
        if let call = store.call(accepted.id) { return call }
        var history = CallHistory(id: accepted.id)
        history.merge(CallEvent(callID: accepted.id, receivedAt: clock.now, fact: .ordered(accepted.order)))
        history.merge(CallEvent(callID: accepted.id, receivedAt: clock.now, fact: .dialing))
        return history.folded
    }

    /// The agent, and the complete context for it.
    private func agentForOrder(
        _ id: AgentID,
        given: JSONObject,
        callID: CallID?,
        read: () async throws(VendorFailure) -> Agent
    ) async throws(PlacingFailure) -> (Agent, JSONObject) {
        let agent: Agent
        do {
            agent = try await read()
        } catch {
            logger.log(
                level: error.logLevel,
                "order refused: its agent could not be read",
                metadata: error.logMetadata.merging(["agent.id": "\(id)"]) { $1 }
            )
            if case .refused(let refusal) = error, refusal.status == 404 { throw .agentNotFound(id, callID: callID) }
            throw .vendor(error, callID: callID)
        }
        guard agent.status == .active else {
            agents.forget(id)
            throw .agentIsDraft(id, callID: callID)
        }
        switch agent.contextSchema.complete(given) {
        case .success(let complete): return (agent, complete)
        case .failure(let problems): throw .contextDoesNotFit(problems.problems, callID: callID)
        }
    }

    /// The order whose turn has come, with its agent as it is now: it may have changed while the order waited.
    /// - Returns: `nil` where the order does not fit any more and a client had ended the call before that was known: it
    ///   stays `canceled`.
    private func withAgentOfNow(_ accepted: Accepted) async throws(PlacingFailure) -> Accepted? {
        var current = accepted
        do throws(PlacingFailure) {
            (current.agent, current.context) = try await agentForOrder(
                accepted.order.agentID,
                given: accepted.givenContext,
                callID: accepted.id
            ) { () throws(VendorFailure) in
                try await agents.agentAtTurn(accepted.order.agentID, ofOrderAt: accepted.acceptedAt)
            }
            return current
        } catch {
            guard undialed.take(accepted.id) else { return nil }
            logChangeOfAgent(error, accepted)
            record(.agentCallFailed(CallError(changeOfAgent: error)), of: accepted.id)
            throw error
        }
    }

    /// - Returns: `nil` where it failed after a client had ended the call: it stays `canceled`.
    private func prepareConversation(_ accepted: Accepted) async throws(PlacingFailure) -> AgentCall? {
        let (id, order) = (accepted.id, accepted.order)
        let request = AgentCallRequest(
            callID: id,
            agent: accepted.agent,
            templateContext: accepted.context,
            joinTimeout: order.ringTimeout + CallPolicy.joinMargin,
            maxDuration: policy.maxDuration(order.maxDuration, with: accepted.agent),
            correlationID: order.correlationID
        )
        do throws(VendorFailure) {
            let agentCall = try await platform.createAgentCall(request)
            if case .contradicts = record(.agentCallCreated(agentCall), of: id) { throw .foreignConversation }
            return agentCall
        } catch {
            // Nobody was dialed, whether or not Ultravox created the agent call. It is not requested again, and ends at
            // its join timeout.
            if case .refused = error { agents.forget(accepted.agent.id) }
            guard undialed.take(id) else { return nil }
            logFailure(of: id, error)
            record(.agentCallFailed(CallError(error)), of: id)
            throw .vendor(error, callID: id)
        }
    }
}
