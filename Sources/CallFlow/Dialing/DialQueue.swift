import CallDomain
import Synchronization

/// Orders that wait for their turn, first come first served, and the gate before every create.
///
/// A turn is given ahead of the create, so that the conversation is ready when the pace allows to dial; but only so
/// many orders prepare at a time that none of them waits long with a join URL that runs out.
final class DialQueue: Sendable {
    struct Limits: Sendable {
        /// `CALLS_PER_SECOND`.
        var callsPerSecond = 1000.0
        /// `QUEUE_MAX_WAIT`.
        var longestWait = Duration.seconds(60)
        /// `QUEUE_LIMIT`.
        var waitingOrders = 1000
    }

    /// An order's place in the queue.
    struct Ticket: Sendable {
        let callID: CallID
        fileprivate let number: Int
        /// When the create may be expected, counted from the entry.
        let expectedWait: Duration
        /// When the order is too old to be dialed.
        let deadline: Timestamp
    }

    enum Turn: Sendable, Equatable {
        case come
        /// Not within the time that was given; the order still waits.
        case notYet
        /// The order waited for `QUEUE_MAX_WAIT`, and has left the queue.
        case timeUp
        /// Somebody took it out.
        case left
    }

    /// Why no create begins.
    enum Stop: Error {
        case timeUp
        case switchedOff(reason: String?)
        case stopping
    }

    /// The queue takes no more orders.
    enum Full: Error {
        /// As many wait as may, or the turn would come too late; it is worth asking again after that time.
        case full(retryAfter: Duration)
        case stopping
    }

    private struct State {
        var pace: DialPace
        /// By number, counted from 0 in order of arrival.
        var waiting: [Int: CallID] = [:]
        var numbers: [CallID: Int] = [:]
        /// No waiting order has a smaller number.
        var oldest = 0
        var next = 0
        /// Orders whose turn has come and whose create has not begun.
        var preparing = 0
        var isStopping = false

        mutating func remove(_ number: Int) {
            if let id = waiting.removeValue(forKey: number) { numbers[id] = nil }
            while oldest < next, waiting[oldest] == nil { oldest += 1 }
        }
    }

    /// How often a waiting order looks at least, whether everything is as it was.
    private static let longestSleep = Duration.seconds(1)
    private static let shortestSleep = Duration.milliseconds(2)

    private let limits: Limits
    private let dialing: DialingSwitch
    private let clock: any WallClock
    private let mostPreparing: Int
    private let state: Mutex<State>

    init(_ limits: Limits, dialing: DialingSwitch, clock: any WallClock) {
        self.limits = limits
        self.dialing = dialing
        self.clock = clock
        mostPreparing = Int((2 * limits.callsPerSecond).rounded(.up)) + 1
        state = Mutex(State(pace: DialPace(callsPerSecond: limits.callsPerSecond)))
    }

    /// How many orders wait, those included that prepare.
    var depth: Int { state.withLock { $0.waiting.count + $0.preparing } }

    /// Takes an order in.
    func enter(_ id: CallID) throws(Full) -> Ticket {
        let now = clock.now
        let result: Result<Ticket, Full> = state.withLock { state in
            guard !state.isStopping else { return .failure(.stopping) }
            let ahead = state.waiting.count + state.preparing
            let interval = state.pace.interval
            let wait = state.pace.wait(now: now) + interval * ahead
            guard wait <= .zero || (ahead < limits.waitingOrders && wait <= limits.longestWait) else {
                let excess = wait - limits.longestWait
                return .failure(.full(retryAfter: max(interval, excess)))
            }
            let ticket = Ticket(
                callID: id,
                number: state.next,
                expectedWait: wait,
                deadline: now + max(limits.longestWait, CallPolicy.longestWaitForTurn)
            )
            state.waiting[state.next] = id
            state.numbers[id] = state.next
            state.next += 1
            return .success(ticket)
        }
        return try result.get()
    }

    /// Waits until it is the order's turn. After `.come` one of ``begin(_:)`` and ``giveUp()`` must follow.
    func turn(_ ticket: Ticket, within patience: Duration = .seconds(86_400)) async -> Turn {
        let end = clock.now + patience
        while true {
            let now = clock.now
            let isEnabled = dialing.position.isEnabled
            let step: (turn: Turn?, sleep: Duration) = state.withLock { state in
                guard state.waiting[ticket.number] != nil else { return (.left, .zero) }
                if now >= ticket.deadline {
                    state.remove(ticket.number)
                    return (.timeUp, .zero)
                }
                let ahead = ticket.number - state.oldest
                if ahead == 0, isEnabled, state.preparing < mostPreparing {
                    state.remove(ticket.number)
                    state.preparing += 1
                    return (.come, .zero)
                }
                if now >= end { return (.notYet, .zero) }
                // Who stands far back looks seldom, and more often as the turn comes near.
                let wait = state.pace.interval * (ahead + state.preparing) / 2
                return (nil, min(wait, ticket.deadline - now, end - now))
            }
            if let turn = step.turn { return turn }
            do {
                try await clock.sleep(for: min(max(step.sleep, Self.shortestSleep), Self.longestSleep))
            } catch {
                state.withLock { $0.remove(ticket.number) }
                return .timeUp
            }
        }
    }

    /// Waits until the pace allows the create of an order whose turn has come, and counts it as begun.
    func begin(_ ticket: Ticket) async throws(Stop) -> DialPace.Number {
        defer { giveUp() }
        return try await begin(before: ticket.deadline)
    }

    /// The same, for a create that is sent again.
    func begin(before deadline: Timestamp? = nil) async throws(Stop) -> DialPace.Number {
        while true {
            let now = clock.now
            if let deadline, now >= deadline { throw .timeUp }
            let position = dialing.position
            guard position.isEnabled else { throw .switchedOff(reason: position.reason) }
            let step: (number: DialPace.Number?, wait: Duration, isStopping: Bool) = state.withLock { state in
                guard !state.isStopping else { return (nil, .zero, true) }
                let wait = state.pace.wait(now: now)
                return wait > .zero ? (nil, wait, false) : (state.pace.begin(now: now), .zero, false)
            }
            if step.isStopping { throw .stopping }
            if let number = step.number { return number }
            do { try await clock.sleep(for: min(step.wait, Self.longestSleep)) } catch { throw .stopping }
        }
    }

    /// Tells that the create has its answer, or none.
    func end(_ number: DialPace.Number) {
        let now = clock.now
        state.withLock { $0.pace.end(number, now: now) }
    }

    /// Of an order whose turn has come and which is not dialed after all.
    func giveUp() {
        state.withLock { $0.preparing -= 1 }
    }

    /// Takes out an order that still waits.
    func leave(_ id: CallID) {
        state.withLock { state in
            if let number = state.numbers[id] { state.remove(number) }
        }
    }

    /// Lets nobody in and begins no create any more.
    /// - Returns: who waited.
    func stop() -> [CallID] {
        state.withLock { state in
            state.isStopping = true
            let waiting = state.waiting.sorted { $0.key < $1.key }.map(\.value)
            state.waiting = [:]
            state.numbers = [:]
            state.oldest = state.next
            return waiting
        }
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }
}
