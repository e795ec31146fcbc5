import CallDomain

/// One setting as it may be shown: secrets redacted, telephone numbers masked.
struct SettingLine: Sendable {
    let name: String
    let isSecret: Bool
    let reload: ReloadEffect
    /// What counts; `nil` where nothing does, and of secrets.
    let value: String?
    /// The same for people, who are told in words what it means that nothing is set.
    let shown: String
    /// Where the value came from: `environment`, `.env`, the name of a `_FILE` variable, or `default`.
    let origin: String
    /// What counts, as it is written; never to be shown. `nil` where nothing is given and there is no default.
    private let text: Secret?

    /// Whether the values differ: the shown texts may be the same.
    func differs(from other: SettingLine) -> Bool {
        text.map { Array($0.exposed.utf8) } != other.text.map { Array($0.exposed.utf8) }
    }

    /// - Parameters:
    ///   - entry: of the catalogue.
    ///   - reader: of good settings.
    ///   - decided: what counts where nothing is given, if other settings or the surroundings decide that.
    init(_ entry: SettingEntry, _ reader: SettingReader, decided: String? = nil) {
        name = entry.name
        isSecret = entry.isSecret
        reload = entry.reload
        text = (reader.givenText(entry) ?? entry.fallback).map { Secret($0) }
        let given = reader.givenText(entry)
        let counts = (given ?? entry.fallback).map { entry.shown($0, reader.surroundings) } ?? decided
        if entry.isSecret {
            value = nil
        } else if entry.name == SettingCatalogue.twilioPhoneNumber.entry.name {
            value = counts.map { PhoneNumber.masked($0) }
        } else {
            value = counts
        }
        // The words are written for Markdown.
        let otherwise = entry.otherwise.replacing("`", with: "")
        shown = entry.isSecret && given != nil ? "[redacted]" : value ?? otherwise
        guard given != nil else {
            origin = "default"
            return
        }
        origin =
            switch reader.source.given[entry.name]?.origin {
            case .environment: "environment"
            case .dotEnv: ".env"
            case .file: entry.name + "_FILE"
            case nil: "default"
            }
    }
}

extension Settings: CustomStringConvertible {
    /// All settings, one a line, redacted: what `check` prints.
    var redactedDescription: String {
        let width = lines.map(\.name.utf8.count).max() ?? 0
        return lines.map { line in
            let padding = String(repeating: " ", count: width - line.name.utf8.count)
            return "\(line.name)\(padding)  \(line.shown)  (\(line.origin))"
        }.joined(separator: "\n")
    }

    var description: String { redactedDescription }
}
