import CallDomain
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization
import TestSupport
import Testing

@testable import CallFlow

/// Orders that wait for their turn in a running gateway.
@Suite(.timeKept, .timeLimit(.minutes(1))) struct DialDriverTests {
    private static func driver(_ limits: DialQueue.Limits, _ clock: ManualClock) -> DialDriver {
        let driver = DialDriver(limits, clock: clock)
        TimeKept.keep(driver)
        return driver
    }

    private static func id(_ number: Int) -> CallID {
        CallID(at: Timestamp(milliseconds: 1_790_000_000_000), random: (0, UInt64(number)))
    }

    private static func reason(_ id: CallID, _ flow: CallFlow) -> String? {
        flow.history(of: id)?.timeline.last { $0.status == .canceled }?.detail
    }

    /// Sixty orders, one a second: the first ones at once, the others in the background.
    @Test func `an order whose turn is far is pending at once and dialed later`() async throws {
        let stage = Stage(queue: .init(callsPerSecond: 1, longestWait: .seconds(100)))
        try await stage.working { () async throws in
            var answers: [Call] = []
            for number in 0..<10 { answers.append(try await stage.flow.place(Stage.order(number: number))) }
            #expect(answers.first?.status == .queued)
        }
        #expect(stage.telephony.dials.count == 10)
    }

    @Test func `nobody is taken in whose turn would come too late, however slow the connections are`() async throws {
        let clock = ManualClock()
        let queue = Self.driver(.init(callsPerSecond: 1, longestWait: .seconds(60)), clock)
        func dial(_ ticket: DialQueue.Ticket) async throws {
            #expect(await queue.turn(ticket) == .come)
            let create = try await queue.begin(ticket, before: ticket.dialBy)
            clock.advance(by: .milliseconds(800))
            #expect(create.permit.leave())
            queue.answered(create)
        }
        for number in 0..<10 { try await dial(try queue.enter(Self.id(number))) }
        let start = clock.moment
        var tickets: [DialQueue.Ticket] = []
        while let ticket = try? queue.enter(Self.id(1000 + tickets.count)) { tickets.append(ticket) }
        #expect(tickets.count >= 25)
        for ticket in tickets { try await dial(ticket) }
        #expect(clock.moment - start <= .seconds(61))
    }

    @Test func `a vendor's breaker holds the queue, and its recovery lets it go on`() async throws {
        let stage = Stage(queue: .init(callsPerSecond: 1))
        let queue = stage.flow.queue
        let ticket = try queue.enter(Self.id(1))
        await stage.flow.ultravoxGuard.fail()
        #expect(await queue.turn(ticket, within: .seconds(5)) == .notYet)
        stage.clock.advance(by: .seconds(6))
        await stage.flow.probeUltravox()
        #expect(await queue.turn(ticket) == .come)
        await stage.flow.twilioGuard.fail()
        await #expect(throws: DialQueue.Stop.vendorDown(stage.flow.twilioGuard.openFailure)) {
            try await queue.begin(ticket, before: ticket.dialBy)
        }
        #expect(queue.depth == 0)
    }

    @Test func `who is cancelled waits no longer`() async throws {
        let clock = ManualClock()
        let queue = DialDriver(.init(callsPerSecond: 1), clock: clock)
        queue.vendor(.twilio, isDown: true)
        let ticket = try queue.enter(Self.id(1))
        let turn = await withTaskGroup(of: DialQueue.Turn.self) { group in
            group.addTask { await queue.turn(ticket) }
            group.cancelAll()
            return await group.next()
        }
        #expect(turn == .timeUp)
        #expect(queue.depth == 0)
    }

    @Test(arguments: [-3600.0, 3600])
    func `a wall clock that is set delays nobody, and cancels nobody`(seconds: Double) async throws {
        let stage = Stage(queue: .init(callsPerSecond: 0.1, longestWait: .seconds(60)))
        try await stage.working {
            _ = try await stage.flow.place(Stage.order(number: 0))
            let start = stage.clock.moment
            var ids: [CallID] = []
            for number in 1...2 { ids.append(try await stage.flow.place(Stage.order(number: number)).id) }
            stage.clock.set(by: .seconds(seconds))
            await eventually { ids.allSatisfy { stage.flow.call($0)?.callSid != nil } }
            #expect(stage.clock.moment - start <= .seconds(35))
        }
        #expect(stage.telephony.dials.count == 3)
        #expect(stage.flow.calls(matching: CallFilter(), limit: 9, after: nil).calls.allSatisfy { $0.callSid != nil })
    }

    /// The prepared conversation outlives the ring whatever the wall clock says.
    @Test(arguments: [-3600.0, 3600])
    func `a wall clock that is set while the order prepares does not move its last moment`(seconds: Double) async throws
    {
        let clock = ManualClock()
        let platform = ScriptedPlatform(clock: clock) { _ in clock.set(by: .seconds(seconds)) }
        let stage = Stage(clock: clock, platform: platform)
        #expect(try await stage.flow.place(Stage.order).status == .queued)
        let late = ManualClock()
        let slow = ScriptedPlatform(clock: late) { _ in
            late.set(by: .seconds(seconds))
            late.advance(by: .seconds(16))
        }
        let other = Stage(clock: late, platform: slow, queue: .init(callsPerSecond: 1))
        let call = try await other.flow.place(Stage.order)
        #expect(call.status == .canceled)
        #expect(Self.reason(call.id, other.flow)?.contains("prepared conversation") == true)
        #expect(other.telephony.dials.isEmpty)
    }

    @Test func `while dialing is off nobody is dialed, and no order is taken`() async throws {
        let stage = Stage(queue: .init(callsPerSecond: 1, longestWait: .seconds(20)))
        _ = try await stage.flow.setDialing(isEnabled: false, reason: "a fire drill")
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            if case .dialingDisabled("a fire drill", nil)? = $0 as? PlacingFailure { true } else { false }
        }
        #expect(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.isEmpty)
        _ = try await stage.flow.setDialing(isEnabled: true)
        #expect(try await stage.flow.place(Stage.order).status == .queued)
    }

    @Test func `an order that prepares when dialing is switched off is answered so`() async throws {
        let flows = Mutex<CallFlow?>(nil)
        let clock = ManualClock()
        let platform = ScriptedPlatform(clock: clock) { _ in
            _ = try? await flows.withLock { $0 }?.setDialing(isEnabled: false)
        }
        let stage = Stage(clock: clock, platform: platform)
        flows.withLock { $0 = stage.flow }
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            if case .dialingDisabled(nil, _?)? = $0 as? PlacingFailure { true } else { false }
        }
        #expect(stage.telephony.dials.isEmpty)
        let call = try #require(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.first)
        #expect(call.status == .canceled)
        #expect(stage.flow.activeCalls == 0)
    }

    @Test func `an order whose client waits for its turn when dialing is switched off is answered so`() async throws {
        let flows = Mutex<CallFlow?>(nil)
        let clock = ManualClock(duringPause: {
            // The second order waits for a second.
            _ = try? await flows.withLock { $0 }?.setDialing(isEnabled: false, reason: "a drill")
        })
        let stage = Stage(clock: clock, queue: .init(callsPerSecond: 0.6))
        _ = try await stage.flow.place(Stage.order(number: 1))
        flows.withLock { $0 = stage.flow }
        await #expect {
            try await stage.flow.place(Stage.order(number: 2))
        } throws: {
            if case .dialingDisabled("a drill", _?)? = $0 as? PlacingFailure { true } else { false }
        }
        let call = try #require(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.first)
        #expect(call.status == .canceled)
        #expect(Self.reason(call.id, stage.flow) == "dialing was switched off")
        #expect(stage.telephony.dials.count == 1)
    }

    /// One order was dialed, and three wait in the background, which does not run yet.
    private func waiting(_ stage: Stage) async throws -> [CallID] {
        _ = try await stage.flow.place(Stage.order(number: 0))
        var ids: [CallID] = []
        for number in 1...3 {
            let call = try await stage.flow.place(Stage.order(number: number))
            #expect(call.status == .pending)
            ids.append(call.id)
        }
        return ids
    }

    @Test func `switched off with keep, what waits is dialed when dialing is on again in time`() async throws {
        let stage = Stage(queue: .init(callsPerSecond: 0.1, longestWait: .seconds(60)))
        let ids = try await waiting(stage)
        _ = try await stage.flow.setDialing(isEnabled: false, waiting: .keep)
        #expect(ids.allSatisfy { stage.flow.call($0)?.status == .pending })
        stage.clock.advance(by: .seconds(20))
        _ = try await stage.flow.setDialing(isEnabled: true)
        try await stage.working {
            await eventually { ids.allSatisfy { stage.flow.call($0)?.callSid != nil } }
        }
        #expect(ids.allSatisfy { stage.flow.call($0)?.status == .queued })
        #expect(stage.telephony.dials.count == 4)
    }

    @Test func `switched off with keep, what waits too long is canceled, and the reason says why`() async throws {
        let stage = Stage(queue: .init(callsPerSecond: 0.1, longestWait: .seconds(60)))
        let ids = try await waiting(stage)
        _ = try await stage.flow.setDialing(isEnabled: false, waiting: .keep)
        try await stage.working {}
        for id in ids {
            #expect(stage.flow.call(id)?.status == .canceled)
            #expect(Self.reason(id, stage.flow) == "not dialed within QUEUE_MAX_WAIT: dialing was switched off")
        }
        #expect(stage.telephony.dials.count == 1)
        #expect(stage.flow.activeCalls == 1)
    }

    @Test(arguments: [true, false])
    func `switched off with cancel, what waits is canceled at once`(isHeard: Bool) async throws {
        let stage = Stage(queue: .init(callsPerSecond: 0.1, longestWait: .seconds(60)))
        let ids = try await waiting(stage)
        if !isHeard { _ = try await stage.flow.setDialing(isEnabled: false, waiting: .cancel) }
        try await stage.working {
            if isHeard { _ = try await stage.flow.setDialing(isEnabled: false, waiting: .cancel) }
            #expect(stage.flow.queueDepth == 0)
        }
        let canceled = ids.filter { stage.flow.call($0)?.status == .canceled }
        #expect(isHeard || canceled == ids)
        for id in canceled { #expect(Self.reason(id, stage.flow) == "dialing was switched off") }
        #expect(canceled.count + stage.telephony.dials.count == 4)
    }

    @Test(arguments: [true, false])
    func `a create that has not left when dialing ends never leaves`(isStop: Bool) async throws {
        let flows = Mutex<CallFlow?>(nil)
        let telephony = ScriptedTelephony(connecting: { _ in
            let flow = flows.withLock { $0 }
            if isStop {
                await flow?.stopDialing()
            } else {
                _ = try? await flow?.setDialing(isEnabled: false, reason: "a drill")
            }
        })
        let stage = Stage(telephony: telephony)
        flows.withLock { $0 = stage.flow }
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            switch $0 as? PlacingFailure {
            case .draining(_?)?: isStop
            case .dialingDisabled("a drill", _?)?: !isStop
            default: false
            }
        }
        #expect(stage.telephony.dials.isEmpty)
        #expect(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.first?.status == .canceled)
        #expect(stage.flow.activeCalls == 0)
    }

    /// A process that was frozen while it connected: nothing leaves late, and nothing is tried again.
    @Test(arguments: [CallOrder.Join.eager, .onAnswer])
    func `a create that was frozen for a minute does not leave`(join: CallOrder.Join) async throws {
        let clock = ManualClock()
        let telephony = ScriptedTelephony(connecting: { _ in clock.advance(by: .seconds(60)) })
        let stage = Stage(clock: clock, telephony: telephony)
        await #expect(throws: PlacingFailure.self) { try await stage.flow.place(Stage.order(join: join)) }
        #expect(stage.telephony.dials.isEmpty)
        #expect(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.first?.status == .failed)
    }

    @Test func `a create may take the five seconds that a connection may, and leaves`() async throws {
        let clock = ManualClock()
        let telephony = ScriptedTelephony(connecting: { _ in clock.advance(by: .seconds(5)) })
        let stage = Stage(clock: clock, telephony: telephony)
        #expect(try await stage.flow.place(Stage.order).status == .queued)
    }

    @Test func `a waiting order is canceled when a stop begins`() async throws {
        let clock = ManualClock()
        let queue = Self.driver(.init(callsPerSecond: 1, longestWait: .seconds(30)), clock)
        _ = queue.switchOff(reason: nil, .keep)
        let late = try queue.enter(Self.id(1))
        #expect(await queue.turn(late) == .switchedOff(reason: nil))
        queue.switchOn()
        let ids = (2..<5).map { Self.id($0) }
        let tickets = try ids.map { try queue.enter($0) }
        #expect(queue.stop() == ids)
        #expect(await queue.turn(tickets[0]) == .left)
        #expect(throws: DialQueue.Full.stopping) { try queue.enter(Self.id(9)) }
    }

    @Test func `a stop takes no orders and dials none that prepares`() async throws {
        let flows = Mutex<CallFlow?>(nil)
        let clock = ManualClock()
        let platform = ScriptedPlatform(clock: clock) { _ in await flows.withLock { $0 }?.stopDialing() }
        let stage = Stage(clock: clock, platform: platform)
        flows.withLock { $0 = stage.flow }
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            if case .draining(_?)? = $0 as? PlacingFailure { true } else { false }
        }
        #expect(stage.telephony.dials.isEmpty)
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            if case .draining(nil)? = $0 as? PlacingFailure { true } else { false }
        }
    }
}
