/// `application/x-www-form-urlencoded`, as Twilio takes requests.
/// - SeeAlso: https://www.twilio.com/docs/usage/requests-to-twilio
enum FormEncoding {
    /// - Parameter pairs: in order; a name may repeat.
    /// - Returns: ASCII text; a space is `%20`.
    static func encoded(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                escaped.append(byte)
            default:
                escaped += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
