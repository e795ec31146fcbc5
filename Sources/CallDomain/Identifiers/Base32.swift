/// 128 bits as 26 characters of Crockford's base 32 in lower case: texts are ordered as the numbers are.
///
/// - SeeAlso: https://www.crockford.com/base32.html
enum Base32 {
    static let length = 26

    static func text(prefix: String, _ high: UInt64, _ low: UInt64) -> String {
        let count = prefix.utf8.count + length
        return String(unsafeUninitializedCapacity: count) { bytes in
            _ = bytes.update(fromContentsOf: prefix.utf8)
            var (high, low) = (high, low)
            for index in stride(from: count - 1, through: count - length, by: -1) {
                bytes[index] = alphabet[Int(low & 31)]
                low = low >> 5 | high << 59
                high >>= 5
            }
            return count
        }
    }

    /// - Returns: `nil` unless the characters are exactly what ``text(prefix:_:_:)`` gives.
    static func number(of characters: some Collection<UInt8>) -> (high: UInt64, low: UInt64)? {
        // They hold 130 bits: the first may only be 0…7.
        guard characters.count == length, let first = characters.first, first <= UInt8(ascii: "7") else { return nil }
        var (high, low) = (UInt64(0), UInt64(0))
        for character in characters {
            let value = values[Int(character)]
            guard value < 32 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        return (high, low)
    }

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    /// The value of each character; 255 of those that do not belong to the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
}
