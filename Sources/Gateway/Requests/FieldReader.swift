import CallDomain

/// Reads a JSON object field by field and collects all problems.
///
/// `null` counts as absent. Dangerous input is refused, never rewritten: a prompt keeps every apostrophe.
struct FieldReader {
    private let members: JSONObject
    private var known: Set<String> = []
    private(set) var errors: [Problem.FieldError] = []
    /// More would not help, and would make the answer larger than the request.
    static let mostErrors = 50
    /// Nor would a longer path, of a field that lies deep within others.
    static let longestPath = 400

    init(_ members: JSONObject) { self.members = members }

    mutating func fail(_ field: String, _ message: String) {
        guard errors.count < Self.mostErrors else { return }
        errors.append(.init(String(field.prefix(Self.longestPath)), message))
    }

    /// The field's value, unless it is absent or `null`.
    mutating func value(_ name: String) -> JSONValue? {
        known.insert(name)
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    mutating func string(_ name: String, required: Bool = false, maximum: Int, multiline: Bool = false) -> String? {
        guard let value = value(name) else {
            if required { fail(name, "is required") }
            return nil
        }
        guard let text = value.stringValue else {
            fail(name, "must be a string")
            return nil
        }
        guard !text.isEmpty else {
            fail(name, "must not be empty")
            return nil
        }
        guard text.unicodeScalars.count <= maximum else {
            fail(name, "must be at most \(maximum) characters long")
            return nil
        }
        guard !text.hasForbiddenControls(multiline: multiline) else {
            fail(name, "must not contain control characters" + (multiline ? " other than tab, LF and CR" : ""))
            return nil
        }
        return text
    }

    mutating func bool(_ name: String, default fallback: Bool) -> Bool {
        guard let value = value(name) else { return fallback }
        guard let flag = value.boolValue else {
            fail(name, "must be true or false")
            return fallback
        }
        return flag
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.intValue, range.contains(number) else {
            fail(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    mutating func number(_ name: String, in range: ClosedRange<Double>) -> JSONNumber? {
        guard let value = value(name) else { return nil }
        guard case .number(let number) = value, let double = number.double, range.contains(double) else {
            fail(
                name,
                "must be a number from \(JSONNumber(range.lowerBound)?.literal ?? "") to "
                    + "\(JSONNumber(range.upperBound)?.literal ?? "")"
            )
            return nil
        }
        return number
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String,
        default fallback: Choice
    ) -> Choice where Choice.RawValue == String {
        guard let value = value(name) else { return fallback }
        guard let choice = value.stringValue.flatMap(Choice.init(rawValue:)) else {
            fail(name, "must be one of " + Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
            return fallback
        }
        return choice
    }

    mutating func object(_ name: String) -> JSONObject? {
        guard let value = value(name) else { return nil }
        guard let members = value.objectValue else {
            fail(name, "must be an object")
            return nil
        }
        return members
    }

    /// - Throws: ``Problem`` with every error found, unknown fields included.
    mutating func finish() throws {
        for name in members.keys where !known.contains(name) {
            let taken = known.sorted().joined(separator: ", ")
            fail(name.printable, "is not a field of this request, which has \(taken)")
        }
        guard errors.isEmpty else { throw Problem.validation(errors) }
    }
}

extension String {
    /// Whether the text has control characters other than, where lines are allowed, tab, LF and CR.
    func hasForbiddenControls(multiline: Bool) -> Bool {
        unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x09, 0x0A, 0x0D: !multiline
            case 0..<0x20, 0x7F...0x9F: true
            default: false
            }
        }
    }

    /// A client's own words, shortened and without control characters, to be named in an error.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F ~= $0.value) }.prefix(64)
            )
        )
    }
}
