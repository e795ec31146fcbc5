import Synchronization

/// The permit of one create to leave for Twilio: asked for at the last moment before the first byte, when connecting may
/// have taken seconds.
///
/// It is one atomic word, `armed → left` or `armed → withdrawn`, so that libcurl's thread, which asks, takes no lock and
/// allocates nothing. Whoever hangs up, switches dialing off or stops the gateway withdraws it. Once it has left, it
/// does not leave again: another pass over the wire needs a permit of its own, and a place in the pace.
///
/// It runs out by itself at a moment that is fixed when it is armed: after the time that a connection may take, and
/// never later than the order may be dialed. Nothing renews it. A process that was frozen for longer therefore dials
/// nothing late when it goes on, whichever of its threads runs first; a freeze that is shorter looks like a slow
/// connection, which the limits of the order allow for. A shorter life would need a heartbeat to outlast such a
/// connection, and with it a thread that a busy machine must not delay.
package final class DialPermit: Sendable {
    package enum State: Sendable, Equatable {
        case armed
        /// The request left at that moment.
        case left(Moment)
        case withdrawn
    }

    private static let armed: Int64 = 0
    private static let withdrawn: Int64 = -1

    private let clock: any TimeSource
    private let armedAt: Moment
    private let end: Moment
    /// Where it has left: the nanoseconds from ``armedAt`` to then, and one.
    private let word = Atomic<Int64>(armed)

    /// From `end` on it lets nothing leave.
    package init(armedAt: Moment, until end: Moment, clock: any TimeSource) {
        self.armedAt = armedAt
        self.end = end
        self.clock = clock
    }

    package var state: State {
        switch word.load(ordering: .acquiring) {
        case Self.armed: .armed
        case Self.withdrawn: .withdrawn
        case let count: .left(armedAt + .nanoseconds(count - 1))
        }
    }

    /// Lets the request leave, once, if nobody has withdrawn the permit and it has not run out; a permit that has run out
    /// is withdrawn by that.
    /// - Returns: whether the request may leave.
    package func leave() -> Bool {
        let now = clock.moment
        let hasRunOut = now >= end
        let next = hasRunOut ? Self.withdrawn : max(0, (now - armedAt).nanoseconds) + 1
        let swap = word.compareExchange(expected: Self.armed, desired: next, ordering: .acquiringAndReleasing)
        return swap.exchanged && !hasRunOut
    }

    /// Nothing leaves any more, unless it has left.
    package func withdraw() {
        _ = word.compareExchange(expected: Self.armed, desired: Self.withdrawn, ordering: .acquiringAndReleasing)
    }
}

extension Duration {
    /// Whole nanoseconds, rounded towards zero.
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
