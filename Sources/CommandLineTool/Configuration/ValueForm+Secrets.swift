import CallDomain
import EventDelivery

extension ValueForm where Value == Secret {
    /// A text that must not be guessed: at least 16 visible ASCII characters.
    static func secret(_ good: String) -> Self {
        Self(good) { (text) throws(ValueFault) in try Secret(checking: text) }
    }
}

extension ValueForm where Value == Secret {
    /// A secret of Standard Webhooks.
    static var webhookSecret: Self {
        Self("whsec_ and 24 to 64 random bytes in base64, as `printf whsec_; openssl rand -base64 32` prints") {
            (text) throws(ValueFault) in
            let secret = try Secret(checking: text)
            do throws(WebhookSecret.Problem) {
                _ = try WebhookSecret(text)
            } catch {
                throw ValueFault(error.description)
            }
            return secret
        }
    }
}

extension ValueForm where Value == [Secret] {
    static func secrets(_ good: String) -> Self {
        .list(good) { (text) throws(ValueFault) in try Secret(checking: text) }
    }
}

/// A secret and the name that logs and limits know its owner by.
struct NamedSecret: Sendable {
    /// `^[A-Za-z0-9_-]{1,64}$`.
    let name: String
    let secret: Secret
}

extension ValueForm where Value == [NamedSecret] {
    /// `name:secret,…`, no name and no secret twice.
    static func namedSecrets(_ good: String) -> Self {
        let pairs = ValueForm<[NamedSecret]>.list(good) { (text) throws(ValueFault) in
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw ValueFault("is not name:secret") }
            let name = String(parts[0])
            guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte) else {
                throw ValueFault("has a name that is not 1 to 64 letters, digits, - and _")
            }
            guard parts[1].utf8.count >= Secret.leastLength else {
                throw ValueFault("has a secret of fewer than \(Secret.leastLength) characters behind the colon")
            }
            return NamedSecret(name: name, secret: try Secret(checking: String(parts[1])))
        }
        return Self(good: good) { (text, surroundings) throws(ValueFault) in
            let keys = try pairs.parse(text, surroundings)
            guard Set(keys.map(\.name)).count == keys.count else { throw ValueFault("has a name twice") }
            guard Set(keys.map(\.secret.exposed)).count == keys.count else { throw ValueFault("has a secret twice") }
            return keys
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }
}

extension Secret {
    /// Texts of the documentation, so that a copied one does not start a gateway whose secrets everybody knows: the key
    /// of the README's sample, and every example of a setting. Examples of secrets begin with `your-`.
    private static let placeholders: Set<String> = Set(
        ["at-least-sixteen-characters"] + SettingCatalogue.all.flatMap { [$0.example, $0.fallback ?? ""] }
    )

    fileprivate static let leastLength = 16

    fileprivate init(checking text: String) throws(ValueFault) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ValueFault("has a character that is not visible ASCII")
        }
        try text.refuseQuotes()
        guard text.utf8.count >= Self.leastLength else {
            throw ValueFault("is shorter than \(Self.leastLength) characters")
        }
        guard !["your-", "your_"].contains(String(text.prefix(5)).asciiLowercased), !Self.placeholders.contains(text)
        else {
            throw ValueFault("is an example from the documentation and therefore public: set your own secret")
        }
        self.init(text)
    }
}
