package import CallDomain
import CallStorage

extension CallFlow {
    /// Reads the journal, and goes on where the process before this one ended. To be called once, before anything is served.
    ///
    /// What has to be done for a call is a function of its state, so nothing was lost with the process that did it: orders
    /// that waited are dialed or canceled, calls are ended that somebody asked to end, and an order that may have rung is
    /// never dialed again.
    ///
    /// - Parameters:
    ///   - progress: told now and then how many records were read.
    ///   - answer: what a client is answered who repeats an order of which it got no answer.
    /// - Throws: where the journal cannot be read or written; nothing may be served then.
    package func start(
        progress: (Int) -> Void = { _ in },
        answering answer: (Call) -> KeptAnswer
    ) async throws(JournalFailure) {
        try await ledger.replay(progress: progress)
        try await resume(answering: answer)
    }

    func resume(answering answer: (Call) -> KeptAnswer) async throws(JournalFailure) {
        guard ledger.outlivesProcess else { return }
        try await ledger.tidy()
        if !dialing.isEnabled { _ = queue.switchOff(reason: dialing.reason, .keep) }
        duties.resume(ledger)
        await placing.resume()
        for (name, id) in ledger.read({ $0.unanswered() }) {
            guard let call = call(id), call.mayHaveRung else {
                try await ledger.commit(.keyReleased(name, id))
                continue
            }
            try await ledger.commit(.answerKept(name, answer(call), id))
        }
    }
}

extension Call {
    /// Whether somebody may have been dialed, or will be. Without a CallSid the end of an order is a definite no.
    var mayHaveRung: Bool { callSid != nil || !status.isTerminal }
}
