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
    static let maximum = 1_000_000

    private var entries = ShardedMap<KeyName, Entry>()
    private var oldest = Fifo<Kept>()

    func state(of claim: KeyClaim, at time: Timestamp) -> KeyState {
        guard let entry = entries[claim.name], !entry.isOver(at: time) else { return .free }
        guard entry.digest == claim.digest else { return .otherRequest }
        return entry.answer.map(KeyState.replay) ?? .inProgress
    }

    mutating func claim(_ claim: KeyClaim, for id: CallID) {
        entries[claim.name] = Entry(digest: claim.digest, callID: id)
    }

    /// - Returns: whether the key was claimed and had no answer.
    mutating func keep(_ answer: KeptAnswer, as name: KeyName, at time: Timestamp) -> Bool {
        guard entries[name] != nil, entries[name]?.answer == nil else { return false }
        entries[name]?.answer = answer
        entries[name]?.keptAt = time
        oldest.append(Kept(name: name, at: time))
        if oldest.count > Self.maximum { forgetOldest() }
        return true
    }

    /// - Returns: whether the key was claimed.
    mutating func release(_ name: KeyName) -> Bool {
        guard entries[name] != nil, entries[name]?.answer == nil else { return false }
        entries[name] = nil
        return true
    }

    /// Forgets at most `limit` of the answers that were kept long enough.
    /// - Returns: whether there may be more.
    mutating func forgetOld(at time: Timestamp, limit: Int) -> Bool {
        var rest = limit
        while rest > 0, let first = oldest.first, time - first.at >= Self.lifetime {
            forgetOldest()
            rest -= 1
        }
        return rest == 0
    }

    private mutating func forgetOldest() {
        guard let first = oldest.first else { return }
        oldest.removeFirst()
        // The key may have been claimed anew since.
        if entries[first.name]?.keptAt == first.at { entries[first.name] = nil }
    }
}
