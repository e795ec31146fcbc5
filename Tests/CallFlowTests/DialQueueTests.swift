import CallDomain
import Testing

@testable import CallFlow

/// The machine: what follows from what, without a clock and without waiting.
@Suite struct DialQueueTests {
    private static let start = Moment(elapsed: .seconds(50))

    private var queue: DialQueue
    private var now = Self.start
    private var entered = 0
    /// Those whose turn came at once.
    private var come: [DialQueue.Ticket] = []

    init() { queue = DialQueue(.init(callsPerSecond: 1, longestWait: .seconds(60))) }

    private static func id(_ number: Int) -> CallID {
        CallID(at: Timestamp(milliseconds: 1_790_000_000_000), random: (0, UInt64(number)))
    }

    private mutating func enter() throws -> DialQueue.Ticket {
        entered += 1
        return try queue.enter(Self.id(entered), now: now).get()
    }

    /// Lets so many orders in and lets somebody wait for each.
    private mutating func waiting(_ count: Int) throws -> [DialQueue.Ticket] {
        let tickets = try (0..<count).map { _ in try enter() }
        come = tickets.filter { step(.asked($0, until: nil)) == [.turn($0.number, .come)] }
        return tickets
    }

    private mutating func step(_ event: DialQueue.Event, after time: Duration = .zero) -> [DialQueue.Action] {
        now = now + time
        return queue.step(event, now: now)
    }

    private mutating func expectTurn(
        _ ticket: DialQueue.Ticket,
        _ comes: Bool,
        at location: SourceLocation = #_sourceLocation
    ) {
        let came = queue.takeTurn(ticket, now: now)
        #expect(came == comes, sourceLocation: location)
    }

