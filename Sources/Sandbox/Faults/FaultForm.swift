import OrderedCollections

/// Reads the JSON of a rule member by member; unknown members are refused.
struct FaultForm {
    private var members: OrderedDictionary<String, JSON>
    private var known: [String] = []

    init(_ json: JSON) throws(FaultProblem) {
        guard let members = json.object else { throw FaultProblem("a rule must be a JSON object") }
        self.members = members
    }

    mutating func text(_ name: String) throws(FaultProblem) -> String? {
        guard let value = take(name) else { return nil }
        guard let text = value.string else { throw FaultProblem("\(name) must be a string") }
        return text
    }

    /// What an answer holds: a text as it is, any other value as JSON.
    mutating func content(_ name: String) throws(FaultProblem) -> String {
        guard let value = take(name) else { throw FaultProblem("\(name) is missing") }
        return value.string ?? value.text
    }

    mutating func choice(
        _ name: String,
        _ allowed: [String],
        otherwise: String? = nil
    ) throws(FaultProblem) -> String {
        guard let value = take(name) else {
            guard let otherwise else { throw FaultProblem("\(name) is missing", allowed: allowed) }
            return otherwise
        }
        guard let text = value.string, allowed.contains(text) else {
            throw FaultProblem("\(name) is not one of the allowed values", allowed: allowed)
        }
        return text
    }

    mutating func integer(_ name: String) throws(FaultProblem) -> Int? {
        guard let value = take(name) else { return nil }
        guard case .int(let number) = value else { throw FaultProblem("\(name) must be a whole number") }
        return number
    }

    mutating func number(_ name: String) throws(FaultProblem) -> Double? {
        guard let value = take(name) else { return nil }
        guard let number = value.number else { throw FaultProblem("\(name) must be a number") }
        return number
    }

    mutating func flag(_ name: String) throws(FaultProblem) -> Bool {
        guard let value = take(name) else { return false }
        guard let flag = value.bool else { throw FaultProblem("\(name) must be true or false") }
        return flag
    }

    /// A time in milliseconds.
    mutating func time(_ otherwise: Duration? = nil) throws(FaultProblem) -> Duration {
        guard let count = try integer("ms") else {
            guard let otherwise else { throw FaultProblem("ms is missing") }
            return otherwise
        }
        guard (1...600_000).contains(count) else { throw FaultProblem("ms must be from 1 to 600000") }
        return .milliseconds(count)
    }

    mutating func times() throws(FaultProblem) -> FaultRule.Times {
        guard let value = take("times") else { return .once }
        switch value {
        case "every": return .every
        case .int(let count): return .times(count)
        case .null, .bool, .double, .string, .array, .object:
            throw FaultProblem("times must be a whole number or every", allowed: ["1", "every"])
        }
    }

    /// A seed, unless the fault has taken it as its own option.
    mutating func seed(unless isTaken: Bool = false) throws(FaultProblem) -> UInt64? {
        guard !isTaken, let seed = try integer("seed") else { return nil }
        guard seed >= 0 else { throw FaultProblem("seed must be 0 or greater") }
        return UInt64(seed)
    }

    /// Refuses unknown members.
    func finish() throws(FaultProblem) {
        guard let name = members.keys.first else { return }
        throw FaultProblem("\(name) is not a member of this rule", allowed: known.sorted())
    }

    private mutating func take(_ name: String) -> JSON? {
        known.append(name)
        let value = members.removeValue(forKey: name)
        return value == .null ? nil : value
    }
}
