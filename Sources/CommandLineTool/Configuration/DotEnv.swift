/// The content of a `.env` file: `NAME=value`, a line each.
///
/// Grammar: empty lines and lines that begin with `#` are skipped; `export` may stand before the name; blanks may stand
/// around `=`. A value is bare (to the end of the line or, as in a shell, to a `#` after a blank; blanks at its end
/// dropped), in single quotes (taken as it is) or in double quotes, in which `\"`, `\\`, `\$`, `\n`, `\r` and `\t` are
/// read and another backslash stays. Nothing is expanded, and no value goes over several lines. Lines end in LF or CRLF.
struct DotEnv: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        let name: String
        let value: String
        /// Counted from 1.
        let line: Int
    }

    /// A line that cannot be read. Does not repeat the line: it may hold a secret.
    struct Malformation: Sendable, Equatable {
        let line: Int
        let wrong: String
    }

    private(set) var entries: [Entry] = []
    private(set) var malformations: [Malformation] = []

    init(_ text: String) {
        var scalars = text.unicodeScalars[...]
        // The byte order mark of some editors.
        if scalars.first == "\u{FEFF}" { scalars = scalars.dropFirst() }
        for (index, line) in scalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            do {
                let line = line.last == "\r" ? line.dropLast() : line
                if let (name, value) = try Self.assignment(line) {
                    entries.append(Entry(name: name, value: value, line: index + 1))
                }
            } catch {
                malformations.append(Malformation(line: index + 1, wrong: error.wrong))
            }
        }
    }

    private typealias Scalars = Substring.UnicodeScalarView

    private static func assignment(_ line: Scalars) throws(ValueFault) -> (name: String, value: String)? {
        var rest = line.drop(while: isBlank)
        guard let first = rest.first, first != "#" else { return nil }
        guard rest.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F || $0 == "\t" }) else {
            throw ValueFault("has a control character")
        }
        var name = takeName(&rest)
        if name == "export", let next = rest.first, isBlank(next) {
            rest = rest.drop(while: isBlank)
            name = takeName(&rest)
        }
        rest = rest.drop(while: isBlank)
        guard let initial = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= initial), rest.first == "="
        else { throw ValueFault("is not NAME=value") }
        let behind = rest.dropFirst()
        return (name, try value(behind.drop(while: isBlank), isAfterBlank: behind.first.map(isBlank) ?? false))
    }

    private static func takeName(_ rest: inout Scalars) -> String {
        let name = rest.prefix {
            switch $0 {
            case "A"..."Z", "a"..."z", "0"..."9", "_": true
            default: false
            }
        }
        rest = rest.dropFirst(name.count)
        return String(Substring(name))
    }

    private static func value(_ text: Scalars, isAfterBlank: Bool) throws(ValueFault) -> String {
        switch text.first {
        case "'": try quoted(text.dropFirst(), by: "'")
        case "\"": try quoted(text.dropFirst(), by: "\"")
        default: try bare(text, isAfterBlank: isAfterBlank)
        }
    }

    private static func bare(_ text: Scalars, isAfterBlank: Bool) throws(ValueFault) -> String {
        var value = Scalars()
        var previous: Unicode.Scalar = isAfterBlank ? " " : "="
        for scalar in text {
            if scalar == "#", isBlank(previous) { break }
            // A shell would drop the quotes and other readers keep them, so the intended value is not known.
            guard scalar != "\"", scalar != "'" else {
                throw ValueFault("has a quote inside a value: put the whole value in quotes")
            }
            value.append(scalar)
            previous = scalar
        }
        while let last = value.last, isBlank(last) { value.removeLast() }
        return String(Substring(value))
    }

    private static func quoted(_ text: Scalars, by quote: Unicode.Scalar) throws(ValueFault) -> String {
        var value = String.UnicodeScalarView()
        var rest = text
        while let scalar = rest.popFirst() {
            if scalar == quote {
                let tail = rest.drop(while: isBlank)
                guard tail.isEmpty || tail.first == "#" && tail.count < rest.count else {
                    throw ValueFault("has text after the closing quote")
                }
                return String(value)
            }
            if scalar == "\\", quote == "\"", let next = rest.first, let meant = escapes[next] {
                rest = rest.dropFirst()
                value.append(meant)
            } else {
                value.append(scalar)
            }
        }
        throw ValueFault("has no closing quote")
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "\"": "\"", "\\": "\\", "$": "$", "n": "\n", "r": "\r", "t": "\t",
    ]

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
}
