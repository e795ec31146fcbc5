import CallDomain
import Foundation
import JournalFormat
import TestSupport
import Testing

@Suite struct `The format of snapshots` {
    /// One of `fixtures/journal/snapshot-version-*.json`.
    private struct Golden: Codable, Equatable {
        let name: String
        let part: String
    }

    /// Parts of every kind, with and without what may be absent.
    private static let samples: [Snapshot.Part] = {
        var (bare, full) = (SampleRecords(.bare, seed: 3), SampleRecords(.full, seed: 4))
        return bare.parts() + full.parts()
    }()

    @Test func `returns whatever a part holds`() throws {
        for part in Self.samples { try Self.check(part) }
        for seed in 0..<50 as Range<UInt64> {
            var drawn = SampleRecords(.drawn, seed: seed)
            for part in drawn.parts() { try Self.check(part) }
        }
    }

    private static func check(_ part: Snapshot.Part) throws {
        let (name, bytes) = (SnapshotFormat.encode(part.name), SnapshotFormat.encode(part))
        let decoded = try decode(bytes, name)
        #expect(decoded == part)
        #expect(SnapshotFormat.encode(decoded) == bytes)
        #expect(SnapshotFormat.encode(decoded.name) == name)
    }

    private static func decode(_ bytes: [UInt8], _ name: [UInt8]) throws -> Snapshot.Part {
        try bytes.withUnsafeBytes { bytes in
            try name.withUnsafeBytes { name in try SnapshotFormat.decode(bytes, named: name) }
        }
    }

    /// `UPDATE_GOLDEN=1` writes the fixture of this program's version anew.
    @Test func `is what it was`() throws {
        let name = "journal/snapshot-version-\(RecordFormat.version).json"
        let golden = Self.samples.map {
            Golden(name: Hex.encode(SnapshotFormat.encode($0.name)), part: Hex.encode(SnapshotFormat.encode($0)))
        }
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            let lines = golden.map { #"  {"name": "\#($0.name)", "part": "\#($0.part)"}"# }
            let text = "[\n\(lines.joined(separator: ",\n"))\n]\n"
            try Data(text.utf8).write(to: Fixture.root.appending(path: name))
        }
        let kept: [Golden] = try Fixture.decode(from: name)
        #expect(kept == golden, "the bytes of a version never change; see SnapshotFormat")
    }

    @Test func `reads the parts of every version`() throws {
        for version in RecordFormat.versions {
            let kept: [Golden] = try Fixture.decode(from: "journal/snapshot-version-\(version).json")
            #expect(kept.count >= 18)
            for golden in kept {
                let (name, part) = (try Self.bytes(ofHex: golden.name), try Self.bytes(ofHex: golden.part))
                #expect(part.first == version)
                #expect(SnapshotFormat.encode(try Self.decode(part, name).name) == name)
            }
        }
    }

    private static func bytes(ofHex hex: String) throws -> [UInt8] {
        let digits = try hex.utf8.map { try #require(Hex.value(of: $0)) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    @Test func `refuses a version that it does not know, by its name`() throws {
        for version in [0, RecordFormat.version + 1, 255] {
            for part in Self.samples {
                var bytes = SnapshotFormat.encode(part)
                bytes[0] = version
                #expect(throws: FormatError.unknownVersion(version)) {
                    try Self.decode(bytes, SnapshotFormat.encode(part.name))
                }
            }
        }
    }

    @Test func `refuses a part that is cut off anywhere, or that goes on, and never traps on damage`() {
        var generator = SeededGenerator(seed: 12)
        for part in Self.samples {
            let (name, bytes) = (SnapshotFormat.encode(part.name), SnapshotFormat.encode(part))
            for count in bytes.indices {
                #expect(throws: FormatError.self) { try Self.decode(Array(bytes[..<count]), name) }
            }
            for count in name.indices {
                #expect(throws: FormatError.self) { try Self.decode(bytes, Array(name[..<count])) }
            }
            #expect(throws: FormatError.trailing(1)) { try Self.decode(bytes + [0], name) }
            for _ in 0..<50 {
                var (damaged, other) = (bytes, name)
                let index = Int.random(in: bytes.indices, using: &generator)
                damaged[index] ^= 1 << UInt8.random(in: 0...7, using: &generator)
                _ = try? Self.decode(damaged, name)
                other[Int.random(in: name.indices, using: &generator)] ^= 1
                _ = try? Self.decode(bytes, other)
            }
        }
    }
}

