/// A duration of protobuf's JSON form: `"0.640s"`.
struct ProtoDuration: Sendable, Equatable {
    let seconds: Double
    /// With 0, 3, 6 or 9 decimals, as replies have it.
    let normalized: String

    /// Accepts `^-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,9})?s$`.
    init?(_ text: String) {
        guard text.hasSuffix("s") else { return nil }
        let isNegative = text.hasPrefix("-")
        let number = text.dropFirst(isNegative ? 1 : 0).dropLast()
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isDigits: (Substring) -> Bool = { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard let whole = parts.first, (1...12).contains(whole.utf8.count), isDigits(whole),
            whole == "0" || !whole.hasPrefix("0")
        else { return nil }
        var fraction = Substring()
        if parts.count > 1 {
            fraction = parts[1]
            guard (1...9).contains(fraction.utf8.count), isDigits(fraction) else { return nil }
        }
        guard let magnitude = Double("\(whole).\(fraction.isEmpty ? "0" : fraction)") else { return nil }
        seconds = isNegative ? -magnitude : magnitude
        while fraction.hasSuffix("0") { fraction = fraction.dropLast() }
        let decimals = (fraction.utf8.count + 2) / 3 * 3
        let padded = fraction + String(repeating: "0", count: decimals - fraction.utf8.count)
        normalized = (isNegative ? "-" : "") + whole + (padded.isEmpty ? "" : "." + padded) + "s"
    }
}
