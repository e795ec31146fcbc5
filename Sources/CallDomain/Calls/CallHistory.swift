/// Everything that is known of one call: a set of verified events.
///
/// Adding an event, or all of another history, is a join: commutative, associative and idempotent. Order of arrival,
/// repetition and the replica on which an event arrived do not matter; ``folded`` is a pure function of the set.
package struct CallHistory: Sendable, Equatable {
    package let id: CallID
    private var known: [EventIdentity: CallEvent] = [:]

    package init(id: CallID) { self.id = id }

    /// The events in a fixed order: by the time we learned them, then by what they prove.
    package var events: [CallEvent] {
        known.values.sorted { left, right in
            if left.receivedAt != right.receivedAt { return left.receivedAt < right.receivedAt }
            let (a, b) = (left.fact.status?.rank ?? -1, right.fact.status?.rank ?? -1)
            return a != b ? a < b : left.fact.identity.text < right.fact.identity.text
        }
    }

    package var isEmpty: Bool { known.isEmpty }

    /// Adds one event.
    /// - Returns: whether it told anything that was not known.
    @discardableResult
    package mutating func merge(_ event: CallEvent) -> Bool {
        guard let present = known[event.fact.identity] else {
            known[event.fact.identity] = event
            return true
        }
        switch event.fact.prevails(over: present.fact) {
        case true?:
            known[event.fact.identity] = event
            return true
        case false?:
            return false
        case nil:
            // The same words: the first time we heard them stays, so that a repetition changes nothing.
            guard event.receivedAt < present.receivedAt else { return false }
            known[event.fact.identity] = event
            return true
        }
    }

    /// Adds everything that `other` knows.
    package mutating func merge(_ other: CallHistory) {
        for event in other.known.values { merge(event) }
    }

    /// The call's state.
    package var folded: Call { Call(id: id, events: Array(known.values)) }

    /// The call's life for a person to read: facts that prove a status by the order of statuses, then by time; every
    /// other fact before the first of them that happened later.
    package var timeline: [TimelineEntry] {
        let entries = known.values.map(TimelineEntry.init)
        var proofs = entries.filter { $0.status != nil }.sorted(by: TimelineEntry.byRank)
        let others = entries.filter { $0.status == nil }.sorted(by: TimelineEntry.byTime)
        for entry in others {
            let place = proofs.firstIndex { TimelineEntry.byTime(entry, $0) } ?? proofs.endIndex
            proofs.insert(entry, at: place)
        }
        return proofs
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
    /// Where it stands among others of the same time, and what tells it from all of them.
    private let placeInLife: Int
    private let identity: String

    init(_ event: CallEvent) {
        at = event.at
        type = event.fact.timelineType
        source = event.fact.source
        status = event.fact.status
        detail = event.fact.timelineDetail
        placeInLife = event.fact.placeInLife
        identity = event.fact.identity.text
    }

    static func byRank(_ left: TimelineEntry, _ right: TimelineEntry) -> Bool {
        let (a, b) = (left.status?.rank ?? -1, right.status?.rank ?? -1)
        return a == b ? byTime(left, right) : a < b
    }

    static func byTime(_ left: TimelineEntry, _ right: TimelineEntry) -> Bool {
        if left.at != right.at { return left.at < right.at }
        if left.placeInLife != right.placeInLife { return left.placeInLife < right.placeInLife }
        return left.identity < right.identity
    }
}
