import Foundation

/// A Swift source, with comments and the contents of strings blanked out, line by line.
struct SourceText {
    /// A module named by an import declaration.
    struct Import: Equatable {
        let module: String
        /// From 1.
        let line: Int
    }

    /// The lines, without comments and strings.
    let lines: [String]

    init(_ text: String) {
        var eraser = Eraser(text)
        self.lines = eraser.erased().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Every import, with any attribute, access modifier, kind and submodule.
    var imports: [Import] {
        let attribute = #"(?:@[A-Za-z_][A-Za-z0-9_]*(?:\([^)]*\))?\s*)*"#
        let access = #"(?:(?:public|package|internal|fileprivate|private)\s+)?"#
        let kind = #"(?:(?:struct|class|enum|actor|protocol|typealias|func|let|var)\s+)?"#
        let pattern = "^\\s*\(attribute)\(access)\(attribute)import\\s+\(kind)`?([A-Za-z_][A-Za-z0-9_]*)"
        return matches(of: pattern).map { Import(module: $0.text, line: $0.line) }
    }

    /// The lines with a match of `pattern`, and the text of its first group, or of the match.
    func matches(of pattern: String) -> [(text: String, line: Int)] {
        guard let regex = try? Regex(pattern) else { return [] }
        return lines.enumerated().flatMap { index, line in
            line.split(separator: ";").compactMap { statement in
                guard let match = statement.firstMatch(of: regex) else { return nil }
                let group = match.output.count > 1 ? match.output[1].substring : nil
                return (String(group ?? statement[match.range]), index + 1)
            }
        }
    }
}

/// Blanks comments and strings out of a Swift source; line breaks stay.
private struct Eraser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var result = String.UnicodeScalarView()

    init(_ text: String) {
        self.scalars = Array(text.unicodeScalars)
    }

    mutating func erased() -> String {
        while position < scalars.count {
            if starts("//") {
                skip { !$0.starts("\n") }
            } else if starts("/*") {
                skipBlockComment()
            } else if let hashes = stringStart() {
                skipString(hashes: hashes)
            } else {
                result.append(scalars[position])
                position += 1
            }
        }
        return String(result)
    }

    private func starts(_ text: String, at offset: Int = 0) -> Bool {
        let from = position + offset
        return from <= scalars.count && scalars[from...].starts(with: text.unicodeScalars)
    }

    /// Passes over one scalar, keeping the numbers of the lines.
    private mutating func pass() {
        guard position < scalars.count else { return }
        if scalars[position] == "\n" {
            result.append("\n")
        }
        position += 1
    }

    private mutating func skip(while condition: (Eraser) -> Bool) {
        while position < scalars.count, condition(self) {
            pass()
        }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                position += 2
            } else if starts("*/") {
                depth -= 1
                position += 2
            } else {
                pass()
            }
        } while depth > 0 && position < scalars.count
    }

    /// The number of `#` before a string that starts here; nil when none does.
    private func stringStart() -> Int? {
        var hashes = 0
        while starts("#", at: hashes) {
            hashes += 1
        }
        return starts("\"", at: hashes) ? hashes : nil
    }

    private mutating func skipString(hashes: Int) {
        position += hashes
        let isMultiline = starts("\"\"\"")
        let fence = String(repeating: "#", count: hashes)
        let end = (isMultiline ? "\"\"\"" : "\"") + fence
        let escape = "\\" + fence
        position += isMultiline ? 3 : 1
        result.append(contentsOf: "\"\"".unicodeScalars)
        while position < scalars.count, !starts(end) {
            if !isMultiline, starts("\n") { return }
            if starts(escape) {
                position += escape.unicodeScalars.count
            }
            pass()
        }
        position = min(position + end.unicodeScalars.count, scalars.count)
    }
}
