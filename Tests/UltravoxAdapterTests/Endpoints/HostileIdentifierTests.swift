import CallDomain
import Foundation
import HTTPTypes
import OutboundHTTP
import Testing
import UltravoxAdapter

@Suite struct HostileIdentifierTests {
    /// What a client may send in the place of an id.
    private static let hostile = [
        "", ".", "..", "../", "/..", "%2e%2e", "%2E%2E", "..%2f..%2fAccounts", "..%5c..", "../../calls", "a?x=1",
        "a%23", "a#x", "a;x", "a&x=1", "a@evil.example", "//evil.example", "https://evil.example/", "\u{0}", "%00",
        "\r\n\r\nGET / HTTP/1.1", "\n", "\t", " ", "*", "~", "me", "usage", String(repeating: "a", count: 4096),
        String(repeating: "../", count: 1365), String(repeating: "../", count: 12),
        "６f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921",
        "6f3a1d52\u{2010}2c7e-4b0a-9d38-51c0e7a4b921", "6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b92\u{430}",
        "6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921\n", "\u{FEFF}6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921",
        "6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b9\u{661}", "6f3a1d52-2c7e-4b0a-9d38-51c0e7a4/../",
        "{6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b9}", "6f3a1d522c7e4b0a9d3851c0e7a4b921",
    ]

    @Test(arguments: hostile)
    func `what is no UUID does not become an id`(text: String) {
        #expect(AgentID(text) == nil)
        #expect(UltravoxCallID(text) == nil)
    }

    @Test func `a UUID with one byte changed into anything but a hex digit is no id`() {
        let good = Array(ClientRig.agentText.utf8)
        for index in good.indices {
            for byte in UInt8.min ... .max {
                var bytes = good
                bytes[index] = byte
                let text = String(decoding: bytes, as: UTF8.self)
                let fits = good[index] == UInt8(ascii: "-") ? byte == good[index] : Hex.value(of: byte) != nil
                #expect((AgentID(text) != nil) == fits)
                #expect((UltravoxCallID(text)?.text).map { $0 == text.lowercased() } == (fits ? true : nil))
            }
        }
    }

    @Test func `every request goes to a path of fixed words and ids alone`() async throws {
        let configuration = AgentConfiguration(name: "reminder", prompt: "Hi.")
        let rig = try ClientRig(
            .answer(201, ClientRig.agent()),
            .answer(200, ["results": []]),
            .answer(200, ClientRig.agent()),
            .answer(200, ClientRig.agent()),
            .answer(200, ClientRig.agent()),
            .answer(204),
            .answer(201, ClientRig.call()),
            .answer(200, ["results": []]),
            .answer(204),
            .answer(204),
            .answer(200, "{}")
        )
        _ = try await rig.client.createAgent(configuration)
        _ = try await rig.client.agents(search: "..", limit: 1, cursor: "../x?y#z")
        _ = try await rig.client.agent(rig.agentID)
        _ = try await rig.client.replaceAgent(rig.agentID, with: configuration)
        try await rig.client.deleteAgent(rig.agentID)
        _ = try await rig.client.createAgentCall(try rig.callRequest())
        _ = try await rig.client.messages(of: rig.conversation, joinedAt: nil, limit: 50, cursor: nil)
        try await rig.client.endAgentCall(rig.conversation)
        try await rig.client.deleteAgentCall(rig.conversation)
        try await rig.client.checkAccess()
        let urls = try rig.transport.requests.map { try #require(URLComponents(string: $0.url)) }
        #expect(urls.allSatisfy { $0.scheme == "https" && $0.host == "api.ultravox.ai" && $0.user == nil })
        let agent = "/api/agents/\(ClientRig.agentText)"
        let call = "/api/calls/\(ClientRig.conversationText)"
        #expect(
            urls.map(\.path) == [
                "/api/agents", "/api/agents", agent, agent, agent, agent, "\(agent)/calls", "\(call)/messages",
                "\(call)/send_data_message", call, "/api/accounts/me",
            ]
        )
    }

    @Test(arguments: hostile)
    func `a search and a cursor stay values`(text: String) async throws {
        let rig = try ClientRig(.answer(200, ["results": []]))
        _ = try await rig.client.agents(search: "x\(text)", limit: 7, cursor: text)
        let url = rig.transport.requests[0].url
        #expect(url.hasPrefix("https://api.ultravox.ai/api/agents?search=x"))
        #expect(url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"#\\\"<>".utf8.contains($0) })
        // By hand: Foundation's reading drops a byte order mark.
        func encoded(_ text: String) -> String {
            text.utf8.map { byte in
                let scalar = Unicode.Scalar(byte)
                let isPlain =
                    "-._~".unicodeScalars.contains(scalar) || ("0"..."9").contains(scalar)
                    || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                return isPlain ? String(scalar) : String(format: "%%%02x", byte)
            }.joined()
        }
        let query = "search=x\(encoded(text))&pageSize=7&cursor=\(encoded(text))"
        #expect(url == "https://api.ultravox.ai/api/agents?\(query)")
    }

    @Test(arguments: [
        "https://evil.example/api/agents?cursor=c", "http://api.ultravox.ai/api/agents?cursor=c",
        "//evil.example/?cursor=c", "https://api.ultravox.ai@evil.example/?cursor=c", "file:///etc/passwd?cursor=c",
        "https://api.ultravox.ai/api/calls?cursor=c", "/../../?cursor=c", "?cursor=c&cursor=d",
    ])
    func `whatever a next page is called, it is asked for where the first was`(next: String) async throws {
        let page: JSONValue = ["next": .string(next), "results": [ClientRig.agent()]]
        let rig = try ClientRig(.answer(200, page), .answer(200, ["results": []]))
        _ = try await rig.client.agents(search: nil, limit: 2, cursor: nil)
        #expect(
            rig.transport.requests.map(\.url) == [
                "https://api.ultravox.ai/api/agents?pageSize=2",
                "https://api.ultravox.ai/api/agents?pageSize=1&cursor=c",
            ]
        )
    }
}
