import CallDomain

/// One setting as it may be shown: secrets redacted, telephone numbers masked.
struct SettingLine: Sendable, Equatable {
    let name: String
    let isSecret: Bool
    let shown: String
    /// Where the value came from: `environment`, `.env`, the name of a `_FILE` variable, or `default`.
    let origin: String

    init(_ entry: SettingEntry, _ reader: SettingReader) {
        name = entry.name
        isSecret = entry.isSecret
        guard let text = reader.givenText(entry) else {
            // The words are written for Markdown.
            shown = entry.fallback ?? entry.otherwise.replacing("`", with: "")
            origin = "default"
            return
        }
        if entry.isSecret {
            shown = "[redacted]"
        } else if entry.name == SettingCatalogue.twilioPhoneNumber.entry.name {
            shown = PhoneNumber.masked(text)
        } else {
            shown = text
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
