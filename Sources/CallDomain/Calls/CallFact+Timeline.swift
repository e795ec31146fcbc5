extension CallStatus {
    /// The word for reaching this status, in timelines and published events.
    package var eventType: String {
        switch self {
        case .inProgress: "call.answered"
        case .noAnswer: "call.no_answer"
        case .pending, .unknown, .unconfirmed, .queued, .initiated, .ringing, .busy, .failed, .canceled, .completed:
            "call.\(rawValue)"
        }
    }
}

/// What an entry of a timeline tells that proves no status: a stable word.
package enum TimelineWord: String, Sendable, CaseIterable {
    case agentCallRequested = "agent_call.requested"
    case agentCallCreated = "agent_call.created"
    case agentCallUnavailable = "agent_call.unavailable"
    case agentCallStarted = "agent_call.started"
    case dialUnclear = "dial.unclear"
    case twiMLRequested = "twiml.requested"
    case twiMLFailed = "twiml.failed"
    case streamStarted = "call.stream_started"
    case streamStopped = "call.stream_stopped"
    case streamError = "call.stream_error"
    case agentJoined = "call.agent_joined"
    case agentLeft = "call.agent_left"
    case machineDetected = "call.machine_detected"
    case detectionFinished = "call.detection_finished"
    case recordingStarted = "call.recording_started"
    case recordingAbsent = "call.recording_absent"
    case recordingFailed = "call.recording_failed"
    case recordingReady = "call.recording_ready"
    case hangUpRequested = "hang_up.requested"
    case hangUpUnknownCall = "hang_up.unknown_call"
    case billed = "call.billed"
}

extension CallFact {
    package var timelineType: String { timelineWord?.rawValue ?? status?.eventType ?? "call.changed" }

    /// `nil` where the status that the fact proves is the word.
    private var timelineWord: TimelineWord? {
        switch self {
        case .ordered, .dialing, .callCreated, .unconfirmed, .agentCallFailed, .dialRefused, .dialNotSent, .canceled,
            .statusReported, .lookedUp:
            nil
        case .agentCallCreated: .agentCallCreated
        case .agentCallRequested: .agentCallRequested
        case .agentCallUnavailable: .agentCallUnavailable
        case .dialUnclear: .dialUnclear
        case .hangUpRequested: .hangUpRequested
        case .unknownToTwilio: .hangUpUnknownCall
        case .voiceRequested: .twiMLRequested
        case .fallbackRequested: .twiMLFailed
        case .machineDetected(let report):
            Call.isMachine(report.answeredBy) == true ? .machineDetected : .detectionFinished
        case .streamReported(let report):
            switch report.event {
            case .started: .streamStarted
            case .stopped: .streamStopped
            case .error: .streamError
            }
        case .recordingReported(let report):
            switch report.status {
            case .inProgress: .recordingStarted
            case .absent: .recordingAbsent
            case .failed: .recordingFailed
            case .completed: .recordingReady
            }
        case .conversationReported(let report):
            switch report.event {
            case .started: .agentCallStarted
            case .joined: .agentJoined
            case .ended: .agentLeft
            case .billed: .billed
            }
        }
    }

    /// The order of facts with the same time. The vendors' clocks differ and some have a resolution of one second, so
    /// times alone do not order them.
    var placeInLife: Int {
        switch self {
        case .ordered: 0
        case .agentCallRequested: 1
        case .agentCallCreated, .agentCallFailed, .agentCallUnavailable: 2
        case .dialing: 3
        case .callCreated, .dialRefused, .dialNotSent, .dialUnclear: 4
        case .statusReported, .lookedUp: status?.isTerminal == true ? 14 : 5
        case .voiceRequested: 6
        case .fallbackRequested: 7
        case .streamReported(let report): report.event == .started ? 8 : 13
        case .conversationReported(let report):
            switch report.event {
            case .started: 8
            case .joined: 9
            case .ended: 12
            case .billed: 16
            }
        case .machineDetected: 10
        case .recordingReported(let report): report.status == .inProgress ? 10 : 15
        case .hangUpRequested: 11
        case .unconfirmed, .canceled, .unknownToTwilio: 14
        }
    }

    /// Which fields of the message count as absent because they could not be read; never what they held.
    var unreadDetail: String? {
        unread.isEmpty ? nil : "\(unread.joined(separator: ", ")) could not be read"
    }

    var timelineDetail: String? {
        switch self {
        case .ordered, .dialing, .callCreated, .hangUpRequested, .voiceRequested, .agentCallCreated,
            .agentCallRequested:
            nil
        case .unconfirmed: "no confirmation from Twilio that this call exists"
        case .agentCallFailed(let error), .agentCallUnavailable(let error), .dialRefused(let error),
            .dialNotSent(let error), .dialUnclear(let error):
            error.code.map { "\($0): \(error.message)" } ?? error.message
        case .canceled(let reason): reason
        case .unknownToTwilio(_, let code): "\(code): \(CallError.unknownToTwilio)"
        case .statusReported(let report):
            if let errorCode = report.errorCode {
                "error \(errorCode)" + (report.errorMessage.map { ": \($0)" } ?? "")
            } else {
                report.sipResponseCode.map { "SIP \($0)" }
            }
        case .fallbackRequested(let request): request.errorCode.map { "Twilio error \($0)" }
        case .machineDetected(let report): report.answeredBy
        case .streamReported(let report): report.error
        case .recordingReported(let report): report.duration.map { "\($0) s" }
        case .lookedUp: nil
        case .conversationReported(let report):
            switch report.event {
            case .ended: report.endReason
            case .billed: report.billedDuration.map { "\($0) s" }
            case .started, .joined: nil
            }
        }
    }
}
