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
    func withAgentOfNow(_ accepted: Accepted) async throws(PlacingFailure) -> Accepted? {
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
            guard await end(accepted.id, .agentCallFailed(CallError(changeOfAgent: error))) else { return nil }
            logChangeOfAgent(error, accepted)
            throw error
        }
    }

    /// - Returns: `nil` where it failed after a client had ended the call: it stays `canceled`.
    func prepareConversation(_ accepted: Accepted) async throws(PlacingFailure) -> AgentCall? {
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
            if await ledger.note(.agentCallCreated(agentCall), of: id) == .ignored(.contradiction) {
                throw .foreignConversation
            }
            return agentCall
        } catch {
            // Nobody was dialed, whether or not Ultravox created the agent call. It is not requested again, and ends at
            // its join timeout.
            if case .refused = error { agents.forget(accepted.agent.id) }
            guard await end(id, .agentCallFailed(CallError(error))) else { return nil }
            logFailure(of: id, error)
            throw .vendor(error, callID: id)
        }
    }
}
