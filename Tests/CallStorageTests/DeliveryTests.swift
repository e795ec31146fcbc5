import CallDomain
import Testing

@testable import CallStorage

@Suite struct `Deliveries in the book` {
    private static let subscription = Subscription(
        id: SubscriptionID(high: 1, low: 2),
        url: "https://hooks.example.com/",
        types: [],
        secret: "whsec_AAAA",
        createdAt: BookRig.start
    )

    /// A book with a subscription.
    private static func rig(_ types: Set<CallNews> = []) -> BookRig {
        var rig = BookRig()
        let made = Subscription(
            id: subscription.id,
            url: subscription.url,
            types: types,
            secret: subscription.secret,
            createdAt: subscription.createdAt
        )
        rig.write(.delivering(.subscribed(made)))
        return rig
    }

    private static func line(_ id: CallID) -> DeliveryLine {
        DeliveryLine(receiver: .subscription(subscription.id), callID: id)
    }

    private static func attempt(_ status: Int, next: Timestamp? = nil) -> DeliveryAttempt {
        DeliveryAttempt(
            at: BookRig.start,
            status: status,
            reason: status < 300 ? nil : "the receiver answered \(status)",
            milliseconds: 1,
            next: next
        )
    }

    private static func news(_ delivery: Delivery?) -> CallNews? {
        if case .event(let news, _, _)? = delivery?.subject { news } else { nil }
    }

