import CallDomain
import Synchronization

/// An answer as it was given, to be given again byte for byte.
package struct KeptAnswer: Sendable, Equatable {
    /// HTTP status.
    package let status: Int
    package let contentType: String
    package let location: String?
    package let body: [UInt8]

    package init(status: Int, contentType: String, location: String?, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.location = location
        self.body = body
    }
}

/// Stores the answers to requests with an `Idempotency-Key`, so that a client can repeat an order without dialing
/// anybody twice.
package final class IdempotencyKeys: Sendable {
    /// A key belongs to the API key that sent it: the same text sent with another API key is a different key.
    package struct Name: Sendable, Hashable {
        let caller: String
        let key: String

        package init(caller: String, key: String) {
            self.caller = caller
            self.key = key
        }
    }

    /// What a key means for the request that carries it.
    package enum Claim: Sendable, Equatable {
        /// The caller continues, and must end with ``IdempotencyKeys/keep(_:as:)`` or ``IdempotencyKeys/release(_:)``.
        case fresh
        case replay(KeptAnswer)
        case inProgress
        /// The key came with another request before.
        case otherRequest
    }

    fileprivate struct Entry {
        let digest: [UInt8]
        var answer: KeptAnswer?
        var keptAt: Timestamp?
    }

    /// How long an answer is kept.
    fileprivate static let lifetime = Duration.seconds(24 * 3600)

    private let clock: any TimeSource
    private let entries = Mutex<[Name: Entry]>([:])

    init(clock: any TimeSource) { self.clock = clock }

    /// Claims a key for the request with that digest of path and body.
    package func claim(_ name: Name, digest: [UInt8]) -> Claim {
        let now = clock.now
        return entries.withLock { entries in
            if let entry = entries[name], !entry.isOver(now) {
                guard entry.digest == digest else { return .otherRequest }
                return entry.answer.map(Claim.replay) ?? .inProgress
            }
            entries[name] = Entry(digest: digest)
            return .fresh
        }
    }

    /// Keeps the answer to the request that claimed the key.
    package func keep(_ answer: KeptAnswer, as name: Name) {
        let now = clock.now
        entries.withLock {
            $0[name]?.answer = answer
            $0[name]?.keptAt = now
        }
    }

    /// Forgets a key whose request did nothing.
    package func release(_ name: Name) {
        entries.withLock { $0[name] = nil }
    }

    func forgetOld(now: Timestamp) {
        entries.withLock { entries in entries = entries.filter { !$0.value.isOver(now) } }
    }
}

extension IdempotencyKeys.Entry {
    fileprivate func isOver(_ now: Timestamp) -> Bool {
        keptAt.map { now - $0 >= IdempotencyKeys.lifetime } ?? false
    }
}
