import CallDomain

/// The query of a URL, as Ultravox's lists take and give it.
enum QueryText {
    /// `?name=value&…`, or nothing if there are no pairs.
    static func encoded(_ pairs: [(name: String, value: String)]) -> String {
        pairs.isEmpty ? "" : "?" + pairs.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&")
    }

    /// The first value of the parameter `name` in `url`.
    /// - Returns: `nil` if there is none, or it is not percent-encoded UTF-8.
    static func value(of name: String, in url: String) -> String? {
        let target = url.utf8.prefix { $0 != UInt8(ascii: "#") }
        guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        let prefix = Array("\(name)=".utf8)
        for pair in target[mark...].dropFirst().split(separator: UInt8(ascii: "&")) where pair.starts(with: prefix) {
            return unescaped(pair.dropFirst(prefix.count))
        }
        return nil
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    private static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(contentsOf: Hex.encode([byte]).utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescaped(_ text: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap({ Hex.value(of: $0) }),
                    let low = rest.popFirst().flatMap({ Hex.value(of: $0) })
                else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
