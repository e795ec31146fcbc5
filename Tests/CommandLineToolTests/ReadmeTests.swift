import Foundation
import Sandbox
import TestSupport
import Testing

@testable import CommandLineTool

/// Tables that the program itself knows stand in the README between comments. `UPDATE_GOLDEN=1` rewrites them.
@Suite(.serialized) struct `The README` {
    private static let file = Fixture.packageRoot.appending(path: "README.md")

    private static var scenarios: String {
        let rows = Scenario.all.map { "| `…\($0.suffix)` | \($0.summary) |" }
        return (["| Called number | What happens |", "|---|---|"] + rows).joined(separator: "\n") + "\n"
    }

    @Test(arguments: [("settings", SettingCatalogue.markdown), ("scenarios", scenarios)])
    func `has the table that the program has`(name: String, table: String) throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let start = try #require(text.range(of: "<!-- \(name) -->\n"))
        let end = try #require(text.range(of: "<!-- end of \(name) -->"))
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            let updated = text.replacingCharacters(in: start.upperBound..<end.lowerBound, with: table)
            try updated.write(to: Self.file, atomically: true, encoding: .utf8)
        } else {
            #expect(String(text[start.upperBound..<end.lowerBound]) == table)
        }
    }
}