    /// Passes the time until the queue acts.
    private mutating func next() throws -> [DialQueue.Action] {
        for _ in 0..<100 {
            now = max(now, try #require(queue.wake(after: now), "it waits for nothing"))
            let actions = queue.step(.time, now: now)
            if !actions.isEmpty { return actions }
        }
        return []
    }

    private func number(_ actions: [DialQueue.Action]) throws -> DialPace.Number {
        try #require(actions.compactMap { if case .begin(_, let number) = $0 { number } else { nil } }.first)
    }

    @Test mutating func `the first order goes through without a pause`() throws {
        let ticket = try enter()
        #expect(ticket.isAtOnce)
        #expect(step(.asked(ticket, until: now + .seconds(2))) == [.turn(0, .come)])
        #expect(queue.depth == 1)
        _ = try number(step(.prepared(ticket, before: ticket.dialBy)))
        #expect(queue.depth == 0)
        #expect(queue.wake(after: now) == nil)
    }

    @Test mutating func `an order takes its turn at once where it is the first and nothing holds it`() throws {
        queue = DialQueue(.init(callsPerSecond: 0.1))
        let first = try enter()
        expectTurn(first, true)
        expectTurn(first, false)
        #expect(queue.depth == 1)
        // One in ten seconds: the second one's turn is not now, and the third one comes after it.
        let second = try enter()
        expectTurn(second, false)
        #expect(step(.asked(second, until: nil)).isEmpty)
        let third = try enter()
        expectTurn(third, false)
        #expect(step(.gaveUp(first)) == [.turn(second.number, .come)])
        expectTurn(third, false)
        _ = step(.gaveUp(second))
        expectTurn(third, true)
        _ = step(.gaveUp(third))
        let fourth = try enter()
        _ = step(.switchedOff(reason: nil, .keep))
        expectTurn(fourth, false)
        _ = step(.switchedOn)
        expectTurn(fourth, true)
        #expect(queue.depth == 1)
    }

    @Test mutating func `orders come to their turn in the order of their arrival, one a second`() throws {
        let tickets = try waiting(5)
        var passed: [Moment] = []
        var ready = come
        while passed.count < 5 {
            var actions: [DialQueue.Action] = []
            for ticket in ready { actions += step(.prepared(ticket, before: ticket.dialBy)) }
            ready = []
            if actions.isEmpty { actions = try next() }
            for action in actions {
                switch action {
                case .turn(let number, .come): ready.append(tickets[number])
                case .begin(let number, let create):
                    #expect(number == passed.count)
                    passed.append(now)
                    _ = step(.left(create, at: now))
                    actions += step(.answered(create))
                case .turn, .refuse, .cleared: Issue.record("unexpected: \(action)")
                }
            }
        }
        for (one, other) in zip(passed, passed.dropFirst()) {
            #expect(other - one >= .seconds(1) && other - one <= .milliseconds(1050))
        }
    }

    @Test mutating func `who stands at the gate first passes first, whoever is ready first`() throws {
        queue = DialQueue(.init(callsPerSecond: 2))
        let tickets = try waiting(3)
        let first = try number(step(.prepared(tickets[0], before: tickets[0].dialBy)))
        _ = step(.left(first, at: now))
        #expect(step(.prepared(tickets[2], before: tickets[2].dialBy)) == [])
        #expect(step(.prepared(tickets[1], before: tickets[1].dialBy)) == [])
        let passed = try next() + next()
        #expect(passed.compactMap { if case .begin(let number, _) = $0 { number } else { nil } } == [1, 2])
    }

    @Test mutating func `a create that connects for long holds up the next one until a second after it left`() throws {
        let tickets = try waiting(2)
        let slow = try number(step(.prepared(tickets[0], before: tickets[0].dialBy)))
        #expect(step(.prepared(tickets[1], before: tickets[1].dialBy)) == [])
        let beginning = now
        while now < beginning + .seconds(2) {
            now = try #require(queue.wake(after: now))
            guard now < beginning + .seconds(2) else { break }
            #expect(queue.step(.time, now: now) == [])
        }
        now = beginning + .seconds(2)
        #expect(step(.left(slow, at: now)) == [])
        _ = try number(next())
        #expect(now - beginning >= .seconds(3) && now - beginning <= .milliseconds(3050))
    }

    @Test mutating func `a create that was not sent takes nothing of the pace`() throws {
        queue = DialQueue(.init(callsPerSecond: 0.1))
        let ticket = try waiting(1)[0]
        let create = try number(step(.prepared(ticket, before: ticket.dialBy)))
        #expect(step(.notSent(create)) == [])
        let again = try number(step(.prepared(ticket, before: ticket.dialBy)))
        _ = step(.left(again, at: now))
        #expect(step(.prepared(ticket, before: now + .seconds(60))) == [])
        let before = now
        _ = try number(next())
        #expect(now - before >= .seconds(10))
    }

    @Test mutating func `an order that is given up while it prepares takes nothing of the pace`() throws {
        let tickets = try waiting(2)
        #expect(step(.gaveUp(tickets[0])) == [])
        _ = try number(step(.prepared(tickets[1], before: tickets[1].dialBy)))
    }

    @Test mutating func `nobody wants it any more: it leaves from wherever it stands`() throws {
        queue = DialQueue(.init(callsPerSecond: 0.1))
        let tickets = try waiting(2)
        _ = try number(step(.prepared(tickets[0], before: tickets[0].dialBy)))
        #expect(step(.unwanted(tickets[1].callID)) == [.turn(1, .left)])
        let unheard = try enter()
        #expect(step(.unwanted(unheard.callID)) == [])
        #expect(step(.asked(unheard, until: nil)) == [.turn(unheard.number, .left)])
        // At the gate, where it waits to be dialed again.
        #expect(step(.prepared(tickets[0], before: now + .seconds(20))) == [])
        #expect(step(.unwanted(tickets[0].callID)) == [.refuse(0, .unwanted)])
        #expect(queue.depth == 0)
    }

    @Test mutating func `a queue that is full, or too long, refuses at once`() throws {
        queue = DialQueue(.init(callsPerSecond: 1, longestWait: .seconds(5), waitingOrders: 3))
        for _ in 0..<3 { _ = try enter() }
        #expect(throws: DialQueue.Full.self) { try enter() }
        #expect(queue.depth == 3)
        #expect(step(.unwanted(Self.id(1))) == [])
        _ = try enter()
        queue = DialQueue(.init(callsPerSecond: 0.5, longestWait: .seconds(3), waitingOrders: 1000))
        for _ in 0..<2 { _ = try enter() }
        #expect(throws: DialQueue.Full.self) { try enter() }
    }

    @Test mutating func `a turn comes no earlier than the conversation needs, whose join URL runs out`() throws {
        queue = DialQueue(.init(callsPerSecond: 0.05))
        let tickets = try waiting(2)
        _ = step(.left(try number(step(.prepared(tickets[0], before: tickets[0].dialBy))), at: now))
        #expect(try next() == [.turn(1, .come)])
        let turn = now
        #expect(step(.prepared(tickets[1], before: tickets[1].dialBy)) == [])
        _ = try number(next())
        #expect(now - turn <= .milliseconds(2200))
    }

    @Test mutating func `a client waits so long and no longer, and its order goes on waiting`() throws {
        queue = DialQueue(.init(callsPerSecond: 0.5))
        let first = try waiting(1)[0]
        _ = step(.left(try number(step(.prepared(first, before: first.dialBy))), at: now))
        _ = step(.switchedOn)
        _ = step(.vendor(.ultravox, isDown: true))
        let ticket = try enter()
        #expect(step(.asked(ticket, until: now + .seconds(2))) == [])
        let began = now
        #expect(try next() == [.turn(1, .notYet)])
        #expect(now - began == .seconds(2))
        #expect(step(.vendor(.ultravox, isDown: false)) == [])
        #expect(step(.asked(ticket, until: nil)).isEmpty == false)
    }

    @Test mutating func `while a vendor is down nobody's turn comes, and afterwards the orders go on`() throws {
        let ticket = try enter()
        #expect(step(.vendor(.ultravox, isDown: true)) == [])
        #expect(step(.asked(ticket, until: nil)) == [])
        #expect(queue.wake(after: now) == ticket.turnBy)
        #expect(step(.vendor(.ultravox, isDown: false)) == [.turn(0, .come)])
        #expect(step(.vendor(.twilio, isDown: true)) == [])
        let down = DialQueue.Stop.vendorDown(VendorGuard.openFailure(of: .twilio))
        #expect(step(.prepared(ticket, before: ticket.dialBy)) == [.refuse(0, down)])
        #expect(queue.depth == 0)
    }

    @Test mutating func `a pause that Twilio asks for is kept by whoever waits in the background`() throws {
        let tickets = try (0..<4).map { _ in try enter() }
        #expect(tickets.map(\.isAtOnce) == [true, true, false, false])
        _ = step(.paused(.seconds(9)))
        let began = now
        var come = tickets.flatMap { step(.asked($0, until: nil)) }
        #expect(come == [.turn(0, .come), .turn(1, .come)])
        for ticket in tickets.prefix(2) { _ = step(.gaveUp(ticket)) }
        come = try next()
        #expect(come.first == .turn(2, .come))
        #expect(now - began == .seconds(9))
    }

    @Test mutating func `a pause is never longer than ten seconds`() throws {
        _ = step(.paused(.seconds(86_400)))
        let tickets = try (0..<3).map { _ in try enter() }
        for ticket in tickets { _ = step(.asked(ticket, until: nil)) }
        for ticket in tickets.prefix(2) { _ = step(.gaveUp(ticket)) }
        #expect(try next() == [.turn(2, .come)])
        #expect(now == Self.start + .seconds(10))
    }

    @Test mutating func `who waits too long leaves, whatever holds it`() throws {
        let ticket = try enter()
        _ = step(.vendor(.twilio, isDown: true))
        #expect(step(.asked(ticket, until: nil)) == [])
        #expect(try next() == [.turn(0, .timeUp)])
        #expect(now == Self.start + .seconds(60))
        // At the gate its own time counts.
        _ = step(.vendor(.twilio, isDown: false))
        let others = try waiting(2)
        _ = try number(step(.prepared(others[0], before: others[0].dialBy)))
        #expect(step(.prepared(others[1], before: now + .milliseconds(300))) == [])
        #expect(try next() == [.refuse(others[1].number, .timeUp)])
    }

    @Test mutating func `while dialing is off orders are held, and dialed if it is on again in time`() throws {
        queue = DialQueue(.init(callsPerSecond: 0.2, longestWait: .seconds(30)))
        let tickets = try waiting(4)
        _ = step(.left(try number(step(.prepared(tickets[0], before: tickets[0].dialBy))), at: now))
        #expect(step(.switchedOff(reason: "a drill", .keep), after: .seconds(1)) == [])
        #expect(queue.depth == 3)
        #expect(queue.wake(after: now) == tickets[1].turnBy)
        #expect(step(.switchedOn, after: .seconds(20)) == [.turn(1, .come)])
        #expect(step(.switchedOff(reason: nil, .keep)) == [])
        #expect(step(.prepared(tickets[1], before: tickets[1].dialBy)) == [.refuse(1, .switchedOff(reason: nil))])
        #expect(try next() == [.turn(2, .timeUp), .turn(3, .timeUp)])
        #expect(now == Self.start + .seconds(30))
    }

    @Test mutating func `switched off, whoever waits for an answer gets it, and what stands at the gate ends`() throws {
        queue = DialQueue(.init(callsPerSecond: 1))
        let tickets = try (0..<3).map { _ in try enter() }
        #expect(step(.asked(tickets[0], until: now + .seconds(2))) == [.turn(0, .come)])
        _ = try number(step(.prepared(tickets[0], before: tickets[0].dialBy)))
        #expect(step(.asked(tickets[1], until: now + .seconds(2))) == [.turn(1, .come)])
        #expect(step(.prepared(tickets[1], before: tickets[1].dialBy)) == [])
        let client = try enter()
        #expect(client.isAtOnce == false)
        let off = DialQueue.Stop.switchedOff(reason: "a drill")
        #expect(step(.switchedOff(reason: "a drill", .keep)) == [.refuse(1, off)])
        // Whoever comes to wait now, too.
        let turn = DialQueue.Turn.switchedOff(reason: "a drill")
        queue = DialQueue(.init(callsPerSecond: 1))
        let waiting = try enter()
        _ = step(.vendor(.twilio, isDown: true))
        #expect(step(.asked(waiting, until: now + .seconds(2))) == [])
        let unheard = try enter()
        #expect(step(.switchedOff(reason: "a drill", .keep)) == [.cleared(waiting.callID), .turn(0, turn)])
        #expect(step(.asked(unheard, until: now + .seconds(2))) == [.turn(1, turn)])
    }

    @Test mutating func `switched off with cancel, the queue is empty at once`() throws {
        let tickets = try (0..<5).map { _ in try enter() }
        #expect(step(.asked(tickets[4], until: nil)) == [])
        let actions = step(.switchedOff(reason: "fraud", .cancel))
        #expect(
            actions == tickets.map { .cleared($0.callID) } + [.turn(4, .switchedOff(reason: "fraud"))]
        )
        #expect(queue.depth == 0)
        #expect(queue.wake(after: now) == nil)
    }

