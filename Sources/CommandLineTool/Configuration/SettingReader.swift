import Configuration
import Foundation

/// Reads settings from their merged sources, typed, and finds everything that is wrong with them.
struct SettingReader: Sendable {
    let source: SettingsSource
    let surroundings: Surroundings
    private let config: ConfigReader

    /// Reads the process's variables, and `.env` in the surroundings.
    /// - Parameters:
    ///   - environment: the process's variables.
    ///   - surroundings: where `.env` and the files are.
    ///   - isClient: whether a client command reads them, which needs none of what a gateway needs.
    init(environment: [String: String], surroundings: Surroundings, isClient: Bool = false) {
        let entries = SettingCatalogue.all
        self.surroundings = surroundings
        source = SettingsSource(
            environment: environment,
            names: entries.map(\.name),
            required: isClient ? [] : Set(entries.filter(\.isRequired).map(\.name)),
            surroundings: surroundings
        )
        config = ConfigReader(
            provider: EnvironmentVariablesProvider(
                environmentVariables: source.given.mapValues(\.text),
                secretsSpecifier: .specific(Set(entries.filter(\.isSecret).map(\.name)))
            )
        )
    }

    /// The value as given; `nil` where there is none, or an empty one.
    func givenText(_ entry: SettingEntry) -> String? {
        // One component in lower case: the provider writes it in capitals and leaves the underscores alone.
        let text = config.string(forKey: ConfigKey([entry.name.lowercased()]), isSecret: entry.isSecret)
        return text?.isEmpty == true ? nil : text
    }

    /// Everything that is wrong: with the sources, then with each of `entries` in their order.
    func problems(of entries: [SettingEntry]) -> [SettingProblem] {
        source.problems + entries.compactMap(problem)
    }

    /// The problems of these settings only, for a command that needs no others.
    func ownProblems(of entries: [SettingEntry]) -> [SettingProblem] {
        let names = Set(entries.flatMap { [$0.name, $0.name + "_FILE"] })
        return source.problems.filter { names.contains($0.name) } + entries.compactMap(problem)
    }

    private func problem(of entry: SettingEntry) -> SettingProblem? {
        guard !source.unreadable.contains(entry.name) else { return nil }
        guard let text = givenText(entry) else {
            guard entry.isRequired else { return nil }
            let wrong = source.given[entry.name] == nil ? "is required, but not set" : "is required, but empty"
            return SettingProblem(name: entry.name, wrong: wrong, good: entry.good)
        }
        do {
            try Self.checkPlainText(text)
            try entry.check(text, surroundings)
            return nil
        } catch {
            return SettingProblem(name: entry.name, wrong: error.wrong, good: entry.good)
        }
    }

    /// Refuses characters that no setting may contain, so that no value is cut, hidden or shown in part.
    private static func checkPlainText(_ text: String) throws(ValueFault) {
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw ValueFault("has a control character or a line end")
        }
        guard text.trimmingCharacters(in: .whitespaces) == text else {
            throw ValueFault("has white space at its beginning or end")
        }
        try text.refuseQuotes()
    }

    /// The value of a setting that is required or has a default.
    func value<Value>(_ setting: Setting<Value>) throws(SettingsProblems) -> Value {
        guard let value = try optional(setting) else {
            throw SettingsProblems([SettingProblem(name: setting.entry.name, wrong: "is required, but not set")])
        }
        return value
    }

    /// The value of a setting, its default, or `nil` where there is neither.
    func optional<Value>(_ setting: Setting<Value>) throws(SettingsProblems) -> Value? {
        guard let text = givenText(setting.entry) ?? setting.entry.fallback else { return nil }
        do {
            return try setting.form.parse(text, surroundings)
        } catch {
            let entry = setting.entry
            throw SettingsProblems([SettingProblem(name: entry.name, wrong: error.wrong, good: entry.good)])
        }
    }
}

extension String {
    /// `docker --env-file` and files of secrets keep quotes as a part of the value; a shell and `.env` take them away.
    func refuseQuotes() throws(ValueFault) {
        guard let quote = utf8.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"), utf8.count > 1,
            utf8.last == quote
        else { return }
        throw ValueFault("is in quotes, which would become part of the value: remove them")
    }
}
