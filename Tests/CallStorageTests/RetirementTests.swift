import CallDomain
import Testing

@testable import CallStorage

@Suite struct `Calls that leave` {
    private static let day: Int64 = 86_400
    /// Nothing leaves for want of room.
    private static let hour = Retention(calls: .seconds(3600), maximumCalls: .max, numberCooldown: .zero)

    private static func room(_ maximum: Int) -> Retention {
        Retention(calls: .seconds(day), maximumCalls: maximum, numberCooldown: .zero)
    }

    private func id(_ number: Int) -> CallID { BookRig.id(number, at: BookRig.at(Int64(number))) }

    private func tell(_ rig: inout BookRig, _ number: Int, _ status: CallStatus, at second: Int64? = nil) {
        rig.tell(BookRig.status(status, of: number), claiming: id(number), at: BookRig.at(second ?? Int64(number)))
    }

    @Test func `are the oldest finished ones when there are too many, and nothing brings them back`() {
        var rig = BookRig()
        tell(&rig, 1, .ringing)
        tell(&rig, 2, .completed)
        tell(&rig, 3, .busy)
        tell(&rig, 4, .ringing)
        #expect(rig.book.needsRoom(3))
        #expect(rig.tidy(Self.room(3), at: 5) == [id(2)])
        #expect(rig.page().calls.map(\.id) == [id(4), id(3), id(1)])
        #expect(!rig.book.needsRoom(3))
        #expect(rig.book.callID(of: BookRig.sid(2)) == nil)
        #expect(rig.book.counts[.completed] == nil)
        for claimed in [id(2), nil, CallID(derivedFrom: BookRig.sid(2)), id(9)] {
            let verdict = rig.tell(BookRig.status(.completed, of: 2), claiming: claimed).verdict
            #expect(verdict == .ignored(.gone), "\(claimed?.text ?? "no id")")
        }
        // By its id alone, with a CallSid that was never heard of.
        #expect(rig.tell(BookRig.status(.ringing, of: 7), claiming: id(2)).verdict == .ignored(.gone))
        #expect(rig.write(.noted(id(2), .hangUpRequested)).verdict == .ignored(.gone))
        #expect(rig.book.callCount == 3)
    }

    @Test func `are remembered by their conversation`() {
        var rig = BookRig()
        var report = ConversationReport(ultravoxCallID: BookRig.talk(1), event: .joined, callID: id(1))
        tell(&rig, 1, .completed)
        #expect(rig.tell(.conversationReported(report)).verdict == .applied)
        #expect(rig.tidy(Self.room(0), at: 5) == [id(1)])
        for claimed in [id(1), nil, id(2)] {
            report.callID = claimed
            #expect(rig.tell(.conversationReported(report)).verdict == .ignored(.gone))
        }
    }

    @Test func `are none of those that go on`() {
        var rig = BookRig()
        for number in 1...5 { tell(&rig, number, .ringing) }
        #expect(rig.tidy(Self.hour, at: 10 * Self.day) == [])
        #expect(rig.tidy(Self.room(2), at: 10) == [])
        // They are not looked for again before there are more.
        #expect(!rig.book.needsRoom(2))
        tell(&rig, 6, .ringing)
        tell(&rig, 7, .ringing)
        #expect(rig.book.needsRoom(2))
    }

    @Test func `are no unconfirmed ones where room is needed, but are when they were kept long enough`() {
        var rig = BookRig()
        rig.dial(id(1), to: 1)
        rig.write(.noted(id(1), .unconfirmed))
        tell(&rig, 2, .completed)
        #expect(rig.tidy(Self.room(0), at: 10) == [id(2)])
        #expect(rig.book.call(id(1))?.status == .unconfirmed)
        // Its proof can still come.
        #expect(rig.tell(BookRig.status(.ringing, of: 1), claiming: id(1)).call?.status == .ringing)
        var parked = BookRig()
        parked.dial(id(1), to: 1)
        parked.write(.noted(id(1), .unconfirmed))
        #expect(parked.tidy(Self.hour, at: 3600) == [])
        #expect(parked.tidy(Self.hour, at: 3602) == [id(1)])
    }

