import CallDomain

/// The ranges of what Ultravox sends. What lies outside of them counts as absent.
enum UltravoxBounds {
    /// Of a conversation, as an agent's `maxDuration` has it. One of no length is none, and none lasts longer than a day.
    /// - SeeAlso: https://docs.ultravox.ai/api-reference/agents/agents-post
    static let maxDuration = Duration.seconds(1)...Duration.seconds(86_400)
    /// What is billed, and how far into a conversation something was said.
    static let elapsed = Duration.zero...Duration.seconds(86_400)
    static let temperature = 0.0...1.0
    /// Who asks for a longer pause is not believed.
    static let retryAfter = Duration.zero...Duration.seconds(86_400)
    static let time = ClosedRange<Timestamp>.plausible
}
