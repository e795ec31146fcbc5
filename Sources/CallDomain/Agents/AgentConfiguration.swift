/// What an agent is: the body of `POST /agents` and `PUT /agents/{agent_id}`.
package struct AgentConfiguration: Sendable, Equatable {
    package enum FirstSpeaker: String, Sendable, CaseIterable {
        /// Waits for the callee's "hello"; starts by itself after a few seconds of silence.
        case user
        /// Speaks as soon as the line is open.
        case agent
    }

    /// `^[A-Za-z0-9_-]{1,64}$`, unique in the Ultravox account.
    package var name: String
    /// The system prompt. `{{variable}}` is filled per call.
    package var prompt: String
    /// A voice's name or id; Ultravox's default if absent.
    package var voice: String?
    /// BCP 47, guides recognition and speech.
    package var language: String?
    /// Defaults of variables.
    package var templateVariables: JSONObject
    /// Ultravox's default if absent.
    package var model: String?
    /// 0 to 1.
    package var temperature: JSONNumber?
    package var firstSpeaker: FirstSpeaker
    /// The agent's first words. `{{variable}}` is filled by us: Ultravox does not template greetings.
    package var greeting: String?
    /// The conversation ends after this long.
    package var maxDuration: Duration?
    /// Ultravox's recording.
    package var record: Bool
    /// Names of tools, or Ultravox's own objects.
    package var tools: [JSONValue]

    package init(
        name: String,
        prompt: String,
        voice: String? = nil,
        language: String? = nil,
        templateVariables: JSONObject = [:],
        model: String? = nil,
        temperature: JSONNumber? = nil,
        firstSpeaker: FirstSpeaker = .user,
        greeting: String? = nil,
        maxDuration: Duration? = nil,
        record: Bool = false,
        tools: [JSONValue] = [.string("hangUp")]
    ) {
        self.name = name
        self.prompt = prompt
        self.voice = voice
        self.language = language
        self.templateVariables = templateVariables
        self.model = model
        self.temperature = temperature
        self.firstSpeaker = firstSpeaker
        self.greeting = greeting
        self.maxDuration = maxDuration
        self.record = record
        self.tools = tools
    }

    /// The variables that prompt and greeting mention, in the order of their first mention, then those that only have
    /// a default.
    package var variables: [String] {
        var names = TemplateText.variables(in: prompt)
        for name in TemplateText.variables(in: greeting ?? "") + templateVariables.keys where !names.contains(name) {
            names.append(name)
        }
        return names
    }
}
