import OrderedCollections

/// Strict JSON: RFC 8259 to the letter and nothing beyond it.
///
/// UTF-8 without a byte order mark, no duplicate member names, no trailing commas or bytes, at most 64 levels deep.
/// Foundation's parser accepts UTF-16, a BOM, a trailing comma and duplicate names, each of which lets two readers of
/// one message see two messages. Where the RFC leaves the answer open: numbers of any size are kept as they are written,
/// and half of a surrogate pair is refused, as no text in UTF-8 can hold it.
///
/// Names are compared as they are after unescaping. Two that differ as bytes but are canonically equivalent (an `é` in
/// one and in two code points) are refused as well: ``JSONObject`` cannot hold both, and none may win silently.
package struct JSONParser: ~Copyable {
    package static let maximumDepth = 64

    /// Where a text stops being JSON.
    package struct Malformed: Error, Equatable {
        /// Bytes from the start of the text.
        package let offset: Int
        /// What is wrong there, in words that complete "at byte N: …".
        package let reason: String
    }

    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Parses one JSON text.
    package static func parse(_ bytes: [UInt8]) throws(Malformed) -> JSONValue {
        var parser = JSONParser(bytes)
        parser.skipWhitespace()
        let value = try parser.value()
        parser.skipWhitespace()
        guard parser.index == bytes.count else { throw parser.malformed("unexpected text after the value") }
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
        guard let byte = current else { throw malformed("the text ends where a value should stand") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { parser throws(Malformed) in .object(try parser.members()) }
        case UInt8(ascii: "["): return try nested { parser throws(Malformed) in .array(try parser.elements()) }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw malformed("no value starts like this")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(Malformed) -> JSONValue
    ) throws(Malformed) -> JSONValue {
        depth += 1
        guard depth <= Self.maximumDepth else { throw malformed("nested more than \(Self.maximumDepth) levels deep") }
        index += 1
        let value = try body(&self)
        depth -= 1
        return value
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
            if let index = members.index(forKey: name) {
                let isSame = members.keys[index].utf8.elementsEqual(name.utf8)
                let reason = isSame ? "stands twice in one object" : "is another one's in a different spelling"
                throw Malformed(offset: start, reason: "the member name \(reason)")
            }
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw malformed("expected : after a member name") }
            skipWhitespace()
            members[name] = try value()
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
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw Malformed(offset: start, reason: "a string is not UTF-8")
                }
                index += 1
                return string
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case 0..<0x20:
                throw malformed("a control character stands unescaped in a string")
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
            var code = UInt32(try hexQuad())
            if 0xD800...0xDBFF ~= code {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                    throw malformed("half of a surrogate pair")
                }
                let low = UInt32(try hexQuad())
                guard 0xDC00...0xDFFF ~= low else { throw malformed("half of a surrogate pair") }
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw malformed("half of a surrogate pair") }
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default:
            throw malformed("no such escape in a string")
        }
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
