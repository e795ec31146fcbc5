import Foundation

/// Reads strict JSON for ``JSONDocument``.
struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ data: Data) {
        self.bytes = Array(data)
    }

    mutating func document() throws(JSONDocument.SyntaxError) -> JSONDocument {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw failure("the end") }
        return value
    }

    private func failure(_ expected: String) -> JSONDocument.SyntaxError {
        JSONDocument.SyntaxError(offset: position, expected: expected)
    }

    private var next: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
            position += 1
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func take(
        word: StaticString,
        as value: JSONDocument
    ) throws(JSONDocument.SyntaxError)
        -> JSONDocument
    {
        let word = Array(word.description.utf8)
        guard bytes[position...].starts(with: word) else { throw failure("a value") }
        position += word.count
        return value
    }

    private mutating func value() throws(JSONDocument.SyntaxError) -> JSONDocument {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try take(word: "true", as: .boolean(true))
        case UInt8(ascii: "f"): return try take(word: "false", as: .boolean(false))
        case UInt8(ascii: "n"): return try take(word: "null", as: .null)
        default: return try number()
        }
    }

    private mutating func object() throws(JSONDocument.SyntaxError) -> JSONDocument {
        position += 1
        var members: [(name: String, value: JSONDocument)] = []
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a name") }
            let name = try string()
            skipSpace()
            guard take(":") else { throw failure("a colon") }
            members.append((name, try value()))
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw failure("a comma or a brace") }
        }
    }

    private mutating func array() throws(JSONDocument.SyntaxError) -> JSONDocument {
        position += 1
        var items: [JSONDocument] = []
        skipSpace()
        if take("]") { return .array(items) }
        while true {
            items.append(try value())
            skipSpace()
            if take("]") { return .array(items) }
            guard take(",") else { throw failure("a comma or a bracket") }
        }
    }

    /// Finds the end of the text and leaves escapes, surrogates and UTF-8 to Foundation, which is strict about them.
    private mutating func string() throws(JSONDocument.SyntaxError) -> String {
        let start = position
        position += 1
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw failure("no control character") }
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard take("\"") else { throw failure("a quote") }
        let text = Data(bytes[start..<position])
        guard
            String(data: text, encoding: .utf8) != nil,
            let decoded = try? JSONDecoder().decode(String.self, from: text)
        else {
            position = start
            throw failure("a well-formed string")
        }
        return decoded
    }

    private mutating func number() throws(JSONDocument.SyntaxError) -> JSONDocument {
        let start = position
        while let byte = next, "+-.0123456789Ee".utf8.contains(byte) {
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard text.matches("^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$") else {
            position = start
            throw failure("a value")
        }
        return .number(text)
    }
}
