/// One type of a parameter table: its fields, and rules over several fields.
struct ParameterType: Sendable, Decodable {
    /// How many fields of a group may be present.
    enum RuleKind: String, Sendable {
        case atLeastOneOf = "$atLeastOneOf"
        case atMostOneOf = "$atMostOneOf"
        case exactlyOneOf = "$exactlyOneOf"

        func admits(_ count: Int) -> Bool {
            switch self {
            case .atLeastOneOf: count >= 1
            case .atMostOneOf: count <= 1
            case .exactlyOneOf: count == 1
            }
        }
    }

    /// A rule over a group of fields.
    struct Rule: Sendable {
        let kind: RuleKind
        let fields: [String]

        /// The violation when `present` fields are there, if there is one.
        func violation(of present: Set<String>, at path: String) -> String? {
            let count = fields.count(where: present.contains)
            guard !kind.admits(count) else { return nil }
            let words = kind.rawValue.dropFirst()
            return "\(path): \(words) \(fields.joined(separator: ", ")) is broken: \(count) present"
        }
    }

    let fields: [String: ParameterField]
    let rules: [Rule]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: ParameterKey.self)
        var fields: [String: ParameterField] = [:]
        var rules: [Rule] = []
        for key in container.allKeys {
            if let kind = RuleKind(rawValue: key.stringValue) {
                let groups = try container.decode([[String]].self, forKey: key)
                rules += groups.map { Rule(kind: kind, fields: $0) }
            } else {
                fields[key.stringValue] = try container.decode(ParameterField.self, forKey: key)
            }
        }
        self.fields = fields
        self.rules = rules
    }
}

/// A name in a parameter table.
struct ParameterKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}
