import CallDomain
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization
import TestSupport
import Testing

@testable import CallFlow

private let refusal = VendorRefusal(vendor: .twilio, status: 400, code: 21216, message: "not allowed")
private let busyTwilio = VendorRefusal(vendor: .twilio, status: 429, code: 20429, message: "too many requests")

@Suite(.timeKept) struct `Placing a call` {
    @Test func `prepares the conversation, dials once, and gives the CallSid`() async throws {
        let stage = Stage()
        let call = try await stage.flow.place(Stage.order)
        #expect(call.status == .queued)
        #expect(call.callSid == ScriptedTelephony.sid)
        #expect(call.agentCall?.joinURL == ScriptedPlatform.joinURL)
        #expect(stage.telephony.dials.count == 1)
        #expect(stage.telephony.dials.first?.timeLimit == .seconds(3630))
        #expect(stage.platform.prepared.first?.joinTimeout == .seconds(50))
        let statuses = stage.flow.history(of: call.id)?.timeline.compactMap(\.status)
        #expect(statuses == [.pending, .unknown, .queued])
    }

    @Test(arguments: [CallOrder.Join.eager, .onAnswer])
    func `records the order, and that its conversation is asked for, in one append where its turn comes at once`(
        join: CallOrder.Join
    ) async throws {
        let clock = ManualClock()
        let batches = Mutex<[Int]>([])
        let journal = InMemoryJournal(clock: clock) { records in
            batches.withLock { $0.append(records.count) }
            return InMemoryJournal.Plan()
        }
        let stage = try await Stage(clock: clock, journal: journal).started()
        batches.withLock { $0 = [] }
        let call = try await stage.flow.place(Stage.order(join: join))
        #expect(call.status == .queued)
        // The order; the intent, and with it the conversation; what Twilio answered.
        #expect(batches.withLock { $0 } == (join == .eager ? [2, 2, 1] : [1, 1, 1]))
        #expect(stage.platform.prepared.count == (join == .eager ? 1 : 0))
        // One that is refused leaves nothing.
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order(join: join)) }
        #expect(stage.flow.queueDepth == 0)
    }

    @Test(arguments: [
        VendorFailure.unclear(.twilio, status: nil, reason: "the connection broke"),
        .unclear(.twilio, status: 500, reason: "internal error"),
        .nonsense(.twilio, status: 201, reason: "no sid"), .nonsense(.twilio, status: 301, reason: "a redirect"),
    ])
    func `an unclear dial is unknown, and never dialed again`(failure: VendorFailure) async throws {
        let stage = Stage(telephony: ScriptedTelephony([.failure(failure)]))
        let call = try await stage.flow.place(Stage.order)
        #expect(call.status == .unknown)
        #expect(call.callSid == nil)
        #expect(stage.telephony.dials.count == 1)
        #expect(stage.platform.discarded.isEmpty)
    }

    @Test func `what was certainly not sent is sent again twice at most`() async throws {
        let down = VendorFailure.notSent(.twilio, reason: "connection refused")
        let recovering = Stage(telephony: ScriptedTelephony([.failure(down), .failure(down)]))
        #expect(try await recovering.flow.place(Stage.order).status == .queued)
        #expect(recovering.telephony.dials.count == 3)
        let stage = Stage(telephony: ScriptedTelephony(Array(repeating: .failure(down), count: 9)))
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order) }
        #expect(stage.telephony.dials.count == 3)
        let failed = try #require(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.first)
        #expect(failed.status == .failed)
        #expect(failed.error?.code == "not_sent")
    }

    @Test func `waits as Twilio asks where it says 429, ten seconds in all`() async throws {
        let patient = Stage(telephony: ScriptedTelephony([.failure(.throttled(busyTwilio, retryAfter: .seconds(4)))]))
        #expect(try await patient.flow.place(Stage.order).status == .queued)
        #expect(patient.clock.pauses == [.seconds(4)])
        let stage = Stage(
            telephony: ScriptedTelephony(
                Array(repeating: .failure(.throttled(busyTwilio, retryAfter: .seconds(4))), count: 9)
            )
        )
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order) }
        #expect(stage.clock.pauses == [.seconds(4), .seconds(4)])
    }

    @Test func `does not come back at once where Twilio says so`() async throws {
        let stage = Stage(telephony: ScriptedTelephony([.failure(.throttled(busyTwilio, retryAfter: .zero))]))
        #expect(try await stage.flow.place(Stage.order).status == .queued)
        #expect(stage.clock.pauses == [.seconds(1)])
    }

    @Test func `an operator who switches dialing off does not make Twilio look ill`() async throws {
        let flows = Mutex<CallFlow?>(nil)
        let telephony = ScriptedTelephony(connecting: { _ in
            _ = try? await flows.withLock { $0 }?.setDialing(isEnabled: false)
        })
        let stage = Stage(telephony: telephony)
        flows.withLock { $0 = stage.flow }
        for number in 0..<12 {
            _ = try await stage.flow.setDialing(isEnabled: true)
            _ = try? await stage.flow.place(Stage.order(number: number))
        }
        #expect(!stage.flow.twilioGuard.isOpen)
        #expect(stage.flow.twilioGuard.condition.verdict == .unknown)
        #expect(stage.telephony.dials.isEmpty)
    }

    @Test func `believes a message that proves a call, whatever Twilio's answer said`() async throws {
        let flows = Mutex<CallFlow?>(nil)
        for answer in [VendorFailure.throttled(busyTwilio, retryAfter: .seconds(1)), .refused(refusal)] {
            let telephony = ScriptedTelephony(
                [.failure(answer)],
                during: { request in
                    let report = StatusReport(callSid: ScriptedTelephony.sid, status: .ringing, sequenceNumber: 1)
                    _ = try? await flows.withLock { $0 }?.receive(.statusReported(report), claimed: request.callID)
                }
            )
            let stage = Stage(telephony: telephony)
            flows.withLock { $0 = stage.flow }
            let call = try await stage.flow.place(Stage.order)
            #expect(call.status == .ringing && call.callSid == ScriptedTelephony.sid)
            #expect(stage.telephony.dials.count == 1)
            #expect(stage.flow.activeCalls == 1)
        }
    }

    @Test func `sends nothing again once the budget is spent, and asks a vendor that is down no more`() async throws {
        let down = VendorFailure.notSent(.twilio, reason: "connection refused")
        let stage = Stage(telephony: ScriptedTelephony(Array(repeating: .failure(down), count: 99)))
        while stage.flow.twilioGuard.mayRepeat() {}
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order) }
        #expect(stage.telephony.dials.count == 1)
        for number in 0..<20 { _ = try? await stage.flow.place(Stage.order(number: number)) }
        #expect(stage.telephony.dials.count == 10)
    }

    @Test func `sends nothing that was connected to too late for its join URL`() async throws {
        let clock = ManualClock()
        let telephony = ScriptedTelephony(connecting: { _ in clock.advance(by: .seconds(60)) })
        let stage = Stage(clock: clock, telephony: telephony)
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order) }
        #expect(stage.telephony.dials.isEmpty)
    }

    @Test func `a dial under way is not parked, however long it takes`() async throws {
        let clock = ManualClock()
        let flows = Mutex<CallFlow?>(nil)
        let statuses = Mutex<[CallStatus?]>([])
        let lost = VendorFailure.unclear(.twilio, status: nil, reason: "lost")
        let telephony = ScriptedTelephony(
            [.failure(lost)],
            during: { request in
                clock.advance(by: .seconds(1000))
                await flows.withLock { $0 }?.parkUnproven()
                let status = flows.withLock { $0 }?.call(request.callID)?.status
                statuses.withLock { $0.append(status) }
            }
        )
        let stage = Stage(clock: clock, telephony: telephony)
        flows.withLock { $0 = stage.flow }
        let call = try await stage.flow.place(Stage.order)
        #expect(statuses.withLock { $0 } == [.unknown])
        clock.advance(by: .seconds(899))
        await stage.flow.parkUnproven()
        #expect(stage.flow.call(call.id)?.status == .unknown)
        clock.advance(by: .seconds(1))
        await stage.flow.parkUnproven()
        #expect(stage.flow.call(call.id)?.status == .unconfirmed)
    }

    @Test func `a refusal ends the order and discards the conversation once`() async throws {
        let stage = Stage(telephony: ScriptedTelephony([.failure(.refused(refusal))]))
        await testGracefulShutdown { trigger in
            async let work: Void = stage.background.run()
            await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order) }
            trigger.triggerGracefulShutdown()
            await work
        }
        #expect(stage.telephony.dials.count == 1)
        #expect(stage.platform.discarded == [ScriptedPlatform.ultravoxCallID])
        let failed = try #require(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.first)
        #expect(failed.status == .failed)
        #expect(failed.error == CallError(source: .twilio, code: "21216", message: "not allowed"))
    }

    @Test(arguments: [
        (VendorFailure.unclear(.ultravox, status: nil, reason: "no answer"), 1),
        (.nonsense(.ultravox, status: 201, reason: "no joinUrl"), 1), (.notSent(.ultravox, reason: "no such host"), 3),
    ])
    func `dials nobody where Ultravox fails, and asks again only where nothing was sent`(
        failure: VendorFailure,
        tries: Int
    ) async throws {
        let clock = ManualClock()
        let stage = Stage(clock: clock, platform: ScriptedPlatform(clock: clock, callFailure: failure))
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order) }
        #expect(stage.telephony.dials.isEmpty)
        #expect(stage.platform.prepared.count == tries)
    }

    @Test func `needs an agent that exists, is published, and has its variables`() async throws {
        let clock = ManualClock()
        let missing = VendorFailure.refused(VendorRefusal(vendor: .ultravox, status: 404, message: "Not found."))
        for answer: Result<Agent, VendorFailure> in [
            .failure(missing), .success(ScriptedPlatform.agent(status: .draft)),
            .success(ScriptedPlatform.agent(required: ["name"])),
        ] {
            let stage = Stage(clock: clock, platform: ScriptedPlatform(clock: clock, agent: answer))
            await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order) }
            #expect(stage.platform.prepared.isEmpty)
            #expect(stage.telephony.dials.isEmpty)
            #expect(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.isEmpty)
        }
    }

    @Test(arguments: ["+911", "+19005550100", "+442079460123", "+881600000001"])
    func `asks nobody for a number that may not be called`(number: String) async throws {
        let stage = Stage()
        var order = Stage.order
        order.phoneNumber = try #require(PhoneNumber(number))
        await #expect {
            try await stage.flow.place(order)
        } throws: {
            if case .destinationNotAllowed? = $0 as? PlacingFailure { true } else { false }
        }
        #expect(stage.platform.reads == 0 && stage.platform.prepared.isEmpty && stage.telephony.dials.isEmpty)
        #expect(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.isEmpty)
    }

    @Test(arguments: [nil, "+12125550198"])
    func `asks nobody for a number that is the gateway's own`(from: String?) async throws {
        let stage = Stage()
        var order = Stage.order
        order.from = from.flatMap { PhoneNumber($0) }
        for own in [from, "+12025550143"].compactMap(\.self) {
            order.phoneNumber = try #require(PhoneNumber(own))
            await #expect {
                try await stage.flow.place(order)
            } throws: {
                if case .numberIsOurs? = $0 as? PlacingFailure { true } else { false }
            }
        }
        #expect(stage.platform.reads == 0 && stage.telephony.dials.isEmpty)
    }

    @Test(arguments: ["+1212555012", "+121255501200", "+4402079460123"])
    func `asks nobody for a number that cannot be one`(number: String) async throws {
        let stage = Stage()
        var order = Stage.order
        order.phoneNumber = try #require(PhoneNumber(number))
        await #expect {
            try await stage.flow.place(order)
        } throws: {
            if case .numberMisspelt? = $0 as? PlacingFailure { true } else { false }
        }
        #expect(stage.platform.reads == 0 && stage.telephony.dials.isEmpty)
    }

    @Test func `of one telephone in two spellings locks it once, and dials the spelling of today`() async throws {
        let stage = Stage(destinations: DestinationPolicy(allowed: .all))
        var order = Stage.order
        order.phoneNumber = try #require(PhoneNumber("+5215512345678"))
        let call = try await stage.flow.place(order)
        #expect(call.phoneNumber == "+525512345678")
        #expect(stage.telephony.dials.map(\.order.phoneNumber.text) == ["+525512345678"])
        for spelling in ["+5215512345678", "+525512345678"] {
            order.phoneNumber = try #require(PhoneNumber(spelling))
            await #expect {
                try await stage.flow.place(order)
            } throws: {
                if case .numberBusy(call.id, _)? = $0 as? PlacingFailure { true } else { false }
            }
        }
    }

    @Test func `reads an agent once in thirty seconds`() async throws {
        let stage = Stage()
        _ = try await stage.flow.place(Stage.order)
        stage.clock.advance(by: .seconds(29))
        _ = try? await stage.flow.place(Stage.order)
        #expect(stage.platform.reads == 1)
        stage.clock.advance(by: .seconds(2))
        _ = try? await stage.flow.place(Stage.order)
        #expect(stage.platform.reads == 2)
    }
}

