import CallDomain
import Crypto

/// Who is told of events, and what is on its way to them.
struct Deliveries {
    /// More events than that do not wait for one receiver; the oldest is given up.
    static let mostWaiting = 10_000
    /// So many that are delivered or given up are kept; the one that was settled first goes first.
    static let mostSettled = 10_000

    /// Where a delivery stands among all, by its event.
    struct Place: Comparable, Hashable, Sendable {
        let place: EventPlace
        let id: DeliveryID

        init(_ delivery: Delivery) { (place, id) = (delivery.place, delivery.id) }

        init(place: EventPlace, id: DeliveryID) { (self.place, self.id) = (place, id) }

        static func < (left: Place, right: Place) -> Bool {
            left.place == right.place ? left.id < right.id : left.place < right.place
        }
    }

    private struct Settled: Comparable, Sendable {
        let by: Position
        let id: DeliveryID

        static func < (left: Settled, right: Settled) -> Bool {
            left.by == right.by ? left.id < right.id : left.by < right.by
        }
    }

    private var subscriptions = ShardedMap<SubscriptionID, Boxed<Subscription>>()
    /// The oldest first: in the order of their names.
    private(set) var allSubscriptions: [Subscription] = []
    private var deliveries = ShardedMap<DeliveryID, Boxed<Delivery>>()
    /// All of them, the oldest first.
    private var listed = ListIndex<Place>()
    private var settled = ListIndex<Settled>()
    /// Those that wait, by their lines and by their receivers, the oldest first.
    private var lines = ShardedMap<DeliveryLine, ListIndex<Place>>()
    private var waiting = ShardedMap<EventReceiver, ListIndex<Place>>()
    private var ofCalls = ShardedMap<CallID, Set<DeliveryID>>()
    /// How many wait.
    private(set) var waitingCount = 0

    subscript(id: SubscriptionID) -> Subscription? { subscriptions[id]?.value }
    subscript(id: DeliveryID) -> Delivery? { deliveries[id]?.value }

    /// Those in which something waits.
    var allLines: [DeliveryLine] { lines.pairs.map(\.key) }

    /// Whether deliveries wait for a receiver, which may be gone.
    func waits(for receiver: EventReceiver) -> Bool { waiting[receiver] != nil }

    /// The first of a line, which alone may be tried.
    func first(of line: DeliveryLine) -> Delivery? {
        lines[line]?.first.flatMap { deliveries[$0.id]?.value }
    }

    /// Visits deliveries, the newest first, those after `place`, at most so many.
    /// - Returns: how many it visited.
    func visitNewest(before place: Place?, limit: Int, _ body: (Delivery) -> Bool) -> Int {
        listed.visitNewest(before: place, limit: limit) { place in
            deliveries[place.id].map { body($0.value) } ?? true
        }
    }

    // MARK: What records do

    mutating func subscribe(_ subscription: Subscription) -> Bool {
        guard subscriptions[subscription.id] == nil else { return false }
        subscriptions[subscription.id] = Boxed(subscription)
        let place = allSubscriptions.firstIndex { $0.id > subscription.id } ?? allSubscriptions.endIndex
        allSubscriptions.insert(subscription, at: place)
        return true
    }

    /// Ends a subscription, and takes back what waits for it, the oldest first: at most `limit` deliveries.
    /// - Returns: the lines that changed, and whether more is to be taken back; `nil` if there is nothing to do.
    mutating func unsubscribe(_ id: SubscriptionID, limit: Int) -> (lines: [DeliveryLine], hasMore: Bool)? {
        let receiver = EventReceiver.subscription(id)
        guard subscriptions[id] != nil || waiting[receiver] != nil else { return nil }
        if subscriptions[id] != nil {
            subscriptions[id] = nil
            allSubscriptions.removeAll { $0.id == id }
        }
        var changed: Set<DeliveryLine> = []
        for _ in 0..<limit {
            guard let first = waiting[receiver]?.first, let delivery = deliveries[first.id]?.value else { break }
            changed.insert(delivery.line)
            remove(delivery)
        }
        return (changed.sorted(), !changed.isEmpty && waiting[receiver] != nil)
    }

    /// An event has happened.
    /// - Returns: the lines in which it is the first, or the first is another one now.
    mutating func publish(_ notice: CallNotice, at position: Position) -> [DeliveryLine] {
        var receivers: [EventReceiver] = []
        for subscription in allSubscriptions {
            let isWanted = subscription.types.isEmpty || subscription.types.contains(notice.news)
            if isWanted { receivers.append(.subscription(subscription.id)) }
        }
        if notice.call.order?.callbackURL != nil { receivers.append(.order(notice.call.id)) }
        return receivers.flatMap { receiver in
            add(
                receiver,
                .event(notice.news, notice.call.status, notice.call.id),
                at: notice.place,
                notice.at,
                position
            ).lines
        }
    }

    /// - Returns: `nil` if there is no such subscription.
    mutating func addTrial(
        _ id: SubscriptionID,
        at position: Position,
        _ time: Timestamp
    ) -> (delivery: Delivery, lines: [DeliveryLine])? {
        guard subscriptions[id] != nil else { return nil }
        return add(.subscription(id), .trial, at: EventPlace(position), time, position)
    }

