/// What every Ultravox account can use.
enum UltravoxCatalog {
    static let voices = [
        voice("b0e6b5c1-3100-44d5-8578-9015aa3023ae", "Mark", "en-US", "English (United States)"),
        voice("aa601962-1cbd-4bbd-9d96-3c7a93c3414a", "Jacqueline", "en-US", "English (United States)"),
        voice("9f6262e3-1b03-4a0b-9921-50b9cff66a43", "Jessica", "en-US", "English (United States)"),
        voice("3b7f2a1c-8d0e-4c55-a6f1-0f9d2e7b4c10", "Emily-English", "en-GB", "English (United Kingdom)"),
        voice("5d2c9e84-7a31-4f0b-b8c6-1e4a6d9f3b27", "Susi-German", "de", "German"),
        voice("7c0e1f5a-2b94-4d3e-9a68-6f5b8c2d1e43", "Coco-French", "fr", "French"),
        voice("e8a4d6b2-9c17-45f0-8e3d-2a7b5c9f0d61", "Tatiana-Spanish", "es", "Spanish"),
    ]

    static let models = [
        "ultravox-v0.7", "ultravox-v0.6", "ultravox-v0.6-llama3.3-70b", "ultravox-v0.6-gemma3-27b",
        "fixie-ai/ultravox",
    ].map { (id: $0, json: ["name": .string($0)] as JSON) }

    /// A voice is given by its id or its name.
    static func hasVoice(_ nameOrID: String) -> Bool {
        voices.contains { $0.id == nameOrID || $0.json["name"]?.string == nameOrID }
    }

    private static func voice(
        _ id: String,
        _ name: String,
        _ language: String,
        _ label: String
    ) -> (id: String, json: JSON) {
        (
            id,
            [
                "voiceId": .string(id), "name": .string(name), "description": nil,
                "primaryLanguage": .string(language), "languageLabel": .string(label),
                "previewUrl": "https://api.ultravox.ai/api/voices/\(id)/preview", "ownership": "public",
                "billingStyle": "VOICE_BILLING_STYLE_INCLUDED", "provider": nil, "definition": [:],
            ]
        )
    }
}
