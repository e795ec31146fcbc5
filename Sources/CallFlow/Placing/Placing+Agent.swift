import CallDomain
import CallStorage
import Logging

extension Placing {
    /// The agent, and the complete context for it.
    func agentForOrder(
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
    func withAgentOfNow(_ accepted: Accepted) async throws(PlacingFailure) -> Due? {
        do throws(PlacingFailure) {
            let (agent, context) = try await agentForOrder(
                accepted.order.agentID,
                given: accepted.givenContext,
                callID: accepted.id
            ) { () throws(VendorFailure) in
                try await agents.agentAtTurn(accepted.order.agentID, ofOrderAt: accepted.acceptedAt)
            }
            return Due(accepted: accepted, agent: agent, context: context)
        } catch {
            guard await end(accepted.id, .agentCallFailed(CallError(changeOfAgent: error))) else { return nil }
            logChangeOfAgent(error, accepted)
            throw error
        }
    }

    /// That it is asked for is durable before, so that a restart asks for no second one. What Ultravox answers is recorded by
    /// the caller, together with what it does next.
    /// - Returns: `nil` where the order is over: a client ended it, or it goes on after a restart at best.
    func prepareConversation(_ due: Due) async throws(PlacingFailure) -> AgentCall? {
        let (id, order) = (due.id, due.order)
        let request = AgentCallRequest(
            callID: id,
            agent: due.agent,
            templateContext: due.context,
            joinTimeout: order.ringTimeout + CallPolicy.joinMargin,
            maxDuration: policy.maxDuration(order.maxDuration, with: due.agent),
            correlationID: order.correlationID
        )
        if !due.accepted.hasTurn {
            guard await ledger.note(.agentCallRequested(due.agent.id), of: id) == .applied else { return nil }
        }
        guard ledger.read({ $0.isUndialed(id) }) else { return nil }
        do throws(VendorFailure) {
            return try await platform.createAgentCall(request)
        } catch {
            // Nobody was dialed, whether or not Ultravox created the agent call. It is not requested again, and ends at
            // its join timeout.
            if case .refused = error { agents.forget(due.agent.id) }
            guard await end(id, .agentCallFailed(CallError(error))) else { return nil }
            logFailure(of: id, error)
            throw .vendor(error, callID: id)
        }
    }

    /// Records that the order is about to be dialed, and with it the conversation that was prepared for it: one append.
    /// - Returns: whether it may be dialed; if not, it is over.
    func intend(_ id: CallID, with agentCall: AgentCall?) async throws(PlacingFailure) -> Bool {
        let applied: [Applied]
        do throws(JournalFailure) {
            let prepared = agentCall.map { Record.Content.noted(id, .agentCallCreated($0)) }
            // Who hangs up at the same time comes before or after.
            applied = try await ledger.commit([prepared, .noted(id, .dialing)].compactMap(\.self))
            // The call may have been hung up and erased while Ultravox was asked.
            if let agentCall, applied.first?.verdict == .ignored(.gone) {
                try await erasing.find(.agentCallCreated(agentCall), claimed: id)
            }
        } catch {
            // The order itself is durable, so it is accepted: a restart goes on with it.
            return false
        }
        guard agentCall == nil || applied.first?.verdict != .ignored(.contradiction) else {
            let failure = VendorFailure.foreignConversation
            guard await ledger.note(.agentCallFailed(CallError(failure)), of: id) == .applied else { return false }
            logFailure(of: id, failure)
            throw .vendor(failure, callID: id)
        }
        return applied.last?.verdict == .applied
    }
}
