import CallDomain
import Crypto
import Foundation
import HTTPTypes
import OutboundHTTP

/// The guided tour: a few calls as a user would place them, and a forger.
struct Tour: Sendable {
    let client: GatewayClient
    let terminal: Terminal
    let accountSid: AccountSid
    let clock: any TimeSource

    /// A step that did not go as it should.
    struct Surprise: Error, CustomStringConvertible {
        let description: String
    }

    /// Returns the id of the agent that it made.
    func run() async throws -> String {
        let agentID = try await createAgent()
        let answered = try await call(
            agentID,
            "+12125550100",
            "Call somebody who answers",
            expecting: "completed",
            context: ["name": "Jane", "day": "Tuesday"]
        )
        try await showConversation(of: answered)
        let busy = try await call(
            agentID,
            "+12125550101",
            "Call a busy line",
            expecting: "busy",
            context: ["name": "Joe"],
            idempotencyKey: "order-2"
        )
        try await repeatOrder(of: busy, agentID, "+12125550101", context: ["name": "Joe"], idempotencyKey: "order-2")
        _ = try await call(
            agentID,
            "+12125550102",
            "Call where nobody answers",
            expecting: "no-answer",
            context: ["name": "Ann"]
        )
        _ = try await call(
            agentID,
            "+12125550107",
            "Hang up a call in progress",
            expecting: "completed",
            context: ["name": "Max"],
            hangUpWhenAnswered: true
        )
        try await makeAMistake(agentID)
        try await forge(against: answered)
        try await listCalls()
        return agentID
    }

    private func heading(_ title: String, _ request: String) {
        terminal.line()
        terminal.line("  " + terminal.styled(Terminal.column(title, 34), .bold) + terminal.styled(request, .blue))
    }

    private func note(_ text: String) { terminal.line("     " + text) }

    private func createAgent() async throws -> String {
        heading("Create an agent", "POST /agents")
        let answer = try await client.post(
            "/agents",
            [
                "name": "appointment-reminder",
                "prompt": "Remind {{name}} of the appointment on {{day}}. Be brief and kind.",
                "first_speaker": "agent",
                "greeting": "Hello {{name}}, this is the clinic.",
                "template_variables": ["day": "Monday"],
            ]
        )
        guard answer.status == 201, let id = answer.body["id"]?.stringValue else {
            throw surprise("the agent was not created", answer)
        }
        note("\(terminal.styled("201", .green))  appointment-reminder is agent \(id)")
        note("     its prompt needs {{name}}; {{day}} has a default")
        return id
    }

    private func call(
        _ agentID: String,
        _ number: String,
        _ title: String,
        expecting status: String,
        context: JSONValue,
        idempotencyKey: String? = nil,
        hangUpWhenAnswered: Bool = false
    ) async throws -> String {
        heading(title, "POST /calls/\(agentID)")
        let answer = try await client.post(
            "/calls/\(agentID)",
            ["phone_number": .string(number), "template_context": context],
            idempotencyKey: idempotencyKey
        )
        guard answer.status == 201, let id = answer.body["id"]?.stringValue,
            let sid = answer.body["call_sid"]?.stringValue
        else { throw surprise("the call was not placed", answer) }
        note("\(terminal.styled("201", .green))  \(number) is \(id)  \(terminal.styled(sid, .faint))")
        let call = try await follow(id, hangUpWhenAnswered: hangUpWhenAnswered)
        let reached = call["status"]?.stringValue ?? "nothing"
        guard reached == status else {
            throw Surprise(description: "the call to \(number) ended as \(reached) where \(status) was expected")
        }
        return id
    }

    /// Sends an order again, as a client does that never saw the answer.
    private func repeatOrder(
        of id: String,
        _ agentID: String,
        _ number: String,
        context: JSONValue,
        idempotencyKey: String
    ) async throws {
        heading("Send that order again", "POST /calls/\(agentID)")
        let answer = try await client.post(
            "/calls/\(agentID)",
            ["phone_number": .string(number), "template_context": context],
            idempotencyKey: idempotencyKey
        )
        guard answer.status == 201, answer.isReplay, answer.body["id"]?.stringValue == id else {
            throw surprise("the order was not recognised", answer)
        }
        note("\(terminal.styled("201", .green))  the first answer again, by its Idempotency-Key; nobody was called")
    }

