import Foundation
import HTTPTypes
import Sandbox
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Whole calls` {
    @Test func `an answered call goes through every stage at both vendors`() async throws {
        try await withSandbox { rig in
            let agentCallID = try await rig.prepareConversation()
            let sid = try await rig.place("0100")
            let call = try await rig.sandbox.settled(callSid: sid)
            let agentCall = try await rig.sandbox.settled(ultravoxCallID: agentCallID)

            #expect(call.status == .completed)
            let statuses = rig.receiver.requests("/status")
            #expect(statuses.map { $0["CallStatus"] } == ["initiated", "ringing", "in-progress", "completed"])
            #expect(statuses.map { $0["SequenceNumber"] } == ["0", "1", "2", "3"])
            #expect(statuses.allSatisfy { $0["CallSid"] == sid && $0["CallbackSource"] == "call-progress-events" })
            let last = try #require(statuses.last)
            // A machine under load may take more than the one second that any answered call has.
            let duration = try #require(last["CallDuration"].flatMap(Int.init))
            #expect((1...60).contains(duration))
            #expect(last["Duration"] == "1")
            #expect(last["SipResponseCode"] == "200")
            #expect(last["Timestamp"]?.hasSuffix(" +0000") == true)

            let voice = rig.receiver.requests("/voice")
            #expect(voice.count == 1)
            #expect(voice.first?["CallStatus"] == "in-progress")
            #expect(voice.first?["SequenceNumber"] == nil)

            let stream = rig.receiver.requests("/stream")
            #expect(stream.map { $0["StreamEvent"] } == ["stream-started", "stream-stopped"])
            #expect(stream.first?["StreamSid"]?.hasPrefix("MZ") == true)

            #expect(agentCall.endReason == .agentHangup)
            let billed = try #require(agentCall.billedSeconds)
            #expect(billed >= 6 && billed.isMultiple(of: 6))
            #expect(agentCall.metadata.contains { $0 == ("ultravox.twilio.call_sid", sid) })
            let shown = try await rig.ultravox(.get, "calls/\(agentCallID)")
            #expect(shown.object["joinUrl"] is NSNull)
            #expect(shown.string("summary") != nil)
            #expect(shown.string("systemPrompt") == "Call Ada.")
            #expect(shown.string("billedDuration") == "\(billed)s")
            #expect(ParameterTable.ultravoxAnswers.violations(inJSON: shown.body, as: "Call") == [])
            let transcript = try await rig.ultravox(.get, "calls/\(agentCallID)/messages")
            #expect(transcript.list("results").first?["role"] as? String == "MESSAGE_ROLE_USER")
            #expect(transcript.list("results").count == 6)
            #expect(ParameterTable.ultravoxAnswers.violations(inJSON: transcript.body, as: "MessagePage") == [])
            let record = try await rig.twilio(.get, "Calls/\(sid).json")
            #expect(record.string("duration") == "\(duration)")
            #expect(record.string("price") == "-0.01400")
            #expect(ParameterTable.twilioAnswers.violations(inJSON: record.body, as: "Call") == [])
        }
    }

    @Test func `every request of a call is signed over its public URL`() async throws {
        // The detection must be done before the conversation is.
        try await withSandbox(SandboxSettings(tempo: 0.2)) { rig in
            _ = try await rig.prepareConversation()
            let more = [
                ("MachineDetection", "Enable"), ("AsyncAmd", "true"),
                ("AsyncAmdStatusCallback", rig.callbackBase + "/amd"), ("Record", "true"),
                ("RecordingStatusCallback", rig.callbackBase + "/recording?call=7#rc=2"),
            ]
            let sid = try await rig.place("0100", more)
            _ = try await rig.sandbox.settled(callSid: sid)
            for path in ["/voice", "/status", "/stream", "/amd", "/recording"] {
                let requests = rig.receiver.requests(path)
                #expect(!requests.isEmpty, "nothing came to \(path)")
                for request in requests {
                    let expected = Signatures.twilio(rig.callbackBase + request.target, request.form)
                    #expect(request.headers.named("X-Twilio-Signature") == expected)
                    #expect(request.headers[.userAgent] == "TwilioProxy/1.1")
                    #expect(request.headers.named("I-Twilio-Idempotency-Token") != nil)
                    #expect(request["AccountSid"] == SandboxRig.accountSid)
                }
            }
        }
    }

    @Test(arguments: [
        ("0101", "busy", "486", ["initiated", "ringing", "busy"]),
        ("0102", "no-answer", "487", ["initiated", "ringing", "no-answer"]),
        ("0103", "failed", "404", ["initiated", "failed"]),
    ])
    func `nobody is reached`(_ suffix: String, _ final: String, _ sip: String, _ statuses: [String]) async throws {
        try await withSandbox { rig in
            let sid = try await rig.place(suffix)
            let call = try await rig.sandbox.settled(callSid: sid)
            #expect(call.status.rawValue == final)
            let callbacks = rig.receiver.requests("/status")
            #expect(callbacks.map { $0["CallStatus"] } == statuses)
            #expect(callbacks.last?["SipResponseCode"] == sip)
            #expect(callbacks.last?["CallDuration"] == "0")
            #expect(rig.receiver.requests("/voice").isEmpty)
            let record = try await rig.twilio(.get, "Calls/\(sid).json")
            #expect(record.string("duration") == "0")
        }
    }

    @Test func `a refused number makes no call`() async throws {
        try await withSandbox { rig in
            let reply = try await rig.twilio(.post, "Calls.json", rig.order("0109"))
            #expect(reply.status == 400)
            #expect(reply.int("code") == 21216)
            #expect(rig.sandbox.snapshot().allPhoneCalls.isEmpty)
        }
    }

    @Test func `an answering machine is recognised and talked to`() async throws {
        // The verdict comes 2.6 s before the agent hangs up: enough of them must be left on a busy machine.
        try await withSandbox(SandboxSettings(tempo: 0.2)) { rig in
            let agentCallID = try await rig.prepareConversation()
            let more = [
                ("MachineDetection", "Enable"), ("AsyncAmd", "true"),
                ("AsyncAmdStatusCallback", rig.callbackBase + "/amd"),
            ]
            let sid = try await rig.place("0104", more)
            let call = try await rig.sandbox.settled(callSid: sid)
            #expect(call.answeredBy == "machine_start")
            let verdict = try #require(rig.receiver.requests("/amd").first)
            #expect(verdict["AnsweredBy"] == "machine_start")
            #expect(verdict["MachineDetectionDuration"] == "1400")
            let agentCall = try await rig.sandbox.settled(ultravoxCallID: agentCallID)
            #expect(agentCall.endReason == .agentHangup)
            #expect(rig.receiver.requests("/status").last?["AnsweredBy"] == "machine_start")
        }
    }

    @Test func `synchronous detection holds the request for TwiML until the verdict`() async throws {
        try await withSandbox { rig in
            _ = try await rig.prepareConversation()
            let sid = try await rig.place("0104", [("MachineDetection", "DetectMessageEnd")])
            _ = try await rig.sandbox.settled(callSid: sid)
            #expect(rig.receiver.requests("/voice").first?["AnsweredBy"] == "machine_end_beep")
        }
    }

    @Test func `a callee who hangs up early ends the conversation`() async throws {
        // The callee's patience, 1.2 s, must be enough for TwiML and join on a busy machine.
        try await withSandbox(SandboxSettings(tempo: 2)) { rig in
            let agentCallID = try await rig.prepareConversation()
            let sid = try await rig.place("0105")
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            let agentCall = try await rig.sandbox.settled(ultravoxCallID: agentCallID)
            #expect(agentCall.endReason == .hangup)
        }
    }

    @Test func `a long call lasts until Twilio is told to end it`() async throws {
        try await withSandbox { rig in
            let agentCallID = try await rig.prepareConversation()
            let sid = try await rig.place("0107")
            try await rig.sandbox.wait { $0.agentCall(agentCallID)?.isLive == true }
            let reply = try await rig.twilio(.post, "Calls/\(sid).json", [("Status", "completed")])
            #expect(reply.status == 200)
            #expect(reply.string("status") == "completed")
            _ = try await rig.sandbox.settled(callSid: sid)
            #expect(try await rig.sandbox.settled(ultravoxCallID: agentCallID).endReason == .hangup)
            #expect(rig.receiver.requests("/stream").map { $0["StreamEvent"] } == ["stream-started", "stream-stopped"])
        }
    }

    @Test func `a long call lasts until the agent is told to hang up`() async throws {
        try await withSandbox { rig in
            let agentCallID = try await rig.prepareConversation()
            let sid = try await rig.place("0107")
            try await rig.sandbox.wait { $0.agentCall(agentCallID)?.isLive == true }
            let path = "calls/\(agentCallID)/send_data_message"
            #expect(try await rig.ultravox(.post, path, #"{"type":"hang_up","message":"Bye."}"#).status == 204)
            #expect(try await rig.ultravox(.post, path, #"{"type":"hang_up"}"#).status == 422)
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            #expect(try await rig.sandbox.settled(ultravoxCallID: agentCallID).endReason == .agentHangup)
            let transcript = try await rig.ultravox(.get, "calls/\(agentCallID)/messages")
            #expect(transcript.list("results").last?["text"] as? String == "Bye.")
        }
    }

    @Test(arguments: [("5", PhoneCall.Status.noAnswer), ("30", .completed)])
    func `the ring time-out decides about a slow callee`(_ timeout: String, _ final: PhoneCall.Status) async throws {
        try await withSandbox { rig in
            _ = try await rig.prepareConversation()
            let sid = try await rig.place("0108", [("Timeout", timeout)])
            #expect(try await rig.sandbox.settled(callSid: sid).status == final)
        }
    }

    @Test func `a conversation ends when its longest duration is over`() async throws {
        try await withSandbox { rig in
            let settings = #"{"templateContext":{"name":"Ada"},"maxDuration":"0.3s"}"#
            let agentCallID = try await rig.prepareConversation(settings)
            let sid = try await rig.place("0107")
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            #expect(try await rig.sandbox.settled(ultravoxCallID: agentCallID).endReason == .timeout)
        }
    }

    @Test func `the time limit ends a call`() async throws {
        // The tempo makes it 5 s, in which the call must be joined.
        try await withSandbox { rig in
            let agentCallID = try await rig.prepareConversation()
            let sid = try await rig.place("0107", [("TimeLimit", "500")])
            #expect(try await rig.sandbox.settled(callSid: sid).status == .completed)
            #expect(try await rig.sandbox.settled(ultravoxCallID: agentCallID).endReason == .hangup)
        }
    }

    @Test func `a call that nobody joins in time ends unjoined and free`() async throws {
        try await withSandbox { rig in
            let settings = #"{"templateContext":{"name":"Ada"},"joinTimeout":"0.1s"}"#
            let id = try await rig.prepareConversation(settings)
            let call = try await rig.sandbox.settled(ultravoxCallID: id)
            #expect(call.endReason == .unjoined)
            let shown = try await rig.ultravox(.get, "calls/\(id)")
            #expect(shown.string("billingStatus") == "BILLING_STATUS_FREE_ZERO_EFFECTIVE_DURATION")
            #expect(shown.object["joined"] is NSNull)
            // The URL has expired with it.
            let sid = try await rig.place("0100")
            _ = try await rig.sandbox.settled(callSid: sid)
            #expect(rig.receiver.requests("/stream").map { $0["StreamEvent"] } == ["stream-error"])
        }
    }

    @Test func `a recording is announced and delivered`() async throws {
        try await withSandbox { rig in
            _ = try await rig.prepareConversation()
            let more = [
                ("Record", "true"), ("RecordingStatusCallback", rig.callbackBase + "/recording"),
                ("RecordingStatusCallbackEvent", "in-progress"), ("RecordingStatusCallbackEvent", "completed"),
                ("RecordingChannels", "dual"),
            ]
            let sid = try await rig.place("0100", more)
            _ = try await rig.sandbox.settled(callSid: sid)
            let recording = rig.receiver.requests("/recording")
            #expect(recording.map { $0["RecordingStatus"] } == ["in-progress", "completed"])
            #expect(recording.last?["RecordingSid"]?.hasPrefix("RE") == true)
            #expect(recording.last?["RecordingChannels"] == "2")
            #expect(recording.last?["RecordingDuration"].flatMap(Int.init) ?? 0 >= 1)
            // What the status callback says of the recording.
            let last = rig.receiver.requests("/status").last
            #expect(recording.last?["RecordingDuration"] == last?["RecordingDuration"])
            #expect(recording.last?["RecordingUrl"] == last?["RecordingUrl"])
            // It can be deleted once; the call stays.
            let path = "Recordings/\(recording.last?["RecordingSid"] ?? "").json"
            #expect(try await rig.twilio(.get, path).status == 405)
            let deleted = try await rig.twilio(.delete, path)
            #expect(deleted.status == 204 && deleted.body.isEmpty)
            let again = try await rig.twilio(.delete, path)
            #expect(again.status == 404 && again.int("code") == 20404)
            #expect(try await rig.twilio(.get, "Calls/\(sid).json").status == 200)
        }
    }

    @Test func `Twilio starts no more calls per second than the account may`() async throws {
        try await withSandbox(SandboxSettings(callsPerSecond: 4)) { rig in
            var sids: [String] = []
            for _ in 0..<3 { sids.append(try await rig.place("0103")) }
            var started: [Date] = []
            for sid in sids { started.append(try #require(try await rig.sandbox.settled(callSid: sid).started)) }
            #expect(started[1].timeIntervalSince(started[0]) > 0.2)
            #expect(started[2].timeIntervalSince(started[1]) > 0.2)
        }
    }
}

extension HTTPFields {
    func named(_ name: String) -> String? { HTTPField.Name(name).flatMap { self[$0] } }
}
