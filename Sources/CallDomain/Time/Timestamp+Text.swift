extension Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-11-22T11:46:05.123Z`.
    package var rfc3339: String {
        var text: [UInt8] = []
        text.reserveCapacity(24)
        appendRFC3339(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends what ``rfc3339`` is.
    func appendRFC3339(to text: inout [UInt8]) {
        let civil = CivilTime(self)
        Self.append(civil.year, width: 4, then: "-", to: &text)
        Self.append(civil.month, width: 2, then: "-", to: &text)
        Self.append(civil.day, width: 2, then: "T", to: &text)
        Self.append(civil.hour, width: 2, then: ":", to: &text)
        Self.append(civil.minute, width: 2, then: ":", to: &text)
        Self.append(civil.second, width: 2, then: ".", to: &text)
        Self.append(civil.millisecond, width: 3, then: "Z", to: &text)
    }

    /// A full date-time of ISO 8601 as vendors write it: date, `T`, time with 0 to 9 decimals, then `Z`, a numeric
    /// offset, or nothing (read as UTC).
    ///
    /// - Returns: `nil` for anything else. A date alone or an epoch number is no time at which somebody signed.
    package init?(iso8601 text: String) {
        var reader = DigitReader(text)
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), reader.take("T") || reader.take("t"), let hour = reader.digits(2),
            reader.take(":"), let minute = reader.digits(2), reader.take(":"), let second = reader.digits(2)
        else { return nil }
        var civil = CivilTime(year: year, month: month, day: day)
        (civil.hour, civil.minute, civil.second) = (hour, minute, second)
        if reader.take(".") {
            guard let milliseconds = reader.fraction() else { return nil }
            civil.millisecond = milliseconds
        }
        guard let local = civil.timestamp, let offset = reader.offset(colon: true) ?? (reader.isAtEnd ? 0 : nil),
            reader.isAtEnd
        else { return nil }
        self.init(milliseconds: local.milliseconds - Int64(offset) * 60_000)
    }

    /// The date of RFC 2822 as Twilio writes it: `Sun, 22 Nov 2026 11:46:05 +0000`.
    package init?(rfc2822 text: String) {
        var reader = DigitReader(text)
        guard reader.word(of: Self.weekdays) != nil, reader.take(","), reader.take(" "),
            let day = reader.digits(2), reader.take(" "), let month = reader.word(of: Self.months), reader.take(" "),
            let year = reader.digits(4), reader.take(" "), let hour = reader.digits(2), reader.take(":"),
            let minute = reader.digits(2), reader.take(":"), let second = reader.digits(2), reader.take(" ")
        else { return nil }
        var civil = CivilTime(year: year, month: month + 1, day: day)
        (civil.hour, civil.minute, civil.second) = (hour, minute, second)
        let zone = reader.take("GMT") ? 0 : reader.offset(colon: false)
        guard let local = civil.timestamp, let zone, reader.isAtEnd else { return nil }
        self.init(milliseconds: local.milliseconds - Int64(zone) * 60_000)
    }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Appends a number, padded with zeros, and the character behind it.
    private static func append(_ value: Int, width: Int, then mark: Unicode.Scalar, to text: inout [UInt8]) {
        var unit = 1
        for _ in 1..<width { unit *= 10 }
        if (0..<(unit * 10)).contains(value) {
            while unit > 0 {
                text.append(UInt8(ascii: "0") + UInt8(value / unit % 10))
                unit /= 10
            }
        } else {
            // Only a year has more digits.
            text.append(contentsOf: String(value).utf8)
        }
        text.append(UInt8(ascii: mark))
    }
}

/// Reads fixed-width fields of ASCII text.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        let field = rest.prefix(count)
        guard field.count == count, field.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        rest = rest.dropFirst(count)
        return field.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    mutating func word(of words: [String]) -> Int? {
        for (index, word) in words.enumerated() where take(word) { return index }
        return nil
    }

    /// Milliseconds of a decimal fraction of 1 to 9 digits.
    mutating func fraction() -> Int? {
        let field = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard (1...9).contains(field.count) else { return nil }
        rest = rest.dropFirst(field.count)
        var digits = field.prefix(3).map { Int($0 - UInt8(ascii: "0")) }
        while digits.count < 3 { digits.append(0) }
        return digits.reduce(0) { $0 * 10 + $1 }
    }

    /// Minutes east of UTC.
    mutating func offset(colon: Bool) -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign: Int
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), hours <= 23, !colon || take(":"), let minutes = digits(2), minutes <= 59 else {
            return nil
        }
        return sign * (hours * 60 + minutes)
    }
}
