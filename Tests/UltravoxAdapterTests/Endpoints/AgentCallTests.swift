import CallDomain
import HTTPTypes
import OutboundHTTP
import Testing
import UltravoxAdapter

@Suite struct AgentCallTests {
    @Test func `creating sends what a phone call needs`() async throws {
        let rig = try ClientRig(.answer(201, ClientRig.call()))
        let call = try await rig.client.createAgentCall(
            try rig.callRequest(context: ["name": "Jane", "user": ["n": 1]])
        )
        #expect(call.ultravoxCallID == rig.conversation)
        #expect(call.joinURL.text == "wss://voice.ultravox.ai/c/1/telephony")
        #expect(call.joinDeadline == Timestamp(iso8601: "2026-07-20T15:00:50Z"))
        let request = try #require(rig.transport.requests.first)
        #expect(request.method == .post)
        #expect(request.url == "https://api.ultravox.ai/api/agents/\(ClientRig.agentText)/calls")
        let body = try rig.body(of: 0, as: "StartAgentCall")
        let secret = UltravoxClient.callbackSecret(apiKey: Secret(ClientRig.apiKey)).exposed
        let callback: JSONValue = [
            "url": "https://gateway.example/prefix/webhooks/ultravox?call=call_01jd9z7q0v3r2m8k4t6w5x1y0a",
            "secrets": [.string(secret)],
        ]
        #expect(
            body == [
                "templateContext": ["name": "Jane", "user": ["n": 1]],
                "metadata": ["switchboard_call_id": "call_01jd9z7q0v3r2m8k4t6w5x1y0a"], "medium": ["twilio": [:]],
                "joinTimeout": "50s", "maxDuration": "600s",
                "callbacks": ["joined": callback, "ended": callback, "billed": callback],
            ]
        )
    }

    @Test func `a greeting with variables is filled, one without stays the agent's own`() async throws {
        let rig = try ClientRig(
            .answer(201, ClientRig.call()),
            .answer(201, ClientRig.call()),
            .answer(201, ClientRig.call())
        )
        let context: JSONValue = ["name": "Jane \"J\" <b>"]
        for (greeting, speaker) in [
            ("Hello {{name}}!", AgentConfiguration.FirstSpeaker.user), ("{{name}}?", .agent), ("Hello!", .user),
        ] {
            let request = try rig.callRequest(greeting: greeting, firstSpeaker: speaker, context: context)
            _ = try await rig.client.createAgentCall(request)
        }
        #expect(
            try rig.body(of: 0, as: "StartAgentCall")["firstSpeakerSettings"]
                == ["user": ["fallback": ["text": "Hello Jane \"J\" <b>!", "delay": "5s"]]]
        )
        #expect(
            try rig.body(of: 1, as: "StartAgentCall")["firstSpeakerSettings"] == ["agent": ["text": "Jane \"J\" <b>?"]]
        )
        #expect(try rig.body(of: 2, as: "StartAgentCall")["firstSpeakerSettings"] == nil)
    }

    @Test(
        arguments: [
            nil, "", 7, "http://voice.ultravox.ai/c", "https://voice.ultravox.ai/c", "ws://voice.ultravox.ai/c",
            "wss://voice.ultravox.ai/\"/><Dial>900</Dial>", "wss://voice.ultravox.ai/'",
            "wss://voice.ultravox.ai/&amp;",
            "wss://voice.ultravox.ai/a?b=c", "wss://", "wss:///c", "wss://host/\r\n", " wss://host/",
            "wss://user@host/", "wss://host/é",
        ] as [JSONValue]
    )
    func `a join URL that could do harm is not believed`(_ joinURL: JSONValue) async throws {
        try await expectNonsense(ClientRig.call(joinURL: joinURL))
    }

    @Test(arguments: [nil, "", "b1e2c3d4", "../../agents", 7] as [JSONValue])
    func `a call without an id is not believed`(_ id: JSONValue) async throws {
        try await expectNonsense(ClientRig.call(id: id))
    }

    @Test(arguments: [
        "", "[]", "null", "<html><body>OK</body></html>", #"{"callId":"#, "\u{FEFF}{}",
        String(repeating: "[", count: 200_000),
    ])
    func `a success that is no JSON object is not believed`(_ body: String) async throws {
        let rig = try ClientRig(.answer(201, body))
        let failure = try await failure { () async throws(VendorFailure) in try await create(rig) }
        guard case .nonsense(.ultravox, 201, _) = failure else { throw failure }
    }

    @Test func `a success of 10 MB is not read`() async throws {
        let padding = String(repeating: " ", count: 10 << 20)
        let rig = try ClientRig(.answer(201, padding + String(decoding: ClientRig.call().encoded, as: UTF8.self)))
        let failure = try await failure { () async throws(VendorFailure) in try await create(rig) }
        #expect(failure == .nonsense(.ultravox, status: 201, reason: "the answer is too large"))
    }

    @Test func `a callback URL that Ultravox would refuse is not sent`() async throws {
        let base = "https://gateway.example/" + String(repeating: "x", count: 130)
        let rig = try ClientRig(.answer(201, ClientRig.call()), publicBaseURL: base)
        let failure = try await failure { () async throws(VendorFailure) in try await create(rig) }
        guard case .notSent = failure else { throw failure }
        #expect(rig.transport.requests.isEmpty)
    }

    @Test func `deleting and ending ask for it`() async throws {
        let rig = try ClientRig(.answer(204), .answer(204))
        try await rig.client.deleteAgentCall(rig.conversation)
        try await rig.client.endAgentCall(rig.conversation)
        let requests = rig.transport.requests
        #expect(requests.map(\.method) == [.delete, .post])
        let url = "https://api.ultravox.ai/api/calls/\(ClientRig.conversationText)"
        #expect(requests.map(\.url) == [url, "\(url)/send_data_message"])
        #expect(try rig.body(of: 1, as: "SendDataMessage/hang_up") == ["type": "hang_up"])
    }

    @Test func `ending a call that is over is refused`() async throws {
        let rig = try ClientRig(.answer(422, #"{"detail":"Call is not active"}"#))
        let failure = try await failure { () throws(VendorFailure) in
            try await rig.client.endAgentCall(rig.conversation)
        }
        #expect(failure == .refused(.ultravox(422, "Call is not active")))
    }

    @Test func `the callback secret is derived, fit for Ultravox and not the key`() {
        let secret = UltravoxClient.callbackSecret(apiKey: Secret(ClientRig.apiKey)).exposed
        #expect(secret.utf8.count == 64)
        #expect(secret.utf8.allSatisfy { Hex.value(of: $0) != nil })
        #expect(secret == UltravoxClient.callbackSecret(apiKey: Secret(ClientRig.apiKey)).exposed)
        #expect(secret != UltravoxClient.callbackSecret(apiKey: Secret(ClientRig.apiKey + "x")).exposed)
        #expect(UltravoxClient.callbackSecret(apiKey: Secret("")).exposed.isEmpty)
    }

    private func create(_ rig: ClientRig) async throws(VendorFailure) -> AgentCall {
        let request: AgentCallRequest
        do { request = try rig.callRequest() } catch { fatalError("\(error)") }
        return try await rig.client.createAgentCall(request)
    }

    private func expectNonsense(_ call: JSONValue) async throws {
        let rig = try ClientRig(.answer(201, call))
        let failure = try await failure { () async throws(VendorFailure) in try await create(rig) }
        guard case .nonsense(.ultravox, 201, let reason) = failure else { throw failure }
        #expect(!reason.contains("Dial"))
    }
}
