/// One name and value of a form, a query or a webhook.
package struct Parameter: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// `application/x-www-form-urlencoded`, in both directions.
enum Form {
    /// Pairs in the order in which they were sent; bytes that are not UTF-8 are replaced.
    static func decode(_ text: some StringProtocol) -> [Parameter] {
        text.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return Parameter(decodeComponent(halves[0]), halves.count > 1 ? decodeComponent(halves[1]) : "")
        }
    }

    /// The wire form: a space is `+`, everything outside the unreserved characters is percent-encoded.
    static func encode(_ parameters: [Parameter]) -> String {
        parameters.map { encodeComponent($0.name) + "=" + encodeComponent($0.value) }.joined(separator: "&")
    }

    private static func decodeComponent(_ bytes: some Collection<UInt8>) -> String {
        var decoded: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                if let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
                    decoded.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    decoded.append(byte)
                }
            default:
                decoded.append(byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func encodeComponent(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "*"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "):
                encoded += "+"
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}

extension [Parameter] {
    /// The first value of a name; an empty one counts as absent, as Twilio reads its forms.
    subscript(name: String) -> String? {
        first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// Every value of a name.
    func all(_ name: String) -> [String] {
        filter { $0.name == name && !$0.value.isEmpty }.map(\.value)
    }
}
