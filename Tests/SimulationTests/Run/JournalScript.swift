import CallDomain
import Synchronization
import TestSupport

/// What happens to the log of one run.
final class JournalScript: Sendable {
    private struct State {
        /// So many of a hundred appends take seconds.
        var late = 0
        /// So many of a thousand fail.
        var failing = 0
        var hasFailed = false
        var onFailure: @Sendable () -> Void = {}
        var duringNext: (@Sendable () -> Void)?
    }

    private let world: SerialWorld
    private let chronicle: Chronicle
    private let bits: SeededBits
    private let state = Mutex(State())

    init(world: SerialWorld, chronicle: Chronicle, seed: UInt64) {
        self.world = world
        self.chronicle = chronicle
        bits = SeededBits(seed: seed, for: "journal")
    }

    func set(late: Int, failing: Int) {
        state.withLock { ($0.late, $0.failing) = (late, failing) }
    }

    /// Runs after an append failed: the process that wrote it can write no more.
    func whenItFails(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.onFailure = action } }

    /// Runs while the next append is under way.
    func duringNextAppend(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.duringNext = action } }

    /// Whether the process that writes has seen an append fail.
    var hasFailed: Bool { state.withLock { $0.hasFailed } }

    /// Another process opens the log.
    func reopen() { state.withLock { $0.hasFailed = false } }

    func plan(_ records: [Record]) -> InMemoryJournal.Plan {
        world.thread.expect("an append")
        let (late, failing) = state.withLock { ($0.late, $0.failing) }
        var plan = InMemoryJournal.Plan(takes: bits.duration(0...15))
        if bits.chance(late) {
            plan.takes = bits.duration(500...3000)
            chronicle.hit("journal late")
        }
        let duringNext = state.withLock { $0.duringNext.take() }
        if let duringNext {
            plan.takes += .milliseconds(2)
            world.after(plan.takes / 2, duringNext)
        }
        if bits.below(1000) < failing { plan.end = bits.element([.failed, .failedAfterWriting]) }
        chronicle.hit("journal \(plan.end.rawValue)")
        guard plan.end != .written else { return plan }
        chronicle.note("journal", "an append of \(records.count) will meet \(plan.end.rawValue)")
        // As soon as the writer can know it.
        world.after(plan.takes) { [self] in
            let action = state.withLock { state in
                state.hasFailed = true
                return state.onFailure
            }
            action()
        }
        return plan
    }
}