@Suite(.timeKept) struct `Hanging up` {
    @Test func `a call that was not dialed yet cancels it, and nobody is dialed`() async throws {
        let clock = ManualClock()
        let (ids, sendID) = AsyncStream.makeStream(of: CallID.self)
        let (hungUp, sayHungUp) = AsyncStream.makeStream(of: Void.self)
        let platform = ScriptedPlatform(clock: clock) { request in
            sendID.yield(request.callID)
            for await _ in hungUp { return }
        }
        let stage = Stage(clock: clock, platform: platform)
        async let placed = stage.flow.place(Stage.order)
        for await id in ids {
            let canceled = try await stage.flow.hangUp(id)
            #expect(canceled.status == .canceled)
            sayHungUp.yield()
            break
        }
        #expect(try await placed.status == .canceled)
        #expect(stage.telephony.dials.isEmpty)
    }

    @Test func `a call whose conversation fails afterwards leaves it canceled`() async throws {
        let clock = ManualClock()
        let (ids, sendID) = AsyncStream.makeStream(of: CallID.self)
        let (hungUp, sayHungUp) = AsyncStream.makeStream(of: Void.self)
        let down = VendorFailure.unclear(.ultravox, status: nil, reason: "no answer")
        let platform = ScriptedPlatform(clock: clock, callFailure: down) { request in
            sendID.yield(request.callID)
            for await _ in hungUp { return }
        }
        let stage = Stage(clock: clock, platform: platform)
        async let placed = stage.flow.place(Stage.order)
        for await id in ids {
            _ = try await stage.flow.hangUp(id)
            sayHungUp.yield()
            break
        }
        let call = try await placed
        #expect(call.status == .canceled && call.error == nil)
        #expect(stage.flow.history(of: call.id)?.timeline.compactMap(\.status) == [.pending, .canceled])
    }

