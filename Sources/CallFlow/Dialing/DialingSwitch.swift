package import CallDomain
import Synchronization

/// The operator's emergency switch. While it is off nobody is dialed; live calls and webhooks continue.
package final class DialingSwitch: Sendable {
    package struct Position: Sendable, Equatable {
        package var isEnabled = true
        /// Why, in the operator's words.
        package var reason: String?
        /// `nil` if the switch was never used.
        package var changedAt: Timestamp?
    }

    private let clock: any TimeSource
    private let state = Mutex(Position())

    init(clock: any TimeSource) { self.clock = clock }

    package var position: Position { state.withLock { $0 } }

    /// `apply` carries it out under the lock, so that of two who switch at the same time the later one counts.
    func set(isEnabled: Bool, reason: String?, _ apply: () -> [CallID]) -> (position: Position, cleared: [CallID]) {
        state.withLock { state in
            state = Position(isEnabled: isEnabled, reason: reason, changedAt: clock.now)
            return (state, apply())
        }
    }
}

extension CallFlow {
    /// Switches dialing on or off, at once: no create that has not left leaves any more. An order whose client waits, or
    /// which prepares, is answered; what becomes of those that wait, `waiting` says.
    package func setDialing(
        isEnabled: Bool,
        reason: String? = nil,
        waiting: WaitingOrders = .keep
    ) -> DialingSwitch.Position {
        let (position, cleared) = dialing.set(isEnabled: isEnabled, reason: reason) {
            if !isEnabled { return queue.switchOff(reason: reason, waiting) }
            queue.switchOn()
            return []
        }
        for id in cleared { cancelSwitchedOff(id) }
        return position
    }

    func cancelSwitchedOff(_ id: CallID) {
        if undialed.take(id) { record(.canceled(reason: "dialing was switched off"), of: id) }
    }
}
