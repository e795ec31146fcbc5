import CallDomain
import CallStorage
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import CallFlow

@Suite(.timeLimit(.minutes(1))) struct `A ledger with snapshots` {
    private final class Heard: Sendable {
        private let state = Mutex<(ignored: [JournalFailure], failed: [JournalFailure])>(([], []))

        var ignored: [JournalFailure] { state.withLock { $0.ignored } }
        var failed: [JournalFailure] { state.withLock { $0.failed } }

        func ignore(_ failure: JournalFailure) { state.withLock { $0.ignored.append(failure) } }
        func fail(_ failure: JournalFailure) { state.withLock { $0.failed.append(failure) } }
    }

    private let heard = Heard()
    private let journal = InMemoryJournal(clock: ManualClock(), keepsSnapshots: true)

    /// Told how many records were folded.
    private func started(_ progress: (Int) -> Void = { _ in }) async throws -> Ledger {
        let ledger = Ledger(
            journal: journal,
            clock: ManualClock(),
            retention: Retention(calls: .seconds(3600), maximumCalls: .max, numberCooldown: .zero),
            followers: Ledger.Followers(
                applied: { _, _ in },
                failed: { [heard] in heard.fail($0) },
                snapshotIgnored: { [heard] in heard.ignore($0) }
            )
        )
        try await ledger.replay(progress: progress)
        return ledger
    }

    private static func id(_ number: UInt64) -> CallID {
        CallID(at: Timestamp(milliseconds: 1_790_000_000_000), random: (0, number))
    }

    private func order(_ numbers: ClosedRange<UInt64>, _ ledger: Ledger) async throws {
        for number in numbers {
            let order = CallOrder(Stage.order(number: Int(number)), policy: Stage().flow.policy)
            try await ledger.commit(
                .ordered(
                    Ordered(
                        id: Self.id(number),
                        order: order,
                        templateContext: [:],
                        key: nil,
                        limits: AdmissionLimits()
                    )
                )
            )
        }
    }

    @Test func `starts from the snapshot and what came after it, also where the log before is gone`() async throws {
        let lived = try await started()
        try await order(1...5, lived)
        try await lived.keepSnapshot()
        try await order(6...7, lived)
        journal.cutLog()
        var folded = 0
        let later = try await started { folded = $0 }
        #expect(folded == 2)
        let isSame = later.read { $0 } == lived.read { $0 }
        #expect(isSame)
        try await order(8...8, later)
        try await later.keepSnapshot()
        #expect(try await started().read { $0.callCount } == 8)
        #expect(heard.ignored.isEmpty)
    }

    @Test(arguments: [true, false])
    func `ignores a snapshot that it cannot use, and says so`(isWhole: Bool) async throws {
        let lived = try await started()
        try await order(1...5, lived)
        try await lived.keepSnapshot()
        if isWhole { journal.damageSnapshot() } else { journal.loseSnapshotPart() }
        let later = try await started()
        #expect(heard.ignored.count == 1)
        #expect(heard.ignored.first?.reason.contains("move it away") == false)
        let isSame = later.read { $0 } == lived.read { $0 }
        #expect(isSame)
    }

    @Test(arguments: [true, false])
    func `does not start where the snapshot cannot be used and the log does not tell the same`(
        isWhole: Bool
    ) async throws {
        let lived = try await started()
        try await order(1...5, lived)
        try await lived.keepSnapshot()
        journal.cutLog()
        if isWhole { journal.damageSnapshot() } else { journal.loseSnapshotPart() }
        let failure = await #expect(throws: JournalFailure.self) { _ = try await started() }
        #expect(failure?.text.contains("damaged") == true)
        if !isWhole { #expect(failure?.text.contains("move it away") == true) }
        #expect(heard.ignored.isEmpty)
    }

    @Test func `is dead once a snapshot could not be kept`() async throws {
        let ledger = try await started()
        try await order(1...1, ledger)
        journal.damageSnapshot()
        await #expect(throws: JournalFailure.self) { try await ledger.keepSnapshot() }
        #expect(heard.failed.count == 1)
        await #expect(throws: JournalFailure.self) { try await order(2...2, ledger) }
        await #expect(throws: JournalFailure.self) { try await ledger.keepSnapshot() }
    }

    @Test func `keeps one after a start that had to fold much, and not while it reads`() async throws {
        let journal = InMemoryJournal(
            clock: ManualClock(),
            keepsSnapshots: true,
            reading: { position in
                // Whoever keeps snapshots has the time to try.
                if position.low == 20_000 { for _ in 0..<1000 { await Task.yield() } }
            }
        )
        let records = (1...20_000 as ClosedRange<UInt64>).map { number in
            Record(at: Timestamp(milliseconds: 1_790_000_000_000), .noted(Self.id(number), .dialing))
        }
        _ = try await journal.append(records)
        let stage = Stage(journal: journal)
        let keeper = Task { await stage.flow.ledger.keepSnapshots() }
        try await stage.flow.replay()
        while try await journal.snapshot() == nil, !Task.isCancelled { await Task.yield() }
        #expect(try await journal.snapshot()?.position == Position(low: 20_000))
        keeper.cancel()
        await keeper.value
    }

    @Test func `keeps none at the end of a stop that is cancelled`() async throws {
        let stage = Stage(journal: journal)
        try await stage.flow.replay()
        _ = try await stage.flow.setDialing(isEnabled: false)
        let keeper = Task { await SnapshotKeeper(flow: stage.flow).run() }
        keeper.cancel()
        await keeper.value
        #expect(try await journal.snapshot() == nil)
    }

    @Test(arguments: [JournalFailure.Kind.fault, .closed])
    func `is no fault of the disk where the process has closed its journal`(kind: JournalFailure.Kind) async throws {
        let log = RecordedLog()
        let journal = FailedJournal(failure: JournalFailure(reason: "no", kind: kind))
        let flow = Stage(journal: journal, logger: log.logger).flow
        try await flow.replay()
        await #expect(throws: JournalFailure.self) { try await flow.setDialing(isEnabled: false) }
        await #expect(throws: JournalFailure.self) { try await flow.ledger.keepSnapshot() }
        #expect(flow.journalFailure != nil)
        #expect(log.shown.contains { $0.level == .critical } == (kind == .fault))
    }

    @Test func `keeps one at a time, each of the book as it was`() async throws {
        let ledger = try await started()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...20 as ClosedRange<UInt64> {
                group.addTask {
                    try await order(number...number, ledger)
                    try await ledger.keepSnapshot()
                }
            }
            try await group.waitForAll()
        }
        let snapshot = try #require(try await journal.snapshot())
        let isSame = try await Book(snapshot) == ledger.read { $0 }
        #expect(isSame)
    }

    @Test func `says that one is due after so many records, and at most once until it is taken`() async {
        let turns = SnapshotTurns()
        turns.count(19_999)
        turns.count(1)
        turns.count(500)
        var due = turns.due.makeAsyncIterator()
        #expect(await due.next() != nil)
        await turns.turn()
        turns.count(30_000)
        turns.handOver()
        turns.count(1)
        #expect(await due.next() != nil)
    }
}

/// An empty journal that takes nothing.
private struct FailedJournal: Journal {
    let failure: JournalFailure

    var isVolatile: Bool { false }
    var keepsSnapshots: Bool { true }

    func append(_ records: [Record]) async throws(JournalFailure) -> [Position] { throw failure }
    func records(after position: Position, limit: Int) async throws(JournalFailure) -> [LoggedRecord] { [] }
    func keep(_ changes: SnapshotChanges) async throws(JournalFailure) { throw failure }
    func edit(
        upTo end: Position,
        _ edit: @Sendable (LoggedRecord) -> RecordEdit
    ) async throws(JournalFailure) { throw failure }
    func purge() async throws(JournalFailure) -> Bool { throw failure }
}
