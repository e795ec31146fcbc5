/// What is wrong with the way from the public address to the gateway, and the cure.
struct ProbeFault: Sendable, Equatable, Error, CustomStringConvertible {
    /// What is at fault; the raw value names it to the operator.
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
        /// The proxy wants a password, or lets nobody in.
        case access
        /// No answer.
        case reach
        /// The gateway itself cannot take messages.
        case gateway
    }

    let name: Name
    /// A sentence: what was seen, and what to do.
    let advice: String

    /// Whether nothing of the gateway was seen, so that a look at it from another side tells more.
    let isUnreached: Bool

    init(_ name: Name, _ advice: String, isUnreached: Bool = false) {
        self.name = name
        self.advice = advice
        self.isUnreached = isUnreached
    }

    var description: String { "\(name.rawValue): \(advice)" }
}
