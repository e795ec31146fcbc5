import OrderedCollections

/// Rules about settings that agents and calls share, and what a call ends up with.
enum CallSettings {
    /// Checks what the messages' types alone do not say.
    static func check(_ settings: JSON) throws(UltravoxProblem) {
        if let voice = settings["voice"]?.string, !UltravoxCatalog.hasVoice(voice) {
            throw .field("voice", "Voice \(voice) does not exist")
        }
        if settings["voiceOverrides"] != nil, settings["voice"] == nil {
            throw .field("voiceOverrides", "voiceOverrides is only valid when voice is set")
        }
        if let temperature = settings["temperature"]?.number, !(0...1).contains(temperature) {
            throw .field("temperature", "temperature must be between 0 and 1")
        }
        if let hint = settings["languageHint"]?.string, hint.count > 16, !hint.contains("{{") {
            throw .field("languageHint", "Ensure this field has no more than 16 characters.")
        }
        for name in ["joinTimeout", "maxDuration"] {
            if let text = settings[name]?.string, let duration = ProtoDuration(text), duration.seconds <= 0 {
                throw .field(name, "\(name) must be positive")
            }
        }
        for (name, most) in [("medium", 1), ("firstSpeakerSettings", 1)] {
            if let members = settings[name]?.object, members.count > most {
                throw .field(name, "At most one member of \(name) may be set")
            }
        }
        for secret in settings["sharedSecrets"]?.array ?? [] {
            guard let text = secret.string, (16...127).contains(text.count) else {
                throw .field("sharedSecrets", "Each secret must have 16 to 127 characters.")
            }
        }
        for tool in settings["selectedTools"]?.array ?? [] {
            guard ["toolId", "toolName", "temporaryTool"].count(where: { tool[$0] != nil }) == 1 else {
                throw .field("selectedTools", "Exactly one of toolId, toolName, temporaryTool must be set")
            }
        }
    }

    /// The settings of a call by their names in the Call object: those of the request, else those of the agent's
    /// template, whose variables are filled already.
    static func merged(template: JSON, request: JSON) -> OrderedDictionary<String, JSON> {
        func setting(_ name: String, default fallback: JSON) -> JSON { request[name] ?? template[name] ?? fallback }
        let speaker = setting("firstSpeakerSettings", default: ["agent": [:]])
        var settings: OrderedDictionary<String, JSON> = [
            "firstSpeaker": speaker["user"] == nil ? "FIRST_SPEAKER_AGENT" : "FIRST_SPEAKER_USER",
            "firstSpeakerSettings": speaker,
            "inactivityMessages": setting("inactivityMessages", default: []),
            "initialOutputMedium": setting("initialOutputMedium", default: "MESSAGE_MEDIUM_VOICE"),
            "joinTimeout": setting("joinTimeout", default: "30s"),
            "languageHint": setting("languageHint", default: nil),
            "maxDuration": setting("maxDuration", default: "3600s"),
            "medium": setting("medium", default: ["webRtc": [:]]),
            "model": setting("model", default: "ultravox-v0.7"),
            "recordingEnabled": setting("recordingEnabled", default: false),
            "retentionPolicy": retention(setting("retentionPolicy", default: nil)),
            "systemPrompt": setting("systemPrompt", default: nil),
            "temperature": setting("temperature", default: 0),
            "timeExceededMessage": setting("timeExceededMessage", default: nil),
            "voice": setting("voice", default: nil),
            "transcriptOptional": true,
            "vadSettings": setting("vadSettings", default: nil),
            "experimentalSettings": setting("experimentalSettings", default: nil),
        ]
        for (name, shown) in [
            ("externalVoice", "externalVoice"), ("voiceOverrides", "voiceOverrides"),
            ("dataConnection", "dataConnectionConfig"),
        ] {
            if let value = request[name] ?? template[name] { settings[shown] = value }
        }
        return settings
    }

    /// Calls spell the policy otherwise than requests.
    private static func retention(_ policy: JSON) -> JSON {
        switch policy {
        case "CALL_RETENTION_POLICY_RETAIN": "retain"
        case "CALL_RETENTION_POLICY_AUTO_DELETE": "auto_delete"
        default: nil
        }
    }
}
