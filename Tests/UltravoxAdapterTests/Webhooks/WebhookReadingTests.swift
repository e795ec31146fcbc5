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
        var report = try UltravoxWebhook.read(Array(Fixture.bytes("ultravox/webhooks/call.billed.json")))
        #expect(report.callSid == CallSid("CA0123456789abcdef0123456789abcdef"))
        report.callSid = nil
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

    @Test func `deep nesting is harmless, and costs the rest nothing where nobody looks`() throws {
        let arrays = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let objects = String(repeating: #"{"a":"#, count: 512) + "1" + String(repeating: "}", count: 512)
        for nest in [arrays, objects] {
            let body = #"{"event":"call.ended","call":\#(nest)}"#
            #expect(throws: UltravoxWebhook.Useless.self) { try UltravoxWebhook.read(Array(body.utf8)) }
            let beside = #"{"event":"call.ended","call":{"callId":"\#(Self.id)","x":\#(nest),"endReason":"hangup"}}"#
            #expect(try UltravoxWebhook.read(Array(beside.utf8)).endReason == "hangup")
        }
    }

    @Test(arguments: [
        (#""summary":"x \ud83d""#, "x \u{FFFD}"), (#""summary":"\ude00x""#, "\u{FFFD}x"),
        ("\"summary\":\"a\u{1}b\"", "ab"), (#""metadata":{"a":1,"a":2},"summary":"kept""#, "kept"),
        (#""x":NaN,"summary":"kept""#, "kept"),
    ])
    func `one bad value does not cost the event`(member: String, summary: String) throws {
        let body = #"{"event":"call.ended","call":{"callId":"\#(Self.id)",\#(member),"endReason":"hangup"}}"#
        let report = try UltravoxWebhook.read(Array(body.utf8))
        #expect(report.event == .ended)
        #expect(report.summary == summary)
        #expect(report.endReason == "hangup")
        #expect(report.unread == [])
    }

    @Test func `bytes that are not UTF-8 cost one text its broken part`() throws {
        let start = #"{"event":"call.ended","call":{"callId":"\#(Self.id)","shortSummary":"a"#
        let report = try UltravoxWebhook.read(Array(start.utf8) + [0xF0, 0x9F] + Array(#"","summary":"b"}}"#.utf8))
        #expect(report.shortSummary == "a\u{FFFD}")
        #expect(report.summary == "b")
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
        var expected = ConversationReport(ultravoxCallID: try #require(UltravoxCallID(Self.id)), event: .ended)
        expected.unread = ["joined", "ended", "billedDuration", "agentId", "metadata"]
        #expect(report == expected)
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", true), ("1969-12-31T23:59:59.999Z", false), ("9999-12-31T23:59:59.999Z", true),
        ("9999-12-31T23:59:59-01:00", false), ("0000-01-01T00:00:00Z", false),
    ])
    func `a time that nobody can mean is absent`(_ text: String, _ isPlausible: Bool) throws {
        for name in ["created", "joined", "ended"] {
            let report = try read(.object(JSONObject([("callId", .string(Self.id)), (name, .string(text))]) { $1 }))
            let time = [report.createdAt, report.joinedAt, report.endedAt].compactMap(\.self)
            #expect(time.count == (isPlausible ? 1 : 0))
            #expect(report.unread == (isPlausible ? [] : [name]))
        }
    }

    @Test(arguments: [
        ("96s", 96), ("0s", 0), ("5.5s", 6), ("5.499s", 5), ("96", nil), ("-1s", nil), ("86400s", 86_400),
        ("86400.001s", nil), ("999999999999s", nil),
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
