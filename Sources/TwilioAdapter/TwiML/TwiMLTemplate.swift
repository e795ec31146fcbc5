/// A TwiML document with gaps, `{{name}}`, and nothing else to learn.
struct TwiMLTemplate: Sendable {
    /// The documents; the raw value is the name of the file without `.xml`.
    enum Name: String, Sendable, CaseIterable {
        case connect
        case unavailable
        case reject
        case hangup
        case fallback

        /// The gaps that this document can fill.
        var placeholders: [Placeholder] {
            switch self {
            case .connect: [.joinURL, .streamStatusURL, .language]
            case .unavailable, .reject, .fallback: [.message, .language]
            case .hangup: []
            }
        }
    }

    enum Placeholder: String, Sendable, CaseIterable {
        case joinURL = "join_url"
        case streamStatusURL = "stream_status_url"
        case message
        case language
    }

    private enum Part: Sendable {
        case text(String)
        case gap(Placeholder)
    }

    private let parts: [Part]

    /// - Parameters:
    ///   - text: the whole document.
    ///   - name: decides which placeholders are known.
    /// - Throws: the line, and what is wrong there.
    init(_ text: String, name: Name) throws(TwiMLFault) {
        var parts: [Part] = []
        var rest = text[...]
        var line = 1
        while let start = rest.firstIndex(of: "{{") {
            let before = rest[..<start]
            line += before.utf8.count { $0 == UInt8(ascii: "\n") }
            let behind = rest[rest.utf8.index(start, offsetBy: 2)...]
            guard let end = behind.firstIndex(of: "}}") else { throw TwiMLFault(line: line, problem: "{{ without }}") }
            let word = String(behind[..<end])
            guard let placeholder = Placeholder(rawValue: word), name.placeholders.contains(placeholder) else {
                throw TwiMLFault(line: line, problem: Self.complaint(about: word, in: name))
            }
            parts.append(.text(String(before)))
            parts.append(.gap(placeholder))
            rest = behind[behind.utf8.index(end, offsetBy: 2)...]
        }
        parts.append(.text(String(rest)))
        self.parts = parts
    }

    /// The document with its gaps filled by escaped values.
    func rendered(_ value: (Placeholder) -> String) -> String {
        parts.reduce(into: "") { text, part in
            switch part {
            case .text(let literal): text += literal
            case .gap(let placeholder): text += XMLText.escaped(value(placeholder))
            }
        }
    }

    private static func complaint(about word: String, in name: Name) -> String {
        let known = name.placeholders.map { "{{\($0.rawValue)}}" }
        let others = known.isEmpty ? "it has none" : "it has " + known.joined(separator: " and ")
        return "{{\(VendorText.bounded(word, to: 64))}} is not a placeholder of \(name.rawValue).xml; \(others)"
    }
}

/// A problem of a document, and its line.
struct TwiMLFault: Error {
    /// From 1.
    var line: Int
    var problem: String
}

extension Substring {
    /// The first position of the two ASCII characters `pair`, compared as bytes.
    fileprivate func firstIndex(of pair: StaticString) -> Index? {
        let (first, second) = (pair.utf8Start[0], pair.utf8Start[1])
        var index = utf8.startIndex
        while index < utf8.endIndex {
            let next = utf8.index(after: index)
            if utf8[index] == first, next < utf8.endIndex, utf8[next] == second { return index }
            index = next
        }
        return nil
    }
}
