import CallDomain
import TestSupport
import Testing

@testable import CallStorage

@Suite struct `A list of calls` {
    private func id(_ number: Int) -> CallID { BookRig.id(number, at: BookRig.at(Int64(number))) }

    /// Calls that are adopted by number, each with its phone call.
    private func rig(_ numbers: some Sequence<Int>, _ status: (Int) -> CallStatus) -> BookRig {
        var rig = BookRig()
        for number in numbers {
            rig.tell(BookRig.status(status(number), of: number), claiming: id(number), at: BookRig.at(Int64(number)))
        }
        return rig
    }

    private func pages(of rig: BookRig, limit: Int, filter: CallFilter = CallFilter()) -> [[CallID]] {
        var pages: [[CallID]] = []
        var cursor: CallCursor?
        repeat {
            let page = rig.page(limit: limit, after: cursor, filter: filter)
            pages.append(page.calls.map(\.id))
            cursor = page.next
        } while cursor != nil
        return pages
    }

    @Test func `pages newest first, each once, whatever the order in which they became known`() {
        var generator = SeededGenerator(seed: 57)
        let rig = rig((1...57).shuffled(using: &generator)) { _ in .ringing }
        let pages = pages(of: rig, limit: 10)
        #expect(pages.map(\.count) == [10, 10, 10, 10, 10, 7])
        #expect(pages.flatMap(\.self) == (1...57).reversed().map(id))
    }

    @Test func `has no next page behind the last call`() {
        let rig = rig(1...20) { $0.isMultiple(of: 2) ? .busy : .ringing }
        #expect(rig.page(limit: 20).next == nil)
        #expect(rig.page(limit: 19).next != nil)
        var busy = CallFilter()
        busy.statuses = [.busy]
        let page = rig.page(limit: 10, filter: busy)
        #expect(page.calls.count == 10)
        #expect(page.next == nil)
    }

    @Test func `goes through all calls for the few that fit, page by page`() {
        let rare = [1, 2, 999, 1000, 1001, 2000, 2345]
        let rig = rig(1...2345) { rare.contains($0) ? .ringing : .busy }
        var filter = CallFilter()
        filter.statuses = [.ringing]
        let pages = pages(of: rig, limit: 2, filter: filter)
        #expect(pages.dropLast().allSatisfy { $0.count == 2 })
        #expect(pages.flatMap(\.self) == rare.reversed().map(id))
    }

    @Test func `shows what each filter asks for`() {
        var rig = BookRig()
        rig.order(BookRig.id(1, at: BookRig.at(1)), to: 1, at: BookRig.at(1))
        rig.tell(BookRig.status(.ringing, of: 2, direction: .inbound), at: BookRig.at(2))
        let inbound = CallID(derivedFrom: BookRig.sid(2))
        func shown(_ change: (inout CallFilter) -> Void) -> [CallID] {
            var filter = CallFilter()
            change(&filter)
            return rig.page(filter: filter).calls.map(\.id)
        }
        let ordered = BookRig.id(1, at: BookRig.at(1))
        #expect(shown { _ in } == [inbound, ordered])
        #expect(shown { $0.direction = .inbound } == [inbound])
        #expect(shown { $0.agentID = BookRig.agentID } == [ordered])
        #expect(shown { $0.phoneNumbers = [BookRig.number(1).text] } == [ordered])
        #expect(shown { $0.createdAfter = BookRig.at(2) } == [inbound])
        #expect(shown { $0.createdBefore = BookRig.at(2) } == [ordered])
        #expect(shown { $0.statuses = [.completed] } == [])
    }

    @Test func `keeps the place of a call of which earlier events are learned`() {
        var rig = BookRig()
        let derived = (1...3).map { CallID(derivedFrom: BookRig.sid($0)) }
        for number in 1...3 {
            rig.tell(BookRig.status(.inProgress, of: number, 2), at: BookRig.at(Int64(10 * number)))
        }
        let cursor = rig.page(limit: 2).next
        #expect(rig.page(limit: 1, after: cursor).calls.map(\.id) == [derived[0]])
        // The newest call turns out to be the oldest, by Twilio's clock and by ours.
        rig.tell(BookRig.status(.ringing, of: 3, 1, at: BookRig.at(-50)), at: BookRig.at(40))
        rig.tell(BookRig.status(.queued, of: 3, 0), at: BookRig.at(1))
        #expect(rig.book.call(derived[2])?.createdAt == BookRig.at(-50))
        #expect(rig.page().calls.map(\.id) == derived.reversed())
        #expect(rig.page(limit: 2, after: cursor).calls.map(\.id) == [derived[0]])
        #expect(rig.page(limit: 2).next == cursor)
    }

    @Test func `shows a call that comes back at its place`() {
        var rig = BookRig()
        let id = BookRig.id(9, at: BookRig.at(0))
        rig.dial(id)
        let derived = CallID(derivedFrom: BookRig.sid(1))
        rig.tell(BookRig.status(.ringing, of: 1, 1), at: BookRig.at(10))
        rig.tell(BookRig.status(.ringing, of: 2, 1), at: BookRig.at(20))
        let before = rig.page().calls.map(\.id)
        #expect(before == [CallID(derivedFrom: BookRig.sid(2)), derived, id])
        // A look-up takes it for the order's, and Twilio's answer names another.
        rig.write(.noted(id, .lookedUp(TwilioCall(callSid: BookRig.sid(1), status: .ringing))), at: BookRig.at(30))
        #expect(rig.page().calls.map(\.id) == [before[0], id])
        rig.write(.noted(id, .callCreated(TwilioCall(callSid: BookRig.sid(3), status: .queued))), at: BookRig.at(40))
        #expect(rig.page().calls.map(\.id) == before)
    }

    @Test func `keeps its order where places come and go between others`() {
        var list = ListIndex<CallCursor>()
        var generator = SeededGenerator(seed: 3)
        let places = (1...3000).map { CallCursor(listedAt: BookRig.at(Int64($0 % 700)), id: BookRig.id($0)) }
        for place in places.shuffled(using: &generator) { list.insert(place) }
        let gone = Set(places.shuffled(using: &generator).prefix(2000))
        for place in gone { list.remove(place) }
        for place in gone { list.remove(place) }
        let left = places.filter { !gone.contains($0) }.sorted()
        #expect(list.count == 1000)
        #expect(oldest(list, after: nil, limit: 5000) == left)
        #expect(newest(list, before: nil, limit: 5000) == left.reversed())
        for (index, place) in left.enumerated() where index.isMultiple(of: 37) {
            #expect(newest(list, before: place, limit: 20) == left[..<index].suffix(20).reversed())
            #expect(oldest(list, after: place, limit: 20) == Array(left[(index + 1)...].prefix(20)))
        }
    }

    private func newest(_ list: ListIndex<CallCursor>, before cursor: CallCursor?, limit: Int) -> [CallCursor] {
        var found: [CallCursor] = []
        let visited = list.visitNewest(before: cursor, limit: limit) { place in
            found.append(place)
            return true
        }
        #expect(visited == found.count)
        return found
    }

    private func oldest(_ list: ListIndex<CallCursor>, after cursor: CallCursor?, limit: Int) -> [CallCursor] {
        var found: [CallCursor] = []
        let visited = list.visitOldest(after: cursor, limit: limit) { place in
            found.append(place)
            return true
        }
        #expect(visited == found.count)
        return found
    }
}
