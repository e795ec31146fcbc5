import CallDomain
import Testing

@testable import CallStorage

@Suite struct `The events of a book` {
    private func place(_ number: Int) -> EventPlace { EventPlace(Position(low: UInt64(number))) }

    @Test func `are the newest 100,000`() {
        var rig = BookRig()
        rig.order(BookRig.id(1))
        #expect(rig.book.firstPlace == place(0))
        let first = rig.book.notices(after: place(0), lookingAt: 1).events.map(\.place)
        #expect(first == [place(1)])
        var notices = Notices()
        for number in 1...100_000 { notices.append(notice(number)) }
        #expect(notices.begin == place(0))
        #expect(notices.visit(after: place(0), limit: 1) { _ in } == place(1))
        notices.append(notice(100_001))
        // Who has seen the first one misses nothing, who has seen none does.
        #expect(notices.begin == place(1))
        #expect(notices.visit(after: place(1), limit: 1) { _ in } == place(2))
        #expect(notices.visit(after: place(0), limit: 1) { _ in } == place(2))
        #expect(notices.visit(after: place(100_000), limit: 9) { _ in } == place(100_001))
        #expect(notices.visit(after: place(100_001), limit: 9) { _ in } == nil)
    }

    @Test func `of one call tell how much of them has left`() throws {
        var rig = BookRig()
        let id = BookRig.id(1)
        rig.dial(id)
        rig.tell(BookRig.status(.ringing, of: 1, 1), claiming: id)
        let all = rig.book.notices(of: id, after: place(0))
        let (told, left) = (all.events.map(\.place), all.left)
        #expect(told.count > 1 && left == nil)
        // Others take the room of all events of the call but the last one.
        for number in 1...(Notices.maximum - 1) { rig.book.notices.append(notice(1000 + number)) }
        let rest = rig.book.notices(of: id, after: place(0))
        #expect(rest.events.map(\.place) == told.suffix(1) && rest.left == told.dropLast().last)
        #expect(rig.book.notices(of: id, after: try #require(rest.left)).left == nil)
        // And of that one, too: the call is told as it stands, to whoever has not seen that.
        rig.book.notices.append(notice(1_000_000))
        let none = rig.book.notices(of: id, after: place(0))
        #expect(none.events.map(\.place) == told.suffix(1) && none.events.map(\.news) == [.ringing])
        let place = try #require(none.left)
        #expect(rig.book.notices(of: id, after: place).left == nil)
        #expect(rig.book.notices(of: id, after: place).events.map(\.place) == told.suffix(1))
        #expect(rig.book.notices(of: id, after: try #require(told.last)).left == nil)
        #expect(rig.book.notices(of: id, after: try #require(told.last)).events.isEmpty)
    }

    private func notice(_ number: Int) -> Notices.Notice {
        Notices.Notice(
            place: place(number),
            callID: nil,
            news: .updated,
            status: .ringing,
            at: BookRig.start,
            previous: nil
        )
    }
}
