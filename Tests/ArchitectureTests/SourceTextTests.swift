import Testing

@Suite("Reading sources for the architecture test")
struct SourceTextTests {
    @Test(
        "Finds an import in every form of the declaration",
        arguments: [
            ("import Foundation", "Foundation"),
            ("    import Foundation", "Foundation"),
            ("package import HTTPTypes", "HTTPTypes"),
            ("public import HTTPTypes", "HTTPTypes"),
            ("private import Logging", "Logging"),
            ("@preconcurrency import NIOCore", "NIOCore"),
            ("@preconcurrency package import NIOCore", "NIOCore"),
            ("package @preconcurrency import NIOCore", "NIOCore"),
            ("@_spi(Testing) @testable import CallFlow", "CallFlow"),
            ("import struct Foundation.Data", "Foundation"),
            ("package import func Glibc.getenv", "Glibc"),
            ("import Foundation.NSDate", "Foundation"),
            ("import `Crypto`", "Crypto"),
            ("/* why */ import Crypto // what", "Crypto"),
        ]
    )
    func findsImports(line: String, module: String) {
        #expect(SourceText("\n\(line)\n").imports == [SourceText.Import(module: module, line: 2)])
    }

    @Test("Finds each of several imports on a line and in conditions")
    func findsSeveralImports() {
        let text = "import A; package import B\n#if canImport(C)\nimport C\n#else\nimport D\n#endif\n"
        #expect(SourceText(text).imports.map(\.module) == ["A", "B", "C", "D"])
        #expect(SourceText(text).imports.map(\.line) == [1, 1, 3, 5])
    }

    @Test(
        "Sees no import in comments, strings and other words",
        arguments: [
            "// import Foundation",
            "/// import Foundation",
            "/* a /* nested */\nimport Foundation\n*/",
            "let text = \"\"\"\n    import Foundation\n    \"\"\"",
            "let text = #\"\"\"\n    \"\"\"\n    import Foundation\n    \"\"\"#",
            "let text = \"/*\"; let importer = 1 // \"",
            "important Foundation",
            "importFoundation()",
        ]
    )
    func ignoresWhatIsNoImport(text: String) {
        #expect(SourceText(text).imports.isEmpty)
    }

    @Test("Goes on after strings that look like comments or the start of strings")
    func goesOnAfterStrings() {
        let text = "let a = \"/* \\\" //\"\nlet b = #\"\\\"#\nlet c = \"\"\nimport Foundation\n"
        #expect(SourceText(text).imports == [SourceText.Import(module: "Foundation", line: 4)])
    }

    @Test("A planted import over a wall is reported with file, line and reason")
    func reportsPlantedImports() {
        let text = "/// A type.\npackage import FoundationEssentials\nimport Synchronization\n"
        let file = SourceTree.File(target: "CallDomain", path: "Sources/CallDomain/Call.swift", text: text)
        #expect(
            ArchitectureTests.violations(in: file) == [
                "Sources/CallDomain/Call.swift:2: CallDomain may not import FoundationEssentials: "
                    + "the domain has no I/O, no clock and no Foundation"
            ]
        )
    }

    @Test(
        "The walls that matter most stand",
        arguments: [
            ("Sandbox", "TwilioAdapter"), ("Sandbox", "UltravoxAdapter"), ("Sandbox", "CallDomain"),
            ("TwilioAdapter", "UltravoxAdapter"), ("UltravoxAdapter", "TwilioAdapter"),
            ("UltravoxAdapter", "Foundation"),
            ("Gateway", "CurlTransport"), ("Gateway", "CallStorage"), ("Gateway", "Sandbox"), ("CallFlow", "HTTPTypes"),
            ("CallFlow", "TwilioAdapter"), ("CallStorage", "Glibc"), ("TwilioAdapter", "Glibc"),
            ("CallDomain", "Glibc"),
            ("OutboundHTTP", "CallDomain"), ("CurlTransport", "CallDomain"),
        ]
    )
    func wallsStand(target: String, module: String) throws {
        let wall = try #require(Wall.byTarget[target])
        #expect(!wall.admits(module))
    }

    @Test(
        "Planted forced operations and unstructured tasks are found",
        arguments: [
            "let x = try! read()", "let y = x as! Int", "Task.detached { }", "Task { await go() }",
            "Task(priority: .high) { await go() }", "let task = Task<Void, Never> { }",
        ]
    )
    func findsForbiddenWords(line: String) {
        let file = SourceTree.File(target: "Gateway", path: "Sources/Gateway/Router.swift", text: line)
        #expect(ArchitectureTests.forbiddenWords(in: file).count == 1)
    }

    @Test(
        "Harmless code is not taken for forbidden",
        arguments: [
            "group.addTask { await go() }", "try? read()", "x as? Int", "\"try! as! Task { }\"", "// try!",
            "try await Task.sleep(for: .seconds(1))", "struct BackgroundTask { }", "if Task.isCancelled { return }",
        ]
    )
    func allowsHarmlessCode(line: String) {
        let file = SourceTree.File(target: "Gateway", path: "Sources/Gateway/Router.swift", text: line)
        #expect(ArchitectureTests.forbiddenWords(in: file).isEmpty)
    }
}
