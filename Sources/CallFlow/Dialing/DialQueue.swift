import CallDomain
import Synchronization

/// Orders that wait for their turn, first come first served, and the gate before every create.
///
/// A turn comes shortly before the create, so that the conversation is ready when the pace allows dialing. It does not
/// come earlier, because the join URL expires. While dialing is switched off or a vendor is down, no turn comes.
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
        /// Whether its turn is so near that the client waits for it.
        var isAtOnce: Bool { expectedWait <= CallPolicy.longestWaitForTurn }
        let callID: CallID
        fileprivate let number: Int
        /// When the create may be expected, counted from the entry.
        let expectedWait: Duration
        /// When the order's turn must have come.
        fileprivate let turnBy: Timestamp
        /// When the order becomes too old to be dialed. An order whose turn comes at once never becomes too old because
        /// a vendor is slow.
        let dialBy: Timestamp
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
        /// The order is no longer wanted.
        case unwanted
        case switchedOff(reason: String?)
        /// A vendor is not asked now, or cannot be for want of a connection.
        case vendorDown(VendorFailure)
        case stopping
    }

    /// The queue takes no more orders.
    enum Full: Error {
        /// The queue is full, or the order would wait too long; try again after that time.
        case full(retryAfter: Duration)
        case stopping
    }

    private struct State {
        var pace: DialPace
        /// Twilio asked for a pause until then; orders in the background wait for its end.
        var pausedUntil: Timestamp?
        /// By number, counted from 0 in order of arrival.
        var waiting: [Int: CallID] = [:]
        var numbers: [CallID: Int] = [:]
        /// No waiting order has a smaller number.
        var oldest = 0
        var next = 0
        /// When the turn of those came whose create has not begun.
        var preparing: [Int: Timestamp] = [:]
        /// The orders at the gate; the smallest number passes first.
        var atGate: Set<Int> = []
        /// From the turn to the gate.
        var preparation = RecentTime(first: DialQueue.firstPreparation)
        var isStopping = false

        /// How long before its create an order's turn comes: time enough to prepare, also where that takes longer for
        /// once.
        var lead: Duration { min(preparation.value * 2 + .milliseconds(100), CallPolicy.vendorPatience) }

        mutating func remove(_ number: Int) {
            if let id = waiting.removeValue(forKey: number) { numbers[id] = nil }
            while oldest < next, waiting[oldest] == nil { oldest += 1 }
        }

        func isPaused(now: Timestamp) -> Bool {
            guard let rest = pausedUntil.map({ $0 - now }) else { return false }
            // A clock that was set back must not make a pause longer.
            return rest > .zero && rest <= CallPolicy.throttlePatience
        }
    }

    private static let firstPreparation = Duration.seconds(1)
    /// How often a waiting order looks at least, whether everything is as it was.
    private static let longestSleep = Duration.seconds(1)
    private static let shortestSleep = Duration.milliseconds(2)
    /// How often the queue checks while no turn can come.
    private static let sleepWhileHeld = Duration.milliseconds(250)

    private let limits: Limits
    private let dialing: DialingSwitch
    private let vendors: [VendorGuard]
    private let clock: any TimeSource
    private let state: Mutex<State>

    /// `vendors`: all vendors that dialing needs.
    init(_ limits: Limits, dialing: DialingSwitch, vendors: [VendorGuard] = [], clock: any TimeSource) {
        self.limits = limits
        self.dialing = dialing
        self.vendors = vendors
        self.clock = clock
        state = Mutex(State(pace: DialPace(callsPerSecond: limits.callsPerSecond)))
    }

    /// How many orders wait, those included that prepare.
    var depth: Int { state.withLock { $0.waiting.count + $0.preparing.count } }

    /// Takes an order in.
    func enter(_ id: CallID) throws(Full) -> Ticket {
        let result: Result<Ticket, Full> = state.withLock { state in
            guard !state.isStopping else { return .failure(.stopping) }
            let now = clock.now
            let ahead = state.waiting.count + state.preparing.count
            let interval = state.pace.interval
            let wait = state.pace.wait(now: now) + interval * ahead
            // Small delays add up: an accepted order should also be dialed in time.
            let excess = wait + wait / 20 - limits.longestWait
            guard wait <= .zero || (ahead < limits.waitingOrders && excess <= .zero) else {
                return .failure(.full(retryAfter: max(interval, excess)))
            }
            let turnBy = now + max(limits.longestWait, CallPolicy.longestWaitForTurn)
            let isAtOnce = wait <= CallPolicy.longestWaitForTurn
            let ticket = Ticket(
                callID: id,
                number: state.next,
                expectedWait: wait,
                turnBy: turnBy,
                dialBy: isAtOnce
                    ? max(turnBy, now + CallPolicy.longestWaitForTurn + CallPolicy.vendorPatience) : turnBy
            )
            state.waiting[state.next] = id
            state.numbers[id] = state.next
            state.next += 1
            return .success(ticket)
        }
        return try result.get()
    }

    /// Waits until it is the order's turn. After `.come` one of ``begin(_:before:wanted:claim:)`` and ``giveUp(_:)`` must
    /// follow.
    func turn(_ ticket: Ticket, within patience: Duration = .seconds(86_400)) async -> Turn {
        let end = clock.now + patience
        while true {
            let isClosed = !dialing.position.isEnabled || vendors.contains(where: \.isOpen)
            let step: (turn: Turn?, sleep: Duration) = state.withLock { state in
                // Read here: an older moment than another one's would look like a clock that was set back.
                let now = clock.now
                guard state.waiting[ticket.number] != nil else { return (.left, .zero) }
                if now >= ticket.turnBy {
                    state.remove(ticket.number)
                    return (.timeUp, .zero)
                }
                let ahead = ticket.number - state.oldest
                let interval = state.pace.interval
                let early = state.pace.wait(now: now) + interval * state.preparing.count - state.lead
                let isHeld = isClosed || (!ticket.isAtOnce && state.isPaused(now: now))
                if ahead == 0, !isHeld, early <= .zero {
                    state.remove(ticket.number)
                    state.preparing[ticket.number] = now
                    return (.come, .zero)
                }
                if now >= end { return (.notYet, .zero) }
                // Orders at the end of the queue check seldom, and more often as their turn comes near.
                let wait = isHeld ? Self.sleepWhileHeld : ahead == 0 ? early : interval * ahead / 2
                return (nil, min(wait, ticket.turnBy - now, end - now))
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

    /// Waits until the pace allows the create of an order, first come first served, and counts it as begun.
    ///
    /// `wanted` is asked again and again, `claim` at the moment of the beginning, under the queue's lock: if it says no,
    /// nothing is counted. Neither may call the queue.
    func begin(
        _ ticket: Ticket,
        before deadline: Timestamp,
        wanted: () -> Bool,
        claim: () -> Bool
    ) async throws(Stop) -> DialPace.Number {
        state.withLock { state in
            if let since = state.preparing[ticket.number] { state.preparation.saw(max(.zero, clock.now - since)) }
            state.atGate.insert(ticket.number)
        }
        defer {
            state.withLock { state in
                state.atGate.remove(ticket.number)
                state.preparing[ticket.number] = nil
            }
        }
        while true {
            guard wanted() else { throw .unwanted }
            let position = dialing.position
            guard position.isEnabled else { throw .switchedOff(reason: position.reason) }
            if let down = vendors.first(where: \.isOpen) { throw .vendorDown(down.openFailure) }
            let step: Result<(number: DialPace.Number?, wait: Duration), Stop> = state.withLock { state in
                guard !state.isStopping else { return .failure(.stopping) }
                let now = clock.now
                guard now < deadline else { return .failure(.timeUp) }
                let wait = state.pace.wait(now: now)
                let ahead = state.atGate.count { $0 < ticket.number }
                guard ahead == 0, wait <= .zero else {
                    return .success((nil, min(wait + state.pace.interval * ahead / 2, deadline - now)))
                }
                guard claim() else { return .failure(.unwanted) }
                return .success((state.pace.begin(now: now), .zero))
            }
            let (number, wait) = try step.get()
            if let number { return number }
            do {
                try await clock.sleep(for: min(max(wait, Self.shortestSleep), Self.longestSleep))
            } catch {
                throw .stopping
            }
        }
    }

    /// Reports that the create has its answer, or got none.
    func end(_ number: DialPace.Number) {
        state.withLock { $0.pace.end(number, now: clock.now) }
    }

    /// Reports that the create was certainly not sent: the pace has room for another one in its place.
    func takeBack(_ number: DialPace.Number) {
        state.withLock { $0.pace.takeBack(number, now: clock.now) }
    }

    /// Pauses the orders in the background for this time, at most ten seconds, because Twilio asked for it. An order
    /// whose client waits is still tried: the client learns at once that Twilio refuses.
    func pause(for time: Duration) {
        let until = clock.now + min(max(time, .zero), CallPolicy.throttlePatience)
        state.withLock { $0.pausedUntil = max($0.pausedUntil ?? until, until) }
    }

    /// Of an order whose turn has come and which is not dialed after all.
    func giveUp(_ ticket: Ticket) {
        state.withLock { $0.preparing[ticket.number] = nil }
    }

    /// Takes out an order that still waits.
    func leave(_ id: CallID) {
        state.withLock { state in
            if let number = state.numbers[id] { state.remove(number) }
        }
    }

    /// Closes the queue and begins no further create.
    /// - Returns: the orders that waited.
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
