import CallDomain

/// One setting as it may be shown: secrets redacted, telephone numbers masked.
struct SettingLine: Sendable {
    let name: String
    let isSecret: Bool
    let reload: ReloadEffect
    let shown: String
    /// Where the value came from: `environment`, `.env`, the name of a `_FILE` variable, or `default`.
    let origin: String
    /// What counts, as it is written; never to be shown. `nil` where nothing is given and there is no default.
    private let text: Secret?

    /// Whether another value counts there: what is shown may be the same.
    func differs(from other: SettingLine) -> Bool {
        text.map { Array($0.exposed.utf8) } != other.text.map { Array($0.exposed.utf8) }
    }

    init(_ entry: SettingEntry, _ reader: SettingReader) {
        name = entry.name
        isSecret = entry.isSecret
        reload = entry.reload
        text = (reader.givenText(entry) ?? entry.fallback).map { Secret($0) }
        guard let given = reader.givenText(entry) else {
            // The words are written for Markdown.
            shown = entry.fallback ?? entry.otherwise.replacing("`", with: "")
            origin = "default"
            return
        }
        if entry.isSecret {
            shown = "[redacted]"
        } else if entry.name == SettingCatalogue.twilioPhoneNumber.entry.name {
            shown = PhoneNumber.masked(given)
        } else {
            shown = given
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
