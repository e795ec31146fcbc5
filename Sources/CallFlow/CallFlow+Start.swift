package import CallDomain
import CallStorage
import Synchronization

extension CallFlow {
    /// Reads the journal. To be called once; whoever commits meanwhile waits.
    ///
    /// - Parameter progress: told now and then how many records were read.
    /// - Throws: where the journal cannot be read; nothing may be served then.
    package func replay(progress: (Int) -> Void = { _ in }) async throws(JournalFailure) {
        try await ledger.replay(progress: progress)
    }

    /// Goes on where the process before this one ended. To be called once, after ``replay(progress:)``.
    ///
    /// What has to be done for a call is a function of its state, so nothing was lost with the process that did it: orders
    /// that waited are dialed or canceled, calls are ended that somebody asked to end, and an order that may have rung is
    /// never dialed again.
    ///
    /// - Parameter answer: what a client is answered who repeats an order of which it got no answer.
    /// - Throws: where the journal cannot be written; nothing may be served then.
    package func resume(answering answer: (Call) -> KeptAnswer) async throws(JournalFailure) {
        deliveries.resume(ledger)
        if ledger.outlivesProcess { try await takeUp(answering: answer) }
        hasResumed.store(true, ordering: .releasing)
    }

    private func takeUp(answering answer: (Call) -> KeptAnswer) async throws(JournalFailure) {
        if !dialing.isEnabled { _ = queue.switchOff(reason: dialing.reason, .keep) }
        keepPace()
        duties.resume(ledger)
        erasures.resume(ledger)
        try await ledger.commitInParts(placing.resume())
        let answers = ledger.read({ $0.unanswered() }).compactMap { name, id -> Record.Content? in
            // The key of a call that is gone stays taken: nothing proves any more that nobody was dialed.
            guard let call = call(id) else { return nil }
            return call.mayHaveRung ? .answerKept(name, answer(call), id) : .keyReleased(name, id)
        }
        try await ledger.commitInParts(answers)
    }

    /// Dials as if the process before this one had sent creates for as long as it may have.
    private func keepPace() {
        guard ledger.read({ $0.position }) > .start else { return }
        let now = placing.clock.now
        // Of a snapshot alone nobody knows when its last record was written.
        let last = ledger.lastReplayed.map { min(now, $0 + CallPolicy.longestDial) } ?? now
        queue.mayHaveLeft(until: placing.clock.moment - (now - last))
    }
}

extension Call {
    /// Whether somebody may have been dialed, or will be. Without a CallSid the end of an order is a definite no.
    var mayHaveRung: Bool { callSid != nil || !status.isTerminal }
}
