import CallDomain
import Foundation
import JournalFormat
import TestSupport
import Testing

@testable import CommandLineTool

@Suite struct `The export of a journal` {
    private struct Golden: Decodable {
        let name: String
        let hex: String
    }

    /// One record of each kind, and of each fact, with all that they can hold.
    private static func records() throws -> [(name: String, record: Record)] {
        let kept: [Golden] = try Fixture.decode(from: "journal/version-\(RecordFormat.version).json")
        return try kept.map { golden in
            let digits = Array(golden.hex.utf8)
            let bytes = try stride(from: 0, to: digits.count, by: 2).map { index in
                try #require(UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16))
            }
            return (golden.name, try RecordFormat.decode(bytes))
        }
    }

    private static func line(_ record: Record, isUnredacted: Bool) -> JSONObject {
        LoggedRecord(position: Position(low: 1), record: record).line(isUnredacted: isUnredacted)
    }

    private static func text(_ line: JSONObject) -> String {
        String(decoding: JSONValue.object(line).encoded, as: UTF8.self)
    }

    @Test func `shows times, kinds and identifiers, and nothing else`() throws {
        let known: Set = [
            "position", "at", "kind", "call", "agent", "phone_number", "has_key", "source", "type", "call_sid",
            "vendor_time", "api_key", "status", "bytes", "is_enabled", "retention_seconds", "maximum_calls",
            "subscription", "delivery", "has_succeeded",
        ]
        for (name, record) in try Self.records() {
            let line = Self.line(record, isUnredacted: false)
            #expect(Set(line.keys).isSubset(of: known), "\(name)")
            let text = Self.text(line)
            #expect(!text.contains("\"+") && !text.contains("wss:"), "\(name)")
            if case .ordered = record.content {
                #expect(line["phone_number"]?.stringValue?.hasPrefix("…") == true, "\(name)")
            }
        }
    }

    @Test func `shows everything where that is asked for`() throws {
        for (name, record) in try Self.records() {
            let text = Self.text(["content": try #require(Self.line(record, isUnredacted: true)["content"])])
            #expect(!text.contains("redacted") && !text.contains("…"), "\(name)")
            if case .ordered(let ordered) = record.content {
                #expect(text.contains(ordered.order.phoneNumber.text), "\(name)")
            }
            if case .noted(_, .agentCallCreated(let agentCall)) = record.content {
                #expect(
                    text.contains(agentCall.joinURL.text.replacing("/", with: "\\/"))
                        || text.contains(agentCall.joinURL.text),
                    "\(name)"
                )
            }
        }
    }

    @Test func `shows digests as hexadecimal digits`() throws {
        let digest = NameDigest(high: 0xFEDC_BA98_7654_3210, low: 0xF)
        let at = Timestamp(milliseconds: 1_795_000_000_000)
        let erased = Erased(
            id: CallID(at: at, random: (0, 1)),
            names: [digest],
            copies: [],
            key: nil,
            countsForDay: true
        )
        let text = Self.text(Self.line(Record(at: at, .erased(erased)), isUnredacted: true))
        #expect(text.contains("\"fedcba9876543210000000000000000f\""))
        #expect(!text.contains("\(Int.max)"))
    }
}
