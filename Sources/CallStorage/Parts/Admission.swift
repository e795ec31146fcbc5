import CallDomain

/// Counts the calls in progress, and takes no order beyond the limits.
///
/// An order takes its place when it is accepted. The place is released when its call has ended, was never dialed, or became
/// `unconfirmed`. A call that is known only from a vendor's message takes a place too, even beyond a limit. Derived ids
/// take none: nobody ordered those calls.
struct Admission: Equatable {
    private struct Ended: Equatable {
        let number: NameDigest
        let at: Timestamp
    }

    /// The called number of each call in progress.
    private var active = ShardedMap<CallID, String>()
    private var byNumber = ShardedMap<String, Set<CallID>>()
    /// When the last call to a number ended. The numbers are not kept: their calls may be erased.
    private var lastCall = ShardedMap<NameDigest, Timestamp>()
    private var lastCalls = Fifo<Ended>()
    private var day: Int64 = 0
    private var callsToday = 0
    /// Calls of today that were parked: one that takes a place again was counted before.
    private var parkedToday: Set<CallID> = []

    /// How many places are taken.
    var activeCalls: Int { active.count }

    /// Why an order to that number is not taken; `nil` if it is.
    func refusal(of number: String, within limits: AdmissionLimits, at time: Timestamp) -> RailRefusal? {
        if let live = byNumber[number] {
            if !limits.parallelCallsToNumber, let first = live.min() {
                return .numberBusy(first)
            }
            // Who wants a number left alone after a call does not want it called during one either.
            if limits.numberCooldown > .zero { return .coolingDown(limits.numberCooldown) }
        }
        if limits.numberCooldown > .zero, let last = lastCall[NameDigest(ofNumber: number)] {
            let rest = limits.numberCooldown - max(.zero, time - last)
            if rest > .zero { return .coolingDown(rest) }
        }
        if active.count >= limits.concurrentCalls { return .tooManyCalls(limit: limits.concurrentCalls) }
        if let limit = limits.callsPerDay, time.day <= day, callsToday >= limit {
            return .tooManyCallsToday(limit: limit, time.untilNextDay)
        }
        return nil
    }

    /// Lets a call take or give back its place as it changes.
    mutating func follow(_ change: CallChange, at time: Timestamp) {
        guard let id = (change.after ?? change.before)?.id, !id.isDerived else { return }
        let held = active[id]
        guard let call = change.after else {
            if let held { leave(id, held) }
            return
        }
        switch (held, call.placeHeld) {
        case (nil, let number?):
            // One that lost the phone call that had ended it was counted when it began.
            let wasCounted = change.before.map { $0.status.isTerminal && $0.mayHaveRung } ?? false
            enter(id, number, wasCounted: wasCounted, at: time)
        case (let before?, let number?):
            // A call that came in by evidence alone may learn later whom it calls.
            guard before != number, !number.isEmpty else { return }
            unlock(before, id)
            active[id] = number
            lock(number, id)
        case (let number?, nil):
            leave(id, number)
            if call.status == .unconfirmed, isOfToday(id, at: time) { parkedToday.insert(id) }
            if call.direction == .outbound, call.mayHaveRung {
                leaveAlone(number, since: time)
            } else {
                giveBack(id, at: time)
            }
        case (nil, nil):
            // Its end is learned after it was parked.
            guard call.direction == .outbound, call.mayHaveRung, let number = call.phoneNumber, let end = call.endedAt
            else { return }
            leaveAlone(number, since: min(end, time))
        }
    }

    /// Forgets at most `limit` numbers whose cool-down is over.
    /// - Returns: how many it forgot.
    mutating func forgetOld(_ cooldown: Duration, at time: Timestamp, limit: Int) -> Int {
        var rest = limit
        while rest > 0, let first = lastCalls.first, time - first.at >= cooldown {
            lastCalls.removeFirst()
            if lastCall[first.number] == first.at { lastCall[first.number] = nil }
            rest -= 1
        }
        return limit - rest
    }

    /// A call that is over is erased. It counts for its day as before.
    mutating func erase(_ id: CallID) { parkedToday.remove(id) }

