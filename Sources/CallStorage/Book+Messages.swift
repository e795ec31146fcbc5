import CallDomain

extension Book {
    /// What a message speaks of, and which of our calls it says that belongs to.
    struct Told {
        let subject: Early
        /// `nil` if it names none, or the one that is derived from its own CallSid.
        let id: CallID?
        /// It names calls that differ.
        var isContradictory = false
    }

    /// - Returns: `nil` of a fact that no vendor's message tells.
    func claim(of message: Message) -> Told? {
        if case .conversationReported(let report) = message.fact {
            // The URL is not signed, so it decides nothing.
            let isContradictory = message.claimed.map { $0 != report.callID && report.callID != nil } ?? false
            return Told(
                subject: .conversation(report.ultravoxCallID),
                id: report.callID,
                isContradictory: isContradictory
            )
        }
        guard let sid = message.fact.callSid else { return nil }
        guard let claimed = message.claimed, claimed.isDerived else {
            return Told(subject: .leg(sid), id: message.claimed)
        }
        return Told(subject: .leg(sid), id: nil, isContradictory: claimed != CallID(derivedFrom: sid))
    }

    /// Takes a verified message in.
    mutating func take(_ message: Message, at time: Timestamp) -> Applied {
        guard let told = claim(of: message) else { return Applied(.void) }
        guard !told.isContradictory else { return Applied(.ignored(.contradiction)) }
        if let reason = uselessness(of: message, told) { return Applied(.ignored(reason)) }
        let event = CallEvent(callID: told.id, receivedAt: time, fact: message.fact)
        switch told.subject {
        case .leg(let sid): return take(event, of: sid, at: time)
        case .conversation(let id): return take(event, of: id, at: time)
        }
    }

    /// Why a message changes nothing, whatever it says.
    func uselessness(of message: Message, _ told: Told) -> UselessReason? {
        let owner: CallID?
        let isGone: Bool
        switch told.subject {
        case .leg(let sid):
            owner = legs[sid].map { self.owner(of: sid, $0.value) }
            isGone = legs[sid] == nil && tombstones.contains(.callSid(sid))
        case .conversation(let id):
            owner = conversations[id]?.value.best
            isGone = conversations[id] == nil && tombstones.contains(.ultravoxCallID(id))
        }
        // Whoever it claims to be of: it went with its call.
        if isGone { return .gone }
        // Whether it comes before or after those that name us does not matter: it does not count.
        if case .conversation = told.subject, told.id == nil { return .notOurs }
        let claimed = told.id.flatMap { entries[$0]?.value }
        if case .leg = told.subject, let claimed, claimed.isOrdered, !claimed.isDialed { return .notDialed }
        let isClaimKnown = claimed?.call != nil || claimed?.alias != nil
        // However well the phone call or the conversation is known.
        if let id = told.id, !isClaimKnown, tombstones.contains(.id(id)) { return .gone }
        guard !isClaimKnown, owner.flatMap({ call($0) }) == nil else { return nil }
        let times = [told.id?.time, message.fact.vendorTime]
        return times.contains { $0.map { $0 < message.oldest } ?? false } ? .tooOld : nil
    }

    private mutating func take(_ event: CallEvent, of sid: CallSid, at time: Timestamp) -> Applied {
        if legs[sid] == nil { legs[sid] = Boxed(Subject()) }
        var isNew = legs[sid]?.value.events.merge(event) ?? false
        if event.callID == nil, legs[sid]?.value.isAdopted == false, event.fact.adopts(as: CallID(derivedFrom: sid)) {
            legs[sid]?.value.isAdopted = true
            isNew = true
        }
        let others = event.callID.map { claim(sid, for: $0, .signed, at: time) } ?? []
        guard let leg = legs[sid]?.value else { return Applied(.void) }
        let owner = owner(of: sid, leg)
        if let claimed = event.callID, claimed != owner {
            return contradiction(.leg(sid), isNew, claimed, others, at: time)
        }
        return settled(isNew, .leg(sid), owner, others, at: time)
    }

