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
    private let isOn = Atomic(true)
    private let isStopped = Atomic(false)

    init(clock: any WallClock) { self.clock = clock }

    package var position: Position { state.withLock { $0 } }

    /// Whether a create whose connection stands may leave; costs a look at two atomics.
    var mayLeave: Bool { isOn.load(ordering: .acquiring) && !isStopped.load(ordering: .acquiring) }

    /// Takes effect at once: no create that has not left leaves any more.
    package func set(isEnabled: Bool, reason: String?) -> Position {
        let position = Position(isEnabled: isEnabled, reason: reason, changedAt: clock.now)
        state.withLock { state in
            state = position
            isOn.store(isEnabled, ordering: .releasing)
        }
        return position
    }

    /// The gateway stops: no create leaves any more, whatever the operator's switch says.
    func stop() { isStopped.store(true, ordering: .releasing) }
}
