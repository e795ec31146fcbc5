package import CallDomain
import Synchronization

/// The table of calls in memory, with its indexes.
///
/// Every operation is short and synchronous: a webhook's acknowledgement never waits for anything here but the lock.
package final class InMemoryCallStore: CallStore {
    private let table: Mutex<CallTable>
    /// How many calls leave, or are looked at for a list, under one hold of the lock: webhooks wait for it.
    private static let batch = 1000

    /// Above `maximumCalls` the oldest finished calls are removed; live calls are always kept.
    package init(maximumCalls: Int = .max) {
        table = Mutex(CallTable(maximum: maximumCalls))
    }

    package func history(of id: CallID) -> CallHistory? {
        table.withLock { $0.records[id]?.history }
    }

    package func call(_ id: CallID) -> Call? {
        table.withLock { $0.records[id]?.call }
    }

    package func callID(of sid: CallSid) -> CallID? {
        table.withLock { $0.bySid[sid] }
    }

    package func callID(of ultravoxCallID: UltravoxCallID) -> CallID? {
        table.withLock { $0.byUltravoxCallID[ultravoxCallID] }
    }

    package func apply(_ event: CallEvent) -> EventOutcome {
        table.withLock { $0.apply(event) }
    }

    package var counts: [CallStatus: Int] { table.withLock { $0.counts } }

    package func isGone(_ name: CallName) -> Bool {
        table.withLock { $0.tombstones.contains([name]) }
    }

    package func evict(finishedBefore oldest: Timestamp, now: Timestamp) {
        var hasMore = true
        while hasMore {
            hasMore = table.withLock { $0.evict(finishedBefore: oldest, limit: Self.batch, now: now) }
        }
    }

    package func calls(matching filter: CallFilter, limit: Int, after cursor: CallCursor?) -> CallListPage {
        var page = CallListPage(calls: [], next: nil)
        var position = cursor
        repeat {
            position = table.withLock {
                $0.add(to: &page, matching: filter, limit: limit, after: position, lookingAt: Self.batch)
            }
        } while position != nil
        return page
    }
}
