/// How Twilio names one end of a call.
package enum PartyText {
    /// The longest address that is believed, in bytes.
    package static let maximum = 256

    /// Whether `text` is a number (with or without `+`), what Twilio says of a caller who withholds it, or a SIP address
    /// or a client's name.
    /// - SeeAlso: https://www.twilio.com/docs/voice/twiml#request-parameters
    package static func fits(_ text: String) -> Bool {
        let digits = text.utf8.first == UInt8(ascii: "+") ? text.utf8.dropFirst() : text.utf8[...]
        if (1...31).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) { return true }
        // Some letters that are not ASCII have a small one that is.
        let isWord = text.utf8.allSatisfy { $0 < 0x80 } && words.contains(text.lowercased())
        return isWord || isAddress(text)
    }

    /// Whether `text` is the address of a SIP endpoint or the name of a client.
    package static func isAddress(_ text: String) -> Bool {
        ["sip:", "sips:", "client:"].contains { text.utf8.starts(with: $0.utf8) }
            && text.utf8.count <= maximum && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static let words = ["anonymous", "restricted", "unavailable", "unknown"]
}
