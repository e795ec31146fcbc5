/// Our name of a call.
///
/// `call_` and 26 characters of Crockford's base 32 in lower case: 48 bits of milliseconds, then 80 random bits, so
/// that ids sort by age and cannot be guessed. The id of a call that came to us by CallSid alone is `call_x` and the
/// same encoding of the CallSid's 128 bits, so that every replica derives the same. Ids are ordered as the bytes of their
/// texts are.
package struct CallID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64
    /// Whether the id was derived from a CallSid that arrived without one of our ids.
    package let isDerived: Bool

    /// A new id with 80 random bits: 16 in `high`, 64 in `low`.
    package init(at time: Timestamp, random: (high: UInt16, low: UInt64)) {
        high = UInt64(truncatingIfNeeded: time.milliseconds) << 16 | UInt64(random.high)
        low = random.low
        isDerived = false
    }

    /// The id of these 128 bits.
    package init(high: UInt64, low: UInt64, isDerived: Bool) {
        (self.high, self.low, self.isDerived) = (high, low, isDerived)
    }

    /// The id of a call that we know by its CallSid alone.
    package init(derivedFrom sid: CallSid) {
        high = sid.digits.high
        low = sid.digits.low
        isDerived = true
    }

    /// - Returns: `nil` unless `text` has the exact form of our ids.
    package init?(_ text: String) {
        let bytes = text.utf8
        switch bytes.count {
        case 31 where bytes.starts(with: Self.prefix.utf8): isDerived = false
        case 32 where bytes.starts(with: Self.derivedPrefix.utf8): isDerived = true
        default: return nil
        }
        let characters = bytes.suffix(26)
        // 26 characters hold 130 bits: the first may only be 0…7.
        guard let first = characters.first, first <= UInt8(ascii: "7") else { return nil }
        var (high, low) = (UInt64(0), UInt64(0))
        for character in characters {
            let value = Self.values[Int(character)]
            guard value < 32 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        (self.high, self.low) = (high, low)
    }

    /// The CallSid from which the id was derived, in small letters as Twilio writes them; `nil` of an id of our own.
    package var derivation: CallSid? { isDerived ? CallSid(digits: SidDigits(high: high, low: low)) : nil }

    /// When the id was made; `nil` of a derived one.
    package var time: Timestamp? { isDerived ? nil : Timestamp(milliseconds: Int64(high >> 16)) }

    package var text: String {
        let prefix = isDerived ? Self.derivedPrefix : Self.prefix
        let count = prefix.utf8.count + 26
        return String(unsafeUninitializedCapacity: count) { bytes in
            _ = bytes.update(fromContentsOf: prefix.utf8)
            var (high, low) = (high, low)
            for index in stride(from: count - 1, through: count - 26, by: -1) {
                bytes[index] = Self.alphabet[Int(low & 31)]
                low = low >> 5 | high << 59
                high >>= 5
            }
            return count
        }
    }

    package var description: String { text }

    package static func < (left: CallID, right: CallID) -> Bool {
        // The x of a derived id comes after every digit with which another one can go on.
        if left.isDerived != right.isDerived { return right.isDerived }
        return (left.high, left.low) < (right.high, right.low)
    }

    private static let prefix = "call_"
    private static let derivedPrefix = "call_x"
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    /// The value of each character; 255 of those that do not belong to the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
}
