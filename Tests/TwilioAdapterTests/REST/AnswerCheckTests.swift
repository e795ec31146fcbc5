import CallDomain
import HTTPTypes
import OutboundHTTP
import TestSupport
import Testing

@testable import TwilioAdapter

/// An answer is evidence of a call only if every part of it that matters is what Twilio sends.
@Suite("Answers are checked before they are used")
struct AnswerCheckTests {
    private func create(_ response: OutboundResponse) async throws -> Result<TwilioCall, VendorFailure> {
        let rig = try ClientRig(.success(response))
        defer { #expect(rig.transport.requests.count == 1) }
        do {
            return .success(try await rig.client.createCall(rig.request))
        } catch {
            return .failure(error)
        }
    }

    private func expectNonsense(
        _ response: OutboundResponse,
        _ note: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        guard case .failure(.nonsense(.twilio, response.status, let reason)) = try await create(response) else {
            Issue.record(note ?? "believed", sourceLocation: sourceLocation)
            return
        }
        // It goes to clients: nothing of the body in it.
        #expect(reason.utf8.count < 100 && reason.utf8.allSatisfy { $0 < 0x80 }, sourceLocation: sourceLocation)
    }

    private func answer(_ body: String, status: Int = 201, _ headers: HTTPFields = [:]) -> OutboundResponse {
        OutboundResponse(status: status, headers: headers, body: Array(body.utf8))
    }

    private static let digits = String(ClientRig.sid.dropFirst(2))

    @Test(
        "A created call without a CallSid by the letter is no call",
        arguments: [
            "", "CA", digits, "ca\(digits)", "Ca\(digits)", "AC\(digits)", "MZ\(digits)", "SM\(digits)",
            "CA\(digits)0", "CA\(digits.dropLast())", " CA\(digits)", "CA\(digits) ", "CA\(digits)\\n",
            "CA\(digits.dropLast())g", "CA\(digits.dropLast())/", "CA\(digits.dropLast(2))..",
            "CA\(digits.dropLast())?",
            "CA\(digits.dropLast())#", "CA\(digits.dropLast(3))%2e", "CA\(digits.dropLast())\\u0000",
            "CA\(digits.dropLast())\\uFF11", "CA\(digits.dropLast())\\u0661", "C\\u0410\(digits)",
            "CA\(digits), CA\(digits)", "https://api.twilio.com/CA\(digits)",
        ]
    )
    func wantsASid(sid: String) async throws {
        try await expectNonsense(answer(ClientRig.call(sid: "\"\(sid)\"")), "\(sid)")
    }

    @Test(
        "A CallSid of any other type, or none, is no CallSid",
        arguments: ["null", "7", "true", "[\"\(ClientRig.sid)\"]", "{\"sid\":\"\(ClientRig.sid)\"}"]
    )
    func wantsAText(sid: String) async throws {
        try await expectNonsense(answer(ClientRig.call(sid: sid)))
        try await expectNonsense(answer(#"{"status":"queued","account_sid":"\#(ClientRig.account)"}"#))
        try await expectNonsense(answer(#"{"call":\#(ClientRig.call())}"#))
        try await expectNonsense(answer("[\(ClientRig.call())]"))
    }

    @Test("Both cases of hex are Twilio's grammar, and the text stays as it came")
    func keepsTheCase() async throws {
        let sid = "CA" + Self.digits.uppercased()
        let call = try await create(answer(ClientRig.call(sid: "\"\(sid)\""))).get()
        #expect(call.callSid.text == sid)
        #expect(call.callSid.text != ClientRig.sid)
    }

    @Test(
        "A call to or from another number, or one that came in, is not the one that was asked for",
        arguments: [
            #","to":"+12125550188""#, #","from":"+12025550144""#, #","direction":"inbound""#,
            #","to":"+12125550187","from":"+12125550187""#,
        ]
    )
    func wantsTheCallThatWasAskedFor(difference: String) async throws {
        try await expectNonsense(answer(ClientRig.call(more: difference)))
        let same = #","to":"+12125550187","from":"+12025550143","direction":"outbound-api""#
        _ = try await create(answer(ClientRig.call(more: same))).get()
    }

    @Test(
        "A call of another account is not ours",
        arguments: [
            "AC00000000000000000000000000000000", ClientRig.account.uppercased(), ClientRig.account + "0", "", "x",
            ClientRig.sid, " \(ClientRig.account)",
        ]
    )
    func refusesForeignCalls(account: String) async throws {
        try await expectNonsense(answer(ClientRig.call(account: "\"\(account)\"")), "\(account)")
        for json in ["7", "[]", "{}", "false"] { try await expectNonsense(answer(ClientRig.call(account: json))) }
    }

    @Test(
        "Only 201 is a created call, whatever the body says",
        arguments: [200, 202, 203, 204, 205, 206, 207, 226, 299, 300, 301, 302, 303, 304, 305, 307, 308, 399]
    )
    func wantsCreated(status: Int) async throws {
        let headers: HTTPFields = [
            .location: "https://evil.example/2010-04-01/Accounts/\(ClientRig.account)/Calls.json"
        ]
        try await expectNonsense(answer(ClientRig.call(), status: status, headers))
        try await expectNonsense(answer("", status: status))
    }

    @Test("A 201 that is not the JSON of a call is nothing", arguments: try Fixture.files(in: "json/must-reject"))
    func wantsStrictJSON(file: String) async throws {
        try await expectNonsense(OutboundResponse(status: 201, body: Array(Fixture.bytes(file))))
    }

    @Test(
        "A 201 with a good call and something else is nothing",
        arguments: [
            ("\u{200B}", ""), ("", "\u{0}"), ("", "\r\n\r\nHTTP/1.1 201 Created"), ("", ","), ("<!-- ", " -->"),
            ("<html><body>", "</body></html>"), (")]}',\n", ""), ("[", "]"), ("call(", ");"),
            ("", #"{"sid":"CA00000000000000000000000000000000"}"#), ("{\"a\":", ""),
        ]
    )
    func wantsOneValue(before: String, after: String) async throws {
        try await expectNonsense(answer(before + ClientRig.call() + after))
    }

    @Test(
        "Where a field stands twice that a call must have, however it is spelled, there is none",
        arguments: ["sid", "status", #"\u0073id"#, #"s\u0069d"#, #"stat\u0075s"#]
    )
    func refusesRepeatedFields(name: String) async throws {
        try await expectNonsense(answer(ClientRig.call(more: #","\#(name)":"CA00000000000000000000000000000000""#)))
    }

    @Test(
        "A created call is nothing where a value cannot be read that it might be known by as another one",
        arguments: [
            #","account_sid":"AC00000000000000000000000000000000""#,
            #","to":"+12125550188","to":"+12125550188""#, #","from":"+12025550144","\u0066rom":"+12025550143""#,
            #","direction":"inbound","direction":"inbound""#, #","to":NaN"#, #","price":1,"price":2"#,
        ]
    )
    func wantsAWholeCall(more: String) async throws {
        try await expectNonsense(answer(ClientRig.call(more: more)), "\(more)")
    }

    @Test("A 201 in UTF-16 is nothing")
    func refusesUTF16() async throws {
        for order in [[1, 0], [0, 1]] {
            let body = ClientRig.call().utf16.flatMap { unit in order.map { UInt8(unit >> ($0 * 8) & 0xFF) } }
            try await expectNonsense(OutboundResponse(status: 201, body: body))
        }
    }

    @Test("An answer larger than 1 MiB is nothing, one of 1 MiB is read")
    func boundsTheSize() async throws {
        let call = ClientRig.call()
        let padding = String(repeating: " ", count: (1 << 20) - call.utf8.count)
        #expect(try await create(answer(call + padding)).get().callSid.text == ClientRig.sid)
        try await expectNonsense(answer(call + padding + " "))
        // What is refused is bounded too: a body of that size is none of Twilio's, and proves nothing.
        let message = String(repeating: "x", count: 1 << 20)
        let refused = try await create(answer(#"{"code":21211,"message":"\#(message)"}"#, status: 400))
        guard case .failure(.unclear(.twilio, status: 400, _)) = refused else {
            Issue.record("\(refused)")
            return
        }
    }

    @Test(
        "An encoding that nobody asked for is not undone",
        arguments: ["gzip", "deflate", "br", "zstd", "x-gzip", "GZIP", "gzip, identity", "", "chunked"]
    )
    func refusesEncodings(encoding: String) async throws {
        // A body that is JSON all the same, and a real one of gzip: 20 zero bytes.
        try await expectNonsense(answer(ClientRig.call(), [.contentEncoding: encoding]))
        let gzip: [UInt8] = [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 192, 4, 0, 141, 155, 213, 15, 20, 0, 0, 0]
        try await expectNonsense(OutboundResponse(status: 201, headers: [.contentEncoding: encoding], body: gzip))
        var twice: HTTPFields = [.contentEncoding: "identity"]
        twice.append(HTTPField(name: .contentEncoding, value: encoding))
        try await expectNonsense(answer(ClientRig.call(), twice))
    }

    @Test("The identity encoding is none")
    func takesIdentity() async throws {
        let headers: HTTPFields = [.contentEncoding: "Identity"]
        #expect(try await create(answer(ClientRig.call(), headers)).get().callSid.text == ClientRig.sid)
    }

    @Test("No request asks for an encoding, waits longer than 10 s or takes more than 1 MiB")
    func asksForLittle() async throws {
        let rig = try ClientRig(
            .answer(201, ClientRig.call()),
            .answer(200, ClientRig.call()),
            .answer(200, ClientRig.call()),
            .answer(200, #"{"calls":[]}"#)
        )
        _ = try await rig.client.createCall(rig.request)
        _ = try await rig.client.call(rig.callSid)
        _ = try await rig.client.endCall(rig.callSid)
        _ = try await rig.client.calls(TwilioCallFilter())
        #expect(rig.transport.requests.count == 4)
        for request in rig.transport.requests {
            #expect(request.headers[.acceptEncoding] == nil)
            #expect(request.timeout <= .seconds(10) && request.connectTimeout <= .seconds(5))
            #expect(request.maximumAnswerBytes <= 1 << 20)
        }
    }
}
