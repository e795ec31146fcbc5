import CallDomain
import Testing

@testable import CallFlow

private func status(_ status: CallStatus, _ sequence: Int, duration: Int? = nil) -> CallFact {
    .statusReported(
        StatusReport(callSid: ScriptedTelephony.sid, status: status, sequenceNumber: sequence, duration: duration)
    )
}

private let joined = ConversationReport(ultravoxCallID: ScriptedPlatform.ultravoxCallID, event: .joined)

/// What is deleted at Ultravox where these messages come about a dialed call.
private func discarded(after facts: [CallFact]) async throws -> [UltravoxCallID] {
    let stage = Stage()
    let call = try await stage.flow.place(Stage.order)
    try await stage.working {
        for fact in facts {
            if case .conversationReported(var report) = fact {
                report.callID = call.id
                _ = try await stage.flow.receive(report, claimed: nil)
            } else {
                _ = try await stage.flow.receive(fact, claimed: call.id)
            }
        }
    }
    return stage.platform.discarded
}

@Suite(.timeKept) struct `The prepared conversation of a call` {
    @Test(arguments: [CallStatus.busy, .noAnswer, .canceled, .failed])
    func `that nobody answered is deleted once, in whatever order its end is told`(end: CallStatus) async throws {
        let ringing = status(.ringing, 1)
        let over = status(end, 2)
        #expect(try await discarded(after: [ringing, over, over, ringing]) == [ScriptedPlatform.ultravoxCallID])
        #expect(try await discarded(after: [over, ringing]) == [ScriptedPlatform.ultravoxCallID])
        // A correction of the end does not delete it again.
        let corrected = [over, status(.completed, 3, duration: 4), status(end, 4)]
        #expect(try await discarded(after: corrected) == [ScriptedPlatform.ultravoxCallID])
        // Nor does whoever joins too late bring it back.
        #expect(
            try await discarded(after: [over, .conversationReported(joined)]) == [ScriptedPlatform.ultravoxCallID]
        )
    }

    @Test func `that somebody answered or joined is kept`() async throws {
        #expect(try await discarded(after: [status(.inProgress, 2), status(.completed, 3, duration: 4)]) == [])
        #expect(try await discarded(after: [status(.completed, 3, duration: 4), status(.inProgress, 2)]) == [])
        #expect(try await discarded(after: [status(.inProgress, 2), status(.failed, 3)]) == [])
        #expect(try await discarded(after: [.conversationReported(joined), status(.failed, 3)]) == [])
        #expect(try await discarded(after: [status(.failed, 3, duration: 4), status(.inProgress, 2)]) == [])
    }

    @Test(.timeLimit(.minutes(1)))
    func `is deleted by a platform that does not answer without holding up a stop`() async throws {
        let clock = ManualClock()
        let asked = Tally()
        let (answers, answer) = AsyncStream.makeStream(of: Void.self)
        let platform = ScriptedPlatform(
            clock: clock,
            duringDiscard: {
                asked.note(1)
                // As a request does: for ever, unless it is cancelled.
                for await _ in answers {}
            }
        )
        let stage = Stage(clock: clock, platform: platform)
        let call = try await stage.flow.place(Stage.order)
        try await stage.working { _ = try await stage.flow.receive(status(.busy, 2), claimed: call.id) }
        #expect(asked.noted == [1])
        answer.finish()
    }

    @Test func `that is prepared when the callee answers does not exist before`() async throws {
        let stage = Stage()
        let call = try await stage.flow.place(Stage.order(join: .onAnswer))
        try await stage.working { _ = try await stage.flow.receive(status(.busy, 2), claimed: call.id) }
        #expect(stage.platform.discarded.isEmpty)
    }
}
