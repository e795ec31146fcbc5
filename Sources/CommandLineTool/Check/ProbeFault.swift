/// A fault between the public address and the gateway, and its remedy.
struct ProbeFault: Sendable, Equatable, Error, CustomStringConvertible {
    /// The faulty part; the raw value is shown to the operator.
    enum Name: String, Sendable, CaseIterable {
        case scheme
        case host
        case port
        case path
        case pathPrefix = "path prefix"
        case query
        case body
        case header
        case method
        case clock
        case token
        case account
        case apiKey = "API key"
        case certificate
        /// The proxy cannot reach the gateway.
        case upstream
        /// The proxy asks for a password, or denies access.
        case access
        /// No answer.
        case reach
        /// The gateway itself cannot take messages.
        case gateway
    }

    let name: Name
    /// A sentence: what was found, and what to do.
    let advice: String

    /// Whether the gateway was not reached at all, so that a direct request to it gives more information.
    let isUnreached: Bool

    init(_ name: Name, _ advice: String, isUnreached: Bool = false) {
        self.name = name
        self.advice = advice
        self.isUnreached = isUnreached
    }

    var description: String { "\(name.rawValue): \(advice)" }
}
