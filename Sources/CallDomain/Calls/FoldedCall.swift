/// What ``Call`` shows, as it is folded.
///
/// Large parts that an event tells as they are stay that event's fact, so that both are one value in memory.
struct FoldedCall: Sendable, Equatable {
    // What nearly every event changes stands first, where a comparison begins.
    private(set) var updatedAt: Timestamp
    private(set) var status: CallStatus = .pending
    let id: CallID
    private(set) var callSid: CallSid?
    /// The fact ``CallFact/ordered(_:)``.
    private(set) var ordered: CallFact?
    private(set) var agentID: AgentID?
    private(set) var direction: CallDirection = .outbound
    private(set) var from: String?
    private(set) var to: String?
    private(set) var agentCallRequested = false
    /// The fact ``CallFact/agentCallCreated(_:)``.
    private(set) var agentCallCreated: CallFact?
    private(set) var ultravoxCallID: UltravoxCallID?
    private(set) var answeredBy: String?
    private(set) var createdAt: Timestamp
    private(set) var ringingAt: Timestamp?
    private(set) var answeredAt: Timestamp?
    private(set) var endedAt: Timestamp?
    private(set) var duration: Int?
    private(set) var conversation: Apart<Call.Conversation>?
    /// A fact ``CallFact/streamReported(_:)``.
    private(set) var stream: CallFact?
    /// A fact ``CallFact/recordingReported(_:)``.
    private(set) var recording: CallFact?
    private(set) var error: Apart<CallError>?
    private(set) var hangUpRequested = false

    init(id: CallID, bound: CallBindings, events: [CallEvent]) {
        self.id = id
        let story = CallStory(events)
        createdAt = story.createdAt
        updatedAt = events.lazy.map(\.receivedAt).max() ?? createdAt
        ringingAt = story.start(of: .ringing)
        answeredAt = story.start(of: .inProgress)
        let events = events.sorted(by: Self.fixedOrder)
        for event in events { take(event.fact, bound) }
        callSid = bound.callSid ?? callSid
        if callSid != nil { prove(events) }
        settleEnd(events, story)
        settleParties(events)
        settleConversation(events, bound)
        settleMedia(events)
        settleError(events)
    }

    /// Any order will do as long as it is the same for the same set, whenever we heard of each.
    private static func fixedOrder(_ left: CallEvent, _ right: CallEvent) -> Bool {
        let (a, b) = (left.fact.status?.rank ?? -1, right.fact.status?.rank ?? -1)
        if a != b { return a < b }
        let (place, otherPlace) = (left.fact.placeInLife, right.fact.placeInLife)
        if place != otherPlace { return place < otherPlace }
        let (time, otherTime) = (left.fact.vendorTime, right.fact.vendorTime)
        if time != otherTime {
            guard let time else { return true }
            return otherTime.map { time < $0 } ?? false
        }
        return left.fact.identity.text < right.fact.identity.text
    }

    private mutating func take(_ fact: CallFact, _ bound: CallBindings) {
        if let proven = fact.status, !proven.isTerminal, proven.rank > status.rank { status = proven }
        if let sid = fact.callSid { callSid = min(callSid ?? sid, sid) }
        switch fact {
        case .ordered:
            ordered = fact
        case .agentCallCreated(let call):
            guard bound.ultravoxCallID == nil || bound.ultravoxCallID == call.ultravoxCallID else { break }
            agentCallCreated = fact
            ultravoxCallID = call.ultravoxCallID
        case .agentCallRequested(let agentID):
            agentCallRequested = true
            self.agentID = agentID
        case .hangUpRequested:
            hangUpRequested = true
        case .agentCallFailed, .agentCallUnavailable, .dialing, .callCreated, .dialRefused, .dialNotSent, .dialUnclear,
            .unconfirmed, .canceled, .statusReported, .voiceRequested, .fallbackRequested, .machineDetected,
            .streamReported, .recordingReported, .lookedUp, .unknownToTwilio, .conversationReported:
            break
        }
    }

    /// What a call that has a CallSid is at least, whatever our create was answered: Twilio has it, and if its audio flows
    /// or the agent has joined, somebody has answered.
    private mutating func prove(_ events: [CallEvent]) {
        let least: CallStatus = events.contains(where: \.fact.provesAnswer) ? .inProgress : .queued
        if status.rank < least.rank { status = least }
    }

