import CallDomain
import CallFlow
import Crypto
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import Gateway

private func fields(_ body: () throws -> Void) -> [String] {
    do {
        try body()
        return []
    } catch let problem as Problem {
        return problem.errors.map(\.field)
    } catch {
        return ["\(error)"]
    }
}

@Suite struct `An agent's configuration` {
    @Test func `has good defaults for the phone`() throws {
        let agent = try AgentConfiguration(request: ["name": "a", "prompt": "Hi {{who}}."])
        #expect(agent.tools == ["hangUp"])
        #expect(agent.firstSpeaker == .user)
        #expect(!agent.record)
        #expect(agent.variables == ["who"])
    }

    @Test(
        arguments: [
            ([:], ["name", "prompt"]), (["name": "", "prompt": "x"], ["name"]),
            (["name": "a", "prompt": 1], ["prompt"]),
            (["name": "a b", "prompt": "x"], ["name"]), (["name": "a", "prompt": "x\u{1}"], ["prompt"]),
            (["name": "a", "prompt": "x", "temperature": .number(JSONNumber(1.5)!)], ["temperature"]),
            (["name": "a", "prompt": "x", "first_speaker": "robot"], ["first_speaker"]),
            (["name": "a", "prompt": "x", "max_duration_seconds": 5], ["max_duration_seconds"]),
            (["name": "a", "prompt": "x", "tools": ["bad name"]], ["tools[0]"]),
            (["name": "a", "prompt": "x", "tools": [["toolName": "t", "http": 1]]], ["tools[0].http"]),
            (["name": "a", "prompt": "x", "tools": [["nameOverride": "t"]]], ["tools[0]"]),
            (["name": "a", "prompt": "x", "record": "yes"], ["record"]),
            (["name": "a", "prompt": "x", "language": "de_AT"], ["language"]),
            (["name": "a", "prompt": "x", "systemPrompt": "y"], ["systemPrompt"]),
            (["name": "a", "prompt": "Hi {{first name}}."], ["prompt"]),
            (["name": "a", "prompt": "x", "greeting": "Hi {{first name}}."], ["greeting"]),
            (["name": "a", "prompt": "{{#vip}}x{{/vip}}", "greeting": "{{#vip}}x{{/vip}}"], ["greeting"]),
            (["name": "a", "prompt": "{{a b}} {{c d}}"], ["prompt", "prompt"]),
        ] as [(JSONObject, [String])]
    )
    func `is refused field by field`(body: JSONObject, expected: [String]) {
        #expect(fields { _ = try AgentConfiguration(request: body) } == expected)
    }

    @Test func `of a name that does not fit gets one that does`() {
        do {
            _ = try AgentConfiguration(request: ["name": "My first agent!", "prompt": "x"])
            Issue.record("the name was taken")
        } catch {
            #expect((error as? Problem)?.errors.first?.message.contains("\"My-first-agent\"") == true)
        }
    }

    @Test func `keeps what people write`() throws {
        let prompt = "SELECT 'it''s' & <b>\"Zoë\"</b>\n\t{{name}}"
        #expect(try AgentConfiguration(request: ["name": "a", "prompt": .string(prompt)]).prompt == prompt)
    }
}

@Suite struct `An order's metadata` {
    @Test func `may have names that only differ in how they spell a letter, and keeps each`() throws {
        let body = Array("{\"phone_number\":\"+12125550187\",\"metadata\":{\"\u{E9}\":\"1\",\"e\u{301}\":\"2\"}}".utf8)
        let order = try PlaceCall(
            agentID: try #require(AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921")),
            request: try JSONObject(body: body),
            maxCallDuration: .seconds(3600),
            callbacks: nil
        )
        #expect(JSONValue.object(order.metadata).encoded == Array("{\"\u{E9}\":\"1\",\"e\u{301}\":\"2\"}".utf8))
    }
}

@Suite struct `A template context` {
    private func refused(_ context: JSONValue) -> [String] {
        fields {
            _ = try PlaceCall(
                agentID: AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921")!,
                request: ["phone_number": "+12125550187", "template_context": context],
                maxCallDuration: .seconds(3600),
                callbacks: nil
            )
        }
    }

    @Test func `takes scalars and objects four levels deep`() {
        #expect(refused(["a": "x", "b": .number(JSONNumber(1.5)!), "c": true, "d": ["e": ["f": ["g": "deep"]]]]) == [])
    }

    @Test(
        arguments: [
            ("x", "template_context"), ([1], "template_context"), (["1a": "x"], "template_context.1a"),
            (["a-b": "x"], "template_context.a-b"), (["a": ["x"]], "template_context.a"),
            (["a": .null], "template_context.a"), (["a": "\u{0}"], "template_context.a"),
            (["a": ["b": ["c": ["d": ["e": 1]]]]], "template_context.a.b.c.d"),
            (["a": .string(String(repeating: "x", count: 1001))], "template_context.a"),
        ] as [(JSONValue, String)]
    )
    func `is refused by variable`(context: JSONValue, field: String) {
        #expect(refused(context) == [field])
    }

