import CallDomain
import Foundation
import TestSupport
import Testing

@testable import UltravoxAdapter

@Suite struct CallTemplateTests {
    @Test(arguments: [
        AgentConfiguration(name: "least", prompt: "Be kind."),
        AgentConfiguration(
            name: "most",
            prompt: "Remind {{ name }} of {{time}} at {{user.clinic}}. {{{note}}}",
            voice: "Mark",
            language: "de-AT",
            templateVariables: ["name": "Jane", "time": 9, "user": ["clinic": "North"], "unused": true],
            model: "ultravox-v0.7",
            temperature: JSONNumber(0.3),
            firstSpeaker: .agent,
            greeting: "Hello {{name}}, this is {{caller}}.",
            maxDuration: .seconds(600),
            record: true,
            tools: ["hangUp", ["toolName": "queryCorpus", "parameterOverrides": ["corpus_id": "{{corpus}}"]]]
        ),
        AgentConfiguration(name: "toolless", prompt: "Listen.", greeting: "Anybody there?", tools: []),
    ])
    func `a configuration comes back from its template as it was`(_ configuration: AgentConfiguration) throws {
        let template = CallTemplate(configuration)
        let body: JSONValue = ["name": .string(configuration.name), "callTemplate": .object(template.members)]
        #expect(ParameterTable.ultravoxRequests.violations(inJSON: Data(body.encoded), as: "CreateAgent") == [])
        let agent = try #require(
            Agent(json: ClientRig.agent(name: configuration.name, template: .object(template.members)))
        )
        #expect(agent.configuration == configuration)
        #expect(agent.status == .active)
        #expect(agent.contextSchema.isClosed)
    }

    @Test func `a new agent is good for phone calls`() {
        let template = JSONValue.object(CallTemplate(AgentConfiguration(name: "a", prompt: "p")).members)
        #expect(template["medium"] == ["twilio": [:]])
        #expect(template["firstSpeakerSettings"] == ["user": ["fallback": ["delay": "5s"]]])
        #expect(template["selectedTools"] == [["toolName": "hangUp"]])
        #expect(template["recordingEnabled"] == false)
        let silence = template["inactivityMessages"]?.arrayValue ?? []
        #expect(silence.map { $0["duration"] } == ["30s", "15s"])
        #expect(silence.last?["endBehavior"] == "END_BEHAVIOR_HANG_UP_SOFT")
        for absent in ["voice", "languageHint", "model", "temperature", "maxDuration"] {
            #expect(template[absent] == nil)
        }
    }

    @Test func `the schema declares every variable and requires those without a default`() {
        let configuration = AgentConfiguration(
            name: "a",
            prompt: "{{name}} {{user.first}} {{count}} {{place.city}}",
            templateVariables: ["count": 3, "place": "a text", "extra": nil],
            greeting: "{{hello}}",
            tools: [["toolName": "x", "parameterOverrides": ["key": "{{tool_key}}"]]]
        )
        let template = JSONValue.object(CallTemplate(configuration).members)
        #expect(
            template["contextSchema"] == [
                "type": "object",
                "properties": [
                    "name": [:], "user": ["type": "object"], "count": ["default": 3], "place": ["default": "a text"],
                    "hello": [:], "extra": [:], "tool_key": [:],
                ],
                "required": ["name", "user", "hello", "extra", "tool_key"],
                "additionalProperties": false,
            ]
        )
    }

    @Test(
        arguments: [
            (.agent, "Hi.", ["agent": ["text": "Hi."]]), (.agent, nil, ["agent": [:]]),
            (.user, "Hi.", ["user": ["fallback": ["text": "Hi.", "delay": "5s"]]]),
            (.user, "", ["user": ["fallback": ["delay": "5s"]]]),
        ] as [(AgentConfiguration.FirstSpeaker, String?, JSONValue)]
    )
    func `the greeting belongs to whoever speaks first`(
        _ speaker: AgentConfiguration.FirstSpeaker,
        _ greeting: String?,
        _ settings: JSONValue
    ) {
        #expect(FirstSpeakerSettings.json(speaker, greeting: greeting) == settings)
        let read = FirstSpeakerSettings.read(settings)
        #expect(read.speaker == speaker)
        #expect((read.greeting ?? "") == (greeting ?? ""))
    }

    @Test func `replacing keeps what is not modelled and resets what is not given`() throws {
        let members: JSONValue = [
            "name": "server-side", "created": "2026-03-18T08:05:36Z", "updated": "2026-03-18T08:05:36Z",
            "medium": ["webRtc": [:]], "vadSettings": ["turnEndpointDelay": "0.640s"], "languageHint": "en",
            "temperature": 1, "maxDuration": "600s", "model": "old", "externalVoice": ["lmnt": ["voiceId": "x"]],
            "timeExceededMessage": "Goodbye {{closing}}.", "inactivityMessages": nil, "systemPrompt": "old",
            "firstSpeakerSettings": ["agent": ["uninterruptible": true, "delay": "1s", "prompt": "Greet warmly."]],
            "contextSchema": [
                "type": "object", "title": "Context",
                "properties": [
                    "name": ["type": "string", "description": "Who is called"], "count": ["type": "string"],
                    "gone": ["type": "string", "default": "x"],
                ],
                "required": ["name"], "additionalProperties": false,
            ],
        ]
        let configuration = AgentConfiguration(
            name: "a",
            prompt: "{{name}} {{count}}",
            templateVariables: ["count": 3],
            firstSpeaker: .agent
        )
        let template = CallTemplate(try #require(members.objectValue)).setting(configuration)
        let expected: JSONValue = [
            "medium": ["webRtc": [:]], "vadSettings": ["turnEndpointDelay": "0.640s"],
            "externalVoice": ["lmnt": ["voiceId": "x"]], "timeExceededMessage": "Goodbye {{closing}}.",
            "systemPrompt": "{{name}} {{count}}",
            "firstSpeakerSettings": ["agent": ["uninterruptible": true, "delay": "1s", "prompt": "Greet warmly."]],
            "contextSchema": [
                "type": "object", "title": "Context",
                "properties": [
                    "name": ["type": "string", "description": "Who is called"], "count": ["default": 3], "closing": [:],
                ],
                "required": ["name", "closing"], "additionalProperties": false,
            ],
            "recordingEnabled": false, "selectedTools": [["toolName": "hangUp"]],
        ]
        #expect(sorted(.object(template.members)) == sorted(expected))
    }

    @Test func `words of our own replace an instruction to find some`() {
        let current: JSONValue = ["user": ["fallback": ["delay": "3s", "prompt": "Greet."]]]
        #expect(
            FirstSpeakerSettings.json(.user, greeting: "Hi.", keeping: current)
                == ["user": ["fallback": ["delay": "3s", "text": "Hi."]]]
        )
        #expect(FirstSpeakerSettings.json(.agent, greeting: nil, keeping: current) == ["agent": [:]])
    }

    @Test func `a voice pushes out an external one and the overrides of another`() throws {
        let overrides: JSONValue = ["lmnt": ["speed": 1]]
        for (current, voice, left) in [
            (["externalVoice": overrides], "Mark", ["voice": "Mark"]),
            (["voice": "Jessica", "voiceOverrides": overrides], "Mark", ["voice": "Mark"]),
            (["voice": "Mark", "voiceOverrides": overrides], "Mark", ["voice": "Mark", "voiceOverrides": overrides]),
            (["voice": "Mark", "voiceOverrides": overrides], nil, [:]),
        ] as [(JSONValue, String?, JSONValue)] {
            let configuration = AgentConfiguration(name: "a", prompt: "p", voice: voice)
            let template = CallTemplate(try #require(current.objectValue)).setting(configuration)
            for field in ["voice", "externalVoice", "voiceOverrides"] {
                #expect(JSONValue.object(template.members)[field] == left[field])
            }
        }
    }

    @Test func `an agent that somebody else made reads fine`() throws {
        let agent = try #require(
            Agent(
                json: ClientRig.agent(template: [
                    "systemPrompt": "Talk to {{who}}.", "selectedTools": [["toolId": "x"], 7], "maxDuration": 600,
                    "temperature": "hot", "updated": "2026-03-18T08:05:36.878084Z",
                ])
            )
        )
        #expect(agent.configuration.firstSpeaker == .agent)
        #expect(agent.configuration.tools == [["toolId": "x"]])
        #expect(agent.configuration.maxDuration == nil)
        #expect(agent.configuration.temperature == nil)
        #expect(agent.contextSchema == ContextSchema(variables: ["who": nil], required: ["who"], isClosed: false))
        #expect(agent.createdAt == Timestamp(iso8601: "2026-03-08T19:04:22.602Z"))
        #expect(agent.updatedAt == Timestamp(iso8601: "2026-03-18T08:05:36.878Z"))
    }

    @Test func `a foreign schema is read for what it says`() throws {
        let schema: JSONValue = [
            "type": "object", "properties": ["a": ["type": "string"], "b": ["default": 2], "c": true],
            "required": ["a", "a", 7],
        ]
        let agent = try #require(Agent(json: ClientRig.agent(template: ["contextSchema": schema])))
        #expect(
            agent.contextSchema
                == ContextSchema(variables: ["a": nil, "b": 2, "c": nil], required: ["a"], isClosed: false)
        )
        #expect(agent.configuration.templateVariables == ["b": 2])
    }

    @Test(arguments: [
        ("1s", 1), ("0.999s", nil), ("0s", nil), ("-5s", nil), ("86400s", 86_400), ("86401s", nil),
        ("999999999999s", nil),
    ])
    func `a longest duration out of range is none`(text: String, seconds: Int?) throws {
        let agent = try #require(Agent(json: ClientRig.agent(template: ["maxDuration": .string(text)])))
        #expect(agent.configuration.maxDuration?.wholeSeconds == seconds)
    }

    @Test(arguments: [("0", true), ("1", true), ("0.5", true), ("-0.1", false), ("1.01", false), ("1e999", false)])
    func `a temperature out of range is none`(text: String, isWithin: Bool) throws {
        let template = try JSONParser.parse(Array(#"{"temperature":\#(text)}"#.utf8))
        let agent = try #require(Agent(json: ClientRig.agent(template: template)))
        #expect(agent.configuration.temperature?.literal == (isWithin ? text : nil))
    }

    @Test func `without a published template an agent is a draft`() throws {
        #expect(Agent(json: ClientRig.agent(revision: nil))?.status == .draft)
        #expect(Agent(json: ClientRig.agent(template: nil))?.status == .draft)
        #expect(Agent(json: ["agentId": .string(ClientRig.agentText)])?.status == .draft)
        #expect(Agent(json: ClientRig.agent(id: "../calls")) == nil)
    }

    /// Members in the order of their names, at any depth.
    private func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            let sortedMembers = members.sorted { $0.key < $1.key }.map { ($0.key, sorted($0.value)) }
            return .object(JSONObject(sortedMembers) { $1 })
        case .array(let values): return .array(values.map(sorted))
        case .null, .bool, .number, .string: return value
        }
    }
}