    /// Looks the call up until both vendors have sent their last webhook.
    private func follow(_ id: String, hangUpWhenAnswered: Bool) async throws -> JSONValue {
        var timeline = LiveTimeline(terminal: terminal)
        let deadline = clock.now + .seconds(90)
        var hungUp = false
        while clock.now < deadline {
            let answer = try await client.get("/calls/\(id)")
            guard answer.status == 200 else { throw surprise("the call was lost", answer) }
            timeline.show(answer.body)
            let status = answer.body["status"]?.stringValue.flatMap(CallStatus.init(rawValue:))
            if hangUpWhenAnswered, !hungUp, status == .inProgress, answer.body["conversation"] != nil {
                hungUp = true
                let ended = try await client.post("/calls/\(id)/hangup")
                guard ended.status == 202 else { throw surprise("the call was not hung up", ended) }
                note(terminal.styled("               POST /calls/\(id)/hangup → 202", .blue))
            }
            let isAnswered = answer.body["answered_at"] != nil
            let isBilled = answer.body["conversation"]?["billed_seconds"] != nil
            if status?.isTerminal == true, isBilled || !isAnswered { return answer.body }
            try await clock.sleep(for: .milliseconds(100))
        }
        throw Surprise(description: "call \(id) did not end within 90 seconds")
    }

    private func showConversation(of id: String) async throws {
        heading("Read what was said", "GET /calls/\(id)/transcript")
        let answer = try await client.get("/calls/\(id)/transcript")
        guard answer.status == 200, let messages = answer.body["data"]?.arrayValue, !messages.isEmpty else {
            throw surprise("the transcript is missing", answer)
        }
        for message in messages {
            let role = message["role"]?.stringValue ?? ""
            let text = message["text"]?.stringValue ?? ""
            note(terminal.styled(Terminal.column(role, 13), role == "agent" ? .magenta : .cyan) + text)
        }
    }

    private func makeAMistake(_ agentID: String) async throws {
        heading("Make a mistake", "POST /calls/\(agentID)")
        let answer = try await client.post("/calls/\(agentID)", ["phone_number": "0212 555 0100", "template": "Jane"])
        guard answer.status == 422 else { throw surprise("an invalid order was accepted", answer) }
        note("\(terminal.styled("422", .yellow))  \(answer.body["code"]?.stringValue ?? ""); nobody was called")
        for error in answer.body["errors"]?.arrayValue ?? [] {
            let field = Terminal.column(error["field"]?.stringValue ?? "", 14)
            for (index, line) in Terminal.wrapped(error["message"]?.stringValue ?? "", 54).enumerated() {
                note("     " + (index == 0 ? field : Terminal.column("", 14)) + line)
            }
        }
    }

    /// Sends a webhook in Twilio's name, signed with a wrong token, that says that the call failed.
    private func forge(against id: String) async throws {
        heading("Forge a Twilio webhook", "POST /webhooks/twilio/status?call=…")
        let before = try await client.get("/calls/\(id)")
        let url = "\(client.baseURL)/webhooks/twilio/status?call=\(id)"
        let parameters = [
            ("AccountSid", accountSid.text), ("CallSid", before.body["call_sid"]?.stringValue ?? ""),
            ("CallStatus", "failed"), ("SequenceNumber", "9"),
        ]
        let signed = url + parameters.map { $0.0 + $0.1 }.joined()
        let key = SymmetricKey(data: Data("a token that the forger guessed".utf8))
        let signature = Data(HMAC<Insecure.SHA1>.authenticationCode(for: Data(signed.utf8), using: key))
        guard let header = HTTPField.Name("X-Twilio-Signature") else { return }
        let answer = try await client.transport.send(
            OutboundRequest(
                method: .post,
                url: url,
                headers: [
                    .contentType: "application/x-www-form-urlencoded", header: signature.base64EncodedString(),
                ],
                body: Array(parameters.map { "\($0.0)=\($0.1)" }.joined(separator: "&").utf8)
            )
        )
        let after = try await client.get("/calls/\(id)")
        guard answer.status == 403, after.body == before.body else {
            throw Surprise(
                description: "the forged webhook was answered \(answer.status) and may have changed the call"
            )
        }
        note("\(terminal.styled("403", .red))  refused; the call is still \(after.body["status"]?.stringValue ?? "")")
    }

    private func listCalls() async throws {
        heading("List the calls", "GET /calls")
        let answer = try await client.get("/calls")
        guard answer.status == 200, let calls = answer.body["data"]?.arrayValue, calls.count == 4 else {
            throw surprise("the list is not complete", answer)
        }
        for call in calls {
            let duration = call["duration_seconds"]?.intValue.map { "\($0) s" } ?? "-"
            let columns = [
                Terminal.column(call["phone_number"]?.stringValue ?? "", 16),
                Terminal.column(call["status"]?.stringValue ?? "", 13), Terminal.column(duration, 8),
            ]
            note(columns.joined() + (call["conversation"]?["short_summary"]?.stringValue ?? ""))
        }
    }

    private func surprise(_ what: String, _ answer: GatewayClient.Answer) -> Surprise {
        Surprise(
            description:
                "\(what): the gateway answered \(answer.status) \(String(decoding: answer.body.encoded, as: UTF8.self))"
        )
    }
}
