import CallDomain

extension Book {
    mutating func order(_ ordered: Ordered, at time: Timestamp) -> Applied {
        if let key = ordered.key {
            let state = state(of: key, at: time)
            guard state == .free else { return Applied(.refused(.key(state))) }
        }
        guard entries[ordered.id] == nil, !tombstones.contains(.id(ordered.id)) else { return Applied(.void) }
        let number = ordered.order.phoneNumber.text
        if let refusal = admission.refusal(of: number, within: ordered.limits, at: time) {
            return Applied(.refused(.rail(refusal)))
        }
        if let key = ordered.key { keys.claim(key, for: ordered.id) }
        var entry = Entry()
        entry.isOrdered = true
        entry.templateContext = ordered.templateContext
        entry.events.merge(CallEvent(callID: nil, receivedAt: time, fact: .ordered(ordered.order)))
        entries[ordered.id] = Boxed(entry)
        return Applied(.applied, change: settle(ordered.id, at: time))
    }

    /// Takes in what we ourselves intend, or what a vendor answered us.
    ///
    /// What is noted of a phone call that was nobody's stays with that phone call when it turns out to be an order's.
    mutating func note(_ fact: CallFact, of named: CallID, at time: Timestamp) -> Applied {
        let id = entries[named] == nil ? resolved(named) : named
        guard let call = call(id) else { return Applied(tombstones.contains(.id(id)) ? .ignored(.gone) : .void) }
        switch fact {
        case .dialing:
            // The first one in the log owns the dial.
            guard isUndialed(id), !call.hangUpRequested else { return Applied(.void) }
            entries[id]?.value.isDialed = true
            entries[id]?.value.templateContext = nil
        case .unconfirmed:
            guard call.status == .unknown else { return Applied(.void) }
        case .agentCallRequested:
            // Whoever asks may ask for one if nobody did before.
            guard !call.agentCallRequested else {
                entries[id]?.value.events.merge(CallEvent(callID: nil, receivedAt: time, fact: fact))
                return Applied(.alreadyKnown, change: settle(call.id, at: time))
            }
        case .callCreated(let call), .lookedUp(let call):
            let witness: Witness = if case .callCreated = fact { .answer } else { .lookUp }
            return tell(of: call.callSid, fact, to: id, witness, at: time)
        case .unknownToTwilio(let sid, _):
            return tell(of: sid, fact, to: id, .lookUp, at: time)
        case .agentCallCreated(let agentCall):
            guard entries[id]?.value.events.merge(CallEvent(callID: nil, receivedAt: time, fact: fact)) == true else {
                return Applied(.alreadyKnown)
            }
            let changes = claim(agentCall.ultravoxCallID, for: id, .answer, at: time)
            let isHeld =
                conversations[agentCall.ultravoxCallID]?.value.best == id && isHeld(agentCall.ultravoxCallID, by: id)
            return applied(isHeld ? .applied : .ignored(.contradiction), to: call.id, changes, at: time)
        case .dialRefused, .dialNotSent, .agentCallFailed, .canceled:
            // A phone call proves that Twilio did something.
            guard call.callSid == nil else { return Applied(.void) }
        case .ordered, .agentCallUnavailable, .dialUnclear, .hangUpRequested, .statusReported, .voiceRequested,
            .fallbackRequested, .machineDetected, .streamReported, .recordingReported, .conversationReported:
            break
        }
        guard entries[id]?.value.events.merge(CallEvent(callID: nil, receivedAt: time, fact: fact)) == true else {
            return Applied(.alreadyKnown)
        }
        return Applied(.applied, change: settle(call.id, at: time))
    }

    mutating func endUndialed(_ id: CallID, _ fact: CallFact, at time: Timestamp) -> Applied {
        guard isUndialed(id) else { return Applied(.void) }
        entries[id]?.value.events.merge(CallEvent(callID: nil, receivedAt: time, fact: fact))
        entries[id]?.value.templateContext = nil
        return Applied(.applied, change: settle(id, at: time))
    }

    /// What Twilio said to us of a CallSid is true of that, whosever it is; that it belongs to `id` is a claim.
    private mutating func tell(
        of sid: CallSid,
        _ fact: CallFact,
        to id: CallID,
        _ witness: Witness,
        at time: Timestamp
    ) -> Applied {
        if legs[sid] == nil { legs[sid] = Boxed(Subject()) }
        let isNew = legs[sid]?.value.events.merge(CallEvent(callID: nil, receivedAt: time, fact: fact)) ?? false
        // A derived id is no order's: it claims nothing.
        let others = id.isDerived ? [] : claim(sid, for: id, witness, at: time)
        let owner = legs[sid].map { self.owner(of: sid, $0.value) }
        let isOwner = owner == resolved(id)
        guard isNew || !others.isEmpty else { return Applied(isOwner ? .alreadyKnown : .ignored(.contradiction)) }
        var changes = others
        if let owner, isNew, !changes.contains(where: { $0.after?.id == owner }) {
            if let change = owner.isDerived ? settle(leg: sid, at: time) : settle(owner, at: time) {
                changes.append(change)
            }
        }
        return applied(isOwner ? .applied : .ignored(.contradiction), to: resolved(id), changes, at: time)
    }

    /// What a record did whose claims moved phone calls or conversations: the first change is that of `id`.
    mutating func applied(_ verdict: Verdict, to id: CallID, _ changes: [CallChange], at time: Timestamp) -> Applied {
        var applied = Applied(verdict)
        for change in changes.condensed {
            if (change.after ?? change.before)?.id == id {
                applied.change = change
            } else {
                applied.others.append(change)
            }
        }
        if applied.change == nil { applied.change = settle(id, at: time) }
        return applied
    }
}

extension [CallChange] {
    /// Each call once: as it was at first, and as it is at last.
    var condensed: [CallChange] {
        guard count > 1 else { return self }
        var condensed: [CallChange] = []
        for change in self {
            if let index = condensed.firstIndex(where: { $0.id == change.id }) {
                condensed[index].after = change.after
            } else {
                condensed.append(change)
            }
        }
        return condensed
    }
}

extension CallChange {
    fileprivate var id: CallID? { (after ?? before)?.id }
}
