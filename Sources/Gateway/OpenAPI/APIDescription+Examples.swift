import CallDomain

/// A call as an example: folded and rendered by the same code as any other.
enum ExampleCall {
    /// As it is answered to the order once Twilio has created it.
    case placed
    /// As it is answered to the order while it waits for its turn.
    case waiting
    /// As a list shows it when it is over.
    case listed
    /// As a look-up shows it when it is over.
    case completed
}

extension APIDescription {
    func exampleCall(_ example: ExampleCall) -> String {
        let json =
            switch example {
            case .placed: Self.history(Self.accepted + Self.dialed).folded.jsonForCreator
            case .waiting: Self.history(Self.accepted).folded.jsonForCreator
            case .listed: Self.history(Self.accepted + Self.dialed + Self.talked).folded.json
            case .completed: Self.history(Self.accepted + Self.dialed + Self.talked).json
            }
        return String(decoding: json, as: UTF8.self)
    }

    var exampleAgent: String {
        guard let id = AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921") else {
            preconditionFailure("the example's id is not one")
        }
        let agent = Agent(
            id: id,
            configuration: AgentConfiguration(
                name: "appointment-reminder",
                prompt: "Remind {{name}} of the appointment on {{day}}. Be brief and kind.",
                language: "en",
                templateVariables: ["day": "Monday"],
                firstSpeaker: .agent,
                greeting: "Hello {{name}}, this is the clinic.",
                maxDuration: .seconds(300)
            ),
            status: .active,
            createdAt: Self.at(-86_400),
            updatedAt: Self.at(-86_400),
            contextSchema: ContextSchema(variables: [:], required: [], isClosed: false)
        )
        return String(decoding: agent.json.encoded, as: UTF8.self)
    }

    private static func history(_ facts: [(seconds: Int, fact: CallFact)]) -> CallHistory {
        guard let id = CallID(exampleCallID) else { preconditionFailure("the example's id is not one") }
        var history = CallHistory(
            id: id,
            bound: CallBindings(),
            events: facts.map { CallEvent(callID: id, receivedAt: at($0.seconds), fact: $0.fact) }
        )
        history.position = Position(low: 48_200 + UInt64(facts.count))
        return history
    }

    /// That many seconds after the order.
    private static func at(_ seconds: Int) -> Timestamp {
        Timestamp(milliseconds: 1_795_347_965_000 + 1000 * Int64(seconds))
    }

    private static var accepted: [(seconds: Int, fact: CallFact)] {
        guard let agentID = AgentID("6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"),
            let phoneNumber = PhoneNumber("+12125550100"), let from = PhoneNumber("+12025550143")
        else { preconditionFailure("the example's order is not one") }
        let order = CallOrder(
            agentID: agentID,
            phoneNumber: phoneNumber,
            from: from,
            ringTimeout: .seconds(OrderRules.usualRingTimeout),
            metadata: ["order": "7731"]
        )
        return [(0, .ordered(order))]
    }

    private static var dialed: [(seconds: Int, fact: CallFact)] {
        guard let joinURL = JoinURL("wss://voice.ultravox.ai/calls/\(conversation.text)/telephony") else {
            preconditionFailure("the example's join URL is not one")
        }
        let agentCall = AgentCall(ultravoxCallID: conversation, joinURL: joinURL, joinDeadline: at(90))
        return [
            (0, .agentCallCreated(agentCall)), (0, .dialing),
            (1, .callCreated(TwilioCall(callSid: sid, status: .queued))),
        ]
    }

    private static var talked: [(seconds: Int, fact: CallFact)] {
        guard let streamSid = StreamSid("MZd23fb4a78fa95c0368b713cb91e6c3a3") else {
            preconditionFailure("the example's stream is not one")
        }
        func report(_ status: CallStatus, _ number: Int, at seconds: Int, duration: Int? = nil) -> CallFact {
            .statusReported(
                StatusReport(
                    callSid: sid,
                    status: status,
                    sequenceNumber: number,
                    timestamp: at(seconds),
                    duration: duration
                )
            )
        }
        return [
            (2, report(.initiated, 0, at: 2)), (4, report(.ringing, 1, at: 4)), (12, report(.inProgress, 2, at: 12)),
            (12, .voiceRequested(VoiceRequest(callSid: sid, status: .inProgress, parties: CallParties()))),
            (
                13,
                .streamReported(
                    StreamReport(callSid: sid, streamSid: streamSid, event: .started, error: nil, timestamp: at(13))
                )
            ),
            (13, .conversationReported(.init(ultravoxCallID: conversation, event: .joined, joinedAt: at(13)))),
            (60, report(.completed, 3, at: 60, duration: 48)),
            (
                61,
                .conversationReported(
                    .init(
                        ultravoxCallID: conversation,
                        event: .ended,
                        joinedAt: at(13),
                        endedAt: at(60),
                        endReason: "hangup",
                        shortSummary: "Jane confirmed the appointment."
                    )
                )
            ),
        ]
    }

    private static var sid: CallSid {
        guard let sid = CallSid("CA70b67b8ba3a1ea14303d73e67e24f7b0") else {
            preconditionFailure("the example's CallSid is not one")
        }
        return sid
    }

    private static var conversation: UltravoxCallID {
        guard let id = UltravoxCallID("b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b") else {
            preconditionFailure("the example's conversation is not one")
        }
        return id
    }
}
