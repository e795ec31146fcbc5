import CallDomain

extension Book {
    /// Whose call a CallSid is: of the id with the best claim, if no other phone call has a better one to that; else it is a
    /// call of its own.
    func owner(of sid: CallSid, _ leg: Subject) -> CallID {
        guard let best = leg.best, held(by: best) == sid else { return CallID(derivedFrom: sid) }
        return best
    }

    /// The phone call of one of our ids: of those of which it has the best claim that with the strongest; of equal ones the
    /// bytewise smaller CallSid.
    private func held(by id: CallID) -> CallSid? {
        strongest(of: entries[id]?.value.legs ?? [], for: id) { legs[$0]?.value }
    }

    /// The conversation of one of our ids, by the same rule.
    private func conversation(of id: CallID, _ entry: Entry) -> UltravoxCallID? {
        strongest(of: entry.conversations, for: id) { conversations[$0]?.value }
    }

    /// Whether a conversation is that of the call with the best claim to it.
    func isHeld(_ conversation: UltravoxCallID, by id: CallID) -> Bool {
        guard let entry = entries[id]?.value else { return false }
        return self.conversation(of: id, entry) == conversation
    }

    private func strongest<Name>(of names: [Name], for id: CallID, _ subject: (Name) -> Subject?) -> Name? {
        var strongest: (name: Name, weight: Int)?
        for name in names {
            guard let subject = subject(name), subject.best == id else { continue }
            // Nearly always there is one.
            guard names.count > 1 else { return name }
            let weight = subject.claims.weight(of: id)
            if weight > strongest?.weight ?? 0 { strongest = (name, weight) }
        }
        return strongest?.name
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
            // An event may be there with the claim and without it; more often than not it comes with it.
            var isClaimed = false
            for event in leg.events.events where event.callID == id {
                events.append(CallEvent(callID: nil, receivedAt: event.receivedAt, fact: event.fact))
                isClaimed = true
            }
            for event in leg.events.events where event.callID == nil {
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
        let former = legs[sid]?.value.best
        guard legs[sid]?.value.claims.set(witness, of: id, to: isMade) == true else { return [] }
        enter(id)
        let isOrdered = entries[id]?.value.isOrdered == true
        if isMade, former == nil, entries[id]?.value.legs.isEmpty == true, entries[CallID(derivedFrom: sid)] == nil {
            if !isOrdered { _ = legs[sid]?.value.claims.setDoubtful(true, id) }
            legs[sid]?.value.best = id
            entries[id]?.value.legs = [sid]
            return settle(id, at: time).map { [$0] } ?? []
        }
        let isClaimed = legs[sid]?.value.claims.witness(of: id).isEmpty == false
        entries[id]?.value.legs.keepSorted(sid, isClaimed)
        let weighed = Self.doubt(entries[id]?.value.legs ?? [], of: id, isOrdered: isOrdered, in: &legs)
        let ids = Self.settleBest(of: [sid] + weighed, in: &legs)
        // Which of its phone calls a call holds may have changed.
        let moved = [sid] + ids.flatMap { entries[$0]?.value.legs ?? [] }
        let changes = Set(moved).sorted().compactMap { settle(leg: $0, at: time) } + settle(ids, at: time)
        forgetIfEmpty(id)
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
        guard conversations[conversation]?.value.claims.set(witness, of: id, to: isMade) == true else { return [] }
        enter(id)
        let isClaimed = conversations[conversation]?.value.claims.witness(of: id).isEmpty == false
        entries[id]?.value.conversations.keepSorted(conversation, isClaimed)
        let isOrdered = entries[id]?.value.isOrdered == true
        let names = entries[id]?.value.conversations ?? []
        let weighed = Self.doubt(names, of: id, isOrdered: isOrdered, in: &conversations)
        let ids = Self.settleBest(of: [conversation] + weighed, in: &conversations)
        // Which of its conversations a call holds may have changed.
        let moved = [conversation] + ids.flatMap { entries[$0]?.value.conversations ?? [] }
        let ties = Set(moved.flatMap { conversations[$0]?.value.ties ?? [] }).filter { ids.contains($0.id) }
        var changes: [CallChange] = []
        for tie in ties.sorted(by: { $0.sid < $1.sid }) { changes += settle(tie, at: time) }
        // A derived id may stand for an order.
        changes += settle(ids.map { entries[$0]?.value.alias ?? $0 }, at: time)
        forgetIfEmpty(id)
        return changes
    }

    /// Says which of an order's claims are doubtful.
    /// - Returns: those of its phone calls, or of its conversations, of which that is new.
    private static func doubt<Name>(
        _ names: [Name],
        of id: CallID,
        isOrdered: Bool,
        in subjects: inout ShardedMap<Name, Boxed<Subject>>
    ) -> [Name] {
        func isAnswered(_ name: Name) -> Bool { subjects[name]?.value.claims.witness(of: id).contains(.answer) == true }
        let answers = names.count(where: isAnswered)
        return names.filter { name in
            let isAnsweredElsewhere = answers > (isAnswered(name) ? 1 : 0)
            return subjects[name]?.value.claims.setDoubtful(isAnsweredElsewhere || !isOrdered, id) == true
        }
    }

    /// Finds whose claim is the best.
    /// - Returns: the calls that had the best claim to one of them, or have it, each once.
    private static func settleBest<Name>(
        of names: [Name],
        in subjects: inout ShardedMap<Name, Boxed<Subject>>
    ) -> [CallID] {
        var ids: [CallID] = []
        for name in names {
            let former = subjects[name]?.value.best
            let best = subjects[name]?.value.claims.best
            if former != best { subjects[name]?.value.best = best }
            for case let id? in [former, best] where !ids.contains(id) { ids.append(id) }
        }
        return ids
    }

    /// Takes back what calls claim of a phone call, or of them those that are meant.
    mutating func unclaim(
        _ sid: CallSid,
        by isMeant: (CallID) -> Bool = { _ in true },
        at time: Timestamp
    ) -> [CallChange] {
        var changes: [CallChange] = []
        for id in legs[sid]?.value.claims.ids ?? [] where isMeant(id) {
            changes += claim(sid, for: id, .all, isMade: false, at: time)
        }
        return changes
    }

    /// The same of a conversation.
    mutating func unclaim(
        _ conversation: UltravoxCallID,
        by isMeant: (CallID) -> Bool = { _ in true },
        at time: Timestamp
    ) -> [CallChange] {
        var changes: [CallChange] = []
        for id in conversations[conversation]?.value.claims.ids ?? [] where isMeant(id) {
            changes += claim(conversation, for: id, .all, isMade: false, at: time)
        }
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
        var after = folded(id, entry)
        guard before != after else { return nil }
        after?.position = position
        entries[id]?.value.call = after
        if let before { changes.remove(ChangePlace(before)) }
        if let after { changes.insert(ChangePlace(after)) }
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

    /// The call that the evidence gives; `nil` if there is none.
    func folded(_ id: CallID, _ entry: Entry) -> Call? {
        guard entry.alias == nil else { return nil }
        let (events, bound) = evidence(of: id, entry)
        let isAdopted =
            id.isDerived
            ? entry.sid.flatMap { legs[$0]?.value.isAdopted } == true
            : events.contains { $0.fact.adopts(as: id) }
        return isAdopted || !entry.events.isEmpty ? Call(id: id, bound: bound, events: events) : nil
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
        if let before, let count = counts[before] { counts[before] = count > 1 ? count - 1 : nil }
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

extension Array where Element: Comparable {
    /// Keeps an element in its place, or takes it out.
    fileprivate mutating func keepSorted(_ element: Element, _ isThere: Bool) {
        let place = firstIndex { $0 >= element } ?? endIndex
        let isPresent = place < endIndex && self[place] == element
        if isThere, !isPresent { insert(element, at: place) }
        if !isThere, isPresent { remove(at: place) }
    }
}
