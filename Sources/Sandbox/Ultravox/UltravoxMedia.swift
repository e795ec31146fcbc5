import FoundationEssentials
import OrderedCollections

/// What happens to an Ultravox call while somebody is on the line.
struct UltravoxMedia: Sendable {
    enum Role: String, Sendable {
        case user = "MESSAGE_ROLE_USER"
        case agent = "MESSAGE_ROLE_AGENT"
        case toolCall = "MESSAGE_ROLE_TOOL_CALL"
        case toolResult = "MESSAGE_ROLE_TOOL_RESULT"
    }

    let core: SandboxCore

    /// Twilio opens the media stream: the call's id, or `nil` when the handshake is refused, because no call of the
    /// twilio medium has the URL, or it was joined before, or its time has run out.
    func join(_ url: String, streamSid: String, call: PhoneCall) -> String? {
        let joined: AgentCall? = core.state.update { state in
            guard let id = state.agentCalls.values.first(where: { $0.joinURL == url })?.id,
                var agentCall = state.agentCalls[id], agentCall.settings["medium"]?["twilio"] != nil
            else { return nil }
            let phone = AgentCall.Phone(callSid: call.sid, scenario: call.scenario, line: call.line)
            guard agentCall.join(phone, streamSid: streamSid, accountSid: call.accountSid) else { return nil }
            state.agentCalls[id] = agentCall
            return agentCall
        }
        joined?.line.post(.joined)
        return joined?.id
    }

    /// Twilio closes the media stream.
    func hangUp(_ id: String) { _ = end(id, .hangup) }

    /// Ends a call and closes its media stream; false when it was over before.
    @discardableResult
    func end(_ id: String, _ reason: AgentCall.EndReason) -> Bool {
        let ended: AgentCall? = core.state.update { state in
            guard var call = state.agentCalls[id], !call.isDeleted, call.end(reason) else { return nil }
            state.agentCalls[id] = call
            return call
        }
        ended?.line.post(.ended)
        ended?.phone?.line.post(.streamClosed(id))
        return ended != nil
    }

    /// Adds to the transcript of a live call.
    func say(_ text: String, role: Role, medium: String = "MESSAGE_MEDIUM_VOICE", tool: String? = nil, in id: String) {
        core.state.update { state in
            guard let call = state.agentCalls[id], call.isLive, let joined = call.joined else { return }
            let milliseconds = Int(Date().timeIntervalSince(joined) * 1000)
            let begin = call.messages.last?["timespan"]?["end"] ?? "0s"
            let span: JSON = ["start": begin, "end": .string(Self.duration(milliseconds))]
            var message: JSON = [
                "role": .string(role.rawValue), "text": .string(text), "medium": .string(medium),
                "callStageMessageIndex": .int(call.messages.count), "callStageId": .string(call.stageID),
                "timespan": span, "wallClockTimespan": span,
            ]
            if let tool, case .object(var members) = message {
                members["toolName"] = .string(tool)
                members["invocationId"] = .string("\(tool)-\(id.prefix(8))")
                message = .object(members)
            }
            state.agentCalls[id]?.messages.append(message)
        }
    }

    private static func duration(_ milliseconds: Int) -> String {
        let fraction = String(milliseconds % 1000)
        return ProtoDuration(
            "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction + "s"
        )?.normalized ?? "0s"
    }
}
