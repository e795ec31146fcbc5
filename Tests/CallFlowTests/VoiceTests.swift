import CallDomain
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization
import Testing

@testable import CallFlow

private let otherSid = CallSid("CA" + String(repeating: "0b", count: 16))!

private func voice(_ direction: CallDirection, sid: CallSid = ScriptedTelephony.sid) -> VoiceRequest {
    VoiceRequest(
        callSid: sid,
        status: direction == .inbound ? .ringing : .inProgress,
        parties: CallParties(from: "+12125550187", to: "+12025550143", direction: direction)
    )
}

private func status(_ status: CallStatus, sid: CallSid = ScriptedTelephony.sid) -> CallFact {
    .statusReported(StatusReport(callSid: sid, status: status, sequenceNumber: 1))
}

@Suite(.timeKept) struct `A request for TwiML` {
    @Test func `connects the callee to the prepared conversation while it can be joined`() async throws {
        let stage = Stage()
        let call = try await stage.flow.place(Stage.order)
        let connect = VoiceAnswer.connect(ScriptedPlatform.joinURL, call.id)
        #expect(try await stage.flow.receive(voice(.outbound), claimed: call.id).answer == connect)
        stage.clock.advance(by: .seconds(51))
        #expect(try await stage.flow.receive(voice(.outbound), claimed: call.id).answer == .unavailable)
        #expect(stage.platform.prepared.count == 1)
    }

    @Test func `is told to hang up when the call is over`() async throws {
        let stage = Stage()
        let call = try await stage.flow.place(Stage.order)
        _ = try await stage.flow.receive(status(.completed), claimed: call.id)
        #expect(try await stage.flow.receive(voice(.outbound), claimed: call.id).answer == .hangUp)
    }

    @Test func `of an adopted call finds no conversation`() async throws {
        let stage = Stage(inboundAgentID: ScriptedPlatform.agentID)
        let id = CallID(at: stage.clock.now, random: (1, 1))
        #expect(try await stage.flow.receive(voice(.outbound), claimed: id).answer == .unavailable)
        #expect(try await stage.flow.receive(voice(.outbound, sid: otherSid), claimed: nil).answer == .unavailable)
        #expect(stage.platform.prepared.isEmpty)
    }

    @Test func `that contradicts what is known is told to hang up`() async throws {
        let stage = Stage()
        let call = try await stage.flow.place(Stage.order)
        #expect(try await stage.flow.receive(voice(.outbound, sid: otherSid), claimed: call.id).answer == .hangUp)
    }
}

@Suite(.timeKept) struct `A conversation prepared when the callee answers` {
    @Test(arguments: [(CallOrder.Join.onAnswer, Duration.seconds(30)), (.eager, .seconds(241))])
    func `is asked for then and not before, with the order's context`(
        join: CallOrder.Join,
        ringTimeout: Duration
    ) async throws {
        let clock = ManualClock()
        let stage = Stage(
            clock: clock,
            platform: ScriptedPlatform(clock: clock, agent: .success(ScriptedPlatform.agent(required: ["name"])))
        )
        let order = Stage.order(join: join, ringTimeout: ringTimeout, context: ["name": "Ada"])
        let call = try await stage.flow.place(order)
        #expect(stage.platform.prepared.isEmpty)
        #expect(call.agentCall == nil)
        stage.clock.advance(by: .seconds(20))
        let answer = try await stage.flow.receive(voice(.outbound), claimed: call.id).answer
        #expect(answer == .connect(ScriptedPlatform.joinURL, call.id))
        let prepared = try #require(stage.platform.prepared.first)
        #expect(stage.platform.prepared.count == 1)
        #expect(prepared.templateContext == ["name": "Ada"])
        #expect(prepared.joinTimeout == .seconds(30))
        #expect(prepared.maxDuration == .seconds(3600))
        #expect(prepared.patience <= .seconds(4))
    }

