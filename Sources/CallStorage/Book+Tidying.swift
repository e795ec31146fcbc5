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
    private static let look = 256
    /// How many leave in one step, of each kind.
    private static let leaving = 16
    /// How many messages, keys and numbers are forgotten in one step.
    private static let forgetting = 128

    /// One step of letting go what was kept long enough, and of making room.
    mutating func tidy(_ retention: Retention, at time: Timestamp) -> Applied {
        var applied = Applied(.applied)
        let hasMoreCalls = retire(retention, at: time, &applied)
        var rest = Self.forgetting
        while rest > 0, let first = early.popFirst(if: { time - $0.since >= Self.patience }) {
            applied.buried += bury(first.what)
            rest -= 1
        }
        let hasMoreKeys = keys.forgetOld(at: time, limit: Self.forgetting)
        let hasMoreTombstones = tombstones.forgetOld(at: time, limit: Self.forgetting)
        let hasMoreNumbers = admission.forgetOld(retention.numberCooldown, at: time, limit: Self.forgetting)
        applied.hasMore = hasMoreCalls || rest == 0 || hasMoreKeys || hasMoreTombstones || hasMoreNumbers
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

    /// Forgets a call with all that belongs to it; its names leave tombstones.
    private mutating func retire(_ id: CallID, at time: Timestamp, _ applied: inout Applied) {
        guard let entry = entries[id]?.value, let call = entry.call else { return }
        var names: [CallName] = [.id(id)]
        var sids = entry.legs
        if let sid = entry.sid { sids.append(sid) }
        for sid in sids {
            names.append(.callSid(sid))
            let derived = CallID(derivedFrom: sid)
            if derived != id, let former = entries[derived]?.value {
                names.append(.id(derived))
                for conversation in former.conversations { conversations[conversation] = nil }
                entries[derived] = nil
            }
            legs[sid] = nil
        }
        for conversation in entry.conversations {
            names.append(.ultravoxCallID(conversation))
            conversations[conversation] = nil
        }
        if let place = entry.place { list.remove(place) }
        entries[id] = nil
        count(from: call.status, to: nil)
        let change = CallChange(before: call, after: nil)
        admission.follow(change, at: time)
        tombstones.insert(names, at: time)
        applied.others.append(change)
    }
}
