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
            bury(first.what, at: time, &applied)
            rest -= 1
        }
        rest -= keys.forgetOld(at: time, limit: rest)
        rest -= tombstones.forgetOld(at: time, limit: rest)
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
        let places = list.oldestFirst(after: tidying.place, limit: Self.look)
        var leaving: [CallID] = []
        var isDone = false
        for place in places {
            let needsRoom = leaving.count < excess
            guard needsRoom || place.listedAt < oldest else {
                // What became known later was heard of later, too.
                if excess <= 0 { tidying.place = nil }
                isDone = true
                break
            }
            guard leaving.count < Self.leaving else { break }
            tidying.place = place
            guard let call = entries[place.id]?.value.call else { continue }
            let isOld = (call.status.isTerminal || call.status == .unconfirmed) && call.updatedAt < oldest
            // The proof of an unconfirmed call may still come: it does not leave for room.
            if isOld || (needsRoom && call.status.isTerminal) { leaving.append(place.id) }
        }
        let isAtEnd = places.count < Self.look && (tidying.place == places.last || places.isEmpty)
        for id in leaving { retire(id, at: time, &applied) }
        if !leaving.isEmpty { tidying.hasFound = true }
        guard isAtEnd else { return !isDone }
        tidying.worthMakingRoom =
            excess > 0 && !tidying.hasFound ? list.count + max(1, retention.maximumCalls / 100) : 0
        tidying.place = nil
        tidying.hasFound = false
        return false
    }

    /// Forgets a call with all that belongs to it; its names leave tombstones. What it claims and does not hold is not its
    /// own, and stays without that claim.
    private mutating func retire(_ id: CallID, at time: Timestamp, _ applied: inout Applied) {
        guard let entry = entries[id]?.value, let call = entry.call else { return }
        var changes: [CallChange] = []
        for sid in entry.legs where sid != call.callSid {
            changes += claim(sid, for: id, .all, isMade: false, at: time)
            if let leg = legs[sid]?.value, self.call(owner(of: sid, leg)) == nil, leg.claims.isEmpty { legs[sid] = nil }
        }
        for conversation in entry.conversations where !isHeld(conversation, by: id) {
            changes += claim(conversation, for: id, .all, isMade: false, at: time)
            if conversations[conversation]?.value.claims.isEmpty == true { conversations[conversation] = nil }
        }
        var names: [CallName] = [.id(id)]
        if let sid = call.callSid {
            names.append(.callSid(sid))
            for other in legs[sid]?.value.claims.ids ?? [] where other != id {
                changes += claim(sid, for: other, .all, isMade: false, at: time)
            }
            legs[sid] = nil
            let derived = CallID(derivedFrom: sid)
            if derived != id, let former = entries[derived]?.value {
                names.append(.id(derived))
                names += retire(former.conversations, of: derived, at: time, &changes)
                entries[derived] = nil
            }
        }
        names += retire(entries[id]?.value.conversations ?? [], of: id, at: time, &changes)
        if let place = entry.place { list.remove(place) }
        entries[id] = nil
        count(from: call.status, to: nil)
        let change = CallChange(before: call, after: nil)
        admission.follow(change, at: time)
        tombstones.insert(names, at: time)
        applied.others += changes.condensed + [change]
    }

    /// Forgets the conversations of which a call that leaves has the best claim; of others it claims nothing any more.
    /// - Returns: their names.
    private mutating func retire(
        _ conversations: [UltravoxCallID],
        of id: CallID,
        at time: Timestamp,
        _ changes: inout [CallChange]
    ) -> [CallName] {
        var names: [CallName] = []
        for conversation in conversations {
            let isOwn = self.conversations[conversation]?.value.best == id
            for claimant in self.conversations[conversation]?.value.claims.ids ?? [] where (claimant == id) != isOwn {
                changes += claim(conversation, for: claimant, .all, isMade: false, at: time)
            }
            guard isOwn else { continue }
            names.append(.ultravoxCallID(conversation))
            self.conversations[conversation] = nil
        }
        return names
    }
}
