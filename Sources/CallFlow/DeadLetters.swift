package import CallDomain
import Synchronization

/// A verified message that changed nothing, and why.
package struct DeadLetter: Sendable {
    /// Counted from 1; a greater one came later.
    package let number: Int
    package let receivedAt: Timestamp
    package let vendor: Vendor
    /// Which of the vendor's webhooks: `status`, `voice`, `call.ended`, ….
    package let kind: String
    /// A stable word.
    package let reason: String
    /// What it claimed to be about, as far as it could be read.
    package let callID: CallID?
    package let callSid: CallSid?
    package let ultravoxCallID: UltravoxCallID?
}

/// The latest verified but useless messages, for the operator to see. Never their content.
package final class DeadLetters: Sendable {
    package static let capacity = 10_000

    private let clock: any TimeSource
    private let storage = Mutex((letters: [DeadLetter](), start: 0, last: 0))

    init(clock: any TimeSource) { self.clock = clock }

    package func add(
        _ vendor: Vendor,
        kind: String,
        reason: String,
        callID: CallID? = nil,
        callSid: CallSid? = nil,
        ultravoxCallID: UltravoxCallID? = nil
    ) {
        let now = clock.now
        storage.withLock { storage in
            storage.last += 1
            let letter = DeadLetter(
                number: storage.last,
                receivedAt: now,
                vendor: vendor,
                kind: kind,
                reason: reason,
                callID: callID,
                callSid: callSid,
                ultravoxCallID: ultravoxCallID
            )
            if storage.letters.count < Self.capacity {
                storage.letters.append(letter)
            } else {
                // A ring: the newest takes the place of the oldest.
                storage.letters[storage.start] = letter
                storage.start = (storage.start + 1) % Self.capacity
            }
        }
    }

    /// The newest first, from before the one of that `number`.
    package func latest(limit: Int, before number: Int?) -> (letters: [DeadLetter], hasMore: Bool) {
        storage.withLock { storage in
            let oldest = storage.last - storage.letters.count + 1
            var next = min(number ?? .max, storage.last + 1) - 1
            var found: [DeadLetter] = []
            while next >= oldest, found.count < limit {
                found.append(storage.letters[(storage.start + next - oldest) % storage.letters.count])
                next -= 1
            }
            return (found, next >= oldest)
        }
    }
}
