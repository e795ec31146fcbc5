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
        guard let number = Base32.number(of: bytes.suffix(Base32.length)) else { return nil }
        (high, low) = number
    }

    /// The CallSid from which the id was derived, in small letters as Twilio writes them; `nil` of an id of our own.
    package var derivation: CallSid? { isDerived ? CallSid(digits: SidDigits(high: high, low: low)) : nil }

    /// When the id was made; `nil` of a derived one.
    package var time: Timestamp? { isDerived ? nil : Timestamp(milliseconds: Int64(high >> 16)) }

    package var text: String { Base32.text(prefix: isDerived ? Self.derivedPrefix : Self.prefix, high, low) }

    package var description: String { text }

    package static func < (left: CallID, right: CallID) -> Bool {
        // The x of a derived id comes after every digit with which another one can go on.
        if left.isDerived != right.isDerived { return right.isDerived }
        return (left.high, left.low) < (right.high, right.low)
    }

    private static let prefix = "call_"
    private static let derivedPrefix = "call_x"
}
