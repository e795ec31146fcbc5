/// Two events with the same identity are duplicates of one event.
package enum EventIdentity: Sendable, Hashable {
    /// Facts of our own of which a call has one each.
    case gateway(String)
    /// CallSid, SequenceNumber, CallStatus.
    case status(CallSid, Int?, CallStatus)
    /// CallSid, CallStatus.
    case voice(CallSid, CallStatus)
    case fallback(CallSid)
    case machineDetection(CallSid)
    case stream(StreamSid, StreamReport.Event)
    case recording(RecordingSid, RecordingReport.Status)
    case lookUp(CallSid, CallStatus)
    case unknownToTwilio(CallSid)
    case conversation(UltravoxCallID, ConversationReport.Event)
}

extension EventIdentity {
    /// Orders events that neither time nor rank orders. Different for each identity.
    var text: String {
        switch self {
        case .gateway(let name): "gateway \(name)"
        case .status(let sid, let number, let status):
            "status \(sid.text) \(number.map(String.init) ?? "-") \(status.rawValue)"
        case .voice(let sid, let status): "voice \(sid.text) \(status.rawValue)"
        case .fallback(let sid): "fallback \(sid.text)"
        case .machineDetection(let sid): "machine \(sid.text)"
        case .stream(let sid, let event): "stream \(sid.text) \(event.rawValue)"
        case .recording(let sid, let status): "recording \(sid.text) \(status.rawValue)"
        case .lookUp(let sid, let status): "look-up \(sid.text) \(status.rawValue)"
        case .unknownToTwilio(let sid): "unknown to Twilio \(sid.text)"
        case .conversation(let id, let event): "conversation \(id.text) \(event.rawValue)"
        }
    }
}

extension CallFact {
    package var identity: EventIdentity {
        switch self {
        case .ordered: .gateway("ordered")
        case .agentCallCreated: .gateway("agentCallCreated")
        case .agentCallFailed: .gateway("agentCallFailed")
        case .agentCallRequested: .gateway("agentCallRequested")
        case .agentCallUnavailable: .gateway("agentCallUnavailable")
        case .dialing: .gateway("dialing")
        case .callCreated: .gateway("callCreated")
        case .dialRefused: .gateway("dialRefused")
        case .dialNotSent: .gateway("dialNotSent")
        case .dialUnclear: .gateway("dialUnclear")
        case .unconfirmed: .gateway("unconfirmed")
        case .hangUpRequested: .gateway("hangUpRequested")
        case .canceled: .gateway("canceled")
        case .statusReported(let report): .status(report.callSid, report.sequenceNumber, report.status)
        case .voiceRequested(let request): .voice(request.callSid, request.status)
        case .fallbackRequested(let request): .fallback(request.callSid)
        case .machineDetected(let report): .machineDetection(report.callSid)
        case .streamReported(let report): .stream(report.streamSid, report.event)
        case .recordingReported(let report): .recording(report.recordingSid, report.status)
        case .lookedUp(let call): .lookUp(call.callSid, call.status)
        case .unknownToTwilio(let sid, _): .unknownToTwilio(sid)
        case .conversationReported(let report): .conversation(report.ultravoxCallID, report.event)
        }
    }

    /// The content as texts, by which one of two tellings of the same event stays: the one that says more, then the
    /// greater one. The order of arrival never decides.
    private var content: [String?] {
        switch self {
        case .ordered, .agentCallCreated, .dialing, .unconfirmed, .hangUpRequested: []
        case .agentCallRequested(let agentID): [agentID.text]
        case .agentCallFailed(let error), .agentCallUnavailable(let error), .dialRefused(let error),
            .dialNotSent(let error), .dialUnclear(let error):
            [error.code, error.message]
        case .canceled(let reason): [reason]
        case .unknownToTwilio(_, let code): [String(code)]
        case .callCreated(let call), .lookedUp(let call):
            [
                call.callSid.text, call.status.rawValue, call.from, call.to, call.direction?.rawValue,
                call.duration.map(String.init), call.answeredBy, call.startedAt?.rfc3339, call.endedAt?.rfc3339,
            ]
        case .statusReported(let report):
            report.parties.content + [
                report.timestamp?.rfc3339, report.duration.map(String.init), report.sipResponseCode.map(String.init),
                report.answeredBy, report.errorCode, report.errorMessage,
            ]
        case .voiceRequested(let request): request.parties.content
        case .fallbackRequested(let request): request.parties.content + [request.errorCode]
        case .machineDetected(let report):
            // Any verdict says more than "unknown".
            [
                report.answeredBy == "unknown" ? nil : "verdict", report.answeredBy,
                report.duration.map { String($0.milliseconds) },
            ]
        case .streamReported(let report): [report.timestamp?.rfc3339, report.error]
        case .recordingReported(let report):
            [report.url, report.duration.map(String.init), report.startedAt?.rfc3339]
        case .conversationReported(let report):
            [
                report.callID?.text, report.createdAt?.rfc3339, report.joinedAt?.rfc3339, report.endedAt?.rfc3339,
                report.endReason, report.billedDuration.map(String.init), report.shortSummary, report.summary,
                report.agentID?.text, report.callSid?.text,
            ]
        }
    }

    /// A message that could be read as a whole says more than one of which a part could not.
    private var readable: [String?] { [unread.isEmpty ? "whole" : nil, unread.joined(separator: " ")] }

    /// Whether this telling of an event is to be kept rather than `other`; `nil` if both say the same.
    func prevails(over other: CallFact) -> Bool? {
        // That somebody joined proves an answer: no telling without it takes that back.
        if case .conversationReported(let mine) = self, case .conversationReported(let theirs) = other,
            (mine.joinedAt == nil) != (theirs.joinedAt == nil)
        {
            return mine.joinedAt != nil
        }
        let (mine, theirs) = (content + readable, other.content + other.readable)
        let (said, saidThere) = (mine.count { $0 != nil }, theirs.count { $0 != nil })
        if said != saidThere { return said > saidThere }
        for (left, right) in zip(mine, theirs) where left != nil || right != nil {
            guard let left else { return false }
            guard let right else { return true }
            // By bytes: `String` compares by canonical equivalence.
            if left.utf8.elementsEqual(right.utf8) { continue }
            return right.utf8.lexicographicallyPrecedes(left.utf8)
        }
        return nil
    }
}

extension CallParties {
    fileprivate var content: [String?] { [from, to, direction?.rawValue] }
}
