package import CallDomain
import Logging

/// An order as the client gave it, field by field correct.
package struct PlaceCall: Sendable {
    package var agentID: AgentID
    package var phoneNumber: PhoneNumber
    package var templateContext: JSONObject
    package var from: PhoneNumber?
    package var ringTimeout: Duration
    package var maxDuration: Duration?
    package var machineDetection: CallOrder.MachineDetection
    package var record: Bool
    package var metadata: [String: String]

    package init(
        agentID: AgentID,
        phoneNumber: PhoneNumber,
        templateContext: JSONObject,
        from: PhoneNumber?,
        ringTimeout: Duration,
        maxDuration: Duration?,
        machineDetection: CallOrder.MachineDetection,
        record: Bool,
        metadata: [String: String]
    ) {
        self.agentID = agentID
        self.phoneNumber = phoneNumber
        self.templateContext = templateContext
        self.from = from
        self.ringTimeout = ringTimeout
        self.maxDuration = maxDuration
        self.machineDetection = machineDetection
        self.record = record
        self.metadata = metadata
    }
}

/// Why an order was not placed. Nobody was dialed.
package enum PlacingFailure: Error, Sendable {
    case agentNotFound(AgentID)
    case agentIsDraft(AgentID)
    case contextDoesNotFit([ContextSchema.Problem])
    /// A vendor refused or could not be reached.
    /// - Parameter callID: of the call that look-ups show as `failed`; `nil` if the order never became one.
    case vendor(VendorFailure, callID: CallID?)
}

extension CallFlow {
    /// Places a call: reads the agent, prepares the conversation, then dials. At most one create that Twilio may have
    /// acted on is ever sent for an order.
    ///
    /// - Returns: the call, with a CallSid if Twilio gave one. `unknown` if the dial went out and its outcome did not
    ///   come back; `canceled` if it was hung up before it was dialed.
    package func place(_ order: PlaceCall) async throws(PlacingFailure) -> Call {
        let agent = try await agentForOrder(order.agentID)
        let context: JSONObject
        switch agent.contextSchema.complete(order.templateContext) {
        case .success(let complete): context = complete
        case .failure(let problems): throw .contextDoesNotFit(problems.problems)
        }
        let accepted = CallOrder(
            agentID: agent.id,
            phoneNumber: order.phoneNumber,
            from: order.from ?? policy.from,
            ringTimeout: order.ringTimeout,
            maxDuration: min(
                order.maxDuration ?? agent.configuration.maxDuration ?? policy.maxCallDuration,
                policy.maxCallDuration
            ),
            machineDetection: order.machineDetection,
            record: order.record,
            metadata: order.metadata
        )
        let id = CallID(at: clock.now, random: (UInt16(truncatingIfNeeded: random.next()), random.next()))
        undialed.insert(id)
        defer { _ = undialed.take(id) }
        record(.ordered(accepted), of: id)
        let agentCall = try await prepareConversation(id, order: accepted, agent: agent, context: context)
        guard undialed.take(id) else {
            discard(agentCall)
            return try known(id)
        }
        record(.dialing, of: id)
        try await dial(id, order: accepted, agentCall: agentCall)
        return try known(id)
    }

    private func known(_ id: CallID) throws(PlacingFailure) -> Call {
        guard let call = store.call(id) else {
            throw .vendor(.unclear(.twilio, status: nil, reason: "the call is no longer in memory"), callID: id)
        }
        return call
    }

    private func agentForOrder(_ id: AgentID) async throws(PlacingFailure) -> Agent {
        let agent: Agent
        do {
            agent = try await agents.recentAgent(id)
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

    private func prepareConversation(
        _ id: CallID,
        order: CallOrder,
        agent: Agent,
        context: JSONObject
    ) async throws(PlacingFailure) -> AgentCall {
        let request = AgentCallRequest(
            callID: id,
            agent: agent,
            templateContext: context,
            joinTimeout: order.ringTimeout + CallPolicy.joinMargin,
            maxDuration: order.maxDuration
        )
        do {
            let agentCall = try await platform.createAgentCall(request)
            record(.agentCallCreated(agentCall), of: id)
            return agentCall
        } catch {
            // Nobody was dialed, whatever became of the agent call: it is not repeated, and runs out by its time-out.
            if case .refused = error { agents.forget(agent.id) }
            record(.agentCallFailed(CallError(error)), of: id)
            throw .vendor(error, callID: id)
        }
    }

    private func dial(_ id: CallID, order: CallOrder, agentCall: AgentCall) async throws(PlacingFailure) {
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
    private func fail(_ id: CallID, _ failure: VendorFailure, discarding agentCall: AgentCall) throws(PlacingFailure) {
        if case .notSent = failure {
            record(.dialNotSent(CallError(failure)), of: id)
        } else {
            record(.dialRefused(CallError(failure)), of: id)
        }
        discard(agentCall)
        throw .vendor(failure, callID: id)
    }

    /// Deletes a conversation that nobody will join, once; if that fails it runs out by its join time-out.
    private func discard(_ agentCall: AgentCall) {
        background.submit { [platform, logger] in
            do throws(VendorFailure) {
                try await platform.deleteAgentCall(agentCall.ultravoxCallID)
            } catch {
                logger.debug(
                    "an agent call that nobody will join runs out by its time-out",
                    metadata: ["ultravox.call.id": "\(agentCall.ultravoxCallID)", "reason": "\(error.reason)"]
                )
            }
        }
    }
}

extension CallError {
    init(_ failure: VendorFailure) {
        let source: Source = failure.vendor == .twilio ? .twilio : .ultravox
        switch failure {
        case .notSent: self.init(source: .gateway, code: "not_sent", message: failure.reason)
        case .refused(let refusal), .throttled(let refusal, _):
            self.init(source: source, code: String(refusal.code ?? refusal.status), message: refusal.message)
        case .unclear(_, let status, let reason):
            self.init(source: source, code: status.map(String.init) ?? "no_answer", message: reason)
        case .nonsense(_, let status, let reason): self.init(source: source, code: String(status), message: reason)
        }
    }
}
