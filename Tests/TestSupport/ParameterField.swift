/// What a parameter table says of one field.
struct ParameterField: Sendable, Decodable {
    /// The type of a value.
    indirect enum Kind: Sendable, Equatable {
        case string
        case integer
        case number
        case boolean
        /// Seconds with the suffix `s`, as text: `"0.64s"`.
        case duration
        /// ISO 8601 with an offset.
        case datetime
        /// `Sun, 22 Nov 2026 11:46:05 +0000`.
        case rfc2822
        case uuid
        /// Absolute, with scheme and host.
        case uri
        /// Anything, null included.
        case any
        case object(String)
        case array(Kind)
        /// An object with free names.
        case map(Kind)

        private static let plain: [String: Kind] = [
            "string": .string, "integer": .integer, "number": .number, "boolean": .boolean, "duration": .duration,
            "datetime": .datetime, "rfc2822": .rfc2822, "uuid": .uuid, "uri": .uri, "any": .any,
        ]

        /// Reads `string`, `object:Call`, `array:object:Call`, `map:any` and so on; nil when it is none.
        init?(_ text: some StringProtocol) {
            if let plain = Self.plain[String(text)] {
                self = plain
                return
            }
            let parts = text.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            switch parts[0] {
            case "object":
                self = .object(String(parts[1]))
            case "array":
                guard let item = Kind(parts[1]) else { return nil }
                self = .array(item)
            case "map":
                guard let value = Kind(parts[1]) else { return nil }
                self = .map(value)
            default:
                return nil
            }
        }

        /// The type of the table that this kind needs.
        var referencedType: String? {
            switch self {
            case .object(let name): name
            case .array(let kind), .map(let kind): kind.referencedType
            case .string, .integer, .number, .boolean, .duration, .datetime, .rfc2822, .uuid, .uri, .any: nil
            }
        }

        /// The grammar of a text of this kind, when it has one.
        var grammar: String? {
            switch self {
            case .duration: "^-?(?:0|[1-9][0-9]{0,11})(?:\\.[0-9]{1,9})?s$"
            case .datetime:
                "^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})$"
            case .rfc2822:
                "^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-6][0-9] [+]0000$"
            case .uuid: "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
            case .uri: "^[A-Za-z][A-Za-z0-9+.-]*://[!-~]+$"
            case .string, .integer, .number, .boolean, .any, .object, .array, .map: nil
            }
        }
    }

    let kind: Kind
    let values: Set<String>?
    let isNullable: Bool
    let isRequired: Bool
    let isRepeatable: Bool
    let isReadOnly: Bool
    let isWriteOnly: Bool
    /// Fewest and most characters of a text, or of each text of an array.
    let shortest: Int?
    let longest: Int?
    let minimum: Double?
    let maximum: Double?
    let pattern: String?
    /// What the names of a map must match.
    let keyPattern: String?

    private static let names: Set<String> = [
        "type", "enum", "nullable", "required", "repeatable", "readOnly", "writeOnly", "min", "max", "minimum",
        "maximum", "pattern", "keyPattern",
    ]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: ParameterKey.self)
        // A misspelled property would silently check nothing.
        if let unknown = container.allKeys.first(where: { !Self.names.contains($0.stringValue) }) {
            throw DecodingError.dataCorruptedError(
                forKey: unknown,
                in: container,
                debugDescription: "no property of a field"
            )
        }
        func read<Value: Decodable>(_ name: String) throws -> Value? {
            try container.decodeIfPresent(Value.self, forKey: ParameterKey(stringValue: name))
        }
        let typeKey = ParameterKey(stringValue: "type")
        let text = try container.decode(String.self, forKey: typeKey)
        guard let kind = Kind(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: typeKey,
                in: container,
                debugDescription: "\(text) is no type"
            )
        }
        self.kind = kind
        let values: [String]? = try read("enum")
        self.values = values.map(Set.init)
        self.isNullable = try read("nullable") ?? false
        self.isRequired = try read("required") ?? false
        self.isRepeatable = try read("repeatable") ?? false
        self.isReadOnly = try read("readOnly") ?? false
        self.isWriteOnly = try read("writeOnly") ?? false
        self.shortest = try read("min")
        self.longest = try read("max")
        self.minimum = try read("minimum")
        self.maximum = try read("maximum")
        self.pattern = try read("pattern")
        self.keyPattern = try read("keyPattern")
    }
}
