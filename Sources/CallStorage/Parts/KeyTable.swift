import CallDomain

/// Idempotency keys with what they claimed, and the answers that were kept for them.
struct KeyTable: Equatable {
    private struct Entry: Equatable {
        let digest: [UInt8]
        let callID: CallID
        var answer: KeptAnswer?
        var keptAt: Timestamp?

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
    private var oldest = Fifo<Kept>()

    init(maximum: Int = 1_000_000) { self.maximum = maximum }

    func state(of claim: KeyClaim, at time: Timestamp) -> KeyState {
        guard let entry = entries[claim.name], !entry.isOver(at: time) else { return .free }
        guard entry.digest == claim.digest else { return .otherRequest }
        return entry.answer.map(KeyState.replay) ?? .inProgress
    }

    mutating func claim(_ claim: KeyClaim, for id: CallID) {
        entries[claim.name] = Entry(digest: claim.digest, callID: id)
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
        entries[name]?.answer = answer
        entries[name]?.keptAt = time
        oldest.append(Kept(name: name, at: time))
        if oldest.count > maximum { forgetOldest() }
        return true
    }

    /// - Returns: whether the order had claimed the key and there was no answer.
    mutating func release(_ name: KeyName, of id: CallID) -> Bool {
        guard let entry = entries[name], entry.callID == id, entry.answer == nil else { return false }
        entries[name] = nil
        return true
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
        if entries[first.name]?.keptAt == first.at { entries[first.name] = nil }
    }
}
