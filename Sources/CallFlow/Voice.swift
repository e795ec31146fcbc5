package import CallDomain
import CallStorage
import Logging

/// Which TwiML a voice webhook gets.
package enum VoiceAnswer: Sendable, Equatable {
    case connect(JoinURL, CallID)
    case unavailable
    case reject
    case hangUp
}

/// Answers requests for TwiML.
struct Voice: Sendable {
    let ledger: Ledger
    let intake: Intake
    let duties: Duties
    let agents: AgentDirectory
    let platform: GuardedPlatform
    let clock: any TimeSource
    let policy: CallPolicy
    let logger: Logger
    private let conversations = SingleFlight<CallID, VoiceAnswer>()

    init(
        ledger: Ledger,
        intake: Intake,
        duties: Duties,
        agents: AgentDirectory,
        platform: GuardedPlatform,
        clock: any TimeSource,
        policy: CallPolicy,
        logger: Logger
    ) {
        self.ledger = ledger
        self.intake = intake
        self.duties = duties
        self.agents = agents
        self.platform = platform
        self.clock = clock
        self.policy = policy
        self.logger = logger
    }

    /// Applies a verified request for TwiML and returns the answer.
    ///
    /// Repeated and simultaneous requests of a call get the same answer and create at most one agent call. A request that
    /// claims no call and whose direction cannot be read gets none: it may be about another program's outbound call.
    func receive(
        _ request: VoiceRequest,
        claimed: CallID?
    ) async throws(JournalFailure) -> (outcome: WebhookOutcome, answer: VoiceAnswer) {
        let outcome = try await intake.receive(.voiceRequested(request), claimed: claimed)
        if case .useless = outcome { return (outcome, .hangUp) }
        guard claimed != nil || !request.unread.contains("Direction") else { return (outcome, .unavailable) }
        switch outcome {
        case .useless, .held: return (outcome, .hangUp)
        case .applied(let call), .alreadyKnown(let call):
            return (outcome, await call.logged { await conversations.value(for: call.id) { await answer(call.id) } })
        }
    }

    private func answer(_ id: CallID) async -> VoiceAnswer {
        guard let call = ledger.read({ $0.call(id) }), !call.isUnwanted else { return .hangUp }
        if let agentCall = call.agentCall {
            return clock.steadyNow <= agentCall.joinDeadline ? .connect(agentCall.joinURL, id) : .unavailable
        }
        if call.agentCallRequested { return .unavailable }
        if let order = call.order {
            guard order.join == .onAnswer else { return .unavailable }
            return await prepareConversation(
                of: id,
                with: order.agentID,
                maxDuration: order.maxDuration
            ) { _ in order.templateContext }
        }
        guard call.direction == .inbound, id.isDerived else { return .unavailable }
        guard let agentID = policy.inboundAgentID else { return .reject }
        return await prepareConversation(of: id, with: agentID, maxDuration: nil) { schema in
            InboundVariables.context(for: schema, caller: call.from, called: call.to)
        }
    }

    /// Prepares a conversation for somebody who is on the line, within their patience; once in a call's life.
    private func prepareConversation(
        of id: CallID,
        with agentID: AgentID,
        maxDuration: Duration?,
        context: (ContextSchema) -> JSONObject
    ) async -> VoiceAnswer {
        guard await ledger.note(.agentCallRequested(agentID), of: id) == .applied else { return .unavailable }
        let deadline = clock.moment + CallPolicy.callerPatience
        let agentCall: AgentCall
        do throws(VendorFailure) {
            let agent = try await agents.recentAgent(agentID, within: CallPolicy.callerPatience, for: .urgent)
            guard agent.status == .active else {
                agents.forget(agentID)
                throw .notSent(.ultravox, reason: "agent \(agentID) is a draft")
            }
            let complete: JSONObject
            switch agent.contextSchema.complete(context(agent.contextSchema)) {
            case .success(let values): complete = values
            case .failure(let problems):
                let names = problems.problems.map(\.variable).joined(separator: ", ")
                throw .notSent(.ultravox, reason: "the agent's template variables are invalid: \(names)")
            }
            let patience = deadline - clock.moment
            guard patience >= CallPolicy.leastPatience else {
                throw .notSent(.ultravox, reason: "no time was left to create the conversation")
            }
            agentCall = try await platform.createAgentCall(
                AgentCallRequest(
                    callID: id,
                    agent: agent,
                    templateContext: complete,
                    joinTimeout: CallPolicy.immediateJoin,
                    maxDuration: policy.maxDuration(maxDuration, with: agent),
                    patience: patience,
                    correlationID: ledger.read { $0.call(id)?.order?.correlationID }
                ),
                for: .urgent
            )
        } catch {
            if case .refused = error { agents.forget(agentID) }
            return await noConversation(of: id, error)
        }
        if await intake.erasing.note(agentCall, of: id) == .ignored(.contradiction) {
            return await noConversation(of: id, .foreignConversation)
        }
        guard let call = ledger.read({ $0.call(id) }), !call.isUnwanted else {
            // The conversation of a call that was erased is the erasure's affair.
            if ledger.read({ $0.erasure(named: .id(id)) }) == nil { duties.delete(agentCall.ultravoxCallID) }
            return .hangUp
        }
        return .connect(agentCall.joinURL, id)
    }

    private func noConversation(of id: CallID, _ failure: VendorFailure) async -> VoiceAnswer {
        await ledger.note(.agentCallUnavailable(CallError(failure)), of: id)
        logger.warning(
            "no agent could be connected to a caller",
            metadata: failure.logMetadata.merging(["call.id": "\(id)"]) { $1 }
        )
        return .unavailable
    }
}

extension VendorFailure {
    /// An answer that names a conversation which belongs to another call.
    static var foreignConversation: VendorFailure {
        .nonsense(.ultravox, status: 201, reason: "the new conversation belongs to another call")
    }
}

extension Call {
    /// Over, or about to be by a client's wish.
    fileprivate var isUnwanted: Bool { status.isTerminal || hangUpRequested }
}
