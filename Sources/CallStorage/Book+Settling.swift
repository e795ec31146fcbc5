import CallDomain

extension Book {
    /// Whose call a CallSid is: of the id with the best claim, if no other phone call has a better one to that; else it is a
    /// call of its own.
    func owner(of sid: CallSid, _ leg: Subject) -> CallID {
        guard let best = leg.best, held(by: best) == sid else { return CallID(derivedFrom: sid) }
        return best
    }

    /// The phone call of one of our ids: that with the strongest claim; of equal ones the bytewise smaller CallSid.
    private func held(by id: CallID) -> CallSid? {
        guard let entry = entries[id]?.value else { return nil }
        guard entry.legs.count > 1 else { return entry.legs.first }
        return entry.legs.max { left, right in
            let (a, b) = (strength(of: left, for: id), strength(of: right, for: id))
            return a == b ? left > right : a < b
        }
    }

    private func strength(of sid: CallSid, for id: CallID) -> UInt8 {
        legs[sid]?.value.claims.witness(of: id).rawValue ?? 0
    }

    private func strength(of conversation: UltravoxCallID, for id: CallID) -> UInt8 {
        conversations[conversation]?.value.claims.witness(of: id).rawValue ?? 0
    }

    /// Whether a conversation is that of the call with the best claim to it.
    func isHeld(_ conversation: UltravoxCallID, by id: CallID) -> Bool {
        guard let entry = entries[id]?.value else { return false }
        return self.conversation(of: id, entry) == conversation
    }

    /// The conversation of one of our ids.
    private func conversation(of id: CallID, _ entry: Entry) -> UltravoxCallID? {
        guard entry.conversations.count > 1 else { return entry.conversations.first }
        return entry.conversations.max { left, right in
            let (a, b) = (strength(of: left, for: id), strength(of: right, for: id))
            return a == b ? left > right : a < b
        }
    }

    /// All that counts for a call.
    func evidence(of id: CallID, _ entry: Entry) -> (events: [CallEvent], bound: CallBindings) {
        var events = entry.events.events
        var bound = CallBindings()
        var talk = conversation(of: id, entry)
        if id.isDerived {
            if let sid = entry.sid, let leg = legs[sid]?.value {
                bound.callSid = sid
                for event in leg.events.events where event.callID == nil { events.append(event) }
            }
        } else if let sid = held(by: id), let leg = legs[sid]?.value {
            bound.callSid = sid
            let isClaimed = leg.events.events.contains { $0.callID == id }
            for event in leg.events.events where event.callID == nil || event.callID == id {
                if isClaimed { events.add(event) } else { events.append(event) }
            }
            // What was known of the phone call before it turned out to be this call's.
            if let former = entries[CallID(derivedFrom: sid)]?.value {
                for event in former.events.events { events.add(event) }
                talk = talk ?? conversation(of: CallID(derivedFrom: sid), former)
            }
        }
        if let talk, let subject = conversations[talk]?.value {
            bound.ultravoxCallID = talk
            for event in subject.events.events where event.callID == nil || event.callID == subject.best {
                events.add(event)
            }
        }
        return (events, bound)
    }

    /// Says that a phone call belongs to one of our calls, and settles all calls that this moves it between.
    mutating func claim(_ sid: CallSid, for id: CallID, _ witness: Witness, at time: Timestamp) -> [CallChange] {
        guard let before = legs[sid]?.value, legs[sid]?.value.claims.add(id, witness) == true,
            let best = legs[sid]?.value.claims.best
        else { return [] }
        legs[sid]?.value.best = best
        if before.best == nil, entries[best]?.value.legs.isEmpty ?? true,
            entries[CallID(derivedFrom: sid)] == nil
        {
            enter(best)
            entries[best]?.value.legs = [sid]
            return settle(best, at: time).map { [$0] } ?? []
        }
        var moved = [sid]
        for id in [before.best, best].compactMap(\.self) {
            enter(id)
            moved += entries[id]?.value.legs ?? []
        }
        if best != before.best {
            if let former = before.best { entries[former]?.value.legs.removeAll { $0 == sid } }
            entries[best]?.value.legs.append(sid)
            entries[best]?.value.legs.sort()
        }
        let changes = Set(moved).sorted().compactMap { settle(leg: $0, at: time) }
        return changes + settle([before.best, best].compactMap(\.self), at: time)
    }

