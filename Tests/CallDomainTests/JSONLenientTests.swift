import TestSupport
import Testing

@testable import CallDomain

/// What vendors send: one bad value costs that value alone.
@Suite struct `Lenient reading` {
    private func read(_ text: String) throws -> JSONValue {
        try JSONParser.parse(Array(text.utf8), reading: .lenient)
    }

    @Test(arguments: [
        (#""x \ud83d""#, "x \u{FFFD}"), (#""\ud83d x""#, "\u{FFFD} x"), (#""\ude00""#, "\u{FFFD}"),
        (#""\ud83d\ud83d\ude00""#, "\u{FFFD}\u{1F600}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
        (#""\ud83d\n""#, "\u{FFFD}\n"), ("\"a\tb\u{1}\"", "a\tb\u{1}"), (#""\ud83d\ude00""#, "\u{1F600}"),
    ])
    func `keeps all of a text that can be read`(json: String, text: String) throws {
        #expect(try read(json).stringValue.map { Array($0.utf8) } == Array(text.utf8))
        let around = try read(#"{"summary":\#(json),"ended":"now","list":[\#(json),7]}"#)
        #expect(around["ended"] == "now")
        #expect(around["list"]?.arrayValue?.count == 2)
    }

    @Test(arguments: [
        (#""x \ud83d""#, false), (#""\ude00""#, false), (#""\ud83d\u0041""#, false), (#""\ud83d\ude00""#, true),
        ("\"a\tb\u{1}\"", true), (#""\ufffd""#, true), ("\"\u{FFFD}\"", true),
    ])
    func `gives nobody a repaired text to send back`(json: String, isWhole: Bool) throws {
        let around = Array(#"{"prompt":\#(json),"b":3}"#.utf8)
        let whole = try JSONParser.parseWhole(around)
        #expect(whole == (isWhole ? try JSONParser.parse(around, reading: .lenient) : nil))
        let name = Array(#"{\#(json):3}"#.utf8)
        #expect(try (JSONParser.parseWhole(name) != nil) == isWhole)
    }

    @Test(
        arguments: [
            ([0x61, 0xFF, 0x62], "a\u{FFFD}b"), ([0x61, 0xC3], "a\u{FFFD}"), ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
        ] as [([UInt8], String)]
    )
    func `repairs bytes that are not UTF-8`(bytes: [UInt8], text: String) throws {
        let json = Array(#"{"a":""#.utf8) + bytes + Array(#"","b":1}"#.utf8)
        let value = try JSONParser.parse(json, reading: .lenient)
        #expect(value["a"] == .string(text))
        #expect(value["b"] == 1)
        #expect(try JSONParser.parseWhole(json) == nil)
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(json) }
    }

    @Test(arguments: [
        #"{"a":1,"a":2,"b":3}"#, #"{"a":1,"b":3,"a":1}"#, #"{"a":1,"a":null,"\u0061":2,"b":3}"#,
        #"{"a":NaN,"b":3}"#, #"{"a":Infinity,"b":3}"#, #"{"a":-Infinity,"b":3}"#,
    ])
    func `takes for null what has no one value, and keeps the rest`(json: String) throws {
        let value = try read(json)
        #expect(value["a"] == nil)
        #expect(value["b"] == 3)
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(Array(json.utf8)) }
        #expect(try JSONParser.parseWhole(Array(json.utf8)) == nil)
    }

    @Test(arguments: [65, 500, 100_000])
    func `passes over what is nested too deeply, without going there`(depth: Int) throws {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let nest = String(repeating: open, count: depth) + #""]}[{""# + String(repeating: close, count: depth)
            let text = Array(#"{"deep":\#(nest),"b":3}"#.utf8)
            let value = try JSONParser.parse(text, reading: .lenient)
            #expect(value["b"] == 3)
            #expect(value["deep"] != nil)
            #expect(try JSONParser.parseWhole(text) == nil)
        }
        #expect(throws: JSONParser.Malformed.self) { try read(String(repeating: "[", count: depth)) }
        #expect(throws: JSONParser.Malformed.self) {
            try read(String(repeating: "[", count: depth) + "}" + String(repeating: "]", count: depth))
        }
    }

    @Test func `passes over a byte order mark`() throws {
        #expect(try read("\u{FEFF}{}") == [:])
    }

    @Test(arguments: [
        "", "{", #"{"a":1"#, #"{"a":1}x"#, #""\ud83d"#, "[1,]", "{a:1}", "'a'", "nul", "01", "Nan", "[1 2]",
    ])
    func `refuses what was cut or is no JSON`(text: String) {
        #expect(throws: JSONParser.Malformed.self) { try read(text) }
    }

    @Test(arguments: try Fixture.files(in: "json/must-accept"))
    func `reads JSON as strict reading does`(file: String) throws {
        let bytes = try Array(Fixture.bytes(file))
        let strict = try JSONParser.parse(bytes)
        #expect(try JSONParser.parse(bytes, reading: .lenient) == strict)
        #expect(try JSONParser.parseWhole(bytes) == strict)
    }

    @Test func `takes of what is not JSON only the kinds that are documented`() throws {
        let taken = try Fixture.files(in: "json/must-reject").filter { file in
            (try? JSONParser.parse(Array(Fixture.bytes(file)), reading: .lenient)) != nil
        }
        let kinds = [
            "surrogate", "UTF-8", "utf-8", "UTF8", "utf8", "not_in_unicode_range", "iso_latin_1", "overlong", "CESU-8",
            "above_U+10FFFF", "cut_after_first_byte_of_two", "duplicated_key", "unescaped", "nested", "levels_mixed",
            "NaN", "nan", "nfinity", "invalid_sequence", "BOM", "newline", "tab", "ctrl_char",
        ]
        for file in taken { #expect(kinds.contains { file.contains($0) }, "\(file)") }
        #expect(taken.count > 30)
    }
}
