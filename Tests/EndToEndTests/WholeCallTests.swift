import CallDomain
import Foundation
import HTTPTypes
import OutboundHTTP
import Sandbox
import TestSupport
import Testing

@testable import CommandLineTool

@Suite(.timeLimit(.minutes(2))) struct `A whole call, from the order to its end` {
    @Test func `that is answered has a timeline, a conversation and a duration`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let call = try await stage.completeCall(agentID, "+12125550100", ["metadata": ["campaign": "reminders"]])
            #expect(call["status"] == "completed")
            #expect(call["join_url"] == nil)
            #expect(call["phone_number"] == "+12125550100")
            #expect(call["metadata"] == ["campaign": "reminders"])
            #expect(call["duration_seconds"]?.intValue != nil)
            #expect(call["conversation"]?["end_reason"] == "agent_hangup")
            #expect(call["conversation"]?["billed_seconds"]?.intValue != nil)
            #expect(call["stream"]?["status"] == "stopped")
            #expect(call["error"] == nil)
            for time in ["ringing_at", "answered_at", "ended_at"] { #expect(call[time] != nil, "\(time)") }
            let timeline = try #require(call["timeline"]?.arrayValue)
            let statuses = timeline.compactMap { $0["status"]?.stringValue.flatMap(CallStatus.init(rawValue:)) }
            #expect(statuses.map(\.rank) == statuses.map(\.rank).sorted())
            #expect(Set(statuses) == [.pending, .unknown, .queued, .initiated, .ringing, .inProgress, .completed])
            let transcript = try await stage.client.get("/calls/\(call["id"]?.stringValue ?? "")/transcript")
            #expect(transcript.status == 200)
            #expect(transcript.body["data"]?.arrayValue?.isEmpty == false)
        }
    }

    @Test func `has a transcript in pages, whose cursors are good for this call alone`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let calls = [
                try await stage.completeCall(agentID, "+12125550100"),
                try await stage.completeCall(agentID, "+12125550105"),
            ]
            let paths = calls.map { "/calls/\($0["id"]?.stringValue ?? "")/transcript" }
            let whole = try await stage.client.get(paths[0])
            let messages = try #require(whole.body["data"]?.arrayValue)
            #expect(messages.count >= 3)
            #expect(whole.body["next_cursor"] == nil)
            #expect(messages.allSatisfy { $0["at"] != nil })
            var (pages, cursor) = ([] as [JSONValue], "")
            repeat {
                let page = try await stage.client.get(
                    paths[0] + "?limit=1" + (cursor.isEmpty ? "" : "&cursor=\(cursor)")
                )
                #expect(page.status == 200)
                pages += page.body["data"]?.arrayValue ?? []
                cursor = page.body["next_cursor"]?.stringValue ?? ""
                if !cursor.isEmpty {
                    #expect(try await stage.client.get(paths[1] + "?cursor=\(cursor)").status == 422)
                }
            } while !cursor.isEmpty && pages.count < 100
            #expect(pages == messages)
            for query in ["limit=0", "limit=201", "cursor=garbage", "nope=1"] {
                #expect(try await stage.client.get("\(paths[0])?\(query)").status == 422, "\(query)")
            }
        }
    }

    @Test(arguments: [
        ("+12125550101", "busy"), ("+12125550102", "no-answer"), ("+12125550103", "failed"),
        ("+12125550105", "completed"),
    ])
    func `ends as the callee makes it end`(number: String, status: String) async throws {
        try await withStage { stage in
            let call = try await stage.completeCall(try await stage.agent(), number)
            #expect(call["status"]?.stringValue == status)
            #expect(call["ended_at"] != nil)
            if status == "failed" { #expect(call["error"]?["sip_response_code"] == 404) }
        }
    }

    @Test func `that Twilio refuses is failed, named in the problem, and leaves no conversation behind`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let answer = try await stage.client.post("/calls/\(agentID)", ["phone_number": "+12125550109"])
            #expect(answer.status == 422)
            #expect(answer.body["code"] == "upstream_rejected")
            #expect(answer.body["upstream"]?["code"] == 21216)
            let id = try #require(answer.body["call_id"]?.stringValue)
            let call = try await stage.lookUp(id)
            #expect(call["status"] == "failed")
            #expect(call["error"]?["code"] == "21216")
            try await stage.sandbox.wait { state in
                state.ledger.requests.contains { $0.vendor == .ultravox && $0.method == "DELETE" && $0.status == 204 }
            }
        }
    }

    @Test(arguments: ["+12125550101", "+12125550102", "+12125550103"])
    func `that nobody answers leaves no conversation behind`(number: String) async throws {
        try await withStage { stage in
            let answer = try await stage.client.post(
                "/calls/\(try await stage.agent())",
                ["phone_number": .string(number)]
            )
            #expect(answer.status == 201)
            let sid = try #require(answer.body["call_sid"]?.stringValue)
            let conversation = try #require(answer.body["ultravox_call_id"]?.stringValue)
            _ = try await stage.sandbox.settled(callSid: sid)
            try await stage.sandbox.wait { state in
                state.ledger.requests.contains {
                    $0.method == "DELETE" && $0.path.hasSuffix("/\(conversation)") && $0.status == 204
                }
            }
            #expect(stage.requests(.ultravox, "DELETE", "/\(conversation)").count == 1)
            // Nobody talked, and Ultravox does not know the conversation any more.
            let id = try #require(answer.body["id"]?.stringValue)
            let transcript = try await stage.client.get("/calls/\(id)/transcript")
            #expect(transcript.status == 200)
            #expect(transcript.body["data"] == [])
        }
    }

    @Test func `is looked up with known parameters alone, and what does not fit is refused by name`() async throws {
        try await withStage { stage in
            let call = try await stage.completeCall(try await stage.agent(), "+12125550101")
            let id = try #require(call["id"]?.stringValue)
            for (query, name) in [
                ("wait=end", "wait"), ("wait=terminal&timeout=0", "timeout"),
                ("wait=terminal&timeout=61", "timeout"), ("wait=terminal&timeout=%2B5", "timeout"),
                ("waits=1", "waits"),
            ] {
                let answer = try await stage.client.get("/calls/\(id)?\(query)")
                #expect(answer.status == 422)
                #expect(answer.body["errors"]?.arrayValue?.first?["field"] == .string(name))
            }
            #expect(try await stage.client.get("/calls/\(id)?wait=terminal&timeout=60").status == 200)
            let limit = try await stage.client.get("/calls?limit=")
            #expect(limit.body["errors"]?.arrayValue?.first?["message"] == "must be a whole number from 1 to 200")
        }
    }

    @Test func `that goes on is ended by a hang-up, once`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let placed = try await stage.client.post("/calls/\(agentID)", ["phone_number": "+12125550107"])
            let id = try #require(placed.body["id"]?.stringValue)
            let sid = try #require(placed.body["call_sid"]?.stringValue)
            try await stage.sandbox.wait { state in
                state.ledger.callbacks.contains { $0.callID == sid && $0.kind == "stream" && $0.status == 204 }
            }
            let ended = try await stage.client.post("/calls/\(id)/hangup")
            #expect(ended.status == 202)
            _ = try await stage.sandbox.settled(callSid: sid)
            #expect(try await stage.lookUp(id)["status"] == "completed")
            let again = try await stage.client.post("/calls/\(id)/hangup")
            #expect(again.status == 409)
            #expect(again.body["code"] == "call_not_live")
        }
    }

    @Test func `to a machine is hung up when the order says so`() async throws {
        try await withStage { stage in
            let call = try await stage.completeCall(
                try await stage.agent(),
                "+12125550104",
                ["machine_detection": "hang_up"]
            )
            #expect(call["machine"] == true)
            #expect(call["answered_by"] == "machine_start")
            #expect(call["conversation"]?["end_reason"] == "hangup")
        }
    }

    @Test func `is recorded when the order says so`() async throws {
        try await withStage { stage in
            let call = try await stage.completeCall(try await stage.agent(), "+12125550100", ["record": true])
            #expect(call["recording"]?["status"] == "completed")
            #expect(call["recording"]?["url"] != nil)
        }
    }

    @Test func `asks both vendors for nothing that they do not know`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            _ = try await stage.completeCall(agentID, "+12125550100", ["record": true, "machine_detection": "detect"])
            let dials = stage.requests(.twilio, "POST", "/Calls.json")
            #expect(dials.count == 1)
            for dial in dials {
                let form = dial.parameters.map { (name: $0.name, value: $0.value) }
                #expect(ParameterTable.twilioCreateCall.violations(inForm: form) == [])
            }
            let prepared = stage.requests(.ultravox, "POST", "/api/agents/\(agentID)/calls")
            #expect(prepared.count == 1)
            for request in prepared {
                let body = Data((request.body ?? "").utf8)
                #expect(ParameterTable.ultravoxRequests.violations(inJSON: body, as: "StartAgentCall") == [])
            }
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `An order that does not fit` {
    @Test(
        arguments: [
            (["phone_number": "0212"], "phone_number"), ([:], "phone_number"),
            (["phone_number": "+1212555012"], "phone_number"), (["phone_number": "+121255501200"], "phone_number"),
            (["phone_number": "+12025550143"], "phone_number"),
            (["phone_number": "+12125550100", "from": "+12125550100"], "phone_number"),
            (["phone_number": "+12125550100", "template_context": ["town": "Graz"]], "template_context.town"),
            (["phone_number": "+12125550100", "join": "later"], "join"),
            (["phone_number": "+12125550100", "callback_url": "https://example.com"], "callback_url"),
            (["phone_number": "+12125550100", "Url": "https://example.com"], "Url"),
            (["phone_number": "+12125550100", "ring_timeout_seconds": 4], "ring_timeout_seconds"),
            (["phone_number": "+12125550100", "metadata": ["a": 1]], "metadata.a"),
        ] as [(JSONValue, String)]
    )
    func `is refused by field, and nobody is dialed`(order: JSONValue, field: String) async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let answer = try await stage.client.post("/calls/\(agentID)", order)
            #expect(answer.status == 422)
            #expect(answer.body["code"] == "validation_failed")
            let fields = answer.body["errors"]?.arrayValue?.compactMap { $0["field"]?.stringValue }
            #expect(fields == [field])
            #expect(stage.requests(.twilio, "POST", "/Calls.json").isEmpty)
            #expect(stage.requests(.ultravox, "POST", "/calls").isEmpty)
        }
    }

    @Test func `with an agent that does not exist is 404 before anything rings`() async throws {
        try await withStage { stage in
            let answer = try await stage.client.post(
                "/calls/6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921",
                ["phone_number": "+12125550100"]
            )
            #expect(answer.status == 404)
            #expect(answer.body["code"] == "not_found")
            #expect(stage.requests(.twilio, "POST", "/Calls.json").isEmpty)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `Agents` {
    @Test func `are created, listed, read, replaced and deleted`() async throws {
        try await withStage { stage in
            let id = try await stage.agent("first")
            _ = try await stage.agent("second")
            let list = try await stage.client.get("/agents?limit=1")
            #expect(list.body["data"]?.arrayValue?.count == 1)
            let cursor = try #require(list.body["next_cursor"]?.stringValue)
            let rest = try await stage.client.get("/agents?limit=1&cursor=\(cursor)")
            #expect(rest.body["data"]?.arrayValue?.count == 1)
            #expect(rest.body["data"] != list.body["data"])
            let read = try await stage.client.get("/agents/\(id)")
            #expect(read.body["config"]?["prompt"] == "Remind {{name}}.")
            #expect(read.body["config"]?["template_variables"] == ["name": "you"])
            #expect(read.body["config"]?["tools"] == ["hangUp"])
            #expect(read.body["status"] == "active")
        }
    }

    @Test func `of a name that is taken are refused on that field`() async throws {
        try await withStage { stage in
            _ = try await stage.agent("taken")
            let answer = try await stage.client.post("/agents", ["name": "taken", "prompt": "Hi."])
            #expect(answer.status == 422)
            #expect(answer.body["code"] == "validation_failed")
            #expect(answer.body["errors"]?.arrayValue?.first?["field"] == "name")
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `A forged webhook` {
    @Test func `is refused and changes nothing`() async throws {
        try await withStage { stage in
            let call = try await stage.completeCall(try await stage.agent(), "+12125550100")
            let id = try #require(call["id"]?.stringValue)
            let sid = try #require(call["call_sid"]?.stringValue)
            let form = "AccountSid=\(stage.settings.accountSid)&CallSid=\(sid)&CallStatus=failed&SequenceNumber=9"
            let header = try #require(HTTPField.Name("X-Twilio-Signature"))
            let answer = try await stage.transport.send(
                OutboundRequest(
                    method: .post,
                    url: "\(stage.client.baseURL)/webhooks/twilio/status?call=\(id)",
                    headers: [
                        .contentType: "application/x-www-form-urlencoded", header: "L/OH5YylLD5NRKLltdqwSvS0BnU=",
                    ],
                    body: Array(form.utf8)
                )
            )
            #expect(answer.status == 403)
            #expect(answer.body.isEmpty)
            #expect(try await stage.lookUp(id) == call)
        }
    }
}
