import CallDomain
import Foundation
import HTTPTypes
import OutboundHTTP
import TestSupport
import Testing
import UltravoxAdapter

@Suite struct AgentTests {
    private static let configuration = AgentConfiguration(name: "reminder", prompt: "Remind {{name}}.", greeting: "Hi.")

    @Test func `creating sends name and template and nothing else`() async throws {
        let rig = try ClientRig(.answer(201, ClientRig.agent()))
        let agent = try await rig.client.createAgent(Self.configuration)
        #expect(agent.id == rig.agentID)
        #expect(agent.status == .active)
        let request = try #require(rig.transport.requests.first)
        #expect(request.method == .post)
        #expect(request.url == "https://api.ultravox.ai/api/agents")
        #expect(request.headers[.apiKey] == ClientRig.apiKey)
        #expect(request.headers[.contentType] == "application/json")
        #expect(request.timeout == .seconds(10))
        #expect(request.connectTimeout == .seconds(5))
        #expect(request.maximumAnswerBytes == 1 << 20)
        let body = try rig.body(of: 0, as: "CreateAgent")
        #expect(body["name"] == "reminder")
        #expect(body["callTemplate"]?["systemPrompt"] == "Remind {{name}}.")
    }

    @Test func `an agent without a published template is a draft`() async throws {
        let rig = try ClientRig(.answer(201, ClientRig.agent(revision: nil)))
        #expect(try await rig.client.createAgent(Self.configuration).status == .draft)
    }

    @Test(arguments: [
        #"{"name":["agent with this name already exists."]}"#, #"{"detail":"An agent named x already exists"}"#,
        #"["Agent x already exists"]"#,
    ])
    func `a name that is taken is told by field`(_ body: String) async throws {
        let rig = try ClientRig(.answer(400, body), .answer(200, ClientRig.agent()), .answer(400, body))
        for failure in [
            try await failure { () throws(VendorFailure) in try await rig.client.createAgent(Self.configuration) },
            try await failure { () throws(VendorFailure) in
                try await rig.client.replaceAgent(rig.agentID, with: Self.configuration)
            },
        ] {
            guard case .refused(let refusal) = failure else { throw failure }
            #expect(refusal.status == 400)
            #expect(refusal.message.hasPrefix("name: "))
            #expect(refusal.message.hasSuffix("already exists.") || refusal.message.hasSuffix("already exists"))
            #expect(!refusal.message.contains("name: name:"))
        }
    }

