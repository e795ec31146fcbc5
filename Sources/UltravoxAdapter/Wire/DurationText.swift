import CallDomain

/// Durations as Ultravox writes them: seconds with a suffix, such as `"30s"` and `"0.640s"`. Numbers and other units
/// are refused by the service.
/// - SeeAlso: https://docs.ultravox.ai/api-reference/introduction
enum DurationText {
    /// With milliseconds where there are any. A negative duration becomes `0s`.
    static func text(of duration: Duration) -> String {
        let milliseconds = max(0, duration.milliseconds)
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        guard rest > 0 else { return "\(seconds)s" }
        let digits = String(rest)
        return "\(seconds).\(String(repeating: "0", count: 3 - digits.utf8.count))\(digits)s"
    }

    /// - Returns: `nil` unless `text` matches `^-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,9})?s$`.
    static func duration(from text: String) -> Duration? {
        var rest = text.utf8[...]
        guard rest.popLast() == UInt8(ascii: "s") else { return nil }
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let seconds = parts.first, let whole = number(seconds, upTo: 12),
            seconds.count == 1 || seconds.first != UInt8(ascii: "0")
        else { return nil }
        var nanoseconds: Int64 = 0
        switch parts.count {
        case 1: break
        case 2:
            guard let fraction = number(parts[1], upTo: 9) else { return nil }
            nanoseconds = (parts[1].count..<9).reduce(fraction) { scaled, _ in scaled * 10 }
        default: return nil
        }
        let duration = Duration.seconds(whole) + .nanoseconds(nanoseconds)
        return isNegative ? .zero - duration : duration
    }

    private static func number(_ digits: Substring.UTF8View, upTo count: Int) -> Int64? {
        guard (1...count).contains(digits.count),
            digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
}

extension JSONValue {
    /// The moment that a text of ISO 8601 names, within what is plausible; `nil` of anything else.
    var timestamp: Timestamp? { UltravoxBounds.time.only(stringValue.flatMap { Timestamp(iso8601: $0) }) }

    /// The time that a text such as `"0.640s"` names, within `range`; `nil` of anything else.
    func duration(in range: ClosedRange<Duration>) -> Duration? {
        range.only(stringValue.flatMap(DurationText.duration(from:)))
    }
}
