/// A call's events as one story: what is told, in which order, and when it happened.
///
/// A pure function of the set of events, as the state is; both the call's times and its timeline come from here, so that
/// they agree.
struct CallStory {
    /// An event and the time at which the story has it.
    struct Told {
        let event: CallEvent
        fileprivate(set) var at: Timestamp
        /// The last moment at which it can have happened: some times are in whole seconds.
        fileprivate var latest: Timestamp

        fileprivate init(_ event: CallEvent) {
            self.event = event
            at = event.at
            latest = event.isToTheSecond ? event.at + .milliseconds(999) : event.at
        }
    }

    /// Facts that prove a status in the order of statuses, then by time; every other fact before the first of them that
    /// happened later. A status that several reports prove is told once.
    let told: [Told]
    let createdAt: Timestamp

    /// How far a vendor's clock may be behind ours before it is shown as it is.
    private static let clockTolerance = Duration.seconds(60)

    /// `events` holds at most one of each identity.
    init(_ events: some Collection<CallEvent>) {
        var createdAt = events.lazy.map(\.at).min() ?? Timestamp(milliseconds: 0)
        for event in events { if case .ordered = event.fact { createdAt = event.at } }
        let proofs = Self.oncePerStatus(events.filter { $0.fact.status != nil }).sorted(by: Self.byRank)
        // The facts that stand before each proof; those behind the last one come last.
        var others = [[Told]](repeating: [], count: proofs.count + 1)
        for other in events.lazy.filter({ $0.fact.status == nil }).map(Told.init).sorted(by: Self.byTime) {
            let place = proofs.firstIndex { Self.isBefore(other, $0) } ?? proofs.endIndex
            others[place].append(other)
        }
        var told = others[0]
        told.reserveCapacity(events.count)
        for (index, proof) in proofs.enumerated() {
            told.append(proof)
            told += others[index + 1]
        }
        Self.settleTimes(&told, createdAt: createdAt)
        self.told = told
        self.createdAt = createdAt
    }

    /// When a status was first reached.
    func start(of status: CallStatus) -> Timestamp? {
        told.lazy.filter { $0.event.fact.status == status }.map(\.at).min()
    }

    /// When the call ended, as `proof` of its end or another report of the same end has it.
    func end(_ proof: CallEvent) -> Timestamp {
        let ends = told.filter { $0.event.fact.status == proof.fact.status }
        let identity = proof.fact.identity
        return (ends.first { $0.event.fact.identity == identity } ?? ends.last)?.at ?? proof.at
    }

    /// Of the reports that prove one status the best one is told: Twilio's callback with the highest SequenceNumber, then
    /// its answer to the create, then a look-up. A status that a call passes through is dated by the earliest of them.
    private static func oncePerStatus(_ proofs: [CallEvent]) -> [Told] {
        var told: [Told] = []
        for event in proofs {
            let next = Told(event)
            guard let weight = event.fact.reportWeight,
                let index = told.firstIndex(where: {
                    $0.event.fact.reportWeight != nil && $0.event.fact.status == event.fact.status
                })
            else {
                told.append(next)
                continue
            }
            let present = told[index]
            let presentWeight = present.event.fact.reportWeight ?? 0
            let isBetter =
                weight != presentWeight
                ? weight > presentWeight : event.fact.identity.text < present.event.fact.identity.text
            var kept = isBetter ? next : present
            if event.fact.status?.isTerminal == false {
                let first = (next.at, next.latest) < (present.at, present.latest) ? next : present
                (kept.at, kept.latest) = (first.at, first.latest)
            }
            told[index] = kept
        }
        return told
    }

    /// Moves times that the story itself corrects, and by no more than they are uncertain: nothing of a call happened
    /// before it was created, and a time in whole seconds is as late within its second as what stands before it.
    private static func settleTimes(_ told: inout [Told], createdAt: Timestamp) {
        var latestSoFar = createdAt
        for index in told.indices {
            let isByTheirClock = told[index].event.fact.vendorTime != nil
            if isByTheirClock, told[index].at < createdAt, createdAt - told[index].at <= clockTolerance {
                told[index].at = createdAt
            }
            if told[index].at < latestSoFar, latestSoFar <= told[index].latest { told[index].at = latestSoFar }
            latestSoFar = max(latestSoFar, told[index].at)
        }
    }

    private static func byRank(_ left: Told, _ right: Told) -> Bool {
        let (a, b) = (left.event.fact.status?.rank ?? -1, right.event.fact.status?.rank ?? -1)
        return a == b ? byTime(left, right) : a < b
    }

    private static func byTime(_ left: Told, _ right: Told) -> Bool {
        left.at == right.at ? left.event.isToldBefore(right.event) : left.at < right.at
    }

    /// Where two facts may have happened in one instant, the order of a call's life decides: clocks of different vendors,
    /// some in whole seconds, do not give it.
    private static func isBefore(_ other: Told, _ proof: Told) -> Bool {
        guard other.at <= proof.latest, proof.at <= other.latest else { return other.at < proof.at }
        return other.event.isToldBefore(proof.event)
    }
}

extension CallEvent {
    /// The order in which events of one instant are told.
    func isToldBefore(_ other: CallEvent) -> Bool {
        let (place, otherPlace) = (fact.placeInLife, other.fact.placeInLife)
        return place == otherPlace ? fact.identity.text < other.fact.identity.text : place < otherPlace
    }

    /// Whether its time is one of Twilio's that have whole seconds.
    fileprivate var isToTheSecond: Bool {
        switch fact {
        case .statusReported, .lookedUp, .recordingReported: fact.vendorTime != nil
        case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .callCreated, .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled,
            .voiceRequested, .fallbackRequested, .machineDetected, .streamReported, .unknownToTwilio,
            .conversationReported:
            false
        }
    }
}

extension CallFact {
    /// How much a report of a call's status is worth beside others of the same status; `nil` of other facts.
    fileprivate var reportWeight: Int? {
        switch self {
        case .statusReported(let report): 1 + (report.sequenceNumber.map { $0 + 1 } ?? 0)
        case .callCreated: 0
        case .lookedUp: -1
        case .ordered, .agentCallCreated, .agentCallFailed, .agentCallRequested, .agentCallUnavailable, .dialing,
            .dialRefused, .dialNotSent, .dialUnclear, .unconfirmed, .hangUpRequested, .canceled, .voiceRequested,
            .fallbackRequested, .machineDetected, .streamReported, .recordingReported, .unknownToTwilio,
            .conversationReported:
            nil
        }
    }
}
