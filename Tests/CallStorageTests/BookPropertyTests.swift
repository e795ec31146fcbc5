import CallDomain
import FoundationEssentials
import TestSupport
import Testing

@testable import CallStorage

/// How many histories of each kind are tried: `BOOK_HISTORIES`, or enough to notice a fault.
private let histories = ProcessInfo.processInfo.environment["BOOK_HISTORIES"].flatMap { UInt64($0) } ?? 150

/// What readers see of the calls of a table, whatever their places in the list.
private struct Seen: Equatable {
    var calls: [CallID: Call] = [:]
    var bySid: [CallSid: CallID] = [:]
    var timelines: [CallID: [TimelineEntry]] = [:]
    var counts: [CallStatus: Int] = [:]
    var count = 0

    init(_ book: Book, _ table: RandomTable) {
        for id in table.ids {
            calls[id] = book.call(id)
            timelines[id] = book.history(of: id)?.timeline
        }
        for sid in table.sids { bySid[sid] = book.callID(of: sid) }
        counts = book.counts
        count = book.callCount
    }

    /// The first thing that differs.
    func difference(from other: Seen) -> String? {
        for id in calls.keys.sorted(by: { $0.text < $1.text }) + other.calls.keys where calls[id] != other.calls[id] {
            return "\(id):\n\(calls[id].map { "\($0)" } ?? "-")\n\(other.calls[id].map { "\($0)" } ?? "-")"
        }
        for sid in Set(bySid.keys).union(other.bySid.keys) where bySid[sid] != other.bySid[sid] {
            return "\(sid): \(bySid[sid]?.text ?? "-"), \(other.bySid[sid]?.text ?? "-")"
        }
        for id in timelines.keys where timelines[id] != other.timelines[id] {
            let (mine, theirs) = (timelines[id] ?? [], other.timelines[id] ?? [])
            return "\(id):\n\(mine.map { "\($0)" }.joined(separator: "\n"))\n"
                + "-\n\(theirs.map { "\($0)" }.joined(separator: "\n"))"
        }
        return self == other ? nil : "counts: \(count) \(counts), \(other.count) \(other.counts)"
    }
}

private func book(of records: [Record]) -> Book {
    var rig = BookRig()
    for record in records { rig.write(record.content, at: record.at) }
    return rig.book
}

@Suite struct `Evidence of many calls` {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `gives the same calls in every order and however often it comes`(part: UInt64) {
        for seed in stride(from: part, to: histories, by: 8) {
            var table = RandomTable(seed: seed, calls: 12)
            let once = Seen(book(of: table.first + table.evidence), table)
            let records = table.first + table.shuffled()
            let again = Seen(book(of: records), table)
            if let difference = once.difference(from: again) {
                Issue.record("seed \(seed): \(difference)")
                return
            }
        }
    }

    @Test func `never lets a status fall unless the phone call or the conversation is another's by then`() {
        for seed in 0..<histories {
            var table = RandomTable(seed: 100_000 + seed, calls: 12)
            var rig = BookRig()
            for record in table.first + table.shuffled() {
                let applied = rig.write(record.content, at: record.at)
                for change in [applied.change].compactMap(\.self) + applied.others {
                    guard let before = change.before else { continue }
                    let hasLostIt =
                        (before.callSid != nil && change.after?.callSid != before.callSid)
                        || (before.ultravoxCallID != nil && change.after?.ultravoxCallID != before.ultravoxCallID)
                    let rank = change.after?.status.rank ?? -1
                    #expect(rank >= before.status.rank || hasLostIt, "seed \(seed): \(before.id) \(before.status)")
                }
            }
        }
    }
}

@Suite struct `A book that is replayed` {
    /// The one that lived is also asked things, and copied while it changes; neither leaves a trace.
    @Test func `equals the one that lived, after each record`() {
        for seed in 0..<max(60, histories / 10) {
            var table = RandomTable(seed: 200_000 + seed, calls: 3)
            var records = Array((table.first + table.shuffled()).prefix(24))
            var (lived, replayed) = (BookRig(), BookRig())
            var generator = SeededGenerator(seed: seed)
            while !records.isEmpty {
                let record = records.removeFirst()
                let before = lived.book
                if case .told(let message) = record.content { _ = lived.book.known(message, at: record.at) }
                _ = Seen(lived.book, table)
                let applied = lived.write(record.content, at: record.at)
                #expect(before == replayed.book, "seed \(seed): a copy changed with the book")
                #expect(applied == replayed.write(record.content, at: record.at), "seed \(seed)")
                guard lived.book == replayed.book else {
                    Issue.record("seed \(seed): \(record)")
                    return
                }
                let id = table.ids.sorted().randomElement(using: &generator)
                if Int.random(in: 0...5, using: &generator) == 0, let id,
                    let erased = lived.book.erasure(of: id, at: record.at)
                {
                    records.insert(Record(at: record.at, .erased(erased)), at: 0)
                }
            }
        }
    }
}
