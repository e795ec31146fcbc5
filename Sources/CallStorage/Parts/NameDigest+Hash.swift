package import CallDomain
import Crypto

extension NameDigest {
    init(of name: CallName) { self.init(of: name.text) }

    /// Of the identifier that the vendor gave it.
    package init(of copy: VendorCopy) { self.init(of: copy.text) }

    init(of key: KeyName) { self.init(of: "\(key.caller)\u{0}\(key.key)") }

    /// The digest of a phone number, as text.
    static func masking(_ number: String) -> String {
        let digest = NameDigest(of: number)
        return "\(String(digest.high, radix: 36)) \(String(digest.low, radix: 36))"
    }

    private init(of text: String) {
        func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        let digest = SHA256.hash(data: Array(text.utf8))
        self.init(high: number(digest.prefix(8)), low: number(digest.dropFirst(8).prefix(8)))
    }
}
