/// Our name of a call.
///
/// `call_` and 26 characters of Crockford's base 32 in lower case: 48 bits of milliseconds, then 80 random bits, so
/// that ids sort by age and cannot be guessed. The id of a call that came to us by CallSid alone is `call_x` and the
/// same encoding of the CallSid's 128 bits, so that every replica derives the same.
package struct CallID: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    /// A new id with 80 random bits: 16 in `high`, 64 in `low`.
    package init(at time: Timestamp, random: (high: UInt16, low: UInt64)) {
        let high = UInt64(truncatingIfNeeded: time.milliseconds) << 16 | UInt64(random.high)
        text = Self.prefix + Self.encode(high: high, low: random.low)
    }

    /// The id of a call that we know by its CallSid alone.
    package init(derivedFrom sid: CallSid) {
        let digits = sid.text.utf8.dropFirst(2)
        let high = digits.prefix(16).reduce(UInt64(0)) { $0 << 4 | UInt64(Hex.value(of: $1) ?? 0) }
        let low = digits.dropFirst(16).reduce(UInt64(0)) { $0 << 4 | UInt64(Hex.value(of: $1) ?? 0) }
        text = Self.derivedPrefix + Self.encode(high: high, low: low)
    }

    /// - Returns: `nil` unless `text` has the exact form of our ids.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        let start: Int
        if bytes.count == 31, text.utf8.starts(with: Self.prefix.utf8) {
            start = 5
        } else if bytes.count == 32, text.utf8.starts(with: Self.derivedPrefix.utf8) {
            start = 6
        } else {
            return nil
        }
        // 26 characters hold 130 bits: the first may only be 0…7.
        guard UInt8(ascii: "0")...UInt8(ascii: "7") ~= bytes[start],
            bytes[start...].allSatisfy({ Self.alphabet.contains($0) })
        else { return nil }
        self.text = text
    }

    /// Whether the id was derived from a CallSid that arrived without one of our ids.
    package var isDerived: Bool { text.utf8.count == 32 }

    /// When the id was made; `nil` of a derived one.
    package var time: Timestamp? {
        guard !isDerived else { return nil }
        var milliseconds: Int64 = 0
        for byte in text.utf8.dropFirst(5).prefix(10) {
            milliseconds = milliseconds << 5 | Int64(Self.alphabet.firstIndex(of: byte) ?? 0)
        }
        return Timestamp(milliseconds: milliseconds)
    }

    package var description: String { text }

    private static let prefix = "call_"
    private static let derivedPrefix = "call_x"
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    private static func encode(high: UInt64, low: UInt64) -> String {
        var (high, low) = (high, low)
        var characters = [UInt8](repeating: 0, count: 26)
        for index in characters.indices.reversed() {
            characters[index] = alphabet[Int(low & 31)]
            low = low >> 5 | high << 59
            high >>= 5
        }
        return String(decoding: characters, as: UTF8.self)
    }
}
