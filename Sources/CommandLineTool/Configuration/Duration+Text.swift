/// Durations as they are written in configuration: a whole number and one unit, `500ms`, `30s`, `15m`, `24h`, `7d`.
extension Duration {
    /// - Returns: `nil` for any other spelling, and for what is longer than 100,000 days.
    init?(settingText text: String) {
        let digits = text.utf8.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard !digits.isEmpty, let count = Int64(Substring(digits)),
            let unit = Self.units.first(where: { $0.name.utf8.elementsEqual(text.utf8.dropFirst(digits.count)) })
        else { return nil }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow, milliseconds <= 100_000 * 86_400_000 else { return nil }
        self = .milliseconds(milliseconds)
    }

    /// In the largest unit that leaves a whole number; less than a millisecond is dropped.
    var settingText: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "0s" }
        for unit in Self.units where milliseconds.isMultiple(of: unit.milliseconds) {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }

    /// Largest first.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]
}
