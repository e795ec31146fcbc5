import CallDomain

extension Agent {
    var json: JSONValue {
        [
            "id": .string(id.text),
            "config": .object(configuration.json),
            "status": .string(status.rawValue),
            "created_at": .optional(createdAt),
            "updated_at": .optional(updatedAt),
        ]
    }
}

extension AgentConfiguration {
    fileprivate var json: JSONObject {
        [
            "name": .string(name),
            "prompt": .string(prompt),
            "voice": .optional(voice),
            "language": .optional(language),
            "template_variables": .object(templateVariables),
            "model": .optional(model),
            "temperature": temperature.map(JSONValue.number) ?? .null,
            "first_speaker": .string(firstSpeaker.rawValue),
            "greeting": .optional(greeting),
            "max_duration_seconds": .optional(maxDuration?.wholeSeconds),
            "record": .bool(record),
            "tools": .array(tools),
        ]
    }
}

extension ConversationMessage {
    var json: JSONValue {
        ["role": .string(role), "text": .string(text), "at": .optional(at)]
    }
}