    @Test(arguments: [
        (VendorFailure.unclear(.ultravox, status: nil, reason: "no answer in time"), 1),
        (.notSent(.ultravox, reason: "no connection"), 3),
        (.refused(VendorRefusal(vendor: .ultravox, status: 402, message: "no balance")), 1),
    ])
    func `that cannot be had is not asked for again unless nothing was sent, and the call says why`(
        failure: VendorFailure,
        tries: Int
    ) async throws {
        let clock = ManualClock()
        let stage = Stage(clock: clock, platform: ScriptedPlatform(clock: clock, callFailure: failure))
        let call = try await stage.flow.place(Stage.order(join: .onAnswer))
        for _ in 0..<3 {
            #expect(try await stage.flow.receive(voice(.outbound), claimed: call.id).answer == .unavailable)
        }
        #expect(stage.platform.prepared.count == tries)
        let after = try #require(stage.flow.call(call.id))
        #expect(after.status == .inProgress)
        #expect(after.error?.message == failure.reason)
    }

    @Test func `is asked for once, however many ask at the same time, and all get the same`() async throws {
        let clock = ManualClock()
        let (requests, arrived) = AsyncStream.makeStream(of: Void.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let platform = ScriptedPlatform(clock: clock) { _ in
            arrived.yield()
            for await _ in gate { break }
        }
        let stage = Stage(clock: clock, platform: platform)
        let call = try await stage.flow.place(Stage.order(join: .onAnswer))
        let answers = try await withThrowingTaskGroup(of: VoiceAnswer.self) { group in
            for _ in 0..<64 {
                group.addTask { try await stage.flow.receive(voice(.outbound), claimed: call.id).answer }
            }
            for await _ in requests { break }
            open.yield()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: .connect(ScriptedPlatform.joinURL, call.id), count: 64))
        #expect(platform.prepared.count == 1)
    }

    @Test func `of a call that ends meanwhile is deleted`() async throws {
        let clock = ManualClock()
        let flows = Mutex<CallFlow?>(nil)
        let platform = ScriptedPlatform(clock: clock) { request in
            _ = try? await flows.withLock { $0 }?.receive(status(.completed), claimed: request.callID)
        }
        let stage = Stage(clock: clock, platform: platform)
        flows.withLock { $0 = stage.flow }
        let call = try await stage.flow.place(Stage.order(join: .onAnswer))
        await testGracefulShutdown { trigger in
            async let running: Void = stage.background.run()
            let answer = try? await stage.flow.receive(voice(.outbound), claimed: call.id).answer
            #expect(answer == .hangUp)
            trigger.triggerGracefulShutdown()
            await running
        }
        #expect(stage.platform.discarded == [ScriptedPlatform.ultravoxCallID])
    }
}

@Suite(.timeKept) struct `Somebody who calls us` {
    @Test func `talks to the inbound agent`() async throws {
        let stage = Stage(inboundAgentID: ScriptedPlatform.agentID)
        let id = CallID(derivedFrom: ScriptedTelephony.sid)
        let answer = try await stage.flow.receive(voice(.inbound), claimed: nil).answer
        #expect(answer == .connect(ScriptedPlatform.joinURL, id))
        let call = try #require(stage.flow.call(id))
        #expect(call.direction == .inbound)
        #expect(call.phoneNumber == "+12125550187")
        #expect(call.agentID == ScriptedPlatform.agentID)
        #expect(stage.platform.prepared.map(\.callID) == [id])
        #expect(try await stage.flow.receive(voice(.inbound), claimed: nil).answer == answer)
        #expect(stage.platform.prepared.count == 1)
    }

