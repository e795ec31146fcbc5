import CallDomain
import Foundation
import JournalFormat
import TestSupport
import Testing

@Suite struct `The format of records` {
    /// One of `fixtures/journal/version-*.json`.
    private struct Golden: Codable, Equatable {
        let name: String
        let hex: String
    }

    private static let samples: [(name: String, record: Record)] = {
        var (bare, full) = (SampleRecords(.bare, seed: 1), SampleRecords(.full, seed: 2))
        return bare.all().map { ("\($0.name), bare", $0.record) } + full.all().map { ("\($0.name), full", $0.record) }
    }()

    @Test func `returns whatever a record holds`() throws {
        for (name, record) in Self.samples { try Self.check(record, name) }
        for seed in 0..<50 as Range<UInt64> {
            var drawn = SampleRecords(.drawn, seed: seed)
            for (name, record) in drawn.all() { try Self.check(record, "\(name), seed \(seed)") }
        }
    }

    /// `==` of texts is canonical equivalence; the bytes tell whether they are the same.
    private static func check(_ record: Record, _ name: String) throws {
        let bytes = RecordFormat.encode(record)
        let decoded = try RecordFormat.decode(bytes)
        #expect(decoded == record, "\(name)")
        #expect(RecordFormat.encode(decoded) == bytes, "\(name)")
    }

