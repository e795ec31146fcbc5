import CallDomain

/// What the texts of the description are put together with.
extension APIDescription {
    /// A text as JSON, its quotes included.
    func json(_ text: String) -> String { String(decoding: JSONValue.string(text).encoded, as: UTF8.self) }

    func json(_ words: [String]) -> String {
        String(decoding: JSONValue.array(words.map(JSONValue.string)).encoded, as: UTF8.self)
    }

    func json<Words: CaseIterable & RawRepresentable>(_ words: Words.Type) -> String where Words.RawValue == String {
        json(words.allCases.map(\.rawValue))
    }

    /// The members of a schema for one of `words`, or a word that a later version adds: a client that was generated from a
    /// closed list would fail at a new one.
    func open(_ words: [String]) -> String {
        #""anyOf": [{"type": "string", "enum": \#(json(words))}, {"type": "string"}]"#
    }

    func open<Words: CaseIterable & RawRepresentable>(_ words: Words.Type) -> String where Words.RawValue == String {
        open(words.allCases.map(\.rawValue))
    }

    /// The members of a schema for one of these words in a request, where no other one is taken; `null` is none of them,
    /// and the usual one is meant. Generators of clients make one type of the words that stand without `null`.
    func choice<Words: CaseIterable & RawRepresentable>(_ words: Words.Type, usual: Words) -> String
    where Words.RawValue == String {
        #"""
        "anyOf": [{"type": "string", "enum": \#(json(words))}, {"type": "null"}], "default": \#(json(usual.rawValue))
        """#
    }

    /// The members of a schema for a text in one line, or with line breaks, of at most so many characters.
    func text(_ lines: Lines, _ longest: Int, orNull: Bool = false) -> String {
        #"""
        "type": \#(orNull ? #"["string", "null"]"# : #""string""#), "minLength": 1, "maxLength": \#(longest),
        "pattern": "\#(lines.rawValue)"
        """#
    }

    /// The pattern of texts without control characters, as ``Swift/String/hasForbiddenControls(multiline:)`` has them.
    enum Lines: String {
        case one = #"^[^\\u0000-\\u001F\\u007F-\\u009F]*$"#
        case several = #"^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*$"#
    }

    /// The members of a schema for a whole number in that range.
    func integer(_ range: ClosedRange<Int>, orNull: Bool = false) -> String {
        #""type": \#(orNull ? #"["integer", "null"]"# : #""integer""#), "minimum": \#(range.lowerBound), "maximum": \#(range.upperBound)"#
    }

    /// The schema of a time.
    func time(_ description: String, example: String = "2026-11-22T11:46:18.000Z") -> String {
        """
        {"type": "string", "format": "date-time", "description": \(json(description)), "examples": [\(json(example))]}
        """
    }

    /// The schema of a time that is not known of everything.
    func optionalTime(_ description: String, example: String = "2026-11-22T11:46:18.000Z") -> String {
        """
        {
          "type": ["string", "null"], "format": "date-time", "description": \(json(description)),
          "examples": [\(json(example)), null]
        }
        """
    }

    /// The schema of a text that is not known of everything.
    func optionalText(_ description: String, example: String) -> String {
        """
        {"type": ["string", "null"], "description": \(json(description)), "examples": [\(json(example)), null]}
        """
    }

    /// A reference to one of the components.
    static func reference(_ kind: String, _ name: String) -> JSONValue {
        ["$ref": .string("#/components/\(kind)/\(name)")]
    }
}
