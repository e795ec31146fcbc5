import Foundation
import HTTPTypes
import Sandbox
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Ultravox's calls` {
    @Test func `a new call is complete and waits to be joined`() async throws {
        // As long as it says: a faster tempo would shorten the join time-out.
        try await withSandbox(SandboxSettings(tempo: 1)) { rig in
            let agent = try await rig.agent()
            let reply = try await rig.ultravox(
                .post,
                "agents/\(agent)/calls",
                #"""
                {"templateContext":{"name":"Ada"},"metadata":{"order":"7"},"joinTimeout":"90s",
                "firstSpeakerSettings":{"user":{"fallback":{"delay":"5.5s","text":"Hello?"}}}}
                """#
            )
            #expect(reply.status == 201)
            #expect(ParameterTable.ultravoxAnswers.violations(inJSON: reply.body, as: "Call") == [])
            let id = reply.string("callId") ?? ""
            let host = rig.addresses.ultravox.replacingOccurrences(of: "http://", with: "")
            #expect(reply.string("joinUrl") == "wss://\(host)/calls/\(id)/telephony")
            #expect(reply.string("firstSpeaker") == "FIRST_SPEAKER_USER")
            #expect(reply.string("billingStatus") == "BILLING_STATUS_PENDING")
            #expect(reply.object["joined"] is NSNull)
            #expect(reply.member("metadata") as? [String: String] == ["order": "7"])
            #expect(reply.text.contains(#""delay":"5.500s""#))
            let counted = try await rig.ultravox(.get, "agents/\(agent)")
            #expect(counted.member("statistics")["calls"] as? Int == 1)
            let account = try await rig.ultravox(.get, "accounts/me")
            #expect(account.int("activeCalls") == 1)
        }
    }

    @Test(arguments: [
        (#"{"vadSettings":{}}"#, #"Message type "ultravox.v1.StartAgentCallRequest" has no field named "vadSettings""#),
        (#"{"metadata":{"a":1}}"#, "Failed to parse metadata field"),
        (#"{"metadata":{"ultravox.x":"1"}}"#, "reserved"), (#"{"joinTimeout":30}"#, "Failed to parse joinTimeout"),
        (#"{"callbacks":{"ended":"https://x.example/"}}"#, "Failed to parse callbacks"),
        (#"{"callbacks":{"started":{"url":"https://x.example/"}}}"#, "Failed to parse callbacks"),
        (#"{"toolOverrides":[]}"#, "Failed to parse toolOverrides"), (#"{"voice":"Nobody"}"#, "does not exist"),
        (#"{"templateContext":{"name":7}}"#, "templateContext"),
        (#"{"templateContext":{"name":"x","other":"y"}}"#, "Additional properties are not allowed"),
        (#"{"voiceOverrides":{}}"#, "voiceOverrides"), ("[]", "detail"), ("{", "JSON parse error"),
    ])
    func `a request is parsed strictly`(_ body: String, _ message: String) async throws {
        try await withSandbox { rig in
            let agent = try await rig.agent()
            let reply = try await rig.ultravox(.post, "agents/\(agent)/calls", body)
            #expect(reply.status == 400)
            #expect(reply.text.replacingOccurrences(of: #"\""#, with: "\"").contains(message), "\(reply.text)")
            #expect(rig.sandbox.snapshot().allAgentCalls.isEmpty)
        }
    }

    @Test func `callback addresses have at most 200 characters`() async throws {
        try await withSandbox { rig in
            let agent = try await rig.agent()
            for (length, status) in [(200, 201), (201, 400)] {
                let url = "https://x.example/" + String(repeating: "a", count: length - 18)
                let body = #"{"callbacks":{"ended":{"url":"\#(url)"}}}"#
                #expect(try await rig.ultravox(.post, "agents/\(agent)/calls", body).status == status)
            }
        }
    }

    @Test func `required variables must be given`() async throws {
        try await withSandbox { rig in
            let schema = #"{"properties":{"name":{"type":"string"},"note":{"type":"string"}},"required":["name"]}"#
            let agent = try await rig.agent(
                "a",
                template: #"{"systemPrompt":"{{name}}: {{note}}.","contextSchema":\#(schema)}"#
            )
            let missing = try await rig.ultravox(.post, "agents/\(agent)/calls", #"{"templateContext":{"note":"x"}}"#)
            #expect(missing.status == 400)
            #expect(missing.text.contains("'name' is a required property"))
            let given = try await rig.ultravox(.post, "agents/\(agent)/calls", #"{"templateContext":{"name":"Ada"}}"#)
            #expect(given.string("systemPrompt") == "Ada: .")
        }
    }

    @Test func `calls are found by their metadata`() async throws {
        try await withSandbox { rig in
            let agent = try await rig.agent()
            for order in ["1", "2", "2"] {
                _ = try await rig.ultravox(.post, "agents/\(agent)/calls", #"{"metadata":{"order.id":"\#(order)"}}"#)
            }
            let found = try await rig.ultravox(.get, "calls?metadata.order.id=2&pageSize=1")
            #expect(ParameterTable.ultravoxAnswers.violations(inJSON: found.body, as: "CallPage") == [])
            #expect(found.int("total") == 2)
            let next = try await rig.ultravox(.get, found.string("next") ?? "")
            #expect(next.list("results").count == 1)
            #expect(next.object["next"] is NSNull)
            let none = try await rig.ultravox(.get, "calls?metadata.order.id=3")
            #expect(none.list("results").isEmpty)
            let agentCalls = try await rig.ultravox(.get, "agents/\(agent)/calls")
            #expect(agentCalls.list("results").count == 3)
        }
    }

    @Test func `a call that nobody joined can be deleted and then says nothing more`() async throws {
        try await withSandbox(SandboxSettings(accountWebhookSecrets: [])) { rig in
            let id = try await rig.prepareConversation()
            #expect(try await rig.ultravox(.delete, "calls/\(id)").status == 204)
            #expect(try await rig.ultravox(.get, "calls/\(id)").status == 404)
            _ = try await rig.sandbox.settled(ultravoxCallID: id)
            #expect(rig.sandbox.ledger().callbacks(of: id).map(\.kind) == ["call.started"])
            let sid = try await rig.place("0100")
            _ = try await rig.sandbox.settled(callSid: sid)
            #expect(rig.receiver.requests("/stream").map { $0["StreamEvent"] } == ["stream-error"])
        }
    }

    @Test func `data messages need a type and a live call`() async throws {
        try await withSandbox { rig in
            let id = try await rig.prepareConversation()
            let path = "calls/\(id)/send_data_message"
            #expect(try await rig.ultravox(.post, path, #"{"type":"hang_up"}"#).status == 422)
            #expect(try await rig.ultravox(.post, path, "{}").status == 400)
            #expect(try await rig.ultravox(.post, path, #"{"type":"text"}"#).status == 400)
            #expect(try await rig.ultravox(.post, "calls/x/send_data_message", "{}").status == 404)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `Ultravox's webhooks` {
    @Test func `every event goes to the account's webhook and to the call's callbacks, signed`() async throws {
        try await withSandbox(SandboxSettings(accountWebhookSecrets: ["new", "old"])) { rig in
            let target = #"{"url":"\#(rig.callbackBase)/own?call=7","secrets":["mine"]}"#
            let callbacks = #"{"joined":\#(target),"ended":\#(target),"billed":\#(target)}"#
            let id = try await rig.prepareConversation(
                #"{"templateContext":{"name":"Ada"},"callbacks":\#(callbacks)}"#
            )
            let sid = try await rig.place("0100")
            _ = try await rig.sandbox.settled(callSid: sid)
            _ = try await rig.sandbox.settled(ultravoxCallID: id)

            let account = rig.receiver.requests("/account")
            let own = rig.receiver.requests("/own")
            let bodies = account.map { Reply(status: 0, headers: [:], body: Data($0.body.utf8)) }
            #expect(
                bodies.map { $0.string("event") } == ["call.started", "call.joined", "call.ended", "call.billed"]
            )
            #expect(own.map(\.body) == account.dropFirst().map(\.body))
            for body in bodies {
                #expect(ParameterTable.ultravoxAnswers.violations(inJSON: body.body, as: "WebhookEvent") == [])
                #expect(body.member("call")["callId"] as? String == id)
            }
            let billed = try #require(rig.sandbox.snapshot().agentCall(id)?.billedSeconds)
            #expect(bodies.last?.member("call")["billedDuration"] as? String == "\(billed)s")
            for (requests, secrets) in [(account, ["new", "old"]), (own, ["mine"])] {
                for request in requests {
                    let timestamp = request.headers.named("X-Ultravox-Webhook-Timestamp") ?? ""
                    let expected = secrets.map { Signatures.ultravox(request.body, timestamp, secret: $0) }
                    #expect(request.headers.named("X-Ultravox-Webhook-Signature") == expected.joined(separator: ","))
                    #expect(timestamp.hasSuffix("+00:00"))
                    #expect(request.headers[.contentType] == "application/json")
                }
            }
            let shown = try await rig.ultravox(.get, "calls/\(id)")
            #expect(shown.text.contains("mine") == false)
        }
    }

    @Test func `a refused delivery is repeated with a fresh timestamp`() async throws {
        try await withSandbox(SandboxSettings(tempo: 0.001, accountWebhookSecrets: ["s"])) { rig in
            rig.receiver.answer(
                "/account",
                containing: "call.started",
                Receiver.Answer(status: 500),
                Receiver.Answer(status: 404),
                Receiver.Answer()
            )
            let id = try await rig.prepareConversation(
                #"{"templateContext":{"name":"Ada"},"joinTimeout":"0.5s"}"#
            )
            _ = try await rig.sandbox.settled(ultravoxCallID: id)
            let started = rig.sandbox.ledger().callbacks(of: id).filter { $0.kind == "call.started" }
            #expect(started.map(\.attempt) == [1, 2, 3])
            #expect(started.map(\.status) == [500, 404, 204])
            let requests = rig.receiver.requests("/account").filter { $0.body.contains("call.started") }
            #expect(Set(requests.map(\.body)).count == 1)
            #expect(Set(requests.map { $0.headers.named("X-Ultravox-Webhook-Timestamp") }).count == 3)
        }
    }
}
