import CallDomain
import Crypto

/// Digests of the names of calls that left, so that a replayed message never brings one back.
struct Tombstones {
    private struct Digest: Hashable {
        let high: UInt64
        let low: UInt64

        init(_ name: CallName) {
            func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
            let digest = SHA256.hash(data: Array(name.text.utf8))
            high = number(digest.prefix(8))
            low = number(digest.dropFirst(8).prefix(8))
        }
    }

    /// How long they are kept.
    private static let days: Int64 = 400

    /// By the day on which the call left.
    private var byDay: [Int64: Set<Digest>] = [:]

    mutating func insert(_ names: [CallName], now: Timestamp) {
        byDay[now.day, default: []].formUnion(names.map(Digest.init))
    }

    func contains(_ names: [CallName]) -> Bool {
        guard !byDay.isEmpty else { return false }
        let digests = names.map(Digest.init)
        return byDay.values.contains { day in digests.contains(where: day.contains) }
    }

    mutating func forgetOld(now: Timestamp) {
        byDay = byDay.filter { now.day - $0.key <= Self.days }
    }
}

extension Timestamp {
    /// Days since 1970, in UTC.
    fileprivate var day: Int64 { milliseconds / 86_400_000 }
}
