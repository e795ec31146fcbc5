import CallDomain
import Logging
import ServiceLifecycleTestKit
import Synchronization
import TestSupport
import Testing

@testable import CallFlow

@Suite(.timeKept) struct `A hang-up is checked, not believed` {
    private static let sid = ScriptedTelephony.sid

    private func placed(_ stage: Stage, _ status: CallStatus) async throws -> Call {
        let call = try await stage.flow.place(Stage.order)
        let report = StatusReport(callSid: Self.sid, status: status, sequenceNumber: 1)
        _ = try await stage.flow.receive(.statusReported(report), claimed: call.id)
        return call
    }

    @Test(arguments: [(CallStatus.inProgress, CallStatus.completed), (.ringing, .canceled)])
    func `a call that Twilio does not know is over, and gives back its place and its number`(
        status: CallStatus,
        end: CallStatus
    ) async throws {
        let stage = Stage(
            telephony: ScriptedTelephony(ends: [.noSuchCall(code: 20404)]),
            limits: AdmissionLimits(concurrentCalls: 1)
        )
        let call = try await placed(stage, status)
        let after = try await stage.flow.hangUp(call.id)
        #expect(after.status == end)
        #expect(after.error?.code == "20404")
        #expect(stage.flow.activeCalls == 0)
        #expect(try await stage.flow.place(Stage.order).callSid != nil)
    }

    @Test func `a call that goes on all the same is ended again, until it is over`() async throws {
        let goesOn = EndOfCall.refused(TwilioCall(callSid: Self.sid, status: .inProgress))
        let stage = Stage(telephony: ScriptedTelephony(ends: [goesOn, goesOn, goesOn]))
        let call = try await placed(stage, .inProgress)
        try await stage.working {
            let answer = try await stage.flow.hangUp(call.id)
            #expect(answer.status == .inProgress && answer.hangUpRequested)
            // A stop would cut the pauses short.
            await eventually { !stage.flow.duties.isEnding(call.id) }
        }
        #expect(stage.telephony.ended.count == 4)
        #expect(stage.flow.call(call.id)?.status == .completed)
        #expect(stage.clock.pauses.suffix(3) == [.seconds(1), .seconds(3), .seconds(10)])
    }

    @Test func `a hang-up that Twilio took is sent again if the call goes on and no end is told`() async throws {
        let log = RecordedLog()
        let stage = Stage(
            telephony: ScriptedTelephony(ends: [
                .taken(TwilioCall(callSid: Self.sid, status: .inProgress)),
                .taken(TwilioCall(callSid: Self.sid, status: .completed)),
            ]),
            limits: AdmissionLimits(concurrentCalls: 1),
            logger: log.logger
        )
        let call = try await placed(stage, .inProgress)
        try await stage.working {
            let answer = try await stage.flow.hangUp(call.id)
            #expect(answer.status == .inProgress && answer.hangUpRequested)
            // A stop would cut the pauses short.
            await eventually { !stage.flow.duties.isEnding(call.id) }
        }
        #expect(stage.telephony.ended.count == 2)
        #expect(stage.flow.call(call.id)?.status == .completed)
        #expect(stage.flow.activeCalls == 0)
        #expect(log.lines("Twilio did not end a call").isEmpty)
        #expect(try await stage.flow.place(Stage.order).callSid != nil)
    }

    @Test(arguments: [CallStatus.queued, .ringing, .inProgress])
    func `a hang-up that Twilio took costs nothing more once the end is told`(status: CallStatus) async throws {
        let taken = EndOfCall.taken(TwilioCall(callSid: Self.sid, status: status))
        let stage = Stage(telephony: ScriptedTelephony(ends: [taken]))
        let call = try await placed(stage, status)
        _ = try await stage.flow.hangUp(call.id)
        let end = StatusReport(callSid: Self.sid, status: .completed, sequenceNumber: 2)
        _ = try await stage.flow.receive(.statusReported(end), claimed: call.id)
        try await stage.working { await eventually { !stage.flow.duties.isEnding(call.id) } }
        #expect(stage.telephony.ended.count == 1)
    }

