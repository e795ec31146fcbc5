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

    /// Masked, because a number is personal data: `…0100`. Use ``text`` where the number itself is needed.
    package var description: String { Self.masked(text) }

    /// The last four characters of a number, address or name as Twilio gave it.
    package static func masked(_ text: String) -> String { "…" + text.suffix(4) }
}