    @Test mutating func `a stop clears the queue and takes nobody in`() throws {
        let tickets = try waiting(3)
        _ = try number(step(.prepared(tickets[0], before: tickets[0].dialBy)))
        #expect(step(.prepared(tickets[1], before: tickets[1].dialBy)) == [])
        let actions = step(.stopping)
        #expect(actions.first == .refuse(1, .stopping))
        #expect(queue.isStopping)
        #expect(throws: DialQueue.Full.stopping) { try enter() }
        #expect(step(.asked(tickets[2], until: nil)) == [.turn(2, .left)])
    }

    @Test mutating func `who abandons its wait is told, once it is heard`() throws {
        let tickets = try (0..<3).map { _ in try enter() }
        #expect(step(.abandoned(tickets[2])) == [])
        #expect(step(.asked(tickets[2], until: nil)) == [])
        #expect(step(.abandoned(tickets[2])) == [.turn(2, .timeUp)])
        #expect(step(.asked(tickets[0], until: nil)) == [.turn(0, .come)])
        _ = try number(step(.prepared(tickets[0], before: tickets[0].dialBy)))
        #expect(step(.prepared(tickets[0], before: now + .seconds(9))) == [])
        #expect(step(.abandoned(tickets[0])) == [.refuse(0, .stopping)])
    }

    @Test mutating func `a thousand waiting orders look together, and no sooner than something is due`() throws {
        queue = DialQueue(.init(callsPerSecond: 20))
        let tickets = try waiting(1000)
        var begun = 0
        var looks = 0
        var ready = come
        while begun < 1000 {
            var actions = ready.flatMap { queue.step(.prepared($0, before: $0.dialBy), now: now) }
            ready = []
            if actions.isEmpty {
                now = try #require(queue.wake(after: now))
                actions = queue.step(.time, now: now)
                looks += 1
            }
            for action in actions {
                switch action {
                case .turn(let number, .come): ready.append(tickets[number])
                case .begin(_, let create):
                    begun += 1
                    _ = queue.step(.left(create, at: now), now: now)
                    for case .turn(let number, .come) in queue.step(.answered(create), now: now) {
                        ready.append(tickets[number])
                    }
                case .turn, .refuse, .cleared: Issue.record("unexpected: \(action)")
                }
            }
        }
        #expect(looks <= 3000)
        #expect(now - Self.start <= .seconds(53))
    }
}
