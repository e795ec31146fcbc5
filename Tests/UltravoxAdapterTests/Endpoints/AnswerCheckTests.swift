import CallDomain
import HTTPTypes
import OutboundHTTP
import TestSupport
import Testing
import UltravoxAdapter

/// An answer goes on to callers and into TwiML: every part of it that does must be what it should be.
@Suite struct AnswerCheckTests {
    private static let good = "wss://voice.ultravox.ai/calls/1/telephony"

    private func create(_ response: OutboundResponse) async throws -> Result<AgentCall, VendorFailure> {
        let rig = try ClientRig(.success(response))
        let request = try rig.callRequest()
        defer { #expect(rig.transport.requests.count == 1) }
        do {
            return .success(try await rig.client.createAgentCall(request))
        } catch {
            return .failure(error)
        }
    }

    private func answer(_ body: JSONValue, status: Int = 201, _ headers: HTTPFields = [:]) -> OutboundResponse {
        OutboundResponse(status: status, headers: headers, body: body.encoded)
    }

    private func expectNonsense(
        _ response: OutboundResponse,
        _ note: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        guard case .failure(.nonsense(.ultravox, response.status, let reason)) = try await create(response) else {
            Issue.record(note ?? "believed", sourceLocation: sourceLocation)
            return
        }
        // It goes to clients: nothing of the body in it.
        #expect(reason.utf8.count < 100 && reason.utf8.allSatisfy { $0 < 0x80 }, sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        "", "voice.ultravox.ai/c", "//voice.ultravox.ai/c", "http://voice.ultravox.ai/c", "https://voice.ultravox.ai/c",
        "ws://voice.ultravox.ai/c", "WSS://voice.ultravox.ai/c", "wsss://voice.ultravox.ai/c", "wss:voice.ultravox.ai",
        "wss:/voice.ultravox.ai/c", "wss:\\\\voice.ultravox.ai", "javascript:alert(1)", "file:///etc/passwd",
        "sip:a@b", " \(good)", "\t\(good)", "\n\(good)", "\(good) ", "\(good)\n", "\(good)\r\nX: y", "\(good)\u{0}",
        "\(good)\u{7F}", "\(good)\u{85}", "\(good)\u{A0}", "\(good)\u{2028}", "\(good)\u{202E}", "\(good)\u{FEFF}",
        "\u{FEFF}\(good)", "\(good)/é", "wss://ultravöx.ai/c", "wss://voice\u{3002}ultravox.ai/c", "wss://ｖoice.ai/c",
        "wss://voice.ultravox.ai\u{2024}evil.example/c", "wss://user@voice.ultravox.ai/c",
        "wss://user:pass@voice.ultravox.ai/c", "wss://voice.ultravox.ai@evil.example/c", "wss://@voice.ultravox.ai/c",
        "\(good)?", "\(good)?a=b", "\(good)#", "\(good)#x", "\(good)\"", "\(good)'", "\(good)<", "\(good)>", "\(good)&",
        "\(good)&amp;x", "\(good)`", "\(good)\\x", "\(good)|x", "\(good)^", "\(good){x}", "\(good){{message}}",
        "\(good)\"/></Connect><Dial>+19005550100</Dial><Connect>", "\(good)]]>", "\(good)-->", "\(good)<!--", "wss://",
        "wss:///c", "wss://:443/c", "wss://?c", "wss://#c", "\(good) \(good)",
    ])
    func `a join URL is wss in plain ASCII with a host, a path and nothing else`(text: String) async throws {
        try await expectNonsense(answer(ClientRig.call(joinURL: .string(text))), "\(text.debugDescription)")
    }

    @Test func `a join URL has no byte but visible ASCII without quotes, markup or separators`() async throws {
        for byte in UInt8.min ... .max {
            let scalar = Unicode.Scalar(byte)
            let text = "wss://voice.ultravox.ai/c\(scalar)/telephony"
            let result = try await create(answer(ClientRig.call(joinURL: .string(text))))
            let isAllowed = (0x21...0x7E).contains(byte) && !"\"'<>&`{}|\\^?#@".utf8.contains(byte)
            if isAllowed {
                #expect(try result.get().joinURL.text == text)
            } else {
                guard case .failure(.nonsense) = result else {
                    Issue.record("\(byte) was believed")
                    continue
                }
            }
        }
    }

    @Test func `a join URL is at most 2000 characters long`() async throws {
        let longest = "wss://voice.ultravox.ai/" + String(repeating: "x", count: 1976)
        #expect(longest.utf8.count == 2000)
        #expect(try await create(answer(ClientRig.call(joinURL: .string(longest)))).get().joinURL.text == longest)
        try await expectNonsense(answer(ClientRig.call(joinURL: .string(longest + "x"))))
        let endless = longest + String(repeating: "x", count: 500_000)
        try await expectNonsense(answer(ClientRig.call(joinURL: .string(endless))))
    }

