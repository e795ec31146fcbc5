import CallDomain
import CallStorage
import Synchronization
import TestSupport
import Testing

@testable import CallFlow

/// A journal whose appends end when the test says so.
private final class GatedJournal: Journal {
    private struct State {
        var log: [LoggedRecord] = []
        var batches: [Int] = []
        var failure: JournalFailure?
    }

    private let state = Mutex(State())
    private let gate: AsyncStream<Void>
    private let open: AsyncStream<Void>.Continuation
    private let begun: AsyncStream<Void>
    private let begin: AsyncStream<Void>.Continuation

    init(_ log: [LoggedRecord] = []) {
        (gate, open) = AsyncStream.makeStream(of: Void.self)
        (begun, begin) = AsyncStream.makeStream(of: Void.self)
        state.withLock { $0.log = log }
    }

    var isVolatile: Bool { false }
    var log: [LoggedRecord] { state.withLock { $0.log } }
    /// How many records each append had.
    var batches: [Int] { state.withLock { $0.batches } }

    /// Waits until an append has begun.
    func hasBegun() async {
        for await _ in begun { break }
    }

    /// Lets one append end.
    func letOneEnd() { open.yield() }

    /// Lets every append end at once.
    func letAllEnd() { open.finish() }

    func fail() { state.withLock { $0.failure = JournalFailure(reason: "the disk is full") } }

    func append(_ records: [Record]) async throws(JournalFailure) -> [Position] {
        state.withLock { $0.batches.append(records.count) }
        begin.yield()
        for await _ in gate { break }
        let result: Result<[Position], JournalFailure> = state.withLock { state in
            if let failure = state.failure { return .failure(failure) }
            return .success(
                records.map { record in
                    let position = (state.log.last?.position ?? .start).next
                    state.log.append(LoggedRecord(position: position, record: record))
                    return position
                }
            )
        }
        return try result.get()
    }

    func records(after position: Position, limit: Int) async throws(JournalFailure) -> [LoggedRecord] {
        Array(log.filter { $0.position > position }.prefix(limit))
    }

    func edit(
        upTo end: Position,
        _ edit: @Sendable (LoggedRecord) -> RecordEdit
    ) async throws(JournalFailure) {}

    func purge() async throws(JournalFailure) -> Bool { true }
}

