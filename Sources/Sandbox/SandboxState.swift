import OrderedCollections

/// All that the two stand-ins know, as one value.
package struct SandboxState: Sendable {
    package internal(set) var ledger = Ledger()
    /// How the stand-ins were told to misbehave.
    var faults = FaultBook()
    /// The numbers of the account at Twilio.
    var numbers: [OwnedNumber] = []
    /// The verified caller IDs of the account at Twilio: numbers of others that may call.
    var callerIDs: [String] = []
    /// Twilio's calls by CallSid, oldest first; deleted ones stay, marked.
    var phoneCalls: OrderedDictionary<String, PhoneCall> = [:]
    /// Ultravox's agents by id, oldest first.
    var agents: OrderedDictionary<String, VoiceAgent> = [:]
    /// Ultravox's calls by id, oldest first; deleted ones stay, marked.
    var agentCalls: OrderedDictionary<String, AgentCall> = [:]

    /// Where the servers listen, as soon as they do.
    var twilioAddress: String?
    var ultravoxAddress: String?
    /// Why the servers will never listen.
    var stopped: (any Error)?
    /// The calls that wait for Twilio's pace, by CallSid, in order; empty for an account without one.
    var queue: [String] = []
    /// When the turn of the next call to be created comes.
    var nextTurn: ContinuousClock.Instant?
    /// When Twilio may dial again.
    var nextDial: ContinuousClock.Instant?

    /// Which numbers may stand in `From`.
    var callers: [String] { numbers.filter(\.hasVoice).map(\.number) + callerIDs }

    /// Every call at Twilio, oldest first, deleted ones included.
    package var allPhoneCalls: [PhoneCall] { Array(phoneCalls.values) }

    /// Every call at Ultravox, oldest first, deleted ones included.
    package var allAgentCalls: [AgentCall] { Array(agentCalls.values) }

    /// A call at Twilio.
    package func phoneCall(_ sid: String) -> PhoneCall? { phoneCalls[sid] }

    /// A call at Ultravox.
    package func agentCall(_ id: String) -> AgentCall? { agentCalls[id] }

    /// Whether every call is over and all its callbacks were delivered or given up.
    package var isSettled: Bool {
        phoneCalls.values.allSatisfy(\.isSettled) && agentCalls.values.allSatisfy(\.isSettled)
    }
}

extension SandboxState {
    /// The called number of the order, of the filter or of the call that a request to Twilio names.
    func calledNumber(of request: VendorRequest) -> String? {
        if let number = request.form["To"] ?? request.query["To"] { return number }
        guard let name = request.segments.last, name.hasPrefix("CA") else { return nil }
        return phoneCalls[String(name.prefix { $0 != "." })]?.order.to
    }

    /// The call at Twilio that has joined a call at Ultravox.
    func phone(ofAgentCall id: String) -> PhoneCall? {
        agentCalls[id]?.phone.flatMap { phoneCalls[$0.callSid] }
    }
}
