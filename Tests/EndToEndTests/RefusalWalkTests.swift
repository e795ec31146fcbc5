import CallDomain
import Foundation
import HTTPTypes
import Logging
import OrderedCollections
import OutboundHTTP
import Sandbox
import TestSupport
import Testing

@testable import CommandLineTool

/// Each row of the tables of refusals, from the order through the answer, the key and the call to the line in the log.
@Suite(.timeLimit(.minutes(2))) struct `The tables of refusals, walked from the order to the log` {
    private static let environment = [
        "MAX_CONCURRENT_CALLS": "1000", "RATE_LIMIT_PER_MINUTE": "100000", "READ_LIMIT_PER_MINUTE": "100000",
    ]
    /// How many rows are under way at a time.
    private static let width = 8

    /// A row, and the number that only its orders call.
    private struct Step: Sendable {
        let row: RefusalRow
        let number: String
        var key: String { "key of \(number)".replacing(" ", with: "-") }
    }

    private static func steps(_ rows: [RefusalRow]) -> [Step] {
        rows.enumerated().map { Step(row: $1, number: "+1212555\(2000 + $0)") }
    }

    private static func walk(_ rows: [RefusalRow], _ body: @escaping @Sendable (Step) async throws -> Void) async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var waiting = steps(rows)[...]
            for _ in 0..<width {
                if let step = waiting.popFirst() { group.addTask { try await body(step) } }
            }
            while try await group.next() != nil {
                if let step = waiting.popFirst() { group.addTask { try await body(step) } }
            }
        }
    }

    @Test func `a refusal of Twilio's ends the order by whose mistake it is, and leaves the key free`() async throws {
        let rows = try RefusalRow.twilio("refusals") + RefusalRow.twilio("others")
        let log = RecordedLog()
        try await withStage(environment: Self.environment, logger: log.logger) { stage in
            let agentID = try await stage.agent()
            try await Self.walk(rows) { step in
                let row = step.row
                try stage.sandbox.inject(
                    FaultRule(
                        .twilio,
                        .answer(status: row.status, body: row.body, retryAfter: row.vendorRetryAfter),
                        on: .createCall,
                        number: step.number
                    )
                )
                let refused = try await stage.order(agentID, step.number, key: step.key)
                try Self.expectProblem(refused, row)
                let id = try #require(try refused.json["call_id"]?.stringValue)

                let call = try await stage.lookUp(id)
                #expect(call["status"] == "failed", "\(row)")
                #expect(call["error"]?["source"] == "twilio", "\(row)")
                let code = try Self.code(of: row)
                #expect(call["error"]?["code"]?.stringValue == String(code), "\(row)")
                try Self.expectLine(log, "order failed", ["call.id": id, "vendor": "twilio"], row)

                // The mended order may use the key again.
                let mended = try await stage.order(agentID, step.number, key: step.key)
                #expect(mended.status == 201 && !mended.isReplay, "\(row): \(mended.status)")
            }
        }
    }

    @Test func `what Twilio may have done leaves a call unknown, keeps the key, and still gets its stream`()
        async throws
    {
        let log = RecordedLog()
        try await withStage(environment: Self.environment, logger: log.logger) { stage in
            let agentID = try await stage.agent()
            try await Self.walk(try RefusalRow.twilio("unproven")) { step in
                let row = step.row
                try stage.sandbox.inject(
                    FaultRule(
                        .twilio,
                        .answer(status: row.status, body: row.body, acts: row.acts),
                        on: .createCall,
                        number: step.number
                    )
                )
                // Nothing that Twilio sends may settle the call before its answer is here.
                for kind in ["status", "voice"] {
                    try stage.sandbox.inject(FaultRule(.twilio, .late(.seconds(3)), kind: kind, number: step.number))
                }
                let answer = try await stage.order(agentID, step.number, key: step.key)
                #expect(answer.status == 202, "\(row): \(answer.status)")
                #expect(try answer.json["status"] == "unknown", "\(row)")
                #expect(try answer.json["call_sid"]?.stringValue == nil, "\(row)")
                let id = try #require(try answer.json["id"]?.stringValue)
                #expect(try await stage.lookUp(id)["error"]?["code"]?.stringValue == String(row.status), "\(row)")
                try Self.expectLine(
                    log,
                    "the outcome of a dial is unknown",
                    ["call.id": id, "vendor": "twilio", "http.status": String(row.status)],
                    row
                )

                let again = try await stage.order(agentID, step.number, key: step.key)
                #expect(again.status == 202 && again.isReplay && again.body == answer.body, "\(row)")
                let creates = stage.creates(for: step.number)
                #expect(creates.count == 1, "\(row): \(creates.count)")

                guard row.acts else { return }
                let sid = try await stage.callSid(of: step.number)
                _ = try await stage.sandbox.settled(callSid: sid)
                let call = try await stage.lookUp(id)
                #expect(call["call_sid"]?.stringValue == sid, "\(row)")
                #expect(call["status"] == "completed", "\(row)")
                #expect(call["stream"]?["status"]?.stringValue != nil, "\(row)")
            }
        }
    }

    @Test func `a refusal of Ultravox's dials nobody, by whose mistake it is, and leaves the key free`() async throws {
        let log = RecordedLog()
        try await withStage(environment: Self.environment, logger: log.logger) { stage in
            try await Self.walk(try RefusalRow.ultravox() + RefusalRow.ultravox("unproven")) { step in
                let row = step.row
                let agentID = try await stage.unreadAgent("agent-\(step.number.dropFirst())")
                let isRead = row.at == "agent"
                let path = "/api/agents/\(agentID)"
                // A read is asked again where that does no harm.
                let times = isRead && row.rule == nil ? 3 : 1
                try stage.sandbox.inject(
                    FaultRule(
                        .ultravox,
                        .answer(status: row.status, body: row.body, acts: row.acts, retryAfter: row.vendorRetryAfter),
                        on: try #require(RequestPattern(isRead ? "GET \(path)" : "POST \(path)/calls")),
                        times: .times(times)
                    )
                )
                let refused = try await stage.order(agentID, step.number, key: step.key)
                try Self.expectProblem(refused, row)
                #expect(stage.creates(for: step.number).isEmpty, "\(row)")
                if isRead {
                    #expect(try refused.json["call_id"] == nil, "\(row)")
                    try Self.expectLine(
                        log,
                        "order refused: its agent could not be read",
                        ["agent.id": agentID, "vendor": "ultravox"],
                        row
                    )
                } else {
                    // Nobody knows of an unclear answer that it left nothing behind: a second one would be one too many.
                    #expect(stage.requests(.ultravox, "POST", "\(path)/calls").count == 1, "\(row)")
                    let id = try #require(try refused.json["call_id"]?.stringValue, "\(row)")
                    let call = try await stage.lookUp(id)
                    #expect(call["status"] == "failed", "\(row)")
                    #expect(call["error"]?["source"] == "ultravox", "\(row)")
                    #expect(call["error"]?["code"]?.stringValue == String(row.status), "\(row)")
                    try Self.expectLine(log, "order failed", ["call.id": id, "vendor": "ultravox"], row)
                }
                let mended = try await stage.order(agentID, step.number, key: step.key)
                #expect(mended.status == 201 && !mended.isReplay, "\(row): \(mended.status)")
            }
        }
    }

    @Test func `an order that goes well writes no line about the unknown`() async throws {
        let log = RecordedLog()
        try await withStage(logger: log.logger) { stage in
            _ = try await stage.completeCall(try await stage.agent(), "+12125550100")
        }
        let changes = log.shown.filter { $0.message == "call status changed" }
        #expect(changes.last?.metadata["call.status"] == "completed")
        for line in log.shown { #expect(!line.metadata.values.contains("unknown"), "\(line)") }
    }

    private static func code(of row: RefusalRow) throws -> Int {
        try JSONParser.parse(Array(row.body.utf8))["code"]?.intValue ?? row.status
    }

    private static func expectProblem(_ answer: OutboundResponse, _ row: RefusalRow) throws {
        #expect(answer.status == row.answer, "\(row): \(answer.status)")
        let problem = try answer.json
        #expect(problem["code"]?.stringValue == row.answerCode, "\(row): \(problem)")
        let isLater = answer.status == 429 || answer.status == 503
        #expect((answer.headers[.retryAfter].flatMap(Int.init) ?? 0 > 0) == isLater, "\(row): \(answer.headers)")
        let detail = problem["detail"]?.stringValue ?? ""
        #expect(row.names.isEmpty || detail.contains(row.names), "\(row): \(detail)")
        if row.mistake != nil, row.answer != 404 {
            #expect(problem["upstream"]?["status"]?.intValue == row.status, "\(row)")
        }
    }

    /// One line says why, in words of ours, and what to do.
    private static func expectLine(
        _ log: RecordedLog,
        _ message: String,
        _ metadata: [String: String],
        _ row: RefusalRow
    ) throws {
        let lines = log.lines(message).filter { line in metadata.allSatisfy { line.metadata[$0.key] == $0.value } }
        let line = try #require(lines.first, "\(row): no line")
        #expect(lines.count == 1 && line.level >= .info, "\(row)")
        #expect(line.metadata["http.status"] == String(row.status), "\(row)")
        if let code = row.code { #expect(line.metadata["vendor.code"] == String(code), "\(row)") }
        for name in ["reason", "advice"] { #expect(line.metadata[name]?.isEmpty == false, "\(row): no \(name)") }
        let isOperators = ["setup", "account", "gateway"].contains(row.mistake)
        if isOperators { #expect(line.level == .warning, "\(row)") }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `A hang-up that Twilio does not take` {
    @Test func `ends a call that Twilio no longer knows, and frees its number`() async throws {
        let log = RecordedLog()
        try await withStage(logger: log.logger) { stage in
            let agentID = try await stage.agent()
            let placed = try await stage.client.post("/calls/\(agentID)", ["phone_number": "+12125550107"])
            let id = try #require(placed.body["id"]?.stringValue)
            let sid = try #require(placed.body["call_sid"]?.stringValue)
            try await stage.sandbox.wait { state in
                state.ledger.callbacks.contains { $0.callID == sid && $0.kind == "stream" && $0.status == 204 }
            }
            let busy = try await stage.client.post("/calls/\(agentID)", ["phone_number": "+12125550107"])
            #expect(busy.status == 409 && busy.body["code"] == "number_busy")
            let pattern = try #require(RequestPattern("POST /2010-04-01/Accounts/*/Calls/*"))
            let body = #"{"code":20404,"message":"The requested resource was not found","status":404}"#
            try stage.sandbox.inject(FaultRule(.twilio, .answer(status: 404, body: body), on: pattern))
            let ended = try await stage.client.post("/calls/\(id)/hangup")
            #expect(ended.status == 202)
            #expect(ended.body["status"] == "completed")
            let call = try await stage.lookUp(id)
            #expect(call["error"]?["code"] == "20404")
            #expect(call["timeline"]?.arrayValue?.last?["type"] == "call.completed")
            let next = try await stage.client.post("/calls/\(agentID)", ["phone_number": "+12125550107"])
            #expect(next.status == 201)
        }
        // One call is missing, not the account.
        #expect(log.shown.allSatisfy { !$0.message.hasPrefix("Twilio refuses this gateway") })
    }

    @Test(.timeLimit(.minutes(1)))
    func `is recorded and sent again where somebody else answered in Twilio's place`() async throws {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let placed = try await stage.client.post("/calls/\(agentID)", ["phone_number": "+12125550107"])
            let id = try #require(placed.body["id"]?.stringValue)
            let sid = try #require(placed.body["call_sid"]?.stringValue)
            try await stage.sandbox.wait { state in
                state.ledger.callbacks.contains { $0.callID == sid && $0.kind == "stream" && $0.status == 204 }
            }
            // Somebody else's 404 proves nothing.
            let pattern = try #require(RequestPattern("POST /2010-04-01/Accounts/*/Calls/*"))
            try stage.sandbox.inject(FaultRule(.twilio, .html(status: 404), on: pattern))
            let answer = try await stage.client.post("/calls/\(id)/hangup")
            #expect(answer.status == 202)
            #expect(answer.body["status"] == "in-progress")
            _ = try await stage.sandbox.settled(callSid: sid)
            #expect(try await stage.lookUp(id)["status"] == "completed")
            #expect(stage.requests(.twilio, "POST", "/Calls/\(sid).json").count == 2)
        }
    }

    @Test func `is sent again where Twilio says that the call cannot be ended, and shows it as going on`() async throws
    {
        try await withStage { stage in
            let agentID = try await stage.agent()
            let placed = try await stage.client.post("/calls/\(agentID)", ["phone_number": "+12125550107"])
            let id = try #require(placed.body["id"]?.stringValue)
            let sid = try #require(placed.body["call_sid"]?.stringValue)
            try await stage.sandbox.wait { state in
                state.ledger.callbacks.contains { $0.callID == sid && $0.kind == "stream" && $0.status == 204 }
            }
            let body = #"{"code":21220,"message":"Call is not in-progress. Cannot redirect.","status":400}"#
            let pattern = try #require(RequestPattern("POST /2010-04-01/Accounts/*/Calls/*"))
            try stage.sandbox.inject(FaultRule(.twilio, .answer(status: 400, body: body), on: pattern))
            let answer = try await stage.client.post("/calls/\(id)/hangup")
            #expect(answer.status == 202)
            #expect(answer.body["status"] == "in-progress")
            _ = try await stage.sandbox.settled(callSid: sid)
            #expect(try await stage.lookUp(id)["status"] == "completed")
        }
    }
}

extension Stage {
    /// The requests to create a call to a number.
    fileprivate func creates(for number: String) -> [Ledger.Request] {
        requests(.twilio, "POST", "/Calls.json").filter { request in
            request.parameters.contains { $0.name == "To" && $0.value == number }
        }
    }

    /// Of the call that Twilio made to a number, as soon as Twilio speaks of it.
    fileprivate func callSid(of number: String) async throws -> String {
        @Sendable func callback(_ state: SandboxState) -> Ledger.Callback? {
            state.ledger.callbacks.first { callback in
                callback.parameters.contains { $0.name == "To" && $0.value == number }
            }
        }
        let state = try await sandbox.wait { callback($0) != nil }
        return try #require(callback(state)?.callID)
    }

    /// An agent that the gateway has not read yet: made at Ultravox itself.
    fileprivate func unreadAgent(_ name: String) async throws -> String {
        let body: JSONValue = [
            "name": .string(name), "callTemplate": ["systemPrompt": "Be kind.", "medium": ["twilio": [:]]],
        ]
        let answer = try await transport.send(
            OutboundRequest(
                method: .post,
                url: "\(settings.ultravoxBaseURL)/api/agents",
                headers: [
                    .contentType: "application/json",
                    HTTPField.Name("X-API-Key")!: settings.ultravoxAPIKey.exposed,
                ],
                body: body.encoded
            )
        )
        #expect(answer.status == 201)
        return try #require(try answer.json["agentId"]?.stringValue)
    }
}

extension OutboundResponse {
    fileprivate var json: JSONValue {
        get throws { try JSONParser.parse(body) }
    }
}
