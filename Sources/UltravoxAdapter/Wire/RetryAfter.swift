import CallDomain

/// How long a vendor asks us to wait.
/// - SeeAlso: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
enum RetryAfter {
    /// The longest wait that we believe.
    private static let maximum = Duration.seconds(24 * 3600)

    /// Reads whole seconds, or a date in GMT as the distance from `now`.
    /// - Returns: `nil` if `value` is neither.
    static func duration(from value: String, now: Timestamp) -> Duration? {
        let digits = value.utf8
        if (1...9).contains(digits.count), digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            return Int(value).map { min(.seconds($0), maximum) }
        }
        guard let date = Timestamp(rfc2822: value) else { return nil }
        return min(max(date - now, .zero), maximum)
    }
}
