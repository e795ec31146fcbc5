import CallDomain
import Testing

@Suite struct `Strict JSON` {
    @Test(arguments: [
        "null", "true", "-0", "1e5", "1E+2", "-1.5e-3", "\"\\u0000\"", "\"\\uD83D\\uDCA5\"", "[]", "{}", " [1 , 2]\n",
        "{\"\":0}", "\"\\/\\b\\f\\n\\r\\t\\\\\\\"\"", "\"é💥\"", "123456789012345678901234567890",
    ])
    func `takes what RFC 8259 allows`(text: String) throws {
        let value = try JSONParser.parse(Array(text.utf8))
        #expect(try JSONParser.parse(value.encoded) == value)
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{'a':1}", "{a:1}", "01", "+1", "1.", ".5", "1e",
        "-", "NaN", "Infinity", "tru", "nullx", "\"", "\"\\x\"", "\"\\u12\"", "\"\\uD800\"", "\"\\uD800\\u0041\"",
        "\"\\uDC00\"", "\"\u{1}\"", "\"\n\"", "[1 2]", "1 2", "\u{FEFF}1", "/**/1", "[1]]",
    ])
    func `refuses everything else`(text: String) {
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func `refuses bytes that are not UTF-8`() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x5B, 0xFF, 0x5D],
        ] {
            #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(bytes) }
        }
    }

    @Test func `nests 64 levels deep and no further`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(String(repeating: "[", count: depth).utf8) + Array(String(repeating: "]", count: depth).utf8)
        }
        _ = try JSONParser.parse(nested(64))
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(nested(65)) }
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(nested(100_000)) }
    }

    @Test func `keeps the order of members and the digits of numbers`() throws {
        let text = "{\"b\":1.10,\"a\":12345678901234567890}"
        #expect(String(decoding: try JSONParser.parse(Array(text.utf8)).encoded, as: UTF8.self) == text)
    }
}

@Suite struct `Template texts` {
    @Test func `name their variables once and in order`() {
        #expect(
            TemplateText.variables(in: "Hi {{name}}, {{ user.first }} {{name}} {{{raw}}} {{#list}}x{{/list}}") == [
                "name", "user", "raw", "list",
            ]
        )
        #expect(TemplateText.variables(in: "{{}} {{1a}} {{a b {{x}}") == [])
        #expect(TemplateText.variables(in: "{{ open") == [])
    }

    @Test func `are filled with values of any kind and left alone otherwise`() {
        let context: JSONObject = ["name": "Zoë & <Co>", "n": 3, "user": ["first": "Al"]]
        #expect(
            TemplateText.fill("{{name}} {{ n }} {{user.first}} {{missing}}|{{1a}}", with: context)
                == "Zoë & <Co> 3 Al |{{1a}}"
        )
    }

    @Test func `miss what the agent requires and know nothing it does not declare`() {
        let schema = ContextSchema(variables: ["name": .null, "city": "Graz"], required: ["name"], isClosed: true)
        #expect(schema.complete(["name": "Jo"]) == .success(["city": "Graz", "name": "Jo"]))
        guard case .failure(let problems) = schema.complete(["town": "Linz"]) else {
            Issue.record("an unknown variable was taken")
            return
        }
        #expect(problems.problems.map(\.variable) == ["town", "name"])
    }
}
