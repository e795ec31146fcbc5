package import CallDomain
import Crypto

extension NameDigest {
    package init(of name: CallName) { self.init(of: name.text) }

    /// Of the identifier that the vendor gave it.
    package init(of copy: VendorCopy) { self.init(of: copy.text) }

    init(of key: KeyName) { self.init(of: "\(key.caller)\u{0}\(key.key)") }

    init(ofNumber number: String) { self.init(of: number) }

    /// As a snapshot holds the digest of a phone number: two numbers to the base of 36.
    var text: String { "\(String(high, radix: 36)) \(String(low, radix: 36))" }

    init?(text: String) {
        let numbers = text.split(separator: " ").compactMap { UInt64($0, radix: 36) }
        guard numbers.count == 2 else { return nil }
        self.init(high: numbers[0], low: numbers[1])
    }

    private init(of text: String) {
        func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        let digest = SHA256.hash(data: Array(text.utf8))
        self.init(high: number(digest.prefix(8)), low: number(digest.dropFirst(8).prefix(8)))
    }
}

extension KeyClaim {
    /// The digest of the request as the erasure of its call keeps it; see ``ErasedKey/digest``.
    var sealedDigest: [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: digest, using: SymmetricKey(data: Array(name.key.utf8))))
    }
}
