import CallDomain

/// `firstSpeakerSettings`: who begins, and with which words.
/// - SeeAlso: https://docs.ultravox.ai/api-reference/agents/agents-post
enum FirstSpeakerSettings {
    /// How long the agent waits for a callee who says nothing.
    private static let fallbackDelay: JSONValue = "5s"

    /// The settings of a speaker. The greeting is said word by word; without one, or with an empty one, the agent finds
    /// its own words. What we do not model of the same speaker's current settings stays.
    static func json(
        _ speaker: AgentConfiguration.FirstSpeaker,
        greeting: String?,
        keeping current: JSONValue? = nil
    ) -> JSONValue {
        var speech = Self.speech(speaker, in: current) ?? [:]
        speech["text"] = nil
        if let greeting, !greeting.isEmpty {
            speech["text"] = .string(greeting)
            // Words to say and an instruction to find some exclude each other.
            speech["prompt"] = nil
        }
        switch speaker {
        case .agent: return ["agent": .object(speech)]
        case .user:
            speech["delay"] = speech["delay"] ?? fallbackDelay
            return ["user": ["fallback": .object(speech)]]
        }
    }

    /// Who speaks first and what the agent's first words are. Without settings the agent does.
    static func read(_ settings: JSONValue?) -> (speaker: AgentConfiguration.FirstSpeaker, greeting: String?) {
        let speaker: AgentConfiguration.FirstSpeaker = settings?["user"] == nil ? .agent : .user
        let text = speech(speaker, in: settings)?["text"]?.stringValue
        return (speaker, text.flatMap { $0.isEmpty ? nil : $0 })
    }

    private static func speech(_ speaker: AgentConfiguration.FirstSpeaker, in settings: JSONValue?) -> JSONObject? {
        switch speaker {
        case .agent: settings?["agent"]?.objectValue
        case .user: settings?["user"]?["fallback"]?.objectValue
        }
    }
}
