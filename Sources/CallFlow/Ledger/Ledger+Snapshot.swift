package import CallDomain
package import CallStorage
import Synchronization

extension Ledger {
    /// Keeps a snapshot of the book as it is now, at once, and returns once nothing of what it replaced is left: what left the
    /// book is gone from the snapshot then. Whoever reads or commits meanwhile waits no longer than for a record.
    ///
    /// Without a journal that keeps snapshots, and while the log is being read, it does nothing.
    /// - Throws: where it could not be written; nothing is committed any more then.
    package func keepSnapshot() async throws(JournalFailure) {
        guard journal.keepsSnapshots else { return }
        await snapshots.turn()
        defer { snapshots.handOver() }
        if let failure { throw failure }
        guard let (book, changes) = takeBook() else { return }
        do throws(JournalFailure) {
            try await journal.keep(book.snapshot(changes))
        } catch {
            failed(error)
            throw error
        }
    }

    /// Keeps a snapshot whenever that many records were applied that a start would have to fold.
    func keepSnapshots() async {
        // Of a failure, whoever follows the ledger was told.
        for await _ in snapshots.due { try? await keepSnapshot() }
    }

    /// The book that the journal's snapshot holds; `nil` if there is none.
    /// - Throws: where there is one that cannot be used, and the log does not go back to the beginning.
    func restored() async throws(JournalFailure) -> Book? {
        do throws(JournalFailure) {
            guard let snapshot = try await journal.snapshot() else { return nil }
            return try await Self.book(snapshot)
        } catch {
            guard journal.first == Position.start.next else { throw error }
            followers.snapshotIgnored(error)
            return nil
        }
    }

    /// - Throws: where the snapshot is not whole.
    package static func book(_ snapshot: Snapshot) async throws(JournalFailure) -> Book {
        do throws(SnapshotFault) {
            return try await Book(snapshot)
        } catch {
            throw JournalFailure(
                reason: "the journal's snapshot is damaged: \(error.reason)",
                advice: "Restore a backup; or, to begin with an empty journal and forget what this one holds, move it "
                    + "away"
            )
        }
    }
}

/// Says when a snapshot is due, and lets one be kept at a time.
final class SnapshotTurns: Sendable {
    private struct State {
        /// Records since the last snapshot was begun.
        var records = 0
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// After so many records a snapshot is due: a start folds about 100,000 a second.
    private static let records = 20_000

    /// To be followed by one task.
    let due: AsyncStream<Void>
    private let isDue: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    init() { (due, isDue) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// So many records more were applied.
    func count(_ records: Int) {
        let isDue = state.withLock { state in
            state.records += records
            return state.records >= Self.records && !state.isTaken
        }
        if isDue { self.isDue.yield() }
    }

    /// Waits until nobody else keeps a snapshot; to be followed by ``handOver()``.
    func turn() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                state.records = 0
                guard state.isTaken else {
                    state.isTaken = true
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func handOver() {
        let next = state.withLock { state in
            if state.waiting.isEmpty {
                state.isTaken = false
                return CheckedContinuation<Void, Never>?.none
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
