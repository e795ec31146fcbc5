import CallDomain

/// Digests of the names of calls that left, so that a replayed message never brings one back.
struct Tombstones: Equatable {
    private struct Burial: Equatable {
        let digest: NameDigest
        let day: Int64
    }

    /// How long they are kept.
    static let days: Int64 = 400

    /// How many are kept at most; the oldest go first.
    private let maximum: Int
    /// The number in the queue of the last burial of each name.
    private var places = ShardedMap<NameDigest, UInt64>()
    private var oldest = Fifo<Burial>()

    init(maximum: Int = 10_000_000) { self.maximum = maximum }

    mutating func insert(_ names: [NameDigest], at time: Timestamp) {
        for digest in names {
            bury(Burial(digest: digest, day: time.day))
            if oldest.count > maximum { forgetOldest() }
        }
    }

    private mutating func bury(_ burial: Burial) {
        places[burial.digest] = oldest.numbers.upperBound
        oldest.append(burial)
    }

    func contains(_ name: CallName) -> Bool { !places.isEmpty && places[NameDigest(of: name)] != nil }

    /// Forgets at most `limit` of those that are too old to be replayed.
    /// - Returns: how many it forgot.
    mutating func forgetOld(at time: Timestamp, limit: Int) -> Int {
        var rest = limit
        while rest > 0, let first = oldest.first, time.day - first.day > Self.days {
            forgetOldest()
            rest -= 1
        }
        return limit - rest
    }

    private mutating func forgetOldest() {
        guard let first = oldest.first else { return }
        // A call of that name may have left again, later.
        if places[first.digest] == oldest.begin { places[first.digest] = nil }
        oldest.removeFirst()
    }
}

// MARK: Snapshots

extension Tombstones {
    var queue: Range<UInt64> { oldest.numbers }

    /// The pieces that changed since the last snapshot, or all of them; and one begins.
    mutating func takeChanges() -> [UInt64] {
        defer { oldest.keep() }
        return oldest.changedPieces
    }

    var pieceNumbers: Range<UInt64> { oldest.pieceNumbers }

    func part(_ piece: UInt64) -> Snapshot.Part? {
        oldest.piece(piece).map { burials in
            .tombstones(
                piece: piece,
                burials.map { Snapshot.Tombstone(high: $0.digest.high, low: $0.digest.low, day: $0.day) }
            )
        }
    }

    /// `tombstones`: with numbers from `begin` on.
    mutating func restore(_ tombstones: [Snapshot.Tombstone], from begin: UInt64) {
        oldest = Fifo([], from: begin)
        for tombstone in tombstones {
            bury(Burial(digest: NameDigest(high: tombstone.high, low: tombstone.low), day: tombstone.day))
        }
        oldest.keep()
    }
}

extension Timestamp {
    private static let dayLength: Int64 = 86_400_000

    /// Days since 1970-01-01, in UTC.
    var day: Int64 { milliseconds / Self.dayLength }

    var untilNextDay: Duration { .milliseconds(Self.dayLength - milliseconds % Self.dayLength) }
}