    @Test func `leave once they are finished, also where none could leave before`() {
        var rig = BookRig()
        for number in 1...150 { tell(&rig, number, .ringing) }
        #expect(rig.tidy(Self.room(100), at: 160) == [])
        for number in 1...150 { tell(&rig, number, .completed, at: Int64(200 + number)) }
        #expect(rig.tidy(Self.room(100), at: 400) == (1...50).map(id))
        #expect(rig.book.callCount == 100)
    }

    @Test func `are those of which nothing was heard for long enough`() {
        var rig = BookRig()
        let inbound = CallID(derivedFrom: BookRig.sid(1))
        rig.tell(BookRig.status(.completed, of: 1), at: BookRig.at(1))
        tell(&rig, 2, .completed)
        tell(&rig, 3, .ringing)
        tell(&rig, 4, .ringing)
        tell(&rig, 4, .completed, at: 1000)
        #expect(rig.tidy(Self.hour, at: 3601) == [])
        #expect(rig.tidy(Self.hour, at: 3603) == [inbound, id(2)])
        #expect(rig.tidy(Self.hour, at: 4600) == [])
        #expect(rig.tidy(Self.hour, at: 4601) == [id(4)])
        #expect(rig.page().calls.map(\.id) == [id(3)])
    }

    @Test(arguments: [10 * day, -10 * day])
    func `leave by the time at which we heard of them, whatever Twilio's clock says`(shift: Int64) {
        var rig = BookRig()
        let far = BookRig.at(shift)
        // One that has no id of ours to date it, and one that has.
        rig.tell(BookRig.status(.completed, of: 1, at: far), at: BookRig.at(1))
        rig.tell(BookRig.status(.completed, of: 2, at: far), claiming: id(2), at: BookRig.at(2))
        #expect(rig.tidy(Self.hour, at: 3601) == [])
        #expect(rig.tidy(Self.hour, at: 3603) == [CallID(derivedFrom: BookRig.sid(1)), id(2)])
    }

    @Test func `are remembered for 400 days`() {
        var rig = BookRig()
        rig.tell(BookRig.status(.completed, of: 1), at: BookRig.at(1))
        #expect(rig.tidy(Self.hour, at: 4000).count == 1)
        rig.tidy(Self.hour, at: 4000 + 400 * Self.day)
        #expect(rig.tell(BookRig.status(.completed, of: 1)).verdict == .ignored(.gone))
        rig.tidy(Self.hour, at: 4000 + 401 * Self.day)
        #expect(rig.book.tombstones == Tombstones())
        #expect(rig.tell(BookRig.status(.completed, of: 1)).verdict == .applied)
    }

    @Test func `are remembered up to a number, the oldest are forgotten first`() {
        var tombstones = Tombstones(maximum: 100)
        for number in 0..<150 { tombstones.insert([NameDigest(of: .id(BookRig.id(number)))], at: BookRig.start) }
        #expect((0..<50).allSatisfy { !tombstones.contains(.id(BookRig.id($0))) })
        #expect((50..<150).allSatisfy { tombstones.contains(.id(BookRig.id($0))) })
        let steps = (1...5).map { _ in tombstones.forgetOld(at: BookRig.at(402 * Self.day), limit: 30) }
        #expect(steps == [30, 30, 30, 10, 0])
        #expect(tombstones == Tombstones(maximum: 100))
    }

    @Test func `leave by the thousands, each once, a bounded number in each step`() {
        var rig = BookRig()
        for number in 1...4321 { tell(&rig, number, number.isMultiple(of: 3) ? .ringing : .completed) }
        var left: [CallID] = []
        var hasMore = true
        while hasMore {
            let applied = rig.write(.tidied(Self.room(2000)), at: BookRig.at(5000))
            #expect(applied.others.count <= 16)
            #expect(applied.others.allSatisfy { $0.after == nil && $0.before?.status == .completed })
            left += applied.others.compactMap(\.before?.id)
            hasMore = applied.hasMore
        }
        let finished = (1...4321).filter { !$0.isMultiple(of: 3) }
        #expect(left == finished.prefix(2321).map(id))
        #expect(rig.book.callCount == 2000)
        #expect(rig.tidy(Self.hour, at: 20_000) == finished.dropFirst(2321).map(id))
        #expect(rig.page(limit: 5000).calls.map(\.id) == (1...4321).filter { $0.isMultiple(of: 3) }.reversed().map(id))
    }

