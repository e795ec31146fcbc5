/// Numbers of one calling code that begin alike and have the same country, service and lengths.
struct NumberRange: Sendable, Equatable {
    /// Numbers from 0 to 15: digits, or lengths.
    struct Small: Sendable, Equatable {
        private(set) var bits: UInt16 = 0

        func contains(_ number: Int) -> Bool { bits & (1 << UInt16(number)) != 0 }
        mutating func insert(_ numbers: ClosedRange<Int>) {
            for number in numbers { bits |= 1 << UInt16(number) }
        }
        mutating func formUnion(_ other: Self) { bits |= other.bits }
        var numbers: [Int] { (0...15).filter(contains) }
        /// 16 where there is none.
        var smallest: Int { bits.trailingZeroBitCount }
    }

    /// Nil for numbers of no country.
    let country: Country?
    let service: NumberingPlan.Service
    /// Of what follows the calling code.
    let lengths: Small
    /// One set of digits for each place after the calling code; empty where any digit will do.
    let beginning: [Small]

    /// Digits that end too early begin so if more digits could make them.
    func begins(_ digits: ArraySlice<Int>) -> Bool {
        var place = digits.startIndex
        for allowed in beginning {
            guard place < digits.endIndex else { return true }
            guard allowed.contains(digits[place]) else { return false }
            place += 1
        }
        return true
    }
}
