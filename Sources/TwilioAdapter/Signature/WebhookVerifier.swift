package import CallDomain
import Crypto
import FoundationEssentials

/// Decides whether Twilio sent a webhook: the rule of `X-Twilio-Signature`.
///
/// The URL must be the public one from configuration followed by the request target as received; no header may move it.
/// Accepts a signature over the URL with or without its port, under any of the keys.
/// - SeeAlso: https://www.twilio.com/docs/usage/webhooks/webhooks-security
package struct WebhookVerifier: Sendable {
    /// What a request carries besides its URL.
    package enum Body: Sendable {
        /// None, as with GET: the URL alone is signed.
        case none
        /// A form: all its pairs are signed.
        case form(FormParameters)
        /// Anything else: the URL is signed, and its `bodySHA256` binds these bytes.
        case other([UInt8])
    }

    private let keys: [VerificationKey]

    /// - Parameter keys: in any order. An empty one never matches anything.
    package init(keys: [VerificationKey]) { self.keys = keys.filter { !$0.secret.exposed.isEmpty } }

    /// - Parameter authTokens: the primary one, and the secondary one while tokens are being rotated.
    package init(authTokens: [Secret]) { self.init(keys: authTokens.map { VerificationKey($0) }) }

    /// Judges one request.
    /// - Parameters:
    ///   - signature: the header's value, as received. It is compared as text and never decoded, because two texts
    ///     decode to the same bytes.
    ///   - url: absolute, with its raw path and query.
    ///   - body: what came with it.
    /// - Returns: whether `signature` is Twilio's for this request.
    package func accepts(signature: String, url: String, body: Body) -> Bool {
        guard !signature.isEmpty, let signedURL = SignedURL(url) else { return false }
        let tail: [UInt8]
        switch body {
        case .none: tail = []
        case .form(let parameters): tail = parameters.signedText
        case .other(let bytes):
            guard Self.isBound(bytes, by: signedURL) else { return false }
            tail = []
        }
        let forms = signedURL.forms
        for key in keys {
            for form in forms
            where Secret.matches(key.signature(url: form, tail: tail).utf8, signature.utf8) {
                return true
            }
        }
        return false
    }

    /// Of each key: see ``VerificationKey/fingerprint(nonce:)``.
    package func fingerprints(nonce: String) -> [String] { keys.map { $0.fingerprint(nonce: nonce) } }

    private static func isBound(_ bytes: [UInt8], by url: SignedURL) -> Bool {
        let hashes = FormParameters(query: url.query).values(of: "bodySHA256")
        guard hashes.count == 1, let hash = hashes.first else { return false }
        return Secret.matches(Hex.encode(SHA256.hash(data: bytes)).utf8, hash.utf8)
    }
}
