import CallDomain

/// Events to build histories from.
enum Sample {
    static let id = CallID(at: at(0), random: (7, 42))
    static let sid = CallSid("CA" + String(repeating: "0a", count: 16))!
    static let otherSid = CallSid("CA" + String(repeating: "0b", count: 16))!
    static let ultravoxCallID = UltravoxCallID("b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b")!
    static let agentID = AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921")!
    static let joinURL = JoinURL("wss://voice.ultravox.ai/calls/b1e2c3d4/telephony")!

    static func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_790_000_000_000 + seconds * 1000) }

    static let order = CallOrder(
        agentID: agentID,
        phoneNumber: PhoneNumber("+12125550187")!,
        from: PhoneNumber("+12025550143")!,
        ringTimeout: .seconds(30),
        maxDuration: .seconds(600),
        metadata: ["campaign": "reminders"]
    )

    static func event(_ second: Int64, _ fact: CallFact) -> CallEvent {
        CallEvent(callID: id, receivedAt: at(second), fact: fact)
    }

    static func status(
        _ status: CallStatus,
        _ sequence: Int?,
        at second: Int64,
        receivedAt received: Int64? = nil,
        duration: Int? = nil
    ) -> CallEvent {
        event(
            received ?? second,
            .statusReported(
                StatusReport(
                    callSid: sid,
                    status: status,
                    sequenceNumber: sequence,
                    timestamp: at(second),
                    parties: CallParties(from: "+12025550143", to: "+12125550187", direction: .outbound),
                    duration: duration
                )
            )
        )
    }

    static func conversation(_ kind: ConversationReport.Event, at second: Int64) -> CallEvent {
        var report = ConversationReport(ultravoxCallID: ultravoxCallID, event: kind, callID: id, agentID: agentID)
        report.joinedAt = at(3)
        if kind == .ended || kind == .billed {
            report.endedAt = at(9)
            report.endReason = "hangup"
            report.shortSummary = "A reminder was given."
        }
        if kind == .billed { report.billedDuration = 12 }
        return event(second, .conversationReported(report))
    }

    /// Five messages of both vendors that make a completed call.
    static let life: [CallEvent] = [
        status(.ringing, 1, at: 1),
        status(.inProgress, 2, at: 3),
        status(.completed, 3, at: 10, duration: 7),
        conversation(.joined, at: 3),
        conversation(.ended, at: 9),
    ]

    /// Every kind of event that a call can have, several of them contradicting others.
    static let pool: [CallEvent] =
        life + [
            event(0, .ordered(order)),
            event(
                0,
                .agentCallCreated(
                    AgentCall(ultravoxCallID: ultravoxCallID, joinURL: joinURL, joinDeadline: at(50))
                )
            ),
            event(0, .dialing),
            event(0, .callCreated(TwilioCall(callSid: sid, status: .queued, to: "+12125550187"))),
            event(0, .dialUnclear(CallError(source: .twilio, code: "no_answer", message: "the connection broke"))),
            event(20, .unconfirmed),
            event(5, .hangUpRequested),
            status(.initiated, 0, at: 0),
            status(.completed, nil, at: 10),
            status(.busy, 3, at: 10, duration: 0),
            status(.failed, 3, at: 10),
            status(.canceled, 4, at: 11),
            status(.ringing, 1, at: 1, receivedAt: 4),
            event(3, .voiceRequested(VoiceRequest(callSid: sid, status: .inProgress, parties: CallParties()))),
            event(4, .fallbackRequested(FallbackRequest(callSid: sid, parties: CallParties(), errorCode: "12100"))),
            event(4, .machineDetected(MachineDetectionReport(callSid: sid, answeredBy: "unknown", duration: nil))),
            event(
                5,
                .machineDetected(MachineDetectionReport(callSid: sid, answeredBy: "machine_start", duration: nil))
            ),
            event(6, .machineDetected(MachineDetectionReport(callSid: sid, answeredBy: "human", duration: nil))),
            event(0, .agentCallFailed(CallError(source: .ultravox, code: "402", message: "payment required"))),
            event(2, .agentCallRequested(agentID)),
            event(2, .agentCallUnavailable(CallError(source: .ultravox, code: nil, message: "no answer in time"))),
            event(1, .dialRefused(CallError(source: .twilio, code: "21216", message: "not allowed"))),
            event(1, .dialNotSent(CallError(source: .twilio, code: "refused", message: "nobody listens"))),
            event(1, .canceled(reason: "hung up before it was dialed")),
            event(12, .unknownToTwilio(sid, code: 20404)),
            // One text in two spellings that Swift takes for equal.
            failure("caf\u{E9}"), failure("cafe\u{301}"),
            stream(.started, at: 3, of: "0e"), stream(.stopped, at: 9, of: "0e"),
            stream(.started, at: 3), stream(.stopped, at: 9), stream(.error, at: 9),
            // Streams of which not everything is told, and one that began before another ended.
            stream(.started, at: 6, of: "0f"), stream(.stopped, at: 12, of: "10"), stream(.error, at: 6, of: "11"),
            // A part of one could not be read, in two ways.
            unreadable(["From"]), unreadable(["To", "From"]),
            recording(.inProgress, at: 3), recording(.completed, at: 12),
            event(11, .lookedUp(TwilioCall(callSid: sid, status: .completed, duration: 8))),
            event(6, .lookedUp(TwilioCall(callSid: sid, status: .inProgress))),
            conversation(.started, at: 0), conversation(.billed, at: 30), conversation(.joined, at: 8),
        ]

    /// A voice request that says nothing but which fields of it could not be read.
    static func unreadable(_ names: [String]) -> CallEvent {
        var request = VoiceRequest(callSid: sid, status: .ringing, parties: CallParties())
        request.unread = names
        return event(2, .voiceRequested(request))
    }

    static func failure(_ message: String) -> CallEvent {
        event(
            10,
            .statusReported(
                StatusReport(callSid: sid, status: .failed, sequenceNumber: 3, errorMessage: message)
            )
        )
    }

    static func stream(_ kind: StreamReport.Event, at second: Int64, of stream: String = "0c") -> CallEvent {
        event(
            second,
            .streamReported(
                StreamReport(
                    callSid: sid,
                    streamSid: StreamSid("MZ" + String(repeating: stream, count: 16))!,
                    event: kind,
                    error: kind == .error ? "31920" : nil,
                    timestamp: at(second)
                )
            )
        )
    }

    static func recording(_ status: RecordingReport.Status, at second: Int64) -> CallEvent {
        event(
            second,
            .recordingReported(
                RecordingReport(
                    callSid: sid,
                    recordingSid: RecordingSid("RE" + String(repeating: "0d", count: 16))!,
                    status: status,
                    url: status == .completed ? "https://api.twilio.com/recording" : nil,
                    duration: status == .completed ? 7 : nil,
                    startedAt: at(3)
                )
            )
        )
    }

    static func history(of events: some Sequence<CallEvent>) -> CallHistory {
        var history = CallHistory(id: id)
        for event in events { history.merge(event) }
        return history
    }
}

/// All orders of the elements, by Heap's algorithm.
func permutations<Element>(of elements: [Element]) -> [[Element]] {
    var elements = elements
    var all: [[Element]] = []
    func permute(_ count: Int) {
        if count <= 1 { return all.append(elements) }
        for index in 0..<count {
            permute(count - 1)
            elements.swapAt(count.isMultiple(of: 2) ? index : 0, count - 1)
        }
    }
    permute(elements.count)
    return all
}
