import CallDomain

/// What values of template variables may be.
enum TemplateRules {
    static let variables = 50
    /// Levels of objects.
    static let depth = 4
    /// Characters of a name, and of a text.
    static let name = 64
    static let text = 1000
    /// Bytes of JSON in all.
    static let size = 16 << 10
}

extension FieldReader {
    /// Values of template variables: scalars, or objects of them.
    mutating func templateValues(_ name: String) -> JSONObject {
        guard let members = object(name) else { return [:] }
        if members.count > TemplateRules.variables {
            fail(name, "must have at most \(TemplateRules.variables) variables")
        }
        if JSONValue.object(members).encoded.count > TemplateRules.size {
            fail(name, "must be at most \(TemplateRules.size >> 10) KiB of JSON")
        }
        for (variable, value) in members {
            checkVariableName(variable, path: "\(name).\(variable.printable)")
            checkTemplateValue(value, path: "\(name).\(variable.printable)", depth: 1)
        }
        return members
    }

    private mutating func checkVariableName(_ variable: String, path: String) {
        if variable.utf8.count > TemplateRules.name || !TemplateText.isVariableName(variable) {
            fail(
                path,
                "must have a name of at most \(TemplateRules.name) letters, digits and _, not starting with a digit"
            )
        }
    }

    private mutating func checkTemplateValue(_ value: JSONValue, path: String, depth: Int) {
        switch value {
        case .bool, .number: break
        case .null: fail(path, "must not be null; leave the variable out or give an empty string")
        case .array: fail(path, "must be a string, a number, true, false or an object")
        case .string(let text):
            if text.unicodeScalars.count > TemplateRules.text {
                fail(path, "must be at most \(TemplateRules.text) characters long")
            }
            if text.hasForbiddenControls(multiline: true) {
                fail(path, "must not contain control characters other than tab, LF and CR")
            }
        case .object(let members):
            guard depth < TemplateRules.depth else {
                return fail(path, "must not be nested more than \(TemplateRules.depth) levels deep")
            }
            for (name, member) in members {
                checkVariableName(name, path: "\(path).\(name.printable)")
                checkTemplateValue(member, path: "\(path).\(name.printable)", depth: depth + 1)
            }
        }
    }
}