    @Test(arguments: [
        VendorFailure.notSent(.twilio, reason: "could not connect to Twilio"), .noConnection(.twilio),
        .unclear(.twilio, status: 404, reason: "a proxy may have answered"),
        .nonsense(.twilio, status: 302, reason: "a redirect"),
        .throttled(VendorRefusal(vendor: .twilio, status: 429, message: "slow down"), retryAfter: .seconds(7)),
        .refused(VendorRefusal(vendor: .twilio, status: 401, code: 20003, message: "Authenticate")),
    ])
    func `a hang-up that does not reach Twilio is recorded, and carried out as soon as it does`(
        failure: VendorFailure
    ) async throws {
        let stage = Stage(telephony: ScriptedTelephony(endFailures: [failure, failure]))
        let call = try await placed(stage, .inProgress)
        let earlier = stage.clock.pauses.count
        try await stage.working {
            let answer = try await stage.flow.hangUp(call.id)
            #expect(answer.status == .inProgress && answer.hangUpRequested)
            // A stop would cut the pauses short.
            await eventually { !stage.flow.duties.isEnding(call.id) }
        }
        #expect(stage.telephony.ended.count == 3)
        #expect(stage.flow.call(call.id)?.status == .completed)
        var pauses = [Duration.seconds(1), .seconds(3)]
        if case .throttled = failure { pauses = [.seconds(7), .seconds(7)] }
        #expect(stage.clock.pauses.dropFirst(earlier) == pauses[...])
    }

    @Test func `a hang-up that Twilio refuses for good says so, and is not sent again`() async throws {
        let refusal = VendorRefusal(vendor: .twilio, status: 400, code: 29999, message: "no")
        let stage = Stage(telephony: ScriptedTelephony(endFailures: [.refused(refusal)]))
        let call = try await placed(stage, .inProgress)
        await #expect(throws: HangUpFailure.self) { try await stage.flow.hangUp(call.id) }
        try await stage.working { await eventually { !stage.flow.duties.isEnding(call.id) } }
        #expect(stage.telephony.ended.count == 1)
    }

    @Test func `a call that many ask to end is asked for once in each pause`() async throws {
        let goesOn = EndOfCall.refused(TwilioCall(callSid: Self.sid, status: .inProgress))
        let stage = Stage(telephony: ScriptedTelephony(ends: Array(repeating: goesOn, count: 13)))
        let call = try await placed(stage, .inProgress)
        let earlier = stage.clock.pauses.count
        for _ in 1...10 { _ = try await stage.flow.hangUp(call.id) }
        #expect(stage.telephony.ended.count == 10)
        try await stage.working { await eventually { !stage.flow.duties.isEnding(call.id) } }
        #expect(stage.telephony.ended.count == 14)
        #expect(stage.clock.pauses.dropFirst(earlier) == [.seconds(1), .seconds(3), .seconds(10), .seconds(30)])
        #expect(stage.flow.call(call.id)?.status == .completed)
    }

    @Test func `a machine's call that a client hangs up, too, is ended by one of them`() async throws {
        let goesOn = EndOfCall.refused(TwilioCall(callSid: Self.sid, status: .inProgress))
        let stage = Stage(telephony: ScriptedTelephony(ends: [goesOn, goesOn]))
        let call = try await stage.flow.place(Stage.order(machineDetection: .hangUp))
        let earlier = stage.clock.pauses.count
        let report = StatusReport(
            callSid: Self.sid,
            status: .inProgress,
            sequenceNumber: 1,
            answeredBy: "machine_start"
        )
        _ = try await stage.flow.receive(.statusReported(report), claimed: call.id)
        _ = try await stage.flow.hangUp(call.id)
        try await stage.working { await eventually { !stage.flow.duties.isEnding(call.id) } }
        #expect(stage.telephony.ended.count == 3)
        #expect(stage.clock.pauses.dropFirst(earlier) == [.seconds(1)])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a call can be ended again after Twilio had refused that`() async throws {
        let refusal = VendorFailure.refused(VendorRefusal(vendor: .twilio, status: 400, code: 29999, message: "no"))
        let lost = VendorFailure.unclear(.twilio, status: nil, reason: "lost")
        let stage = Stage(telephony: ScriptedTelephony(endFailures: [lost, refusal, lost]))
        let call = try await placed(stage, .inProgress)
        let ended = stage.telephony
        try await stage.working {
            _ = try await stage.flow.hangUp(call.id)
            await eventually { ended.ended.count >= 2 }
            await eventually { !stage.flow.duties.isEnding(call.id) }
            _ = try await stage.flow.hangUp(call.id)
        }
        #expect(ended.ended.count == 4)
        #expect(stage.flow.call(call.id)?.status == .completed)
    }

