/// Reads JSON (RFC 8259): strictly what clients send, leniently what vendors send.
///
/// Strict is the RFC to the letter and nothing beyond it: UTF-8 without a byte order mark, no name twice in one object, no
/// trailing commas or bytes, at most 64 levels deep. Foundation's parser accepts UTF-16, a BOM, a trailing comma and
/// duplicate names, each of which lets two readers of one message see two messages. Where the RFC leaves the answer open:
/// numbers of any size are kept as they are written, names are compared scalar by scalar after unescaping, and half of a
/// surrogate pair is refused, as no text in UTF-8 can hold it.
///
/// Lenient keeps the rest of a message where one value of it is bad; see ``Reading/lenient``.
package struct JSONParser: ~Copyable {
    package static let maximumDepth = 64

    /// How what is not JSON to the letter is taken.
    package enum Reading: Sendable {
        case strict
        /// A text keeps all that can be read of it: half of a surrogate pair and bytes that are not UTF-8 become U+FFFD,
        /// unescaped control characters stay. What is no value at all counts as `null`: a name that stands twice in one
        /// object (neither of its values is believed), `NaN` and infinities, and what is nested deeper than 64 levels.
        /// A byte order mark is passed over. All else is refused as in strict reading: such a text was cut or is no JSON.
        case lenient
    }

    /// Where a text stops being JSON.
    package struct Malformed: Error, Equatable {
        /// Bytes from the start of the text.
        package let offset: Int
        /// The problem, as the end of the sentence "at byte N: …".
        package let reason: String
    }

    private let bytes: [UInt8]
    private let reading: Reading
    private var index = 0
    private var depth = 0
    /// Whether a value is read as something else than what was sent: as `null`, or as a repaired text.
    private var hasLostValues = false

    private init(_ bytes: [UInt8], _ reading: Reading) {
        self.bytes = bytes
        self.reading = reading
    }

    /// Parses one JSON text.
    package static func parse(_ bytes: [UInt8], reading: Reading = .strict) throws(Malformed) -> JSONValue {
        var parser = JSONParser(bytes, reading)
        return try parser.text()
    }

    /// Parses one JSON text leniently, for whoever sends it back and must not change a value of it.
    /// - Returns: `nil` where lenient reading would take a value as `null` that is none, or would repair a text.
    package static func parseWhole(_ bytes: [UInt8]) throws(Malformed) -> JSONValue? {
        var parser = JSONParser(bytes, .lenient)
        let value = try parser.text()
        return parser.hasLostValues ? nil : value
    }

    private mutating func text() throws(Malformed) -> JSONValue {
        if reading == .lenient, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        skipWhitespace()
        let value = try self.value()
        skipWhitespace()
        guard index == bytes.count else { throw malformed("unexpected text after the value") }
        return value
    }

    private func malformed(_ reason: String) -> Malformed { Malformed(offset: index, reason: reason) }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        index += 1
        return true
    }

    private mutating func value() throws(Malformed) -> JSONValue {
        guard let byte = current else { throw malformed("the text ends where a value is expected") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { parser throws(Malformed) in .object(try parser.members()) }
        case UInt8(ascii: "["): return try nested { parser throws(Malformed) in .array(try parser.elements()) }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-") where isLenient(next: UInt8(ascii: "I")): return try literal("-Infinity", lost())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "N") where reading == .lenient: return try literal("NaN", lost())
        case UInt8(ascii: "I") where reading == .lenient: return try literal("Infinity", lost())
        default: throw malformed("this is not the start of a JSON value")
        }
    }

    private func isLenient(next byte: UInt8) -> Bool {
        reading == .lenient && index + 1 < bytes.count && bytes[index + 1] == byte
    }

    /// What stands for a value that cannot be read.
    private mutating func lost() -> JSONValue {
        hasLostValues = true
        return .null
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(Malformed) -> JSONValue
    ) throws(Malformed) -> JSONValue {
        guard depth < Self.maximumDepth else {
            guard reading == .lenient else { throw malformed("nested more than \(Self.maximumDepth) levels deep") }
            return try skipped()
        }
        depth += 1
        index += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    /// Passes over an array or an object of any depth without recursion, looking at its brackets and texts alone.
    private mutating func skipped() throws(Malformed) -> JSONValue {
        var closing: [UInt8] = []
        repeat {
            guard let byte = current else { throw malformed("the text ends within an array or an object") }
            switch byte {
            case UInt8(ascii: "\""): _ = try string()
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                closing.append(byte + 2)
                index += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                guard closing.popLast() == byte else { throw malformed("a bracket that closes another one") }
                index += 1
            default: index += 1
            }
        } while !closing.isEmpty
        return lost()
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(Malformed) -> JSONValue {
        for offset in 0..<text.utf8CodeUnitCount {
            guard take(text.utf8Start[offset]) else { throw malformed("expected \(text)") }
        }
        return value
    }

    private mutating func elements() throws(Malformed) -> [JSONValue] {
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return [] }
        var values: [JSONValue] = []
        while true {
            skipWhitespace()
            values.append(try value())
            skipWhitespace()
            if take(UInt8(ascii: "]")) { return values }
            guard take(UInt8(ascii: ",")) else { throw malformed("expected , or ] in an array") }
        }
    }

    private mutating func members() throws(Malformed) -> JSONObject {
        var members = JSONObject()
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return members }
        while true {
            skipWhitespace()
            guard current == UInt8(ascii: "\"") else { throw malformed("expected a member name in double quotes") }
            let start = index
            let name = try string()
            let isRepeated = members[name] != nil
            guard !isRepeated || reading == .lenient else {
                throw Malformed(offset: start, reason: "the member name appears twice in one object")
            }
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw malformed("expected : after a member name") }
            skipWhitespace()
            let value = try self.value()
            members[name] = isRepeated ? lost() : value
            skipWhitespace()
            if take(UInt8(ascii: "}")) { return members }
            guard take(UInt8(ascii: ",")) else { throw malformed("expected , or } in an object") }
        }
    }

    private mutating func number() throws(Malformed) -> JSONNumber {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return JSONNumber(validLiteral: String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func digits() throws(Malformed) {
        let start = index
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw malformed("expected a digit") }
    }

    private mutating func string() throws(Malformed) -> String {
        index += 1
        let start = index
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { index += 1 }
        var text: [UInt8] = Array(bytes[start..<index])
        while true {
            guard let byte = current else { throw malformed("a string is not closed") }
            switch byte {
            case UInt8(ascii: "\""):
                let string = String(validating: text, as: UTF8.self)
                guard string != nil || reading == .lenient else {
                    throw Malformed(offset: start, reason: "a string is not UTF-8")
                }
                index += 1
                if let string { return string }
                hasLostValues = true
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case 0..<0x20 where reading == .strict:
                throw malformed("a control character in a string is not escaped")
            default:
                text.append(byte)
                index += 1
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(Malformed) {
        index += 1
        guard let kind = current else { throw malformed("a string is not closed") }
        index += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            text.append(contentsOf: UTF8.encode(try scalar()) ?? UTF8.encodedReplacementCharacter)
        default:
            throw malformed("unknown escape in a string")
        }
    }

    /// The scalar of one `\uXXXX`, or of two that are a surrogate pair.
    private mutating func scalar() throws(Malformed) -> Unicode.Scalar {
        let code = UInt32(try hexQuad())
        if let scalar = Unicode.Scalar(code) { return scalar }
        let end = index
        if code < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let low = UInt32(try hexQuad())
            if 0xDC00...0xDFFF ~= low, let scalar = Unicode.Scalar(0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)) {
                return scalar
            }
        }
        guard reading == .lenient else { throw malformed("half of a surrogate pair") }
        // What follows is read on its own: it may be a whole pair.
        index = end
        hasLostValues = true
        return "\u{FFFD}"
    }

    private mutating func hexQuad() throws(Malformed) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Hex.value(of: byte) else {
                throw malformed("expected four hex digits")
            }
            code = code << 4 | UInt16(digit)
            index += 1
        }
        return code
    }
}
