package import CallDomain

extension Book {
    /// What an erasure of a call must name, as things are.
    /// - Returns: `nil` without such a call.
    package func erasure(of asked: CallID, at time: Timestamp) -> Erased? {
        let id = resolved(asked)
        guard let entry = entries[id]?.value, let call = entry.call else { return nil }
        var (names, talks) = ([CallName.id(id)], entry.conversations.filter { conversations[$0]?.value.best == id })
        if let sid = call.callSid {
            names.append(.callSid(sid))
            let derived = CallID(derivedFrom: sid)
            if derived != id {
                names.append(.id(derived))
                let former = entries[derived]?.value.conversations ?? []
                talks += former.filter { conversations[$0]?.value.best == derived }
            }
        }
        names += talks.map(CallName.ultravoxCallID)
        return Erased(
            id: id,
            names: names.map(NameDigest.init(of:)),
            copies: recordings(of: id, entry, call).map(VendorCopy.recording) + talks.map(VendorCopy.conversation),
            key: keys.erasedKey(of: id, at: time),
            countsForDay: call.direction == .outbound && !id.isDerived
                && (call.callSid != nil || call.status == .unconfirmed)
        )
    }

    /// The recordings of the call's phone call, and of those that it claims and does not hold, sorted.
    private func recordings(of id: CallID, _ entry: Entry, _ call: Call) -> [RecordingSid] {
        var recordings: Set<RecordingSid> = []
        for sid in entry.legs + (call.callSid.map { [$0] } ?? []) {
            guard let leg = legs[sid]?.value, sid == call.callSid || leg.best == id else { continue }
            // One that is a call of its own as well keeps what is told of it without this call's id.
            let isWhole = sid == call.callSid || self.call(owner(of: sid, leg)) == nil
            for event in leg.events.events where isWhole || event.callID == id {
                if case .recordingReported(let report) = event.fact { recordings.insert(report.recordingSid) }
            }
        }
        return recordings.sorted { $0.text < $1.text }
    }

    /// Where a replay finds the call's records removed, the erasure says all that is left of it.
    mutating func erase(_ erased: Erased, at time: Timestamp) -> Applied {
        var applied = Applied(.applied)
        if let entry = entries[erased.id]?.value {
            // More may have become known of it meanwhile; or part of it, or all, may have turned out to be another call's.
            guard let call = entry.call, call.isErasable, let known = erasure(of: erased.id, at: time),
                Set(known.names) == Set(erased.names), Set(known.copies) == Set(erased.copies),
                known.key == nil || known.key?.name == erased.key?.name
            else { return Applied(.void) }
            let claimed = subjects(of: erased.id, call)
            // It may have been told of under the id that its CallSid gave it before it was known to be an order's.
            let derived = call.callSid.map { CallID(derivedFrom: $0) }
            for id in Set([erased.id] + (derived.map { [$0] } ?? [])).sorted() {
                notices.erase(endingAt: entries[id]?.value.told)
                applied.lines += deliveries.erase(id)
            }
            let names = remove(erased.id, at: time, &applied)
            tombstones.insert(names.map(NameDigest.init(of:)).filter { !erased.names.contains($0) }, at: time)
            forgetWaiting(claimed.filter { !isThere($0) })
            admission.erase(erased.id)
        } else if erasures[erased.id] == nil, erased.countsForDay, !tombstones.contains(.id(erased.id)) {
            // One that has just left was counted when it came.
            admission.countErased(erased.id)
        }
        guard erasures.begin(erased, at: time, position) else { return Applied(.alreadyKnown) }
        tombstones.insert(erased.names, at: time)
        keys.erase(erased.id)
        applied.erasure = erased.id
        return applied
    }

    /// The phone calls and conversations that the call claims.
    private func subjects(of id: CallID, _ call: Call) -> [Early] {
        let sids = (entries[id]?.value.legs ?? []) + (call.callSid.map { [$0] } ?? [])
        let ids = [id] + (call.callSid.map { [CallID(derivedFrom: $0)] } ?? [])
        return sids.map(Early.leg) + ids.flatMap { entries[$0]?.value.conversations ?? [] }.map(Early.conversation)
    }

    private func isThere(_ subject: Early) -> Bool {
        switch subject {
        case .leg(let sid): legs[sid] != nil
        case .conversation(let id): conversations[id] != nil
        }
    }

    /// Forgets that messages of these had waited. Few messages ever wait: most often there is nothing to look through.
    private mutating func forgetWaiting(_ subjects: [Early]) {
        guard !subjects.isEmpty else { return }
        for (number, waiting) in zip(early.numbers, early.elements) {
            guard let subject = waiting.what, subjects.contains(subject) else { continue }
            early.replace(number, with: Waiting(what: nil, since: waiting.since))
        }
    }