    @Test func `a call that a fetch shows as over is over`() async throws {
        let stage = Stage(
            telephony: ScriptedTelephony(ends: [.taken(TwilioCall(callSid: Self.sid, status: .busy))])
        )
        let call = try await placed(stage, .ringing)
        #expect(try await stage.flow.hangUp(call.id).status == .busy)
        #expect(stage.telephony.ended.count == 1)
    }
}

@Suite(.timeKept) struct `When a busy number can be called again` {
    private func busy(_ stage: Stage) async throws -> (id: CallID, busy: BusyNumber) {
        do {
            _ = try await stage.flow.place(Stage.order)
        } catch PlacingFailure.numberBusy(let id, let busy) {
            return (id, busy)
        }
        throw CancellationError()
    }

    private func report(_ stage: Stage, _ id: CallID, _ status: CallStatus, _ number: Int) async throws {
        let report = StatusReport(callSid: ScriptedTelephony.sid, status: status, sequenceNumber: number)
        _ = try await stage.flow.receive(.statusReported(report), claimed: id)
    }

    @Test func `is when it has rung out, then when the conversation must be over, then by asking`() async throws {
        let stage = Stage()
        let call = try await stage.flow.place(Stage.order)
        #expect(try await busy(stage).id == call.id)
        #expect(try await busy(stage).busy.phase == .ringing)
        try await report(stage, call.id, .ringing, 1)
        stage.clock.advance(by: .seconds(10))
        // 30 s of ringing, of which 10 are over, and the 5 s that Twilio may add.
        #expect(try await busy(stage).busy == BusyNumber(.ringing, .seconds(25)))
        try await report(stage, call.id, .inProgress, 2)
        stage.clock.advance(by: .seconds(600))
        #expect(try await busy(stage).busy == BusyNumber(.talking, .seconds(3030)))
        stage.clock.advance(by: .seconds(3031))
        #expect(try await busy(stage).busy.phase == .overdue)
        try await report(stage, call.id, .completed, 3)
        #expect(try await stage.flow.place(Stage.order).callSid != nil)
    }

    @Test(arguments: [(nil, 90), (Duration.seconds(45), 75), (.seconds(120), 150)] as [(Duration?, Int)])
    func `counts the agent's own longest duration where the order has none`(asked: Duration?, wait: Int) async throws {
        let clock = ManualClock()
        var agent = ScriptedPlatform.agent()
        agent.configuration.maxDuration = .seconds(60)
        let stage = Stage(clock: clock, platform: ScriptedPlatform(clock: clock, agent: .success(agent)))
        var order = Stage.order
        order.maxDuration = asked
        let call = try await stage.flow.place(order)
        try await report(stage, call.id, .inProgress, 1)
        let reads = stage.platform.reads
        #expect(try await busy(stage).busy == BusyNumber(.talking, .seconds(wait)))
        // The order that was refused has read its agent, too; the wait costs no request of its own.
        #expect(stage.platform.reads == reads)
    }

    @Test func `counts the cool-down after the call`() async throws {
        let stage = Stage(limits: AdmissionLimits(numberCooldown: .seconds(300)))
        let call = try await stage.flow.place(Stage.order)
        try await report(stage, call.id, .inProgress, 1)
        #expect(try await busy(stage).busy == BusyNumber(.talking, .seconds(3630 + 300), cooldown: .seconds(300)))
    }

    @Test func `is when a dial without proof is given up`() async throws {
        let lost = VendorFailure.unclear(.twilio, status: nil, reason: "lost")
        let stage = Stage(telephony: ScriptedTelephony([.failure(lost)]))
        _ = try await stage.flow.place(Stage.order)
        stage.clock.advance(by: .seconds(100))
        #expect(try await busy(stage).busy == BusyNumber(.unproven, .seconds(800)))
        stage.clock.advance(by: .seconds(800))
        await stage.flow.parkUnproven()
        #expect(try await stage.flow.place(Stage.order).callSid != nil)
    }
}

