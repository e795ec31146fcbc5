package import CallDomain

extension Book {
    /// Says as which events a record is told, and keeps their places.
    mutating func publish(_ applied: inout Applied, at time: Timestamp) {
        var told: [(call: Call, news: CallNews)] = []
        if let change = applied.change { add(change, to: &told) }
        for change in applied.others { add(change, to: &told) }
        for (index, (call, news)) in told.enumerated() {
            let isLast = index == told.count - 1
            // A record that is told as more events than that is an artefact: the rest share the last number but one.
            let part = isLast ? EventPlace.last : UInt8(clamping: min(index + 1, Int(EventPlace.last) - 1))
            let place = EventPlace(position, part: part)
            notices.append(
                Notices.Notice(
                    place: place,
                    callID: call.id,
                    news: news,
                    status: call.status,
                    at: time,
                    previous: entries[call.id]?.value.told
                )
            )
            entries[call.id]?.value.told = place
            if news.isTerminal { entries[call.id]?.value.hasEnded = true }
            let notice = CallNotice(place: place, news: news, at: time, call: call)
            applied.notices.append(notice)
            applied.lines += deliveries.publish(notice, at: position)
        }
    }

    private func add(_ change: CallChange, to told: inout [(call: Call, news: CallNews)]) {
        guard let after = change.after, let entry = entries[after.id]?.value else { return }
        for news in change.news(hasEnded: entry.hasEnded) { told.append((after, news)) }
    }
}

// MARK: What readers ask

/// An event as a book keeps it, with the evidence of its call as that is now.
package struct PastNotice: Sendable {
    package let place: EventPlace
    package let news: CallNews
    package let at: Timestamp
    /// That the event left its call with.
    package let status: CallStatus
    private let history: CallHistory

    fileprivate init(_ notice: Notices.Notice, _ history: CallHistory) {
        (place, news, status, at) = (notice.place, notice.news, notice.status, notice.at)
        self.history = history
    }

    init(_ delivery: Delivery, _ news: CallNews, _ status: CallStatus, _ history: CallHistory) {
        (place, self.news, self.status, at) = (delivery.place, news, status, delivery.at)
        self.history = history
    }

    fileprivate init(_ call: Call, at place: EventPlace, _ history: CallHistory) {
        (self.place, news, status, at) = (place, CallNews(call.status), call.status, call.updatedAt)
        self.history = history
    }

    /// The event with the call as it was: folded from what was known by then, as far as nothing said the same better later. Of
    /// what became known in the same millisecond, what proves a later status came after it.
    package var notice: CallNotice {
        let known = history.events.filter { event in
            // Whatever the clock said later, the order came first.
            if case .ordered = event.fact { return true }
            return event.receivedAt < at || event.receivedAt == at && (event.fact.status?.rank ?? 0) <= status.rank
        }
        // What no event had named by then did not belong to the call yet.
        var bound = history.bound
        if !known.contains(where: { $0.fact.names(bound.callSid) }) { bound.callSid = nil }
        if !known.contains(where: { $0.fact.names(bound.ultravoxCallID) }) { bound.ultravoxCallID = nil }
        var call = CallHistory(id: history.id, bound: bound, events: known.isEmpty ? history.events : known).folded
        call.position = place.position
        return CallNotice(place: place, news: news, at: at, call: call)
    }
}

extension Book {
    /// Where an event of this moment would stand.
    package var lastPlace: EventPlace { EventPlace(position) }

    /// The events after this place are known, as far as their calls still are.
    package var firstPlace: EventPlace { notices.begin }

    /// The events after `place`, the oldest first: those of at most `most` places.
    /// - Returns: also where to continue; `nil` if there are no more.
    package func notices(after place: EventPlace, lookingAt most: Int) -> (events: [PastNotice], next: EventPlace?) {
        var events: [PastNotice] = []
        let next = notices.visit(after: place, limit: most) { notice in
            if let id = notice.callID, let history = history(of: id) { events.append(PastNotice(notice, history)) }
        }
        return (events, next)
    }

    /// The events of one call after `place`, the oldest first. Of a call whose events have left one tells how it stands.
    /// - Returns: also a place after `place`, where events have left that stood between the two; `nil` if none has.
    package func notices(of asked: CallID, after place: EventPlace) -> (events: [PastNotice], left: EventPlace?) {
        let id = resolved(asked)
        guard let entry = entries[id]?.value, let call = entry.call, let history = history(of: id) else {
            return ([], nil)
        }
        let kept = notices.ofCall(endingAt: entry.told)
        if let first = kept.first {
            let left = first.previous.flatMap { $0 > place ? $0 : nil }
            return (kept.filter { $0.place > place }.map { PastNotice($0, history) }, left)
        }
        // What changed after the last event was no news.
        if let told = entry.told, told <= place { return ([], nil) }
        let stands = EventPlace(call.position)
        // What stands there is told.
        let before = EventPlace(call.position, part: EventPlace.last - 1)
        let left = entry.told != nil && before > place ? before : nil
        return (stands > place ? [PastNotice(call, at: stands, history)] : [], left)
    }

    /// When it was told that the call is over, as far as that event is kept.
    package func endTold(of asked: CallID) -> Timestamp? {
        notices.ofCall(endingAt: entries[resolved(asked)]?.value.told).last { $0.news.isTerminal }?.at
    }

    /// Adds calls that changed after `place` to a page, in the order of their last changes, and examines at most `most`.
    /// - Returns: where to continue; `nil` once the page is complete.
    package func add(
        to page: inout CallChangePage,
        matching filter: CallFilter,
        limit: Int,
        after place: ChangePlace?,
        lookingAt most: Int
    ) -> ChangePlace? {
        var (last, isComplete) = (place, false)
        let looked = changes.visitOldest(after: place, limit: most) { place in
            last = place
            guard let call = entries[place.id]?.value.call, filter.matches(call) else { return true }
            guard page.calls.count < limit else {
                page.next = page.last
                isComplete = true
                return false
            }
            page.calls.append(call)
            page.last = place
            return true
        }
        return looked == most && !isComplete ? last : nil
    }
}

extension CallFact {
    fileprivate func names(_ sid: CallSid?) -> Bool {
        if case .conversationReported(let report) = self { return report.callSid == sid }
        return callSid == sid
    }

    fileprivate func names(_ conversation: UltravoxCallID?) -> Bool {
        if case .agentCallCreated(let call) = self { return call.ultravoxCallID == conversation }
        if case .conversationReported(let report) = self { return report.ultravoxCallID == conversation }
        return false
    }
}
