/// Spellings of numbers that countries have given up, or that only work inside of them.
///
/// Two spellings of one telephone would be two locks and two cool-downs. So a spelling is put right where nobody else can
/// have the number that it is put right to; where the country's change is sure but we would rather not guess who is
/// meant, the right spelling is only named.
enum NumberSpelling {
    /// A spelling and what it has become.
    fileprivate struct Change {
        /// The calling code.
        let code: String
        /// What follows the calling code must have this length …
        let length: Int
        /// … and begin with one of these.
        let beginnings: [String]
        let isCertain: Bool
        /// What follows the calling code today.
        let today: @Sendable (Substring) -> String
    }

    private static let changes: [Change] = [
        // Mexico dropped the 1 before mobile numbers on 3 August 2019; no area code begins with 1.
        // https://en.wikipedia.org/wiki/Telephone_numbers_in_Mexico
        Change(code: "52", length: 11, beginnings: ["1"], isCertain: true) { String($0.dropFirst()) },
        // Colombia gave fixed numbers ten digits on 1 September 2021.
        // https://en.wikipedia.org/wiki/Telephone_numbers_in_Colombia
        Change(code: "57", length: 8, beginnings: ["1", "2", "4", "5", "6", "7", "8"], isCertain: false) { "60" + $0 },
        // Benin put 01 before all numbers on 30 November 2024.
        // https://en.wikipedia.org/wiki/Telephone_numbers_in_Benin
        Change(code: "229", length: 8, beginnings: [], isCertain: false) { "01" + $0 },
    ]

    /// How the number is written today, if its country has changed that and nobody else can be meant.
    static func today(_ number: PhoneNumber) -> PhoneNumber? {
        changes.lazy.filter(\.isCertain).compactMap { $0.applied(to: number) }.first
    }

    /// How a number that nobody has is probably meant.
    static func suggestion(for number: PhoneNumber) -> PhoneNumber? {
        (changes.lazy.compactMap { $0.applied(to: number) }.first) ?? withoutTrunkPrefix(number)
    }

    /// Without the 0 that is dialed inside of many countries alone, and often left behind the calling code.
    private static func withoutTrunkPrefix(_ number: PhoneNumber) -> PhoneNumber? {
        guard let code = NumberingPlan.world.callingCode(of: number) else { return nil }
        let rest = number.text.dropFirst(1 + String(code).utf8.count)
        guard rest.hasPrefix("0") else { return nil }
        return ordinary("+\(code)\(rest.dropFirst())")
    }

    fileprivate static func ordinary(_ text: String) -> PhoneNumber? {
        guard let number = PhoneNumber(text),
            case .assigned(_, .ordinary) = NumberingPlan.world.assignment(of: number)
        else { return nil }
        return number
    }
}

extension NumberSpelling.Change {
    /// - Returns: `nil` unless the number is written like this and would be an ordinary number today.
    fileprivate func applied(to number: PhoneNumber) -> PhoneNumber? {
        guard number.text.dropFirst().hasPrefix(code) else { return nil }
        let rest = number.text.dropFirst(1 + code.utf8.count)
        guard rest.utf8.count == length, beginnings.isEmpty || beginnings.contains(where: { rest.hasPrefix($0) }) else {
            return nil
        }
        return NumberSpelling.ordinary("+\(code)\(today(rest))")
    }
}

extension PhoneNumber {
    /// The number as its country writes it today, where that is certain: Mexico's `+521…` is `+52…`.
    package var respelled: PhoneNumber { NumberSpelling.today(self) ?? self }
}
