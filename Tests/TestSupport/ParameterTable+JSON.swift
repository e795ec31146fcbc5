package import Foundation

extension ParameterTable {
    /// What is wrong with a JSON document that should be of the named type: text that is not strict JSON, repeated and
    /// unknown names, missing and null fields, and values outside their type, list, pattern, length or range, at any
    /// depth.
    package func violations(inJSON data: Data, as typeName: String) -> [String] {
        let document: JSONDocument
        do {
            document = try JSONDocument(data)
        } catch {
            return ["not strict JSON: \(error)"]
        }
        return violations(in: document, ofType: typeName, at: "")
    }

    private func violations(in value: JSONDocument, ofType typeName: String, at path: String) -> [String] {
        let place = path.isEmpty ? typeName : path
        guard let type = types[typeName] else { return ["\(place): type \(typeName) is not in the table"] }
        guard case .object(let members) = value else { return ["\(place): \(value.word) is no object"] }
        var violations: [String] = []
        var seen: Set<String> = []
        var present: Set<String> = []
        for (name, member) in members {
            let memberPath = path.isEmpty ? name : "\(path).\(name)"
            if !seen.insert(name).inserted {
                violations.append("\(memberPath): given more than once")
            }
            if member != .null {
                present.insert(name)
            }
            guard let field = type.fields[name] else {
                violations.append("\(memberPath): unknown field")
                continue
            }
            if direction == .request, field.isReadOnly {
                violations.append("\(memberPath): only the vendor sets this")
            } else if direction == .answer, field.isWriteOnly {
                violations.append("\(memberPath): the vendor never returns this")
            }
            violations += self.violations(in: member, of: field, at: memberPath)
        }
        for (name, field) in type.fields.sorted(by: { $0.key < $1.key })
        where field.isRequired && !seen.contains(name) {
            violations.append("\(path.isEmpty ? name : "\(path).\(name)"): missing")
        }
        return violations + type.rules.compactMap { $0.violation(of: present, at: place) }
    }

    private func violations(in value: JSONDocument, of field: ParameterField, at path: String) -> [String] {
        if value == .null {
            return field.isNullable || field.kind == .any ? [] : ["\(path): may not be null"]
        }
        return violations(in: value, of: field.kind, field, at: path)
    }

    private func violations(
        in value: JSONDocument,
        of kind: ParameterField.Kind,
        _ field: ParameterField,
        at path: String
    ) -> [String] {
        switch (kind, value) {
        case (.any, _):
            return []
        case (.object(let name), _):
            return violations(in: value, ofType: name, at: path)
        case (.array(let item), .array(let items)):
            return items.enumerated().flatMap { violations(in: $1, of: item, field, at: "\(path)[\($0)]") }
        case (.map(let kind), .object(let members)):
            return violations(inMap: members, of: kind, field, at: path)
        case (.boolean, .boolean):
            return []
        case (.integer, .number(let text)), (.number, .number(let text)):
            return field.violations(inNumber: text, of: kind, at: path)
        case (.string, .string(let text)), (.duration, .string(let text)), (.datetime, .string(let text)),
            (.rfc2822, .string(let text)), (.uuid, .string(let text)), (.uri, .string(let text)):
            return field.violations(inText: text, of: kind, at: path)
        case (.string, _), (.integer, _), (.number, _), (.boolean, _), (.duration, _), (.datetime, _), (.rfc2822, _),
            (.uuid, _), (.uri, _), (.array, _), (.map, _):
            return ["\(path): \(value.word) is no \(kind)"]
        }
    }

    private func violations(
        inMap members: [(name: String, value: JSONDocument)],
        of kind: ParameterField.Kind,
        _ field: ParameterField,
        at path: String
    ) -> [String] {
        var seen: Set<String> = []
        return members.flatMap { name, value in
            var violations: [String] = []
            let memberPath = "\(path).\(name)"
            if !seen.insert(name).inserted {
                violations.append("\(memberPath): given more than once")
            }
            if let keyPattern = field.keyPattern, !name.matches(keyPattern) {
                violations.append("\(memberPath): the name does not match \(keyPattern)")
            }
            return violations + self.violations(in: value, of: kind, field, at: memberPath)
        }
    }
}
