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

    @Test func `a turn comes no earlier than the conversation needs, whose join URL runs out`() async throws {
        let clock = ManualClock()
        let queue = DialQueue(.init(callsPerSecond: 0.05), dialing: DialingSwitch(clock: clock), clock: clock)
        let tickets = try (0..<3).map { try queue.enter(CallID(at: clock.now, random: (0, UInt64($0)))) }
        for ticket in tickets {
            #expect(await queue.turn(ticket) == .come)
            let before = clock.now
            _ = try await queue.begin(ticket)
            #expect(clock.now - before <= .milliseconds(2200))
        }
    }

    @Test func `who stands at the gate first passes first, whoever looks first`() async throws {
        let clock = HeldClock()
        let queue = DialQueue(.init(callsPerSecond: 2), dialing: DialingSwitch(clock: clock), clock: clock)
        let all = try (0..<3).map { try queue.enter(CallID(at: clock.now, random: (0, UInt64($0)))) }
        for ticket in all { #expect(await queue.turn(ticket) == .come) }
        // The others have to wait behind it.
        queue.end(try await queue.begin(all[0]))
        let tickets = Array(all.dropFirst())
        let passed = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<2 {
                group.addTask {
                    try await queue.begin(
                        tickets[number],
                        claim: {
                            passed.note(number)
                            return true
                        }
                    )
                }
                await clock.fallsAsleep()
            }
            clock.advance(by: .seconds(5))
            // The second one looks, and lets the first one pass.
            clock.wake(1)
            await clock.fallsAsleep()
            clock.wake(0)
            try await group.next()
            clock.advance(by: .seconds(1))
            clock.wake(0)
            try await group.waitForAll()
        }
        #expect(passed.noted == [0, 1])
    }

    @Test func `nobody is taken in whose turn would come too late, however slow the answers are`() async throws {
        let clock = ManualClock()
        let queue = DialQueue(
            .init(callsPerSecond: 1, longestWait: .seconds(60)),
            dialing: DialingSwitch(clock: clock),
            clock: clock
        )
        func id(_ number: Int) -> CallID { CallID(at: clock.now, random: (0, UInt64(number))) }
        // Twilio takes 800 ms for each answer.
        for number in 0..<10 {
            let ticket = try queue.enter(id(number))
            #expect(await queue.turn(ticket) == .come)
            let create = try await queue.begin(ticket)
            clock.advance(by: .milliseconds(800))
            queue.end(create)
        }
        let start = clock.now
        var tickets: [DialQueue.Ticket] = []
        while let ticket = try? queue.enter(id(1000 + tickets.count)) { tickets.append(ticket) }
        #expect(tickets.count >= 30)
        for ticket in tickets {
            #expect(await queue.turn(ticket) == .come)
            let create = try await queue.begin(ticket)
            clock.advance(by: .milliseconds(800))
            queue.end(create)
        }
        #expect(clock.now - start <= .seconds(61))
    }

    @Test func `while a vendor is down nobody's turn comes, and afterwards the orders go on`() async throws {
        let stage = Stage(queue: .init(callsPerSecond: 1))
        let queue = stage.flow.queue
        let ticket = try queue.enter(CallID(at: stage.clock.now, random: (0, 1)))
        await stage.flow.ultravoxGuard.fail()
        #expect(await queue.turn(ticket, within: .seconds(5)) == .notYet)
        stage.clock.advance(by: .seconds(6))
        await stage.flow.probeUltravox()
        #expect(await queue.turn(ticket) == .come)
        await stage.flow.twilioGuard.fail()
        await #expect {
            try await queue.begin(ticket)
        } throws: {
            if case .vendorDown? = $0 as? DialQueue.Stop { true } else { false }
        }
        #expect(queue.depth == 0)
    }

    @Test func `a pause that Twilio asks for is kept by whoever waits in the background`() async throws {
        let clock = ManualClock()
        let queue = DialQueue(.init(callsPerSecond: 1), dialing: DialingSwitch(clock: clock), clock: clock)
        let tickets = try (0..<4).map { try queue.enter(CallID(at: clock.now, random: (0, UInt64($0)))) }
        #expect(tickets.map(\.isAtOnce) == [true, true, false, false])
        queue.pause(for: .seconds(9))
        let start = clock.now
        for ticket in tickets.prefix(2) {
            #expect(await queue.turn(ticket) == .come)
            _ = try await queue.begin(ticket)
        }
        #expect(clock.now - start < .seconds(3))
        #expect(await queue.turn(tickets[2]) == .come)
        #expect(clock.now - start >= .seconds(9))
        // A clock that is set back does not make it longer.
        queue.giveUp(tickets[2])
        queue.pause(for: .seconds(9))
        clock.advance(by: .seconds(-60))
        let before = clock.now
        #expect(await queue.turn(tickets[3]) == .come)
        #expect(clock.now - before < .seconds(9))
    }

    @Test func `a create that was not sent takes nothing of the pace`() async throws {
        let clock = ManualClock()
        let queue = DialQueue(.init(callsPerSecond: 0.1), dialing: DialingSwitch(clock: clock), clock: clock)
        let ticket = try queue.enter(CallID(at: clock.now, random: (0, 1)))
        #expect(await queue.turn(ticket) == .come)
        queue.takeBack(try await queue.begin(ticket))
        let before = clock.now
        let create = try await queue.begin(ticket)
        #expect(clock.now == before)
        queue.end(create)
        _ = try await queue.begin(ticket, before: clock.now + .seconds(60), wanted: { true }, claim: { true })
        #expect(clock.now - before >= .seconds(10))
    }

    @Test func `an order that is hung up while it prepares takes nothing of the pace`() async throws {
        let clock = ManualClock()
        let queue = DialQueue(.init(callsPerSecond: 1), dialing: DialingSwitch(clock: clock), clock: clock)
        let tickets = try (0..<2).map { try queue.enter(CallID(at: clock.now, random: (0, UInt64($0)))) }
        #expect(await queue.turn(tickets[0]) == .come)
        await #expect {
            try await queue.begin(tickets[0], claim: { false })
        } throws: {
            if case .unwanted? = $0 as? DialQueue.Stop { true } else { false }
        }
        let before = clock.now
        #expect(await queue.turn(tickets[1]) == .come)
        _ = try await queue.begin(tickets[1])
        #expect(clock.now == before)
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

    @Test(arguments: [true, false])
    func `a create that has not left when dialing ends never leaves`(isStop: Bool) async throws {
        let flows = Mutex<CallFlow?>(nil)
        let telephony = ScriptedTelephony(connecting: { _ in
            flows.withLock { flow in
                if isStop { flow?.stopDialing() } else { _ = flow?.dialing.set(isEnabled: false, reason: "a drill") }
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

extension DialQueue {
    /// Passes the gate as an order does that somebody wants to the end.
    @discardableResult
    fileprivate func begin(
        _ ticket: Ticket,
        wanted: () -> Bool = { true },
        claim: () -> Bool = { true }
    ) async throws(Stop) -> DialPace.Number {
        try await begin(ticket, before: ticket.dialBy, wanted: wanted, claim: claim)
    }
}

/// A clock whose sleepers wake one by one, when they are told to.
private final class HeldClock: TimeSource {
    var moment: Moment { Moment(elapsed: .milliseconds(now.milliseconds)) }

    private let state = Mutex((now: Timestamp(milliseconds: 1_790_000_000_000), sleepers: [Sleeper]()))
    private let asleep: AsyncStream<Void>
    private let fallAsleep: AsyncStream<Void>.Continuation

    private typealias Sleeper = CheckedContinuation<Void, Never>

    init() { (asleep, fallAsleep) = AsyncStream.makeStream(of: Void.self) }

    var now: Timestamp { state.withLock { $0.now } }

    func sleep(for duration: Duration) async throws {
        await withCheckedContinuation { continuation in
            state.withLock { $0.sleepers.append(continuation) }
            fallAsleep.yield()
        }
    }

    func advance(by duration: Duration) { state.withLock { $0.now = $0.now + duration } }

    /// Returns when one more sleeps.
    func fallsAsleep() async { for await _ in asleep { return } }

    /// Wakes the one that has slept longest, but for so many.
    func wake(_ index: Int) { state.withLock { $0.sleepers.remove(at: index) }.resume() }
}