    /// Conflicting terminals settle by the highest SequenceNumber, then by a fixed order: never by arrival.
    private mutating func settleEnd(_ events: [CallEvent], _ story: CallStory) {
        func sequence(_ event: CallEvent) -> Int {
            if case .statusReported(let report) = event.fact { report.sequenceNumber ?? -1 } else { -1 }
        }
        let ends = events.filter { $0.fact.status?.isTerminal == true }
        func isLess(_ left: CallEvent, _ right: CallEvent) -> Bool {
            if sequence(left) != sequence(right) { return sequence(left) < sequence(right) }
            return (left.fact.status?.terminalPrecedence ?? 0) < (right.fact.status?.terminalPrecedence ?? 0)
        }
        guard let end = ends.max(by: isLess), let final = end.fact.status else { return settleLostCall(events) }
        status = final
        endedAt = story.end(end)
        // A thinner proof of the same end, such as a look-up, may be the one that knows the duration.
        let durations = ends.filter { $0.fact.status == final }.sorted(by: isLess).compactMap(\.fact.duration)
        duration = durations.last
    }

    /// A call without an end that Twilio no longer knows.
    private mutating func settleLostCall(_ events: [CallEvent]) {
        let ends = events.filter(\.fact.isUnknownToTwilio)
        guard let end = ends.map(\.at).min() else { return }
        status = answeredAt != nil || events.contains(where: \.fact.provesAnswer) ? .completed : .canceled
        endedAt = end
    }

    private mutating func settleParties(_ events: [CallEvent]) {
        let parties = events.compactMap(\.fact.parties)
        var order: CallOrder?
        if case .ordered(let content)? = ordered { order = content }
        direction =
            order != nil ? .outbound : parties.compactMap(\.direction).first ?? (id.isDerived ? .inbound : .outbound)
        from = order?.from.text ?? parties.compactMap(\.from).min()
        to = order?.phoneNumber.text ?? parties.compactMap(\.to).min()
    }

    private mutating func settleConversation(_ events: [CallEvent], _ bound: CallBindings) {
        var reports: [ConversationReport] = []
        for case .conversationReported(let report) in events.map(\.fact) { reports.append(report) }
        reports.sort { $0.event.order < $1.event.order }
        ultravoxCallID =
            bound.ultravoxCallID ?? ultravoxCallID
            ?? reports.map(\.ultravoxCallID).min()
        var ordered: AgentID?
        if case .ordered(let order)? = self.ordered { ordered = order.agentID }
        agentID = ordered ?? agentID ?? reports.compactMap(\.agentID).min()
        guard reports.contains(where: { $0.event != .started }) else { return }
        conversation = Apart(
            Call.Conversation(
                joinedAt: reports.compactMap(\.joinedAt).min(),
                endedAt: reports.compactMap(\.endedAt).min(),
                endReason: reports.compactMap(\.endReason).last,
                shortSummary: reports.compactMap(\.shortSummary).last,
                summary: reports.compactMap(\.summary).last,
                billedDuration: reports.compactMap(\.billedDuration).last
            )
        )
    }

    private mutating func settleMedia(_ events: [CallEvent]) {
        var verdicts: [String] = []
        for event in events {
            switch event.fact {
            case .machineDetected(let report): verdicts.append(report.answeredBy)
            case .statusReported(let report): verdicts += report.answeredBy.map { [$0] } ?? []
            case .lookedUp(let call), .callCreated(let call): verdicts += call.answeredBy.map { [$0] } ?? []
            case .recordingReported(let report):
                var present: RecordingReport?
                if case .recordingReported(let report)? = recording { present = report }
                if report.supersedes(present) { recording = event.fact }
            case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
                .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled, .voiceRequested,
                .fallbackRequested, .streamReported, .unknownToTwilio, .conversationReported:
                break
            }
        }
        settleStream(events)
        // A verdict beats "unknown"; two verdicts, the greater word.
        answeredBy = verdicts.max { ($0 != "unknown" ? 1 : 0, $0) < ($1 != "unknown" ? 1 : 0, $1) }
    }

    /// The stream that started last counts, in whatever order the reports of several came: the end of an old one may be
    /// told after the start of the next. An error may be all that is told of a stream, so it dates its start, too; of one
    /// of which only the end is known it is not known that it was the last.
    private mutating func settleStream(_ events: [CallEvent]) {
        var reports: [StreamReport] = []
        var hasBegun: Set<StreamSid> = []
        var starts: [StreamSid: Timestamp] = [:]
        for case .streamReported(let report) in events.lazy.map(\.fact) {
            reports.append(report)
            if report.event == .stopped { continue }
            hasBegun.insert(report.streamSid)
            guard let at = report.timestamp else { continue }
            starts[report.streamSid] = min(starts[report.streamSid] ?? at, at)
        }
        let last = reports.max { left, right in
            guard left.streamSid != right.streamSid else { return left.event.order < right.event.order }
            let (begun, otherBegun) = (hasBegun.contains(left.streamSid), hasBegun.contains(right.streamSid))
            if begun != otherBegun { return otherBegun }
            let (start, otherStart) =
                begun ? (starts[left.streamSid], starts[right.streamSid]) : (left.timestamp, right.timestamp)
            if start == otherStart { return left.streamSid < right.streamSid }
            guard let start else { return true }
            return otherStart.map { start < $0 } ?? false
        }
        stream = last.map(CallFact.streamReported)
    }

