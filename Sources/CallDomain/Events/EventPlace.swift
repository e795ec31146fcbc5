/// Where an event stands among all: the position of its record, and which of the events of that record it is.
///
/// Nearly every record is told as one event, whose place is written as the position is. Of several, the last one has that
/// place, and the others the same with a number: `7.1`, `7.2`, `7`. So the place of the last event that somebody has seen
/// says all that he has seen.
package struct EventPlace: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let position: Position
    /// From 1 on; ``last`` of the last event of the record.
    package let part: UInt8

    package static let last = UInt8.max

    package init(_ position: Position, part: UInt8 = Self.last) {
        self.position = position
        self.part = part
    }

    package static func < (left: EventPlace, right: EventPlace) -> Bool {
        left.position == right.position ? left.part < right.part : left.position < right.position
    }

    package var description: String { part == Self.last ? "\(position)" : "\(position).\(part)" }

    /// - Returns: `nil` unless `text` is what ``description`` gives.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let position = Position(String(first)) else { return nil }
        guard parts.count == 2 else {
            self.init(position)
            return
        }
        guard let part = UInt8(parts[1]), part > 0, part < Self.last, "\(part)" == parts[1] else { return nil }
        self.init(position, part: part)
    }
}

/// One event, as it is published: something that a change of a call is told as.
package struct CallNotice: Sendable, Equatable {
    package let place: EventPlace
    package let news: CallNews
    /// When the change became known to us.
    package let at: Timestamp
    /// As the change left it.
    package let call: Call

    package init(place: EventPlace, news: CallNews, at: Timestamp, call: Call) {
        self.place = place
        self.news = news
        self.at = at
        self.call = call
    }
}
