import CallDomain
import Foundation
import TestSupport
import Testing
import UltravoxAdapter

@Suite struct WebhookReadingTests {
    private static let id = "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b"

    @Test(arguments: try Fixture.files(in: "ultravox/webhooks"))
    func `reads every sample`(_ file: String) throws {
        let report = try UltravoxWebhook.read(Array(Fixture.bytes(file)))
        #expect(file.contains(report.event.rawValue))
        #expect(report.ultravoxCallID.text == Self.id)
        #expect(report.callID == nil)
        #expect(report.createdAt == Timestamp(iso8601: "2026-07-20T15:00:00.482Z"))
        #expect(report.agentID?.text == "6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921")
    }

    @Test func `reads all that a billed call tells`() throws {
        let report = try UltravoxWebhook.read(Array(Fixture.bytes("ultravox/webhooks/call.billed.json")))
        #expect(
            report
                == ConversationReport(
                    ultravoxCallID: try #require(UltravoxCallID(Self.id)),
                    event: .billed,
                    createdAt: Timestamp(iso8601: "2026-07-20T15:00:00.482Z"),
                    joinedAt: Timestamp(iso8601: "2026-07-20T15:00:19.903Z"),
                    endedAt: Timestamp(iso8601: "2026-07-20T15:01:54.220Z"),
                    endReason: "agent_hangup",
                    shortSummary: "Jane Smith confirmed the Tuesday appointment.",
                    summary: "The agent reminded Jane Smith of her Tuesday appointment. She confirmed that she will "
                        + "attend and had no further questions.",
                    billedDuration: 96,
                    agentID: AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921")
                )
        )
    }

    @Test func `gives back our id from the metadata`() throws {
        let id = "call_01jd9z7q0v3r2m8k4t6w5x1y0a"
        let report = try read(["callId": .string(Self.id), "metadata": ["switchboard_call_id": .string(id)]])
        #expect(report.callID == CallID(id))
    }

    @Test(arguments: ["", "call_", "CALL_01jd9z7q0v3r2m8k4t6w5x1y0a", 7] as [JSONValue])
    func `an id that is none of ours makes the message useless`(_ id: JSONValue) {
        #expect(throws: UltravoxWebhook.Useless.malformedCallID) {
            try read(["callId": .string(Self.id), "metadata": ["switchboard_call_id": id]])
        }
    }

    @Test(arguments: ["call.exploded", "CALL.ENDED", "call.ended ", ""])
    func `an unknown event makes the message useless`(_ event: String) {
        #expect(throws: UltravoxWebhook.Useless.unknownEvent) { try read(["callId": .string(Self.id)], event: event) }
    }

    @Test(arguments: [nil, "", "../b1e2c3d4", 7, ["b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b"]] as [JSONValue])
    func `a call without a UUID makes the message useless`(_ id: JSONValue) {
        #expect(throws: UltravoxWebhook.Useless.malformedUltravoxCallID) { try read(["callId": id]) }
    }

    @Test(arguments: [
        "", "null", "[]", "{}", #"{"event":"call.ended"}"#, #"{"event":"call.ended","call":null}"#,
        #"{"event":"call.ended","call":[]}"#, #"{"event":7,"call":{}}"#, #"{"event":"call.ended","call":{}} x"#,
        #"{"event":"call.ended","event":"call.joined","call":{}}"#,
    ])
    func `a body that is no event is useless`(_ body: String) {
        #expect(throws: UltravoxWebhook.Useless.badBody) { try UltravoxWebhook.read(Array(body.utf8)) }
    }

    @Test func `deep nesting is useless and harmless`() {
        let arrays = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let objects = String(repeating: #"{"a":"#, count: 512) + "1" + String(repeating: "}", count: 512)
        for nest in [arrays, objects] {
            let body = #"{"event":"call.ended","call":\#(nest)}"#
            #expect(throws: UltravoxWebhook.Useless.badBody) { try UltravoxWebhook.read(Array(body.utf8)) }
        }
    }

    @Test func `bounds texts and drops control characters`() throws {
        let long = String(repeating: "é", count: 20_000)
        let report = try read([
            "callId": .string(Self.id), "summary": .string(long), "shortSummary": "a\u{0}\tb\r\nc\u{1B}[2J\u{7F}",
            "endReason": "hang\nup\u{7}",
        ])
        #expect(report.summary?.utf8.count == 16_384)
        #expect(report.shortSummary == "a\tb\r\nc[2J")
        #expect(report.endReason == "hangup")
    }

    @Test func `what cannot be read is absent`() throws {
        let report = try read([
            "callId": .string(Self.id), "joined": "yesterday", "ended": 7, "billedDuration": "-6s", "summary": "",
            "agentId": "x", "metadata": [], "endReason": nil,
        ])
        #expect(report == ConversationReport(ultravoxCallID: try #require(UltravoxCallID(Self.id)), event: .ended))
    }

    @Test(arguments: [
        ("96s", 96), ("0s", 0), ("5.5s", 6), ("5.499s", 5), ("96", nil), ("999999999999s", 999_999_999_999),
    ])
    func `bills whole seconds`(_ text: String, _ seconds: Int?) throws {
        let report = try read(["callId": .string(Self.id), "billedDuration": .string(text)])
        #expect(report.billedDuration == seconds)
    }

    @discardableResult
    private func read(
        _ call: JSONValue,
        event: String = "call.ended"
    ) throws(UltravoxWebhook.Useless) -> ConversationReport {
        let message: JSONValue = ["event": .string(event), "call": call]
        return try UltravoxWebhook.read(message.encoded)
    }
}
