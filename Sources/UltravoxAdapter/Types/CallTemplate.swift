import CallDomain
import OrderedCollections

/// An agent's `callTemplate`: the settings of its calls.
///
/// Kept as JSON, so that fields that we do not model survive a change.
/// - SeeAlso: https://docs.ultravox.ai/agents/building-and-editing-agents
struct CallTemplate {
    /// What Ultravox takes: nothing that only it sets, nothing that is null.
    private(set) var members: JSONObject

    /// Twilio's media streams.
    static let phoneMedium: JSONValue = ["twilio": [:]]

    /// Silence on the line ends the call, unless somebody speaks up.
    private static let inactivityMessages: JSONValue = [
        ["duration": "30s", "message": "Are you still there?"],
        [
            "duration": "15s", "message": "I cannot hear you, so I will hang up now. Goodbye.",
            "endBehavior": "END_BEHAVIOR_HANG_UP_SOFT",
        ],
    ]

    /// A template as it was read.
    init(_ members: JSONObject) {
        self.members = members.filter { $1 != .null && !["name", "created", "updated"].contains($0) }
    }

    /// The template of a new agent, good for phone calls.
    init(_ configuration: AgentConfiguration) {
        self = CallTemplate(["medium": Self.phoneMedium, "inactivityMessages": Self.inactivityMessages])
            .setting(configuration)
    }

    /// The same template with every field of the configuration set, absent ones removed, and all else kept.
    func setting(_ configuration: AgentConfiguration) -> CallTemplate {
        var template = self
        template.set(configuration)
        return template
    }

    private mutating func set(_ configuration: AgentConfiguration) {
        members["systemPrompt"] = .string(configuration.prompt)
        set(voice: configuration.voice)
        members["languageHint"] = configuration.language.map(JSONValue.string)
        members["model"] = configuration.model.map(JSONValue.string)
        members["temperature"] = configuration.temperature.map(JSONValue.number)
        members["maxDuration"] = configuration.maxDuration.map { .string(DurationText.text(of: $0)) }
        members["recordingEnabled"] = .bool(configuration.record)
        members["selectedTools"] = .array(configuration.tools.map(Self.selectedTool))
        members["firstSpeakerSettings"] = FirstSpeakerSettings.json(
            configuration.firstSpeaker,
            greeting: configuration.greeting,
            keeping: members["firstSpeakerSettings"]
        )
        members["contextSchema"] = ContextSchema.json(
            variables: configuration.variables + mentionedVariables.filter { !configuration.variables.contains($0) },
            defaults: configuration.templateVariables,
            texts: templatedTexts,
            keeping: members["contextSchema"]
        )
    }

    /// `voice` excludes `externalVoice`, and `voiceOverrides` go with the voice that they were made for.
    private mutating func set(voice: String?) {
        if voice == nil || voice != members["voice"]?.stringValue { members["voiceOverrides"] = nil }
        members["voice"] = voice.map(JSONValue.string)
        if voice != nil { members["externalVoice"] = nil }
    }

    /// The configuration that this template amounts to; fields that cannot be read are absent.
    func configuration(name: String) -> AgentConfiguration {
        let schema = ContextSchema(self)
        let firstSpeaker = FirstSpeakerSettings.read(members["firstSpeakerSettings"])
        var temperature: JSONNumber?
        if case .number(let number) = members["temperature"], UltravoxBounds.temperature.only(number.double) != nil {
            temperature = number
        }
        return AgentConfiguration(
            name: name,
            prompt: members["systemPrompt"]?.stringValue ?? "",
            voice: members["voice"]?.stringValue,
            language: members["languageHint"]?.stringValue,
            templateVariables: schema.variables.filter { $1 != .null },
            model: members["model"]?.stringValue,
            temperature: temperature,
            firstSpeaker: firstSpeaker.speaker,
            greeting: firstSpeaker.greeting,
            maxDuration: members["maxDuration"]?.duration(in: UltravoxBounds.maxDuration),
            record: members["recordingEnabled"]?.boolValue ?? false,
            tools: (members["selectedTools"]?.arrayValue ?? []).compactMap(Self.tool)
        )
    }

    private static func selectedTool(_ tool: JSONValue) -> JSONValue {
        tool.stringValue.map { ["toolName": .string($0)] } ?? tool
    }

    private static func tool(_ selected: JSONValue) -> JSONValue? {
        guard let members = selected.objectValue else { return nil }
        if members.count == 1, let name = members["toolName"]?.stringValue { return .string(name) }
        return selected
    }

    /// The variables that the template mentions, in the order of their first mention.
    var mentionedVariables: [String] {
        let names: OrderedSet<String> = templatedTexts.reduce(into: []) { names, text in
            names.append(contentsOf: TemplateText.variables(in: text))
        }
        return Array(names)
    }

    /// The texts in which variables are filled, by Ultravox or, in greetings, by us.
    private var templatedTexts: [String] {
        var texts: [String] = []
        let fields = ["systemPrompt", "languageHint", "timeExceededMessage", "inactivityMessages", "selectedTools"]
        for field in fields { members[field]?.collectTexts(into: &texts) }
        if let greeting = FirstSpeakerSettings.read(members["firstSpeakerSettings"]).greeting { texts.append(greeting) }
        return texts
    }
}

extension JSONValue {
    fileprivate func collectTexts(into texts: inout [String]) {
        switch self {
        case .string(let text): texts.append(text)
        case .array(let values): for value in values { value.collectTexts(into: &texts) }
        case .object(let members): for value in members.values { value.collectTexts(into: &texts) }
        case .null, .bool, .number: break
        }
    }
}
