/// Texts of Twilio's that go on to clients, logs and timelines.
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

    /// A whole number written in ASCII digits alone; `Int` would also take a sign.
    static func number(_ text: String) -> Int? {
        guard (1...9).contains(text.utf8.count),
            text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        return Int(text)
    }
}
