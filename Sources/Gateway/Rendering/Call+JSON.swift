import CallDomain

extension Call {
    /// The call as look-ups, lists and events show it: the text of a JSON object. There is no join URL in it.
    var json: [UInt8] {
        var object = JSONObjectWriter(capacity: Self.usualLength)
        add(to: &object)
        return object.finished()
    }

    /// The answer to the client that created the call: the only one with the join URL.
    var jsonForCreator: [UInt8] {
        var object = JSONObjectWriter(capacity: Self.usualLength)
        add(to: &object)
        // Nobody will be dialed who could join.
        object.add("join_url", status.isTerminal && callSid == nil ? nil : agentCall?.joinURL.text)
        return object.finished()
    }

    /// In bytes.
    static let usualLength = 1536

    /// Adds the members of the call.
    func add(to object: inout JSONObjectWriter) {
        object.add("id", id.text)
        object.add("call_sid", callSid?.text)
        object.add("agent_id", agentID?.text)
        object.add("direction", direction.rawValue)
        object.add("phone_number", phoneNumber)
        object.add("from", from)
        object.add("to", to)
        object.add("status", status.rawValue)
        object.add("answered_by", answeredBy)
        object.add("machine", isMachine)
        object.add("created_at", createdAt)
        object.add("updated_at", updatedAt)
        object.add("position", position.description)
        object.add("ringing_at", ringingAt)
        object.add("answered_at", answeredAt)
        object.add("ended_at", endedAt)
        object.add("duration_seconds", duration)
        object.add("ultravox_call_id", ultravoxCallID?.text)
        object.add("conversation", conversation) { $0.add(to: &$1) }
        object.add("stream", stream) { $0.add(to: &$1) }
        object.add("recording", recording) { $0.add(to: &$1) }
        object.add("error", error) { $0.add(to: &$1) }
        object.add("metadata", value: .object(metadata))
    }
}

extension CallHistory {
    /// The call with its timeline, as `GET /calls/{id}` shows it.
    var json: [UInt8] {
        var object = JSONObjectWriter(capacity: 2 * Call.usualLength)
        folded.add(to: &object)
        object.add("timeline", each: timeline) { $0.add(to: &$1) }
        return object.finished()
    }
}

extension TimelineEntry {
    fileprivate func add(to object: inout JSONObjectWriter) {
        object.add("at", at)
        object.add("type", type)
        object.add("source", source.rawValue)
        object.add("status", status?.rawValue)
        object.add("detail", detail)
    }
}

extension Call.Conversation {
    fileprivate func add(to object: inout JSONObjectWriter) {
        object.add("joined_at", joinedAt)
        object.add("ended_at", endedAt)
        object.add("end_reason", endReason)
        object.add("short_summary", shortSummary)
        object.add("summary", summary)
        object.add("billed_seconds", billedDuration)
    }
}

extension StreamReport {
    fileprivate func add(to object: inout JSONObjectWriter) {
        object.add("sid", streamSid.text)
        let status =
            switch event {
            case .started: "started"
            case .stopped: "stopped"
            case .error: "error"
            }
        object.add("status", status)
        object.add("error", error)
    }
}

extension RecordingReport {
    fileprivate func add(to object: inout JSONObjectWriter) {
        object.add("sid", recordingSid.text)
        object.add("url", url)
        object.add("duration_seconds", duration)
        object.add("status", status.rawValue)
    }
}

extension CallError {
    fileprivate func add(to object: inout JSONObjectWriter) {
        object.add("source", source.rawValue)
        object.add("code", code)
        object.add("message", message)
        object.add("sip_response_code", sipResponseCode)
    }
}