    @Test func `an order that waits to be dialed again cancels it`() async throws {
        let clock = ManualClock()
        let busy = VendorFailure.throttled(busyTwilio, retryAfter: .seconds(4))
        let flows = Mutex<CallFlow?>(nil)
        let telephony = ScriptedTelephony(
            [.failure(busy)],
            during: { request in
                _ = try? await flows.withLock { $0 }?.hangUp(request.callID)
            }
        )
        let stage = Stage(clock: clock, telephony: telephony)
        flows.withLock { $0 = stage.flow }
        #expect(try await stage.flow.place(Stage.order).status == .canceled)
        #expect(stage.telephony.dials.count == 1)
    }

    @Test func `while the connection to Twilio is being made rings nobody`() async throws {
        let flows = Mutex<CallFlow?>(nil)
        let telephony = ScriptedTelephony(connecting: { request in
            _ = try? await flows.withLock { $0 }?.hangUp(request.callID)
        })
        let stage = Stage(telephony: telephony)
        flows.withLock { $0 = stage.flow }
        #expect(try await stage.flow.place(Stage.order).status == .canceled)
        #expect(stage.telephony.dials.isEmpty)
        #expect(stage.flow.activeCalls == 0)
    }

    @Test func `a live call tells Twilio, and one that is over is not live`() async throws {
        let stage = Stage()
        let call = try await stage.flow.place(Stage.order)
        #expect(try await stage.flow.hangUp(call.id).status == .completed)
        #expect(stage.telephony.ended == [ScriptedTelephony.sid])
        await #expect(throws: HangUpFailure.self) { try await stage.flow.hangUp(call.id) }
        #expect(stage.telephony.ended.count == 1)
    }

