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

    private func strength(of sid: CallSid, for id: CallID) -> Int {
        legs[sid]?.value.claims.witness(of: id).weight ?? 0
    }

    private func strength(of conversation: UltravoxCallID, for id: CallID) -> Int {
        conversations[conversation]?.value.claims.witness(of: id).weight ?? 0
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
        // A conversation that is another's was not prepared for this call.
        events.removeAll { event in
            if case .agentCallCreated(let call) = event.fact { call.ultravoxCallID != talk } else { false }
        }
        if let talk, let subject = conversations[talk]?.value {
            bound.ultravoxCallID = talk
            for event in subject.events.events where event.callID == subject.best {
                events.append(CallEvent(callID: nil, receivedAt: event.receivedAt, fact: event.fact))
            }
        }
        return (events, bound)
    }

    /// Says that a phone call belongs to one of our calls, or that this witness does not say so any more, and settles all
    /// calls that this moves it between.
    mutating func claim(
        _ sid: CallSid,
        for id: CallID,
        _ witness: Witness,
        isMade: Bool = true,
        at time: Timestamp
    ) -> [CallChange] {
        guard let before = legs[sid]?.value, legs[sid]?.value.claims.set(witness, of: id, to: isMade) == true else {
            return []
        }
        let best = legs[sid]?.value.claims.best
        legs[sid]?.value.best = best
        if let best, before.best == nil, entries[best]?.value.legs.isEmpty ?? true,
            entries[CallID(derivedFrom: sid)] == nil
        {
            enter(best)
            entries[best]?.value.legs = [sid]
            return settle(best, at: time).map { [$0] } ?? []
        }
        var moved = [sid]
        let ids = [before.best, best].compactMap(\.self)
        for id in ids {
            enter(id)
            moved += entries[id]?.value.legs ?? []
        }
        if best != before.best {
            if let former = before.best { entries[former]?.value.legs.removeAll { $0 == sid } }
            if let best {
                entries[best]?.value.legs.append(sid)
                entries[best]?.value.legs.sort()
            }
        }
        let changes =
            Set(moved).sorted().compactMap { settle(leg: $0, at: time) } + settle(ids, at: time)
        if let former = before.best { forgetIfEmpty(former) }
        return changes
    }

    /// The same of a conversation.
    mutating func claim(
        _ conversation: UltravoxCallID,
        for id: CallID,
        _ witness: Witness,
        isMade: Bool = true,
        at time: Timestamp
    ) -> [CallChange] {
        if conversations[conversation] == nil { conversations[conversation] = Boxed(Subject()) }
        guard let before = conversations[conversation]?.value,
            conversations[conversation]?.value.claims.set(witness, of: id, to: isMade) == true
        else { return [] }
        let best = conversations[conversation]?.value.claims.best
        conversations[conversation]?.value.best = best
        let ids = [before.best, best].compactMap(\.self)
        for id in ids { enter(id) }
        var changes: [CallChange] = []
        var ties: [Tie] = []
        if best != before.best {
            if let former = before.best { entries[former]?.value.conversations.removeAll { $0 == conversation } }
            if let best {
                entries[best]?.value.conversations.append(conversation)
                entries[best]?.value.conversations.sort()
            }
        }
        // Which of its conversations a call holds may have changed.
        let touched = [conversation] + ids.flatMap { entries[$0]?.value.conversations ?? [] }
        for tie in Set(touched.flatMap { conversations[$0]?.value.ties ?? [] }) where ids.contains(tie.id) {
            ties.append(tie)
        }
        ties.sort { $0.sid < $1.sid }
        for tie in ties { changes += settle(tie, at: time) }
        // A derived id may stand for an order.
        changes += settle(ids.map { entries[$0]?.value.alias ?? $0 }, at: time)
        if let former = before.best { forgetIfEmpty(former) }
        return changes
    }

    /// The CallSid that Ultravox signed ties the phone call to the call whose conversation that is, also where every message
    /// of Twilio's was lost.
    mutating func settle(_ tie: Tie, at time: Timestamp) -> [CallChange] {
        let entry = entries[tie.id]?.value
        let talk = entry.flatMap { conversation(of: tie.id, $0) }
        let isTied = entry?.isDialed == true && talk.map { conversations[$0]?.value.ties.contains(tie) == true } == true
        if legs[tie.sid] == nil {
            guard isTied, !tombstones.contains(.callSid(tie.sid)) else { return [] }
            legs[tie.sid] = Boxed(Subject())
        }
        let changes = claim(tie.sid, for: tie.id, .tied, isMade: isTied, at: time)
        if let leg = legs[tie.sid]?.value, leg.claims.isEmpty, leg.events.isEmpty { legs[tie.sid] = nil }
        return changes
    }

    private mutating func enter(_ id: CallID) {
        guard entries[id] == nil else { return }
        var entry = Entry()
        entry.sid = id.derivation
        let owner = resolved(id)
        if owner != id { entry.alias = owner }
        entries[id] = Boxed(entry)
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
            let isAdopted =
                id.isDerived
                ? entry.sid.flatMap { legs[$0]?.value.isAdopted } == true
                : events.contains { $0.fact.adopts(as: id) }
            if isAdopted || !entry.events.isEmpty {
                after = Call(id: id, bound: bound, events: events)
            }
        }
        guard before != after else { return nil }
        entries[id]?.value.call = after
        count(from: before?.status, to: after?.status)
        if before == nil {
            let place = entry.place ?? CallCursor(listedAt: id.time ?? time, id: id)
            entries[id]?.value.place = place
            list.insert(place)
        } else if after == nil, let place = entry.place {
            // It comes back to the same place.
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
            guard owner == id, leg.isAdopted else { return nil }
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
