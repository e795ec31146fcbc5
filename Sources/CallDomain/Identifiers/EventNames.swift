/// The name of a subscription: `sub_` and 26 characters, time first, then random.
package struct SubscriptionID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// A new one with 80 random bits.
    package init(at time: Timestamp, random: (high: UInt16, low: UInt64)) {
        self.init(high: UInt64(truncatingIfNeeded: time.milliseconds) << 16 | UInt64(random.high), low: random.low)
    }

    /// - Returns: `nil` unless `text` has the exact form of these names.
    package init?(_ text: String) {
        guard text.utf8.starts(with: Self.prefix.utf8),
            let number = Base32.number(of: text.utf8.dropFirst(Self.prefix.utf8.count))
        else { return nil }
        self.init(high: number.high, low: number.low)
    }

    package var text: String { Base32.text(prefix: Self.prefix, high, low) }
    package var description: String { text }

    package static func < (left: SubscriptionID, right: SubscriptionID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static let prefix = "sub_"
}

/// The name of a delivery, which its receiver sees as `webhook-id`: `msg_` and 26 characters, derived from what is delivered
/// and to whom, so that a repetition has the same.
package struct DeliveryID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// - Returns: `nil` unless `text` has the exact form of these names.
    package init?(_ text: String) {
        guard text.utf8.starts(with: Self.prefix.utf8),
            let number = Base32.number(of: text.utf8.dropFirst(Self.prefix.utf8.count))
        else { return nil }
        self.init(high: number.high, low: number.low)
    }

    package var text: String { Base32.text(prefix: Self.prefix, high, low) }
    package var description: String { text }

    package static func < (left: DeliveryID, right: DeliveryID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static let prefix = "msg_"
}
