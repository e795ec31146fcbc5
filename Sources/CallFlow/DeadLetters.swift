package import CallDomain
import CallStorage
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
    package fileprivate(set) var callID: CallID?
    package fileprivate(set) var callSid: CallSid?
    package fileprivate(set) var ultravoxCallID: UltravoxCallID?
    /// The digests of these, by which an erasure knows its call.
    fileprivate let names: [NameDigest]
}

/// The latest verified but useless messages, for the operator to see. Never their content.
package final class DeadLetters: Sendable {
    package static let capacity = 10_000

    private let clock: any TimeSource
    private let storage = Mutex((letters: [DeadLetter](), start: 0, last: 0))

    init(clock: any TimeSource) { self.clock = clock }

    /// - Returns: the names of calls that stand in the letter.
    @discardableResult
    package func add(
        _ vendor: Vendor,
        kind: String,
        reason: String,
        callID: CallID? = nil,
        callSid: CallSid? = nil,
        ultravoxCallID: UltravoxCallID? = nil
    ) -> [CallName] {
        let now = clock.now
        let ids = [callID.map(CallName.id), callSid.map(CallName.callSid), ultravoxCallID.map(CallName.ultravoxCallID)]
        let names = ids.compactMap(\.self)
        let digests = names.map(NameDigest.init(of:))
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
                ultravoxCallID: ultravoxCallID,
                names: digests
            )
            if storage.letters.count < Self.capacity {
                storage.letters.append(letter)
            } else {
                // A ring: the newest takes the place of the oldest.
                storage.letters[storage.start] = letter
                storage.start = (storage.start + 1) % Self.capacity
            }
        }
        return names
    }

    /// Takes the vendors' identifiers out of the letters that name an erased call.
    func forget(_ erased: CallID, _ names: [NameDigest]) {
        let names = Set(names)
        storage.withLock { storage in
            for index in storage.letters.indices where storage.letters[index].names.contains(where: names.contains) {
                storage.letters[index].callSid = nil
                storage.letters[index].ultravoxCallID = nil
                // A derived id tells its CallSid.
                if storage.letters[index].callID?.isDerived == true { storage.letters[index].callID = erased }
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
