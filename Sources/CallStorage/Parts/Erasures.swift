package import CallDomain

/// The erasures of calls, as long as their tombstones are kept.
struct Erasures: Equatable {
    private struct Begun: Equatable {
        let id: CallID
        let day: Int64
    }

    private struct Keyed: Equatable {
        let id: CallID
        let erasedAt: Timestamp
    }

    private struct Trace: Equatable {}

    /// How many are kept at most; the oldest go first.
    private let maximum: Int
    private var erasures = ShardedMap<CallID, Boxed<Erasure>>()
    /// By the digests of the names of their calls.
    private var byName = ShardedMap<NameDigest, CallID>()
    /// By the digests of their calls' idempotency keys.
    private var byKey = ShardedMap<NameDigest, CallID>()
    private var oldest = Fifo<Begun>()
    /// Those with keys that are not forgotten yet.
    private var keyed = Fifo<Keyed>()
    /// Those of which the journal may still hold records.
    private var traces = ShardedMap<CallID, Trace>()

    init(maximum: Int = 1_000_000) { self.maximum = maximum }

    var isEmpty: Bool { erasures.isEmpty }

    subscript(id: CallID) -> Erasure? { erasures[id]?.value }

    /// The erasure of the call that has, or had, that name.
    func id(named name: NameDigest) -> CallID? { byName.isEmpty ? nil : byName[name] }

    /// What a key means that nobody claims: its call may have been erased.
    func state(of claim: KeyClaim, at time: Timestamp) -> KeyState {
        guard !byKey.isEmpty, let key = byKey[NameDigest(of: claim.name)].flatMap({ self[$0]?.key }),
            time - key.since < KeyTable.lifetime
        else { return .free }
        return key.digest == claim.sealedDigest ? .erased : .otherRequest
    }

    /// Begins an erasure, or adds to one.
    /// - Returns: whether it was new, or knew less.
    mutating func begin(_ erased: Erased, at time: Timestamp, _ position: Position) -> Bool {
        guard erasures[erased.id] != nil else {
            var erasure = Erasure(id: erased.id, erasedAt: time, begunBy: position)
            (erasure.names, erasure.key, erasure.copies) = (erased.names, erased.key, erased.copies)
            erasure.lastTrace = position
            add(erasure)
            if oldest.count > maximum { forgetOldest() }
            return true
        }
        var isNew = false
        for name in erased.names where byName[name] == nil {
            byName[name] = erased.id
            erasures[erased.id]?.value.names.append(name)
            isNew = true
        }
        for copy in erased.copies where find(copy, in: erased.id) { isNew = true }
        if isNew { leaveTrace(of: erased.id, at: position) }
        return isNew
    }

    private mutating func add(_ erasure: Erasure) {
        erasures[erasure.id] = Boxed(erasure)
        for name in erasure.names { byName[name] = erasure.id }
        if let key = erasure.key {
            byKey[key.name] = erasure.id
            keyed.append(Keyed(id: erasure.id, erasedAt: erasure.erasedAt))
        }
        if erasure.lastTrace != nil { traces[erasure.id] = Trace() }
        oldest.append(Begun(id: erasure.id, day: erasure.erasedAt.day))
    }

    /// A record that tells of the call is in the log.
    mutating func leaveTrace(of id: CallID, at position: Position) {
        guard erasures[id] != nil else { return }
        erasures[id]?.value.lastTrace = position
        erasures[id]?.value.journalCleanedAt = nil
        traces[id] = Trace()
    }

    /// - Returns: whether that was new.
    mutating func note(_ news: ErasureNews, of id: CallID, at time: Timestamp, _ position: Position) -> Bool {
        guard let erasure = erasures[id]?.value else { return false }
        switch news {
        case .found(let copy): return find(copy, in: id)
        case .deleted(let vendor, let name):
            guard !erasure.deletions.contains(where: { $0.name == name }) else { return false }
            erasures[id]?.value.copies.removeAll { NameDigest(of: $0) == name }
            erasures[id]?.value.deletions.append(Erasure.Deletion(vendor: vendor, name: name, at: time))
            // The identifiers are not needed any more: the records with them go, too.
            if erasures[id]?.value.copies.isEmpty == true { leaveTrace(of: id, at: position) }
        case .journalCleaned(let end):
            guard let last = erasure.lastTrace, last <= end else { return false }
            erasures[id]?.value.lastTrace = nil
            erasures[id]?.value.journalCleanedAt = time
            traces[id] = nil
        }
        return true
    }

    /// Those of which something is still to come, in no order. It looks at all of them.
    var unfinished: [Erasure] { erasures.values.lazy.map(\.value).filter { !$0.isFinished } }

    /// Some of those of which the journal may still hold records.
    func withTraces(limit: Int) -> [Erasure] { traces.pairs.prefix(limit).compactMap { self[$0.key] } }

    /// Forgets at most `limit` of the keys that are free again, and of the calls that no replayed message can bring back.
    /// - Returns: how many it forgot.
    mutating func forgetOld(at time: Timestamp, limit: Int) -> Int {
        var rest = limit
        // No key outlives the erasure of its call by more than that.
        while rest > 0, let first = keyed.popFirst(if: { time - $0.erasedAt >= KeyTable.lifetime }) {
            forgetKey(of: first.id)
            rest -= 1
        }
        while rest > 0, let first = oldest.first, time.day - first.day > Tombstones.days {
            forgetOldest()
            rest -= 1
        }
        return limit - rest
    }

    /// - Returns: whether it was not known that the vendor keeps, or kept, that.
    private mutating func find(_ copy: VendorCopy, in id: CallID) -> Bool {
        guard let erasure = erasures[id]?.value, !erasure.knows(copy) else { return false }
        erasures[id]?.value.copies.append(copy)
        return true
    }

    private mutating func forgetOldest() {
        guard let first = oldest.first else { return }
        oldest.removeFirst()
        guard let erasure = self[first.id] else { return }
        for name in erasure.names where byName[name] == first.id { byName[name] = nil }
        if erasure.key != nil { forgetKey(of: first.id) }
        // Both queues have the same order.
        _ = keyed.popFirst { $0.id == first.id }
        erasures[first.id] = nil
        if traces[first.id] != nil { traces[first.id] = nil }
    }

    private mutating func forgetKey(of id: CallID) {
        guard let key = self[id]?.key else { return }
        if byKey[key.name] == id { byKey[key.name] = nil }
        erasures[id]?.value.key = nil
    }
}

// MARK: Snapshots

extension Erasures {
    var count: Int { erasures.count }
    var ids: some Sequence<CallID> { erasures.pairs.lazy.map(\.key) }

    mutating func takeChanges() -> Changes<CallID> { erasures.takeChanges() }

    mutating func loseChanges() { erasures.loseChanges() }

    /// `restored`: all of them, in any order.
    mutating func restore(_ restored: [Erasure]) {
        for erasure in restored.sorted(by: { $0.begunBy < $1.begunBy }) { add(erasure) }
    }
}

extension Erasure {
    /// Whether nothing is still to come.
    fileprivate var isFinished: Bool { copies.isEmpty && lastTrace == nil }

    /// Whether the vendor is known to keep, or to have kept, that.
    package func knows(_ copy: VendorCopy) -> Bool {
        let name = NameDigest(of: copy)
        return copies.contains(copy) || deletions.contains { $0.name == name }
    }
}
