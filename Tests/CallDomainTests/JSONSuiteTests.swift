import Foundation
import TestSupport
import Testing

@testable import CallDomain

/// The files of `fixtures/json/`, named after JSONTestSuite.
@Suite struct `The JSON suite` {
    @Test(arguments: try Fixture.files(in: "json/must-accept"))
    func `is read where it is JSON, and written so that it reads the same`(file: String) throws {
        let value = try JSONParser.parse(Array(Fixture.bytes(file)))
        let text = value.encoded
        #expect(try JSONParser.parse(text).encoded == text)
        #expect(text.count <= (try Fixture.bytes(file)).count * 6)
    }

    @Test(arguments: try Fixture.files(in: "json/must-reject"))
    func `is refused where it is not JSON, with a place and a reason`(file: String) throws {
        let bytes = try Array(Fixture.bytes(file))
        let refusal = #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(bytes) }
        let malformed = try #require(refusal)
        #expect((0...bytes.count).contains(malformed.offset))
        #expect(!malformed.reason.isEmpty)
    }

    @Test(arguments: ["[", #"[{"":"#])
    func `is refused however often a level is opened`(opening: String) {
        let bytes = Array(String(repeating: opening, count: opening == "[" ? 100_000 : 50_000).utf8)
        let refusal = #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(bytes) }
        #expect(refusal?.reason == "nested more than 64 levels deep")
    }

    @Test func `is complete`() throws {
        func count(_ folder: String, _ prefix: String) throws -> Int {
            try Fixture.files(in: "json/\(folder)").count { $0.hasPrefix("json/\(folder)/\(prefix)") }
        }
        #expect(try count("must-accept", "y_") == 93)
        #expect(try count("must-reject", "y_object_duplicated_key") == 2)
        // Two more are made by the test of open levels.
        #expect(try count("must-reject", "n_") == 186)
        #expect(try count("must-accept", "i_") + count("must-reject", "i_") == 35)
        #expect(try count("must-accept", "n_") == 0)
    }

    @Test(arguments: [
        ("y_string_accepted_surrogate_pairs", ["\u{1F639}\u{1F48D}"]),
        ("y_string_allowed_escapes", ["\"\\/\u{8}\u{C}\n\r\t"]),
        ("y_string_backslash_and_u_escaped_zero", [#"\u0000"#]), ("y_string_null_escape", ["\u{0}"]),
        ("y_string_comments", ["a/*b*/c/*d//e"]), ("y_string_utf8", ["\u{20AC}\u{1D11E}"]),
        ("y_string_last_surrogates_1_and_2", ["\u{10FFFF}"]), ("s_string_BOM_inside", ["\u{FEFF}"]),
        ("y_string_uEscape", ["a\u{30AF}\u{30EA}\u{30B9}"]),
    ])
    func `gives texts as they were meant`(name: String, texts: [String]) throws {
        let value = try JSONParser.parse(Array(Fixture.bytes("json/must-accept/\(name).json")))
        #expect(value.arrayValue?.compactMap(\.stringValue).map { Array($0.utf8) } == texts.map { Array($0.utf8) })
    }

    @Test(arguments: [
        ("i_number_too_big_pos_int", "100000000000000000000", nil as Int?, 1e20 as Double?),
        ("i_number_double_huge_neg_exp", "123.456e-789", nil, 0), ("i_number_neg_int_huge_exp", "-1e+9999", nil, nil),
        ("y_number_int_with_exp", "20e1", 200, 200), ("y_number_minus_zero", "-0", 0, 0),
        ("y_number_simple_int", "123", 123, 123), ("y_number_simple_real", "123.456789", nil, 123.456789),
    ])
    func `gives numbers as they were written`(name: String, literal: String, int: Int?, double: Double?) throws {
        let value = try JSONParser.parse(Array(Fixture.bytes("json/must-accept/\(name).json")))
        guard case .number(let number)? = value.arrayValue?.first else {
            Issue.record("\(name) holds no number")
            return
        }
        #expect(number.literal == literal)
        #expect(number.int == int)
        #expect(number.double == double)
    }

    @Test(arguments: [
        ("30.0", 30 as Int?), ("-30.00", -30), ("3e1", 30), ("300E-1", 30), ("1.5e+1", 15), ("0.0", 0), ("-0", 0),
        ("9223372036854775807", .max), ("9.223372036854775807e18", .max), ("9223372036854775808", nil), ("1e19", nil),
        ("1e99999999999999999999", nil), ("30.5", nil), ("30.00000000000000000001", nil), ("3e-1", nil),
        ("1e-400", nil),
    ])
    func `takes a number for a whole one wherever it is one`(literal: String, int: Int?) throws {
        #expect(try JSONParser.parse(Array(literal.utf8)).intValue == int)
    }

    @Test func `tells which name stands twice, and where`() {
        let text = #"{"a":{"b":1,"c":2,"\u0062":3}}"#
        #expect(throws: JSONParser.Malformed(offset: 18, reason: "the member name appears twice in one object")) {
            try JSONParser.parse(Array(text.utf8))
        }
    }

    @Test func `takes names that only differ in how they spell a letter for different ones`() throws {
        let text = Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8)
        for reading in [JSONParser.Reading.strict, .lenient] {
            let value = try JSONParser.parse(text, reading: reading)
            #expect(value.encoded == text)
            #expect(value["\u{E9}"] == 1)
            #expect(value["e\u{301}"] == 2)
        }
        // As values, and in different objects, they are what they are, too.
        let apart = "[{\"\u{E9}\":\"e\u{301}\"},{\"e\u{301}\":\"\u{E9}\"}]"
        #expect(try JSONParser.parse(Array(apart.utf8)).encoded == Array(apart.utf8))
    }
}
