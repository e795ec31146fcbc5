/// How often something took how long, in buckets that are a thirty-second of their own lower bound wide: the memory does
/// not grow with the measurements.
struct Durations {
    private static let fineness = 5

    private var buckets = [Int](repeating: 0, count: 64 << Self.fineness)
    private(set) var count = 0
    /// Exact, in nanoseconds.
    private(set) var longest: UInt64 = 0
    /// The same, of the shorter of two measurements of the same work.
    private(set) var longestTwice: UInt64 = 0

    mutating func add(_ nanoseconds: UInt64) {
        buckets[Self.bucket(of: nanoseconds)] += 1
        count += 1
        longest = max(longest, nanoseconds)
    }

    /// The same work was measured before.
    mutating func compare(_ nanoseconds: UInt64, with before: UInt64) {
        longestTwice = max(longestTwice, min(nanoseconds, before))
    }

    /// In nanoseconds, the upper bound of its bucket.
    func quantile(_ share: Double) -> UInt64 {
        var rest = Int((Double(count) * share).rounded(.up))
        for (index, number) in buckets.enumerated() {
            rest -= number
            if rest <= 0 { return min(Self.upperBound(of: index), longest) }
        }
        return longest
    }

    private static func bucket(of value: UInt64) -> Int {
        guard value >> fineness > 0 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount - fineness
        return (exponent + 1) << fineness + Int(value >> UInt64(exponent)) - 1 << fineness
    }

    private static func upperBound(of index: Int) -> UInt64 {
        guard index >> fineness > 0 else { return UInt64(index) }
        let exponent = index >> fineness - 1
        let mantissa = UInt64(index & (1 << fineness - 1) + 1 << fineness)
        return (mantissa + 1) << UInt64(exponent) - 1
    }
}

/// What is measured under its own name.
enum Kind: String, CaseIterable {
    case order = "hold: commit of an order"
    case note = "hold: commit of an intent or of Twilio's answer"
    case answer = "hold: commit of a kept answer"
    case status = "hold: commit of a status webhook"
    case repeated = "hold: commit of a repeated webhook"
    case idle = "hold: tidy step in which no call leaves"
    case room = "hold: tidy step that makes room"
    case retention = "hold: tidy step by retention"
    case readByID = "hold: look-up by our id"
    case readBySid = "hold: look-up by CallSid"
    case readPage = "hold: list page of 50"
    case lookUpByID = "latency: look-up by our id"
    case lookUpBySid = "latency: look-up by CallSid"
    case page = "latency: list page of 50"

    var isHold: Bool { rawValue.hasPrefix("hold") }
}

struct Figures {
    private var durations: [Durations] = Kind.allCases.map { _ in Durations() }
    private static let places = Dictionary(uniqueKeysWithValues: zip(Kind.allCases, Kind.allCases.indices))

    subscript(kind: Kind) -> Durations {
        get { durations[Self.places[kind] ?? 0] }
        _modify { yield &durations[Self.places[kind] ?? 0] }
    }

    mutating func add(_ others: Figures, of kinds: [Kind]) {
        for kind in kinds { self[kind] = others[kind] }
    }

    /// A Markdown table in microseconds.
    var table: String {
        let rows = Kind.allCases.filter { self[$0].count > 0 }.map { kind in
            let durations = self[kind]
            let figures =
                [
                    durations.quantile(0.5), durations.quantile(0.99), durations.quantile(0.9999), durations.longest,
                ].map(Self.microseconds) + [kind.isHold ? Self.microseconds(durations.longestTwice) : "–"]
            return "| \(kind.rawValue) | \(durations.count) | \(figures.joined(separator: " | ")) |"
        }
        return
            ([
                "| Microseconds | Times | Median | p99 | p99.99 | Longest | Longest twice |",
                "|---|---|---|---|---|---|---|",
            ] + rows)
            .joined(separator: "\n")
    }

    private static func microseconds(_ nanoseconds: UInt64) -> String {
        "\(nanoseconds / 1000).\(nanoseconds % 1000 / 100)"
    }
}
