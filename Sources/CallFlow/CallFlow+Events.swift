package import CallDomain
import CallStorage

extension CallFlow {
    /// Reads events: of one call, or of all.
    ///
    /// `place` says where to go on. Without it a stream begins now, and that of one call with all that happened to it.
    package func reader(of id: CallID?, _ filter: EventFilter, after place: EventPlace?) -> EventReader {
        // The id of a call that turned out to be an order's is that order's.
        let id = id.map { asked in call(asked)?.id ?? asked }
        return EventReader(of: id, filter, after: place, feed: events, ledger: ledger, clock: placing.clock)
    }

    /// Waits until a call is over, at most for `patience`.
    package func waitForEnd(of id: CallID, atMost patience: Duration) async {
        guard call(id)?.status.isTerminal == false else { return }
        let reader = reader(of: id, EventFilter(), after: nil)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while self.call(id)?.status.isTerminal == false {
                    switch await reader.next() {
                    case .events?, .gap?, .quiet?: continue
                    case .end?, nil: return
                    }
                }
            }
            group.addTask { try? await self.placing.clock.sleep(for: patience) }
            await group.next()
            group.cancelAll()
            reader.close()
        }
    }

    /// Of the last record.
    package var lastPosition: Position { ledger.read { $0.position } }

    /// In the order of the last changes, the oldest first.
    package func changedCalls(
        matching filter: CallFilter,
        limit: Int,
        after place: ChangePlace?
    ) -> CallChangePage {
        var page = CallChangePage()
        page.calls.reserveCapacity(limit)
        var next = place
        repeat {
            next = ledger.read { book in
                book.add(to: &page, matching: filter, limit: limit, after: next, lookingAt: Self.look)
            }
        } while next != nil
        return page
    }
}
