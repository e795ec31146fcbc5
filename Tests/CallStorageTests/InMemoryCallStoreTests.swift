import CallDomain
import CallStorage
import Testing

private func id(_ second: Int64, _ low: UInt64) -> CallID { CallID(at: at(second), random: (0, low)) }
private func at(_ second: Int64) -> Timestamp { Timestamp(milliseconds: 1_790_000_000_000 + second * 1000) }
private func sid(_ number: Int) -> CallSid {
    let digits = String(number, radix: 16)
    return CallSid("CA" + String(repeating: "0", count: 32 - digits.count) + digits)!
}

private func event(_ call: CallID, _ second: Int64, _ status: CallStatus, _ sid: CallSid) -> CallEvent {
    let report = StatusReport(callSid: sid, status: status, timestamp: at(second))
    return CallEvent(callID: call, receivedAt: at(second), fact: .statusReported(report))
}

@Suite struct `The table of calls` {
    @Test func `finds a call by its CallSid, and merges what comes`() {
        let store = InMemoryCallStore()
        let call = id(1, 1)
        _ = store.apply(event(call, 1, .ringing, sid(1)))
        guard case .applied(let before, let after) = store.apply(event(call, 2, .inProgress, sid(1))),
            case .alreadyKnown = store.apply(event(call, 2, .inProgress, sid(1)))
        else {
            Issue.record("events were not merged")
            return
        }
        #expect(before?.status == .ringing)
        #expect(after.status == .inProgress)
        #expect(store.callID(of: sid(1)) == call)
        #expect(store.history(of: call)?.events.count == 2)
    }

    @Test func `binds a CallSid to one call and a call to one CallSid`() {
        let store = InMemoryCallStore()
        _ = store.apply(event(id(1, 1), 1, .ringing, sid(1)))
        for contradiction in [event(id(1, 2), 1, .ringing, sid(1)), event(id(1, 1), 1, .ringing, sid(2))] {
            guard case .contradicts = store.apply(contradiction) else {
                Issue.record("a contradiction was stored")
                return
            }
        }
        #expect(store.call(id(1, 2)) == nil)
        #expect(store.callID(of: sid(2)) == nil)
    }

    @Test func `pages newest first and each call once`() {
        let store = InMemoryCallStore()
        let order = (1...57).shuffled()
        for number in order {
            _ = store.apply(
                event(id(Int64(number), 1), Int64(number), number.isMultiple(of: 3) ? .busy : .ringing, sid(number))
            )
        }
        var seen: [CallID] = []
        var cursor: CallCursor?
        repeat {
            let page = store.calls(matching: CallFilter(), limit: 10, after: cursor)
            #expect(page.calls.count <= 10)
            seen += page.calls.map(\.id)
            cursor = page.next
        } while cursor != nil
        #expect(seen == (1...57).reversed().map { id(Int64($0), 1) })
        var busy = CallFilter()
        busy.statuses = [.busy]
        let page = store.calls(matching: busy, limit: 19, after: nil)
        #expect(page.calls.count == 19)
        #expect(page.next == nil)
    }

    @Test func `moves a call to its place when an earlier event is learned`() {
        let store = InMemoryCallStore()
        _ = store.apply(event(id(1, 1), 10, .inProgress, sid(1)))
        _ = store.apply(event(id(1, 2), 5, .ringing, sid(2)))
        _ = store.apply(event(id(1, 1), 1, .ringing, sid(1)))
        #expect(store.calls(matching: CallFilter(), limit: 9, after: nil).calls.map(\.id) == [id(1, 2), id(1, 1)])
    }
}

@Suite struct `A list of calls` {
    @Test func `goes through all calls for the few that fit, page by page`() {
        let store = InMemoryCallStore()
        let rare = [1, 2, 999, 1000, 1001, 2000, 3456]
        for number in 1...3456 {
            _ = store.apply(
                event(id(Int64(number), 0), Int64(number), rare.contains(number) ? .ringing : .busy, sid(number))
            )
        }
        var filter = CallFilter()
        filter.statuses = [.ringing]
        var found: [CallID] = []
        var cursor: CallCursor?
        repeat {
            let page = store.calls(matching: filter, limit: 2, after: cursor)
            #expect(page.calls.count == 2 || page.next == nil)
            found += page.calls.map(\.id)
            cursor = page.next
        } while cursor != nil
        #expect(found == rare.reversed().map { id(Int64($0), 0) })
        #expect(store.calls(matching: CallFilter(), limit: 3456, after: nil).next == nil)
    }
}
