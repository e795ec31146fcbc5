import CallDomain

/// Idempotency keys with what they claimed, and the answers that were kept for them.
struct KeyTable: Equatable {
    private struct Entry: Equatable {
        let digest: [UInt8]
        let callID: CallID
        var answer: KeptAnswer?
        var keptAt: Timestamp?
        /// The number in the queue of the kept answer. It tells of this queue alone.
        var place: UInt64?

        static func == (left: Entry, right: Entry) -> Bool {
            (left.digest, left.callID, left.answer, left.keptAt)
                == (right.digest, right.callID, right.answer, right.keptAt)
        }

        func isOver(at time: Timestamp) -> Bool { keptAt.map { time - $0 >= KeyTable.lifetime } ?? false }
    }

    private struct Kept: Equatable {
        let name: KeyName
        let at: Timestamp
    }

    /// How long an answer is kept.
    static let lifetime = Duration.seconds(24 * 3600)
    /// How many answers are kept at most; the oldest go first.
    private let maximum: Int
    private var entries = ShardedMap<KeyName, Entry>()
    /// The key of each order that has one.
    private var byCall = ShardedMap<CallID, KeyName>()
    private var oldest = Fifo<Kept>()

    init(maximum: Int = 1_000_000) { self.maximum = maximum }

    func state(of claim: KeyClaim, at time: Timestamp) -> KeyState {
        guard let entry = entries[claim.name], !entry.isOver(at: time) else { return .free }
        guard entry.digest == claim.digest else { return .otherRequest }
        return entry.answer.map(KeyState.replay) ?? .inProgress
    }

    mutating func claim(_ claim: KeyClaim, for id: CallID) {
        forget(claim.name)
        entries[claim.name] = Entry(digest: claim.digest, callID: id)
        byCall[id] = claim.name
    }

    func owner(of claim: KeyClaim) -> CallID? {
        entries[claim.name].flatMap { $0.digest == claim.digest ? $0.callID : nil }
    }

    /// The keys without an answer, with the orders that claimed them, the oldest order first.
    func unanswered() -> [(name: KeyName, id: CallID)] {
        entries.pairs.compactMap { name, entry in entry.answer == nil ? (name, entry.callID) : nil }.sorted {
            $0.1 < $1.1
        }
    }

    /// - Returns: whether the order had claimed the key and there was no answer.
    mutating func keep(_ answer: KeptAnswer, as name: KeyName, of id: CallID, at time: Timestamp) -> Bool {
        guard let entry = entries[name], entry.callID == id, entry.answer == nil else { return false }
        entries[name] = Entry(
            digest: entry.digest,
            callID: id,
            answer: answer,
            keptAt: time,
            place: oldest.numbers.upperBound
        )
        oldest.append(Kept(name: name, at: time))
        if oldest.count > maximum { forgetOldest() }
        return true
    }

    /// - Returns: whether the order had claimed the key and there was no answer.
    mutating func release(_ name: KeyName, of id: CallID) -> Bool {
        guard let entry = entries[name], entry.callID == id, entry.answer == nil else { return false }
        forget(name)
        return true
    }

    /// The key of an order, as it is if the order is erased at `time`.
    func erasedKey(of id: CallID, at time: Timestamp) -> ErasedKey? {
        guard let name = byCall[id], let entry = entries[name] else { return nil }
        let claim = KeyClaim(name: name, digest: entry.digest)
        return ErasedKey(name: NameDigest(of: name), digest: claim.sealedDigest, since: entry.keptAt ?? time)
    }

    /// Forgets the key of an order with its answer, if there is one, and its name.
    mutating func erase(_ id: CallID) {
        guard let name = byCall[id] else { return }
        if let entry = entries[name], let place = entry.place, let kept = entry.keptAt {
            oldest.replace(place, with: Kept(name: KeyName(caller: "", key: ""), at: kept))
        }
        forget(name)
    }

    /// Forgets at most `limit` of the answers that were kept long enough.
    /// - Returns: how many it forgot.
    mutating func forgetOld(at time: Timestamp, limit: Int) -> Int {
        var rest = limit
        while rest > 0, let first = oldest.first, time - first.at >= Self.lifetime {
            forgetOldest()
            rest -= 1
        }
        return limit - rest
    }

    private mutating func forgetOldest() {
        guard let first = oldest.first else { return }
        oldest.removeFirst()
        // The key may have been claimed anew since.
        if entries[first.name]?.keptAt == first.at { forget(first.name) }
    }

    private mutating func forget(_ name: KeyName) {
        guard let id = entries[name]?.callID else { return }
        entries[name] = nil
        if byCall[id] == name { byCall[id] = nil }
    }
}

// MARK: Snapshots

extension KeyTable {
    var count: Int { entries.count }
    var queue: Range<UInt64> { oldest.numbers }
    var names: some Sequence<KeyName> { entries.pairs.lazy.map(\.key) }
    var pieceNumbers: Range<UInt64> { oldest.pieceNumbers }

    /// The keys, and the pieces of the queue, that changed since the last snapshot; and one begins.
    mutating func takeChanges() -> (keys: Changes<KeyName>, pieces: [UInt64]) {
        defer { oldest.keep() }
        return (entries.takeChanges(), oldest.changedPieces)
    }

    mutating func loseChanges() { entries.loseChanges() }

    func part(_ name: KeyName) -> Snapshot.Part? {
        entries[name].map {
            .key(
                name,
                Snapshot.KnownKey(digest: $0.digest, callID: $0.callID, answer: $0.answer, keptAt: $0.keptAt)
            )
        }
    }

    func part(piece: UInt64) -> Snapshot.Part? {
        oldest.piece(piece).map { kept in
            .answers(piece: piece, kept.map { Snapshot.Kept(name: $0.name, at: $0.at) })
        }
    }

    mutating func restore(_ name: KeyName, _ key: Snapshot.KnownKey) {
        entries[name] = Entry(digest: key.digest, callID: key.callID, answer: key.answer, keptAt: key.keptAt)
        byCall[key.callID] = name
    }

    /// `kept`: with numbers from `begin` on.
    mutating func restore(_ kept: [Snapshot.Kept], from begin: UInt64) {
        oldest = Fifo(kept.map { Kept(name: $0.name, at: $0.at) }, from: begin)
        for (place, kept) in zip(oldest.numbers, kept) where entries[kept.name]?.keptAt == kept.at {
            entries[kept.name]?.place = place
        }
    }
}
