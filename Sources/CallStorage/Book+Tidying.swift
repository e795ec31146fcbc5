import CallDomain

/// Where the search for finished calls stands, so that it goes on step by step.
struct Tidying: Equatable {
    /// The last place that was looked at.
    var place: CallCursor?
    /// A search for room that found none need not be repeated before there are that many calls.
    var worthMakingRoom = 0
    var hasFound = false
}

extension Book {
    /// How many calls are looked at in one step.
    private static let look = 128
    /// How many of them leave in one step.
    private static let leaving = 8
    /// How many messages, keys, names and numbers are forgotten in one step in which no call leaves.
    private static let forgetting = 128
    /// As how many of those a call counts.
    private static let weightOfCall = 8

    /// One step of letting go what was kept long enough, and of making room.
    mutating func tidy(_ retention: Retention, at time: Timestamp) -> Applied {
        var applied = Applied(.applied)
        let hasMoreCalls = retire(retention, at: time, &applied)
        var rest = max(0, Self.forgetting - applied.others.count * Self.weightOfCall)
        while rest > 0, let first = early.popFirst(if: { time - $0.since >= Self.patience }) {
            if let subject = first.what { bury(subject, at: time, &applied) }
            rest -= 1
        }
        rest -= keys.forgetOld(at: time, limit: rest)
        rest -= tombstones.forgetOld(at: time, limit: rest)
        rest -= erasures.forgetOld(at: time, limit: rest)
        rest -= admission.forgetOld(retention.numberCooldown, at: time, limit: rest)
        applied.hasMore = hasMoreCalls || rest <= 0
        return applied
    }

    /// Whether a new call makes it worth to look for finished ones that can leave.
    package func needsRoom(_ maximum: Int) -> Bool { list.count > max(maximum, tidying.worthMakingRoom) }

    /// Lets finished calls leave, the oldest first.
    /// - Returns: whether there may be more.
    private mutating func retire(_ retention: Retention, at time: Timestamp, _ applied: inout Applied) -> Bool {
        let oldest = Timestamp(milliseconds: time.milliseconds - retention.calls.milliseconds)
        let excess = list.count - retention.maximumCalls
        var (place, leaving) = (tidying.place, [CallID]())
        var (isDone, isFull) = (false, false)
        let looked = list.visitOldest(after: place, limit: Self.look) { next in
            let needsRoom = leaving.count < excess
            // What became known later was heard of later, too.
            isDone = !needsRoom && next.listedAt >= oldest
            isFull = leaving.count == Self.leaving
            guard !isDone, !isFull else { return false }
            place = next
            guard let call = entries[next.id]?.value.call else { return true }
            let isOld = (call.status.isTerminal || call.status == .unconfirmed) && call.updatedAt < oldest
            // The proof of an unconfirmed call may still come: it does not leave for room.
            if isOld || (needsRoom && call.status.isTerminal) { leaving.append(next.id) }
            return true
        }
        tidying.place = isDone && excess <= 0 ? nil : place
        let isAtEnd = looked < Self.look && !isDone && !isFull
        for id in leaving {
            tombstones.insert(remove(id, at: time, &applied).map(NameDigest.init(of:)), at: time)
        }
        if !leaving.isEmpty { tidying.hasFound = true }
        guard isAtEnd else { return !isDone }
        tidying.worthMakingRoom =
            excess > 0 && !tidying.hasFound ? list.count + max(1, retention.maximumCalls / 100) : 0
        tidying.place = nil
        tidying.hasFound = false
        return false
    }

    /// Forgets a call with all that belongs to it. What it claims and does not hold is not its own, and stays without that
    /// claim; what it holds leaves with it, whoever else claims it.
    /// - Returns: its names.
    mutating func remove(_ id: CallID, at time: Timestamp, _ applied: inout Applied) -> [CallName] {
        guard let call = entries[id]?.value.call else { return [] }
        let ids =
            [id] + (call.callSid.map { [CallID(derivedFrom: $0)] } ?? []).filter { $0 != id && entries[$0] != nil }
        // All claims that come between go first, while everything is still there.
        var changes = call.callSid.map { unclaim($0, by: { $0 != id }, at: time) } ?? []
        for sid in entries[id]?.value.legs ?? [] where sid != call.callSid {
            changes += unclaim(sid, by: { $0 == id }, at: time)
            if let leg = legs[sid]?.value, self.call(owner(of: sid, leg)) == nil, leg.claims.isEmpty { legs[sid] = nil }
        }
        var talks: [UltravoxCallID] = []
        for owner in ids {
            for talk in entries[owner]?.value.conversations ?? [] {
                let isOwn = conversations[talk]?.value.best == owner && (owner != id || isHeld(talk, by: id))
                changes += unclaim(talk, by: { ($0 == owner) != isOwn }, at: time)
                if isOwn {
                    talks.append(talk)
                } else if conversations[talk]?.value.claims.isEmpty == true {
                    conversations[talk] = nil
                }
            }
        }
        let last = entries[id]?.value.call ?? call
        if let sid = call.callSid { legs[sid] = nil }
        for talk in talks { conversations[talk] = nil }
        if let place = entries[id]?.value.place { list.remove(place) }
        self.changes.remove(ChangePlace(last))
        for id in ids { entries[id] = nil }
        count(from: last.status, to: nil)
        let change = CallChange(before: last, after: nil)
        admission.follow(change, at: time)
        applied.others += (changes + [change]).condensed
        return ids.map(CallName.id) + (call.callSid.map { [.callSid($0)] } ?? [])
            + talks.map(CallName.ultravoxCallID)
    }
}
