package import CallDomain
import Synchronization

/// A log that outlives the process that writes it, and fails by script.
///
/// Nothing that was acknowledged is ever lost. A crash may cut what is being written: all of a batch is there then, or
/// nothing of it.
package final class InMemoryJournal: Journal {
    /// What happens to one append.
    package struct Plan: Sendable {
        package enum End: String, CaseIterable, Sendable {
            case written
            /// Nothing was written.
            case failed
            /// Everything was written, and nobody is told so.
            case failedAfterWriting
        }

        package var takes: Duration
        package var end: End

        package init(takes: Duration = .zero, end: End = .written) {
            self.takes = takes
            self.end = end
        }
    }

    /// What a crash leaves.
    package enum Cut: String, CaseIterable, Sendable {
        /// What was being written is there as a whole.
        case complete
        /// What was being written is not there, and what nobody was told of is.
        case unwritten
        /// What nobody was told of is torn off, what was being written included.
        case torn
    }

    private struct State {
        var records: [LoggedRecord] = []
        /// Of the last record that was written.
        var last = Position.start
        /// Of the last record that somebody was told of.
        var told = Position.start
        /// What is being written.
        var pending: [Record] = []
        /// Counts the processes: what a dead one was about to write, it never does.
        var process = 0
        var snapshot: Snapshot?
        /// Records of the snapshot that are gone from the log.
        var gone = 0
        var snapshotFailure: JournalFailure?

        mutating func write(_ batch: [Record]) -> [Position] {
            pending = []
            return batch.map { record in
                last = last.next
                records.append(LoggedRecord(position: last, record: record))
                return last
            }
        }
    }

    private let clock: any TimeSource
    private let plan: @Sendable (_ records: [Record]) -> Plan
    private let reading: @Sendable (_ after: Position) async -> Void
    package let keepsSnapshots: Bool
    private let state = Mutex(State())

    /// `plan` is asked at each append, `reading` is called before each read of the log.
    package init(
        clock: any TimeSource,
        keepsSnapshots: Bool = false,
        plan: @escaping @Sendable (_ records: [Record]) -> Plan = { _ in Plan() },
        reading: @escaping @Sendable (_ after: Position) async -> Void = { _ in }
    ) {
        self.clock = clock
        self.keepsSnapshots = keepsSnapshots
        self.reading = reading
        self.plan = plan
    }

    package var isVolatile: Bool { false }

    /// Everything that is durable.
    package var records: [LoggedRecord] { state.withLock { $0.records } }

    package func append(_ records: [Record]) async throws(JournalFailure) -> [Position] {
        let plan = plan(records)
        let process = state.withLock { state in
            state.pending = records
            return state.process
        }
        // Whoever waits may give up; what is being written is written all the same.
        if plan.takes > .zero { try? await clock.sleep(for: plan.takes) }
        let positions: [Position]? = state.withLock { state in
            guard state.process == process, plan.end != .failed else {
                state.pending = []
                return nil
            }
            let positions = state.write(records)
            guard plan.end == .written else { return nil }
            state.told = state.last
            return positions
        }
        guard let positions else { throw JournalFailure(reason: "input/output error") }
        return positions
    }

    package func records(
        after position: Position,
        limit: Int
    ) async throws(JournalFailure) -> [LoggedRecord] {
        await reading(position)
        return state.withLock { state in Array(state.records.lazy.filter { $0.position > position }.prefix(limit)) }
    }

    package func edit(
        upTo end: Position,
        _ edit: @Sendable (LoggedRecord) -> RecordEdit
    ) async throws(JournalFailure) {
        let process = state.withLock { $0.process }
        // Whoever decides may look at what the ledger holds: not under the lock.
        let edits = records.filter { $0.position <= end }.map { ($0.position, edit($0)) }
        let changes = Dictionary(uniqueKeysWithValues: edits)
        state.withLock { state in
            guard state.process == process else { return }
            state.records = state.records.compactMap { logged in
                switch changes[logged.position] ?? .keep {
                case .keep: logged
                case .remove: nil
                case .replace(let record): LoggedRecord(position: logged.position, record: record)
                }
            }
        }
    }

    package func purge() async throws(JournalFailure) -> Bool { true }

    /// The process that writes has died.
    /// - Returns: how many records the cut concerned.
    @discardableResult
    package func crash(_ cut: Cut) -> Int {
        state.withLock { state in
            state.process += 1
            let pending = state.pending
            state.pending = []
            defer { state.told = state.last }
            switch cut {
            case .complete: return state.write(pending).count
            case .unwritten: return pending.count
            case .torn:
                let untold = state.records.count { $0.position > state.told }
                state.records.removeLast(untold)
                state.last = state.told
                return untold + pending.count
            }
        }
    }

    // MARK: Snapshots

    package var first: Position { Position(low: UInt64(state.withLock { $0.gone }) + 1) }

    package func snapshot() async throws(JournalFailure) -> Snapshot? {
        let (snapshot, failure) = state.withLock { ($0.snapshot, $0.snapshotFailure) }
        if let failure { throw failure }
        return snapshot
    }

    package func keep(_ changes: SnapshotChanges) async throws(JournalFailure) {
        let failure = state.withLock { state in
            var parts: [Snapshot.Name: Snapshot.Part] = [:]
            if !changes.isWhole { for part in state.snapshot?.parts ?? [] { parts[part.name] = part } }
            for name in changes.names { parts[name] = changes.part(name) }
            state.snapshot = Snapshot(position: changes.position, parts: Array(parts.values))
            return state.snapshotFailure
        }
        if let failure { throw failure }
    }

    /// From now on a snapshot can neither be read nor kept.
    package func damageSnapshot() {
        state.withLock { $0.snapshotFailure = JournalFailure(reason: "the snapshot is damaged") }
    }

    /// The snapshot lacks a part.
    package func loseSnapshotPart() {
        state.withLock { state in
            guard let snapshot = state.snapshot else { return }
            state.snapshot = Snapshot(position: snapshot.position, parts: Array(snapshot.parts.dropFirst()))
        }
    }

    /// What the snapshot holds is gone from the log.
    package func cutLog() {
        state.withLock { state in
            guard let position = state.snapshot?.position else { return }
            state.records.removeAll { $0.position <= position }
            state.gone = Int(position.low)
        }
    }
}
