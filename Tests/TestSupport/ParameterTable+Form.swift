extension ParameterTable {
    /// What is wrong with the decoded pairs of a form or query: unknown names, names that may not repeat, missing
    /// ones, and values outside their type, list, pattern, length or range.
    package func violations(inForm pairs: [(name: String, value: String)]) -> [String] {
        guard let formType, let type = types[formType] else { return ["this table describes no form"] }
        var violations: [String] = []
        var seen: Set<String> = []
        for (name, value) in pairs {
            guard let field = type.fields[name] else {
                violations.append("\(name): unknown parameter")
                continue
            }
            if !seen.insert(name).inserted, !field.isRepeatable {
                violations.append("\(name): given more than once")
            }
            violations += Self.violations(inFormValue: value, of: field, at: name)
        }
        for (name, field) in type.fields.sorted(by: { $0.key < $1.key })
        where field.isRequired && !seen.contains(name) {
            violations.append("\(name): missing")
        }
        return violations + type.rules.compactMap { $0.violation(of: seen, at: formType) }
    }

    private static func violations(inFormValue value: String, of field: ParameterField, at name: String) -> [String] {
        switch field.kind {
        case .integer, .number:
            field.violations(inNumber: value, of: field.kind, at: name)
        case .boolean:
            value == "true" || value == "false" ? [] : ["\(name): \(value.quoted) is neither true nor false"]
        case .string, .duration, .datetime, .rfc2822, .uuid, .uri, .any:
            field.violations(inText: value, of: field.kind, at: name)
        case .object, .array, .map:
            ["\(name): a form cannot carry \(field.kind)"]
        }
    }
}