    private mutating func take(_ event: CallEvent, of id: UltravoxCallID, at time: Timestamp) -> Applied {
        guard let claimed = event.callID else { return Applied(.void) }
        if conversations[id] == nil { conversations[id] = Boxed(Subject()) }
        var isNew = conversations[id]?.value.events.merge(event) ?? false
        var others = claim(id, for: claimed, .signed, at: time)
        if let tie = tie(in: event), conversations[id]?.value.ties.contains(tie) == false {
            conversations[id]?.value.ties.append(tie)
            isNew = true
            others += settle(tie, at: time)
        }
        guard conversations[id]?.value.best == claimed, isHeld(id, by: claimed) else {
            return contradiction(.conversation(id), isNew, claimed, others, at: time)
        }
        return settled(isNew, .conversation(id), entries[claimed]?.value.alias ?? claimed, others, at: time)
    }

    /// The phone call that Ultravox named in the signed metadata.
    func tie(in event: CallEvent) -> Tie? {
        guard case .conversationReported(let report) = event.fact, let sid = report.callSid, let id = event.callID,
            !id.isDerived
        else { return nil }
        return Tie(id: id, sid: sid)
    }

    /// Ends the taking-in of an event whose subject belongs to `owner`.
    private mutating func settled(
        _ isNew: Bool,
        _ subject: Early,
        _ owner: CallID,
        _ others: [CallChange],
        at time: Timestamp
    ) -> Applied {
        var changes = others.condensed
        if isNew, !changes.contains(where: { $0.after?.id == owner }) {
            let change: CallChange?
            if case .leg(let sid) = subject, owner.isDerived {
                change = settle(leg: sid, at: time)
            } else {
                change = settle(owner, at: time)
            }
            if let change { changes.append(change) }
        }
        let call = entries[owner]?.value.call
        var result: Applied
        if call != nil {
            result = isNew || !changes.isEmpty ? Applied(.applied) : Applied(.alreadyKnown)
        } else {
            result = Applied(isNew ? .waits : .alreadyKnown)
            if isNew { wait(subject, at: time, &result) }
        }
        result.call = call
        for change in changes {
            if (change.after ?? change.before)?.id == owner {
                result.change = change
            } else {
                result.others.append(change)
            }
        }
        return result
    }

    /// What contradicts counts for nobody, as long as nothing stronger says whose it is; it is kept for as long as what waits.
    private mutating func contradiction(
        _ subject: Early,
        _ isNew: Bool,
        _ claimed: CallID,
        _ others: [CallChange],
        at time: Timestamp
    ) -> Applied {
        var result = applied(.ignored(.contradiction), to: claimed, others, at: time)
        if isNew { wait(subject, at: time, &result) }
        return result
    }

    /// Lets a message wait for its call, and buries the oldest of those that wait where they are too many.
    private mutating func wait(_ subject: Early, at time: Timestamp, _ applied: inout Applied) {
        early.append(Waiting(what: subject, since: time))
        while early.count > Self.maximumEarly, let first = early.first {
            early.removeFirst()
            if let subject = first.what { bury(subject, at: time, &applied) }
        }
    }

    /// Forgets what waited in vain, and hands its messages over: nobody will hear of them.
    mutating func bury(_ subject: Early, at time: Timestamp, _ applied: inout Applied) {
        let events: [CallEvent]
        let best: CallID?
        switch subject {
        case .leg(let sid):
            guard let leg = legs[sid]?.value, call(owner(of: sid, leg)) == nil else { return }
            (events, best) = (leg.events.events, leg.best)
            applied.others += unclaim(sid, at: time)
            legs[sid] = nil
            forgetIfEmpty(CallID(derivedFrom: sid))
        case .conversation(let id):
            guard let subject = conversations[id]?.value,
                subject.best.map({ call($0) == nil || !isHeld(id, by: $0) }) ?? true
            else { return }
            (events, best) = (subject.events.events, subject.best)
            applied.others += unclaim(id, at: time)
            conversations[id] = nil
        }
        // Of what contradicted it was told at once.
        guard best.flatMap({ call($0) }) == nil else { return }
        applied.buried += events.filter { $0.callID == nil || $0.callID == best }.map {
            Message(fact: $0.fact, claimed: $0.callID, oldest: $0.receivedAt)
        }
    }

    /// An id that nothing is known of leaves.
    mutating func forgetIfEmpty(_ id: CallID) {
        guard let entry = entries[id]?.value, entry.events.isEmpty, entry.legs.isEmpty, entry.conversations.isEmpty,
            entry.call == nil, !entry.isOrdered
        else { return }
        entries[id] = nil
    }
}
