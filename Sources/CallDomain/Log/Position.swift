/// A place in the log. Later records have greater positions; readers see it as text.
///
/// Two numbers, so that it also holds the id of an entry in a shared stream (milliseconds and a count); a log of one
/// process counts in `low` alone.
package struct Position: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64 = 0, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Before every record.
    package static let start = Position(low: 0)

    /// The place after this one in the log of one process.
    package var next: Position { Position(high: high, low: low + 1) }

    package static func < (left: Position, right: Position) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }

    /// `7`, or `1795000000000-7`.
    package var description: String { high == 0 ? "\(low)" : "\(high)-\(low)" }

    /// - Returns: `nil` unless `text` is what ``description`` gives.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
        switch (parts.count, parts.first ?? nil, parts.last ?? nil) {
        case (1, let low?, _): self.init(low: low)
        case (2, let high?, let low?): self.init(high: high, low: low)
        default: return nil
        }
        guard description.utf8.elementsEqual(text.utf8) else { return nil }
    }
}
