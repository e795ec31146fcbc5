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
