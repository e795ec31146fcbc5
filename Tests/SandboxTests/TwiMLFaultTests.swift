import Foundation
import HTTPTypes
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `TwiML faults` {
    private static let good = "<Response><Hangup/></Response>"

    @Test(arguments: [
        (12100, Receiver.Answer.twiml("<Response><Say>fish & chips</Say></Response>")),
        (12100, .twiml(" \n<?xml version=\"1.0\"?><Response/>")),
        (12100, .twiml("<Response><Hangup></Response>")),
        (12100, .twiml("<Response/>text")), (12100, .twiml("<Answer><Hangup/></Answer>")),
        (12300, Receiver.Answer(status: 200, contentType: "application/json", body: good)),
        (12300, Receiver.Answer(status: 200, contentType: nil, body: good)),
        (11200, Receiver.Answer(status: 500, contentType: "text/xml", body: good)),
        (11200, Receiver.Answer(status: 404, contentType: "text/xml", body: good)),
        (11770, .twiml("")),
        (11750, .twiml("<Response><!--" + String(repeating: "x", count: 70000) + "--></Response>")),
    ])
    func `a bad document goes to the fallback with its code`(_ code: Int, _ answer: Receiver.Answer) async throws {
        try await withSandbox { rig in
            rig.receiver.answer("/voice", answer)
            rig.receiver.answer("/fallback", .twiml("<Response><Say>Sorry.</Say><Hangup/></Response>"))
            let sid = try await rig.place("0100")
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            let fallback = try #require(rig.receiver.requests("/fallback").first)
            #expect(fallback["ErrorCode"] == "\(code)")
            #expect(fallback["ErrorUrl"] == rig.callbackBase + "/voice?call=7")
            #expect(fallback["CallStatus"] == "in-progress")
            #expect(
                fallback.headers.named("X-Twilio-Signature")
                    == Signatures.twilio(rig.callbackBase + fallback.target, fallback.form)
            )
            #expect(rig.sandbox.ledger().alerts.map(\.code) == [code])
        }
    }

    @Test func `a URL where nobody listens goes to the fallback`() async throws {
        try await withSandbox { rig in
            rig.receiver.answer("/fallback", .twiml(Self.good))
            var order = rig.order("0100")
            order[2].1 = "http://127.0.0.1:1/voice#rc=0"
            let sid = try await rig.twilio(.post, "Calls.json", order).string("sid") ?? ""
            _ = try await rig.sandbox.settled(callSid: sid)
            #expect(rig.receiver.requests("/fallback").first?["ErrorCode"] == "11205")
            #expect(rig.receiver.requests("/fallback").first?["ErrorUrl"] == "http://127.0.0.1:1/voice")
        }
    }

    @Test func `without a fallback that helps the call completes after an error message`() async throws {
        try await withSandbox { rig in
            rig.receiver.answer("/voice", .twiml("nonsense"))
            rig.receiver.answer("/fallback", .twiml("nonsense"))
            let sid = try await rig.place("0100")
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            #expect(rig.sandbox.ledger().alerts.map(\.code) == [12100, 12100])
        }
    }

    @Test func `inline TwiML is executed without a request`() async throws {
        try await withSandbox { rig in
            let form = [
                ("To", "+12125550100"), ("From", SandboxRig.ownNumber),
                ("Twiml", "<Response><Say>Hello.</Say><Pause length=\"1\"/><Hangup/></Response>"),
            ]
            let sid = try await rig.twilio(.post, "Calls.json", form).string("sid") ?? ""
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            #expect(rig.sandbox.ledger().callbacks.isEmpty)
            #expect(rig.sandbox.ledger().alerts.isEmpty)
        }
    }

    @Test func `an unknown verb is a warning and the rest goes on`() async throws {
        try await withSandbox { rig in
            let agentCallID = try await rig.prepareConversation()
            let call = try await rig.ultravox(.get, "calls/\(agentCallID)")
            let url = call.string("joinUrl") ?? ""
            rig.receiver.answer(
                "/voice",
                .twiml("<Response><connect/><Connect><Stream url=\"\(url)\"/></Connect></Response>")
            )
            let sid = try await rig.place("0100")
            _ = try await rig.sandbox.settled(callSid: sid)
            #expect(rig.sandbox.ledger().alerts.map(\.code) == [12200])
            #expect(try await rig.sandbox.settled(ultravoxCallID: agentCallID).endReason == .agentHangup)
        }
    }

    @Test(arguments: [
        (31922, "ws://127.0.0.1:9/calls/x/telephony", "inbound_track"),
        (31922, "https://127.0.0.1:9/calls/x/telephony", "inbound_track"),
        (31923, "calls/x/telephony", "inbound_track"),
        (31920, "wss://127.0.0.1:9/calls/unknown/telephony", "inbound_track"),
        (31920, "JOIN?token=1", "inbound_track"),
        (31941, "JOIN", "both_tracks"),
    ])
    func `a bad stream is an error and the next verb runs`(_ code: Int, _ url: String, _ track: String) async throws {
        try await withSandbox { rig in
            let agentCallID = try await rig.prepareConversation()
            let join = try await rig.ultravox(.get, "calls/\(agentCallID)").string("joinUrl") ?? ""
            let stream = url.replacingOccurrences(of: "JOIN", with: join)
            rig.receiver.answer(
                "/voice",
                .twiml(
                    """
                    <Response><Connect><Stream url="\(stream)" track="\(track)" name="agent"
                    statusCallback="\(rig.callbackBase)/stream"/></Connect><Redirect>/x</Redirect></Response>
                    """
                )
            )
            let sid = try await rig.place("0100")
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            let event = try #require(rig.receiver.requests("/stream").first)
            #expect(event["StreamEvent"] == "stream-error")
            #expect(event["StreamName"] == "agent")
            #expect(event["StreamError"]?.hasPrefix("\(code): ") == true)
            #expect(rig.sandbox.snapshot().agentCall(agentCallID)?.joined == nil)
        }
    }

    @Test func `a join URL serves one connection`() async throws {
        try await withSandbox { rig in
            let agentCallID = try await rig.prepareConversation()
            let first = try await rig.place("0100")
            _ = try await rig.sandbox.settled(callSid: first)
            let second = try await rig.place("0100")
            _ = try await rig.sandbox.settled(callSid: second)
            let events = rig.receiver.requests("/stream")
            #expect(events.filter { $0["CallSid"] == second }.map { $0["StreamEvent"] } == ["stream-error"])
            #expect(rig.sandbox.ledger().callbacks(of: agentCallID).isEmpty)
        }
    }

    @Test func `new TwiML replaces the old one in a live call`() async throws {
        try await withSandbox { rig in
            let agentCallID = try await rig.prepareConversation()
            rig.receiver.answer("/transfer", .twiml("<Response><Say>Goodbye.</Say></Response>"))
            let sid = try await rig.place("0107")
            try await rig.sandbox.wait { $0.agentCall(agentCallID)?.isLive == true }
            let reply = try await rig.twilio(
                .post,
                "Calls/\(sid).json",
                [("Url", rig.callbackBase + "/transfer"), ("Method", "GET")]
            )
            #expect(reply.string("status") == "in-progress")
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            #expect(try await rig.sandbox.settled(ultravoxCallID: agentCallID).endReason == .hangup)
            let request = try #require(rig.receiver.requests("/transfer").first)
            #expect(request.method == .get)
            #expect(request.body.isEmpty)
            #expect(request.target.contains("CallSid=\(sid)"))
            #expect(
                request.headers.named("X-Twilio-Signature")
                    == Signatures.twilio(rig.callbackBase + request.target, [])
            )
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `Connection overrides` {
    @Test func `a status callback is repeated as its URL asks`() async throws {
        try await withSandbox { rig in
            rig.receiver.answer("/status", Receiver.Answer(status: 503))
            var order = rig.order("0103")
            order[4].1 = rig.callbackBase + "/status?x=1#rc=2&rp=ct,rt,5xx&ct=2000&rt=5000&tt=15000"
            let sid = try await rig.twilio(.post, "Calls.json", order).string("sid") ?? ""
            _ = try await rig.sandbox.settled(callSid: sid)
            let requests = rig.receiver.requests("/status")
            #expect(requests.count == 6)
            #expect(Set(requests.prefix(3).map { $0.headers.named("I-Twilio-Idempotency-Token") }).count == 1)
            #expect(requests.allSatisfy { $0.target == "/status?x=1" })
            #expect(
                requests.first?.headers.named("X-Twilio-Signature")
                    == Signatures.twilio(rig.callbackBase + "/status?x=1", requests.first?.form ?? [])
            )
            #expect(rig.sandbox.ledger().callbacks(of: sid).map(\.attempt) == [1, 2, 3, 1, 2, 3])
        }
    }

    @Test(arguments: [("", 1), ("#rc=2&rp=4xx", 1), ("#rc=1&rp=all", 2), ("#rp=5xx", 2), ("#rc=9&rp=5xx", 2)])
    func `a server error is repeated only if asked for`(_ fragment: String, _ attempts: Int) async throws {
        try await withSandbox { rig in
            rig.receiver.answer("/status", Receiver.Answer(status: 500))
            let form = [
                ("To", "+12125550103"), ("From", SandboxRig.ownNumber), ("Twiml", "<Response/>"),
                ("StatusCallback", rig.callbackBase + "/status" + fragment),
            ]
            let sid = try await rig.twilio(.post, "Calls.json", form).string("sid") ?? ""
            _ = try await rig.sandbox.settled(callSid: sid)
            let requests = rig.receiver.requests("/status")
            #expect(requests.count == attempts)
            // Only `completed` is reported by default, and its numbers start at 0.
            #expect(requests.allSatisfy { $0["CallStatus"] == "failed" && $0["SequenceNumber"] == "0" })
        }
    }
}
