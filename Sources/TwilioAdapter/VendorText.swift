import CallDomain

/// Texts of Twilio that are passed on to clients, logs and timelines.
enum VendorText {
    /// The text without control characters, cut after `limit` Unicode scalars.
    static func bounded(_ text: String, to limit: Int) -> String {
        var scalars = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < limit else { break }
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate: continue
            default:
                scalars.append(scalar)
                count += 1
            }
        }
        return String(scalars)
    }

    /// The text with every telephone number in it masked: Twilio quotes the numbers that it was asked to call, and a
    /// timeline or an error may be seen by others than who asked.
    static func withoutNumbers(_ text: String) -> String {
        var rest = text[...]
        var masked = ""
        while let plus = rest.firstIndex(of: "+") {
            masked += rest[..<plus]
            let digits = rest[rest.index(after: plus)...].prefix { $0.isASCII && $0.isNumber }
            let number = "+" + digits
            masked += digits.count >= 7 ? PhoneNumber.masked(number) : number
            rest = rest[digits.endIndex...]
        }
        return masked + rest
    }

    /// A whole number written in ASCII digits alone; `Int` would also take a sign.
    static func number(_ text: String) -> Int? {
        guard (1...9).contains(text.utf8.count),
            text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        return Int(text)
    }
}
