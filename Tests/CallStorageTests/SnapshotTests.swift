import CallDomain
import FoundationEssentials
import TestSupport
import Testing

@testable import CallStorage

/// How many histories are tried: `BOOK_HISTORIES`, or enough to notice a fault.
private let histories = ProcessInfo.processInfo.environment["BOOK_HISTORIES"].flatMap { UInt64($0) } ?? 40

/// Parts as a journal keeps them.
private struct KeptParts {
    private(set) var parts: [Snapshot.Name: Snapshot.Part] = [:]
    private(set) var position = Position.start
    private(set) var whole = 0

    mutating func keep(_ changes: SnapshotChanges) {
        if changes.isWhole {
            parts = [:]
            whole += 1
        }
        for name in changes.names { parts[name] = changes.part(name) }
        position = changes.position
    }

    mutating func keep(_ book: inout Book) {
        let changes = book.takeChanges()
        keep(book.snapshot(changes))
    }

    var book: Book {
        get async throws { try await Book(Snapshot(position: position, parts: Array(parts.values))) }
    }
}

/// A random history with all that leaves traces in a book: keys, the switch, tidying and days that pass.
private struct RandomHistory {
    private(set) var records: [Record] = []
    private var generator: SeededGenerator
    let table: RandomTable

    init(seed: UInt64, calls: Int) {
        var table = RandomTable(seed: seed, calls: calls)
        generator = SeededGenerator(seed: seed &+ 77)
        let told = table.first + table.shuffled()
        self.table = table
        for record in told {
            records.append(record)
            if one(in: 8) { other(at: record.at) }
        }
        for day in 1...4 as ClosedRange<Int64> {
            for _ in 0..<4 { other(at: BookRig.at(day * 40_000)) }
            // What was told before comes again, after its call may have left.
            for _ in 0..<4 {
                if let record = told.randomElement(using: &generator) {
                    records.append(Record(at: BookRig.at(day * 40_000), record.content))
                }
            }
        }
    }

    private mutating func one(in count: Int) -> Bool { Int.random(in: 0..<count, using: &generator) == 0 }

    private mutating func other(at time: Timestamp) {
        let number = Int.random(in: 100...104, using: &generator)
        let name = KeyName(caller: "crm", key: "\(number % 3)")
        let id = BookRig.id(Int.random(in: 100...999, using: &generator), at: time)
        let content: Record.Content =
            switch Int.random(in: 0...6, using: &generator) {
            case 0...2:
                .tidied(
                    Retention(
                        calls: .seconds(one(in: 2) ? 60 : 36_000),
                        maximumCalls: one(in: 2) ? .max : 3,
                        numberCooldown: .seconds(500)
                    )
                )
            case 3:
                .dialingSet(
                    DialingPosition(isEnabled: one(in: 2), reason: one(in: 2) ? "fire" : nil, changedAt: time)
                )
            case 4:
                .ordered(
                    Ordered(
                        id: id,
                        order: BookRig.order(to: number),
                        templateContext: one(in: 2) ? ["name": "Ann"] : [:],
                        key: KeyClaim(name: name, digest: [UInt8(number)]),
                        limits: AdmissionLimits(callsPerDay: one(in: 2) ? 2 : nil, numberCooldown: .seconds(500))
                    )
                )
            case 5:
                .answerKept(
                    name,
                    KeptAnswer(status: 201, contentType: "text/plain", location: nil, body: [1]),
                    lastOrder ?? id
                )
            default: .keyReleased(name, lastOrder ?? id)
            }
        records.append(Record(at: time, content))
    }

    private var lastOrder: CallID? {
        for case .ordered(let ordered) in records.reversed().map(\.content) where ordered.key != nil {
            return ordered.id
        }
        return nil
    }
}

extension Book {
    /// Something that may be remembered of telling others, or nothing.
    fileprivate func anyDelivering(at time: Timestamp, using generator: inout SeededGenerator) -> DeliveryRecord? {
        guard Int.random(in: 0..<4, using: &generator) == 0 else { return nil }
        let subscription = subscriptions.randomElement(using: &generator)
        let lines = deliveryLines.sorted { "\($0)" < "\($1)" }
        let line = lines.randomElement(using: &generator)
        let next = line.flatMap { self.first(of: $0)?.delivery.id }
        switch Int.random(in: 0..<12, using: &generator) {
        case 0:
            let number = UInt64.random(in: 1...50, using: &generator)
            return .subscribed(
                Subscription(
                    id: SubscriptionID(high: 1, low: number),
                    url: "https://hooks.example.com/\(number)",
                    types: number.isMultiple(of: 2) ? [] : [.completed, .ringing],
                    secret: "whsec_\(number)",
                    createdAt: time
                )
            )
        case 1: return subscriptions.count > 3 ? subscription.map { .unsubscribed($0.id) } : nil
        case 2: return subscription.map { .trialAsked($0.id) }
        case 3: return next.map { .retryAsked($0) }
        default:
            let isWell = Bool.random(using: &generator)
            return next.map { id in
                .tried(
                    id,
                    DeliveryAttempt(
                        at: time,
                        status: isWell ? 204 : 500,
                        reason: isWell ? nil : "the receiver answered 500",
                        milliseconds: 7,
                        next: isWell || Bool.random(using: &generator) ? nil : time + .seconds(5)
                    )
                )
            }
        }
    }

