import Testing

@testable import CommandLineTool

@Suite("The .env file")
struct DotEnvTests {
    @Test(
        "Reads every form of an assignment",
        arguments: [
            ("A=b", "b"), ("A=", ""), ("  A=b", "b"), ("export A=b", "b"), ("export\tA=b", "b"), ("A = b", "b"),
            ("A=b c", "b c"), ("A=b   ", "b"), ("A=b # comment", "b"), ("A=b#c", "b#c"), ("A=#b", "#b"), ("A= #b", ""),
            ("A=#", "#"), ("A=#b # c", "#b"), ("A=\t#b", ""), ("A = #b", ""),
            ("A='b'", "b"), ("A='b # c'", "b # c"), ("A='b' # c", "b"), ("A='  b '", "  b "), ("A=''", ""),
            ("A='b\"c'", "b\"c"), ("A='b\\nc'", "b\\nc"), ("A='$B'", "$B"), ("A=$B", "$B"), ("A=b\\c", "b\\c"),
            ("A=\"b\"", "b"), ("A=\"b # c\"", "b # c"), ("A=\"b\\\"c\"", "b\"c"), ("A=\"b\\\\\"", "b\\"),
            ("A=\"b\\nc\\td\\re\"", "b\nc\td\re"), ("A=\"\\$B\\q\"", "$B\\q"), ("A=\"it's\"", "it's"), ("A=b=c", "b=c"),
            ("A=é", "é"), ("A=\"\"   # nothing", ""), ("A=b\r", "b"), ("A=\"b\"\r", "b"), ("\u{FEFF}A=b", "b"),
            ("A='b'\t#c", "b"),
        ]
    )
    func reads(line: String, value: String) {
        let file = DotEnv(line)
        #expect(file.entries == [DotEnv.Entry(name: "A", value: value, line: 1)])
        #expect(file.malformations.isEmpty)
    }

    @Test(
        "A malformed line is reported",
        arguments: [
            ("A", "NAME=value"), ("A b", "NAME=value"), ("=b", "NAME=value"), ("1A=b", "NAME=value"),
            ("A-B=c", "NAME=value"), ("export", "NAME=value"), ("export A", "NAME=value"), ("A.B=c", "NAME=value"),
            ("É=b", "NAME=value"), ("A: b", "NAME=value"), ("A='b", "closing quote"), ("A=\"b", "closing quote"),
            ("A=\"b\\\"", "closing quote"), ("A='b'c", "after the closing quote"),
            ("A='b'#c", "after the closing quote"),
            ("A=\"b\" c", "after the closing quote"), ("A=b\"c\"", "quote inside"), ("A=it's", "quote inside"),
            ("A=b\u{0}c", "control character"), ("A=b\rC=d", "control character"),
            ("-----BEGIN KEY-----", "NAME=value"),
        ]
    )
    func refuses(line: String, wrong: String) {
        let file = DotEnv(line)
        #expect(file.entries.isEmpty)
        #expect(file.malformations.map(\.line) == [1])
        #expect(file.malformations.allSatisfy { $0.wrong.contains(wrong) }, "\(file.malformations)")
    }

    @Test("Skips empty lines and comments and counts lines, with either line end", arguments: ["\n", "\r\n"])
    func countsLines(end: String) {
        let lines = ["# a comment", "", "  # another", "A=1", "\t", "export B='2'", "oops", "#C=3", "D=4", ""]
        let file = DotEnv(lines.joined(separator: end))
        #expect(file.entries.map(\.name) == ["A", "B", "D"])
        #expect(file.entries.map(\.value) == ["1", "2", "4"])
        #expect(file.entries.map(\.line) == [4, 6, 9])
        #expect(file.malformations == [DotEnv.Malformation(line: 7, wrong: "is not NAME=value")])
    }

    @Test("An empty file says nothing", arguments: ["", "\n", "\r\n\r\n", "\u{FEFF}"])
    func readsNothing(text: String) {
        #expect(DotEnv(text).entries.isEmpty)
        #expect(DotEnv(text).malformations.isEmpty)
    }
}