    /// Counts a call of which nothing but its erasure is known.
    mutating func countErased(_ id: CallID) {
        guard let ordered = id.time, ordered.day >= day else { return }
        begin(ordered.day)
        callsToday += 1
    }

    private mutating func enter(_ id: CallID, _ number: String, wasCounted: Bool, at time: Timestamp) {
        active[id] = number
        lock(number, id)
        begin(time.day)
        // A call counts for the day of its order, once.
        if parkedToday.remove(id) == nil, !wasCounted, isOfToday(id, at: time) { callsToday += 1 }
    }

    private mutating func leave(_ id: CallID, _ number: String) {
        active[id] = nil
        unlock(number, id)
    }

    private mutating func lock(_ number: String, _ id: CallID) {
        if byNumber[number]?.insert(id) == nil { byNumber[number] = [id] }
    }

    private mutating func unlock(_ number: String, _ id: CallID) {
        byNumber[number]?.remove(id)
        if byNumber[number]?.isEmpty == true { byNumber[number] = nil }
    }

    /// Who was never dialed does not count for the day on which the order came.
    private mutating func giveBack(_ id: CallID, at time: Timestamp) {
        begin(time.day)
        if isOfToday(id, at: time), callsToday > 0 { callsToday -= 1 }
    }

    private mutating func leaveAlone(_ called: String, since end: Timestamp) {
        let number = NameDigest(ofNumber: called)
        guard lastCall[number].map({ $0 < end }) ?? true else { return }
        lastCall[number] = end
        lastCalls.append(Ended(number: number, at: end))
    }

    /// Whether the order came on the day that is counted, or later by a clock that has been set back since.
    private func isOfToday(_ id: CallID, at time: Timestamp) -> Bool { (id.time ?? time).day >= min(day, time.day) }

    /// A clock that is set back does not bring an old day back.
    private mutating func begin(_ today: Int64) {
        if today > day { (day, callsToday, parkedToday) = (today, 0, []) }
    }
}

// MARK: Snapshots

extension Admission {
    var queue: Range<UInt64> { lastCalls.numbers }
    var pieceNumbers: Range<UInt64> { lastCalls.pieceNumbers }

    /// The called number under which the call counts as in progress.
    func heldNumber(of id: CallID) -> String? { active[id] }

    /// The pieces of the queue that changed since the last snapshot; and one begins.
    mutating func takeChanges() -> [UInt64] {
        defer { lastCalls.keep() }
        return lastCalls.changedPieces
    }

    func part(_ piece: UInt64) -> Snapshot.Part? {
        lastCalls.piece(piece).map { ended in
            .numbers(piece: piece, ended.map { Snapshot.Ended(number: $0.number.text, at: $0.at) })
        }
    }

    func summarize(in summary: inout Snapshot.Summary) {
        (summary.day, summary.callsToday, summary.parkedToday) = (day, callsToday, parkedToday.sorted())
        summary.numbers = queue
    }

    mutating func restore(_ summary: Snapshot.Summary, _ ended: [Snapshot.Ended]) {
        (day, callsToday, parkedToday) = (summary.day, summary.callsToday, Set(summary.parkedToday))
        let ended = ended.map { end in
            Ended(number: NameDigest(text: end.number) ?? NameDigest(ofNumber: end.number), at: end.at)
        }
        lastCalls = Fifo(ended, from: summary.numbers.lowerBound)
        // Each end of a call to a number is later than those before it in the queue.
        for end in ended { lastCall[end.number] = end.at }
    }

    mutating func restore(_ id: CallID, heldNumber number: String) {
        active[id] = number
        lock(number, id)
    }
}

extension Call {
    /// The number for which the call holds a place; `nil` if it holds none.
    fileprivate var placeHeld: String? {
        direction == .outbound && !status.isTerminal && status != .unconfirmed ? phoneNumber ?? "" : nil
    }

    /// Whether Twilio has, or may have, begun it.
    fileprivate var mayHaveRung: Bool { callSid != nil || status == .unconfirmed }
}