    /// Says that a conversation belongs to one of our calls.
    mutating func claim(
        _ conversation: UltravoxCallID,
        for id: CallID,
        _ witness: Witness,
        at time: Timestamp
    ) -> [CallChange] {
        if conversations[conversation] == nil { conversations[conversation] = Boxed(Subject()) }
        guard let before = conversations[conversation]?.value,
            conversations[conversation]?.value.claims.add(id, witness) == true,
            let best = conversations[conversation]?.value.claims.best
        else { return [] }
        conversations[conversation]?.value.best = best
        enter(best)
        if best != before.best {
            if let former = before.best {
                entries[former]?.value.conversations.removeAll { $0 == conversation }
            }
            entries[best]?.value.conversations.append(conversation)
            entries[best]?.value.conversations.sort()
        }
        // A derived id may stand for an order.
        return settle([before.best, best].compactMap(\.self).map { entries[$0]?.value.alias ?? $0 }, at: time)
    }

    private mutating func enter(_ id: CallID) {
        if entries[id] == nil { entries[id] = Boxed(Entry()) }
    }

    /// Folds some calls anew.
    /// - Returns: those that changed, each once.
    private mutating func settle(_ ids: [CallID], at time: Timestamp) -> [CallChange] {
        var done: Set<CallID> = []
        return ids.compactMap { done.insert($0).inserted ? settle($0, at: time) : nil }
    }

    /// Folds a call anew.
    /// - Returns: how it changed, if it did.
    mutating func settle(_ id: CallID, at time: Timestamp) -> CallChange? {
        guard let entry = entries[id]?.value else { return nil }
        let before = entry.call
        var after: Call?
        if entry.alias == nil {
            let (events, bound) = evidence(of: id, entry)
            if before != nil || !entry.events.isEmpty || events.contains(where: { $0.fact.adopts(as: id) }) {
                after = Call(id: id, bound: bound, events: events)
            }
        }
        guard before != after else { return nil }
        entries[id]?.value.call = after
        count(from: before?.status, to: after?.status)
        if before == nil {
            let place = CallCursor(listedAt: id.time ?? time, id: id)
            entries[id]?.value.place = place
            list.insert(place)
        } else if after == nil, let place = entry.place {
            entries[id]?.value.place = nil
            list.remove(place)
        }
        if after?.status.isTerminal == true, entry.templateContext != nil { entries[id]?.value.templateContext = nil }
        let change = CallChange(before: before, after: after)
        admission.follow(change, at: time)
        return change
    }

    /// Folds the call of a phone call that is nobody else's anew, or ends it where it is another's by now.
    mutating func settle(leg sid: CallSid, at time: Timestamp) -> CallChange? {
        guard let leg = legs[sid]?.value else { return nil }
        let id = CallID(derivedFrom: sid)
        let owner = owner(of: sid, leg)
        if entries[id] == nil {
            guard owner == id, leg.events.events.contains(where: { $0.callID == nil && $0.fact.adopts(as: id) }) else {
                return nil
            }
            enter(id)
        }
        entries[id]?.value.sid = sid
        entries[id]?.value.alias = owner == id ? nil : owner
        return settle(id, at: time)
    }

    mutating func count(from before: CallStatus?, to after: CallStatus?) {
        guard before != after else { return }
        if let before { counts[before] = counts[before, default: 1] - 1 }
        if let after { counts[after, default: 0] += 1 }
    }
}

extension [CallEvent] {
    /// Adds an event unless its twin is here; of the two the one that says more stays.
    fileprivate mutating func add(_ event: CallEvent) {
        let plain = CallEvent(callID: nil, receivedAt: event.receivedAt, fact: event.fact)
        let identity = event.fact.identity
        guard let index = firstIndex(where: { $0.fact.identity == identity }) else { return append(plain) }
        if plain.prevails(over: self[index]) { self[index] = plain }
    }
}
