package import CallDomain
import Synchronization

/// Whoever is sent events in a test: keeps them, and answers what it is told.
package final class EventReceivers: EventSender {
    private let received = Mutex<[OutgoingEvent]>([])
    private let answer: @Sendable (OutgoingEvent) async -> EventAnswer

    package init(
        answer: @escaping @Sendable (OutgoingEvent) async -> EventAnswer = { _ in .init(status: 204, reason: nil) }
    ) {
        self.answer = answer
    }

    package var events: [OutgoingEvent] { received.withLock { $0 } }

    package func send(_ event: OutgoingEvent) async -> EventAnswer {
        received.withLock { $0.append(event) }
        return await answer(event)
    }
}