    private mutating func settleError(_ events: [CallEvent]) {
        var error: CallError?
        for event in events {
            switch event.fact {
            case .agentCallFailed(let found), .dialRefused(let found), .dialNotSent(let found):
                if status == .failed { error = found }
            case .agentCallUnavailable(let found):
                error = error ?? found
            case .dialUnclear(let found):
                if !status.isProven { error = error ?? found }
            case .unknownToTwilio(_, let code):
                let isDecisive = !events.contains { $0.fact.status?.isTerminal == true }
                if isDecisive {
                    error =
                        error
                        ?? CallError(source: .twilio, code: String(code), message: CallError.unknownToTwilio)
                }
            case .fallbackRequested(let request):
                error =
                    error
                    ?? CallError(
                        source: .twilio,
                        code: request.errorCode,
                        message: "Twilio could not use the TwiML and requested the fallback"
                    )
            case .statusReported(let report) where report.status == status && report.isFailure:
                error =
                    error
                    ?? CallError(
                        source: .twilio,
                        code: report.errorCode,
                        message: report.errorMessage ?? "Twilio could not place the call",
                        sipResponseCode: report.sipResponseCode
                    )
            case .statusReported, .ordered, .agentCallCreated, .agentCallRequested, .dialing, .callCreated,
                .unconfirmed,
                .hangUpRequested, .canceled, .voiceRequested, .machineDetected, .streamReported, .recordingReported,
                .lookedUp, .conversationReported:
                break
            }
        }
        self.error = error.map { Apart($0) }
    }
}

extension StatusReport {
    fileprivate var isFailure: Bool { status == .failed || (status.isTerminal && errorCode != nil) }
}

extension CallFact {
    fileprivate var isUnknownToTwilio: Bool {
        if case .unknownToTwilio = self { true } else { false }
    }

    /// Whether somebody must have picked up, although no status says so.
    fileprivate var provesAnswer: Bool {
        switch self {
        case .streamReported(let report): report.event == .started
        case .conversationReported(let report): report.joinedAt != nil
        case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .callCreated, .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled,
            .statusReported, .voiceRequested, .fallbackRequested, .machineDetected, .recordingReported, .lookedUp,
            .unknownToTwilio:
            false
        }
    }

    fileprivate var duration: Int? {
        switch self {
        case .statusReported(let report): report.duration
        case .lookedUp(let call): call.duration
        case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .callCreated, .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled,
            .voiceRequested, .fallbackRequested, .machineDetected, .streamReported, .recordingReported,
            .unknownToTwilio,
            .conversationReported:
            nil
        }
    }

    fileprivate var parties: CallParties? {
        switch self {
        case .statusReported(let report): report.parties
        case .voiceRequested(let request): request.parties
        case .fallbackRequested(let request): request.parties
        case .callCreated(let call), .lookedUp(let call):
            CallParties(
                from: call.from.flatMap { PartyText.fits($0) ? $0 : nil },
                to: call.to.flatMap { PartyText.fits($0) ? $0 : nil },
                direction: call.direction
            )
        case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled, .machineDetected,
            .streamReported, .recordingReported, .unknownToTwilio, .conversationReported:
            nil
        }
    }
}

extension StreamReport.Event {
    fileprivate var order: Int {
        switch self {
        case .started: 0
        case .stopped: 1
        case .error: 2
        }
    }
}

extension RecordingReport {
    fileprivate func supersedes(_ other: RecordingReport?) -> Bool {
        guard let other else { return true }
        if status.order != other.status.order { return status.order > other.status.order }
        let (mine, theirs) = (startedAt ?? .init(milliseconds: 0), other.startedAt ?? .init(milliseconds: 0))
        return mine == theirs ? recordingSid > other.recordingSid : mine > theirs
    }
}

extension RecordingReport.Status {
    fileprivate var order: Int {
        switch self {
        case .inProgress: 0
        case .absent: 1
        case .failed: 2
        case .completed: 3
        }
    }
}

extension ConversationReport.Event {
    fileprivate var order: Int {
        switch self {
        case .started: 0
        case .joined: 1
        case .ended: 2
        case .billed: 3
        }
    }
}

/// A value in a place of its own: where there seldom is one, nothing but its address takes room.
indirect enum Apart<Value: Sendable & Equatable>: Sendable, Equatable {
    case value(Value)

    init(_ value: Value) { self = .value(value) }

    var value: Value {
        switch self {
        case .value(let value): value
        }
    }
}
