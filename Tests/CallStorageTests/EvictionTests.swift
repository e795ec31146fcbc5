import CallDomain
import CallStorage
import Testing

private func at(_ second: Int64) -> Timestamp { Timestamp(milliseconds: 1_790_000_000_000 + second * 1000) }
private func sid(_ number: Int) -> CallSid {
    let digits = String(number, radix: 16)
    return CallSid("CA" + String(repeating: "0", count: 32 - digits.count) + digits)!
}
private func id(_ number: Int) -> CallID { CallID(at: at(Int64(number)), random: (0, UInt64(number))) }

private func event(_ call: CallID, _ number: Int, _ status: CallStatus, at second: Int64) -> CallEvent {
    let report = StatusReport(callSid: sid(number), status: status, timestamp: at(second))
    return CallEvent(callID: call, receivedAt: at(second), fact: .statusReported(report))
}

private func isGone(_ outcome: EventOutcome) -> Bool {
    if case .gone = outcome { true } else { false }
}

@Suite struct `Calls that leave` {
    @Test func `are the oldest finished ones when there are too many, and nothing brings them back`() {
        let store = InMemoryCallStore(maximumCalls: 3)
        _ = store.apply(event(id(1), 1, .ringing, at: 1))
        _ = store.apply(event(id(2), 2, .completed, at: 2))
        _ = store.apply(event(id(3), 3, .busy, at: 3))
        _ = store.apply(event(id(4), 4, .ringing, at: 4))
        #expect(store.calls(matching: CallFilter(), limit: 9, after: nil).calls.map(\.id) == [id(4), id(3), id(1)])
        #expect(store.callID(of: sid(2)) == nil)
        #expect(store.isGone(.id(id(2))) && store.isGone(.callSid(sid(2))))
        #expect(!store.isGone(.id(id(1))))
        #expect(isGone(store.apply(event(id(2), 2, .completed, at: 9))))
        // By its CallSid alone it would have another id.
        #expect(isGone(store.apply(event(CallID(derivedFrom: sid(2)), 2, .completed, at: 9))))
        #expect(store.call(id(2)) == nil)
    }

    @Test func `are none of those that go on`() {
        let store = InMemoryCallStore(maximumCalls: 2)
        for number in 1...5 { _ = store.apply(event(id(number), number, .ringing, at: Int64(number))) }
        #expect(store.calls(matching: CallFilter(), limit: 9, after: nil).calls.count == 5)
    }

    @Test func `leave once they are finished, also where none could leave before`() {
        let store = InMemoryCallStore(maximumCalls: 100)
        for number in 1...150 { _ = store.apply(event(id(number), number, .ringing, at: Int64(number))) }
        for number in 1...150 { _ = store.apply(event(id(number), number, .completed, at: Int64(200 + number))) }
        for number in 351...360 { _ = store.apply(event(id(number), number, .ringing, at: Int64(number))) }
        #expect(store.calls(matching: CallFilter(), limit: 1000, after: nil).calls.count <= 100)
    }

    @Test func `are those of which nothing was heard for long enough`() {
        let store = InMemoryCallStore()
        let inbound = CallID(derivedFrom: sid(1))
        _ = store.apply(event(inbound, 1, .completed, at: 1))
        _ = store.apply(event(id(2), 2, .completed, at: 2))
        _ = store.apply(event(id(3), 3, .ringing, at: 3))
        _ = store.apply(event(id(4), 4, .ringing, at: 4))
        _ = store.apply(event(id(4), 4, .completed, at: 100))
        store.evict(finishedBefore: at(50), now: at(200))
        #expect(store.calls(matching: CallFilter(), limit: 9, after: nil).calls.map(\.id) == [id(4), id(3)])
        // The id of an order tells its age; that of an inbound call does not.
        #expect(store.isGone(.id(inbound)) && store.isGone(.callSid(sid(1))))
        #expect(!store.isGone(.id(id(2))))
    }

    @Test func `are remembered for 400 days`() {
        let store = InMemoryCallStore()
        let inbound = CallID(derivedFrom: sid(1))
        _ = store.apply(event(inbound, 1, .completed, at: 1))
        store.evict(finishedBefore: at(50), now: at(0))
        let day: Int64 = 86_400
        store.evict(finishedBefore: at(50), now: at(400 * day))
        #expect(store.isGone(.id(inbound)))
        store.evict(finishedBefore: at(50), now: at(401 * day))
        #expect(!store.isGone(.id(inbound)))
    }

    @Test func `leave by the thousands, each once`() {
        let store = InMemoryCallStore(maximumCalls: 1000)
        for number in 1...4321 { _ = store.apply(event(id(number), number, .completed, at: Int64(number))) }
        let calls = store.calls(matching: CallFilter(), limit: 5000, after: nil).calls.map(\.id)
        #expect((990...1000).contains(calls.count))
        #expect(calls == (0..<calls.count).map { id(4321 - $0) })
        store.evict(finishedBefore: at(100_000), now: at(100_000))
        #expect(store.calls(matching: CallFilter(), limit: 5000, after: nil).calls.isEmpty)
    }
}
