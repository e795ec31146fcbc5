package import CallDomain
import CallStorage
import Synchronization

/// One who reads events, from a place on: what happened before is read from the book, what happens is handed over by the
/// feed. To be used by one task.
package final class EventReader: Sendable {
    private enum Phase {
        /// Reads what happened before. The feed hands nothing over.
        case behind
        /// Reads what happened until the feed began to hand over.
        case joining
        case live
    }

    private struct State {
        var phase: Phase
        /// All up to this place is delivered.
        var place: EventPlace
        var lacksEvents: Bool
        /// Handed over and not taken; bounded: who falls behind is dropped.
        var waiting: [PublishedEvent] = []
        var waiter: CheckedContinuation<Void, Never>?
        /// Since when nothing was delivered.
        var waitingSince: Moment?
        var isQuiet = false
        /// When the stream of a call that is over ends.
        var endsAt: Moment?
        var end: EventStreamEnd?
        /// Nothing is delivered any more.
        var isClosed = false
    }

    /// How many events may wait for a reader.
    static let mostWaiting = 1000
    /// How many are delivered at once.
    private static let atOnce = 32
    /// The stream of a call ends so long after the call's end was told.
    private static let lateness = Duration.seconds(60)

    /// The call whose events these are; `nil` for those of all calls.
    let callID: CallID?
    let topic: EventTopic
    private let filter: EventFilter
    private let feed: EventFeed
    private let ledger: Ledger
    private let clock: any TimeSource
    private let state: Mutex<State>

    /// `after` says where to go on. Without it a stream begins now, and that of one call with all that happened to it.
    init(
        of callID: CallID?,
        _ filter: EventFilter,
        after: EventPlace?,
        feed: EventFeed,
        ledger: Ledger,
        clock: any TimeSource
    ) {
        self.callID = callID
        topic = EventTopic(of: callID, filter)
        self.filter = filter
        self.feed = feed
        self.ledger = ledger
        self.clock = clock
        let last = ledger.read { $0.lastPlace }
        let begin = callID == nil ? last : EventPlace(.start, part: 1)
        // A place that is not reached yet is one of another log.
        let isStrange = after.map { $0 > last } ?? false
        state = Mutex(State(phase: .behind, place: isStrange ? begin : after ?? begin, lacksEvents: isStrange))
        feed.add(self)
    }

    /// What to send next; waits for it, also in a task that is cancelled: whoever cancels it calls ``close()``.
    /// - Returns: `nil` behind the end.
    package func next() async -> EventDelivery? {
        while true {
            let isClosed = state.withLock { $0.isClosed }
            guard !isClosed else { return nil }
            let isLive = state.withLock { $0.phase == .live }
            if let delivery = take() { return delivery }
            // Much of what happened before may not be wanted: meanwhile others have their turns.
            if isLive { await wait() } else { await Task.yield() }
        }
    }

    /// Nobody reads any more.
    package func close() {
        let (waiter, end) = state.withLock { state in
            state.isClosed = true
            state.waiting = []
            return (state.waiter.take(), state.end)
        }
        feed.remove(self, isSlow: end == .slow)
        waiter?.resume()
    }

    // MARK: What the feed says

    /// An event has happened.
    /// - Returns: whether the reader was waiting for it.
    func hand(_ event: PublishedEvent) -> Bool {
        let endsCall = callID != nil && event.notice.news.isTerminal
        let isWanted = filter.matches(event.notice)
        guard isWanted || endsCall else { return false }
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.phase != .behind, state.end == nil, !state.isClosed else { return nil }
            if endsCall { state.endsAt = clock.moment + Self.lateness }
            guard isWanted else { return nil }
            if state.waiting.count < Self.mostWaiting {
                state.waiting.append(event)
            } else {
                state.waiting = []
                state.end = .slow
            }
            return state.waiter.take()
        }
        waiter?.resume()
        return waiter != nil
    }

    /// The stream is to end.
    func end(_ end: EventStreamEnd) {
        let waiter = state.withLock { state in
            state.end = state.end ?? end
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Time has passed.
    func tick(quietAfter patience: Duration) {
        let now = clock.moment
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.waiter != nil else { return nil }
            state.isQuiet = state.waitingSince.map { now - $0 >= patience } ?? false
            let isOver = state.endsAt.map { now >= $0 } ?? false
            return state.isQuiet || isOver ? state.waiter.take() : nil
        }
        waiter?.resume()
    }

    // MARK: Taking

    private func take() -> EventDelivery? {
        let (lacksEvents, isLive) = state.withLock { state in
            defer { state.lacksEvents = false }
            return (state.lacksEvents, state.phase == .live)
        }
        if lacksEvents { return delivered(.gap) }
        guard isLive else {
            let events = readOn()
            return events.isEmpty ? nil : delivered(.events(events))
        }
        let now = clock.moment
        // A call may have left, or turned out to be another: whoever comes back finds that one.
        if let callID, state.withLock({ $0.isQuiet }), ledger.read({ $0.call(callID)?.id }) != callID { end(.over) }
        let delivery: EventDelivery? = state.withLock { state in
            while !state.waiting.isEmpty {
                // What was read from the book is not told again.
                let events = state.waiting.prefix(Self.atOnce).filter { [place = state.place] in $0.notice.place > place
                }
                state.waiting.removeFirst(min(Self.atOnce, state.waiting.count))
                guard let last = events.last else { continue }
                state.place = last.notice.place
                return .events(events)
            }
            if state.end == nil, let endsAt = state.endsAt, now >= endsAt { state.end = .over }
            if let end = state.end {
                state.isClosed = true
                return .end(end)
            }
            return state.isQuiet ? .quiet : nil
        }
        return delivery.map(delivered)
    }

    private func delivered(_ delivery: EventDelivery) -> EventDelivery {
        if case .end(let end) = delivery { feed.remove(self, isSlow: end == .slow) }
        state.withLock { state in
            state.isQuiet = false
            state.waitingSince = nil
        }
        return delivery
    }

    /// Reads the next events from the book; where there are none, the reader has caught up.
    private func readOn() -> [PublishedEvent] {
        let place = state.withLock { $0.place }
        let (past, next, first) = ledger.read { book in
            guard let callID else {
                let (past, next) = book.notices(after: place, lookingAt: Self.atOnce)
                return (past, next, book.firstPlace)
            }
            let (past, left) = book.notices(of: callID, after: place)
            return (past, past.last?.place, left ?? place)
        }
        // To fold a call takes long: what is not wanted for its type or status is not folded.
        let wanted = past.filter { filter.matches($0.news, $0.status) }
        let events = wanted.map(\.notice).filter { filter.matches($0.call) }.map(PublishedEvent.init)
        let isOver = next == nil ? endOfCall() : nil
        state.withLock { state in
            if place < first {
                // Some have left meanwhile: what is known is read next.
                state.place = first
                state.lacksEvents = true
            } else if let next {
                state.place = next
            } else if state.phase == .behind {
                state.phase = .joining
            } else {
                state.phase = .live
                state.endsAt = state.endsAt ?? isOver
            }
        }
        return place < first ? [] : events
    }

    /// When the stream of a call ends that is over.
    private func endOfCall() -> Moment? {
        guard let callID else { return nil }
        let (call, end) = ledger.read { ($0.call(callID), $0.endTold(of: callID)) }
        guard let call else { return clock.moment }
        guard call.status.isTerminal else { return nil }
        return clock.moment + max(.zero, Self.lateness - (clock.now - (end ?? call.updatedAt)))
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                let isReady = !state.waiting.isEmpty || state.end != nil || state.isQuiet || state.isClosed
                if !isReady {
                    state.waiter = continuation
                    state.waitingSince = state.waitingSince ?? clock.moment
                }
                return isReady
            }
            if isReady { continuation.resume() }
        }
    }
}
