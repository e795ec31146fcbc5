import CallDomain
import Foundation
import HTTPTypes
import OutboundHTTP
import Sandbox
import Testing

@testable import CommandLineTool

extension Stage {
    func order(_ agentID: String, _ number: String, key: String) async throws -> OutboundResponse {
        let body: JSONValue = ["phone_number": .string(number)]
        return try await transport.send(
            OutboundRequest(
                method: .post,
                url: "\(client.baseURL)/calls/\(agentID)",
                headers: [
                    .contentType: "application/json", .authorization: "Bearer \(Self.apiKey)",
                    HTTPField.Name("Idempotency-Key")!: key,
                ],
                body: body.encoded,
                timeout: .seconds(60)
            )
        )
    }

    /// The same order, many times at once.
    fileprivate func race(
        _ count: Int,
        _ agentID: String,
        _ number: String,
        key: String
    ) async throws -> [OutboundResponse] {
        try await withThrowingTaskGroup(of: OutboundResponse.self) { group in
            for _ in 0..<count { group.addTask { try await order(agentID, number, key: key) } }
            var answers: [OutboundResponse] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
    }
}

extension OutboundResponse {
    var isReplay: Bool { headers[HTTPField.Name("Idempotent-Replayed")!] == "true" }
    fileprivate var problemCode: String? { (try? JSONParser.parse(body))?["code"]?.stringValue }
}

@Suite(.timeLimit(.minutes(2))) struct `An order with an Idempotency-Key` {
    @Test func `is placed once, and answered again byte for byte`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let first = try await stage.order(agentID, "+12125550100", key: "one")
            #expect(first.status == 201)
            #expect(!first.isReplay)
            let again = try await stage.order(agentID, "+12125550100", key: "\"one\"")
            #expect(again.status == 201)
            #expect(again.isReplay)
            #expect(again.body == first.body)
            #expect(again.headers[.location] == first.headers[.location])
            let other = try await stage.order(agentID, "+12125550101", key: "one")
            #expect(other.status == 422)
            #expect(other.problemCode == "idempotency_key_reused")
            #expect(stage.requests(.twilio, "POST", "/Calls.json").count == 1)
        }
    }

    @Test func `that Twilio refuses leaves the key free, also for another order`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let first = try await stage.order(agentID, "+12125550109", key: "no")
            let again = try await stage.order(agentID, "+12125550109", key: "no")
            for answer in [first, again] {
                #expect(answer.status == 422)
                #expect(answer.problemCode == "upstream_rejected")
                #expect(!answer.isReplay)
            }
            #expect(stage.requests(.twilio, "POST", "/Calls.json").count == 2)
            let mended = try await stage.order(agentID, "+12125550100", key: "no")
            #expect(mended.status == 201 && !mended.isReplay)
        }
    }

    @Test func `that was refused before anything was done leaves the key free`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let unfit = try await stage.order(agentID, "0212", key: "k")
            #expect(unfit.status == 422)
            let nobody = try await stage.order("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921", "+12125550100", key: "k")
            #expect(nobody.status == 404)
            let fit = try await stage.order(agentID, "+12125550100", key: "k")
            #expect(fit.status == 201)
            #expect(!fit.isReplay)
        }
    }

    @Test func `sent many times at once is dialed once`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let answers = try await stage.race(32, agentID, "+12125550100", key: "race")
            let placed = answers.filter { $0.status == 201 }
            #expect(placed.count { !$0.isReplay } == 1)
            #expect(Set(placed.map(\.body)).count == 1)
            for answer in answers where answer.status != 201 {
                #expect(answer.status == 409)
                #expect(answer.problemCode == "idempotency_in_progress")
                #expect(answer.headers[.retryAfter] != nil)
            }
            #expect(stage.requests(.twilio, "POST", "/Calls.json").count == 1)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `An order that prepares its conversation on answer` {
    @Test func `has no join URL until the callee answers, and then a whole conversation`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let answer = try await stage.client.post(
                "/calls/\(agentID)",
                ["phone_number": "+12125550100", "join": "on_answer", "template_context": ["name": "Ada"]]
            )
            #expect(answer.status == 201)
            #expect(answer.body["join_url"]?.stringValue == nil)
            let sid = try #require(answer.body["call_sid"]?.stringValue)
            _ = try await stage.sandbox.settled(callSid: sid)
            let id = try #require(answer.body["id"]?.stringValue)
            let ultravoxCallID = try #require(try await stage.lookUp(id)["ultravox_call_id"]?.stringValue)
            _ = try await stage.sandbox.settled(ultravoxCallID: ultravoxCallID)
            let call = try await stage.lookUp(id)
            #expect(call["status"] == "completed")
            #expect(call["conversation"]?["end_reason"] == "agent_hangup")
            #expect(stage.requests(.ultravox, "POST", "/api/agents/\(agentID)/calls").count == 1)
        }
    }

    @Test func `prepares nothing for a callee who is busy`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let call = try await stage.completeCall(agentID, "+12125550101", ["join": "on_answer"])
            #expect(call["status"] == "busy")
            #expect(stage.requests(.ultravox, "POST", "/api/agents/\(agentID)/calls").isEmpty)
        }
    }
}
