extension TemplateText {
    /// Who fills a text in.
    package enum Filler: Sendable {
        /// Ultravox, which knows all of Mustache: prompts.
        case platform
        /// This gateway, which knows variables alone: greetings.
        case gateway
    }

    /// The longest name of a variable, in characters: orders and defaults name none that is longer.
    package static let longestName = 64

    /// Why parts of `text` would be spoken, or read to the model, as they stand, each with what to write in its place.
    ///
    /// In a prompt Mustache's sections and comments are Ultravox's business, so that they pass; in a greeting they would be
    /// spoken. Partials and other delimiters work nowhere: there is nothing to include, and variables would go unnoticed.
    package static func problems(in text: String, filledBy filler: Filler) -> [String] {
        var problems: [String] = []
        for segment in segments(of: text) {
            let problem: String? =
                switch segment {
                case .text(let text): text.contains("{{") ? "has {{ without }}: close it, or write a single {" : nil
                case .variable(let path): problem(with: path, filler, in: text)
                case .other(let tag): self.problem(with: tag, filler)
                }
            if let problem, !problems.contains(problem) { problems.append(problem) }
        }
        if case .gateway = filler {
            let dense = text.filter { $0 != " " && $0 != "\t" }
            for sigil in ["#", "^", "/"] where dense.contains("{{\(sigil)") {
                problems.append(
                    "has a section ({{\(sigil)…}}), which a greeting cannot have: use {{variable}} alone, and give each "
                        + "call its words by template_context"
                )
                break
            }
        }
        return problems
    }

    private static func problem(with path: [String], _ filler: Filler, in text: String) -> String? {
        guard let long = path.first(where: { $0.utf8.count > longestName }) else { return nil }
        return "has {{\(shown(path.joined(separator: ".")))}}: the name \(shown(long)) is longer than \(longestName) "
            + "characters, so that no call could give it a value"
    }

    private static func problem(with tag: String, _ filler: Filler) -> String? {
        let inner = tag.drop { $0 == "{" }.prefix { $0 != "}" }
        switch (inner.first { $0 != " " && $0 != "\t" }, filler) {
        case ("!", .platform): return nil
        case ("!", .gateway): return "has the comment \(shown(tag)), which would be spoken: leave it out"
        case (".", .platform) where inner.allSatisfy({ ". \t".contains($0) }): return nil
        case (">", _): return "has \(shown(tag)): there is nothing to include; write the text itself"
        case ("=", _): return "has \(shown(tag)): the delimiters are always {{ and }}; leave it out"
        case (_, _):
            let advice = suggestion(for: String(inner)).map { "write {{\($0)}}" } ?? "name a variable"
            return
                "has \(shown(tag)), which is no variable and would stay as it stands: \(advice) (letters, digits and _, "
                + "not starting with a digit)"
        }
    }

    /// A variable like the one that was meant; `nil` if nothing of it is left.
    private static func suggestion(for inner: String) -> String? {
        let sigils: Set<Character> = ["&", "#", "^", "/", " ", "\t", "\n", "\r"]
        let names = inner.drop(while: sigils.contains).split(separator: ".").map { part in
            let words = part.utf8.split { !isNameByte($0) }.map { String(decoding: $0, as: UTF8.self) }
            let name = words.joined(separator: "_")
            return name.first?.isNumber == true ? "_" + name : name
        }
        guard !names.isEmpty, names.allSatisfy({ !$0.isEmpty && $0.utf8.count <= longestName }) else { return nil }
        return names.joined(separator: ".")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isVariableName(String(UnicodeScalar(byte))) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    /// A client's own words, shortened and on one line.
    private static func shown(_ text: String) -> String {
        let line = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
        return line.count <= 80 ? line : line.prefix(80) + "…"
    }
}
