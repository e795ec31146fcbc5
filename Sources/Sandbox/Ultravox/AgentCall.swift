package import FoundationEssentials
import OrderedCollections

/// A call at Ultravox.
package struct AgentCall: Sendable {
    /// <https://docs.ultravox.ai/api-reference/schema/call-definition>
    package enum EndReason: String, Sendable {
        case unjoined
        case hangup
        case agentHangup = "agent_hangup"
        case timeout
    }

    /// What the outside can do to a call.
    enum Signal: Sendable {
        case joined
        /// Its record is already ended, or deleted.
        case ended
    }

    /// The phone at the other end of the media stream.
    struct Phone: Sendable {
        let callSid: String
        let scenario: Scenario
        let line: Mailbox<PhoneCall.Signal>
    }

    package let id: String
    package let agentID: String
    package let created: Date
    package private(set) var joined: Date?
    package private(set) var ended: Date?
    package private(set) var endReason: EndReason?
    /// In steps of 6 seconds, rounded up; 0 for a call that nobody joined.
    package private(set) var billedSeconds: Int?
    /// Over, and every webhook was delivered or given up.
    package internal(set) var isSettled = false
    package private(set) var metadata: [(name: String, value: String)]
    var isDeleted = false
    /// The transcript so far.
    var messages: [JSON] = []
    let stageID = Identifier.uuid()
    let agent: JSON
    /// The settings of the call after templating and overrides, by their names in the Call object.
    let settings: OrderedDictionary<String, JSON>
    let callbacks: JSON?
    let joinURL: String?
    let line = Mailbox<Signal>()
    private(set) var phone: Phone?

    init(
        id: String,
        agentID: String,
        agent: JSON,
        settings: OrderedDictionary<String, JSON>,
        metadata: [(name: String, value: String)],
        callbacks: JSON?,
        joinURL: String?
    ) {
        self.id = id
        self.agentID = agentID
        self.agent = agent
        self.settings = settings
        self.metadata = metadata
        self.callbacks = callbacks
        self.joinURL = joinURL
        created = Date()
    }

    /// Joined and not over.
    package var isLive: Bool { joined != nil && ended == nil }

    /// Connects a phone; false when the call was joined before or is over.
    mutating func join(_ phone: Phone, streamSid: String, accountSid: String) -> Bool {
        guard joined == nil, ended == nil, !isDeleted else { return false }
        joined = Date()
        self.phone = phone
        metadata += [
            ("ultravox.twilio.call_sid", phone.callSid), ("ultravox.twilio.stream_sid", streamSid),
            ("ultravox.twilio.account_sid", accountSid),
        ]
        return true
    }

    /// Ends the call; false when it was over before, or when somebody joined the call that was to end unjoined.
    mutating func end(_ reason: EndReason) -> Bool {
        guard ended == nil, reason != .unjoined || joined == nil else { return false }
        ended = Date()
        endReason = reason
        return true
    }

    /// Charges from join to end.
    mutating func bill() {
        guard let ended else { return }
        guard let joined else {
            billedSeconds = 0
            return
        }
        billedSeconds = max(1, Int((ended.timeIntervalSince(joined) / 6).rounded(.up))) * 6
    }

    func duration(_ name: String) -> Double {
        settings[name]?.string.flatMap(ProtoDuration.init)?.seconds ?? 0
    }
}