    mutating func note(_ news: ErasureNews, of id: CallID, at time: Timestamp) -> Applied {
        guard erasures[id] != nil else { return Applied(.void) }
        guard erasures.note(news, of: id, at: time, position) else { return Applied(.alreadyKnown) }
        var applied = Applied(.applied)
        applied.erasure = id
        return applied
    }

    /// A record that came too late changes nothing, and tells of an erased call all the same.
    mutating func noteTrace(_ record: Record, _ applied: inout Applied) {
        guard !erasures.isEmpty else { return }
        switch applied.verdict {
        case .applied, .alreadyKnown, .waits: return
        case .ignored, .refused, .void: break
        }
        for name in record.content.names {
            guard let id = erasures.id(named: NameDigest(of: name)) else { continue }
            erasures.leaveTrace(of: id, at: position)
            applied.erasure = id
        }
    }
}

// MARK: What readers ask

extension Book {
    package func erasure(named name: CallName) -> Erasure? {
        erasures.id(named: NameDigest(of: name)).flatMap { erasures[$0] }
    }

    /// The erasures of which something is still to come, in the order of their ids.
    /// To be asked at a start alone: it takes long.
    package func unfinishedErasures() -> [Erasure] { erasures.unfinished.sorted { $0.id < $1.id } }

    /// Erasures of calls of which the journal may still hold records, in the order of their ids.
    package func erasuresWithTraces(limit: Int) -> [Erasure] {
        erasures.withTraces(limit: limit).sorted { $0.id < $1.id }
    }

    /// Whether anything is known of it, whosever it is.
    package func knows(_ name: CallName) -> Bool {
        switch name {
        case .id(let id): entries[id] != nil
        case .callSid(let sid): legs[sid] != nil
        case .ultravoxCallID(let id): conversations[id] != nil
        }
    }

    /// Whether an order was taken, as far as that is still known: one that was refused left nothing.
    package func knowsOrder(_ id: CallID) -> Bool {
        entries[id]?.value.isOrdered == true || tombstones.contains(.id(id))
    }
}

/// Which records go, or change, because calls were erased.
package struct LogEdit: Sendable {
    private let ids: Set<CallID>
    private let names: Set<NameDigest>
    /// What vendors do not keep any more.
    private let deleted: Set<NameDigest>

    /// So that nothing of these erased calls is in the log up to where the book stood that they are from.
    package init(forErasing erasures: [Erasure]) {
        ids = Set(erasures.map(\.id))
        names = Set(erasures.flatMap(\.names))
        deleted = Set(erasures.flatMap { $0.deletions.map(\.name) })
    }

    package func callAsFunction(_ record: Record) -> RecordEdit {
        switch record.content {
        case .erased(var erased):
            guard ids.contains(erased.id) else { return .keep }
            let count = erased.copies.count
            erased.copies.removeAll { deleted.contains(NameDigest(of: $0)) }
            return erased.copies.count == count ? .keep : .replace(Record(at: record.at, .erased(erased)))
        case .erasureNoted(let id, .found(let copy)):
            return ids.contains(id) && deleted.contains(NameDigest(of: copy)) ? .remove : .keep
        case .erasureNoted, .dialingSet, .tidied, .delivering: return .keep
        case .ordered, .told, .noted, .undialed, .answerKept, .keyReleased:
            return record.content.names.contains { names.contains(NameDigest(of: $0)) } ? .remove : .keep
        }
    }

    /// How long after it an order that nothing is known of can only have been refused: its tombstone would be there.
    package static let memory = Duration.seconds(86_400 * Tombstones.days)
}

extension Record.Content {
    /// The names of calls that stand in the record.
    var names: [CallName] {
        switch self {
        case .ordered(let ordered): [.id(ordered.id)]
        case .told(let message): (message.claimed.map { [.id($0)] } ?? []) + message.fact.names
        case .noted(let id, let fact), .undialed(let id, let fact): [.id(id)] + fact.names
        case .answerKept(_, _, let id), .keyReleased(_, let id): [.id(id)]
        case .dialingSet, .tidied, .erased, .erasureNoted, .delivering: []
        }
    }
}

extension CallFact {
    /// The names of calls that stand in the fact.
    fileprivate var names: [CallName] {
        var names = callSid.map { [CallName.callSid($0)] } ?? []
        switch self {
        case .agentCallCreated(let call): names.append(.ultravoxCallID(call.ultravoxCallID))
        case .conversationReported(let report):
            names.append(.ultravoxCallID(report.ultravoxCallID))
            if let id = report.callID { names.append(.id(id)) }
            if let sid = report.callSid { names.append(.callSid(sid)) }
        case .ordered, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing, .callCreated,
            .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled, .statusReported,
            .voiceRequested, .fallbackRequested, .machineDetected, .streamReported, .recordingReported, .lookedUp,
            .unknownToTwilio:
            break
        }
        return names
    }
}

extension Call {
    /// Whether it is over, or parked for want of proof, so that it may be erased.
    package var isErasable: Bool { status.isTerminal || status == .unconfirmed }
}
