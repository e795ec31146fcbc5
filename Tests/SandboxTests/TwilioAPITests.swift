import Foundation
import HTTPTypes
import Sandbox
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Twilio's API` {
    @Test func `only the account's credentials are accepted`() async throws {
        try await withSandbox { rig in
            for (user, password) in [(SandboxRig.accountSid, "wrong"), ("SK0", "key-secret"), ("", "")] {
                let reply = try await rig.twilio(.get, "Calls.json", user: user, password: password)
                #expect(reply.status == 401)
                #expect(reply.int("code") == 20003)
                #expect(reply.headers[.wwwAuthenticate]?.hasPrefix("Basic") == true)
                #expect(ParameterTable.twilioAnswers.violations(inJSON: reply.body, as: "Error") == [])
            }
            let key = SandboxRig.configuration
            let reply = try await rig.twilio(
                .get,
                "Calls.json",
                user: key.apiKeySid ?? "",
                password: key.apiKeySecret ?? ""
            )
            #expect(reply.status == 200)
        }
    }

    @Test(arguments: [
        "/2010-04-01/Accounts/AC00000000000000000000000000000000/Calls.json",
        "/2010-04-01/Accounts/\(SandboxRig.accountSid)/Calls",
        "/2010-04-01/Accounts/\(SandboxRig.accountSid)/Calls/CA00000000000000000000000000000000.json",
        "/2010-04-01/Accounts/\(SandboxRig.accountSid)/Messages.json",
        "/",
    ])
    func `what does not exist is not found`(_ path: String) async throws {
        try await withSandbox { rig in
            let reply = try await rig.twilio(.get, path)
            #expect(reply.status == 404)
            #expect(reply.int("code") == 20404)
        }
    }

    @Test(arguments: [
        (21201, "To", ""), (21213, "From", ""), (21211, "To", "12125550100"), (21211, "To", "+0125550100"),
        (21211, "To", "+12025550143"), (21212, "From", "2025550143"), (21210, "From", "+12025550144"),
        (21205, "Url", ""), (21205, "Url", "gw.example.com/voice"), (21209, "Method", "PUT"), (21208, "Timeout", "0"),
        (21208, "Timeout", "601"), (21208, "Timeout", "soon"), (21234, "MachineDetection", "maybe"),
        (21206, "SendDigits", "12x"), (20001, "StatusCallbackEvent", "initiated ringing"),
        (20001, "AsyncAmd", "yes"), (20001, "Record", "1"), (20001, "TimeLimit", "0"),
        (21609, "StatusCallback", "https://my_host.example.com/x"), (21209, "StatusCallbackMethod", "HEAD"),
        (20001, "MachineDetectionTimeout", "2"), (20001, "RecordingChannels", "stereo"),
    ])
    func `a parameter that does not fit is refused`(_ code: Int, _ name: String, _ value: String) async throws {
        try await withSandbox { rig in
            var form = [
                ("To", "+12125550100"), ("From", SandboxRig.ownNumber), ("Url", "https://gw.example.com/voice"),
            ]
            form.removeAll { $0.0 == name }
            form.append((name, value))
            let reply = try await rig.twilio(.post, "Calls.json", form)
            #expect(reply.status == 400)
            #expect(reply.int("code") == code, "\(reply.text)")
            #expect(reply.string("more_info") == "https://www.twilio.com/docs/errors/\(code)")
            #expect(rig.sandbox.snapshot().allPhoneCalls.isEmpty)
        }
    }

    @Test func `inline TwiML has at most 4000 characters`() async throws {
        try await withSandbox { rig in
            let twiml = "<Response><!--" + String(repeating: "x", count: 4000) + "--></Response>"
            let form = [("To", "+12125550100"), ("From", SandboxRig.ownNumber), ("Twiml", twiml)]
            let tooLong = try await rig.twilio(.post, "Calls.json", form)
            #expect(tooLong.int("code") == 32018)
        }
    }

    @Test func `a new call is mostly null`() async throws {
        try await withSandbox { rig in
            let reply = try await rig.twilio(.post, "Calls.json", rig.order("0103", [("Novelty", "1")]))
            #expect(reply.status == 201)
            #expect(ParameterTable.twilioAnswers.violations(inJSON: reply.body, as: "Call") == [])
            #expect(reply.string("status") == "queued")
            #expect(reply.string("direction") == "outbound-api")
            #expect(reply.string("queue_time") == "0")
            #expect(reply.string("to_formatted") == "(212) 555-0103")
            for name in ["date_created", "start_time", "end_time", "duration", "price", "answered_by"] {
                #expect(reply.object[name] is NSNull)
            }
            // An unknown parameter is a warning in the debugger, no refusal.
            #expect(rig.sandbox.ledger().alerts.map(\.code) == [20001])
            _ = try await rig.sandbox.settled(callSid: reply.string("sid") ?? "")
        }
    }

    @Test func `lists are filtered and paged, newest first`() async throws {
        try await withSandbox { rig in
            var sids: [String] = []
            for suffix in ["0101", "0103", "0101", "0101", "0103"] { sids.append(try await rig.place(suffix)) }
            for sid in sids { _ = try await rig.sandbox.settled(callSid: sid) }
            var path: String? = "Calls.json?PageSize=2&Status=busy"
            var found: [String] = []
            while let next = path {
                let page = try await rig.twilio(.get, next)
                #expect(ParameterTable.twilioAnswers.violations(inJSON: page.body, as: "CallList") == [])
                #expect(page.int("page_size") == 2)
                found += page.list("calls").compactMap { $0["sid"] as? String }
                path = page.string("next_page_uri")
            }
            #expect(found == [sids[3], sids[2], sids[0]])
            let byNumber = try await rig.twilio(.get, "Calls.json?To=%2B12125550103")
            #expect(byNumber.list("calls").count == 2)
            let future = try await rig.twilio(.get, "Calls.json?StartTime%3E=2999-01-01")
            #expect(future.list("calls").isEmpty)
            let past = try await rig.twilio(.get, "Calls.json?StartTime%3E=2020-01-01T00:00:00Z")
            #expect(past.list("calls").count == 5)
            #expect(try await rig.twilio(.get, "Calls.json?Status=lost").status == 400)
        }
    }

    @Test func `a call canceled in the queue sends no callback`() async throws {
        try await withSandbox(SandboxSettings(callsPerSecond: 0.001)) { rig in
            _ = try await rig.place("0103")
            let sid = try await rig.place("0100")
            let reply = try await rig.twilio(.post, "Calls/\(sid).json", [("Status", "canceled")])
            #expect(reply.string("status") == "canceled")
            let call = try await rig.sandbox.settled(callSid: sid)
            #expect(call.status == .canceled)
            #expect(call.started == nil)
            #expect(rig.sandbox.ledger().callbacks(of: sid).isEmpty)
        }
    }

    @Test(arguments: ["canceled", "completed"])
    func `a call ended while it rings is canceled`(_ status: String) async throws {
        // The ringing, 10 s, must outlast the way to the API on a busy machine.
        try await withSandbox(SandboxSettings(tempo: 2)) { rig in
            let sid = try await rig.place("0108")
            try await rig.sandbox.wait { $0.phoneCall(sid)?.status == .ringing }
            let reply = try await rig.twilio(.post, "Calls/\(sid).json", [("Status", status)])
            #expect(reply.string("status") == "canceled")
            _ = try await rig.sandbox.settled(callSid: sid)
            let callbacks = rig.receiver.requests("/status")
            #expect(callbacks.map { $0["CallStatus"] } == ["initiated", "ringing", "canceled"])
            #expect(callbacks.last?["SipResponseCode"] == "487")
            #expect(callbacks.last?["CallDuration"] == "0")
        }
    }

    @Test func `canceled leaves an answered call alone`() async throws {
        try await withSandbox { rig in
            let agentCallID = try await rig.prepareConversation()
            let sid = try await rig.place("0107")
            try await rig.sandbox.wait { $0.agentCall(agentCallID)?.isLive == true }
            let reply = try await rig.twilio(.post, "Calls/\(sid).json", [("Status", "canceled")])
            #expect(reply.status == 200)
            #expect(reply.string("status") == "in-progress")
            let refused = try await rig.twilio(.delete, "Calls/\(sid).json")
            #expect(refused.int("code") == 20009)
            _ = try await rig.twilio(.post, "Calls/\(sid).json", [("Status", "completed")])
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
        }
    }

    @Test func `an ended call can be deleted, not changed`() async throws {
        try await withSandbox { rig in
            let sid = try await rig.place("0103")
            _ = try await rig.sandbox.settled(callSid: sid)
            for form in [[("Status", "completed")], [("Twiml", "<Response/>")]] {
                let reply = try await rig.twilio(.post, "Calls/\(sid).json", form)
                #expect(reply.status == 400)
                #expect(reply.int("code") == 21220)
            }
            #expect(try await rig.twilio(.delete, "Calls/\(sid).json").status == 204)
            #expect(try await rig.twilio(.get, "Calls/\(sid).json").status == 404)
            let afterwards = try await rig.twilio(.get, "Calls.json")
            #expect(afterwards.list("calls").isEmpty)
        }
    }

    @Test func `the account's numbers can be looked up`() async throws {
        try await withSandbox { rig in
            let own = try await rig.twilio(.get, "IncomingPhoneNumbers.json?PhoneNumber=%2B12025550143")
            #expect(own.list("incoming_phone_numbers").first?["phone_number"] as? String == SandboxRig.ownNumber)
            let foreign = try await rig.twilio(.get, "IncomingPhoneNumbers.json?PhoneNumber=%2B12025550144")
            #expect(foreign.list("incoming_phone_numbers").isEmpty)
            #expect(foreign.status == 200)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `The ledger` {
    @Test func `it tells what reached the sandbox and what it sent, in order`() async throws {
        try await withSandbox { rig in
            let sid = try await rig.place("0103")
            _ = try await rig.sandbox.settled(callSid: sid)
            _ = try await rig.ultravox(.get, "agents/unknown")
            let ledger = rig.sandbox.ledger()
            #expect(ledger.requests.map(\.status) == [201, 404])
            #expect(ledger.requests.first?.parameters.contains(Parameter("To", "+12125550103")) == true)
            #expect(ledger.requests.last?.vendor == .ultravox)
            #expect(ledger.callbacks.map(\.kind) == ["status", "status"])
            #expect(ledger.callbacks.map(\.status) == [204, 204])
            let shown = try await rig.request(.get, rig.addresses.twilio + "/_sandbox/ledger", headers: [:])
            #expect(shown.list("entries").map { $0["entry"] as? String }.count == ledger.entries.count)
            let calls = try await rig.request(.get, rig.addresses.ultravox + "/_sandbox/calls", headers: [:])
            #expect(calls.list("twilio").first?["sid"] as? String == sid)
            #expect(calls.object["settled"] as? Bool == true)
        }
    }

    @Test func `the account's numbers can be set up, and are shown as Twilio shows them`() async throws {
        try await withSandbox { rig in
            let control = rig.addresses.twilio + "/_sandbox/numbers"
            let path = "IncomingPhoneNumbers.json?PhoneNumber=%2B12025550143"
            let first = try #require(try await rig.twilio(.get, path).list("incoming_phone_numbers").first)
            #expect(first["voice_url"] as? String == "" && first["voice_method"] as? String == "POST")
            let set = try await rig.request(
                .put,
                control,
                headers: [:],
                body: """
                    {"numbers":[{"phone_number":"+12025550143","voice_url":"https://gw.example.com/v","voice_method":"GET",
                    "trunk_sid":"TK0","status_callback":"https://gw.example.com/s"},
                    {"phone_number":"+12025550144","voice":false}],"caller_ids":["+12025550188"]}
                    """
            )
            #expect(set.status == 200)
            #expect(set.list("numbers").count == 2)
            let number = try #require(try await rig.twilio(.get, path).list("incoming_phone_numbers").first)
            #expect(number["voice_url"] as? String == "https://gw.example.com/v")
            #expect(number["voice_method"] as? String == "GET")
            #expect(number["trunk_sid"] as? String == "TK0")
            #expect(number["status_callback_method"] as? String == "POST")
            let callers = try await rig.twilio(.get, "OutgoingCallerIds.json?PhoneNumber=%2B12025550188")
            #expect(callers.list("outgoing_caller_ids").map { $0["phone_number"] as? String } == ["+12025550188"])
            for (from, status) in [("+12025550188", 201), ("+12025550144", 400), ("+442079460123", 400)] {
                let form = [("To", "+12125550103"), ("From", from), ("Url", "https://gw.example.com/v")]
                #expect(try await rig.twilio(.post, "Calls.json", form).status == status, "\(from)")
            }
            for body in ["", "[]", #"{"numbers":[{}]}"#, #"{"numbers":[{"phone_number":"+1","colour":"red"}]}"#] {
                #expect(try await rig.request(.put, control, headers: [:], body: body).status == 400)
            }
            #expect(try await rig.request(.post, control, headers: [:], body: "{}").status == 405)
        }
    }

    @Test func `every scenario has a number and a description`() {
        #expect(Set(Scenario.all.map(\.suffix)).count == Scenario.all.count)
        #expect(Scenario.all.allSatisfy { $0.suffix.count == 4 && !$0.summary.isEmpty })
        #expect(Scenario.of(number: "+12125550101").suffix == "0101")
        #expect(Scenario.of(number: "+12125559999").suffix == "0100")
    }
}
