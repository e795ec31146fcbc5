import CallDomain

extension FieldReader {
    /// Values of template variables: at most 50 names, scalars or objects four levels deep, 1,000 characters a string,
    /// 16 KiB in all.
    mutating func templateValues(_ name: String) -> JSONObject {
        guard let members = object(name) else { return [:] }
        if members.count > 50 { fail(name, "must have at most 50 variables") }
        if JSONValue.object(members).encoded.count > 16 << 10 { fail(name, "must be at most 16 KiB of JSON") }
        for (variable, value) in members {
            checkVariableName(variable, path: "\(name).\(variable.printable)")
            checkTemplateValue(value, path: "\(name).\(variable.printable)", depth: 1)
        }
        return members
    }

    private mutating func checkVariableName(_ variable: String, path: String) {
        if variable.utf8.count > 64 || !TemplateText.isVariableName(variable) {
            fail(path, "must have a name of at most 64 letters, digits and _, not starting with a digit")
        }
    }

    private mutating func checkTemplateValue(_ value: JSONValue, path: String, depth: Int) {
        switch value {
        case .bool, .number: break
        case .null: fail(path, "must not be null; leave the variable out or give an empty string")
        case .array: fail(path, "must be a string, a number, true, false or an object")
        case .string(let text):
            if text.unicodeScalars.count > 1000 { fail(path, "must be at most 1000 characters long") }
            if text.hasForbiddenControls(multiline: true) {
                fail(path, "must not contain control characters other than tab, LF and CR")
            }
        case .object(let members):
            guard depth < 4 else { return fail(path, "must not be nested more than 4 levels deep") }
            for (name, member) in members {
                checkVariableName(name, path: "\(path).\(name.printable)")
                checkTemplateValue(member, path: "\(path).\(name.printable)", depth: depth + 1)
            }
        }
    }
}
