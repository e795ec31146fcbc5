import Crypto
import FoundationEssentials

/// The secret that a receiver shares with us, of which it knows that a delivery is ours: `whsec_` and base64.
/// - SeeAlso: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
package struct WebhookSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The secret itself: for the answer that tells it to its owner, and to be kept.
    package let text: String
    let key: SymmetricKey

    /// Why a text is no secret. The description tells what to do, and holds nothing of the text.
    package enum Problem: Error, Sendable, CaseIterable, CustomStringConvertible {
        case prefix
        case base64
        case size

        package var description: String {
            switch self {
            case .prefix: "must begin with whsec_, followed by the secret in base64"
            case .base64: "must be whsec_ and standard base64, with the = at its end"
            case .size: "must hold 24 to 64 bytes, which are 32 to 88 characters of base64 after whsec_"
            }
        }
    }

    /// Takes `whsec_` and 24 to 64 bytes in base64 (RFC 4648 section 4), padded: receivers' libraries do not agree on any
    /// other spelling.
    /// - Throws: ``Problem``.
    package init(_ text: String) throws(Problem) {
        guard text.utf8.starts(with: Self.prefix.utf8) else { throw .prefix }
        let base64 = String(text.dropFirst(Self.prefix.count))
        guard let bytes = Data(base64Encoded: base64), bytes.base64EncodedString().utf8.elementsEqual(base64.utf8)
        else {
            throw .base64
        }
        guard (24...64).contains(bytes.count) else { throw .size }
        self.text = text
        key = SymmetricKey(data: bytes)
    }

    /// A new one, of 32 random bytes.
    package static func random() -> WebhookSecret { WebhookSecret(SymmetricKey(size: .bits256)) }

    private init(_ key: SymmetricKey) {
        self.key = key
        text = Self.prefix + key.withUnsafeBytes { Data($0).base64EncodedString() }
    }

    package var description: String { "whsec_[redacted]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    private static let prefix = "whsec_"
}
