import CallDomain
import TestSupport
import Testing

@Suite struct `Any JSON value` {
    @Test func `is the same after writing and reading`() throws {
        var generator = SeededGenerator(seed: 8259)
        for _ in 0..<3000 {
            let value = ArbitraryJSON.value(depth: 4, using: &generator)
            let text = value.encoded
            let read = try JSONParser.parse(text)
            #expect(read == value)
            // `==` of texts is canonical equivalence; bytes are not.
            #expect(read.encoded == text)
        }
    }

    @Test func `is the same however it is written`() throws {
        var generator = SeededGenerator(seed: 64)
        for _ in 0..<1000 {
            let value = ArbitraryJSON.value(depth: 4, using: &generator)
            var text: [UInt8] = []
            ArbitraryJSON.write(value, loosely: &text, using: &generator)
            #expect(try JSONParser.parse(text).encoded == value.encoded)
        }
    }

    @Test func `keeps every scalar of a text`() throws {
        var scalars = String.UnicodeScalarView()
        for number in UInt32(0)...0x10FFFF {
            // Every one of the first plane, then a sample of each other plane with both of its ends.
            guard number <= 0xFFFF || number % 997 == 0 || number & 0xFFFF <= 1 || number & 0xFFFF >= 0xFFFE,
                let scalar = Unicode.Scalar(number)
            else { continue }
            scalars.append(scalar)
        }
        let text = String(scalars)
        let read = try JSONParser.parse(JSONValue.string(text).encoded)
        #expect(read.stringValue.map { Array($0.utf8) } == Array(text.utf8))
    }
}

@Suite struct `Any bytes` {
    /// What is accepted must be the same when it is written and read again.
    private func survives(_ bytes: [UInt8]) throws {
        guard let value = try? JSONParser.parse(bytes) else { return }
        let text = value.encoded
        #expect(try JSONParser.parse(text).encoded == text, "\(bytes)")
    }

    @Test func `are read or refused`() throws {
        var generator = SeededGenerator(seed: 1)
        let alphabet =
            Array("{}[]\",:\\/bfnrtu0123456789abcdefDd8-+.eE \n\t\r".utf8) + [0, 0x1F, 0x7F, 0x80, 0xED, 0xFF]
        for round in 0..<40_000 {
            let count = Int.random(in: 0...24, using: &generator)
            let bytes = (0..<count).map { _ in
                round % 2 == 0
                    ? UInt8.random(in: .min ... .max, using: &generator)
                    : alphabet.randomElement(using: &generator) ?? 0
            }
            try survives(bytes)
        }
    }

    @Test func `of a text that was changed or cut at any place are read or refused`() throws {
        for file in try Fixture.files(in: "json/must-accept") + Fixture.files(in: "json/must-reject") {
            let bytes = try Array(Fixture.bytes(file))
            guard bytes.count <= 200 else { continue }
            for index in bytes.indices {
                try survives(Array(bytes[..<index]))
                try survives(Array(bytes[index...]))
                for other: UInt8 in [0, 0x22, 0x2C, 0x5B, 0x5C, 0x5D, 0x7B, 0x7D, 0xD8, 0xFF] {
                    var changed = bytes
                    changed[index] = other
                    try survives(changed)
                    changed = bytes
                    changed.insert(other, at: index)
                    try survives(changed)
                }
            }
        }
    }
}

/// Made-up values, and writing that is allowed but not ours.
private enum ArbitraryJSON {
    static func value(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 8 : 6), using: &generator) {
        case 0: .null
        case 1: .bool(.random(using: &generator))
        case 2: .integer(.random(in: .min ... .max, using: &generator))
        case 3: number(using: &generator)
        case 4, 5, 6: .string(text(using: &generator))
        case 7:
            .array(
                (0..<Int.random(in: 0...5, using: &generator)).map { _ in value(depth: depth - 1, using: &generator) }
            )
        default:
            .object(
                (0..<Int.random(in: 0...5, using: &generator)).reduce(into: JSONObject()) { members, _ in
                    members[text(using: &generator)] = value(depth: depth - 1, using: &generator)
                }
            )
        }
    }

    /// Any bit pattern of a `Double` that is a number.
    private static func number(using generator: inout SeededGenerator) -> JSONValue {
        JSONNumber(Double(bitPattern: .random(in: .min ... .max, using: &generator))).map(JSONValue.number) ?? .null
    }

    private static func text(using generator: inout SeededGenerator) -> String {
        let ranges: [ClosedRange<UInt32>] = [
            0...0x1F, 0x20...0x7F, 0x20...0x7F, 0x80...0x7FF, 0x300...0x36F, 0xD7F0...0xD7FF, 0xE000...0xE010,
            0xFFF0...0xFFFF, 0x10000...0x10FFFF,
        ]
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
            let range = ranges.randomElement(using: &generator) ?? 0...0
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &generator)) { scalars.append(scalar) }
        }
        return String(scalars)
    }

    /// Writes with blanks between all tokens and any character of a text as an escape.
    static func write(_ value: JSONValue, loosely text: inout [UInt8], using generator: inout SeededGenerator) {
        blanks(&text, &generator)
        defer { blanks(&text, &generator) }
        switch value {
        case .null, .bool, .number: text += value.encoded
        case .string(let string): write(string, &text, &generator)
        case .array(let values):
            text.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                write(value, loosely: &text, using: &generator)
            }
            if values.isEmpty { blanks(&text, &generator) }
            text.append(UInt8(ascii: "]"))
        case .object(let members):
            text.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                blanks(&text, &generator)
                write(member.key, &text, &generator)
                blanks(&text, &generator)
                text.append(UInt8(ascii: ":"))
                write(member.value, loosely: &text, using: &generator)
            }
            if members.isEmpty { blanks(&text, &generator) }
            text.append(UInt8(ascii: "}"))
        }
    }

    private static func blanks(_ text: inout [UInt8], _ generator: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            text.append([0x20, 0x09, 0x0A, 0x0D].randomElement(using: &generator) ?? 0x20)
        }
    }

    private static func write(_ string: String, _ text: inout [UInt8], _ generator: inout SeededGenerator) {
        text.append(UInt8(ascii: "\""))
        for scalar in string.unicodeScalars {
            let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            guard mustEscape || Bool.random(using: &generator) else {
                text += Array(String(scalar).utf8)
                continue
            }
            for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                let digits = Hex.encode([UInt8(unit >> 8), UInt8(unit & 0xFF)])
                text += Array("\\u\(Bool.random(using: &generator) ? digits : digits.uppercased())".utf8)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
