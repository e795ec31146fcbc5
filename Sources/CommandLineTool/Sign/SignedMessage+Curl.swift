import HTTPTypes

extension SignedMessage {
    /// The message as a command for a POSIX shell, to be sent to `origin`. No secret stands in it.
    func curl(to origin: String) -> String {
        // Globbing would read brackets and braces of a URL as patterns.
        var lines = ["curl --include --globoff --request POST \(Self.quoted(origin + target))"]
        for field in headers {
            lines.append("--header \(Self.quoted("\(field.name.rawName): \(field.value)"))")
        }
        // Raw: elsewhere a leading @ would name a file.
        lines.append("--data-raw \(Self.quoted(String(decoding: body, as: UTF8.self)))")
        return lines.joined(separator: " \\\n  ")
    }

    /// `text` as one word of a POSIX shell.
    static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
