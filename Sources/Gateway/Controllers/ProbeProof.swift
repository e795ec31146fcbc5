package import CallDomain
import Crypto
import FoundationEssentials
package import HTTPTypes

/// Proves to a gateway that a probe comes from a holder of one of its API keys, and to the prober that the answer comes
/// from such a gateway, without sending the key.
///
/// A mistyped `PUBLIC_BASE_URL` may belong to an attacker, who receives a code over a nonce and a time, and cannot
/// derive the key from it. Within ``lifetime`` he can send the code to the gateway with a message of his own; he then
/// learns what arrives of that message, and no secret. The code does not cover the message, because a probe must be
/// accepted when a proxy changes it. The code of the answer also covers the answer's body, so that only a gateway with
/// that key can have made it.
package struct ProbeProof: Sendable, Equatable {
    /// How far a proof's time may be from the gateway's clock, either way.
    package static let lifetime = Duration.seconds(300)

    /// Unique for each probe: 1 to 64 characters without a space.
    package let nonce: String
    /// When the probe was made.
    package let time: Timestamp

    package init(nonce: String, time: Timestamp) {
        self.nonce = nonce
        self.time = time
    }

    /// What a request shows that is made with `key`: the time, the nonce and a code of 64 hex digits.
    package func text(by key: Secret) -> String { "\(time.rfc3339) \(nonce) \(code("request", key))" }

    /// Reads what ``text(by:)`` wrote.
    /// - Returns: the proof and the key that it was made with; `nil` if that is none of `keys`.
    package static func read(_ text: String, keys: [APIKey]) -> (proof: ProbeProof, key: APIKey)? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, (1...64).contains(parts[1].utf8.count),
            let time = Timestamp(iso8601: String(parts[0]))
        else { return nil }
        let proof = ProbeProof(nonce: String(parts[1]), time: time)
        // Every key is tried, so that the time does not reveal which one matched.
        var found: APIKey?
        for key in keys where Secret.matches(parts[2].utf8, proof.code("request", key.secret).utf8) {
            found = found ?? key
        }
        guard let found else { return nil }
        return (proof, found)
    }

    package func isTimely(at now: Timestamp) -> Bool {
        let age = now - time
        return age <= Self.lifetime && age >= .zero - Self.lifetime
    }

    /// What the answer with `body` shows: 64 hex digits.
    package func answer(_ body: [UInt8], by key: Secret) -> String { code("answer", key, body) }

    /// Identifies a key without revealing it: 16 hex digits, valid for this nonce.
    package func fingerprint(of key: Secret) -> String { String(code("fingerprint", key).prefix(16)) }

    /// No purpose's code is good for another one.
    private func code(_ purpose: String, _ key: Secret, _ body: [UInt8] = []) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: Array(key.exposed.utf8)))
        code.update(data: Array("switchboard probe \(purpose), version 1\n\(time.rfc3339)\n\(nonce)\n".utf8))
        code.update(data: body)
        return Hex.encode(code.finalize())
    }
}

extension HTTPField.Name {
    /// A ``ProbeProof``, of the request and of its answer.
    package static let probeProof = Self.known("X-Switchboard-Probe")
}
