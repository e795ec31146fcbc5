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
        /// Numbers that begin so have other lengths.
        case wrongLength(NumberLength)
        case unassigned
    }

    /// What follows one calling code.
    struct Area: Sendable {
        /// The ranges that can begin with each digit, in the order in which they are asked.
        private(set) var ranges = Array(repeating: [NumberRange](), count: 10)
        /// The lengths of ordinary numbers.
        private(set) var ordinary = NumberRange.Small()

        mutating func append(_ range: NumberRange) {
            for digit in ranges.indices where range.beginning.first?.contains(digit) ?? true {
                ranges[digit].append(range)
            }
            if range.service == .ordinary { ordinary.formUnion(range.lengths) }
        }

        func assignment(of digits: ArraySlice<Int>, behind code: Int) -> Assignment {
            let alike = digits.first.map { first in ranges[first].filter { $0.begins(digits) } } ?? []
            if let range = alike.first(where: { $0.lengths.contains(digits.count) }) {
                return .assigned(range.country, range.service)
            }
            guard !alike.isEmpty || digits.count < ordinary.smallest else { return .unassigned }
            var possible = alike.isEmpty ? ordinary : NumberRange.Small()
            for range in alike { possible.formUnion(range.lengths) }
            return .wrongLength(NumberLength(callingCode: code, digits: digits.count, possible: possible.numbers))
        }
    }

    /// By calling code.
    let areas: [Int: Area]

    static let world = NumberingPlan(table: NumberingPlanTable.text)

    func assignment(of number: PhoneNumber) -> Assignment {
        guard let code = callingCode(of: number), let area = areas[code] else { return .unassigned }
        let digits = number.text.utf8.dropFirst().map { Int($0 - UInt8(ascii: "0")) }
        return area.assignment(of: digits.dropFirst(String(code).utf8.count), behind: code)
    }

    /// - Returns: `nil` for a number that begins like those of no country and no network.
    func callingCode(of number: PhoneNumber) -> Int? {
        // No calling code is the beginning of another, so that the first that fits is the only one.
        var code = 0
        for digit in number.text.utf8.dropFirst().prefix(3) {
            code = code * 10 + Int(digit - UInt8(ascii: "0"))
            if areas[code] != nil { return code }
        }
        return nil
    }
}
