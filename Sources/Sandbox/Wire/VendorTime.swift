import FoundationEssentials

/// The vendors' ways to write a time, always UTC.
enum VendorTime {
    /// RFC 2822 with a resolution of one second, as in Twilio's REST API and status callbacks:
    /// `Sun, 22 Nov 2026 11:46:05 +0000`.
    static func rfc2822(_ date: Date) -> String {
        let parts = Parts(date)
        let day = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][parts.days % 7]
        let month =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][parts.month - 1]
        return "\(day), \(two(parts.day)) \(month) \(parts.year) "
            + "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)) +0000"
    }

    /// ISO 8601 with microseconds, as at Ultravox: `2026-03-08T19:04:22.602008Z`.
    static func iso8601(_ date: Date, zone: String = "Z") -> String {
        let parts = Parts(date)
        let fraction = String(parts.microsecond)
        return "\(parts.year)-\(two(parts.month))-\(two(parts.day))T"
            + "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))."
            + String(repeating: "0", count: 6 - fraction.count) + fraction + zone
    }

    /// A date (`2026-11-22`, then `isDay`) or a date with time, as in the filters of lists.
    static func parse(_ text: String) -> (date: Date, isDay: Bool)? {
        if let day = try? Date(text, strategy: .iso8601.year().month().day()), text.utf8.count == 10 {
            return (day, true)
        }
        if let time = try? Date(text, strategy: .iso8601) { return (time, false) }
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return (try? Date(text, strategy: fractional)).map { ($0, false) }
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    /// The civil date of an instant, by the proleptic Gregorian calendar.
    private struct Parts {
        let days: Int
        let year: Int
        let month: Int
        let day: Int
        let hour: Int
        let minute: Int
        let second: Int
        let microsecond: Int

        init(_ date: Date) {
            let microseconds = Int((date.timeIntervalSince1970 * 1_000_000).rounded(.down))
            let seconds = microseconds / 1_000_000
            days = seconds / 86400
            hour = seconds % 86400 / 3600
            minute = seconds % 3600 / 60
            second = seconds % 60
            microsecond = microseconds % 1_000_000
            let shifted = days + 719_468
            let era = shifted / 146_097
            let dayOfEra = shifted % 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let shiftedMonth = (5 * dayOfYear + 2) / 153
            day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
            month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
            year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        }
    }
}
