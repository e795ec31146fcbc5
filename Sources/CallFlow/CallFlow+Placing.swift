package import CallDomain
import Logging

/// Why an order was not placed. Nobody was dialed.
package enum PlacingFailure: Error, Sendable {
    case destinationNotAllowed(DestinationRefusal)
    case agentNotFound(AgentID)
    case agentIsDraft(AgentID)
    case contextDoesNotFit([ContextSchema.Problem])
    /// A vendor refused or could not be reached.
    /// - Parameter callID: of the call that look-ups show as `failed`; `nil` if the order never became one.
    case vendor(VendorFailure, callID: CallID?)
}

extension CallFlow {
    /// Places a call: checks the number, reads the agent, prepares the conversation unless that waits for the answer, then dials. At most
    /// one create that Twilio may have acted on is ever sent for an order.
    ///
    /// - Returns: the call, with a CallSid if Twilio gave one. `unknown` if the dial went out and its outcome did not
    ///   come back; `canceled` if it was hung up before it was dialed.
    package func place(_ order: PlaceCall) async throws(PlacingFailure) -> Call {
        if case .refused(let reason) = policy.destinations.verdict(on: order.phoneNumber) {
            throw .destinationNotAllowed(reason)
        }
        let agent = try await agentForOrder(order.agentID)
        let context: JSONObject
        switch agent.contextSchema.complete(order.templateContext) {
        case .success(let complete): context = complete
        case .failure(let problems): throw .contextDoesNotFit(problems.problems)
        }
        let accepted = CallOrder(order, agent: agent, context: context, policy: policy)
        let id = CallID(at: clock.now, random: (UInt16(truncatingIfNeeded: random.next()), random.next()))
        undialed.insert(id)
        defer { _ = undialed.take(id) }
        record(.ordered(accepted), of: id)
        let agentCall: AgentCall?
        switch accepted.join {
        case .eager: agentCall = try await prepareConversation(id, order: accepted, agent: agent, context: context)
        case .onAnswer: agentCall = nil
        }
        guard undialed.take(id) else {
            discard(agentCall)
            return latest(id, of: accepted)
        }
        record(.dialing, of: id)
        try await dial(id, order: accepted, agentCall: agentCall)
        return latest(id, of: accepted)
    }

    /// The call as it is, or as it must have been if it has come to its end and left since.
    private func latest(_ id: CallID, of order: CallOrder) -> Call {
        if let call = store.call(id) { return call }
        var history = CallHistory(id: id)
        history.merge(CallEvent(callID: id, receivedAt: clock.now, fact: .ordered(order)))
        history.merge(CallEvent(callID: id, receivedAt: clock.now, fact: .dialing))
        return history.folded
    }

    private func agentForOrder(_ id: AgentID) async throws(PlacingFailure) -> Agent {
        let agent: Agent
        do {
            agent = try await agents.recentAgent(id, within: CallPolicy.vendorPatience)
        } catch {
            if case .refused(let refusal) = error, refusal.status == 404 { throw .agentNotFound(id) }
            throw .vendor(error, callID: nil)
        }
        guard agent.status == .active else {
            agents.forget(id)
            throw .agentIsDraft(id)
        }
        return agent
    }

    /// - Returns: `nil` where it failed after a client had ended the call: it stays `canceled`.
    private func prepareConversation(
        _ id: CallID,
        order: CallOrder,
        agent: Agent,
        context: JSONObject
    ) async throws(PlacingFailure) -> AgentCall? {
        let request = AgentCallRequest(
            callID: id,
            agent: agent,
            templateContext: context,
            joinTimeout: order.ringTimeout + CallPolicy.joinMargin,
            maxDuration: order.maxDuration
        )
        do throws(VendorFailure) {
            let agentCall = try await platform.createAgentCall(request)
            if case .contradicts = record(.agentCallCreated(agentCall), of: id) { throw .foreignConversation }
            return agentCall
        } catch {
            // Nobody was dialed, whatever became of the agent call: it is not repeated, and runs out by its time-out.
            if case .refused = error { agents.forget(agent.id) }
            guard undialed.take(id) else { return nil }
            record(.agentCallFailed(CallError(error)), of: id)
            throw .vendor(error, callID: id)
        }
    }

    private func dial(_ id: CallID, order: CallOrder, agentCall: AgentCall?) async throws(PlacingFailure) {
        let timeLimit = min(order.maxDuration + CallPolicy.timeLimitMargin, CallPolicy.longestTimeLimit)
        var attempt = DialAttempt(startedAt: clock.now)
        while true {
            let failure: VendorFailure
            do {
                let request = DialRequest(callID: id, order: order, timeLimit: timeLimit)
                let call = try await telephony.createCall(request)
                if case .contradicts = record(.callCreated(call), of: id) {
                    let reason = "Twilio answered with a CallSid that belongs to another call"
                    record(.dialUnclear(CallError(.nonsense(.twilio, status: 201, reason: reason))), of: id)
                }
                return
            } catch { failure = error }
            switch attempt.next(after: failure, now: clock.now) {
            case .again(let pause):
                do { try await clock.sleep(for: pause) } catch {
                    return try fail(id, failure, discarding: agentCall)
                }
                if store.call(id)?.hangUpRequested == true {
                    record(.canceled(reason: "hung up before it was dialed"), of: id)
                    return discard(agentCall)
                }
            case .giveUp:
                return try fail(id, failure, discarding: agentCall)
            case .leaveToEvidence:
                record(.dialUnclear(CallError(failure)), of: id)
                return
            }
        }
    }

    /// Ends an order of which Twilio certainly did nothing.
    private func fail(_ id: CallID, _ failure: VendorFailure, discarding agentCall: AgentCall?) throws(PlacingFailure) {
        if case .notSent = failure {
            record(.dialNotSent(CallError(failure)), of: id)
        } else {
            record(.dialRefused(CallError(failure)), of: id)
        }
        discard(agentCall)
        throw .vendor(failure, callID: id)
    }

    /// Deletes a conversation that nobody will join, once; if that fails it runs out by its join time-out.
    func discard(_ agentCall: AgentCall?) {
        guard let agentCall else { return }
        background.submit { [platform, logger] in
            do throws(VendorFailure) {
                try await platform.deleteAgentCall(agentCall.ultravoxCallID)
            } catch {
                logger.debug(
                    "an agent call that nobody will join runs out by its time-out",
                    metadata: error.logMetadata.merging(["ultravox.call.id": "\(agentCall.ultravoxCallID)"]) { $1 }
                )
            }
        }
    }
}
