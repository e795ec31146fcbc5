/// A UUID by which Ultravox names a resource, in the usual 8-4-4-4-12 form.
///
/// Ids are ordered as the bytes of their texts are.
package protocol UltravoxID: Sendable, Hashable, Comparable, CustomStringConvertible {
    var uuid: UUIDNumber { get }
    init(uuid: UUIDNumber)
}

extension UltravoxID {
    /// - Returns: `nil` unless `text` is a UUID.
    package init?(_ text: String) {
        guard let uuid = UUIDNumber(text) else { return nil }
        self.init(uuid: uuid)
    }

    /// Lower case, so that two spellings of one UUID are one identifier.
    package var text: String { uuid.text }
    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.uuid < right.uuid }
}

/// The 128 bits of a UUID.
package struct UUIDNumber: Sendable, Hashable, Comparable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    fileprivate init?(_ text: String) {
        guard text.utf8.count == 36 else { return nil }
        var (high, low, index) = (UInt64(0), UInt64(0), 0)
        for byte in text.utf8 {
            if Self.dashes.contains(index) {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let value = Hex.value(of: byte) else { return nil }
                high = high << 4 | low >> 60
                low = low << 4 | UInt64(value)
            }
            index += 1
        }
        (self.high, self.low) = (high, low)
    }

    fileprivate var text: String {
        String(unsafeUninitializedCapacity: 36) { bytes in
            var digit = 0
            for index in 0..<36 {
                if Self.dashes.contains(index) {
                    bytes[index] = UInt8(ascii: "-")
                } else {
                    let value = (digit < 16 ? high : low) >> UInt64(60 - digit % 16 * 4) & 15
                    bytes[index] = Hex.digit(UInt8(value))
                    digit += 1
                }
            }
            return 36
        }
    }

    package static func < (left: UUIDNumber, right: UUIDNumber) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static let dashes = [8, 13, 18, 23]
}

/// An agent at Ultravox.
package struct AgentID: UltravoxID {
    package let uuid: UUIDNumber
    package init(uuid: UUIDNumber) { self.uuid = uuid }
}

/// A conversation of an agent at Ultravox (`callId`).
package struct UltravoxCallID: UltravoxID {
    package let uuid: UUIDNumber
    package init(uuid: UUIDNumber) { self.uuid = uuid }
}
