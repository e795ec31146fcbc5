package import CallDomain
import Crypto
import FoundationEssentials

/// A key with which Twilio may have signed a webhook.
///
/// The algorithm belongs to the key: a sender can never choose one for a key that was not configured for it.
/// - SeeAlso: https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys
package struct VerificationKey: Sendable {
    package enum Algorithm: Sendable {
        /// Of auth tokens. SHA-1 is Twilio's choice; HMAC-SHA1 is not broken by SHA-1's collisions.
        /// - SeeAlso: https://www.twilio.com/docs/usage/security
        case hmacSHA1
        /// Of shared webhook keys that were created with it.
        case hmacSHA256
    }

    package let algorithm: Algorithm
    package let secret: Secret

    package init(_ secret: Secret, algorithm: Algorithm = .hmacSHA1) {
        self.algorithm = algorithm
        self.secret = secret
    }

    /// What Twilio would send as `X-Twilio-Signature` with a form to `url`.
    package func signature(url: String, form: FormParameters) -> String { signature(url: url, tail: form.signedText) }

    /// Identifies this key without revealing it: 16 hex digits, valid for one `nonce`.
    ///
    /// Too short for a signature, so that somebody who chooses the nonce cannot have anything signed.
    package func fingerprint(nonce: String) -> String {
        let text = Array("switchboard probe \(nonce)".utf8)
        let key = SymmetricKey(data: Array(secret.exposed.utf8))
        return Hex.encode(HMAC<SHA256>.authenticationCode(for: text, using: key).prefix(8))
    }

    /// The signature of `url` followed by `tail`, as text in base64.
    func signature(url: String, tail: [UInt8]) -> String {
        let key = SymmetricKey(data: Array(secret.exposed.utf8))
        switch algorithm {
        case .hmacSHA1:
            var code = HMAC<Insecure.SHA1>(key: key)
            code.update(data: Array(url.utf8))
            code.update(data: tail)
            return Data(code.finalize()).base64EncodedString()
        case .hmacSHA256:
            var code = HMAC<SHA256>(key: key)
            code.update(data: Array(url.utf8))
            code.update(data: tail)
            return Data(code.finalize()).base64EncodedString()
        }
    }
}