    @Test func `wait in the order of the events of their call, and each makes way for the next`() throws {
        var rig = Self.rig()
        let id = BookRig.id(1)
        rig.dial(id)
        rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: id)
        rig.tell(BookRig.status(.busy, of: 1, 2), claiming: id)
        var told: [CallNews?] = []
        while let first = rig.book.first(of: Self.line(id)) {
            told.append(Self.news(first.delivery))
            let applied = rig.write(.delivering(.tried(first.delivery.id, Self.attempt(204))))
            #expect(applied.lines == [Self.line(id)])
        }
        #expect(told == [.pending, .ringing, .busy])
        #expect(rig.book.waitingDeliveries == 0)
    }

    @Test func `are those of the wanted types alone`() {
        var rig = Self.rig([.busy])
        let id = BookRig.id(1)
        rig.dial(id)
        rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: id)
        #expect(rig.book.first(of: Self.line(id)) == nil)
        rig.tell(BookRig.status(.busy, of: 1, 2), claiming: id)
        #expect(Self.news(rig.book.first(of: Self.line(id))?.delivery) == .busy)
    }

    @Test func `carry the call as the event left it`() throws {
        var rig = Self.rig([.ringing])
        let id = BookRig.id(1)
        rig.dial(id)
        rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: id, at: BookRig.at(5))
        rig.tell(BookRig.status(.busy, of: 1, 2), claiming: id, at: BookRig.at(9))
        let due = try #require(rig.book.first(of: Self.line(id)))
        #expect(due.past?.notice.call.status == .ringing)
        #expect(due.secret == Self.subscription.secret && due.url == Self.subscription.url)
    }

    @Test func `are tried again when they are due, and one that is given up lets the next one pass`() throws {
        var rig = Self.rig()
        let id = BookRig.id(1)
        rig.dial(id)
        rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: id)
        let first = try #require(rig.book.first(of: Self.line(id))?.delivery)
        rig.write(.delivering(.tried(first.id, Self.attempt(500, next: BookRig.at(60)))))
        #expect(rig.book.due(of: Self.line(id)) == BookRig.at(60))
        #expect(rig.book.first(of: Self.line(id))?.delivery.id == first.id)
        rig.write(.delivering(.tried(first.id, Self.attempt(500))))
        #expect(rig.book.delivery(first.id)?.status == .failed)
        #expect(Self.news(rig.book.first(of: Self.line(id))?.delivery) == .ringing)
        // By hand it comes again before those that were behind it.
        rig.write(.delivering(.retryAsked(first.id)), at: BookRig.at(70))
        #expect(rig.book.first(of: Self.line(id))?.delivery.id == first.id)
        #expect(rig.book.due(of: Self.line(id)) == BookRig.at(70))
        #expect(rig.book.delivery(first.id)?.tries == 0)
        #expect(rig.write(.delivering(.tried(DeliveryID(high: 0, low: 0), Self.attempt(204)))).verdict == .void)
    }

    @Test func `end with their subscription, and with their call`() {
        var rig = Self.rig()
        let (first, second) = (BookRig.id(1), BookRig.id(2))
        rig.dial(first)
        rig.dial(second, to: 2)
        rig.write(.noted(first, .unconfirmed))
        let erased = rig.book.erasure(of: first, at: BookRig.start)
        #expect(rig.write(.erased(erased!)).lines == [Self.line(first)])
        #expect(rig.book.deliveryLines == [Self.line(second)])
        #expect(rig.write(.delivering(.unsubscribed(Self.subscription.id))).lines == [Self.line(second)])
        #expect(rig.book.deliveryLines.isEmpty && rig.book.waitingDeliveries == 0)
        rig.tell(BookRig.status(.ringing, of: 2, 1), claiming: second)
        #expect(rig.book.deliveryLines.isEmpty)
    }

    @Test func `are taken back step by step when their subscription ends`() {
        var rig = Self.rig()
        for number in 1...100 { rig.dial(BookRig.id(number), to: number) }
        let waiting = rig.book.waitingDeliveries
        #expect(waiting >= 100)
        let first = rig.write(.delivering(.unsubscribed(Self.subscription.id)))
        #expect(first.verdict == .applied && first.hasMore)
        #expect(rig.book.subscription(Self.subscription.id) == nil)
        #expect(rig.book.waitingDeliveries == waiting - first.lines.count)
        rig.tell(BookRig.status(.ringing, of: 100, 1), claiming: BookRig.id(100))
        #expect(rig.book.waitingDeliveries == waiting - first.lines.count, "nothing new waits for it")
        while rig.write(.delivering(.unsubscribed(Self.subscription.id))).hasMore {}
        #expect(rig.book.waitingDeliveries == 0 && rig.book.deliveryLines.isEmpty)
        #expect(rig.write(.delivering(.unsubscribed(Self.subscription.id))).verdict == .void)
    }

    @Test func `are bounded for each receiver, and so are those that are kept`() throws {
        var rig = Self.rig()
        let most = Deliveries.mostWaiting
        let trial = try #require(rig.write(.delivering(.trialAsked(Self.subscription.id))).delivery)
        for _ in 1..<most { rig.write(.delivering(.trialAsked(Self.subscription.id))) }
        #expect(rig.book.waitingDeliveries == most && rig.book.delivery(trial.id)?.status == .pending)
        rig.write(.delivering(.trialAsked(Self.subscription.id)))
        #expect(rig.book.waitingDeliveries == most)
        #expect(rig.book.delivery(trial.id)?.status == .failed)
        #expect(rig.book.delivery(trial.id)?.attempts.last?.reason?.contains("wait for this receiver") == true)
        let line = DeliveryLine(receiver: .subscription(Self.subscription.id), callID: nil)
        while let first = rig.book.first(of: line) {
            rig.write(.delivering(.tried(first.delivery.id, Self.attempt(204))))
        }
        // The one that was settled first has made room.
        #expect(rig.book.delivery(trial.id) == nil)
        #expect(rig.book.deliveries.deliveryCount == Deliveries.mostSettled)
    }

    @Test func `are sent to the callback URL of their order, whatever else there is`() throws {
        var rig = BookRig()
        let id = BookRig.id(1)
        var order = BookRig.order()
        order.callbackURL = "https://hooks.example.com/mine"
        let ordered = Ordered(id: id, order: order, templateContext: [:], key: nil, limits: AdmissionLimits())
        #expect(rig.write(.ordered(ordered)).lines == [DeliveryLine(receiver: .order(id), callID: id)])
        let due = try #require(rig.book.first(of: DeliveryLine(receiver: .order(id), callID: id)))
        #expect(due.url == "https://hooks.example.com/mine" && due.secret == nil)
    }

    @Test func `are listed the newest first, a page at a time`() {
        var rig = Self.rig()
        for number in 1...7 { rig.order(BookRig.id(number), to: number) }
        var (seen, places): ([DeliveryID], [EventPlace]) = ([], [])
        var next: (place: EventPlace, id: DeliveryID)?
        var pending = DeliveryFilter()
        pending.statuses = [.pending]
        repeat {
            var page = DeliveryPage()
            var place = next
            repeat {
                place = rig.book.add(to: &page, matching: pending, limit: 3, before: place, lookingAt: 2)
            } while place != nil
            seen += page.deliveries.map(\.delivery.id)
            places += page.deliveries.map(\.delivery.place)
            next = page.next
        } while next != nil
        #expect(Set(seen).count == 7 && seen.count == 7)
        #expect(places == places.sorted(by: >))
    }
}