    @Test func `is tried with every kind, and with every field there and not there`() {
        var (bare, full) = (SampleRecords(.bare), SampleRecords(.full))
        for kind in SampleRecords.Kind.allCases {
            for fact in SampleRecords.Fact.allCases {
                let records = [bare.record(kind, fact), full.record(kind, fact)]
                for record in records { #expect(SampleRecords.kind(of: record.content) == kind) }
                #expect(SampleRecords.fact(of: full.callFact(fact)) == fact)
                #expect(Self.absent(in: records[1]) == [], "\(kind) \(fact)")
            }
        }
    }

    /// The paths of all that is absent or empty.
    private static func absent(in value: Any, at path: String = "") -> [String] {
        if value is JSONObject { return (value as? JSONObject)?.isEmpty == true ? [path] : [] }
        let mirror = Mirror(reflecting: value)
        if [.optional, .collection].contains(mirror.displayStyle), mirror.children.isEmpty { return [path] }
        return mirror.children.flatMap { absent(in: $0.value, at: "\(path).\($0.label ?? "")") }
    }

    /// `UPDATE_GOLDEN=1` writes the fixture of this program's version anew.
    @Test func `is what it was`() throws {
        let name = "journal/version-\(RecordFormat.version).json"
        let golden = Self.samples.map { Golden(name: $0.name, hex: Hex.encode(RecordFormat.encode($0.record))) }
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            let lines = golden.map { #"  {"name": "\#($0.name)", "hex": "\#($0.hex)"}"# }
            let text = "[\n\(lines.joined(separator: ",\n"))\n]\n"
            try Data(text.utf8).write(to: Fixture.root.appending(path: name))
        }
        let kept: [Golden] = try Fixture.decode(from: name)
        #expect(kept == golden, "the bytes of a version never change; see RecordFormat")
    }

    @Test func `reads the records of every version`() throws {
        for version in RecordFormat.versions {
            let kept: [Golden] = try Fixture.decode(from: "journal/version-\(version).json")
            #expect(kept.count >= 140)
            for golden in kept {
                let bytes = try Self.bytes(ofHex: golden.hex)
                #expect(bytes.first == version)
                let record = try RecordFormat.decode(bytes)
                #expect(golden.name.hasPrefix("\(SampleRecords.kind(of: record.content))"))
                if version == RecordFormat.version { #expect(RecordFormat.encode(record) == bytes) }
            }
        }
    }

    private static func bytes(ofHex hex: String) throws -> [UInt8] {
        let digits = try hex.utf8.map { try #require(Hex.value(of: $0)) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    @Test func `leaves a stub of its length, which no record is`() {
        for (_, record) in Self.samples {
            let bytes = RecordFormat.encode(record)
            #expect(!bytes.withUnsafeBytes(RecordFormat.isStub))
            let stub = RecordFormat.stub(of: bytes.count)
            #expect(stub.count == bytes.count && stub.withUnsafeBytes(RecordFormat.isStub))
            #expect(throws: FormatError.unknownVersion(0)) { try RecordFormat.decode(stub) }
        }
        #expect(RecordFormat.stub(of: 0).count == 1)
        #expect(![UInt8]().withUnsafeBytes(RecordFormat.isStub))
    }

    @Test func `is compact`() throws {
        let sid = try #require(CallSid("CA0123456789abcdef0123456789abcdef"))
        let at = Timestamp(milliseconds: 1_795_000_000_000)
        let report = StatusReport(
            callSid: sid,
            status: .completed,
            sequenceNumber: 3,
            timestamp: at + .milliseconds(-340),
            parties: CallParties(from: "+15555550100", to: "+15555550123", direction: .outbound),
            duration: 61,
            sipResponseCode: 200
        )
        let message = Message(
            fact: .statusReported(report),
            claimed: CallID(at: at, random: (1, 2)),
            oldest: at + .seconds(-604_800)
        )
        #expect(RecordFormat.encode(Record(at: at, .told(message))).count <= 90)
    }

    @Test func `refuses a version that it does not know, by its name`() throws {
        for version in [0, RecordFormat.version + 1, 255] {
            var bytes = RecordFormat.encode(Self.samples[0].record)
            bytes[0] = version
            #expect(throws: FormatError.unknownVersion(version)) { try RecordFormat.decode(bytes) }
            #expect(FormatError.unknownVersion(version).description.contains("version \(version) "))
        }
    }

    @Test func `refuses kinds, facts, fields and words that the version does not have`() throws {
        let at = Timestamp(milliseconds: 0)
        func expect(_ error: FormatError, _ bytes: [UInt8]) {
            #expect(throws: error) { try RecordFormat.decode(bytes) }
            #expect(error.description.contains("format version \(bytes.first ?? 0)"))
        }
        expect(.unknown("record kind", number: 99, version: 2), [2, 99, 0])
        // It came with the second version.
        expect(.unknown("record kind", number: 9, version: 1), [1, 9, 0])
        let id = CallID(at: at, random: (0, 0))
        let dialing = RecordFormat.encode(Record(at: at, .noted(id, .dialing)))
        expect(.unknown("fact", number: 77, version: RecordFormat.version), dialing.dropLast() + [77])
        let dialingSet = RecordFormat.encode(Record(at: at, .dialingSet(DialingPosition(isEnabled: false))))
        let version = RecordFormat.version
        expect(.unknown("field of the switch", number: 5, version: version), dialingSet.dropLast(2) + [32, 0])
        let sid = try #require(CallSid("CA0123456789abcdef0123456789abcdef"))
        let lookedUp = RecordFormat.encode(
            Record(at: at, .noted(id, .lookedUp(TwilioCall(callSid: sid, status: .busy))))
        )
        expect(.unknown("CallStatus", number: 200, version: RecordFormat.version), lookedUp.dropLast(3) + [200, 0, 0])
    }

    @Test func `refuses a record that is cut off anywhere, or that goes on`() {
        for (name, record) in Self.samples {
            let bytes = RecordFormat.encode(record)
            for count in bytes.indices {
                #expect(throws: FormatError.self, "\(name) at \(count)") {
                    try RecordFormat.decode(Array(bytes[..<count]))
                }
            }
            #expect(throws: FormatError.trailing(1)) { try RecordFormat.decode(bytes + [0]) }
        }
    }

    @Test func `never traps on damage, and reads no two texts of bytes as one record`() {
        var generator = SeededGenerator(seed: 11)
        for (name, record) in Self.samples {
            let bytes = RecordFormat.encode(record)
            for _ in 0..<50 {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let index = Int.random(in: damaged.indices, using: &generator)
                    damaged[index] ^= 1 << UInt8.random(in: 0...7, using: &generator)
                }
                // JSON may be written in several ways.
                guard let read = try? RecordFormat.decode(damaged), !name.contains("rdered") else { continue }
                // What a former version wrote is written as this one does.
                #expect(RecordFormat.encode(read).dropFirst() == damaged.dropFirst(), "\(name)")
            }
        }
    }

    @Test func `bounds every length and every depth by what there is`() {
        // A dialing switch whose reason claims to be longer than memory.
        let huge: [UInt8] = [1, 7, 0, 2, 0] + [UInt8](repeating: 0xFF, count: 8) + [0x7F]
        #expect(throws: FormatError.truncated) { try RecordFormat.decode(huge) }
        #expect(throws: FormatError.malformed("a number")) {
            try RecordFormat.decode([1, 7] + [UInt8](repeating: 0xFF, count: 12))
        }
    }

    @Test func `refuses JSON that is nested beyond all that a client can send`() throws {
        var value: JSONValue = "x"
        for _ in 0..<100 { value = ["deeper": value] }
        var samples = SampleRecords(.bare)
        guard case .ordered(var ordered) = samples.record(.ordered, .dialing).content else { return }
        ordered.templateContext = try #require(value.objectValue)
        let bytes = RecordFormat.encode(Record(at: Timestamp(milliseconds: 0), .ordered(ordered)))
        #expect(throws: FormatError.malformed("a JSON object")) { try RecordFormat.decode(bytes) }
    }
}
