import CallDomain

/// The records and the ways to find them.
struct CallTable {
    struct Record {
        var history: CallHistory
        var call: Call
    }

    private(set) var records: [CallID: Record] = [:]
    /// A CallSid belongs to one call, and a call to at most one CallSid.
    private(set) var bySid: [CallSid: CallID] = [:]
    private(set) var byUltravoxCallID: [UltravoxCallID: CallID] = [:]
    /// Oldest first. New calls belong at the end, so keeping it sorted costs next to nothing.
    private var byAge: [CallCursor] = []

    mutating func apply(_ event: CallEvent) -> EventOutcome {
        let before = records[event.callID]
        guard !contradicts(event, known: before?.call) else { return .contradicts }
        var history = before?.history ?? CallHistory(id: event.callID)
        guard history.merge(event) else {
            // An event that tells nothing new was there before, so its record was too.
            return before.map { .alreadyKnown($0.call) } ?? .contradicts
        }
        let after = history.folded
        records[event.callID] = Record(history: history, call: after)
        if let sid = after.callSid { bySid[sid] = after.id }
        if let ultravoxCallID = after.ultravoxCallID { byUltravoxCallID[ultravoxCallID] = after.id }
        reindex(from: before?.call.cursor, to: after.cursor)
        return .applied(before: before?.call, after: after)
    }

    func calls(matching filter: CallFilter, limit: Int, after cursor: CallCursor?) -> CallListPage {
        var page = CallListPage(calls: [], next: nil)
        let end = cursor.map { index(of: $0) } ?? byAge.endIndex
        for place in byAge[..<end].reversed() {
            guard let call = records[place.id]?.call, filter.matches(call) else { continue }
            if page.calls.count == limit {
                page.next = page.calls.last?.cursor
                break
            }
            page.calls.append(call)
        }
        return page
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

    private mutating func reindex(from old: CallCursor?, to new: CallCursor) {
        guard old != new else { return }
        if let old {
            let place = index(of: old)
            if place < byAge.endIndex, byAge[place] == old { byAge.remove(at: place) }
        }
        byAge.insert(new, at: index(of: new))
    }

    /// The first place that is not before `cursor`.
    private func index(of cursor: CallCursor) -> Int {
        var (low, high) = (byAge.startIndex, byAge.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if byAge[middle] < cursor { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Call {
    fileprivate var cursor: CallCursor { CallCursor(createdAt: createdAt, id: id) }
}
