import Foundation

@testable import CommandLineTool

/// Loads settings from variables beside the fewest that a gateway needs.
enum SettingsRig {
    static let authToken = "9b3e7d20c4f85a16be0d7c92f4a1683d"
    static let ultravoxAPIKey = "Zk3vQm9x.Yt7LrW2pNc5HsB8dJf4GaX6e"
    static let apiKey = "kR8wPz2mXv5nQc9t"

    static let required = [
        "TWILIO_ACCOUNT_SID": "AC5f0c1b7de1a94c7fb1d9a7c4e0b2d836",
        "TWILIO_AUTH_TOKEN": authToken,
        "TWILIO_PHONE_NUMBER": "+12025550143",
        "ULTRAVOX_API_KEY": ultravoxAPIKey,
        "PUBLIC_BASE_URL": "https://calls.example.com",
        "API_KEYS": "frontend:\(apiKey)",
    ]

    /// Settings of the required variables, which `variables` replace or join.
    static func load(
        _ variables: [String: String] = [:],
        in folder: Folder? = nil,
        pipesWithin patience: Duration = Surroundings.patienceAtStart
    ) throws(SettingsProblems) -> Settings {
        try Settings.load(
            environment: required.merging(variables) { $1 },
            workingDirectory: folder?.url,
            pipesWithin: patience
        )
    }

    /// What is wrong with the required variables changed by `variables`; those that are `nil` are taken away.
    static func problems(_ variables: [String: String?], in folder: Folder? = nil) -> [SettingProblem] {
        var environment = required
        for (name, value) in variables { environment[name] = value }
        do {
            _ = try Settings.load(
                environment: environment,
                workingDirectory: folder?.url,
                pipesWithin: Surroundings.patienceAtReload
            )
            return []
        } catch {
            return error.problems
        }
    }
}

/// A directory that goes with the object.
final class Folder: Sendable {
    let url: URL

    init(_ files: [String: String] = [:]) throws {
        url = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for (name, content) in files { try write(name, Data(content.utf8)) }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ content: Data) throws { try content.write(to: url.appending(path: name)) }

    func makeDirectory(_ name: String) throws {
        try FileManager.default.createDirectory(at: url.appending(path: name), withIntermediateDirectories: false)
    }

    func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }
}
