package import CallDomain
import Synchronization

/// Why the limits against toll fraud and accidents refuse an order. Nobody was dialed.
package enum RailRefusal: Error, Sendable, Equatable {
    /// A call to the number is in progress, and `PARALLEL_CALLS_TO_NUMBER` is off.
    case numberBusy(CallID)
    /// The last call to the number is less than `NUMBER_COOLDOWN` ago; so long it still lasts.
    case coolingDown(Duration)
    /// `MAX_CONCURRENT_CALLS`.
    case tooManyCalls(limit: Int)
    /// `MAX_CALLS_PER_DAY`; so long until the next day (UTC) begins.
    case tooManyCallsToday(limit: Int, Duration)
}

/// Counts the calls in progress, and accepts no order beyond the limits, however many arrive at the same time.
///
/// An order reserves its place when it is accepted. The place is released when its call has ended, was never dialed, or
/// became `unconfirmed`. A call that is known only from a vendor's message takes a place too, even beyond a limit.
final class Rails: Sendable {
    struct Limits: Sendable {
        /// `MAX_CONCURRENT_CALLS`.
        var concurrentCalls = Int.max
        /// `MAX_CALLS_PER_DAY`; a day is one of UTC.
        var callsPerDay: Int?
        /// `PARALLEL_CALLS_TO_NUMBER`.
        var parallelCallsToNumber = false
        /// `NUMBER_COOLDOWN`.
        var numberCooldown = Duration.zero
    }

    fileprivate struct State {
        /// The called number of each call in progress.
        var active: [CallID: String] = [:]
        var byNumber: [String: Set<CallID>] = [:]
        /// When the last call to a number ended, as long as that matters.
        var lastCall: [String: Timestamp] = [:]
        var day: Int64 = 0
        var callsToday = 0
        /// Calls of today that were parked: one that takes a place again was counted before.
        var parkedToday: Set<CallID> = []

        mutating func enter(_ id: CallID, _ number: String, now: Timestamp) {
            guard let before = active[id] else {
                active[id] = number
                lock(number, id)
                count(id, now)
                return
            }
            // A call that came in by evidence alone may learn later whom it calls.
            guard before != number, !number.isEmpty else { return }
            active[id] = number
            unlock(before, id)
            lock(number, id)
        }

        mutating func leave(_ id: CallID) -> String? {
            guard let number = active.removeValue(forKey: id) else { return nil }
            unlock(number, id)
            return number
        }

        private mutating func lock(_ number: String, _ id: CallID) {
            byNumber[number, default: []].insert(id)
        }

        private mutating func unlock(_ number: String, _ id: CallID) {
            byNumber[number]?.remove(id)
            if byNumber[number]?.isEmpty == true { byNumber[number] = nil }
        }

        /// Counts a call for the day of its order, once.
        private mutating func count(_ id: CallID, _ now: Timestamp) {
            begin(now.day)
            if parkedToday.remove(id) == nil, isOfToday(id, now) { callsToday += 1 }
        }

        /// Whether the order came on the day that is counted, or later by a clock that has been set back since.
        func isOfToday(_ id: CallID, _ now: Timestamp) -> Bool { (id.time ?? now).day >= min(day, now.day) }

        /// A clock that is set back does not bring an old day back.
        mutating func begin(_ today: Int64) {
            if today > day { (day, callsToday, parkedToday) = (today, 0, []) }
        }
    }

    private let limits: Limits
    private let state = Mutex(State())

    init(_ limits: Limits) { self.limits = limits }

    /// How many places are taken.
    var activeCalls: Int { state.withLock { $0.active.count } }

    /// Takes a place for an order.
    func admit(_ id: CallID, to number: PhoneNumber, now: Timestamp) throws(RailRefusal) {
        let refusal: RailRefusal? = state.withLock { state in
            if let refusal = self.refusal(number.text, state, now) { return refusal }
            state.begin(now.day)
            if let limit = limits.callsPerDay, state.callsToday >= limit {
                return .tooManyCallsToday(limit: limit, now.untilNextDay)
            }
            state.enter(id, number.text, now: now)
            return nil
        }
        if let refusal { throw refusal }
    }

    private func refusal(_ number: String, _ state: State, _ now: Timestamp) -> RailRefusal? {
        if let live = state.byNumber[number]?.min(by: { $0.text < $1.text }) {
            if !limits.parallelCallsToNumber { return .numberBusy(live) }
            // Who wants a number left alone after a call does not want it called during one either.
            if limits.numberCooldown > .zero { return .coolingDown(limits.numberCooldown) }
        }
        if let last = state.lastCall[number] {
            let rest = limits.numberCooldown - max(.zero, now - last)
            if rest > .zero { return .coolingDown(rest) }
        }
        return state.active.count >= limits.concurrentCalls ? .tooManyCalls(limit: limits.concurrentCalls) : nil
    }

    /// Gives back the place of an order that did not become a call.
    func withdraw(_ id: CallID, now: Timestamp) {
        state.withLock { state in
            guard state.leave(id) != nil else { return }
            state.giveBack(id, now)
        }
    }

    /// Lets a call take or give back its place as it changes. `current` reads the call: under the lock, so that of two
    /// changes at the same time the one that is read last is the later one.
    func follow(_ id: CallID, now: Timestamp, current: () -> Call?) {
        guard !id.isDerived else { return }
        state.withLock { state in
            guard let call = current() else {
                _ = state.leave(id)
                return
            }
            guard call.direction == .outbound else { return }
            guard call.isOver else { return state.enter(id, call.phoneNumber ?? "", now: now) }
            guard let number = state.leave(id) else {
                // Its end is learned after it was parked.
                if let number = call.phoneNumber, call.mayHaveRung, let end = call.endedAt {
                    state.leaveAlone(number, since: min(end, now), limits.numberCooldown)
                }
                return
            }
            if call.status == .unconfirmed, state.isOfToday(id, now) {
                state.parkedToday.insert(id)
            }
            if !call.mayHaveRung {
                state.giveBack(id, now)
            } else {
                state.leaveAlone(number, since: now, limits.numberCooldown)
            }
        }
    }

    /// Forgets the numbers whose cool-down is over.
    func forgetOld(now: Timestamp) {
        state.withLock { state in
            state.lastCall = state.lastCall.filter { now - $0.value < limits.numberCooldown }
        }
    }
}

extension Rails.State {
    /// Who was never dialed does not count for the day on which the order came.
    fileprivate mutating func giveBack(_ id: CallID, _ now: Timestamp) {
        begin(now.day)
        if isOfToday(id, now), callsToday > 0 { callsToday -= 1 }
    }

    fileprivate mutating func leaveAlone(_ number: String, since end: Timestamp, _ cooldown: Duration) {
        guard cooldown > .zero else { return }
        lastCall[number] = max(lastCall[number] ?? end, end)
    }
}

extension Call {
    /// Ended, or parked: it no longer holds a place.
    fileprivate var isOver: Bool { status.isTerminal || status == .unconfirmed }

    /// Whether Twilio has, or may have, begun it.
    fileprivate var mayHaveRung: Bool { callSid != nil || status == .unconfirmed }
}

extension Timestamp {
    private static let dayLength: Int64 = 86_400_000

    /// Days since 1970-01-01, in UTC.
    fileprivate var day: Int64 { milliseconds / Self.dayLength }

    fileprivate var untilNextDay: Duration { .milliseconds(Self.dayLength - milliseconds % Self.dayLength) }
}
