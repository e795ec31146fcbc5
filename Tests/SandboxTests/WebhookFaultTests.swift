import Foundation
import HTTPTypes
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Webhook faults` {
    @Test func `lost callbacks are in the ledger only`() async throws {
        try await withSandbox(SandboxSettings(accountWebhookSecrets: [])) { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .lost, kind: "callbacks", times: .every))
            try rig.sandbox.inject(FaultRule(.ultravox, .lost, kind: "call.ended"))
            let agentCallID = try await rig.prepareConversation()
            let sid = try await rig.place("0100")
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            _ = try await rig.sandbox.settled(ultravoxCallID: agentCallID)
            #expect(rig.receiver.requests("/status").isEmpty && rig.receiver.requests("/stream").isEmpty)
            #expect(rig.receiver.requests("/voice").count == 1)
            let lost = rig.sandbox.ledger().callbacks(of: sid).filter { $0.fault == "lost" }
            #expect(lost.map(\.kind).filter { $0 == "status" }.count == 4)
            #expect(lost.allSatisfy { $0.status == nil && $0.attempt == 1 })
            let events = rig.receiver.requests("/account").map {
                Reply(status: 0, headers: [:], body: Data($0.body.utf8))
            }
            #expect(events.map { $0.string("event") } == ["call.started", "call.joined", "call.billed"])
        }
    }

    @Test func `lost TwiML is asked for at the fallback`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .lost, kind: "voice"))
            rig.receiver.answer("/fallback", .twiml("<Response><Hangup/></Response>"))
            let sid = try await rig.place("0100")
            _ = try await rig.sandbox.settled(callSid: sid)
            #expect(rig.receiver.requests("/voice").isEmpty)
            #expect(rig.receiver.requests("/fallback").first?["ErrorCode"] == "11205")
        }
    }

    @Test func `doubled webhooks come in copies with one token`() async throws {
        try await withSandbox(SandboxSettings(accountWebhookSecrets: [])) { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .doubled(copies: 3), kind: "status", times: .every))
            try rig.sandbox.inject(FaultRule(.ultravox, .doubled(), times: .every))
            let sid = try await rig.place("0103")
            _ = try await rig.sandbox.settled(callSid: sid)
            let requests = rig.receiver.requests("/status")
            #expect(requests.map { $0["SequenceNumber"] } == ["0", "0", "0", "1", "1", "1"])
            #expect(Set(requests.map(\.body)).count == 2)
            #expect(Set(requests.map { $0.headers.named("I-Twilio-Idempotency-Token") }).count == 2)
            let callbacks = rig.sandbox.ledger().callbacks(of: sid)
            #expect(callbacks.count == 6 && callbacks.allSatisfy { $0.fault == "doubled" && $0.status == 204 })

            let id = try await rig.prepareConversation(#"{"templateContext":{"name":"Ada"},"joinTimeout":"0.1s"}"#)
            _ = try await rig.sandbox.settled(ultravoxCallID: id)
            let bodies = rig.receiver.requests("/account").map(\.body)
            #expect(bodies.count == 6)
            #expect(Set(bodies).count == 3)
        }
    }

    @Test(arguments: [UInt64(0), 1, 7])
    func `shuffled webhooks come in another order, the same for a seed`(_ seed: UInt64) async throws {
        try await withSandbox(SandboxSettings(accountWebhookSecrets: [])) { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .shuffled(seed: seed), times: .every))
            try rig.sandbox.inject(FaultRule(.ultravox, .shuffled(seed: seed), times: .every))
            var orders: Set<[String]> = []
            for _ in 0..<2 {
                let sid = try await rig.place("0101")
                _ = try await rig.sandbox.settled(callSid: sid)
                let numbers = rig.receiver.requests("/status").filter { $0["CallSid"] == sid }
                    .map { $0["SequenceNumber"] ?? "" }
                #expect(numbers != ["0", "1", "2"])
                #expect(numbers.sorted() == ["0", "1", "2"])
                #expect(rig.sandbox.ledger().callbacks(of: sid).allSatisfy { $0.fault == "shuffled" })
                orders.insert(numbers)
            }
            #expect(orders.count == 1)
            let id = try await rig.prepareConversation(#"{"templateContext":{"name":"Ada"},"joinTimeout":"0.1s"}"#)
            _ = try await rig.sandbox.settled(ultravoxCallID: id)
            let kinds = rig.sandbox.ledger().callbacks(of: id).map(\.kind)
            #expect(kinds != ["call.started", "call.ended", "call.billed"])
            #expect(kinds.sorted() == ["call.billed", "call.ended", "call.started"])
        }
    }

    @Test func `a late webhook holds up those behind it`() async throws {
        try await withSandbox { rig in
            try rig.sandbox.inject(FaultRule(.twilio, .late(.milliseconds(300)), kind: "status"))
            let sid = try await rig.place("0103")
            let call = try await rig.sandbox.settled(callSid: sid)
            #expect(rig.receiver.requests("/status").map { $0["SequenceNumber"] } == ["0", "1"])
            let callbacks = rig.sandbox.ledger().callbacks(of: sid)
            #expect(callbacks.map(\.fault) == ["late", nil])
            let dialled = try #require(call.started)
            #expect(callbacks.allSatisfy { $0.time.timeIntervalSince(dialled) >= 0.29 })
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `Faults by called number` {
    @Test(arguments: [("0111", 503), ("0112", 503)])
    func `an order is answered with an error`(_ suffix: String, _ status: Int) async throws {
        try await withSandbox { rig in
            let reply = try await rig.twilio(.post, "Calls.json", rig.order(suffix))
            #expect(reply.status == status)
            let call = rig.sandbox.snapshot().allPhoneCalls.first
            #expect((call == nil) == (suffix == "0112"))
            // Other requests about the same number meet no fault.
            let list = try await rig.twilio(.get, "Calls.json?To=%2B1212555\(suffix)")
            #expect(list.list("calls").count == (call == nil ? 0 : 1))
            if let call { #expect(try await rig.sandbox.settled(callSid: call.sid).status == .completed) }
        }
    }

    @Test func `a call is created and its answer lost`() async throws {
        try await withSandbox { rig in
            #expect(await rig.rawOrder("0110").bytes.isEmpty)
            let sid = try #require(rig.sandbox.snapshot().allPhoneCalls.first?.sid)
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            #expect(rig.receiver.requests("/status").first?["CallSid"] == sid)
        }
    }

    @Test func `every second order for a busy number is accepted`() async throws {
        try await withSandbox { rig in
            var statuses: [Int] = []
            for _ in 0..<4 { statuses.append(try await rig.twilio(.post, "Calls.json", rig.order("0113")).status) }
            #expect(statuses == [429, 201, 429, 201])
        }
    }

    @Test func `an answer can be later than anybody waits`() async throws {
        try await withSandbox { rig in
            try await withThrowingTaskGroup { group in
                group.addTask { _ = try? await rig.place("0114") }
                try await rig.sandbox.wait { $0.allPhoneCalls.first?.isSettled == true }
                let request = try #require(rig.sandbox.ledger().requests.first)
                #expect(request.fault == "late_answer" && request.isActedOn)
                group.cancelAll()
            }
        }
    }

    @Test func `an answer names no call, or comes after the callbacks`() async throws {
        try await withSandbox { rig in
            let nameless = try await rig.twilio(.post, "Calls.json", rig.order("0115"))
            #expect(nameless.status == 201 && nameless.object["sid"] == nil)
            let sid = try await rig.place("0116")
            #expect(rig.receiver.requests("/status").filter { $0["CallSid"] == sid }.count >= 2)
        }
    }

    @Test(arguments: [("0117", "lost", []), ("0118", "doubled", ["0", "0", "1", "1", "2", "2", "3", "3"])])
    func `callbacks are lost or doubled at both vendors`(
        _ suffix: String,
        _ fault: String,
        _ numbers: [String]
    ) async throws {
        try await withSandbox(SandboxSettings(accountWebhookSecrets: [])) { rig in
            let agentCallID = try await rig.prepareConversation()
            let sid = try await rig.place(suffix)
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            #expect(try await rig.sandbox.settled(ultravoxCallID: agentCallID).endReason == .agentHangup)
            #expect(rig.receiver.requests("/status").map { $0["SequenceNumber"] } == numbers)
            let events = rig.sandbox.ledger().callbacks(of: agentCallID)
            #expect(events.first { $0.kind == "call.started" }?.fault == nil)
            #expect(events.filter { $0.kind != "call.started" }.allSatisfy { $0.fault == fault })
        }
    }

    @Test func `callbacks are shuffled at both vendors`() async throws {
        try await withSandbox(SandboxSettings(accountWebhookSecrets: [])) { rig in
            let agentCallID = try await rig.prepareConversation()
            let sid = try await rig.place("0119")
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            _ = try await rig.sandbox.settled(ultravoxCallID: agentCallID)
            let callbacks = rig.sandbox.ledger().callbacks(of: sid).filter { $0.fault == "shuffled" }
            #expect(callbacks.count == 6)
            #expect(rig.receiver.requests("/voice").count == 1)
            let events = rig.sandbox.ledger().callbacks(of: agentCallID).map(\.kind)
            #expect(events.first == "call.started")
            #expect(events.dropFirst().sorted() == ["call.billed", "call.ended", "call.joined"])
            #expect(Array(events.dropFirst()) != ["call.joined", "call.ended", "call.billed"])
        }
    }
}