    @Test func `has at most 50 variables and 16 KiB`() {
        var many = JSONObject()
        for number in 0..<51 { many["v\(number)"] = "x" }
        #expect(refused(.object(many)) == ["template_context"])
        var large = JSONObject()
        for number in 0..<20 { large["v\(number)"] = .string(String(repeating: "x", count: 1000)) }
        #expect(refused(.object(large)) == ["template_context"])
    }
}

@Suite struct `A cursor` {
    private let codec = CursorCodec(key: SymmetricKey(data: Array("a key of the test's own".utf8)))

    @Test func `opens where it was sealed and nowhere else`() {
        let cursor = codec.seal("1790000000000 call_x", list: "calls")
        #expect(codec.open(cursor, list: "calls") == "1790000000000 call_x")
        #expect(codec.open(cursor, list: "agents") == nil)
        let other = CursorCodec(key: SymmetricKey(size: .bits256))
        #expect(other.open(cursor, list: "calls") == nil)
        for index in cursor.indices {
            var forged = cursor
            forged.replaceSubrange(index...index, with: cursor[index] == "0" ? "1" : "0")
            #expect(codec.open(forged, list: "calls") == nil)
        }
    }

    @Test(arguments: ["", "0", "zz", "garbage", "é", "00"])
    func `that is none does not open`(text: String) { #expect(codec.open(text, list: "calls") == nil) }
}

@Suite struct `A Content-Type` {
    @Test(
        arguments: [
            ("application/json", "application/json", nil),
            ("Application/JSON; charset=UTF-8", "application/json", "utf-8"),
            ("application/json;charset=\"utf-16\"", "application/json", "utf-16"),
            ("text/plain ; a=b", "text/plain", nil),
        ] as [(String, String, String?)]
    )
    func `is read for its type and charset`(text: String, essence: String, charset: String?) {
        #expect(MediaTypeText(text)?.essence == essence)
        #expect(MediaTypeText(text)?.charset == charset)
    }

    @Test(arguments: [
        ("", true), (";charset=utf-8", true), ("; charset=utf8", true), ("; Charset=UTF8", true),
        (";charset=\"utf8\"", true), (";charset=\"UTF-8\"; v=1", true), (";charset=utf-16", false),
        (";charset=latin1", false), (";charset=utf8; charset=utf8", false), (";charset=utf-88", false),
    ])
    func `may say that it is UTF-8 in either spelling, and nothing else`(parameters: String, isTaken: Bool) {
        for type in ["application/json", "application/x-www-form-urlencoded"] {
            let head = HTTPRequest(
                method: .post,
                scheme: nil,
                authority: nil,
                path: "/",
                headerFields: [.contentType: type + parameters]
            )
            let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
            #expect(((try? request.requireMediaType(type)) != nil) == isTaken)
        }
    }
}

@Suite struct `A list of calls with one number` {
    private func call(to number: String) throws -> Call {
        let time = Timestamp(milliseconds: 1_790_000_000_000)
        let id = CallID(at: time, random: (0, 1))
        var history = CallHistory(id: id)
        let report = StatusReport(
            callSid: try #require(CallSid("CA" + String(repeating: "0a", count: 16))),
            status: .completed,
            parties: CallParties(from: "+12025550143", to: number, direction: .outbound)
        )
        history.merge(CallEvent(callID: id, receivedAt: time, fact: .statusReported(report)))
        return history.folded
    }

    @Test(arguments: [
        ("%2B5215512345678", ["+5215512345678", "+525512345678"]), ("%2B525512345678", ["+525512345678"]),
        ("%2B12125550187", ["+12125550187"]), ("sip%3Aann%40example.com", ["sip:ann@example.com"]),
        ("anonymous", ["anonymous"]),
    ])
    func `has those that show it as it is given, and as its country writes it`(text: String, found: [String]) throws {
        let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/calls?phone_number=\(text)")
        var query = QueryReader(Request(head: head, body: RequestBody(buffer: ByteBuffer())))
        let filter = query.callFilter()
        try query.finish()
        let shown = ["+5215512345678", "+525512345678", "+12125550187", "sip:ann@example.com", "anonymous"]
        for number in shown {
            let call = try call(to: number)
            #expect(call.phoneNumber == number)
            #expect(filter.matches(call) == found.contains(number), "\(number)")
        }
    }
}

@Suite struct `A field that is no field of the request` {
    @Test func `is told those that are`() {
        do {
            var fields = FieldReader(["nope": 1])
            _ = fields.bool("record", default: false)
            try fields.finish()
            Issue.record("it was taken")
        } catch {
            #expect((error as? Problem)?.errors.map(\.message) == ["is not a field of this request, which has record"])
        }
    }
}
