import CallDomain
import CallStorage
import Synchronization
import TestSupport
import Testing

@testable import CallFlow

/// A gateway that starts on the log of a process that died.
@Suite(.timeKept, .timeLimit(.minutes(1))) struct `A gateway that starts again` {
    private static let key = KeyClaim(name: KeyName(caller: "app", key: "k"), digest: [1])

    private let clock = ManualClock()
    private let id: CallID

    init() { id = CallID(at: clock.now, random: (0, 1)) }

    private var ordered: Record.Content { ordered(id) }

    private func ordered(_ id: CallID, number: Int = 187, key: KeyClaim? = key) -> Record.Content {
        let stage = Stage()
        return .ordered(
            Ordered(
                id: id,
                order: CallOrder(Stage.order(number: number), policy: stage.flow.policy),
                templateContext: [:],
                key: key,
                limits: AdmissionLimits()
            )
        )
    }

    private var created: CallFact { .callCreated(TwilioCall(callSid: ScriptedTelephony.sid, status: .queued)) }

    private func stage(_ log: [Record.Content], queue: DialQueue.Limits = .init()) async throws -> Stage {
        let journal = InMemoryJournal(clock: clock)
        _ = try await journal.append(log.map { Record(at: clock.now, $0) })
        return Stage(clock: clock, queue: queue, journal: journal)
    }

    private func keyState(_ stage: Stage) -> KeyState { stage.flow.keys.claim(Self.key) }

    @Test func `dials the orders that waited, the oldest first, and answers their keys`() async throws {
        let other = CallID(at: clock.now + .milliseconds(5), random: (0, 2))
        let stage = try await stage([ordered, ordered(other, number: 188, key: nil)])
        try await stage.working {
            _ = try await stage.started()
            await eventually { [id, other].allSatisfy { stage.flow.call($0)?.callSid != nil } }
        }
        #expect(stage.telephony.dials.map(\.callID) == [id, other])
        guard case .replay(let answer) = keyState(stage) else {
            Issue.record("the key has no answer")
            return
        }
        #expect(answer.status == 202 && String(decoding: answer.body, as: UTF8.self) == id.text)
    }

    @Test func `cancels the orders that waited too long, and frees their keys`() async throws {
        let stage = try await stage([ordered], queue: .init(longestWait: .seconds(60)))
        clock.advance(by: .seconds(61))
        try await stage.working { _ = try await stage.started() }
        #expect(stage.flow.call(id)?.status == .canceled)
        #expect(stage.telephony.dials.isEmpty)
        #expect(keyState(stage) == .free)
        #expect(stage.flow.activeCalls == 0)
    }

    @Test func `asks for no second conversation: an order that was being prepared fails`() async throws {
        let stage = try await stage([ordered, .noted(id, .agentCallRequested(ScriptedPlatform.agentID))])
        try await stage.working { _ = try await stage.started() }
        #expect(stage.flow.call(id)?.status == .failed)
        #expect(stage.flow.call(id)?.error?.code == "restarted")
        #expect(stage.telephony.dials.isEmpty && stage.platform.prepared.isEmpty)
        #expect(keyState(stage) == .free)
    }

    @Test func `never dials again what may have rung, and keeps its key`() async throws {
        let stage = try await stage([ordered, .noted(id, .dialing)])
        try await stage.working { _ = try await stage.started() }
        #expect(stage.flow.call(id)?.status == .unknown)
        #expect(stage.telephony.dials.isEmpty)
        if case .replay = keyState(stage) {} else { Issue.record("the key was freed") }
        // It has waited for its proof since it was dialed.
        clock.advance(by: .seconds(900))
        await stage.flow.parkUnproven()
        #expect(stage.flow.call(id)?.status == .unconfirmed)
    }

    @Test func `carries out a hang-up that was asked for`() async throws {
        let stage = try await stage([
            ordered, .noted(id, .dialing), .noted(id, created), .noted(id, .hangUpRequested),
        ])
        try await stage.working {
            _ = try await stage.started()
            await eventually { !stage.telephony.ended.isEmpty }
        }
        #expect(stage.telephony.ended.first == ScriptedTelephony.sid)
    }

    @Test func `cancels an order of which only the wish to hang up was written`() async throws {
        let stage = try await stage([ordered, .noted(id, .hangUpRequested)])
        try await stage.working { _ = try await stage.started() }
        #expect(stage.flow.call(id)?.status == .canceled)
        #expect(stage.telephony.dials.isEmpty)
    }

    @Test func `keeps dialing switched off, and the orders waiting`() async throws {
        let off = DialingPosition(isEnabled: false, reason: "a drill", changedAt: clock.now)
        let stage = try await stage([ordered, .dialingSet(off)], queue: .init(longestWait: .seconds(60)))
        try await stage.working {
            _ = try await stage.started()
            #expect(stage.flow.dialing == off)
            #expect(stage.flow.call(id)?.status == .pending)
            #expect(stage.telephony.dials.isEmpty)
            _ = try await stage.flow.setDialing(isEnabled: true)
            await eventually { stage.flow.call(id)?.callSid != nil }
        }
    }

    /// The process before may have dialed just before it died: a create leaves some time after its last record.
    @Test(arguments: [Duration.zero, .seconds(11)])
    func `keeps the pace across the restart`(sinceLastRecord pause: Duration) async throws {
        let stage = try await stage([ordered], queue: .init(callsPerSecond: 0.1))
        clock.advance(by: pause)
        try await expectPace(of: stage)
    }

    @Test func `keeps the pace where a snapshot holds all of the log`() async throws {
        let journal = InMemoryJournal(clock: clock, keepsSnapshots: true)
        _ = try await journal.append([Record(at: clock.now, ordered)])
        let before = Stage(clock: clock, journal: journal)
        try await before.flow.replay()
        try await before.flow.ledger.keepSnapshot()
        journal.cutLog()
        try await expectPace(of: Stage(clock: clock, queue: .init(callsPerSecond: 0.1), journal: journal))
    }

    private func expectPace(of stage: Stage) async throws {
        let start = clock.moment
        let departure = Mutex<Moment?>(nil)
        try await stage.working {
            _ = try await stage.started()
            await eventually { stage.flow.call(id)?.callSid != nil }
            departure.withLock { $0 = clock.moment }
        }
        #expect(try #require(departure.withLock { $0 }) - start >= .seconds(10))
    }

    @Test func `waits for few appends, however much is over`() async throws {
        let appends = Mutex(0)
        let journal = InMemoryJournal(clock: clock) { _ in
            appends.withLock { $0 += 1 }
            return InMemoryJournal.Plan()
        }
        let log = (1...300).map { number in
            let key = KeyClaim(name: KeyName(caller: "app", key: "\(number)"), digest: [1])
            return ordered(CallID(at: clock.now, random: (0, UInt64(number))), number: number, key: key)
        }
        _ = try await journal.append(log.map { Record(at: clock.now, $0) })
        // So long that what is over has to leave, too.
        clock.advance(by: .seconds(8 * 86_400))
        let stage = Stage(clock: clock, journal: journal)
        try await stage.flow.replay()
        appends.withLock { $0 = 0 }
        _ = try await stage.started()
        #expect(stage.flow.callCounts == [.canceled: 300])
        #expect(stage.flow.ledger.read { $0.unanswered() }.isEmpty)
        #expect(appends.withLock { $0 } == 4)
    }

    @Test func `lets go what is too old a second later, and not before it was resumed`() async throws {
        let journal = InMemoryJournal(clock: clock)
        _ = try await journal.append([ordered, .noted(id, .hangUpRequested)].map { Record(at: clock.now, $0) })
        let stage = Stage(clock: clock, journal: journal)
        let tidied: @Sendable () -> [LoggedRecord] = {
            journal.records.filter { if case .tidied = $0.record.content { true } else { false } }
        }
        func whileItRuns(_ condition: @escaping @Sendable () -> Bool) async {
            let house = Task { await Housekeeping(flow: stage.flow, clock: clock).run() }
            await eventually(condition)
            house.cancel()
            await house.value
        }
        try await stage.flow.replay()
        await whileItRuns { [clock] in clock.pauses.count > 100 }
        #expect(tidied().isEmpty)
        _ = try await stage.started()
        #expect(tidied().isEmpty)
        let begin = clock.now
        await whileItRuns { !tidied().isEmpty }
        #expect(tidied().first?.record.at == begin + .seconds(1))
    }

    @Test func `leaves what waits to the next start when it stops`() async throws {
        let stage = try await stage([ordered], queue: .init(callsPerSecond: 0.1))
        try await stage.working {
            _ = try await stage.started()
            await stage.flow.stopDialing()
        }
        #expect(stage.flow.call(id)?.status == .pending)
        #expect(stage.telephony.dials.isEmpty)
    }
}
