import CallDomain
import CallStorage

extension Placing {
    /// Goes on with the orders that waited for their turn when the process before this one ended. Each is dialed within
    /// `QUEUE_MAX_WAIT` of its order, or canceled.
    func resume() async {
        for call in ledger.read({ $0.undialed() }) { await resume(call) }
    }

    private func resume(_ call: Call) async {
        guard let order = call.order else { return }
        if call.hangUpRequested {
            await end(call.id, .canceled(reason: CallOrder.hungUp))
            return
        }
        guard !call.agentCallRequested else {
            // Its conversation may exist, and nobody knows the join URL: a second one is not asked for.
            let error = CallError(
                source: .gateway,
                code: "restarted",
                message: "the gateway was restarted while it prepared the call; nobody was dialed: place the call again"
            )
            await end(call.id, .agentCallFailed(error))
            return
        }
        let waited = max(.zero, clock.now - call.createdAt)
        guard waited < policy.queueMaxWait else { return await expire(call.id) }
        // A gateway that stops at once leaves it to the next start.
        guard let ticket = queue.resume(call.id, havingWaited: waited) else { return }
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
