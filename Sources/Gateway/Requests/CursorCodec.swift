import CallDomain
package import Crypto

/// Creates cursors that a client can return but not forge: a position in a list, sealed with our key.
package struct CursorCodec: Sendable {
    /// In characters.
    static let longest = 2048

    private let key: SymmetricKey

    package init(key: SymmetricKey) { self.key = key }

    /// The cursor for a place in `list`; it does not open in another one.
    func seal(_ place: String, list: String) -> String {
        let text = Array(place.utf8)
        return Self.encode(tag(text, list: list) + text)
    }

    /// - Returns: `nil` for anything that ``seal(_:list:)`` did not make for this list.
    func open(_ cursor: String, list: String) -> String? {
        guard cursor.utf8.count <= Self.longest, let bytes = Self.decode(cursor), bytes.count > Self.tagLength else {
            return nil
        }
        let text = Array(bytes.dropFirst(Self.tagLength))
        guard Secret.matches(bytes.prefix(Self.tagLength), tag(text, list: list)) else { return nil }
        return String(validating: text, as: UTF8.self)
    }

    private static let tagLength = 10

    private func tag(_ text: [UInt8], list: String) -> [UInt8] {
        var code = HMAC<SHA256>(key: key)
        code.update(data: Array("cursor \(list)\u{0}".utf8))
        code.update(data: text)
        return Array(code.finalize().prefix(Self.tagLength))
    }

    private static func encode(_ bytes: [UInt8]) -> String { Hex.encode(bytes) }

    private static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { UInt8(ascii: "A")...UInt8(ascii: "F") ~= $0 ? nil : Hex.value(of: $0) }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