@Suite(.timeLimit(.minutes(1))) struct `The ledger` {
    private static let retention = Retention(calls: .seconds(3600), maximumCalls: .max, numberCooldown: .zero)

    private func ledger(_ journal: any Journal, _ followed: Followed = Followed()) async throws -> Ledger {
        let ledger = Ledger(
            journal: journal,
            clock: ManualClock(),
            retention: Self.retention,
            followers: Ledger.Followers(applied: { applied, _ in followed.note(applied) }, failed: { _ in })
        )
        try await ledger.replay()
        return ledger
    }

    /// What the ledger told those who follow it.
    private final class Followed: Sendable {
        private let all = Mutex<[Verdict]>([])

        var verdicts: [Verdict] { all.withLock { $0 } }

        func note(_ applied: Applied) { all.withLock { $0.append(applied.verdict) } }
    }

    private static func id(_ number: UInt64) -> CallID {
        CallID(at: Timestamp(milliseconds: 1_790_000_000_000), random: (0, number))
    }

    private static func ordered(_ number: UInt64) -> Record.Content {
        .ordered(
            Ordered(
                id: id(number),
                order: CallOrder(Stage.order(number: Int(number)), policy: Stage().flow.policy),
                templateContext: [:],
                key: nil,
                limits: AdmissionLimits()
            )
        )
    }

    @Test func `applies nothing, tells nobody and lets nobody go on before a record is durable`() async throws {
        let (journal, followed) = (GatedJournal(), Followed())
        let ledger = try await ledger(journal, followed)
        async let applied = ledger.commit(Self.ordered(1))
        await journal.hasBegun()
        #expect(ledger.read { $0.call(Self.id(1)) } == nil)
        #expect(followed.verdicts.isEmpty)
        journal.letOneEnd()
        #expect(try await applied.verdict == .applied)
        #expect(followed.verdicts == [.applied])
        #expect(ledger.read { $0.call(Self.id(1))?.status } == .pending)
        #expect(journal.log.map(\.position) == [Position(low: 1)])
    }

    @Test func `lets whoever commits before the log was read wait for that`() async throws {
        let journal = GatedJournal()
        journal.letAllEnd()
        let lived = try await ledger(journal)
        try await lived.commit(Self.ordered(1))
        let later = Ledger(
            journal: journal,
            clock: ManualClock(),
            retention: Self.retention,
            followers: Ledger.Followers(applied: { _, _ in }, failed: { _ in })
        )
        async let applied = later.commit(.noted(Self.id(1), .dialing))
        await eventually { later.waiting == 1 }
        var counts: [Int] = []
        try await later.replay { counts.append($0) }
        #expect(try await applied.verdict == .applied)
        #expect(counts == [1])
        #expect(journal.log.map(\.position.low) == [1, 2])
    }

    @Test func `appends as one batch what has come while an append was under way`() async throws {
        let journal = GatedJournal()
        let ledger = try await ledger(journal)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ledger.commit(Self.ordered(1)) }
            await journal.hasBegun()
            for number in 2...100 { group.addTask { try await ledger.commit(Self.ordered(UInt64(number))) } }
            await eventually { ledger.waiting == 99 }
            journal.letAllEnd()
            try await group.waitForAll()
        }
        #expect(journal.batches == [1, 99])
        #expect(ledger.read { $0.callCount } == 100)
        #expect(journal.log.count == 100)
    }

    @Test func `gives those whom a slow append released a twentieth of its time to come back`() async throws {
        let ledgers = Mutex<Ledger?>(nil)
        let (second, beginsSecond) = AsyncStream.makeStream(of: Void.self)
        let clock = ManualClock {
            // While the first append is under way.
            guard let ledger = ledgers.withLock({ $0 }) else { return }
            ledgers.withLock { $0 = nil }
            beginsSecond.finish()
            await eventually { ledger.waiting == 1 }
        }
        let journal = InMemoryJournal(clock: clock) { _ in InMemoryJournal.Plan(takes: .milliseconds(400)) }
        let ledger = Ledger(
            journal: journal,
            clock: clock,
            retention: Self.retention,
            followers: Ledger.Followers(applied: { _, _ in }, failed: { _ in })
        )
        try await ledger.replay()
        ledgers.withLock { $0 = ledger }
        async let first = ledger.commit(Self.ordered(1))
        for await _ in second {}
        try await ledger.commit(Self.ordered(2))
        _ = try await first
        #expect(clock.pauses == [.milliseconds(400), .milliseconds(20), .milliseconds(400)])
    }

    @Test func `lets nobody go on whose record was not written, and commits nothing any more`() async throws {
        let (journal, followed) = (GatedJournal(), Followed())
        let ledger = try await ledger(journal, followed)
        journal.fail()
        let failures = await withTaskGroup(of: JournalFailure?.self) { group in
            func commit(_ number: UInt64) {
                group.addTask {
                    do throws(JournalFailure) {
                        try await ledger.commit(Self.ordered(number))
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            commit(1)
            await journal.hasBegun()
            for number in 2...5 as ClosedRange<UInt64> { commit(number) }
            await eventually { ledger.waiting == 4 }
            journal.letAllEnd()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(failures.count == 5 && failures.allSatisfy { $0 != nil })
        // The one that was being written may be on the disk; what waited for it is not.
        #expect(failures.count { $0?.mayBeWritten == true } == 1)
        #expect(ledger.failure?.reason == "the disk is full")
        #expect(ledger.failure?.mayBeWritten == false)
        await #expect(throws: JournalFailure.self) { try await ledger.commit(Self.ordered(6)) }
        #expect(journal.batches.count == 1)
        #expect(followed.verdicts.isEmpty)
        #expect(ledger.read { $0.callCount } == 0)
    }

    @Test func `folds a journal silently to the book that lived`() async throws {
        let journal = GatedJournal()
        journal.letAllEnd()
        let lived = try await ledger(journal)
        try await lived.commit(Self.ordered(1))
        try await lived.commit(.noted(Self.id(1), .dialing))
        let report = StatusReport(callSid: ScriptedTelephony.sid, status: .ringing, sequenceNumber: 1)
        let message = Message(fact: .statusReported(report), claimed: Self.id(1), oldest: Timestamp(milliseconds: 0))
        try await lived.commit(.told(message))
        let followed = Followed()
        let replayed = try await ledger(GatedJournal(journal.log), followed)
        #expect(followed.verdicts.isEmpty)
        #expect(replayed.read { book in lived.read { $0 == book } })
        #expect(replayed.read { $0.call(Self.id(1))?.status } == .ringing)
    }

    @Test func `acknowledges a copy of a message without writing it again`() async throws {
        let journal = GatedJournal()
        journal.letAllEnd()
        let ledger = try await ledger(journal)
        try await ledger.commit(Self.ordered(1))
        try await ledger.commit(.noted(Self.id(1), .dialing))
        let report = StatusReport(callSid: ScriptedTelephony.sid, status: .ringing, sequenceNumber: 1)
        let message = Message(fact: .statusReported(report), claimed: Self.id(1), oldest: Timestamp(milliseconds: 0))
        #expect(try await ledger.commit(.told(message)).verdict == .applied)
        let written = journal.log.count
        let copy = try await ledger.commit(.told(message))
        #expect(copy.verdict == .alreadyKnown)
        #expect(copy.call?.id == Self.id(1))
        #expect(journal.log.count == written)
    }
}

@Suite(.timeKept, .timeLimit(.minutes(1))) struct `An order whose journal fails` {
    @Test func `before it is recorded is refused, takes no place and leaves its key free`() async throws {
        let journal = GatedJournal()
        journal.letAllEnd()
        let stage = try await Stage(journal: journal).started()
        journal.fail()
        let claim = KeyClaim(name: KeyName(caller: "app", key: "k"), digest: [1])
        #expect(stage.flow.keys.claim(claim) == .free)
        await #expect {
            try await stage.flow.place(Stage.order, key: claim)
        } throws: {
            if case .journal? = $0 as? PlacingFailure { true } else { false }
        }
        await stage.flow.keys.release(claim.name)
        #expect(stage.flow.keys.claim(claim) == .free)
        #expect(stage.telephony.dials.isEmpty)
        #expect(stage.flow.queueDepth == 0)
        #expect(stage.flow.activeCalls == 0)
    }

    @Test func `before its dial is recorded is not dialed`() async throws {
        let journal = GatedJournal()
        journal.letAllEnd()
        let clock = ManualClock()
        let platform = ScriptedPlatform(clock: clock) { _ in journal.fail() }
        let stage = try await Stage(clock: clock, platform: platform, journal: journal).started()
        // The order itself is durable: a restart goes on with it.
        let call = try await stage.flow.place(Stage.order)
        #expect(call.status == .pending)
        #expect(stage.telephony.dials.isEmpty)
        #expect(stage.flow.queueDepth == 0)
        await #expect {
            try await stage.flow.place(Stage.order(number: 2))
        } throws: {
            if case .journal? = $0 as? PlacingFailure { true } else { false }
        }
    }

    @Test func `while it connects does not leave`() async throws {
        let journal = GatedJournal()
        journal.letAllEnd()
        let flows = Mutex<CallFlow?>(nil)
        let telephony = ScriptedTelephony(connecting: { _ in
            journal.fail()
            let flow = flows.withLock { $0 }
            _ = try? await flow?.receive(.machineDetected(Self.verdict), claimed: nil)
        })
        let stage = try await Stage(telephony: telephony, journal: journal).started()
        flows.withLock { $0 = stage.flow }
        _ = try? await stage.flow.place(Stage.order)
        #expect(stage.telephony.dials.isEmpty)
    }

    private static let verdict = MachineDetectionReport(
        callSid: ScriptedTelephony.sid,
        answeredBy: "human",
        duration: nil
    )

    @Test func `once it was dialed is answered by the intent that is durable`() async throws {
        let journal = GatedJournal()
        journal.letAllEnd()
        let stage = try await Stage(telephony: ScriptedTelephony(during: { _ in journal.fail() }), journal: journal)
            .started()
        let call = try await stage.flow.place(Stage.order)
        #expect(call.status == .unknown)
        #expect(stage.telephony.dials.count == 1)
    }

    @Test func `is not ended by a wish that could not be written, and no webhook of it is acknowledged`() async throws {
        let journal = GatedJournal()
        journal.letAllEnd()
        let stage = try await Stage(journal: journal).started()
        let call = try await stage.flow.place(Stage.order)
        journal.fail()
        await #expect {
            try await stage.flow.hangUp(call.id)
        } throws: {
            if case .journal? = $0 as? HangUpFailure { true } else { false }
        }
        #expect(stage.telephony.ended.isEmpty)
        let report = StatusReport(callSid: ScriptedTelephony.sid, status: .completed, sequenceNumber: 1)
        await #expect(throws: JournalFailure.self) {
            try await stage.flow.receive(.statusReported(report), claimed: call.id)
        }
        #expect(stage.flow.call(call.id)?.status == .queued)
    }
}
