/// An event as it is sent to a receiver.
package struct OutgoingEvent: Sendable {
    package enum Content: Sendable {
        case notice(CallNotice)
        case trial(SubscriptionID, at: Timestamp)
    }

    package let id: DeliveryID
    package let url: String
    /// `whsec_…`
    package let secret: String
    package let content: Content

    package init(id: DeliveryID, url: String, secret: String, content: Content) {
        self.id = id
        self.url = url
        self.secret = secret
        self.content = content
    }
}

/// What a receiver answered.
package struct EventAnswer: Sendable, Equatable {
    /// `nil` if there was no answer.
    package let status: Int?
    /// Why the event does not count as received, in one line; `nil` if it does.
    package let reason: String?
    /// How long the receiver asks to be left alone.
    package let retryAfter: Duration?
    /// To try again would not help.
    package var isFinal = false

    package init(status: Int?, reason: String?, retryAfter: Duration? = nil) {
        self.status = status
        self.reason = reason
        self.retryAfter = retryAfter
    }
}

/// Sends events to whoever wants to be told.
package protocol EventSender: Sendable {
    func send(_ event: OutgoingEvent) async -> EventAnswer
}
