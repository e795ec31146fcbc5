import CallDomain
import HTTPTypes
import OutboundHTTP
import TestSupport
import Testing

@testable import TwilioAdapter

@Suite("What the client sends to Twilio")
struct TwilioRequestTests {
    private typealias Pairs = [(name: String, value: String)]

    private func form(_ request: OutboundRequest) throws -> Pairs {
        let body = try #require(request.body)
        return try #require(FormParameters(form: body)).pairs.map { ($0.name, $0.value) }
    }

    private func query(_ request: OutboundRequest) -> Pairs {
        FormParameters(query: request.url.split(separator: "?", maxSplits: 1)[1]).pairs.map { ($0.name, $0.value) }
    }

    @Test("Deleting a recording")
    func deletesRecording() async throws {
        let notFound = #"{"code":20404,"message":"not found","status":404}"#
        let rig = try ClientRig(.answer(204), .answer(404, notFound), .answer(400, #"{"code":20009,"message":"x"}"#))
        let sid = try #require(RecordingSid("RE0123456789abcdef0123456789abcdef"))
        try await rig.client.deleteRecording(sid)
        // What is not there is as good as deleted.
        try await rig.client.deleteRecording(sid)
        await #expect {
            try await rig.client.deleteRecording(sid)
        } throws: {
            if case .refused(let refusal)? = $0 as? VendorFailure { refusal.code == 20009 } else { false }
        }
        let request = try #require(rig.transport.requests.first)
        #expect(request.method == .delete && request.body == nil)
        #expect(
            request.url
                == "https://api.twilio.com/2010-04-01/Accounts/\(ClientRig.account)/Recordings/\(sid.text).json"
        )
        #expect(request.headers[.authorization] != nil)
    }

    @Test("What is no answer of Twilio's deletes no recording", arguments: [200, 404, 301, 500])
    func deletesNothing(status: Int) async throws {
        let rig = try ClientRig(.answer(status, "<html>proxy</html>"))
        let sid = try #require(RecordingSid("RE0123456789abcdef0123456789abcdef"))
        await #expect(throws: VendorFailure.self) { try await rig.client.deleteRecording(sid) }
    }

    @Test("Creating a call", arguments: CallOrder.MachineDetection.allCases, [true, false])
    func creates(machineDetection: CallOrder.MachineDetection, record: Bool) async throws {
        let rig = try ClientRig(.answer(201, ClientRig.call()), machineDetection: machineDetection, record: record)
        let call = try await rig.client.createCall(rig.request)
        #expect(call == TwilioCall(callSid: rig.callSid, status: .queued))
        let request = try #require(rig.transport.requests.first)
        #expect(rig.transport.requests.count == 1)
        #expect(request.method == .post)
        #expect(request.url == ClientRig.callsURL + ".json")
        #expect(request.headers[.contentType] == "application/x-www-form-urlencoded")
        #expect(request.timeout == .seconds(10) && request.connectTimeout == .seconds(5))
        #expect(request.maximumAnswerBytes == 1 << 20)
        #expect(ParameterTable.twilioCreateCall.violations(inForm: try form(request)) == [])
        let hooks = "https://gw.example.com/webhooks/twilio/"
        let claim = "?call=call_01jd9z7q0v3r2m8k4t6w5x1y0a"
        let overrides = "#rc=2&rp=ct,rt,5xx&ct=2000&rt=5000&tt=15000"
        var expected = [
            "To=+12125550187", "From=+12025550143", "Url=\(hooks)voice\(claim)\(overrides)", "Method=POST",
            "FallbackUrl=\(hooks)fallback\(claim)\(overrides)", "FallbackMethod=POST",
            "StatusCallback=\(hooks)status\(claim)\(overrides)", "StatusCallbackMethod=POST",
            "StatusCallbackEvent=initiated", "StatusCallbackEvent=ringing", "StatusCallbackEvent=answered",
            "StatusCallbackEvent=completed", "Timeout=30", "TimeLimit=630",
        ]
        if machineDetection != .off {
            expected += [
                "MachineDetection=Enable", "AsyncAmd=true", "AsyncAmdStatusCallback=\(hooks)amd\(claim)",
                "AsyncAmdStatusCallbackMethod=POST",
            ]
        }
        if record {
            expected += [
                "Record=true", "RecordingStatusCallback=\(hooks)recording\(claim)\(overrides)",
                "RecordingStatusCallbackMethod=POST", "RecordingStatusCallbackEvent=in-progress",
                "RecordingStatusCallbackEvent=completed", "RecordingStatusCallbackEvent=absent",
            ]
        }
        #expect(try form(request).map { "\($0.name)=\($0.value)" } == expected)
        // A raw plus would arrive as a space, a raw # would end nothing.
        #expect(String(decoding: request.body ?? [], as: UTF8.self).utf8.allSatisfy { !"+# \"".utf8.contains($0) })
    }

