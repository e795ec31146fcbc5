import OrderedCollections

/// Mustache variables in the texts of an agent: `{{name}}`, `{{user.name}}`.
enum TemplateText {
    /// The call template's fields that are templates and reach the Call object.
    private static let fields = ["systemPrompt", "languageHint", "timeExceededMessage"]

    /// The variables of a call template, each once, in order of appearance.
    static func variables(in template: JSON) -> [String] {
        var names: OrderedSet<String> = []
        for text in texts(of: template) {
            for match in text.matches(of: /\{\{\s*([A-Za-z_][A-Za-z0-9_.]*)\s*\}\}/) { names.append(String(match.1)) }
        }
        return Array(names)
    }

    /// The template with every variable replaced; one without a value becomes empty text.
    static func filled(_ template: JSON, with context: JSON) -> JSON {
        guard var members = template.object else { return template }
        for field in fields {
            if let text = members[field]?.string { members[field] = .string(filled(text, with: context)) }
        }
        if let messages = members["inactivityMessages"]?.array {
            members["inactivityMessages"] = .array(
                messages.map { message in
                    guard var parts = message.object, let text = parts["message"]?.string else { return message }
                    parts["message"] = .string(filled(text, with: context))
                    return .object(parts)
                }
            )
        }
        return .object(members)
    }

    private static func texts(of template: JSON) -> [String] {
        fields.compactMap { template[$0]?.string }
            + (template["inactivityMessages"]?.array ?? []).compactMap { $0["message"]?.string }
    }

    private static func filled(_ text: String, with context: JSON) -> String {
        text.replacing(/\{\{\s*([A-Za-z_][A-Za-z0-9_.]*)\s*\}\}/) { match in
            var value = context
            for name in match.1.split(separator: ".") { value = value[String(name)] ?? .null }
            return value == .null ? "" : value.string ?? value.text
        }
    }
}
