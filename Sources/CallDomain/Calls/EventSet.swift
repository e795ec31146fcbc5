/// A set of events, at most one of each identity and claim.
///
/// Adding an event is a join: commutative, associative and idempotent. A call has few events, so they stand in an array.
package struct EventSet: Sendable, Equatable {
    /// In no order that means anything.
    package private(set) var events: [CallEvent] = []

    package init() {}

    /// `events`: at most one of each identity and claim.
    package init(_ events: [CallEvent]) { self.events = events }

    package var isEmpty: Bool { events.isEmpty }

    /// Adds one event.
    /// - Returns: whether the event was new.
    @discardableResult
    package mutating func merge(_ event: CallEvent) -> Bool {
        let identity = event.fact.identity
        guard let index = events.firstIndex(where: { $0.callID == event.callID && $0.fact.identity == identity }) else {
            events.append(event)
            return true
        }
        guard event.prevails(over: events[index]) else { return false }
        events[index] = event
        return true
    }

    /// Whether ``merge(_:)`` would change nothing.
    package func tells(_ event: CallEvent) -> Bool {
        let identity = event.fact.identity
        return events.contains {
            $0.callID == event.callID && $0.fact.identity == identity && !event.prevails(over: $0)
        }
    }

    /// Equal whatever the order in which the events came.
    package static func == (left: EventSet, right: EventSet) -> Bool {
        left.events.count == right.events.count && left.events.allSatisfy(right.events.contains)
    }
}

extension CallEvent {
    /// Whether this telling of an event is to be kept rather than `other`: the one that says more, then the greater one. Of
    /// the same words the first time we heard them stays, so that a repetition changes nothing.
    package func prevails(over other: CallEvent) -> Bool {
        fact.prevails(over: other.fact) ?? (receivedAt < other.receivedAt)
    }
}
