import CallDomain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import CommandLineTool

/// Tables that the program itself knows stand in the documents between comments. `UPDATE_GOLDEN=1` rewrites them.
@Suite(.serialized) struct `The documents` {
    private static var scenarios: String {
        let rows = Scenario.all.map { "| `…\($0.suffix)` | \($0.summary) |" }
        return (["| Called number | What happens |", "|---|---|"] + rows).joined(separator: "\n") + "\n"
    }

    private static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

    @Test(arguments: [
        ("docs/configuration.md", "settings", SettingCatalogue.markdown), ("README.md", "scenarios", scenarios),
    ])
    func `have the tables that the program has`(path: String, name: String, table: String) throws {
        let file = Fixture.packageRoot.appending(path: path)
        let text = try String(contentsOf: file, encoding: .utf8)
        let start = try #require(text.range(of: "<!-- \(name) -->\n"))
        let end = try #require(text.range(of: "<!-- end of \(name) -->"))
        if Self.isUpdating {
            let updated = text.replacingCharacters(in: start.upperBound..<end.lowerBound, with: table)
            try updated.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(String(text[start.upperBound..<end.lowerBound]) == table)
        }
    }

    @Test func `have every setting in the example of an environment`() throws {
        let file = Fixture.packageRoot.appending(path: ".env.example")
        if Self.isUpdating {
            try SettingCatalogue.envExample.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(try String(contentsOf: file, encoding: .utf8) == SettingCatalogue.envExample)
        }
    }

    /// Each example loads once its empty lines are filled in, and so does the full one with every comment taken away.
    @Test(arguments: [".env.example", "development", "staging", "production"])
    func `have examples that load`(name: String) throws {
        let isFull = name == ".env.example"
        let path = isFull ? name : "deploy/env/\(name).env.example"
        let text = try String(contentsOf: Fixture.packageRoot.appending(path: path), encoding: .utf8)
        var variables = [
            "TWILIO_ACCOUNT_SID": "AC" + String(repeating: "0", count: 32),
            "TWILIO_AUTH_TOKEN": String(repeating: "a", count: 32), "TWILIO_PHONE_NUMBER": "+12025550143",
            "ULTRAVOX_API_KEY": String(repeating: "b", count: 32), "PUBLIC_BASE_URL": "https://gw.example.com",
            "API_KEYS": "test:" + String(repeating: "c", count: 32),
        ]
        let example = DotEnv(text)
        #expect(example.malformations.isEmpty)
        for entry in example.entries {
            #expect(SettingCatalogue.all.contains { $0.name == entry.name }, "\(entry.name)")
            if !entry.value.isEmpty { variables[entry.name] = entry.value }
        }
        let settings = try Settings.load(environment: variables, workingDirectory: nil)
        #expect(settings.withoutEffect.isEmpty && settings.warnings.isEmpty)
    }
}
