/// One thing that is wrong with the configuration.
///
/// Holds names and line numbers, never a value: a value in the wrong place may be a secret.
struct SettingProblem: Sendable, Equatable, CustomStringConvertible {
    /// The variable, or the place in a file: `TWILIO_AUTH_TOKEN`, `.env line 4`.
    let name: String
    /// The problem, as the rest of a sentence that begins with the name: `is required, but not set`.
    let wrong: String
    /// What a good value looks like, where there is more to say than ``wrong`` does.
    let good: String?

    init(name: String, wrong: String, good: String? = nil) {
        self.name = name
        self.wrong = wrong
        self.good = good
    }

    var description: String {
        guard let good, !wrong.contains(good) else { return "\(name) \(wrong)" }
        return "\(name) \(wrong). Expected: \(good)"
    }
}

/// Everything that is wrong with the configuration, at once: one problem a line.
struct SettingsProblems: Error, Sendable, Equatable, CustomStringConvertible {
    let problems: [SettingProblem]

    init(_ problems: [SettingProblem]) { self.problems = problems }

    var description: String {
        let count = problems.count == 1 ? "a problem" : "\(problems.count) problems"
        return (["The configuration has \(count):"] + problems.map { "  - \($0)" }).joined(separator: "\n")
    }
}