extension SampleRecords {
    /// A part of each kind.
    fileprivate mutating func parts() -> [Snapshot.Part] {
        let facts = Fact.allCases.map { CallEvent(callID: maybe(id), receivedAt: time, fact: callFact($0)) }
        var (call, subject, summary) = (Snapshot.KnownCall(), Snapshot.KnownSubject(), Snapshot.Summary())
        call.sid = maybe(callSid)
        call.alias = maybe(id)
        call.listedAt = maybe(time)
        call.templateContext = maybe(["name": "Ann"])
        (call.isOrdered, call.isDialed) = (flag, flag)
        call.heldNumber = maybe(text)
        call.position = maybe(Position(high: 1, low: 300))
        call.hasEnded = flag
        call.told = maybe(EventPlace(Position(low: 299), part: 2))
        if maybe(1) != nil {
            call.events = facts
            (call.legs, call.conversations) = ([callSid, callSid], [ultravoxCallID])
            subject.events = facts
            subject.claims = [Snapshot.Claim(id: id, witness: 14, isDoubtful: flag)]
            subject.ties = [Snapshot.Tie(id: id, sid: callSid)]
            summary.parkedToday = [id, id]
            summary.erasures = 3
            summary.notices = 500..<700
            (summary.subscriptions, summary.deliveries) = (2, 5)
            (summary.early, summary.answers, summary.tombstones, summary.numbers) = (3..<9, 1..<1, 1000..<9000, 0..<1)
        }
        subject.best = maybe(id)
        subject.isAdopted = flag
        summary.position = Position(high: 7, low: 8)
        summary.dialing = DialingPosition(isEnabled: flag, reason: maybe(text), changedAt: maybe(time))
        (summary.day, summary.callsToday) = (20_000, 17)
        summary.noticesBegin = maybe(EventPlace(Position(low: 12)))
        summary.tidied = maybe(CallCursor(listedAt: time, id: id))
        (summary.worthMakingRoom, summary.hasFound) = (5, flag)
        (summary.calls, summary.legs, summary.conversations, summary.keys) = (1, 2, 3, 4)
        return [
            .call(id, call), .leg(callSid, subject), .conversation(ultravoxCallID, subject),
            .key(
                keyName,
                Snapshot.KnownKey(digest: [1, 2, 3], callID: id, answer: maybe(answer), keptAt: maybe(time))
            ),
            .early(
                piece: 3,
                [
                    Snapshot.Early(subject: .leg(callSid), since: time),
                    Snapshot.Early(subject: .conversation(ultravoxCallID), since: time),
                    Snapshot.Early(subject: nil, since: Timestamp(milliseconds: 1_795_000_000_000)),
                ]
            ),
            .answers(piece: 0, [Snapshot.Kept(name: keyName, at: time)]),
            .tombstones(piece: 1 << 40, [Snapshot.Tombstone(high: 1, low: .max, day: 20_000)]),
            .numbers(piece: 7, [Snapshot.Ended(number: text, at: time)]),
            .notices(
                piece: 1,
                [
                    Snapshot.Notice(
                        place: EventPlace(Position(low: 300), part: 1),
                        callID: maybe(id),
                        news: .noAnswer,
                        status: .noAnswer,
                        at: time,
                        previous: maybe(EventPlace(Position(low: 299)))
                    )
                ]
            ),
            .erasure(id, erasure),
            .subscription(subscription.id, subscription),
            .delivery(delivery.id, delivery),
            .summary(summary),
        ]
    }
}
