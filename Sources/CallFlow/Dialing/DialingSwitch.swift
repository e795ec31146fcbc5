package import CallDomain
import Synchronization

/// The operator's emergency switch: while it is off nobody is dialed; live calls and webhooks go on.
package final class DialingSwitch: Sendable {
    package struct Position: Sendable, Equatable {
        package var isEnabled = true
        /// Why, in the operator's words.
        package var reason: String?
        /// `nil` if nobody ever touched it.
        package var changedAt: Timestamp?
    }

    private let clock: any WallClock
    private let state = Mutex(Position())

    init(clock: any WallClock) { self.clock = clock }

    package var position: Position { state.withLock { $0 } }

    /// Takes effect at once: no create that has not begun begins any more.
    package func set(isEnabled: Bool, reason: String?) -> Position {
        let position = Position(isEnabled: isEnabled, reason: reason, changedAt: clock.now)
        state.withLock { $0 = position }
        return position
    }
}
