/// A Twilio string identifier: two capital letters and 32 hexadecimal digits.
///
/// Sids are ordered as the bytes of their texts are.
/// - SeeAlso: https://www.twilio.com/docs/glossary/what-is-a-sid
package protocol Sid: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The two letters that identify the kind of resource.
    static var prefix: String { get }
    var digits: SidDigits { get }
    init(digits: SidDigits)
}

extension Sid {
    /// - Returns: `nil` unless `text` is the prefix followed by exactly 32 ASCII hex digits.
    package init?(_ text: String) {
        guard text.utf8.count == 34, text.utf8.starts(with: Self.prefix.utf8),
            let digits = SidDigits(text.utf8.dropFirst(2))
        else { return nil }
        self.init(digits: digits)
    }

    package var text: String { Self.prefix + digits.text }
    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.digits < right.digits }
}

/// The digits of a Sid in the case in which they were written, without a text in memory.
package struct SidDigits: Sendable, Hashable, Comparable {
    /// The value of the first 16 digits.
    package let high: UInt64
    /// The value of the last 16 digits.
    package let low: UInt64
    /// A bit for each digit that is a capital letter, the highest one for the first digit. Twilio writes none.
    package let capitals: UInt32

    /// - Returns: `nil` unless these are 32 ASCII hex digits.
    init?(_ bytes: some Collection<UInt8>) {
        var (high, low, capitals, count) = (UInt64(0), UInt64(0), UInt32(0), 0)
        for byte in bytes {
            guard let value = Hex.value(of: byte) else { return nil }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(value)
            capitals = capitals << 1 | (UInt8(ascii: "A")...UInt8(ascii: "F") ~= byte ? 1 : 0)
            count += 1
        }
        guard count == 32 else { return nil }
        (self.high, self.low, self.capitals) = (high, low, capitals)
    }

    /// In small letters.
    init(high: UInt64, low: UInt64) { (self.high, self.low, capitals) = (high, low, 0) }

    /// - Returns: `nil` if one of `capitals` is no letter.
    package init?(high: UInt64, low: UInt64, capitals: UInt32) {
        (self.high, self.low, self.capitals) = (high, low, capitals)
        guard capitals == 0 || (0..<32).allSatisfy({ capitals >> UInt32(31 - $0) & 1 == 0 || value(at: $0) > 9 })
        else { return nil }
    }

    /// The value of the digit at `index`, from 0 to 31.
    private func value(at index: Int) -> UInt8 {
        UInt8((index < 16 ? high : low) >> UInt64(60 - index % 16 * 4) & 15)
    }

    var text: String {
        String(unsafeUninitializedCapacity: 32) { bytes in
            for index in 0..<32 {
                let isCapital = capitals >> UInt32(31 - index) & 1 == 1
                bytes[index] = Hex.digit(value(at: index), isCapital: isCapital)
            }
            return 32
        }
    }

    package static func < (left: SidDigits, right: SidDigits) -> Bool {
        // In ASCII, capitals stand before small letters.
        if left.capitals | right.capitals != 0 { return left.text < right.text }
        return (left.high, left.low) < (right.high, right.low)
    }
}

/// A phone call at Twilio.
package struct CallSid: Sid {
    package static let prefix = "CA"
    package let digits: SidDigits
    package init(digits: SidDigits) { self.digits = digits }
}

/// A Twilio account.
package struct AccountSid: Sid {
    package static let prefix = "AC"
    package let digits: SidDigits
    package init(digits: SidDigits) { self.digits = digits }
}

/// A media stream of a call.
package struct StreamSid: Sid {
    package static let prefix = "MZ"
    package let digits: SidDigits
    package init(digits: SidDigits) { self.digits = digits }
}

/// A recording of a call.
package struct RecordingSid: Sid {
    package static let prefix = "RE"
    package let digits: SidDigits
    package init(digits: SidDigits) { self.digits = digits }
}
