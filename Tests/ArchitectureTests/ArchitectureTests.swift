import Foundation
import TestSupport
import Testing

@Suite("Architecture")
struct ArchitectureTests {
    /// No file of `Sources` may be longer.
    private static let longestFile = 400

    private static let forbidden: [(pattern: String, why: String)] = [
        (#"\btry!"#, "a failure is handled or thrown"),
        (#"\bas!"#, "a cast that can fail is checked"),
        (#"\bTask\s*\.\s*detached\b"#, "tasks are structured"),
        (#"(?:^|[^.\w])Task\s*(?:<[^>]*>)?\s*(?:\([^)]*\)\s*)?\{"#, "tasks are structured"),
    ]

    @Test("Every folder under Sources has its wall")
    func everyTargetHasAWall() throws {
        for target in try SourceTree.targets() {
            #expect(Wall.byTarget[target] != nil, "Sources/\(target) is not in the table of walls")
        }
        #expect(try SourceTree.files().count > 20, "the sources were not found")
    }

    @Test("Every import stays within the wall of its target")
    func importsStayWithinTheWalls() throws {
        for file in try SourceTree.files() {
            for violation in Self.violations(in: file) {
                Issue.record("\(violation)")
            }
        }
    }

    @Test("Sources force nothing and start no unstructured task")
    func nothingIsForced() throws {
        for file in try SourceTree.files() {
            for violation in Self.forbiddenWords(in: file) {
                Issue.record("\(violation)")
            }
        }
    }

    @Test("No source file is longer than 400 lines")
    func filesAreShort() throws {
        for file in try SourceTree.files() {
            let count = file.text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
            #expect(count <= Self.longestFile, "\(file.path): \(count) lines; look for the second concept")
        }
    }

    static func violations(in file: SourceTree.File) -> [String] {
        guard let wall = Wall.byTarget[file.target] else { return [] }
        return SourceText(file.text).imports.filter { !wall.admits($0.module) }.map {
            "\(file.path):\($0.line): \(file.target) may not import \($0.module): \(wall.reason)"
        }
    }

    static func forbiddenWords(in file: SourceTree.File) -> [String] {
        let source = SourceText(file.text)
        return forbidden.flatMap { pattern, why in
            source.matches(of: pattern).map { "\(file.path):\($0.line): \($0.text) is forbidden: \(why)" }
        }
    }
}
