/// Everything that is known of one call: a set of verified events.
///
/// Adding an event, or all of another history, is a join: commutative, associative and idempotent. Order of arrival,
/// repetition and the replica on which an event arrived do not matter; ``folded`` is a pure function of the set.
package struct CallHistory: Sendable, Equatable {
    package let id: CallID
    /// The phone call and the conversation that belong to the call; where they are not given, those that its events name.
    package let bound: CallBindings
    private var known = EventSet()
    /// See ``Call/position``.
    package var position = Position.start

    package init(id: CallID, bound: CallBindings = CallBindings()) {
        self.id = id
        self.bound = bound
    }

    /// `events`: of each identity at most one.
    package init(id: CallID, bound: CallBindings, events: [CallEvent]) {
        self.init(id: id, bound: bound)
        known = EventSet(events.map { CallEvent(callID: nil, receivedAt: $0.receivedAt, fact: $0.fact) })
    }

    /// The events in a fixed order: by the time we learned them, then by what they prove.
    package var events: [CallEvent] {
        known.events.sorted { left, right in
            if left.receivedAt != right.receivedAt { return left.receivedAt < right.receivedAt }
            let (a, b) = (left.fact.status?.rank ?? -1, right.fact.status?.rank ?? -1)
            return a != b ? a < b : left.fact.identity.text < right.fact.identity.text
        }
    }

    package var isEmpty: Bool { known.isEmpty }

    /// Adds one event, whichever call it names.
    /// - Returns: whether the event was new.
    @discardableResult
    package mutating func merge(_ event: CallEvent) -> Bool {
        known.merge(CallEvent(callID: nil, receivedAt: event.receivedAt, fact: event.fact))
    }

    /// Adds everything that `other` knows.
    package mutating func merge(_ other: CallHistory) {
        for event in other.known.events { known.merge(event) }
    }

    /// The call's state.
    package var folded: Call {
        var call = Call(id: id, bound: bound, events: known.events)
        call.position = position
        return call
    }

    /// The call's life for a person to read.
    package var timeline: [TimelineEntry] {
        // What Twilio's not knowing the call proves is known of the whole set alone: its end, if nothing else tells one.
        let hasEnd = known.events.contains { $0.fact.status?.isTerminal == true }
        return CallStory(known.events).told.map { told in
            guard !hasEnd, case .unknownToTwilio = told.event.fact else { return TimelineEntry(told) }
            return TimelineEntry(told, proving: folded.status)
        }
    }
}

/// One line of a call's timeline.
package struct TimelineEntry: Sendable, Equatable {
    package let at: Timestamp
    /// A stable word, such as `call.ringing`.
    package let type: String
    package let source: CallFact.Source
    /// The status that this entry proves, if any.
    package let status: CallStatus?
    package let detail: String?

    /// `proven`: the status that the event proves together with the others of its call.
    init(_ told: CallStory.Told, proving proven: CallStatus? = nil) {
        let fact = told.event.fact
        at = told.at
        type = proven?.eventType ?? fact.timelineType
        source = fact.source
        status = proven ?? fact.status
        let details = [fact.timelineDetail, fact.unreadDetail].compactMap(\.self)
        detail = details.isEmpty ? nil : details.joined(separator: "; ")
    }
}

/// What belongs to a call, as the book has decided from what all messages claim.
package struct CallBindings: Sendable, Equatable {
    package var callSid: CallSid?
    package var ultravoxCallID: UltravoxCallID?

    package init(callSid: CallSid? = nil, ultravoxCallID: UltravoxCallID? = nil) {
        self.callSid = callSid
        self.ultravoxCallID = ultravoxCallID
    }
}
