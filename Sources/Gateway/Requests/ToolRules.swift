import CallDomain

extension FieldReader {
    /// Names of tools, or Ultravox's own objects, which are passed on as they are.
    ///
    /// Checked is what would fail at Ultravox, or do harm there: an unknown field, a known one of another type, and
    /// control characters in any text, however deep.
    /// - SeeAlso: https://docs.ultravox.ai/tools/overview (SelectedTool, BaseToolDefinition)
    mutating func tools() -> [JSONValue]? {
        guard let value = value("tools") else { return nil }
        guard let tools = value.arrayValue, tools.count <= AgentRules.tools else {
            fail("tools", "must be an array of at most \(AgentRules.tools) tool names or tool objects")
            return nil
        }
        for (index, tool) in tools.enumerated() {
            let path = "tools[\(index)]"
            switch tool {
            case .string(let name):
                if !AgentName.fits(name) { fail(path, "must be a tool's name: 1 to 64 letters, digits, - and _") }
            case .object(let members):
                checkTool(members, path)
            case .null, .bool, .number, .array:
                fail(path, "must be a tool's name or a tool object")
            }
        }
        return tools
    }

    private mutating func checkTool(_ members: JSONObject, _ path: String) {
        for (name, value) in members {
            let path = "\(path).\(name.printable)"
            guard let kind = ToolField.ofSelectedTool[name] else {
                fail(path, "is not a field of an Ultravox tool")
                continue
            }
            check(value, kind, path)
        }
        // `null` is absent to Ultravox, too.
        if ToolField.identities.count(where: { (members[$0] ?? .null) != .null }) != 1 {
            fail(path, "must have exactly one of toolId, toolName and temporaryTool")
        }
        if let definition = members["temporaryTool"]?.objectValue {
            for (name, kind) in ToolField.ofTemporaryTool {
                if let value = definition[name] { check(value, kind, "\(path).temporaryTool.\(name)") }
            }
        }
        refuseControls(.object(members)) { path }
    }

    private mutating func check(_ value: JSONValue, _ kind: ToolField, _ path: String) {
        switch (kind, value) {
        case (_, .null), (.text, .string), (.flag, .bool), (.object, .object), (.list, .array): break
        case (.name, .string(let name)):
            if !AgentName.fits(name) { fail(path, "must be 1 to 64 letters, digits, - and _") }
        case (.texts, .object(let members)):
            for (name, value) in members where value.stringValue == nil {
                fail("\(path).\(name.printable)", "must be a string")
            }
        case (.identity, .string(let text)):
            if text.isEmpty { fail(path, "must not be empty") }
        case (.name, _), (.text, _), (.identity, _): fail(path, "must be a string")
        case (.flag, _): fail(path, "must be true or false")
        case (.object, _), (.texts, _): fail(path, "must be an object")
        case (.list, _): fail(path, "must be an array")
        }
    }

    /// Names of members too: a model reads them as it reads the texts. The depth is bounded by the parser.
    /// A path is written only where something is wrong: deep values may have many members with long names.
    private mutating func refuseControls(_ value: JSONValue, _ path: () -> String) {
        switch value {
        case .null, .bool, .number: break
        case .string(let text):
            if text.hasForbiddenControls(multiline: true) {
                fail(path(), "must not contain control characters other than tab, LF and CR")
            }
        case .array(let values):
            for (index, value) in values.enumerated() { refuseControls(value) { "\(path())[\(index)]" } }
        case .object(let members):
            for (name, value) in members {
                func inner() -> String { "\(path()).\(name.printable)" }
                if name.hasForbiddenControls(multiline: false) {
                    fail(inner(), "must not have control characters in its name")
                }
                refuseControls(value, inner)
            }
        }
    }
}

/// What a field of a tool holds.
enum ToolField {
    /// One that a model calls the tool by: `^[A-Za-z0-9_-]{1,64}$`.
    case name
    /// One that Ultravox knows the tool by.
    case identity
    case text
    case flag
    case object
    /// An object of strings.
    case texts
    case list

    static let identities = ["toolId", "toolName", "temporaryTool"]

    /// All of them; others are refused.
    static let ofSelectedTool: [String: ToolField] = [
        "toolId": .identity, "toolName": .identity, "temporaryTool": .object, "nameOverride": .name,
        "descriptionOverride": .text, "authTokens": .texts, "parameterOverrides": .object, "transitionId": .text,
    ]

    /// The top-level fields of a definition; Ultravox checks the others.
    static let ofTemporaryTool: KeyValuePairs<String, ToolField> = [
        "modelToolName": .name, "description": .text, "dynamicParameters": .list, "staticParameters": .list,
        "automaticParameters": .list, "requirements": .object, "timeout": .text, "precomputable": .flag,
        "http": .object, "client": .object, "dataConnection": .object, "defaultReaction": .text,
        "staticResponse": .object,
    ]
}
