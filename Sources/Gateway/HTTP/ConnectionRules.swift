/// What all connections of a server have in common: each holds it by reference, not as a copy of its own.
final class ConnectionRules: Sendable {
    let limits: ConnectionLimits
    let answers: RefusalAnswers
    let refused: RefusedMessages
    /// Whether a stop has begun: clients then learn at once to go elsewhere.
    let isDraining: @Sendable () -> Bool

    init(
        limits: ConnectionLimits,
        refused: RefusedMessages = RefusedMessages(),
        isDraining: @escaping @Sendable () -> Bool = { false }
    ) {
        self.limits = limits
        self.refused = refused
        self.isDraining = isDraining
        answers = RefusalAnswers(limits: limits)
    }
}
