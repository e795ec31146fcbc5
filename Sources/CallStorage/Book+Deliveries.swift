package import CallDomain

extension Book {
    mutating func take(_ record: DeliveryRecord, at time: Timestamp) -> Applied {
        var applied = Applied(.void)
        switch record {
        case .subscribed(let subscription):
            if deliveries.subscribe(subscription) { applied.verdict = .applied }
        case .unsubscribed(let id):
            guard let step = deliveries.unsubscribe(id, limit: Self.takenBack) else { return applied }
            (applied.verdict, applied.lines, applied.hasMore) = (.applied, step.lines, step.hasMore)
        case .trialAsked(let id):
            guard let (delivery, lines) = deliveries.addTrial(id, at: position, time) else { return applied }
            (applied.verdict, applied.delivery, applied.lines) = (.applied, delivery, lines)
        case .tried(let id, let attempt):
            guard let line = deliveries.note(attempt, of: id, at: position) else { return applied }
            (applied.verdict, applied.delivery, applied.lines) = (.applied, deliveries[id], [line])
        case .retryAsked(let id):
            guard let delivery = deliveries.ask(id, at: time) else { return applied }
            (applied.verdict, applied.delivery, applied.lines) = (.applied, delivery, [delivery.line])
        }
        return applied
    }

    /// So many deliveries are taken back at once when their subscription ends.
    private static let takenBack = 64
}

// MARK: What readers ask

/// The first delivery of a line, with what is sent.
package struct DueDelivery: Sendable {
    package let delivery: Delivery
    /// `nil` where it was forgotten meanwhile.
    package let url: String?
    /// Of a subscription.
    package let secret: String?
    /// The event; `nil` of a trial, and where its call has left.
    package let past: PastNotice?
}

extension Book {
    package var subscriptions: [Subscription] { deliveries.allSubscriptions }
    package func subscription(_ id: SubscriptionID) -> Subscription? { deliveries[id] }
    package func delivery(_ id: DeliveryID) -> Delivery? { deliveries[id] }

    /// Whether deliveries wait for a receiver, which may be gone.
    package func waits(for receiver: EventReceiver) -> Bool { deliveries.waits(for: receiver) }

    /// How many deliveries wait.
    package var waitingDeliveries: Int { deliveries.waitingCount }

    /// The lines in which deliveries wait. To be asked at a start alone: it takes long.
    package var deliveryLines: [DeliveryLine] { deliveries.allLines }

    /// When the first of a line is due; `nil` if none waits.
    package func due(of line: DeliveryLine) -> Timestamp? { deliveries.first(of: line)?.due }

    package func first(of line: DeliveryLine) -> DueDelivery? {
        guard let delivery = deliveries.first(of: line) else { return nil }
        var (past, secret): (PastNotice?, String?)
        if case .event(let news, let status, let id) = delivery.subject, let history = history(of: id) {
            past = PastNotice(delivery, news, status, history)
        }
        if case .subscription(let id) = delivery.receiver { secret = deliveries[id]?.secret }
        return DueDelivery(delivery: delivery, url: url(of: delivery.receiver), secret: secret, past: past)
    }

    /// Where a receiver is.
    package func url(of receiver: EventReceiver) -> String? {
        switch receiver {
        case .subscription(let id): deliveries[id]?.url
        case .order(let id): call(id)?.order?.callbackURL
        }
    }

    /// Adds deliveries to a page, the newest first, those before a place, and looks at `most` at most.
    /// - Returns: where to continue; `nil` once the page is complete.
    package func add(
        to page: inout DeliveryPage,
        matching filter: DeliveryFilter,
        limit: Int,
        before place: (place: EventPlace, id: DeliveryID)?,
        lookingAt most: Int
    ) -> (place: EventPlace, id: DeliveryID)? {
        var (last, isComplete) = (place, false)
        let before = place.map { Deliveries.Place(place: $0.place, id: $0.id) }
        let looked = deliveries.visitNewest(before: before, limit: most) { delivery in
            defer { last = (delivery.place, delivery.id) }
            guard filter.matches(delivery) else { return true }
            guard page.deliveries.count < limit else {
                page.next = page.deliveries.last.map { ($0.delivery.place, $0.delivery.id) }
                isComplete = true
                return false
            }
            page.deliveries.append((delivery, url(of: delivery.receiver)))
            return true
        }
        return looked == most && !isComplete ? last : nil
    }
}
