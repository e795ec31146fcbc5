package import CallDomain
import Crypto
import FoundationEssentials
package import HTTPTypes

/// Decides whether Ultravox sent a webhook, and lately.
///
/// The signature is the lower-case hex of HMAC-SHA256 over the body as received, directly followed by the text of the
/// timestamp header. With the timestamp under the signature, an old delivery cannot be sent again later.
/// - SeeAlso: https://docs.ultravox.ai/webhooks/securing-webhooks
package struct UltravoxWebhookVerifier: Sendable {
    /// Anything but `ok` is to be refused. The raw values are stable: they are for metrics and the operator's log, not
    /// for the sender.
    package enum Verdict: String, Sendable, CaseIterable {
        case ok
        case missingSignature = "missing_signature"
        case missingTimestamp = "missing_timestamp"
        /// One of the two headers occurs more than once, so it is not clear which one is meant.
        case repeatedHeader = "repeated_header"
        case badTimestamp = "bad_timestamp"
        case staleTimestamp = "stale_timestamp"
        case futureTimestamp = "future_timestamp"
        case badSignature = "bad_signature"
    }

    /// A secret that new calls no longer get, and that stays valid until the calls that have it are over.
    package struct FormerSecret: Sendable {
        package let secret: Secret
        /// From then on it no longer counts.
        package let end: Timestamp

        package init(_ secret: Secret, until end: Timestamp) {
            self.secret = secret
            self.end = end
        }
    }

    /// Far more than anybody rotates through; each costs a comparison.
    static let maximumCandidates = 16

    private let secrets: [Secret]
    private let former: [FormerSecret]
    private let tolerance: Duration

    /// - Parameters:
    ///   - secrets: any of them may have signed. They are keys as text, never decoded; an empty one never matches.
    ///   - former: the same, each until its end.
    ///   - tolerance: how far the timestamp may be from our clock, either way, inclusive.
    package init(secrets: [Secret], former: [FormerSecret] = [], tolerance: Duration) {
        self.secrets = secrets.filter { !$0.exposed.isEmpty }
        self.former = former.filter { !$0.secret.exposed.isEmpty }
        self.tolerance = tolerance
    }

    /// - Parameters:
    ///   - body: the bytes as received. They are not read as anything.
    ///   - headers: of the request.
    ///   - now: the receiver's time.
    /// - Returns: the first thing that is wrong, in the order headers, timestamp, signature.
    package func verdict(body: [UInt8], headers: HTTPFields, now: Timestamp) -> Verdict {
        let signatures = headers[values: .ultravoxSignature]
        let timestamps = headers[values: .ultravoxTimestamp]
        guard signatures.count <= 1, timestamps.count <= 1 else { return .repeatedHeader }
        guard let signature = signatures.first, !signature.isEmpty else { return .missingSignature }
        guard let timestamp = timestamps.first, !timestamp.isEmpty else { return .missingTimestamp }
        guard let signedAt = Timestamp(iso8601: timestamp) else { return .badTimestamp }
        let age = now - signedAt
        if age > tolerance { return .staleTimestamp }
        if age < .zero - tolerance { return .futureTimestamp }
        let counting = secrets + former.filter { $0.end > now }.map(\.secret)
        return isSigned(body, timestamp: timestamp, signature: signature, by: counting) ? .ok : .badSignature
    }

    /// `signature` holds one candidate for each secret that the sender knows, with commas between them.
    private func isSigned(_ body: [UInt8], timestamp: String, signature: String, by secrets: [Secret]) -> Bool {
        let comma = UInt8(ascii: ",")
        let candidates = signature.utf8.split(
            separator: comma,
            maxSplits: Self.maximumCandidates,
            omittingEmptySubsequences: false
        )
        guard candidates.count <= Self.maximumCandidates else { return false }
        var isSigned = false
        for secret in secrets {
            let expected = Self.signature(of: body, timestamp: timestamp, secret: secret)
            for candidate in candidates where Secret.matches(candidate.trimmingBlanks, expected.utf8) {
                isSigned = true
            }
        }
        return isSigned
    }

    /// Of each secret but the former ones: see ``fingerprint(of:nonce:)``.
    package func fingerprints(nonce: String) -> [String] { secrets.map { Self.fingerprint(of: $0, nonce: nonce) } }

    /// Identifies a secret without revealing it: 16 hex digits, valid for one `nonce`.
    ///
    /// Too short for a signature, so that somebody who chooses the nonce cannot have anything signed.
    package static func fingerprint(of secret: Secret, nonce: String) -> String {
        String(signature(of: Array("switchboard probe ".utf8), timestamp: nonce, secret: secret).prefix(16))
    }

    /// What Ultravox would send as `X-Ultravox-Webhook-Signature` with that body and time stamp.
    package static func signature(of body: [UInt8], timestamp: String, secret: Secret) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: Array(secret.exposed.utf8)))
        code.update(data: body)
        code.update(data: Array(timestamp.utf8))
        return Hex.encode(code.finalize())
    }
}

extension HTTPField.Name {
    static let ultravoxSignature = Self.known("X-Ultravox-Webhook-Signature")
    static let ultravoxTimestamp = Self.known("X-Ultravox-Webhook-Timestamp")
    static let ultravoxAPIKey = Self.known("X-API-Key")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no field name") }
        return name
    }
}

extension Substring.UTF8View {
    fileprivate var trimmingBlanks: Substring.UTF8View {
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        var trimmed = self.drop(while: isBlank)
        while let last = trimmed.last, isBlank(last) { trimmed = trimmed.dropLast() }
        return trimmed
    }
}
