package import CallDomain
package import CallStorage

/// Why a subscription was not made.
package enum SubscribeFailure: Error, Sendable {
    /// There are as many as there may be.
    case tooMany(Int)
    case journal(JournalFailure)
}

extension CallFlow {
    private static let mostSubscriptions = 100

    package var subscriptions: [Subscription] { ledger.read { $0.subscriptions } }
    package func subscription(_ id: SubscriptionID) -> Subscription? { ledger.read { $0.subscription(id) } }

    /// From now on events of these types, or of all, are sent to that URL.
    package func subscribe(
        _ url: String,
        _ types: Set<CallNews>,
        secret: String
    ) async throws(SubscribeFailure) -> Subscription {
        guard subscriptions.count < Self.mostSubscriptions else { throw .tooMany(Self.mostSubscriptions) }
        let (clock, random) = (placing.clock, placing.random)
        let name = (UInt16(truncatingIfNeeded: random.next()), random.next())
        let subscription = Subscription(
            id: SubscriptionID(at: clock.now, random: name),
            url: url,
            types: types,
            secret: secret,
            createdAt: clock.now
        )
        do throws(JournalFailure) {
            try await ledger.commit(.delivering(.subscribed(subscription)))
        } catch {
            throw .journal(error)
        }
        return subscription
    }

    /// Ends a subscription, and takes back what waits for it, step by step.
    /// - Returns: whether there was such a subscription.
    package func unsubscribe(_ id: SubscriptionID) async throws(JournalFailure) -> Bool {
        // The process may have ended between two steps of an earlier request.
        guard ledger.read({ $0.subscription(id) != nil || $0.waits(for: .subscription(id)) }) else { return false }
        while try await ledger.commit(.delivering(.unsubscribed(id))).hasMore {}
        return true
    }

    /// Sends a trial to a subscription's receiver.
    /// - Returns: `nil` if there is no such subscription.
    package func tryOut(_ id: SubscriptionID) async throws(JournalFailure) -> Delivery? {
        try await ledger.commit(.delivering(.trialAsked(id))).delivery
    }

    /// Sends a delivery at once, whatever became of it before.
    /// - Returns: `nil` if there is no such delivery any more.
    package func retry(_ id: DeliveryID) async throws(JournalFailure) -> Delivery? {
        try await ledger.commit(.delivering(.retryAsked(id))).delivery
    }

    package func delivery(_ id: DeliveryID) -> (delivery: Delivery, url: String?)? {
        ledger.read { book in book.delivery(id).map { ($0, book.url(of: $0.receiver)) } }
    }

    /// How many deliveries wait.
    package var waitingDeliveries: Int { ledger.read { $0.waitingDeliveries } }

    /// Newest first.
    package func deliveryPage(
        matching filter: DeliveryFilter,
        limit: Int,
        before place: (place: EventPlace, id: DeliveryID)?
    ) -> DeliveryPage {
        var page = DeliveryPage()
        var next = place
        repeat {
            next = ledger.read { book in
                book.add(to: &page, matching: filter, limit: limit, before: next, lookingAt: Self.look)
            }
        } while next != nil
        return page
    }
}
