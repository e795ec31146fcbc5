/// Which country and which service numbers belong to.
/// - SeeAlso: https://www.itu.int/oth/T0202.aspx?parent=T0202
struct NumberingPlan: Sendable {
    /// What a number is for. All but ``ordinary`` are never called.
    enum Service: String, Sendable, CaseIterable {
        /// Fixed, mobile, free-phone and internet telephony, and the numbers of organisations (geographic rate).
        case ordinary
        case premium
        case shared
        case personal
        case pager
        case voicemail
        case satellite
        /// Codes that the ITU gave to networks and services without a country.
        case network
        case short
    }

    enum Assignment: Equatable {
        /// The country is nil for numbers of no country, which are never ``Service/ordinary``.
        case assigned(Country?, Service)
        /// Shorter than any number that begins so.
        case tooShort
        /// As long as no number that begins so, but not shorter than all.
        case noSuchLength
        case unassigned
    }

    /// What follows one calling code.
    struct Area: Sendable {
        /// The ranges that can begin with each digit, in the order in which they are asked.
        private(set) var ranges = Array(repeating: [NumberRange](), count: 10)
        /// The length of the shortest ordinary numbers.
        private(set) var shortest = Int.max

        mutating func append(_ range: NumberRange) {
            for digit in ranges.indices where range.beginning.first?.contains(digit) ?? true {
                ranges[digit].append(range)
            }
            if range.service == .ordinary { shortest = min(shortest, range.lengths.smallest) }
        }

        func assignment(of digits: ArraySlice<Int>) -> Assignment {
            guard let first = digits.first else { return .tooShort }
            let alike = ranges[first].filter { $0.begins(digits) }
            if let range = alike.first(where: { $0.lengths.contains(digits.count) }) {
                return .assigned(range.country, range.service)
            }
            if digits.count < alike.map(\.lengths.smallest).min() ?? shortest { return .tooShort }
            return alike.isEmpty ? .unassigned : .noSuchLength
        }
    }

    /// By calling code.
    let areas: [Int: Area]

    static let world = NumberingPlan(table: NumberingPlanTable.text)

    func assignment(of number: PhoneNumber) -> Assignment {
        let digits = number.text.utf8.dropFirst().map { Int($0 - UInt8(ascii: "0")) }
        // No calling code is the beginning of another, so that the first that fits is the only one.
        var code = 0
        for length in 1...min(3, digits.count) {
            code = code * 10 + digits[length - 1]
            if let area = areas[code] { return area.assignment(of: digits[length...]) }
        }
        return .unassigned
    }
}
