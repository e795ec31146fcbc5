/// A webhook of Ultravox: something happened to the conversation.
/// - SeeAlso: https://docs.ultravox.ai/webhooks/available-webhooks
package struct ConversationReport: Sendable, Equatable {
    /// In the order of a conversation's life.
    package enum Event: String, Sendable, CaseIterable {
        case started = "call.started"
        case joined = "call.joined"
        case ended = "call.ended"
        case billed = "call.billed"
    }

    package var ultravoxCallID: UltravoxCallID
    package var event: Event
    /// Our id, from the metadata that we sent with the agent call.
    package var callID: CallID?
    /// Of the phone call whose stream joined, from the metadata that Ultravox adds.
    package var callSid: CallSid?
    package var createdAt: Timestamp?
    package var joinedAt: Timestamp?
    package var endedAt: Timestamp?
    /// Ultravox's word: `hangup`, `agent_hangup`, `unjoined`, ….
    package var endReason: String?
    package var shortSummary: String?
    package var summary: String?
    /// Seconds.
    package var billedDuration: Int?
    package var agentID: AgentID?
    /// See ``CallFact/unread``.
    package var unread: [String] = []

    package init(
        ultravoxCallID: UltravoxCallID,
        event: Event,
        callID: CallID? = nil,
        createdAt: Timestamp? = nil,
        joinedAt: Timestamp? = nil,
        endedAt: Timestamp? = nil,
        endReason: String? = nil,
        shortSummary: String? = nil,
        summary: String? = nil,
        billedDuration: Int? = nil,
        agentID: AgentID? = nil
    ) {
        self.ultravoxCallID = ultravoxCallID
        self.event = event
        self.callID = callID
        self.createdAt = createdAt
        self.joinedAt = joinedAt
        self.endedAt = endedAt
        self.endReason = endReason
        self.shortSummary = shortSummary
        self.summary = summary
        self.billedDuration = billedDuration
        self.agentID = agentID
    }

    /// When the event happened, in Ultravox's time.
    package var timestamp: Timestamp? {
        switch event {
        case .started: createdAt
        case .joined: joinedAt
        case .ended: endedAt
        case .billed: nil
        }
    }
}

/// One utterance of a conversation.
package struct ConversationMessage: Sendable, Equatable {
    /// `user`, `agent`, `tool_call` or `tool_result`.
    package var role: String
    package var text: String
    /// When it was spoken, if Ultravox says so.
    package var at: Timestamp?

    package init(role: String, text: String, at: Timestamp?) {
        self.role = role
        self.text = text
        self.at = at
    }
}

/// One page of what was said.
package struct ConversationPage: Sendable, Equatable {
    package var messages: [ConversationMessage]
    /// Where the next page starts, in the platform's own words; `nil` on the last page.
    package var nextCursor: String?

    package init(messages: [ConversationMessage], nextCursor: String?) {
        self.messages = messages
        self.nextCursor = nextCursor
    }
}

/// An agent call that Ultravox created for us.
package struct AgentCall: Sendable, Equatable {
    package var ultravoxCallID: UltravoxCallID
    package var joinURL: JoinURL
    /// Until when somebody must have joined, by the steady wall clock (``TimeSource/steadyNow``).
    package var joinDeadline: Timestamp

    package init(ultravoxCallID: UltravoxCallID, joinURL: JoinURL, joinDeadline: Timestamp) {
        self.ultravoxCallID = ultravoxCallID
        self.joinURL = joinURL
        self.joinDeadline = joinDeadline
    }
}
