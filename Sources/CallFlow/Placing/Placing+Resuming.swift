import CallDomain
import CallStorage

extension Placing {
    /// Goes on with the orders that waited for their turn when the process before this one ended. Each is dialed within
    /// `QUEUE_MAX_WAIT` of its order, or canceled.
    /// - Returns: the ends of those that are over, to be committed.
    func resume() -> [Record.Content] {
        ledger.read { $0.undialed() }.compactMap { call in
            guard let order = call.order else { return nil }
            if let end = endAtStart(call) { return .undialed(call.id, end) }
            resume(call, order)
            return nil
        }
    }

    /// What ends an order that cannot be gone on with.
    private func endAtStart(_ call: Call) -> CallFact? {
        if call.hangUpRequested { return .canceled(reason: CallOrder.hungUp) }
        guard !call.agentCallRequested else {
            // Its conversation may exist, and nobody knows the join URL: a second one is not asked for.
            let error = CallError(
                source: .gateway,
                code: "restarted",
                message: "the gateway was restarted while it prepared the call; nobody was dialed: place the call again"
            )
            return .agentCallFailed(error)
        }
        return waited(call) < policy.queueMaxWait ? nil : notInTime
    }

    private func waited(_ call: Call) -> Duration { max(.zero, clock.now - call.createdAt) }

    private func resume(_ call: Call, _ order: CallOrder) {
        // A gateway that stops at once leaves it to the next start.
        guard let ticket = queue.resume(call.id, havingWaited: waited(call)) else { return }
        let accepted = Accepted(
            id: call.id,
            order: order,
            givenContext: ledger.read { $0.templateContext(of: call.id) } ?? [:],
            acceptedAt: clock.moment,
            ticket: ticket
        )
        background.submit { await call.logged { await placeLater(accepted) } }
    }
}