    private mutating func add(
        _ receiver: EventReceiver,
        _ subject: Delivery.Subject,
        at place: EventPlace,
        _ time: Timestamp,
        _ position: Position
    ) -> (delivery: Delivery, lines: [DeliveryLine]) {
        let delivery = Delivery(
            id: DeliveryID(of: place, to: receiver),
            receiver: receiver,
            subject: subject,
            place: place,
            at: time
        )
        insert(delivery)
        var changed = lines[delivery.line]?.count == 1 ? [delivery.line] : []
        if let ofReceiver = waiting[receiver], ofReceiver.count > Self.mostWaiting, let oldest = ofReceiver.first,
            let given = deliveries[oldest.id]?.value
        {
            let reason = "more than \(Self.mostWaiting) events wait for this receiver"
            let attempt = DeliveryAttempt(at: time, status: nil, reason: reason, milliseconds: 0, next: nil)
            changed += note(attempt, of: given.id, at: position).map { [$0] } ?? []
        }
        return (delivery, changed)
    }

    /// How many of the attempts are kept.
    private static let mostAttempts = 20

    /// A delivery was tried.
    /// - Returns: its line, whose first one, or when that is due, has changed; `nil` if it does not wait.
    mutating func note(_ attempt: DeliveryAttempt, of id: DeliveryID, at position: Position) -> DeliveryLine? {
        guard var delivery = deliveries[id]?.value, delivery.status == .pending else { return nil }
        unlist(delivery)
        delivery.attempts.append(attempt)
        if delivery.attempts.count > Self.mostAttempts { delivery.attempts.removeFirst() }
        delivery.tries += 1
        if let next = attempt.next, !attempt.hasSucceeded {
            delivery.due = next
        } else {
            delivery.status = attempt.hasSucceeded ? .delivered : .failed
            delivery.settledBy = position
        }
        insert(delivery)
        if settled.count > Self.mostSettled, let first = settled.first, let oldest = deliveries[first.id]?.value {
            remove(oldest)
        }
        return delivery.line
    }

    /// One is to be sent at once, whatever became of it before.
    mutating func ask(_ id: DeliveryID, at time: Timestamp) -> Delivery? {
        guard var delivery = deliveries[id]?.value else { return nil }
        unlist(delivery)
        (delivery.status, delivery.settledBy, delivery.tries, delivery.due) = (.pending, nil, 0, time)
        insert(delivery)
        return delivery
    }

    /// Forgets what was sent, or is to be sent, of a call.
    /// - Returns: the lines that end with it.
    mutating func erase(_ id: CallID) -> [DeliveryLine] {
        var ended: Set<DeliveryLine> = []
        for delivery in (ofCalls[id] ?? []).compactMap({ deliveries[$0]?.value }) {
            ended.insert(delivery.line)
            remove(delivery)
        }
        return ended.sorted()
    }

    private mutating func insert(_ delivery: Delivery) {
        let place = Place(delivery)
        deliveries[delivery.id] = Boxed(delivery)
        listed.insert(place)
        if let call = delivery.callID, ofCalls[call]?.insert(delivery.id) == nil { ofCalls[call] = [delivery.id] }
        if let by = delivery.settledBy {
            settled.insert(Settled(by: by, id: delivery.id))
        } else {
            waitingCount += 1
            lines.add(place, to: delivery.line)
            waiting.add(place, to: delivery.receiver)
        }
    }

    private mutating func remove(_ delivery: Delivery) {
        unlist(delivery)
        deliveries[delivery.id] = nil
    }

    private mutating func unlist(_ delivery: Delivery) {
        let place = Place(delivery)
        listed.remove(place)
        if let call = delivery.callID {
            ofCalls[call]?.remove(delivery.id)
            if ofCalls[call]?.isEmpty == true { ofCalls[call] = nil }
        }
        if let by = delivery.settledBy {
            settled.remove(Settled(by: by, id: delivery.id))
        } else {
            waitingCount -= 1
            lines.remove(place, from: delivery.line)
            waiting.remove(place, from: delivery.receiver)
        }
    }
}

extension ShardedMap where Value == ListIndex<Deliveries.Place> {
    fileprivate mutating func add(_ place: Deliveries.Place, to key: Key) {
        if self[key]?.insert(place) == nil { self[key] = ListIndex(sorted: [place]) }
    }

    fileprivate mutating func remove(_ place: Deliveries.Place, from key: Key) {
        self[key]?.remove(place)
        if self[key]?.count == 0 { self[key] = nil }
    }
}

// MARK: Snapshots

extension Deliveries {
    var subscriptionCount: Int { subscriptions.count }
    var deliveryCount: Int { deliveries.count }
    var names: [Snapshot.Name] {
        subscriptions.pairs.map { .subscription($0.key) } + deliveries.pairs.map { .delivery($0.key) }
    }

    mutating func takeChanges() -> (subscriptions: Fifo<SubscriptionID>?, deliveries: Fifo<DeliveryID>?) {
        (subscriptions.takeChanges().keys, deliveries.takeChanges().keys)
    }

    mutating func loseChanges() {
        subscriptions.loseChanges()
        deliveries.loseChanges()
    }

    mutating func restore(_ subscription: Subscription) { _ = subscribe(subscription) }
    mutating func restore(_ delivery: Delivery) { insert(delivery) }
}

/// All else is derived from these.
extension Deliveries: Equatable {
    static func == (left: Deliveries, right: Deliveries) -> Bool {
        left.subscriptions == right.subscriptions && left.deliveries == right.deliveries
    }
}

extension Deliveries: Sendable {}

extension DeliveryID {
    fileprivate init(of place: EventPlace, to receiver: EventReceiver) {
        func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        let digest = SHA256.hash(data: Array("\(place) \(receiver.text)".utf8))
        self.init(high: number(digest.prefix(8)), low: number(digest.dropFirst(8).prefix(8)))
    }
}