    @Test("Who we are")
    func authenticates() async throws {
        let token = try ClientRig(.answer(200, ClientRig.call()))
        _ = try await token.client.call(token.callSid)
        // base64 of AC…:12345
        #expect(
            token.transport.requests[0].headers[.authorization]
                == "Basic QUNlMjY4NDQzZTQzZDkzZGFiN2ViZWYzMDNiYmU5NjQyZjoxMjM0NQ=="
        )
        let key = try ClientRig(
            .answer(200, ClientRig.call()),
            credentials: .apiKey(sid: "SK0123", secret: Secret("s3cr3t")),
            baseURL: "http://127.0.0.1:8082/"
        )
        _ = try await key.client.call(key.callSid)
        let request = key.transport.requests[0]
        #expect(request.headers[.authorization] == "Basic U0swMTIzOnMzY3IzdA==")
        #expect(
            request.url == "http://127.0.0.1:8082/2010-04-01/Accounts/\(ClientRig.account)/Calls/\(ClientRig.sid).json"
        )
        #expect(request.method == .get && request.body == nil && request.headers[.contentType] == nil)
    }

    @Test("Ending a call")
    func ends() async throws {
        let rig = try ClientRig(.answer(200, ClientRig.call(status: "\"completed\"")))
        let expected = TwilioCall(callSid: rig.callSid, status: .completed)
        #expect(try await rig.client.endCall(rig.callSid) == .taken(expected))
        let request = rig.transport.requests[0]
        #expect(request.method == .post && request.url == "\(ClientRig.callsURL)/\(ClientRig.sid).json")
        #expect(try form(request).map { "\($0.name)=\($0.value)" } == ["Status=completed"])
        #expect(ParameterTable.twilioUpdateCall.violations(inForm: try form(request)) == [])
    }

    @Test("A call that is over already is fetched")
    func endsWhatIsOver() async throws {
        let rig = try ClientRig(
            .answer(400, #"{"code":21220,"message":"Call is not in-progress. Cannot redirect.","status":400}"#),
            .answer(200, ClientRig.call(status: "\"busy\""))
        )
        #expect(try await rig.client.endCall(rig.callSid) == .taken(TwilioCall(callSid: rig.callSid, status: .busy)))
        #expect(rig.transport.requests.map(\.method) == [.post, .get])
    }

    @Test("21220 for a call that goes on is no end", arguments: ["queued", "ringing", "in-progress"])
    func doesNotEndWhatGoesOn(status: String) async throws {
        let rig = try ClientRig(
            .answer(400, #"{"code":21220,"message":"Call is not in-progress. Cannot redirect.","status":400}"#),
            .answer(200, ClientRig.call(status: "\"\(status)\""))
        )
        let expected = TwilioCall(callSid: rig.callSid, status: try #require(CallStatus(twilio: status)))
        #expect(try await rig.client.endCall(rig.callSid) == .refused(expected))
    }

    private static let notFound = #"{"code":20404,"message":"The requested resource was not found","status":404}"#

    @Test("A call that Twilio itself does not know is told as such")
    func noSuchCall() async throws {
        let direct = try ClientRig(.answer(404, Self.notFound))
        #expect(try await direct.client.endCall(direct.callSid) == .noSuchCall(code: 20404))
        let fetched = try ClientRig(.answer(400, #"{"code":21220,"message":"no"}"#), .answer(404, Self.notFound))
        #expect(try await fetched.client.endCall(fetched.callSid) == .noSuchCall(code: 20404))
    }

    @Test(
        "A 404 that is not Twilio's own proves nothing",
        arguments: ["", "<html>not found</html>", #"{"message":"no Route matched"}"#, #"{"code":404}"#]
    )
    func somebodyElses404(body: String) async throws {
        let rig = try ClientRig(.answer(404, body))
        let failure = await #expect(throws: VendorFailure.self) { try await rig.client.endCall(rig.callSid) }
        guard case .unclear(.twilio, status: 404, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test("Listing calls, page by page")
    func lists() async throws {
        let next = "/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?PageSize=2&Page=1&PageToken=PACA1"
        let rig = try ClientRig(
            .answer(200, #"{"calls":[\#(ClientRig.call()),{"sid":"CA1"},7],"next_page_uri":"\#(next)"}"#),
            .answer(200, #"{"calls":[],"next_page_uri":null}"#)
        )
        let filter = TwilioCallFilter(
            to: "+12125550187",
            from: "+12025550143",
            status: .inProgress,
            startedAfter: Timestamp(iso8601: "2026-11-22T11:46:05.999Z"),
            pageSize: 5000
        )
        let first = try await rig.client.calls(filter)
        #expect(first.calls == [TwilioCall(callSid: rig.callSid, status: .queued)])
        let second = try await rig.client.calls(try #require(first.next))
        #expect(second.calls.isEmpty && second.next == nil)
        let requests = rig.transport.requests
        #expect(requests[0].url.hasPrefix(ClientRig.callsURL + ".json?"))
        #expect(
            query(requests[0]).map { "\($0.name)=\($0.value)" } == [
                "To=+12125550187", "From=+12025550143", "Status=in-progress", "StartTime>=2026-11-22T11:46:05Z",
                "PageSize=1000",
            ]
        )
        #expect(ParameterTable.twilioListCalls.violations(inForm: query(requests[0])) == [])
        #expect(requests[1].url == "https://api.twilio.com" + next)
        #expect(ParameterTable.twilioListCalls.violations(inForm: query(requests[1])) == [])
    }

    @Test(
        "Our credentials follow no page that leads elsewhere",
        arguments: [
            "https://evil.example/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?Page=1", "//evil.example/x",
            "@evil.example/", ".evil.example/", "/2010-04-01/Accounts/AC0/Calls.json?Page=1",
            "/2010-04-01/Accounts/\(ClientRig.account)/Calls.json/../../x?y", "https://api.twilio.com.evil.example/x",
            "/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?x\\r\\nHost: evil.example", "",
            "/2010-04-01/Accounts/\(ClientRig.account)/Calls.json?PageSize=1000",
        ]
    )
    func staysAtHome(uri: String) async throws {
        let rig = try ClientRig(.answer(200, #"{"calls":[],"next_page_uri":"\#(uri)"}"#))
        let failure = await #expect(throws: VendorFailure.self) { try await rig.client.calls(TwilioCallFilter()) }
        guard case .nonsense(.twilio, 200, _) = failure else {
            Issue.record("\(uri) was classified as \(String(describing: failure))")
            return
        }
        #expect(rig.transport.requests.count == 1)
    }

    @Test("The next page may be given with our own origin")
    func takesItsOwnOrigin() async throws {
        let uri = "\(ClientRig.callsURL).json?Page=1"
        let rig = try ClientRig(
            .answer(200, #"{"calls":[],"next_page_uri":"\#(uri)"}"#),
            .answer(200, #"{"calls":[]}"#)
        )
        let page = try await rig.client.calls(TwilioCallFilter())
        _ = try await rig.client.calls(try #require(page.next))
        #expect(rig.transport.requests[1].url == uri)
    }

    @Test("Addresses of webhooks keep a path prefix and fit Ultravox's limit")
    func buildsAddresses() throws {
        let base = "https://" + String(repeating: "g", count: 98) + ".example.com/a"
        #expect(base.utf8.count <= 120)
        let sid = try #require(CallSid(ClientRig.sid))
        let urls = WebhookURLs(publicBaseURL: base + "/")
        #expect(urls.ultravox(callID: CallID(derivedFrom: sid)).utf8.count <= 200)
        #expect(
            urls.twilio(.stream, callID: CallID(derivedFrom: sid)).hasPrefix(
                base + "/webhooks/twilio/stream?call=call_x"
            )
        )
        #expect(urls.requested(target: "/webhooks/twilio/voice?a=%2f&b") == base + "/webhooks/twilio/voice?a=%2f&b")
    }
}
