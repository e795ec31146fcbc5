package import CallDomain
import CallStorage
import Synchronization

/// The idempotency keys of orders: so that a client can repeat an order without dialing anybody twice.
///
/// A key counts in the book from its order's record on. Until then, while the agent is read, it is in the hands of its
/// request; what was refused by then leaves no trace.
package final class OrderKeys: Sendable {
    private let ledger: Ledger
    private let clock: any TimeSource
    private let inHand = Mutex<[KeyName: [UInt8]]>([:])

    init(ledger: Ledger, clock: any TimeSource) {
        self.ledger = ledger
        self.clock = clock
    }

    /// Claims a key for a request. Of a `.free` one the caller must end with ``keep(_:as:)`` or ``release(_:)``.
    package func claim(_ claim: KeyClaim) -> KeyState {
        inHand.withLock { inHand in
            let state = ledger.read { $0.state(of: claim, at: clock.now) }
            guard state == .free else { return state }
            if let digest = inHand[claim.name] { return digest == claim.digest ? .inProgress : .otherRequest }
            inHand[claim.name] = claim.digest
            return .free
        }
    }

    /// Keeps the answer to the order that claimed the key.
    package func keep(_ answer: KeptAnswer, as name: KeyName) async {
        if let id = owner(of: name) { _ = try? await ledger.commit(.answerKept(name, answer, id)) }
        forget(name)
    }

    /// Frees a key whose order certainly rang nobody.
    package func release(_ name: KeyName) async {
        if let id = owner(of: name) { _ = try? await ledger.commit(.keyReleased(name, id)) }
        forget(name)
    }

    /// Lets go of a key that turned out to be another order's.
    package func letGo(_ name: KeyName) { forget(name) }

    /// The order that claimed a key that is in hand; `nil` if it was refused before it was recorded.
    private func owner(of name: KeyName) -> CallID? {
        inHand.withLock { $0[name] }.flatMap { digest in
            ledger.read { $0.owner(of: KeyClaim(name: name, digest: digest)) }
        }
    }

    private func forget(_ name: KeyName) { inHand.withLock { $0[name] = nil } }
}
