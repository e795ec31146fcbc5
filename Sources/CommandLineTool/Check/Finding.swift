/// What one test of `switchboard check` came to.
struct Finding: Sendable, Equatable {
    enum Outcome: String, Sendable {
        case ok
        /// Calls work, but it deserves a look.
        case warning
        case failed
        /// It could not be tested.
        case skipped
    }

    /// What was tested.
    let name: String
    let outcome: Outcome
    /// The result and, if it is not good, what to do.
    let text: String

    init(_ name: String, _ outcome: Outcome, _ text: String) {
        self.name = name
        self.outcome = outcome
        self.text = text
    }
}
