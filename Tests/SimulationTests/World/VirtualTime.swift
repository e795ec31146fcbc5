import CallDomain
import Synchronization

/// Two clocks that stand still until somebody moves them, and whoever waits for them.
///
/// Waiters of one moment are woken in an order that the seed decides.
final class VirtualTime: TimeSource {
    /// The place of a waiter; a smaller one is woken before.
    private struct Place: Comparable {
        let due: Duration
        let tie: UInt64
        let number: Int

        static func < (left: Place, right: Place) -> Bool {
            (left.due, left.tie, left.number) < (right.due, right.tie, right.number)
        }
    }

    private enum Waiter {
        case sleeper(CheckedContinuation<Void, any Error>)
        case action(@Sendable () -> Void)
    }

    private struct State {
        var elapsed = Duration.zero
        var wallOffset = Duration.zero
        /// The last one is woken first.
        var waiting: [(place: Place, waiter: Waiter)] = []
        var next = 0
        var ties: SplitMix64
        /// Sleepers that were cancelled before they began to wait.
        var cancelled: Set<Int> = []

        mutating func number() -> Int {
            defer { next += 1 }
            return next
        }

        mutating func insert(_ waiter: Waiter, _ number: Int, after duration: Duration) {
            let place = Place(due: elapsed + max(.zero, duration), tie: ties.next(), number: number)
            var (low, high) = (0, waiting.count)
            while low < high {
                let middle = (low + high) / 2
                if waiting[middle].place > place { low = middle + 1 } else { high = middle }
            }
            waiting.insert((place, waiter), at: low)
        }
    }

    private let start: Timestamp
    private let state: Mutex<State>
    private let beforeSleep: @Sendable () -> Void

    /// `beforeSleep` runs whenever somebody begins to sleep.
    init(
        seed: UInt64,
        start: Timestamp = Timestamp(milliseconds: 1_790_000_000_000),
        beforeSleep: @escaping @Sendable () -> Void = {}
    ) {
        self.start = start
        self.beforeSleep = beforeSleep
        state = Mutex(State(ties: SplitMix64(seed: seed, for: "ties")))
    }

    var now: Timestamp { state.withLock { start + $0.elapsed + $0.wallOffset } }
    var moment: Moment { Moment(elapsed: elapsed) }

    /// Since the start, by the monotonic clock.
    var elapsed: Duration { state.withLock { $0.elapsed } }
    /// The wall clock as it is where nobody sets it.
    var trueTime: Timestamp { state.withLock { start + $0.elapsed } }
    var hasWaiters: Bool { state.withLock { !$0.waiting.isEmpty } }

    func sleep(for duration: Duration) async throws {
        beforeSleep()
        let number = state.withLock { $0.number() }
        defer { state.withLock { _ = $0.cancelled.remove(number) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isCancelled = state.withLock { state in
                    if state.cancelled.contains(number) { return true }
                    state.insert(.sleeper(continuation), number, after: duration)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let waiter: Waiter? = state.withLock { state in
                state.cancelled.insert(number)
                guard let index = state.waiting.firstIndex(where: { $0.place.number == number }) else { return nil }
                return state.waiting.remove(at: index).waiter
            }
            if case .sleeper(let continuation) = waiter { continuation.resume(throwing: CancellationError()) }
        }
    }

    /// Runs `action` when so much time has passed.
    func schedule(after duration: Duration, _ action: @escaping @Sendable () -> Void) {
        state.withLock { state in
            let number = state.number()
            state.insert(.action(action), number, after: duration)
        }
    }

    /// Moves both clocks to the next moment for which somebody waits, and wakes all whose moment has come.
    /// - Returns: whether there was one.
    @discardableResult
    func advance() -> Bool {
        guard let due = state.withLock({ $0.waiting.last?.place.due }) else { return false }
        advance(to: due)
        return true
    }

    /// Moves both clocks at once, as if the process had been frozen, and wakes all whose moment has come.
    func leap(by duration: Duration) { advance(to: elapsed + duration) }

    private func advance(to due: Duration) {
        let woken: [Waiter] = state.withLock { state in
            state.elapsed = max(state.elapsed, due)
            var woken: [Waiter] = []
            while let last = state.waiting.last, last.place.due <= state.elapsed {
                woken.append(last.waiter)
                state.waiting.removeLast()
            }
            return woken
        }
        for waiter in woken {
            switch waiter {
            case .sleeper(let continuation): continuation.resume()
            case .action(let action): action()
            }
        }
    }

    /// Drops what was to be run later.
    func forgetActions() {
        state.withLock { state in
            state.waiting.removeAll { entry in
                switch entry.waiter {
                case .action: true
                case .sleeper: false
                }
            }
        }
    }

    /// Sets the wall clock forwards or backwards; nobody wakes of that.
    func setWallClock(by jump: Duration) {
        state.withLock { $0.wallOffset += jump }
    }
}
