import CallDomain

/// What an agent may have. Lengths are in characters.
enum AgentRules {
    static let prompt = 100_000
    static let greeting = 1000
    static let voice = 100
    static let model = 100
    static let language = 16
    static let tools = 50
    /// In seconds.
    static let durations = 10...14_400
    /// Of the text by which agents are found.
    static let search = 100
}

extension AgentConfiguration {
    /// Reads the body of `POST /agents` and `PUT /agents/{agent_id}`.
    /// - Throws: ``Problem`` 422 with every field that does not fit.
    init(request members: JSONObject) throws {
        var fields = FieldReader(members)
        let name = fields.agentName()
        let prompt = fields.template("prompt", required: true, maximum: AgentRules.prompt, filledBy: .platform)
        let voice = fields.string("voice", maximum: AgentRules.voice)
        let language = fields.string("language", maximum: AgentRules.language)
        if let language, !language.utf8.allSatisfy(Self.isLanguageTagByte) {
            fields.fail("language", "must be a BCP 47 tag such as \"en\" or \"de-AT\"")
        }
        let variables = fields.templateValues("template_variables")
        let model = fields.string("model", maximum: AgentRules.model)
        let temperature = fields.number("temperature", in: 0...1)
        let firstSpeaker = fields.choice("first_speaker", default: FirstSpeaker.user)
        let greeting = fields.template("greeting", maximum: AgentRules.greeting, filledBy: .gateway)
        let maxDuration = fields.integer("max_duration_seconds", in: AgentRules.durations)
        let record = fields.bool("record", default: false)
        let tools = fields.tools()
        try fields.finish()
        self.init(
            name: name ?? "",
            prompt: prompt ?? "",
            voice: voice,
            language: language,
            templateVariables: variables,
            model: model,
            temperature: temperature,
            firstSpeaker: firstSpeaker,
            greeting: greeting,
            maxDuration: maxDuration.map { .seconds($0) },
            record: record,
            tools: tools ?? [.string("hangUp")]
        )
    }

    private static func isLanguageTagByte(_ byte: UInt8) -> Bool {
        AgentName.isAllowed(byte) && byte != UInt8(ascii: "_")
    }
}

/// Ultravox's rule for names of agents and tools: `^[A-Za-z0-9_-]{1,64}$`.
enum AgentName {
    static let longest = 64

    static func fits(_ name: String) -> Bool {
        (1...longest).contains(name.utf8.count) && name.utf8.allSatisfy(isAllowed)
    }

    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// A name like `name` that fits; `nil` if nothing of it is left.
    static func suggestion(for name: String) -> String? {
        let words = name.utf8.split { !isAllowed($0) }
        let fitting = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-").prefix(longest)
        return fitting.isEmpty ? nil : String(fitting)
    }
}

extension FieldReader {
    /// A text with `{{variables}}`, and with nothing in double braces that nobody would fill in.
    fileprivate mutating func template(
        _ name: String,
        required: Bool = false,
        maximum: Int,
        filledBy filler: TemplateText.Filler
    ) -> String? {
        let text = string(name, required: required, maximum: maximum, multiline: true)
        for problem in TemplateText.problems(in: text ?? "", filledBy: filler) { fail(name, problem) }
        return text
    }

    fileprivate mutating func agentName() -> String? {
        guard let name = string("name", required: true, maximum: 1000, multiline: true) else { return nil }
        guard AgentName.fits(name) else {
            let advice = AgentName.suggestion(for: name).map { ", such as \"\($0)\"" } ?? ""
            fail("name", "must be 1 to 64 letters, digits, - and _" + advice)
            return nil
        }
        return name
    }
}
