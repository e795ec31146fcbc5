import CallDomain
import CallFlow
import Testing

private let sid = ScriptedTelephony.sid

private func verdict(_ sid: CallSid = sid) -> CallFact {
    .machineDetected(MachineDetectionReport(callSid: sid, answeredBy: "machine_start", duration: nil))
}

private func status(_ status: CallStatus, at time: Timestamp? = nil) -> CallFact {
    .statusReported(StatusReport(callSid: sid, status: status, sequenceNumber: 1, timestamp: time))
}

private func otherSid(_ number: Int) -> CallSid {
    let digits = String(number, radix: 16)
    return CallSid("CA" + String(repeating: "0", count: 32 - digits.count) + digits)!
}

@Suite(.timeKept) struct `A message about a call that is not known` {
    @Test func `is held and applied when its CallSid becomes known`() async throws {
        let stage = Stage()
        guard case .held = try await stage.flow.receive(verdict(), claimed: nil) else {
            Issue.record("the message was not held")
            return
        }
        #expect(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.isEmpty)
        let heardAt = stage.clock.now
        stage.clock.advance(by: .seconds(60))
        let call = try await stage.flow.place(Stage.order)
        #expect(stage.flow.call(call.id)?.isMachine == true)
        let entry = stage.flow.history(of: call.id)?.timeline.first { $0.type == "call.machine_detected" }
        #expect(entry?.at == heardAt)
        #expect(stage.flow.deadLetters.latest(limit: 10, before: nil).letters.isEmpty)
    }

    @Test func `of Ultravox is applied by our id in its body, and does not count without it`() async throws {
        let stage = Stage()
        let id = CallID(at: stage.clock.now, random: (7, 7))
        var joined = ConversationReport(
            ultravoxCallID: ScriptedPlatform.ultravoxCallID,
            event: .joined,
            callID: id
        )
        joined.joinedAt = stage.clock.now
        var ended = ConversationReport(ultravoxCallID: ScriptedPlatform.ultravoxCallID, event: .ended)
        ended.endReason = "hangup"
        guard case .held = try await stage.flow.receive(joined, claimed: nil),
            case .useless(.notOurs) = try await stage.flow.receive(ended, claimed: nil)
        else {
            Issue.record("the message with our id was not held, or the one without it counted")
            return
        }
        _ = try await stage.flow.receive(status(.inProgress), claimed: id)
        let call = try #require(stage.flow.call(id))
        #expect(call.ultravoxCallID == ScriptedPlatform.ultravoxCallID)
        #expect(call.conversation?.joinedAt != nil)
        #expect(call.conversation?.endReason == nil)
    }

    @Test func `becomes a dead letter after an hour`() async throws {
        let stage = Stage()
        _ = try await stage.flow.receive(verdict(), claimed: nil)
        stage.clock.advance(by: .seconds(3599))
        await stage.flow.tidy()
        #expect(stage.flow.deadLetters.latest(limit: 10, before: nil).letters.isEmpty)
        stage.clock.advance(by: .seconds(1))
        await stage.flow.tidy()
        let letters = stage.flow.deadLetters.latest(limit: 10, before: nil).letters
        #expect(letters.map(\.reason) == ["unknown_call"])
        #expect(letters.first?.kind == "amd")
        #expect(letters.first?.callSid == sid)
        _ = try await stage.flow.receive(status(.inProgress), claimed: nil)
        #expect(stage.flow.call(CallID(derivedFrom: sid))?.answeredBy == nil)
    }

    @Test func `makes room for newer ones, the oldest first`() async throws {
        let stage = Stage()
        for number in 0...10_000 { _ = try await stage.flow.receive(verdict(otherSid(number)), claimed: nil) }
        let letters = stage.flow.deadLetters.latest(limit: 10, before: nil).letters
        #expect(letters.map(\.callSid) == [otherSid(0)])
    }

    @Test func `that is too old or of a call that left is useless`() async throws {
        let stage = Stage(maximumCalls: 1)
        let old = CallID(at: Timestamp(milliseconds: stage.clock.now.milliseconds - 8 * 86_400_000), random: (1, 1))
        guard case .useless(.tooOld) = try await stage.flow.receive(verdict(), claimed: old) else {
            Issue.record("an ancient message was held")
            return
        }
        let call = try await stage.flow.place(Stage.order)
        _ = try await stage.flow.receive(status(.completed), claimed: call.id)
        let report = StatusReport(callSid: otherSid(1), status: .ringing)
        _ = try await stage.flow.receive(.statusReported(report), claimed: nil)
        #expect(stage.flow.call(call.id) == nil)
        let conversation = ConversationReport(ultravoxCallID: ScriptedPlatform.ultravoxCallID, event: .billed)
        for outcome in [
            try await stage.flow.receive(verdict(), claimed: call.id),
            try await stage.flow.receive(status(.completed), claimed: call.id),
            try await stage.flow.receive(status(.completed), claimed: nil),
            try await stage.flow.receive(conversation, claimed: nil),
        ] {
            guard case .useless(.gone) = outcome else {
                Issue.record("a replay found a call that left: \(outcome)")
                continue
            }
        }
        #expect(stage.flow.call(call.id) == nil)
        #expect(stage.flow.callID(of: sid) == nil)
    }
}

@Suite(.timeKept) struct `Dead letters` {
    @Test func `are listed newest first, page by page, and the oldest go`() {
        let stage = Stage()
        let letters = stage.flow.deadLetters
        for number in 1...(DeadLetters.capacity + 5) { letters.add(.twilio, kind: "status", reason: "\(number)") }
        let first = letters.latest(limit: 3, before: nil)
        #expect(first.letters.map(\.reason) == [5, 4, 3].map { "\(DeadLetters.capacity + $0)" })
        #expect(first.hasMore)
        let second = letters.latest(limit: 3, before: first.letters.last?.number)
        #expect(second.letters.first?.reason == "\(DeadLetters.capacity + 2)")
        let all = letters.latest(limit: .max, before: nil)
        #expect(all.letters.count == DeadLetters.capacity)
        #expect(all.letters.last?.reason == "6")
        #expect(!all.hasMore)
        #expect(letters.latest(limit: 3, before: 6).letters.isEmpty)
    }
}
