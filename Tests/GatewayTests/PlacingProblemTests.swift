import CallDomain
import CallFlow
import OrderedCollections
import Testing

@testable import Gateway

private let callID = CallID(at: Timestamp(milliseconds: 1_790_000_000_000), random: (1, 2))
private let agentID = AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921")!
private let missingTown: [ContextSchema.Problem] = {
    switch ContextSchema(variables: [:], required: ["town"], isClosed: true).complete([:]) {
    case .success: []
    case .failure(let problems): problems.problems
    }
}()

@Suite struct `The answer to an order that is not placed` {
    private func expectRefusal(of failure: PlacingFailure, _ words: String) {
        let problem = Problem(failure)
        #expect(problem.code == .validationFailed && problem.callID == nil)
        #expect(problem.errors.map(\.field) == ["phone_number"])
        #expect(problem.errors.first?.message.contains(words) == true)
    }

    @Test(arguments: [
        ("+1212555012", "is too short for its country: +1 is followed by 10 digits, and here by 9"),
        ("+121255501200", "is too long for its country: +1 is followed by 10 digits, and here by 11"),
        ("+4402079460123", "send \"+442079460123\""),
    ])
    func `for a number that cannot be one is 422 on that field`(text: String, words: String) throws {
        let verdict = DestinationPolicy(allowed: .all).verdict(on: try #require(PhoneNumber(text)))
        guard case .misspelt(let fault) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        expectRefusal(of: .numberMisspelt(fault), words)
    }

    @Test func `because the journal fails promises no more than is known`() {
        var failure = JournalFailure(reason: "the disk is full")
        let before = Problem(PlacingFailure.journal(failure))
        #expect(before.code == .journalUnavailable && before.detail.contains("it did nothing"))
        failure.mayBeWritten = true
        let own = Problem(PlacingFailure.journal(failure))
        #expect(own.code == .journalUnavailable && own.detail.contains("Nobody was called so far"))
        for words in ["may still place it after its restart", "Idempotency-Key", "GET /calls"] {
            #expect(own.detail.contains(words))
        }
        #expect(Problem(failure).detail.contains("may do it after its restart"))
    }

    @Test func `for the gateway's own number is 422 on that field`() {
        expectRefusal(of: .numberIsOurs, "TWILIO_PHONE_NUMBER")
    }

    @Test(arguments: [
        (PlacingFailure.agentNotFound(agentID, callID: callID), Problem.Code.notFound),
        (.agentIsDraft(agentID, callID: callID), .validationFailed),
        (.contextDoesNotFit(missingTown, callID: callID), .validationFailed),
    ])
    func `because its agent changed while it waited names the call`(failure: PlacingFailure, code: Problem.Code) {
        let problem = Problem(failure)
        #expect(problem.code == code)
        #expect(problem.callID == callID)
    }
}
