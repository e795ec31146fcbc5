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
    private let isOn = Atomic(true)
    private let isStopped = Atomic(false)

    init(clock: any TimeSource) { self.clock = clock }

    package var position: Position { state.withLock { $0 } }

    /// Whether a create whose connection is established may be sent; costs two atomic loads.
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
