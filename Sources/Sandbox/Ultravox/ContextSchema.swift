import OrderedCollections

/// The JSON Schema of an agent's `templateContext`, as far as agents use it.
struct ContextSchema: Sendable {
    let json: JSON

    /// A given schema, completed as the live service completes it; else one derived from the variables used.
    init(_ given: JSON?, template: JSON) {
        guard var members = given?.object else {
            var properties: OrderedDictionary<String, JSON> = [:]
            for name in TemplateText.variables(in: template) {
                let isObject = name.contains(".")
                properties[String(name.prefix { $0 != "." })] = ["type": isObject ? "object" : "string"]
            }
            json = ["type": "object", "properties": .object(properties), "required": [], "additionalProperties": false]
            return
        }
        members["type"] = members["type"] ?? "object"
        members["properties"] = members["properties"] ?? [:]
        members["required"] = members["required"] ?? []
        members["additionalProperties"] = members["additionalProperties"] ?? false
        json = .object(members)
    }

    /// Why a context does not fit; empty when it does.
    func problems(of context: JSON) -> [String] {
        Self.problems(of: context, schema: json, path: "templateContext")
    }

    private static func problems(of value: JSON, schema: JSON, path: String) -> [String] {
        if let type = schema["type"]?.string, !matches(value, type) {
            return ["\(path): \(value.text) is not of type '\(type)'"]
        }
        if let allowed = schema["enum"]?.array, !allowed.contains(value) {
            return ["\(path): \(value.text) is not one of \(JSON.array(allowed).text)"]
        }
        guard let members = value.object else { return [] }
        let properties = schema["properties"]?.object ?? [:]
        var problems: [String] = []
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where members[name] == nil {
            problems.append("\(path): '\(name)' is a required property")
        }
        for (name, member) in members {
            if let property = properties[name] {
                problems += Self.problems(of: member, schema: property, path: "\(path).\(name)")
            } else if schema["additionalProperties"] == false {
                problems.append("\(path): Additional properties are not allowed ('\(name)' was unexpected)")
            }
        }
        return problems
    }

    private static func matches(_ value: JSON, _ type: String) -> Bool {
        switch type {
        case "string": value.string != nil
        case "number": value.number != nil
        case "integer": value.number.map { $0 == $0.rounded() } ?? false
        case "boolean": value.bool != nil
        case "object": value.object != nil
        case "array": value.array != nil
        case "null": value == .null
        default: true
        }
    }
}
