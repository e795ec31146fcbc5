import CallDomain
import Foundation

/// What the client commands need: which gateway, and a key to it.
struct ClientSettings: Sendable {
    /// `SWITCHBOARD_URL`, without a slash at the end.
    let url: String?
    /// `SWITCHBOARD_API_KEY`.
    let apiKey: Secret?

    init(_ reader: SettingReader) throws(SettingsProblems) {
        url = try reader.optional(SettingCatalogue.switchboardURL)
        apiKey = try reader.optional(SettingCatalogue.switchboardAPIKey)
    }

    /// Reads the same sources as a gateway, and checks these two variables alone: a client needs no vendor's account.
    /// - Throws: everything that is wrong with the sources and with the two, at once.
    static func load(
        environment: [String: String],
        workingDirectory: URL?
    ) throws(SettingsProblems) -> ClientSettings {
        let reader = SettingReader(
            environment: environment,
            surroundings: Surroundings(workingDirectory: workingDirectory),
            isClient: true
        )
        let problems = reader.problems(of: [
            SettingCatalogue.switchboardURL.entry, SettingCatalogue.switchboardAPIKey.entry,
        ])
        guard problems.isEmpty else { throw SettingsProblems(problems) }
        return try ClientSettings(reader)
    }
}
