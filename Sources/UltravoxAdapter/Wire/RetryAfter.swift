import CallDomain

/// How long a vendor asks us to wait.
/// - SeeAlso: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
enum RetryAfter {
    /// Reads whole seconds, or a date in GMT as the distance from `now`.
    /// - Returns: `nil` if `value` is neither, or further away than is believed; zero of a date that has passed.
    static func duration(from value: String, now: Timestamp) -> Duration? {
        let digits = value.utf8
        if (1...9).contains(digits.count), digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            return UltravoxBounds.retryAfter.only(Int(value).map { .seconds($0) })
        }
        guard let date = Timestamp(rfc2822: value) else { return nil }
        return UltravoxBounds.retryAfter.only(max(date - now, .zero))
    }
}
