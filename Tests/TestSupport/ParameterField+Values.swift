extension ParameterField {
    /// What is wrong with a text that should be of `kind`.
    func violations(inText text: String, of kind: Kind, at path: String) -> [String] {
        var violations: [String] = []
        if let grammar = kind.grammar, !text.matches(grammar) {
            violations.append("\(path): \(text.quoted) is no \(kind)")
        }
        if let values, !values.contains(text) {
            violations.append("\(path): \(text.quoted) is none of \(values.sorted().joined(separator: ", "))")
        }
        if let pattern, !text.matches(pattern) {
            violations.append("\(path): \(text.quoted) does not match \(pattern)")
        }
        let length = text.unicodeScalars.count
        if let shortest, length < shortest {
            violations.append("\(path): \(length) characters are fewer than \(shortest)")
        }
        if let longest, length > longest {
            violations.append("\(path): \(length) characters are more than \(longest)")
        }
        return violations
    }

    /// What is wrong with the text of a number that should be of `kind`.
    func violations(inNumber text: String, of kind: Kind, at path: String) -> [String] {
        guard let value = Double(text), value.isFinite else { return ["\(path): \(text.quoted) is no number"] }
        var violations: [String] = []
        if kind == .integer, !text.matches("^-?[0-9]+$") {
            violations.append("\(path): \(text) is no integer")
        }
        if let minimum, value < minimum {
            violations.append("\(path): \(text) is below \(minimum.short)")
        }
        if let maximum, value > maximum {
            violations.append("\(path): \(text) is above \(maximum.short)")
        }
        return violations
    }
}

extension String {
    /// Whether the whole text matches; a pattern that does not compile matches nothing.
    func matches(_ pattern: String) -> Bool {
        guard let regex = try? Regex(pattern).matchingSemantics(.unicodeScalar) else { return false }
        return (try? regex.wholeMatch(in: self)) != nil
    }

    /// The text in quotes, cut so that a long one does not hide the message.
    var quoted: String {
        count > 60 ? "\"\(prefix(60))…\"" : "\"\(self)\""
    }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var short: String {
        self == rounded() ? String(Int(self)) : String(self)
    }
}
