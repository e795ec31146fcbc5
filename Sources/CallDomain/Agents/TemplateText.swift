/// Text with `{{variables}}`, as Ultravox's prompts have it (Mustache).
/// - SeeAlso: https://docs.ultravox.ai/agents/making-calls
package enum TemplateText {
    /// The names of the variables that `text` mentions, in order, each once. `{{user.name}}` mentions `user`.
    package static func variables(in text: String) -> [String] {
        var names: [String] = []
        for case .variable(let path) in segments(of: text) where !names.contains(path[0]) { names.append(path[0]) }
        return names
    }

    /// `text` with every variable replaced by its value in `context`; one without a value becomes empty, as Mustache
    /// does it.
    package static func fill(_ text: String, with context: JSONObject) -> String {
        segments(of: text).map { segment in
            switch segment {
            case .text(let text), .other(let text): text
            case .variable(let path): self.text(at: path, in: context)
            }
        }.joined()
    }

    /// Whether `name` can name a variable: `^[A-Za-z_][A-Za-z0-9_]*$`.
    package static func isVariableName(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, isLetter(first) else { return false }
        return name.utf8.allSatisfy { isLetter($0) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    enum Segment: Equatable {
        case text(String)
        case variable(path: [String])
        /// `{{…}}` that names no variable: it stays as it stands.
        case other(String)
    }

    static func segments(of text: String) -> [Segment] {
        var segments: [Segment] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            // `{{{name}}}` and `{{&name}}` are Mustache's unescaped forms, `{{#name}}`, `{{^name}}`, `{{/name}}` sections.
            let inner = rest[open.upperBound..<close.lowerBound]
            let named = inner.drop { "{&#^/ \t".contains($0) }
            let name = named.prefix { !"} \t".contains($0) }
            let isPlain = named[name.endIndex...].allSatisfy { "} \t".contains($0) }
            let path = name.split(separator: ".", omittingEmptySubsequences: false)
            var end = close.upperBound
            if inner.hasPrefix("{"), rest[end...].hasPrefix("}") { end = rest.index(after: end) }
            segments.append(.text(String(rest[..<open.lowerBound])))
            if isPlain, path.allSatisfy({ isVariableName($0) }) {
                segments.append(.variable(path: path.map(String.init)))
            } else {
                segments.append(.other(String(rest[open.lowerBound..<end])))
            }
            rest = rest[end...]
        }
        segments.append(.text(String(rest)))
        return segments
    }

    private static func text(at path: [String], in context: JSONObject) -> String {
        var value = context[path[0]]
        for name in path.dropFirst() { value = value?.objectValue?[name] }
        switch value {
        case nil, .null: return ""
        case .string(let text): return text
        case .number(let number): return number.literal
        case .bool(let flag): return flag ? "true" : "false"
        case .array, .object: return value.map { String(decoding: $0.encoded, as: UTF8.self) } ?? ""
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
            || byte == UInt8(ascii: "_")
    }
}
