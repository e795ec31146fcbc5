import Foundation
import HTTPTypes
import Sandbox
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Ultravox's agents` {
    @Test func `a missing or wrong key is refused`() async throws {
        try await withSandbox { rig in
            var wrong = HTTPFields()
            wrong[try #require(HTTPField.Name("X-API-Key"))] = "wrong"
            for headers in [HTTPFields(), wrong] {
                let reply = try await rig.request(.get, rig.addresses.ultravox + "/api/agents", headers: headers)
                #expect(reply.status == 403)
                #expect(reply.string("detail") == "Invalid API key")
            }
        }
    }

    @Test(arguments: ["", "two words", "näme", String(repeating: "a", count: 65)])
    func `an ill-formed name is refused`(_ name: String) async throws {
        try await withSandbox { rig in
            let reply = try await rig.ultravox(.post, "agents", #"{"name":"\#(name)","callTemplate":{}}"#)
            #expect(reply.status == 400)
            #expect((reply.object["name"] as? [String])?.count == 1)
        }
    }

    @Test func `names are unique`() async throws {
        try await withSandbox { rig in
            _ = try await rig.agent("one")
            let two = try await rig.agent("two")
            #expect(try await rig.ultravox(.post, "agents", #"{"name":"one","callTemplate":{}}"#).status == 400)
            let renamed = try await rig.ultravox(.patch, "agents/\(two)", #"{"name":"one"}"#)
            #expect((renamed.object["name"] as? [String])?.first?.contains("already exists") == true)
            #expect(try await rig.ultravox(.patch, "agents/\(two)", #"{"name":"two"}"#).status == 200)
        }
    }

    @Test func `a created agent is normalised`() async throws {
        try await withSandbox { rig in
            let reply = try await rig.ultravox(
                .post,
                "agents",
                #"""
                {"name":"reminder","unknown":1,"callTemplate":{"systemPrompt":"Call {{ name }} of {{user.city}}.",
                "vadSettings":{"turnEndpointDelay":"0.64s"},"maxDuration":"600.000s","medium":{"twilio":{}},
                "temperature":null,"selectedTools":[{"toolName":"hangUp"}],"sharedSecrets":["0123456789abcdef"]}}
                """#
            )
            #expect(reply.status == 201)
            #expect(ParameterTable.ultravoxAnswers.violations(inJSON: reply.body, as: "Agent") == [])
            let template = reply.member("callTemplate")
            #expect((template["vadSettings"] as? [String: String]) == ["turnEndpointDelay": "0.640s"])
            #expect(template["maxDuration"] as? String == "600s")
            #expect(template["retentionPolicy"] as? String == "CALL_RETENTION_POLICY_UNSPECIFIED")
            #expect(template["temperature"] == nil && template["voice"] == nil && template["sharedSecrets"] == nil)
            let schema = template["contextSchema"] as? [String: Any] ?? [:]
            #expect(Set((schema["properties"] as? [String: Any] ?? [:]).keys) == ["name", "user"])
            #expect(schema["required"] as? [String] == [])
            #expect(schema["additionalProperties"] as? Bool == false)
            #expect(reply.string("publishedRevisionId") != nil)
            #expect(reply.member("statistics")["calls"] as? Int == 0)
        }
    }

    @Test(arguments: [
        (#"{"prompt":"x"}"#, #"Message type "ultravox.v1.CallTemplate" has no field named "prompt""#),
        (#"{"joinTimeout":30}"#, "Failed to parse joinTimeout field"),
        (#"{"joinTimeout":"640ms"}"#, "Failed to parse joinTimeout field"),
        (#"{"vadSettings":{"delay":"1s"}}"#, "Failed to parse vadSettings field"),
        (#"{"selectedTools":[{"name":"hangUp"}]}"#, "Failed to parse selectedTools field"),
        (#"{"initialOutputMedium":"voice"}"#, "Failed to parse initialOutputMedium field"),
        (#"{"voice":"Nobody"}"#, "Voice Nobody does not exist"),
        (#"{"temperature":2}"#, "temperature"), (#"{"selectedTools":[{}]}"#, "selectedTools"),
        (#"{"medium":{"twilio":{},"webRtc":{}}}"#, "medium"),
    ])
    func `a template is parsed strictly`(_ template: String, _ message: String) async throws {
        try await withSandbox { rig in
            let reply = try await rig.ultravox(.post, "agents", #"{"name":"a","callTemplate":\#(template)}"#)
            #expect(reply.status == 400)
            #expect(reply.text.replacingOccurrences(of: #"\""#, with: "\"").contains(message), "\(reply.text)")
        }
    }

    @Test func `a draft cannot be called`() async throws {
        try await withSandbox { rig in
            let draft = try await rig.ultravox(.post, "agents", #"{"name":"draft","systemPrompt":"lost"}"#)
            #expect(draft.status == 201)
            #expect(draft.object["callTemplate"] is NSNull)
            #expect(draft.object["publishedRevisionId"] is NSNull)
            let call = try await rig.ultravox(.post, "agents/\(draft.string("agentId") ?? "")/calls", "{}")
            #expect(call.status == 400)
            #expect(call.string("detail") == "Agent only exists as a draft")
        }
    }

    @Test func `patching replaces the whole template`() async throws {
        try await withSandbox { rig in
            let id = try await rig.agent("a", template: #"{"systemPrompt":"x","voice":"Mark"}"#)
            let before = try await rig.ultravox(.get, "agents/\(id)")
            let reply = try await rig.ultravox(.patch, "agents/\(id)", #"{"callTemplate":{"systemPrompt":"y"}}"#)
            #expect(reply.status == 200)
            #expect(reply.member("callTemplate")["systemPrompt"] as? String == "y")
            #expect(reply.member("callTemplate")["voice"] == nil)
            #expect(reply.string("name") == "a")
            #expect(reply.string("publishedRevisionId") != before.string("publishedRevisionId"))
            #expect(
                reply.member("callTemplate")["created"] as? String == before.member("callTemplate")["created"]
                    as? String
            )
            #expect(try await rig.ultravox(.put, "agents/\(id)", "{}").status == 405)
            #expect(try await rig.ultravox(.delete, "agents/\(id)").status == 204)
            #expect(try await rig.ultravox(.get, "agents/\(id)").status == 404)
        }
    }

    @Test func `lists have absolute addresses and opaque cursors`() async throws {
        try await withSandbox { rig in
            for name in ["a-1", "b-1", "a-2", "a-3"] { _ = try await rig.agent(name) }
            var url: String? = "agents?search=A-&pageSize=2"
            var names: [String] = []
            while let next = url {
                let page = try await rig.ultravox(.get, next)
                #expect(ParameterTable.ultravoxAnswers.violations(inJSON: page.body, as: "AgentPage") == [])
                names += page.list("results").compactMap { $0["name"] as? String }
                #expect(page.int("total") == 3)
                url = page.string("next")
                #expect(url?.hasPrefix(rig.addresses.ultravox + "/api/agents?") ?? true)
            }
            #expect(names == ["a-3", "a-2", "a-1"])
        }
    }

    @Test func `account, voices and models answer in their documented shapes`() async throws {
        try await withSandbox { rig in
            for (path, type) in [("accounts/me", "Account"), ("voices", "VoicePage"), ("models", "ModelPage")] {
                let reply = try await rig.ultravox(.get, path)
                #expect(reply.status == 200)
                #expect(ParameterTable.ultravoxAnswers.violations(inJSON: reply.body, as: type) == [])
            }
            let voices = try await rig.ultravox(.get, "voices?search=mark")
            #expect(voices.list("results").count == 1)
        }
    }
}
