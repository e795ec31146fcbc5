import CallDomain
import OrderedCollections

/// `contextSchema`: the JSON Schema of the values that a call gives to an agent's variables.
///
/// Without one Ultravox derives it from the variables in use; a schema of our own says which of them have defaults and
/// refuses what is not declared.
/// - SeeAlso: https://docs.ultravox.ai/agents/making-calls
extension ContextSchema {
    /// What the template declares; if it declares nothing, what it mentions.
    init(_ template: CallTemplate) {
        guard let schema = template.members["contextSchema"], schema.objectValue != nil else {
            let names = template.mentionedVariables
            let variables = JSONObject(names.map { ($0, JSONValue.null) }, uniquingKeysWith: { first, _ in first })
            self.init(variables: variables, required: names, isClosed: false)
            return
        }
        let properties = schema["properties"]?.objectValue ?? [:]
        let required = OrderedSet((schema["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        self.init(
            variables: properties.mapValues { $0["default"] ?? .null },
            required: Array(required),
            isClosed: schema["additionalProperties"] == .bool(false)
        )
    }

    /// The schema of `variables`.
    ///
    /// Types are left open but for variables with members: a call may give a text, a number or a truth value.
    /// Variables without a default are required. `texts` is where the variables are mentioned. What the current schema
    /// says on a variable beside its default stays, as far as it still fits.
    static func json(
        variables: [String],
        defaults: JSONObject,
        texts: [String],
        keeping current: JSONValue?
    ) -> JSONValue {
        var properties: JSONObject = [:]
        var required: [JSONValue] = []
        for name in variables {
            let fallback = JSONValue.object(defaults)[name]
            var property = current?["properties"]?[name]?.objectValue ?? [:]
            property["default"] = fallback
            let hasMembers = texts.contains { mentionsMember(of: name, in: $0) }
            if hasMembers, fallback == nil || fallback?.objectValue != nil {
                property["type"] = "object"
            } else if let fallback, !isInstance(fallback, of: property["type"]) {
                property["type"] = nil
            }
            properties[name] = .object(property)
            if fallback == nil { required.append(.string(name)) }
        }
        var schema = current?.objectValue ?? [:]
        schema["type"] = "object"
        schema["properties"] = .object(properties)
        schema["required"] = .array(required)
        schema["additionalProperties"] = false
        return .object(schema)
    }

    /// Whether `text` mentions a member of the variable, as `{{user.name}}` does of `user`.
    private static func mentionsMember(of variable: String, in text: String) -> Bool {
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            rest = rest[open.upperBound...]
            if rest.drop(while: { "{&#^/ \t".contains($0) }).hasPrefix(variable + ".") { return true }
        }
        return false
    }

    private static func isInstance(_ value: JSONValue, of type: JSONValue?) -> Bool {
        switch type?.stringValue {
        case "string": value.stringValue != nil
        case "number": value.doubleValue != nil
        case "integer": value.intValue != nil
        case "boolean": value.boolValue != nil
        case "object": value.objectValue != nil
        default: type == nil
        }
    }
}