    /// Of each kind more than a step forgets.
    @Test func `share a step with all else that is forgotten`() {
        var rig = BookRig()
        let claims = (1...300).map { KeyClaim(name: KeyName(caller: "test", key: "\($0)"), digest: [1]) }
        let answer = KeptAnswer(status: 201, contentType: "x", location: nil, body: [])
        for (index, claim) in claims.enumerated() {
            let order = BookRig.id(index + 1)
            rig.order(order, to: index + 1, key: claim)
            rig.write(.noted(order, .dialing))
            rig.tell(BookRig.status(.completed, of: index + 1), claiming: order)
            rig.write(.answerKept(claim.name, answer, order))
            rig.tell(BookRig.verdict(of: 1000 + index))
        }
        let time = BookRig.at(90_000)
        var (steps, buried, left, hasMore) = (0, 0, 0, true)
        while hasMore {
            let before = claims.count { rig.book.state(of: $0, at: BookRig.start) != .free }
            let applied = rig.write(.tidied(Self.hour), at: time)
            let forgotten = before - claims.count { rig.book.state(of: $0, at: BookRig.start) != .free }
            #expect(8 * applied.others.count + applied.buried.count + forgotten <= 256)
            (steps, buried, left) = (steps + 1, buried + applied.buried.count, left + applied.others.count)
            hasMore = applied.hasMore
        }
        #expect((buried, left) == (300, 300))
        #expect(claims.allSatisfy { rig.book.state(of: $0, at: BookRig.start) == .free })
        #expect(rig.book.legs.isEmpty && rig.book.entries.isEmpty && rig.book.keys == KeyTable())
        #expect(steps >= 12)
    }

    @Test func `take what belongs to them along, and nothing that is another's`() {
        var rig = BookRig()
        let order = BookRig.id(1)
        rig.dial(order)
        // One phone call was known by its CallSid before; of another the order has the weaker claim.
        rig.tell(BookRig.status(.ringing, of: 1, 1))
        rig.tell(BookRig.status(.ringing, of: 2, 1))
        rig.write(.noted(order, .lookedUp(TwilioCall(callSid: BookRig.sid(2), status: .ringing))))
        rig.write(.noted(order, .callCreated(TwilioCall(callSid: BookRig.sid(1), status: .queued))))
        rig.tell(BookRig.status(.completed, of: 1, 3))
        let other = CallID(derivedFrom: BookRig.sid(2))
        #expect(rig.page().calls.map(\.id) == [other, order])
        #expect(rig.tidy(Self.room(1), at: 10) == [order])
        #expect(rig.page().calls.map(\.id) == [other])
        #expect(rig.book.call(CallID(derivedFrom: BookRig.sid(1))) == nil)
        #expect(rig.book.callID(of: BookRig.sid(1)) == nil)
        #expect(rig.tell(BookRig.status(.completed, of: 2, 3)).call?.id == other)
        #expect(rig.book.call(other)?.status == .completed)
        #expect(rig.tidy(Self.room(0), at: 10) == [other])
        #expect(rig.book.legs.isEmpty && rig.book.entries.isEmpty)
        #expect(rig.book.counts.isEmpty)
    }
}

extension BookRig {
    /// - Returns: the calls that left, in the order in which they did.
    @discardableResult
    fileprivate mutating func tidy(_ retention: Retention, at second: Int64) -> [CallID] {
        var left: [CallID] = []
        var hasMore = true
        while hasMore {
            let applied = write(.tidied(retention), at: Self.at(second))
            left += applied.others.compactMap { $0.after == nil ? $0.before?.id : nil }
            hasMore = applied.hasMore
        }
        return left
    }
}
