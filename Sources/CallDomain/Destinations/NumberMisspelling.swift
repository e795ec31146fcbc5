/// What is wrong with a number that cannot be one as it is written. The description is for whoever wrote the number.
package enum NumberMisspelling: Sendable, Hashable, CustomStringConvertible {
    case wrongLength(NumberLength)
    /// Its country writes it otherwise, as given.
    case writtenOtherwise(PhoneNumber)

    package var description: String {
        switch self {
        case .wrongLength(let length): length.description
        case .writtenOtherwise(let number): "is not how its country writes this number: send \"\(number.text)\""
        }
    }
}

/// How many digits a number has, and how many those have that begin like it.
package struct NumberLength: Sendable, Hashable, CustomStringConvertible {
    package let callingCode: Int
    /// Of what follows the calling code.
    package let digits: Int
    /// The lengths that what follows the calling code can have, in ascending order.
    package let possible: [Int]

    package var isTooShort: Bool { digits < possible.first ?? 0 }

    package var description: String {
        let fault =
            isTooShort
            ? "is too short for its country"
            : digits > possible.last ?? 0 ? "is too long for its country" : "has a length that no number there has"
        let lengths =
            switch possible.count {
            case 0, 1: possible.map(String.init).joined()
            default:
                possible.dropLast().map(String.init).joined(separator: ", ") + " or \(possible[possible.count - 1])"
            }
        return "\(fault): +\(callingCode) is followed by \(lengths) digits, and here by \(digits)"
    }
}