    @Test func `is given an agent that can be had, though a breaker keeps orders away`() async throws {
        let stage = Stage(inboundAgentID: ScriptedPlatform.agentID)
        await stage.flow.ultravoxGuard.fail()
        let answer = try await stage.flow.receive(voice(.inbound), claimed: nil).answer
        #expect(answer == .connect(ScriptedPlatform.joinURL, CallID(derivedFrom: ScriptedTelephony.sid)))
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order) }
    }

    @Test func `is turned away where no agent is configured`() async throws {
        let stage = Stage()
        #expect(try await stage.flow.receive(voice(.inbound), claimed: nil).answer == .reject)
        #expect(stage.platform.prepared.isEmpty)
    }

    @Test(
        arguments: [
            (
                ["caller_number", "called_number"], [], true,
                ["caller_number": "+12125550187", "called_number": "+12025550143"]
            ),
            (["caller_number"], ["caller_number"], true, ["caller_number": "+12125550187"]), (["name"], [], true, [:]),
            ([], [], true, [:]), ([], [], false, ["caller_number": "+12125550187", "called_number": "+12025550143"]),
        ] as [([String], [String], Bool, JSONObject)]
    )
    func `is known to the agent by both numbers, as far as it takes them`(
        variables: [String],
        required: [String],
        isClosed: Bool,
        given: JSONObject
    ) async throws {
        let clock = ManualClock()
        var agent = ScriptedPlatform.agent()
        agent.contextSchema = ContextSchema(
            variables: JSONObject(variables.map { ($0, .null) }) { $1 },
            required: required,
            isClosed: isClosed
        )
        let stage = Stage(
            clock: clock,
            platform: ScriptedPlatform(clock: clock, agent: .success(agent)),
            inboundAgentID: agent.id
        )
        let id = CallID(derivedFrom: ScriptedTelephony.sid)
        let answer = try await stage.flow.receive(voice(.inbound), claimed: nil).answer
        #expect(answer == .connect(ScriptedPlatform.joinURL, id))
        #expect(stage.platform.prepared.first?.templateContext == given)
        let call = try #require(stage.flow.call(id))
        #expect((call.from, call.to) == ("+12125550187", "+12025550143"))
    }

    @Test func `who hides the number is taken even where the agent needs it`() async throws {
        let clock = ManualClock()
        let agent = ScriptedPlatform.agent(required: ["caller_number"])
        let stage = Stage(
            clock: clock,
            platform: ScriptedPlatform(clock: clock, agent: .success(agent)),
            inboundAgentID: agent.id
        )
        let request = VoiceRequest(
            callSid: ScriptedTelephony.sid,
            status: .ringing,
            parties: CallParties(to: "+12025550143", direction: .inbound)
        )
        let answer = try await stage.flow.receive(request, claimed: nil).answer
        #expect(answer == .connect(ScriptedPlatform.joinURL, CallID(derivedFrom: ScriptedTelephony.sid)))
        #expect(stage.platform.prepared.first?.templateContext == ["caller_number": ""])
    }

    @Test func `hears that nobody is there if the agent needs words that nobody gave`() async throws {
        let clock = ManualClock()
        let agent = ScriptedPlatform.agent(required: ["name"])
        let stage = Stage(
            clock: clock,
            platform: ScriptedPlatform(clock: clock, agent: .success(agent)),
            inboundAgentID: agent.id
        )
        #expect(try await stage.flow.receive(voice(.inbound), claimed: nil).answer == .unavailable)
        let call = try #require(stage.flow.call(CallID(derivedFrom: ScriptedTelephony.sid)))
        #expect(call.error?.message.contains("name") == true)
        #expect(stage.platform.prepared.isEmpty)
    }

    @Test func `does not come back with a replay when the call has left`() async throws {
        let stage = Stage(inboundAgentID: ScriptedPlatform.agentID, maximumCalls: 1)
        _ = try await stage.flow.receive(voice(.inbound), claimed: nil)
        _ = try await stage.flow.receive(status(.completed), claimed: nil)
        _ = try await stage.flow.receive(voice(.outbound, sid: otherSid), claimed: nil)
        let id = CallID(derivedFrom: ScriptedTelephony.sid)
        #expect(stage.flow.call(id) == nil)
        let (outcome, answer) = try await stage.flow.receive(voice(.inbound), claimed: nil)
        guard case .useless(.gone) = outcome else {
            Issue.record("a replay brought a call back")
            return
        }
        #expect(answer == .hangUp)
        #expect(stage.flow.call(id) == nil)
        #expect(stage.platform.prepared.count == 1)
    }
}
