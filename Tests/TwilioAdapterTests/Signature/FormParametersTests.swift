import Testing

@testable import TwilioAdapter

@Suite("Decoding forms")
struct FormParametersTests {
    /// The expectations are what Python's `parse_qsl(form, keep_blank_values=True)` gives.
    @Test(
        "Forms are read as Python reads them",
        arguments: [
            ("", []), ("&", []), ("&&a=1&&", ["a", "1"]), ("a&b=1", ["a", "", "b", "1"]), ("=1", ["", "1"]),
            ("=", ["", ""]), ("a=b=c", ["a", "b=c"]), ("a=%zz", ["a", "%zz"]), ("a=%", ["a", "%"]),
            ("a=%4", ["a", "%4"]), ("a=%%41", ["a", "%A"]), ("a=%4%41", ["a", "%4A"]), ("a;b=1;c=2", ["a;b", "1;c=2"]),
            ("a+b=c+d", ["a b", "c d"]), ("a%2Bb=%2b", ["a+b", "+"]), ("a%26b%3Dc=%25", ["a&b=c", "%"]),
            ("a=1&a=2&a=1", ["a", "1", "a", "2", "a", "1"]), ("a=%00", ["a", "\0"]), ("a=%0d%0A", ["a", "\r\n"]),
            ("n=Zo%C3%AB", ["n", "Zo\u{EB}"]), ("n=Zoë", ["n", "Zo\u{EB}"]), ("%F0%9F%92%A5=1", ["\u{1F4A5}", "1"]),
            ("a=%EF%BB%BFx", ["a", "\u{FEFF}x"]), (" a = b ", [" a ", " b "]),
        ]
    )
    func decodes(form: String, expected: [String]) throws {
        let parameters = try #require(FormParameters(form: Array(form.utf8)))
        let flat = parameters.pairs.flatMap { [$0.name, $0.value] }
        #expect(flat.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    @Test(
        "Text that is not UTF-8 is refused",
        arguments: ["a=%FF", "%C3=1", "a=%C3%28", "a=%ED%A0%80", "a=%C0%AF", "a=1&b=%F8%88%80%80%80"]
    )
    func refusesBrokenEscapes(form: String) {
        #expect(FormParameters(form: Array(form.utf8)) == nil)
    }

    @Test("Bytes that are not UTF-8 are refused, also where an escape would complete them")
    func refusesBrokenBytes() {
        #expect(FormParameters(form: [0x61, 0x3D, 0xFF]) == nil)
        #expect(FormParameters(form: Array("a=%C3".utf8) + [0xA9]) == nil)
    }

    @Test("A query that is not UTF-8 is read all the same")
    func repairsQueries() {
        let parameters = FormParameters(query: "x=%c3%28&AccountSid=AC1")
        #expect(parameters.values(of: "AccountSid") == ["AC1"])
    }

    @Test("Names are told apart by their bytes")
    func comparesBytes() {
        let parameters = FormParameters([.init("e\u{301}", "1"), .init("\u{E9}", "2"), .init("\u{212A}", "3")])
        #expect(parameters.values(of: "\u{E9}") == ["2"])
        #expect(parameters.values(of: "K").isEmpty)
    }

    @Test("The signed text is sorted by bytes, with doubled values once")
    func sortsByBytes() {
        let parameters = FormParameters([
            .init("b", "2"), .init("a", "z"), .init("B", "1"), .init("a", "A"), .init("a", "z"), .init("_", ""),
            .init("\u{1F600}", "4"), .init("\u{FF5E}", "3"),
        ])
        #expect(String(decoding: parameters.signedText, as: UTF8.self) == "B1_aAazb2\u{FF5E}3\u{1F600}4")
    }

    @Test(
        "Ten times the pairs are not a hundred times the work",
        arguments: [
            { "a\($0 % 7)=" }, { "\($0)=" }, { "a=\($0)" }, { _ in "" }, { _ in "a=b" }, { _ in "%=+" },
        ] as [@Sendable (Int) -> String]
    )
    func staysLinear(pair: @Sendable (Int) -> String) throws {
        func cost(of count: Int) throws -> Duration {
            let form = Array((0..<count).map(pair).joined(separator: "&").utf8)
            // The fastest of several is the one that nothing else disturbed.
            return try (0..<3).map { _ in
                try ContinuousClock().measure {
                    let parameters = try #require(FormParameters(form: form))
                    _ = parameters.signedText
                    _ = try? WebhookParameters(parameters)
                }
            }.min() ?? .zero
        }
        // What grows with the square fails each time; one try may be disturbed.
        #expect(try (0..<5).contains { _ in try cost(of: 5_000) < cost(of: 500) * 40 })
    }
}