extension BusyNumber {
    fileprivate init(_ phase: Phase, _ wait: Duration, cooldown: Duration = .zero) {
        self.init(phase: phase, wait: wait, cooldown: cooldown)
    }
}

@Suite(.timeKept) struct `The log says why` {
    private static let refused = VendorRefusal(
        vendor: .twilio,
        status: 400,
        code: 21215,
        message: "not +12125551187",
        meaning: RefusalMeaning(.setup, "the account may not call this country", "Allow it in Twilio's console.")
    )

    private func expectNoNumber(_ log: RecordedLog) {
        for line in log.shown {
            #expect(!line.metadata.values.contains { $0.contains("+1212") }, "\(line)")
        }
    }

    @Test func `an order failed, and what to do`() async throws {
        let log = RecordedLog()
        let stage = Stage(telephony: ScriptedTelephony([.failure(.refused(Self.refused))]), logger: log.logger)
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order) }
        let line = try #require(log.lines("order failed").first)
        #expect(line.level == .warning)
        #expect(line.metadata["vendor"] == "twilio" && line.metadata["vendor.code"] == "21215")
        #expect(line.metadata["http.status"] == "400")
        #expect(line.metadata["reason"] == "the account may not call this country")
        #expect(line.metadata["advice"] == "Allow it in Twilio's console.")
        #expect(line.metadata["call.id"]?.hasPrefix("call_") == true)
        let change = try #require(log.lines("call status changed").last)
        #expect(change.metadata["call.status"] == "failed" && change.metadata["error.code"] == "21215")
        expectNoNumber(log)
    }

    @Test func `a dial is unknown, and not that one is on its way`() async throws {
        let log = RecordedLog()
        let lost = VendorFailure.unclear(.twilio, status: 408, reason: "a proxy may have answered")
        let stage = Stage(telephony: ScriptedTelephony([.failure(lost)]), logger: log.logger)
        _ = try await stage.flow.place(Stage.order)
        let line = try #require(log.lines("the outcome of a dial is unknown").first)
        #expect(line.metadata["reason"] == "a proxy may have answered" && line.metadata["http.status"] == "408")
        #expect(line.metadata["advice"]?.contains("Do not send the order again") == true)
        #expect(!log.shown.contains { $0.message == "call status changed" && $0.metadata["call.status"] == "unknown" })
        expectNoNumber(log)
    }

    @Test func `a healthy order is never unknown`() async throws {
        let log = RecordedLog()
        let stage = Stage(logger: log.logger)
        _ = try await stage.flow.place(Stage.order)
        #expect(log.shown.map { $0.metadata["call.status"] } == ["pending", "queued"])
        for line in log.shown { #expect(!line.metadata.values.contains("unknown"), "\(line)") }
    }

    @Test func `a vendor could not be reached at the start, once, and that it has recovered`() async throws {
        let log = RecordedLog()
        let clock = ManualClock()
        let vendor = VendorGuard(.ultravox, clock: clock, random: CountingBits(), logger: log.logger)
        let down = VendorFailure.notSent(.ultravox, reason: "its name could not be resolved")
        for _ in 0..<2 {
            await vendor.probeIfDue { () throws(VendorFailure) in throw down }
            clock.advance(by: .seconds(31))
        }
        let lines = log.lines("a vendor cannot be reached")
        #expect(lines.count == 1 && lines.first?.level == .warning)
        #expect(lines.first?.metadata["vendor"] == "ultravox")
        #expect(lines.first?.metadata["reason"] == "its name could not be resolved")
        await vendor.probeIfDue { () throws(VendorFailure) in }
        #expect(log.lines("a vendor has recovered").count == 1)
    }

    @Test func `a number that the client chose is the client's to mend`() async throws {
        var unverified = Self.refused
        unverified.code = 21210
        unverified.meaning.isAboutCaller = true
        for (from, mistake) in [(nil, RefusalMeaning.Mistake.setup), (PhoneNumber("+12025550199"), .client)] {
            let stage = Stage(telephony: ScriptedTelephony([.failure(.refused(unverified))]))
            var order = Stage.order
            order.from = from
            do {
                _ = try await stage.flow.place(order)
                Issue.record("placed")
            } catch PlacingFailure.vendor(.refused(let refusal), _) {
                #expect(refusal.meaning.mistake == mistake)
            }
        }
    }
}