    @Test(
        arguments: [nil, true, 7, ["wss://voice.ultravox.ai/c"], ["url": "wss://voice.ultravox.ai/c"]] as [JSONValue]
    )
    func `a join URL is a text`(value: JSONValue) async throws {
        try await expectNonsense(answer(ClientRig.call(joinURL: value)))
        try await expectNonsense(answer(["callId": .string(ClientRig.conversationText)]))
    }

    @Test(arguments: [
        "", "b1e2c3d4", "b1e2c3d45f604a718b920c1d2e3f4a5b", "{b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b}",
        "urn:uuid:b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b", " b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b",
        "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b\n", "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5",
        "b1e2c3d-45f60-4a71-8b92-0c1d2e3f4a5b",
        "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5g", "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5/",
        "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f../.", "b1e2c3d4/5f60-4a71-8b92-0c1d2e3f4a5b",
        "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a%2e", "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5\u{661}",
        "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a\u{E9}", "b1e2c3d4\u{2010}5f60-4a71-8b92-0c1d2e3f4a",
    ])
    func `an id is a UUID`(id: String) async throws {
        try await expectNonsense(answer(ClientRig.call(id: .string(id))), "\(id)")
    }

    @Test func `an id in upper case is the same id`() async throws {
        let call = try await create(answer(ClientRig.call(id: .string(ClientRig.conversationText.uppercased())))).get()
        #expect(call.ultravoxCallID.text == ClientRig.conversationText)
    }

    @Test(arguments: try Fixture.files(in: "json/must-reject"))
    func `a success that is not strict JSON is not believed`(file: String) async throws {
        try await expectNonsense(OutboundResponse(status: 201, body: Array(Fixture.bytes(file))))
    }

    @Test(arguments: ["callId", "joinUrl", #"\u0063allId"#, #"join\u0055rl"#])
    func `a field that stands twice is not believed`(name: String) async throws {
        let call = String(decoding: ClientRig.call().encoded, as: UTF8.self).dropLast()
        let value = name.hasPrefix("j") ? "wss://evil.example/c" : "00000000-0000-0000-0000-000000000000"
        let body = #"\#(call),"\#(name)":"\#(value)"}"#
        try await expectNonsense(OutboundResponse(status: 201, body: Array(body.utf8)))
    }

    @Test(arguments: ["gzip", "deflate", "br", "GZIP", "gzip, identity", ""])
    func `an encoding that nobody asked for is not undone`(encoding: String) async throws {
        try await expectNonsense(answer(ClientRig.call(), [.contentEncoding: encoding]))
        let gzip: [UInt8] = [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 192, 4, 0, 141, 155, 213, 15, 20, 0, 0, 0]
        try await expectNonsense(OutboundResponse(status: 201, headers: [.contentEncoding: encoding], body: gzip))
        let plain = try await create(answer(ClientRig.call(), [.contentEncoding: "identity"]))
        #expect(try plain.get().joinURL.text == "wss://voice.ultravox.ai/c/1/telephony")
    }

    @Test(arguments: [300, 301, 302, 303, 307, 308, 399])
    func `a redirect is nobody's call`(status: Int) async throws {
        let headers: HTTPFields = [.location: "https://evil.example/api/agents"]
        try await expectNonsense(answer(ClientRig.call(), status: status, headers))
    }

    @Test func `no request asks for an encoding, waits longer than 10 s or takes more than 1 MiB`() async throws {
        let rig = try ClientRig(
            .answer(201, ClientRig.call()),
            .answer(200, ClientRig.agent()),
            .answer(200, ["results": []]),
            .answer(204),
            .answer(204),
            .answer(200, "{}")
        )
        _ = try await rig.client.createAgentCall(try rig.callRequest())
        _ = try await rig.client.agent(rig.agentID)
        _ = try await rig.client.agents(search: nil, limit: 1, cursor: nil)
        try await rig.client.deleteAgentCall(rig.conversation)
        try await rig.client.endAgentCall(rig.conversation)
        try await rig.client.checkAccess()
        #expect(rig.transport.requests.count == 6)
        for request in rig.transport.requests {
            #expect(request.headers[.acceptEncoding] == nil)
            #expect(request.timeout <= .seconds(10) && request.connectTimeout <= .seconds(5))
            #expect(request.maximumAnswerBytes <= 1 << 20)
        }
    }
}
