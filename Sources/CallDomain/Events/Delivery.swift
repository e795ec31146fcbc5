/// Where call events are to be sent.
package struct Subscription: Sendable, Equatable {
    package let id: SubscriptionID
    package let url: String
    /// None for events of every type.
    package let types: Set<CallNews>
    /// Of Standard Webhooks, `whsec_…`.
    package let secret: String
    package let createdAt: Timestamp

    package init(id: SubscriptionID, url: String, types: Set<CallNews>, secret: String, createdAt: Timestamp) {
        self.id = id
        self.url = url
        self.types = types
        self.secret = secret
        self.createdAt = createdAt
    }
}

/// Who is sent events.
package enum EventReceiver: Sendable, Hashable {
    case subscription(SubscriptionID)
    /// The `callback_url` of the order.
    case order(CallID)

    /// Its identifier.
    package var text: String {
        switch self {
        case .subscription(let id): id.text
        case .order(let id): id.text
        }
    }
}

/// Deliveries of one line reach their receiver one after the other, in the order of the events.
package struct DeliveryLine: Sendable, Hashable, Comparable {
    package let receiver: EventReceiver
    /// `nil` of trials.
    package let callID: CallID?

    package init(receiver: EventReceiver, callID: CallID?) {
        self.receiver = receiver
        self.callID = callID
    }

    package static func < (left: DeliveryLine, right: DeliveryLine) -> Bool {
        guard left.receiver == right.receiver else { return left.receiver.text < right.receiver.text }
        guard let call = left.callID, let other = right.callID else { return left.callID == nil && right.callID != nil }
        return call < other
    }
}

/// One event on its way to one receiver.
package struct Delivery: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        /// It is tried, again if need be.
        case pending
        case delivered
        /// It was tried for as long as is reasonable. It can be asked for again.
        case failed
    }

    package enum Subject: Sendable, Equatable {
        /// With the status that the event left the call with.
        case event(CallNews, CallStatus, CallID)
        /// Sent because somebody asked for it.
        case trial
    }

    package let id: DeliveryID
    package let receiver: EventReceiver
    package let subject: Subject
    /// Of the event, or of the record that asked for the trial.
    package let place: EventPlace
    /// When the event became known.
    package let at: Timestamp
    package var status = Status.pending
    /// The last of them, the oldest first.
    package var attempts: [DeliveryAttempt] = []
    /// How many of them there were since it was asked for.
    package var tries = 0
    /// When it is due; it is not before those in front of it are settled.
    package var due: Timestamp
    /// The record that settled it.
    package var settledBy: Position?

    package init(id: DeliveryID, receiver: EventReceiver, subject: Subject, place: EventPlace, at: Timestamp) {
        self.id = id
        self.receiver = receiver
        self.subject = subject
        self.place = place
        self.at = at
        due = at
    }

    package var callID: CallID? { if case .event(_, _, let id) = subject { id } else { nil } }
    package var line: DeliveryLine { DeliveryLine(receiver: receiver, callID: callID) }
}

/// How an attempt to deliver ended.
package struct DeliveryAttempt: Sendable, Equatable {
    package let at: Timestamp
    /// The receiver's answer; `nil` if there was none.
    package let status: Int?
    /// Why it counts as failed, in one line; `nil` if it succeeded.
    package let reason: String?
    /// How long it took, in milliseconds.
    package let milliseconds: Int
    /// When it is tried again; `nil` if it succeeded, or is not.
    package let next: Timestamp?

    package init(at: Timestamp, status: Int?, reason: String?, milliseconds: Int, next: Timestamp?) {
        self.at = at
        self.status = status
        self.reason = reason
        self.milliseconds = milliseconds
        self.next = next
    }

    package var hasSucceeded: Bool { reason == nil }
}

/// Which deliveries a list shows.
package struct DeliveryFilter: Sendable, Equatable {
    package var statuses: Set<Delivery.Status> = []
    package var callID: CallID?
    package var subscriptionID: SubscriptionID?

    package init() {}

    package func matches(_ delivery: Delivery) -> Bool {
        (statuses.isEmpty || statuses.contains(delivery.status))
            && (callID == nil || delivery.callID == callID)
            && (subscriptionID.map { delivery.receiver == .subscription($0) } ?? true)
    }
}

package struct DeliveryPage: Sendable {
    package var deliveries: [(delivery: Delivery, url: String?)] = []
    /// Where to continue; `nil` at the end.
    package var next: (place: EventPlace, id: DeliveryID)?

    package init() {}
}
