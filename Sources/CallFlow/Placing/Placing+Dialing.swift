import CallDomain
import CallStorage
import Logging

extension Placing {
    /// When a create may leave at the latest, so that the join URL outlives the ring. It counts from when the conversation
    /// was asked for, so that no clock that is set can move it.
    func latestRing(askedAt: Moment) -> Moment {
        askedAt + CallPolicy.joinMargin - CallPolicy.longestExtraRing
    }

    func latestDial(_ due: Due, _ deadline: Moment) -> Moment { min(deadline, due.ringsBy ?? deadline) }

    /// Dials, and dials again where Twilio certainly did nothing. `permit` is released when Twilio has answered.
    func dial(
        _ due: Due,
        _ first: DialDriver.Create,
        _ permit: inout VendorPermits.Permit?
    ) async throws(PlacingFailure) {
        let (id, order) = (due.id, due.order)
        let conversation = policy.maxDuration(order.maxDuration, with: due.agent)
        let timeLimit = min(conversation + CallPolicy.timeLimitMargin, CallPolicy.longestTimeLimit)
        let request = DialRequest(callID: id, order: order, timeLimit: timeLimit)
        var attempts = DialAttempt(startedAt: clock.moment)
        var create = first
        var isRepetition = false
        while true {
            let latest = latestDial(due, attempts.endsAt)
            let outcome = await attempt(request, create, isRepetition: isRepetition)
            // Nothing is in flight any more, however long it takes to write what came of it.
            permit?.release()
            permit = nil
            let failure: VendorFailure
            switch outcome {
            case .success(let call):
                queue.answered(create)
                if await ledger.note(.callCreated(call), of: id) == .ignored(.contradiction) {
                    let reason = "Twilio answered with a CallSid that belongs to another call"
                    await leaveToEvidence(id, .nonsense(.twilio, status: 201, reason: reason))
                }
                return
            case .failure(let error): failure = error.blamingClient(forChoosing: order.from != policy.from)
            }
            if failure.isUnsent { queue.notSent(create) } else { queue.answered(create) }
            // Those in the queue need not learn one by one that Twilio asks for a pause.
            if let wait = failure.askedWait { queue.pause(for: wait) }
            switch attempts.next(after: failure, now: clock.moment) {
            case .again where failure.isUnsent && clock.moment >= due.ticket.dialBy:
                return try await fail(id, failure)
            case .again(let pause):
                let next: DialDriver.Create?
                do throws(DialQueue.Stop) {
                    next = try await turnToRepeat(due, failure, pause, before: latest, &permit)
                } catch {
                    switch error {
                    case .switchedOff, .stopping: return try await cancel(due.accepted, error, isDialed: true)
                    case .timeUp, .unwanted, .vendorDown: return try await fail(id, failure)
                    }
                }
                guard let next else { return try await fail(id, failure) }
                (create, isRepetition) = (next, true)
            case .giveUp:
                return try await fail(id, failure)
            case .leaveToEvidence:
                return await leaveToEvidence(id, failure)
            }
        }
    }

    private func attempt(
        _ request: DialRequest,
        _ create: DialDriver.Create,
        isRepetition: Bool
    ) async -> Result<TwilioCall, VendorFailure> {
        do throws(VendorFailure) {
            return .success(
                try await telephony.createCall(request, isRepetition: isRepetition, permit: create.permit)
            )
        } catch {
            return .failure(error)
        }
    }

    /// Waits until a create that Twilio certainly did not act on may be sent again.
    /// - Returns: `nil` if the vendor's budget has no room for it, or no permit was free in time.
    private func turnToRepeat(
        _ due: Due,
        _ failure: VendorFailure,
        _ pause: Duration,
        before deadline: Moment,
        _ permit: inout VendorPermits.Permit?
    ) async throws(DialQueue.Stop) -> DialDriver.Create? {
        // How often a 429 is answered again, Twilio decides.
        if case .throttled = failure {} else if !telephony.vendor.mayRepeat() { return nil }
        // A client may hang up meanwhile, and a message may prove that there is a call.
        let isOpen = {
            let call = ledger.read({ $0.call(due.id) })
            return call?.hangUpRequested == false && call?.callSid == nil && ledger.failure == nil
        }
        do { try await clock.sleep(for: pause) } catch { throw .stopping }
        do throws(VendorFailure) {
            permit = try await telephony.permitToDial(within: deadline - clock.moment)
        } catch { return nil }
        guard isOpen() else { throw .unwanted }
        let create = try await queue.begin(due.ticket, before: deadline)
        guard isOpen() else {
            queue.notSent(create)
            throw .unwanted
        }
        return create
    }

    /// Twilio may have dialed, and nothing but evidence may decide. Without any the call is parked after a while.
    private func leaveToEvidence(_ id: CallID, _ failure: VendorFailure) async {
        // A message may have proved the call by now.
        if ledger.read({ $0.call(id)?.callSid }) == nil {
            var metadata = failure.logMetadata
            metadata["call.id"] = "\(id)"
            metadata["advice"] = "Do not send the order again: it may ring. A webhook of Twilio's settles it."
            logger.warning("the outcome of a dial is unknown", metadata: metadata)
        }
        await ledger.note(.dialUnclear(CallError(failure)), of: id)
    }

    /// Ends an order of which Twilio certainly did nothing, unless a message proves that it did.
    func fail(_ id: CallID, _ failure: VendorFailure) async throws(PlacingFailure) {
        let call = ledger.read { $0.call(id) }
        if call?.callSid != nil { return }
        if call?.hangUpRequested == true {
            await ledger.note(.canceled(reason: CallOrder.hungUp), of: id)
            return
        }
        logFailure(of: id, failure)
        let error = CallError(failure)
        await ledger.note(failure.isUnsent ? .dialNotSent(error) : .dialRefused(error), of: id)
        throw .vendor(failure, callID: id)
    }

    /// Tells the operator why an order failed.
    func logFailure(of id: CallID, _ failure: VendorFailure) {
        logger.log(
            level: failure.logLevel,
            "order failed",
            metadata: failure.logMetadata.merging(["call.id": "\(id)"]) { $1 }
        )
    }

    /// Tells the operator why an order does not fit its agent any more. That the agent could not be read has a line of
    /// its own.
    func logChangeOfAgent(_ failure: PlacingFailure, _ accepted: Accepted) {
        let agentID = accepted.order.agentID
        let (reason, advice): (String, String)
        switch failure {
        case .agentNotFound:
            reason = "the agent was deleted while the order waited"
            advice = "Order the call with another agent: GET /agents lists them."
        case .agentIsDraft:
            reason = "the agent became a draft while the order waited"
            advice = "Publish it by PUT /agents/\(agentID), then order the call again."
        case .contextDoesNotFit(let problems, _):
            let names = problems.map { "template_context.\($0.variable)" }.joined(separator: ", ")
            reason = "the agent's variables changed while the order waited: \(names)"
            advice = "Correct template_context by GET /agents/\(agentID), then order the call again."
        case .vendor, .destinationNotAllowed, .numberMisspelt, .numberIsOurs, .rail, .numberBusy, .queueFull,
            .dialingDisabled, .draining, .keyTaken, .journal:
            return
        }
        logger.info(
            "order failed",
            metadata: [
                "call.id": "\(accepted.id)", "agent.id": "\(agentID)", "reason": "\(reason)", "advice": "\(advice)",
            ]
        )
    }
}
