/// The type of a published event: what a change of a call means to whoever is told of it.
///
/// The numbers stand in journals: each keeps its meaning for ever.
package enum CallNews: UInt8, Sendable, CaseIterable {
    case pending = 1
    case unknown = 2
    case unconfirmed = 3
    case queued = 4
    case initiated = 5
    case ringing = 6
    case answered = 7
    case machineDetected = 8
    case streamStarted = 9
    case streamStopped = 10
    case streamError = 11
    case agentJoined = 12
    case agentLeft = 13
    case recordingReady = 14
    case billed = 15
    /// What was told before has turned out to be wrong: another end, or none.
    case corrected = 16
    /// Some other member of the call has changed.
    case updated = 17
    case completed = 18
    case busy = 19
    case noAnswer = 20
    case failed = 21
    case canceled = 22

    /// The word in `event:` and `type`, such as `call.no_answer`.
    package var type: String {
        switch self {
        case .pending: CallStatus.pending.eventType
        case .unknown: CallStatus.unknown.eventType
        case .unconfirmed: CallStatus.unconfirmed.eventType
        case .queued: CallStatus.queued.eventType
        case .initiated: CallStatus.initiated.eventType
        case .ringing: CallStatus.ringing.eventType
        case .answered: CallStatus.inProgress.eventType
        case .machineDetected: TimelineWord.machineDetected.rawValue
        case .streamStarted: TimelineWord.streamStarted.rawValue
        case .streamStopped: TimelineWord.streamStopped.rawValue
        case .streamError: TimelineWord.streamError.rawValue
        case .agentJoined: TimelineWord.agentJoined.rawValue
        case .agentLeft: TimelineWord.agentLeft.rawValue
        case .recordingReady: TimelineWord.recordingReady.rawValue
        case .billed: TimelineWord.billed.rawValue
        case .corrected: "call.corrected"
        case .updated: "call.updated"
        case .completed: CallStatus.completed.eventType
        case .busy: CallStatus.busy.eventType
        case .noAnswer: CallStatus.noAnswer.eventType
        case .failed: CallStatus.failed.eventType
        case .canceled: CallStatus.canceled.eventType
        }
    }

    /// - Returns: `nil` unless `type` is the word of one of them.
    package init?(type: String) {
        guard let news = Self.allCases.first(where: { $0.type == type }) else { return nil }
        self = news
    }

    /// Whether it says that the call is over. A call has at most one such event.
    package var isTerminal: Bool {
        switch self {
        case .completed, .busy, .noAnswer, .failed, .canceled: true
        case .pending, .unknown, .unconfirmed, .queued, .initiated, .ringing, .answered, .machineDetected,
            .streamStarted, .streamStopped, .streamError, .agentJoined, .agentLeft, .recordingReady, .billed,
            .corrected, .updated:
            false
        }
    }

    /// What reaching a status is told as.
    package init(_ status: CallStatus) {
        self =
            switch status {
            case .pending: .pending
            case .unknown: .unknown
            case .unconfirmed: .unconfirmed
            case .queued: .queued
            case .initiated: .initiated
            case .ringing: .ringing
            case .inProgress: .answered
            case .noAnswer: .noAnswer
            case .busy: .busy
            case .failed: .failed
            case .canceled: .canceled
            case .completed: .completed
            }
    }
}

extension CallChange {
    /// What the change is told as, in this order, where the call's end was told before or was not; nothing if a reader of the
    /// call sees no difference.
    package func news(hasEnded: Bool) -> [CallNews] {
        guard let after else { return [] }
        var news = sideNews(after)
        let status = statusNews(after, hasEnded)
        if let status, status.isTerminal { news.append(status) } else if let status { news.insert(status, at: 0) }
        return news.isEmpty && before.map({ $0.looksOther(than: after) }) ?? true ? [.updated] : news
    }

    private func statusNews(_ after: Call, _ hasEnded: Bool) -> CallNews? {
        // The request to dial is on its way: no news, unless it is in doubt what became of it.
        let isDoubt = after.status == .unknown && after.error != nil
        guard before?.status != after.status else {
            return isDoubt && before?.error == nil ? .unknown : nil
        }
        if hasEnded { return .corrected }
        return after.status == .unknown && !isDoubt ? nil : CallNews(after.status)
    }

    /// What the change tells beside the status.
    private func sideNews(_ after: Call) -> [CallNews] {
        var news: [CallNews] = []
        if after.isMachine == true, before?.isMachine != true { news.append(.machineDetected) }
        if let stream = after.stream, before?.stream?.event != stream.event {
            switch stream.event {
            case .started: news.append(.streamStarted)
            case .stopped: news.append(.streamStopped)
            case .error: news.append(.streamError)
            }
        }
        let (talk, former) = (after.conversation, before?.conversation)
        if talk?.joinedAt != nil, former?.joinedAt == nil { news.append(.agentJoined) }
        if talk?.endedAt != nil, former?.endedAt == nil { news.append(.agentLeft) }
        if after.recording?.status == .completed, before?.recording?.status != .completed {
            news.append(.recordingReady)
        }
        if talk?.billedDuration != nil, former?.billedDuration == nil { news.append(.billed) }
        return news
    }
}

extension Call {
    /// Whether a reader sees another call, the status and the time of the last change apart.
    fileprivate func looksOther(than call: Call) -> Bool {
        callSid != call.callSid || agentID != call.agentID || direction != call.direction || from != call.from
            || to != call.to || answeredBy != call.answeredBy || ringingAt != call.ringingAt
            || answeredAt != call.answeredAt || endedAt != call.endedAt || duration != call.duration
            || ultravoxCallID != call.ultravoxCallID || conversation != call.conversation || stream != call.stream
            || recording != call.recording || error != call.error || metadata != call.metadata
    }
}
