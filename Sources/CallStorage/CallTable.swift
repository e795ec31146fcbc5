import CallDomain

/// The records and the ways to find them.
struct CallTable {
    struct Record {
        var history: CallHistory
        var call: Call
    }

    /// How many calls may be here before finished ones leave.
    let maximum: Int
    private(set) var records: [CallID: Record] = [:]
    /// A CallSid belongs to one call, and a call to at most one CallSid.
    private(set) var bySid: [CallSid: CallID] = [:]
    private(set) var byUltravoxCallID: [UltravoxCallID: CallID] = [:]
    private(set) var counts: [CallStatus: Int] = [:]
    private(set) var tombstones = Tombstones()
    private var byAge = AgeIndex()
    /// With fewer calls than this there are no finished calls to remove.
    private var worthMakingRoom = 0

    init(maximum: Int) { self.maximum = maximum }

    mutating func apply(_ event: CallEvent) -> EventOutcome {
        let before = records[event.callID]
        if before == nil, tombstones.contains(event.names) { return .gone }
        guard !contradicts(event, known: before?.call) else { return .contradicts }
        var history = before?.history ?? CallHistory(id: event.callID)
        guard history.merge(event) else {
            // An event without news was applied before, so its record exists.
            return before.map { .alreadyKnown($0.call) } ?? .contradicts
        }
        let after = history.folded
        records[event.callID] = Record(history: history, call: after)
        count(from: before?.call.status, to: after.status)
        if let sid = after.callSid { bySid[sid] = after.id }
        if let ultravoxCallID = after.ultravoxCallID { byUltravoxCallID[ultravoxCallID] = after.id }
        byAge.move(from: before?.call.cursor, to: after.cursor)
        if before == nil, records.count > max(maximum, worthMakingRoom) {
            makeRoom(sparing: after.id, now: event.receivedAt)
        }
        return .applied(before: before?.call, after: after)
    }

    /// Adds calls after `cursor` to a page, and examines a limited number of calls.
    /// - Returns: where to continue; `nil` once the page is complete.
    func add(
        to page: inout CallListPage,
        matching filter: CallFilter,
        limit: Int,
        after cursor: CallCursor?,
        lookingAt most: Int
    ) -> CallCursor? {
        let places = byAge.newestFirst(after: cursor).prefix(most)
        for place in places {
            guard let call = records[place.id]?.call, filter.matches(call) else { continue }
            if page.calls.count == limit {
                page.next = page.calls.last?.cursor
                return nil
            }
            page.calls.append(call)
        }
        return places.count == most ? places.last : nil
    }

    /// Removes at most `limit` finished calls without news since `oldest`.
    ///
    /// A call id contains its time, and calls older than the retention are never adopted again; only a CallSid, which
    /// contains no time, needs a tombstone. Returns whether there may be more.
    mutating func evict(finishedBefore oldest: Timestamp, limit: Int, now: Timestamp) -> Bool {
        tombstones.forgetOld(now: now)
        let calls = finishedCalls(limit: limit, createdBefore: oldest) { $0.updatedAt < oldest }
        remove(calls)
        for call in calls where call.id.isDerived { tombstones.insert(call.names, now: now) }
        return calls.count == limit
    }

    /// Removes the oldest finished calls: a hundredth of the maximum, so that this happens seldom.
    private mutating func makeRoom(sparing newest: CallID, now: Timestamp) {
        let calls = finishedCalls(limit: max(records.count - maximum, maximum / 100)) { $0.id != newest }
        worthMakingRoom = calls.isEmpty ? records.count + maximum / 100 : 0
        remove(calls)
        for call in calls { tombstones.insert(call.names, now: now) }
    }

    /// The oldest finished calls that pass.
    private func finishedCalls(
        limit: Int,
        createdBefore end: Timestamp? = nil,
        where passes: (Call) -> Bool
    ) -> [Call] {
        var calls: [Call] = []
        for place in byAge.oldestFirst {
            if let end, place.createdAt >= end { break }
            guard calls.count < limit else { break }
            if let call = records[place.id]?.call, call.isFinished, passes(call) { calls.append(call) }
        }
        return calls
    }

    private mutating func remove(_ calls: [Call]) {
        for call in calls {
            records[call.id] = nil
            count(from: call.status, to: nil)
            if let sid = call.callSid { bySid[sid] = nil }
            if let ultravoxCallID = call.ultravoxCallID { byUltravoxCallID[ultravoxCallID] = nil }
        }
        byAge.remove(Set(calls.map(\.id)))
    }

    private mutating func count(from before: CallStatus?, to after: CallStatus?) {
        guard before != after else { return }
        if let before { counts[before] = counts[before, default: 1] - 1 }
        if let after { counts[after, default: 0] += 1 }
    }

    private func contradicts(_ event: CallEvent, known call: Call?) -> Bool {
        if let sid = event.fact.callSid {
            if let owner = bySid[sid], owner != event.callID { return true }
            if let bound = call?.callSid, bound != sid { return true }
        }
        if let ultravoxCallID = event.fact.ultravoxCallID {
            if let owner = byUltravoxCallID[ultravoxCallID], owner != event.callID { return true }
            if let bound = call?.ultravoxCallID, bound != ultravoxCallID { return true }
        }
        return false
    }
}

extension Call {
    fileprivate var cursor: CallCursor { CallCursor(createdAt: createdAt, id: id) }

    /// Ended, or `unconfirmed`.
    fileprivate var isFinished: Bool { status.isTerminal || status == .unconfirmed }
}

extension CallEvent {
    /// Every name of a call that the event says.
    fileprivate var names: [CallName] {
        [.id(callID)] + (fact.callSid.map { [.callSid($0)] } ?? [])
            + (fact.ultravoxCallID.map { [.ultravoxCallID($0)] } ?? [])
    }
}
