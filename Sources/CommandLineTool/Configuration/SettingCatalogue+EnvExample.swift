extension SettingCatalogue {
    /// All variables as a `.env` to fill in: the required ones first, every other one as a comment.
    static var envExample: String {
        var text = """
            # Every setting of the gateway. Copy this file to .env and fill in the first part; `switchboard check` tests it.
            # In place of NAME, NAME_FILE can name a file that holds the value. Durations: 500ms, 30s, 15m, 24h, 7d.

            # Required

            """
        for entry in all where entry.isRequired { text += lines(entry) + "\(entry.name)=\n\n" }
        text += "# Optional: remove the # to set a value. Each line shows the default, or else an example.\n\n"
        for entry in all where !entry.isRequired {
            text += lines(entry) + "#\(entry.name)=\(entry.fallback ?? entry.example)\n\n"
        }
        return String(text.dropLast())
    }

    private static func lines(_ entry: SettingEntry) -> String {
        // The words are written for Markdown.
        let summary = entry.summary.replacing("`", with: "")
        let otherwise = entry.otherwise.replacing("`", with: "")
        let fallback = entry.isRequired || entry.fallback != nil ? "" : " Default: \(otherwise)."
        return Terminal.wrapped("\(summary)\(fallback)", 117).map { "# \($0)\n" }.joined()
    }
}
