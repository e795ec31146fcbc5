/// A call's state: a pure function of the set of its events.
///
/// It does not change once it is folded, and copies share one place in memory.
package struct Call: Sendable, Equatable {
    private final class Box: Sendable {
        let folded: FoldedCall

        init(_ folded: FoldedCall) { self.folded = folded }
    }

    private let box: Box
    /// Where in the log the last change of the call stands; the start of it for a call that no book holds. Says nothing of the
    /// state: two calls of one state are equal.
    package var position = Position.start
    private var folded: FoldedCall { box.folded }

    /// Folds `events`, of which there is at most one of each identity, in any order.
    ///
    /// `bound`: see ``CallHistory/bound``.
    package init(id: CallID, bound: CallBindings = CallBindings(), events: [CallEvent]) {
        box = Box(FoldedCall(id: id, bound: bound, events: events))
    }

    package static func == (left: Call, right: Call) -> Bool {
        left.box === right.box || left.folded == right.folded
    }

    /// The state of the agent's side.
    package struct Conversation: Sendable, Equatable {
        package var joinedAt: Timestamp?
        package var endedAt: Timestamp?
        package var endReason: String?
        package var shortSummary: String?
        package var summary: String?
        package var billedDuration: Int?
    }

    package var id: CallID { folded.id }
    package var callSid: CallSid? { folded.callSid }
    /// `nil` of a call that reached us without its order, as after a restart.
    package var order: CallOrder? { if case .ordered(let order)? = folded.ordered { order } else { nil } }
    package var agentID: AgentID? { folded.agentID }
    package var direction: CallDirection { folded.direction }
    /// The other party: whom we call, or who calls us, as Twilio gives it.
    package var phoneNumber: String? { direction == .inbound ? from : to }
    /// Who called, whatever the direction.
    package var from: String? { folded.from }
    /// The number that was called, whatever the direction.
    package var to: String? { folded.to }
    /// A call that Twilio no longer knows is `completed` if it was answered, else `canceled`, unless Twilio itself has
    /// told its end.
    package var status: CallStatus { folded.status }
    /// The one request for a conversation, made when somebody was on the line, has left.
    package var agentCallRequested: Bool { folded.agentCallRequested }
    /// The conversation as it was prepared.
    package var agentCall: AgentCall? {
        if case .agentCallCreated(let call)? = folded.agentCallCreated { call } else { nil }
    }
    package var ultravoxCallID: UltravoxCallID? { folded.ultravoxCallID }
    package var answeredBy: String? { folded.answeredBy }
    package var createdAt: Timestamp { folded.createdAt }
    /// When we last learned something.
    package var updatedAt: Timestamp { folded.updatedAt }
    package var ringingAt: Timestamp? { folded.ringingAt }
    package var answeredAt: Timestamp? { folded.answeredAt }
    package var endedAt: Timestamp? { folded.endedAt }
    /// Seconds, in Twilio's count.
    package var duration: Int? { folded.duration }
    package var conversation: Conversation? { folded.conversation?.value }
    package var stream: StreamReport? { if case .streamReported(let report)? = folded.stream { report } else { nil } }
    package var recording: RecordingReport? {
        if case .recordingReported(let report)? = folded.recording { report } else { nil }
    }
    package var error: CallError? { folded.error?.value }
    /// A client asked to end it.
    package var hangUpRequested: Bool { folded.hangUpRequested }

    package var metadata: JSONObject { order?.metadata ?? [:] }

    /// Whether a machine answered; `nil` without a verdict.
    package var isMachine: Bool? { answeredBy.flatMap(Self.isMachine) }

    package static func isMachine(_ answeredBy: String) -> Bool? {
        if answeredBy == "human" { return false }
        return answeredBy == "fax" || answeredBy.hasPrefix("machine") ? true : nil
    }
}
