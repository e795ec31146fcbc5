import Synchronization

/// Whether the gateway takes work.
package final class Readiness: Sendable {
    package enum State: Sendable {
        /// It does not listen yet, or reads its journal still.
        case starting
        case ready
        /// A stop has begun: webhooks are still taken, orders are not.
        case draining
    }

    // What holds by now.
    private static let listening: UInt8 = 1
    private static let knowing: UInt8 = 2
    private static let draining: UInt8 = 4

    private let facts = Atomic<UInt8>(0)
    private let read = Atomic(0)

    package init() {}

    package var state: State {
        let facts = facts.load(ordering: .acquiring)
        if facts & Self.draining != 0 { return .draining }
        return facts == Self.listening | Self.knowing ? .ready : .starting
    }

    /// Whether everything that the journal holds is known.
    package var knows: Bool { facts.load(ordering: .acquiring) & Self.knowing != 0 }

    /// Whether connections are taken.
    package var listens: Bool { facts.load(ordering: .acquiring) & Self.listening != 0 }

    /// How many records of the journal were read at this start.
    package var recordsRead: Int { read.load(ordering: .relaxed) }

    package func hasRead(_ records: Int) { read.store(records, ordering: .relaxed) }

    /// What the journal holds is known.
    package func know() { facts.bitwiseOr(Self.knowing, ordering: .acquiringAndReleasing) }

    /// Connections are taken.
    package func begin() { facts.bitwiseOr(Self.listening, ordering: .acquiringAndReleasing) }

    package func drain() { facts.bitwiseOr(Self.draining, ordering: .acquiringAndReleasing) }
}