    @Test func `an unknown call is kept in mind and done when its CallSid comes`() async throws {
        let stage = Stage(telephony: ScriptedTelephony([.failure(.unclear(.twilio, status: nil, reason: "lost"))]))
        let call = try await stage.flow.place(Stage.order)
        #expect(try await stage.flow.hangUp(call.id).status == .unknown)
        #expect(stage.telephony.ended.isEmpty)
        try await testGracefulShutdown { trigger in
            async let work: Void = stage.background.run()
            let report = StatusReport(callSid: ScriptedTelephony.sid, status: .ringing, sequenceNumber: 1)
            guard case .applied = try await stage.flow.receive(.statusReported(report), claimed: call.id) else {
                Issue.record("the first proof was not taken")
                return
            }
            trigger.triggerGracefulShutdown()
            await work
        }
        #expect(stage.telephony.ended == [ScriptedTelephony.sid])
    }

    @Test(arguments: [
        ([VendorFailure.unclear(.twilio, status: 500, reason: "lost"), .notSent(.twilio, reason: "down")], 3),
        ([.refused(refusal)], 1),
        ([.refused(VendorRefusal(vendor: .twilio, status: 401, message: "a token that was rotated"))], 2),
        (Array(repeating: .unclear(.twilio, status: 503, reason: "down"), count: 90), 91),
    ])
    func `a machine's call is tried again where Twilio does not hear, and not where it refuses`(
        failures: [VendorFailure],
        tries: Int
    ) async throws {
        let stage = Stage(telephony: ScriptedTelephony(endFailures: failures))
        let call = try await stage.flow.place(Stage.order(machineDetection: .hangUp))
        let verdict = MachineDetectionReport(callSid: ScriptedTelephony.sid, answeredBy: "machine_start", duration: nil)
        try await testGracefulShutdown { trigger in
            async let work: Void = stage.background.run()
            _ = try await stage.flow.receive(.machineDetected(verdict), claimed: call.id)
            await stage.noCallIsBeingEnded()
            trigger.triggerGracefulShutdown()
            await work
        }
        #expect(stage.telephony.ended.count == tries)
    }
}
