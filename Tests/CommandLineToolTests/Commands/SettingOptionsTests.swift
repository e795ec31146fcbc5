import ArgumentParser
import Testing

@testable import CommandLineTool

@Suite struct `Options of the command line` {
    private func given(_ arguments: String...) throws -> GivenOptions { try SettingOptions.parse(arguments).given }

    /// What counts with these options and the required variables, which `variables` join.
    private func loaded(
        _ options: GivenOptions,
        _ variables: [String: String] = [:]
    ) throws(SettingsProblems) -> Settings {
        try Settings.load(
            environment: SettingsRig.required.merging(variables) { $1 },
            options: options,
            workingDirectory: nil
        )
    }

    @Test func `win over the environment, and over the files that it names`() throws {
        let options = try given("--port", "81", "--set", "HOST=0.0.0.0", "--set", "QUEUE_LIMIT=")
        let settings = try loaded(
            options,
            ["PORT_FILE": "/missing", "HOST": "::1", "HOST_FILE": "/missing", "QUEUE_LIMIT_FILE": "/missing"]
        )
        #expect(settings.port == 81)
        #expect(settings.host == "0.0.0.0")
        // An empty one counts as not set.
        #expect(settings.queueLimit == 1000)
    }

    @Test func `leave the files of other settings alone`() throws {
        let options = try given("--port", "81")
        let error = try #require(throws: SettingsProblems.self) {
            _ = try loaded(options, ["HOST_FILE": "/missing"])
        }
        #expect(error.problems.map(\.name) == ["HOST_FILE"])
    }

    @Test func `that are wrong are told together with everything else`() throws {
        let secret = "TWILIO_AUTH_TOKEN=0123456789abcdef"
        let options = try given("--set", secret, "--set", "QUEUE_LIMITS=1", "--set", "oops", "--port", "x")
        let error = try #require(throws: SettingsProblems.self) {
            _ = try loaded(options, ["MAX_CONNECTIONS": "many"])
        }
        #expect(
            error.problems.map(\.name) == ["--set TWILIO_AUTH_TOKEN", "--set", "--set", "PORT", "MAX_CONNECTIONS"]
        )
        #expect(error.description.contains("did you mean QUEUE_LIMIT?"))
        #expect(!error.description.contains("0123456789abcdef"))
    }
}