    @Test func `replacing reads, merges and sends the whole template`() async throws {
        let template: JSONValue = [
            "name": "x", "created": "2026-03-18T08:05:36.878084Z", "updated": "2026-03-18T08:05:36.878084Z",
            "systemPrompt": "old", "model": "old", "vadSettings": ["turnEndpointDelay": "0.640s"],
            "medium": ["twilio": [:]], "retentionPolicy": "CALL_RETENTION_POLICY_UNSPECIFIED",
        ]
        let rig = try ClientRig(.answer(200, ClientRig.agent(template: template)), .answer(200, ClientRig.agent()))
        _ = try await rig.client.replaceAgent(rig.agentID, with: Self.configuration)
        let requests = rig.transport.requests
        #expect(requests.map(\.method) == [.get, .patch])
        #expect(Set(requests.map(\.url)) == ["https://api.ultravox.ai/api/agents/\(ClientRig.agentText)"])
        let body = try rig.body(of: 1, as: "PatchAgent")
        let sent = try #require(body["callTemplate"])
        #expect(body["name"] == "reminder")
        #expect(sent["systemPrompt"] == "Remind {{name}}.")
        #expect(sent["vadSettings"] == ["turnEndpointDelay": "0.640s"])
        #expect(sent["retentionPolicy"] == "CALL_RETENTION_POLICY_UNSPECIFIED")
        for gone in ["name", "created", "updated", "model"] { #expect(sent[gone] == nil) }
    }

    @Test func `replacing a draft gives it a template for phone calls`() async throws {
        let rig = try ClientRig(.answer(200, ClientRig.agent(template: nil)), .answer(200, ClientRig.agent()))
        _ = try await rig.client.replaceAgent(rig.agentID, with: Self.configuration)
        let template = try rig.body(of: 1, as: "PatchAgent")["callTemplate"]
        #expect(template?["medium"] == ["twilio": [:]])
        #expect(template?["inactivityMessages"] != nil)
    }

    @Test func `replacing an agent that is not there changes nothing`() async throws {
        let rig = try ClientRig(.answer(404, #"{"detail":"No Agent matches the given query."}"#))
        let failure = try await failure { () throws(VendorFailure) in
            try await rig.client.replaceAgent(rig.agentID, with: Self.configuration)
        }
        let expected = VendorRefusal.ultravox(404, "No Agent matches the given query.")
        #expect(failure == .refused(expected))
        #expect(rig.transport.requests.count == 1)
    }

    @Test func `deleting asks for it`() async throws {
        let rig = try ClientRig(.answer(204))
        try await rig.client.deleteAgent(rig.agentID)
        #expect(rig.transport.requests.map(\.method) == [.delete])
        #expect(rig.transport.requests.map(\.url) == ["https://api.ultravox.ai/api/agents/\(ClientRig.agentText)"])
    }

    @Test func `an answer about another agent makes no sense`() async throws {
        let other = ClientRig.agent(id: "00000000-2c7e-4b0a-9d38-51c0e7a4b921")
        let rig = try ClientRig(.answer(200, other))
        let failure = try await failure { () throws(VendorFailure) in try await rig.client.agent(rig.agentID) }
        guard case .nonsense(.ultravox, 200, _) = failure else { throw failure }
    }

    @Test func `a list of up to 100 is one page of Ultravox's`() async throws {
        let page: JSONValue = ["next": nil, "previous": nil, "results": [ClientRig.agent()], "total": 0]
        let rig = try ClientRig(.answer(200, page))
        let agents = try await rig.client.agents(search: "a b&c=é", limit: 50, cursor: "x+/=")
        #expect(agents.agents.count == 1)
        #expect(agents.nextCursor == nil)
        let url = "https://api.ultravox.ai/api/agents?search=a%20b%26c%3d%c3%a9&pageSize=50&cursor=x%2b%2f%3d"
        #expect(rig.transport.requests.map(\.url) == [url])
    }

    @Test func `a list of 200 is two pages of Ultravox's and follows the cursor alone`() async throws {
        let agents = JSONValue.array(Array(repeating: ClientRig.agent(), count: 100))
        let rig = try ClientRig(
            .answer(200, ["next": "https://evil.example/api/agents?pageSize=100&cursor=cD0%3D", "results": agents]),
            .answer(200, ["next": "https://api.ultravox.ai/api/agents?cursor=last%2B#x", "results": agents])
        )
        let page = try await rig.client.agents(search: nil, limit: 200, cursor: nil)
        #expect(page.agents.count == 200)
        #expect(page.nextCursor == "last+")
        #expect(
            rig.transport.requests.map(\.url) == [
                "https://api.ultravox.ai/api/agents?pageSize=100",
                "https://api.ultravox.ai/api/agents?pageSize=100&cursor=cD0%3d",
            ]
        )
    }

    @Test func `an empty next is the end`() async throws {
        let rig = try ClientRig(.answer(200, ["next": "", "results": []]))
        let page = try await rig.client.agents(search: "", limit: 200, cursor: nil)
        #expect(page == AgentPage(agents: [], nextCursor: nil))
        #expect(rig.transport.requests.map(\.url) == ["https://api.ultravox.ai/api/agents?pageSize=100"])
    }

    @Test func `agents too large for one answer come in smaller pages`() async throws {
        let rig = try ClientRig(
            .fault(.maybeSent, .answerTooLarge),
            .fault(.maybeSent, .answerTooLarge),
            .answer(200, ["next": "/api/agents?cursor=more", "results": [ClientRig.agent()]]),
            .answer(200, ["next": nil, "results": [ClientRig.agent()]])
        )
        let page = try await rig.client.agents(search: nil, limit: 50, cursor: nil)
        #expect(page.agents.count == 2)
        let sizes = rig.transport.requests.map { $0.url.split(separator: "?").last.map(String.init) }
        #expect(sizes == ["pageSize=50", "pageSize=12", "pageSize=3", "pageSize=49&cursor=more"])
    }

    @Test func `an agent without a readable id hides no other`() async throws {
        let results: JSONValue = [["agentId": "x"], ClientRig.agent(), 7, ["name": "nameless"], ClientRig.agent()]
        let rig = try ClientRig(
            .answer(200, ["next": "?cursor=more", "results": results]),
            .answer(200, ["results": []])
        )
        let page = try await rig.client.agents(search: nil, limit: 50, cursor: nil)
        #expect(page.agents.count == 2)
        #expect(page.nextCursor == nil)
        #expect(rig.transport.requests.last?.url == "https://api.ultravox.ai/api/agents?pageSize=48&cursor=more")
    }

    @Test func `a bad value of one agent hides neither it nor others`() async throws {
        let good = String(decoding: ClientRig.agent().encoded, as: UTF8.self)
        let prompt = #"{"callTemplate":{"systemPrompt":"Say \ud83d","x":NaN},"agentId":"\#(ClientRig.agentText)"}"#
        let body = Array(#"{"next":null,"results":[\#(good),\#(prompt)]}"#.utf8)
        let rig = try ClientRig(.success(OutboundResponse(status: 200, body: body)))
        let page = try await rig.client.agents(search: nil, limit: 50, cursor: nil)
        #expect(page.agents.count == 2)
        #expect(page.agents.last?.configuration.prompt == "Say \u{FFFD}")
    }

    @Test(arguments: ["NaN", #""Say \ud83d""#, String(repeating: "[", count: 70) + String(repeating: "]", count: 70)])
    func `an agent that could not be sent back as it is is not replaced`(value: String) async throws {
        let agent = String(decoding: ClientRig.agent().encoded, as: UTF8.self).dropLast()
        let rig = try ClientRig(.success(OutboundResponse(status: 200, body: Array(#"\#(agent),"x":\#(value)}"#.utf8))))
        let failure = try await failure { () throws(VendorFailure) in
            try await rig.client.replaceAgent(rig.agentID, with: Self.configuration)
        }
        guard case .nonsense(.ultravox, 200, _) = failure else { throw failure }
        #expect(rig.transport.requests.map(\.method) == [.get])
    }

    @Test(
        arguments: [
            ["next": nil], ["results": nil], ["results": [:]],
            ["results": [], "next": "https://api.ultravox.ai/api/agents?page=2"], ["results": [], "next": 7],
            ["results": [], "next": "/?cursor=%zz"], ["results": [], "next": "/?cursor="],
        ] as [JSONValue]
    )
    func `a page that makes no sense is not believed`(_ page: JSONValue) async throws {
        let rig = try ClientRig(.answer(200, page))
        let failure = try await failure { () throws(VendorFailure) in
            try await rig.client.agents(search: nil, limit: 50, cursor: nil)
        }
        guard case .nonsense(.ultravox, 200, _) = failure else { throw failure }
    }

    @Test func `proving access is one cheap request`() async throws {
        let rig = try ClientRig(.answer(200, "{}"), .answer(403, #"{"detail":"Invalid API key"}"#))
        try await rig.client.checkAccess()
        #expect(rig.transport.requests.map(\.url) == ["https://api.ultravox.ai/api/accounts/me"])
        let failure = try await failure { () throws(VendorFailure) in try await rig.client.checkAccess() }
        #expect(failure == .refused(.ultravox(403, "Invalid API key")))
    }
}

extension HTTPField.Name {
    fileprivate static let apiKey = HTTPField.Name("X-API-Key")!
}
