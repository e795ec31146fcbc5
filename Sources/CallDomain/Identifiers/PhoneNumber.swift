/// A telephone number in E.164: `+`, a country code that does not start with 0, 15 digits at most.
/// - SeeAlso: https://www.twilio.com/docs/glossary/what-e164
package struct PhoneNumber: Sendable, Hashable, CustomStringConvertible {
    /// With its leading `+`.
    package let text: String

    /// - Returns: `nil` for any other spelling. Nothing is normalised: two spellings would be two locks.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (3...16).contains(bytes.count), bytes[0] == UInt8(ascii: "+"),
            UInt8(ascii: "1")...UInt8(ascii: "9") ~= bytes[1],
            bytes.dropFirst(2).allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        self.text = text
    }

    /// Whether `spelling` is this number, as a vendor may write it: with `+`, `00` or no prefix before the country code,
    /// and with blanks, dashes, dots, slashes or parentheses between digits; or in a spelling that its country has given
    /// up, see ``respelled``.
    package func isSpelled(as spelling: String) -> Bool {
        var digits = ""
        var hasPlus = false
        for scalar in spelling.unicodeScalars {
            switch scalar {
            case "0"..."9": digits.unicodeScalars.append(scalar)
            case "+":
                guard digits.isEmpty, !hasPlus else { return false }
                hasPlus = true
            case "-", ".", "/", "(", ")", "\u{2010}"..."\u{2015}", "\u{2212}": continue
            default: guard scalar.properties.isWhitespace else { return false }
            }
        }
        if !hasPlus, digits.hasPrefix("00") { digits.removeFirst(2) }
        return PhoneNumber("+" + digits)?.respelled == respelled
    }

    /// Masked, because a number is personal data: `…0100`. Use ``text`` where the number itself is needed.
    package var description: String { Self.masked(text) }

    /// The last four characters of a number, address or name as Twilio gave it.
    package static func masked(_ text: String) -> String { "…" + text.suffix(4) }
}
