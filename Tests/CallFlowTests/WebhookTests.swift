import CallDomain
import CallFlow
import Testing

private func status(_ status: CallStatus, sid: CallSid = ScriptedTelephony.sid, at time: Timestamp? = nil) -> CallFact {
    .statusReported(StatusReport(callSid: sid, status: status, sequenceNumber: 1, timestamp: time))
}

private let otherSid = CallSid("CA" + String(repeating: "0b", count: 16))!

@Suite(.timeKept) struct `Verified webhooks` {
    @Test func `bind an unknown call by our id in the signed URL`() async throws {
        let stage = Stage(telephony: ScriptedTelephony([.failure(.unclear(.twilio, status: 500, reason: "lost"))]))
        let call = try await stage.flow.place(Stage.order)
        guard case .applied(let bound) = try await stage.flow.receive(status(.ringing), claimed: call.id) else {
            Issue.record("the proof was not taken")
            return
        }
        #expect(bound.callSid == ScriptedTelephony.sid)
        #expect(stage.flow.callID(of: ScriptedTelephony.sid) == call.id)
    }

    @Test func `that contradict what is known change nothing`() async throws {
        let stage = Stage()
        let call = try await stage.flow.place(Stage.order)
        let other = CallID(at: stage.clock.now, random: (1, 1))
        for (fact, claimed) in [(status(.ringing), other), (status(.ringing, sid: otherSid), call.id)] {
            guard case .useless(.contradiction) = try await stage.flow.receive(fact, claimed: claimed) else {
                Issue.record("a contradiction was taken")
                return
            }
        }
        #expect(stage.flow.call(call.id) == call)
        #expect(stage.flow.call(other) == nil)
    }

    @Test func `about a call that we do not know make it known, by our id or by its CallSid`() async throws {
        let stage = Stage()
        let id = CallID(at: stage.clock.now, random: (1, 1))
        guard case .applied(let named) = try await stage.flow.receive(status(.ringing), claimed: id),
            case .applied(let bare) = try await stage.flow.receive(status(.completed, sid: otherSid), claimed: nil)
        else {
            Issue.record("a call was lost for want of a record")
            return
        }
        #expect(named.id == id)
        #expect(bare.id == CallID(derivedFrom: otherSid))
    }

    @Test func `do not make a call known that is older than calls are kept`() async throws {
        let stage = Stage()
        let old = Timestamp(milliseconds: stage.clock.now.milliseconds - 8 * 86_400_000)
        for (fact, claimed) in [
            (status(.completed), CallID(at: old, random: (1, 1))), (status(.completed, at: old), nil),
        ] {
            guard case .useless(.tooOld) = try await stage.flow.receive(fact, claimed: claimed) else {
                Issue.record("an ancient call came back")
                return
            }
        }
    }

    @Test func `of Ultravox belong to the call in the signed body`() async throws {
        let stage = Stage()
        let call = try await stage.flow.place(Stage.order)
        var report = ConversationReport(
            ultravoxCallID: ScriptedPlatform.ultravoxCallID,
            event: .joined,
            callID: call.id
        )
        report.joinedAt = stage.clock.now
        let other = CallID(at: stage.clock.now, random: (1, 1))
        guard case .useless(.contradiction) = try await stage.flow.receive(report, claimed: other),
            case .applied(let joined) = try await stage.flow.receive(report, claimed: nil),
            case .alreadyKnown = try await stage.flow.receive(report, claimed: call.id)
        else {
            Issue.record("the body did not decide")
            return
        }
        #expect(joined.conversation?.joinedAt == stage.clock.now)
    }
}
