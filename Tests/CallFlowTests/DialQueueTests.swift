import CallDomain
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization
import Testing

@testable import CallFlow

/// Orders that wait for their turn.
@Suite struct DialQueueTests {
    /// Sixty orders, one a second: the first ones at once, the others in the background.
    @Test func `an order whose turn is far is pending at once and dialed later`() async throws {
        let stage = Stage(queue: .init(callsPerSecond: 1, longestWait: .seconds(100)))
        try await stage.working { () async throws in
            var answers: [Call] = []
            for number in 0..<10 {
                // A standing clock: each order holds its place while the others come.
                answers.append(try await stage.flow.place(Stage.order(number: number)))
            }
            #expect(answers.first?.status == .queued)
        }
        #expect(stage.telephony.dials.count == 10)
    }

    @Test func `a queue that is full, or too long, refuses at once`() async throws {
        let clock = ManualClock()
        let queue = DialQueue(
            .init(callsPerSecond: 1, longestWait: .seconds(5), waitingOrders: 3),
            dialing: DialingSwitch(clock: clock),
            clock: clock
        )
        func id(_ number: UInt64) -> CallID { CallID(at: clock.now, random: (0, number)) }
        for number in 0..<3 { _ = try queue.enter(id(UInt64(number))) }
        #expect(throws: DialQueue.Full.self) { try queue.enter(id(4)) }
        #expect(queue.depth == 3)
        queue.leave(id(1))
        _ = try queue.enter(id(5))
        let short = DialQueue(
            .init(callsPerSecond: 0.5, longestWait: .seconds(3), waitingOrders: 1000),
            dialing: DialingSwitch(clock: clock),
            clock: clock
        )
        _ = try short.enter(id(1))
        _ = try short.enter(id(2))
        #expect(throws: DialQueue.Full.self) { try short.enter(id(3)) }
    }

    @Test func `orders come to their turn in the order of their arrival`() async throws {
        let clock = ManualClock()
        let queue = DialQueue(.init(callsPerSecond: 1), dialing: DialingSwitch(clock: clock), clock: clock)
        let ids = (0..<5).map { CallID(at: clock.now, random: (0, UInt64($0))) }
        let tickets = try ids.map { try queue.enter($0) }
        #expect(await queue.turn(tickets[1], within: .seconds(2)) == .notYet)
        queue.leave(ids[0])
        #expect(await queue.turn(tickets[0]) == .left)
        #expect(await queue.turn(tickets[1]) == .come)
        _ = try await queue.begin(tickets[1])
    }

    @Test func `while dialing is off nobody is dialed, and who waits too long is canceled`() async throws {
        let stage = Stage(queue: .init(callsPerSecond: 1, longestWait: .seconds(20)))
        _ = stage.flow.dialing.set(isEnabled: false, reason: "a fire drill")
        await #expect {
            try await stage.flow.place(Stage.order)
        } throws: {
            if case .dialingDisabled("a fire drill", nil)? = $0 as? PlacingFailure { true } else { false }
        }
        #expect(stage.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.isEmpty)
        _ = stage.flow.dialing.set(isEnabled: true, reason: nil)
        // It is switched off while the order prepares.
        let switches = Mutex<DialingSwitch?>(nil)
        let clock = ManualClock()
        let platform = ScriptedPlatform(clock: clock) { _ in
            _ = switches.withLock { $0 }?.set(isEnabled: false, reason: nil)
        }
        let other = Stage(clock: clock, platform: platform)
        switches.withLock { $0 = other.flow.dialing }
        await #expect(throws: PlacingFailure.self) { try await other.flow.place(Stage.order) }
        #expect(other.telephony.dials.isEmpty)
        let call = try #require(other.flow.calls(matching: CallFilter(), limit: 1, after: nil).calls.first)
        #expect(call.status == .canceled)
        #expect(other.flow.activeCalls == 0)
    }

    @Test func `a waiting order is canceled when its time is up or a stop begins`() async throws {
        let clock = ManualClock()
        let dialing = DialingSwitch(clock: clock)
        let queue = DialQueue(.init(callsPerSecond: 1, longestWait: .seconds(30)), dialing: dialing, clock: clock)
        _ = dialing.set(isEnabled: false, reason: nil)
        let late = try queue.enter(CallID(at: clock.now, random: (0, 1)))
        #expect(await queue.turn(late) == .timeUp)
        let ids = (2..<5).map { CallID(at: clock.now, random: (0, UInt64($0))) }
        let tickets = try ids.map { try queue.enter($0) }
        #expect(queue.stop() == ids)
        #expect(await queue.turn(tickets[0]) == .left)
        #expect(throws: DialQueue.Full.self) { try queue.enter(CallID(at: clock.now, random: (0, 9))) }
    }

    @Test func `a stop takes no orders and dials none that prepares`() async throws {
        let flows = Mutex<CallFlow?>(nil)
        let clock = ManualClock()
        let platform = ScriptedPlatform(clock: clock) { _ in flows.withLock { $0 }?.stopDialing() }
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
