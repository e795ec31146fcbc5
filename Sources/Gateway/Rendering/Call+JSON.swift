import CallDomain

extension Call {
    /// The call as look-ups and lists show it. There is no join URL in it.
    var json: JSONObject {
        [
            "id": .string(id.text),
            "call_sid": .optional(callSid?.text),
            "agent_id": .optional(agentID?.text),
            "direction": .string(direction.rawValue),
            "phone_number": .optional(phoneNumber),
            "from": .optional(from),
            "to": .optional(to),
            "status": .string(status.rawValue),
            "answered_by": .optional(answeredBy),
            "machine": isMachine.map(JSONValue.bool) ?? .null,
            "created_at": .string(createdAt.rfc3339),
            "updated_at": .string(updatedAt.rfc3339),
            "position": .string("\(position)"),
            "ringing_at": .optional(ringingAt),
            "answered_at": .optional(answeredAt),
            "ended_at": .optional(endedAt),
            "duration_seconds": .optional(duration),
            "ultravox_call_id": .optional(ultravoxCallID?.text),
            "conversation": conversation?.json ?? .null,
            "stream": stream?.json ?? .null,
            "recording": recording?.json ?? .null,
            "error": error?.json ?? .null,
            "metadata": .object(metadata),
        ]
    }

    /// The answer to the client that created the call: the only one with the join URL.
    var jsonForCreator: JSONObject {
        var members = json
        // Nobody will be dialed who could join.
        members["join_url"] = .optional(status.isTerminal && callSid == nil ? nil : agentCall?.joinURL.text)
        return members
    }
}

extension CallHistory {
    /// The call with its timeline, as `GET /calls/{id}` shows it.
    var json: JSONValue {
        var members = folded.json
        members["timeline"] = .array(timeline.map(\.json))
        return .object(members)
    }
}

extension TimelineEntry {
    fileprivate var json: JSONValue {
        [
            "at": .string(at.rfc3339),
            "type": .string(type),
            "source": .string(source.rawValue),
            "status": .optional(status?.rawValue),
            "detail": .optional(detail),
        ]
    }
}

extension Call.Conversation {
    fileprivate var json: JSONValue {
        [
            "joined_at": .optional(joinedAt),
            "ended_at": .optional(endedAt),
            "end_reason": .optional(endReason),
            "short_summary": .optional(shortSummary),
            "summary": .optional(summary),
            "billed_seconds": .optional(billedDuration),
        ]
    }
}

extension StreamReport {
    fileprivate var json: JSONValue {
        let status =
            switch event {
            case .started: "started"
            case .stopped: "stopped"
            case .error: "error"
            }
        return ["sid": .string(streamSid.text), "status": .string(status), "error": .optional(error)]
    }
}

extension RecordingReport {
    fileprivate var json: JSONValue {
        [
            "sid": .string(recordingSid.text),
            "url": .optional(url),
            "duration_seconds": .optional(duration),
            "status": .string(status.rawValue),
        ]
    }
}

extension CallError {
    fileprivate var json: JSONValue {
        [
            "source": .string(source.rawValue),
            "code": .optional(code),
            "message": .string(message),
            "sip_response_code": .optional(sipResponseCode),
        ]
    }
}