    /// The first thing that differs.
    fileprivate func difference(from other: Book) -> String? {
        guard self != other else { return nil }
        for (id, entry) in entries.pairs where other.entries[id] != entry {
            return "\(id):\n\(entry.value)\n\(other.entries[id].map { "\($0.value)" } ?? "-")"
        }
        for (sid, leg) in legs.pairs where other.legs[sid] != leg {
            return "\(sid):\n\(leg.value)\n\(other.legs[sid].map { "\($0.value)" } ?? "-")"
        }
        for (id, subject) in conversations.pairs where other.conversations[id] != subject {
            return "\(id):\n\(subject.value)\n\(other.conversations[id].map { "\($0.value)" } ?? "-")"
        }
        let parts = [
            ("entries", entries.count == other.entries.count), ("legs", legs.count == other.legs.count),
            ("conversations", conversations.count == other.conversations.count), ("early", early == other.early),
            ("list", list == other.list), ("admission", admission == other.admission), ("keys", keys == other.keys),
            ("tombstones", tombstones == other.tombstones), ("tidying", tidying == other.tidying),
            ("erasures", erasures == other.erasures), ("events", notices == other.notices),
            ("changes", changes == other.changes), ("deliveries", deliveries == other.deliveries),
            ("counts \(counts) \(other.counts)", counts == other.counts), ("dialing", dialing == other.dialing),
        ]
        return parts.first { !$0.1 }?.0 ?? "position"
    }
}

@Suite struct `A snapshot` {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func `gives back an equal book, taken in steps and at any time, and what follows does the same to both`(
        part: UInt64
    ) async throws {
        for seed in stride(from: part, to: histories, by: 4) {
            let history = RandomHistory(seed: 300_000 + seed, calls: 8)
            var generator = SeededGenerator(seed: seed)
            var (lived, kept) = (Book(), KeptParts())
            var restored: Book?
            var (index, rest) = (0, history.records[...])
            while let record = rest.popFirst() {
                index += 1
                let applied = lived.apply(record, at: lived.position.next)
                if var book = restored {
                    #expect(book.apply(record, at: book.position.next) == applied, "seed \(seed), record \(index)")
                    restored = book
                }
                if let difference = restored?.difference(from: lived) {
                    Issue.record("seed \(seed), record \(index): \(difference)")
                    return
                }
                if Int.random(in: 0..<20, using: &generator) == 0,
                    let id = history.table.ids.sorted().randomElement(using: &generator),
                    let erased = lived.erasure(of: id, at: record.at)
                {
                    rest = [Record(at: record.at, .erased(erased))] + rest
                }
                if let told = lived.anyDelivering(at: record.at, using: &generator) {
                    rest = [Record(at: record.at, .delivering(told))] + rest
                }
                guard Int.random(in: 0..<12, using: &generator) == 0 else { continue }
                // The one that was restored goes on where the one that lived stood.
                if var book = restored, Bool.random(using: &generator) {
                    kept.keep(&book)
                    _ = lived.takeChanges()
                    restored = book
                } else {
                    kept.keep(&lived)
                }
                restored = try await kept.book
                if let difference = restored?.difference(from: lived) {
                    Issue.record("seed \(seed), after record \(index): \(difference)")
                    return
                }
                #expect(lived.position == kept.position)
            }
            #expect(kept.whole <= 1)
            // Nothing is left over, and nothing is missing.
            kept.keep(&lived)
            var whole = KeptParts()
            lived.loseChanges()
            whole.keep(&lived)
            let areSame = whole.parts == kept.parts
            #expect(areSame, "seed \(seed)")
        }
    }

    @Test func `holds queues of many pieces`() async throws {
        var (rig, kept) = (BookRig(), KeptParts())
        func check() async throws {
            kept.keep(&rig.book)
            #expect(try await kept.book.difference(from: rig.book) == nil)
        }
        for number in 1...1300 {
            rig.tell(BookRig.verdict(of: number), at: BookRig.at(Int64(number)))
            if number == 700 { try await check() }
        }
        try await check()
        #expect(rig.book.early.count == 1300)
        let retention = Retention(calls: .seconds(60), maximumCalls: .max, numberCooldown: .zero)
        for second in stride(from: 3600, to: 5200, by: 37) {
            rig.write(.tidied(retention), at: BookRig.at(Int64(second)))
            if second % 5 == 0 { try await check() }
        }
        while rig.write(.tidied(retention), at: BookRig.at(10_000)).hasMore {}
        try await check()
        #expect(rig.book.early.count == 0)
        rig.tell(BookRig.verdict(of: 7), at: BookRig.at(10_001))
        try await check()
    }

    @Test func `is whole until there is one, and again where one was lost`() {
        var rig = BookRig()
        for number in 1...5 { rig.dial(BookRig.id(number), to: number) }
        let first = rig.book.takeChanges()
        #expect(rig.book.snapshot(first).isWhole)
        #expect(rig.book.snapshot(first).names.count == 7)
        rig.dial(BookRig.id(6), to: 6)
        let second = rig.book.takeChanges()
        #expect(!rig.book.snapshot(second).isWhole)
        #expect(Set(rig.book.snapshot(second).names) == [.summary, .call(BookRig.id(6)), .notices(piece: 0)])
        rig.book.loseChanges()
        let third = rig.book.takeChanges()
        #expect(rig.book.snapshot(third).isWhole)
    }

    @Test func `that lacks a part is refused`() async throws {
        var (rig, kept) = (BookRig(), KeptParts())
        for number in 1...5 { rig.dial(BookRig.id(number), to: number) }
        rig.tell(BookRig.status(.ringing, of: 1), claiming: BookRig.id(1))
        rig.tell(BookRig.verdict(of: 9))
        kept.keep(&rig.book)
        for name in kept.parts.keys {
            var parts = kept.parts
            parts[name] = nil
            await #expect(throws: SnapshotFault.self, "\(name)") {
                try await Book(Snapshot(position: kept.position, parts: Array(parts.values)))
            }
        }
        await #expect(throws: SnapshotFault.self) {
            try await Book(Snapshot(position: kept.position.next, parts: Array(kept.parts.values)))
        }
    }
}
