import Synchronization

/// Whether the gateway takes work.
package final class Readiness: Sendable {
    package enum State: UInt8, Sendable, AtomicRepresentable {
        case starting
        case ready
        /// A stop has begun: webhooks are still taken, orders are not.
        case draining
    }

    private let current = Atomic(State.starting)

    package init() {}

    package var state: State { current.load(ordering: .acquiring) }

    /// Connections are taken, unless a stop has begun already.
    package func begin() {
        _ = current.compareExchange(expected: .starting, desired: .ready, ordering: .acquiringAndReleasing)
    }

    package func drain() { current.store(.draining, ordering: .releasing) }
}
