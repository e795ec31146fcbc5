import CallDomain
import Testing

@testable import Gateway

@Suite struct `A tool object of an agent` {
    private func errors(_ tools: JSONValue) -> [Problem.FieldError] {
        do {
            _ = try AgentConfiguration(request: ["name": "a", "prompt": "x", "tools": tools])
            return []
        } catch {
            return (error as? Problem)?.errors ?? [.init("", "\(error)")]
        }
    }

    private static let inventory: JSONValue = [
        "temporaryTool": [
            "modelToolName": "look_up", "description": "Looks up\tan order.\r\nSay \"it's <fine> & done\". 💥 Zoë",
            "dynamicParameters": [
                [
                    "name": "order", "location": "PARAMETER_LOCATION_BODY", "required": true,
                    "schema": ["type": "string", "description": "one\nor two", "enum": ["", "a"]],
                ]
            ],
            "staticParameters": [["name": "x", "location": "PARAMETER_LOCATION_HEADER", "value": 1]],
            "automaticParameters": [], "requirements": ["requiredParameterOverrides": ["x"]], "timeout": "5s",
            "precomputable": false, "defaultReaction": "AGENT_REACTION_SPEAKS", "staticResponse": ["responseText": ""],
            "http": ["baseUrlPattern": "https://example.com/{order}", "httpMethod": "POST"],
            "ofNextYear": [1, .null, true],
        ],
        "nameOverride": "look-up", "descriptionOverride": "as above", "authTokens": ["key": "token"],
        "parameterOverrides": ["a": 1, "b": ["c": [.null, "d"]]], "transitionId": "t",
    ]

    @Test func `is passed on as it is`() throws {
        let tools: JSONValue = [
            Self.inventory, "hangUp", ["toolId": "56294126", "toolName": .null], ["toolName": "t"],
        ]
        let agent = try AgentConfiguration(request: ["name": "a", "prompt": "x", "tools": tools])
        #expect(JSONValue.array(agent.tools) == tools)
        #expect(JSONValue.array(agent.tools).encoded == tools.encoded)
    }

    @Test(
        arguments: [
            (["toolName": "t\u{0}"], "tools[0].toolName"),
            (["toolName": "t", "descriptionOverride": "bell \u{7}"], "tools[0].descriptionOverride"),
            (["toolName": "t", "descriptionOverride": "escape \u{1B}[31m"], "tools[0].descriptionOverride"),
            (["toolName": "t", "descriptionOverride": "C1 \u{9B}31m"], "tools[0].descriptionOverride"),
            (["toolName": "t", "authTokens": ["key": "a\u{7F}"]], "tools[0].authTokens.key"),
            (
                ["toolName": "t", "parameterOverrides": ["a": ["b": [1, "\u{1}"]]]],
                "tools[0].parameterOverrides.a.b[1]"
            ),
            (["toolName": "t", "parameterOverrides": ["a\u{1}b": 1]], "tools[0].parameterOverrides.ab"),
            (["toolName": "t", "parameterOverrides": ["a\nb": 1]], "tools[0].parameterOverrides.ab"),
            (["toolName": "t", "transitionId": "\u{2}"], "tools[0].transitionId"),
            (["temporaryTool": ["description": "\u{0}"]], "tools[0].temporaryTool.description"),
            (
                ["temporaryTool": ["dynamicParameters": [["schema": ["description": "\u{8}"]]]]],
                "tools[0].temporaryTool.dynamicParameters[0].schema.description"
            ),
            (
                ["temporaryTool": ["http": ["baseUrlPattern": "https://a/\u{0}"]]],
                "tools[0].temporaryTool.http.baseUrlPattern"
            ),
            (["temporaryTool": ["ofNextYear": "\u{3}"]], "tools[0].temporaryTool.ofNextYear"),
        ] as [(JSONValue, String)]
    )
    func `has no control characters, however deep`(tool: JSONValue, field: String) {
        #expect(errors([tool]).map(\.field) == [field])
        #expect(errors([tool]).first?.message.contains("control characters") == true)
    }

    @Test(
        arguments: [
            (["toolName": 1], "tools[0].toolName"), (["toolName": ""], "tools[0].toolName"),
            (["toolId": ["a"]], "tools[0].toolId"), (["temporaryTool": "t"], "tools[0].temporaryTool"),
            (["temporaryTool": []], "tools[0].temporaryTool"),
            (["toolName": "t", "nameOverride": "has spaces"], "tools[0].nameOverride"),
            (["toolName": "t", "nameOverride": true], "tools[0].nameOverride"),
            (["toolName": "t", "descriptionOverride": ["a": "b"]], "tools[0].descriptionOverride"),
            (["toolName": "t", "authTokens": "token"], "tools[0].authTokens"),
            (["toolName": "t", "authTokens": ["key": 1]], "tools[0].authTokens.key"),
            (["toolName": "t", "parameterOverrides": [1]], "tools[0].parameterOverrides"),
            (["toolName": "t", "transitionId": 1], "tools[0].transitionId"),
            (["temporaryTool": ["modelToolName": "has spaces"]], "tools[0].temporaryTool.modelToolName"),
            (["temporaryTool": ["description": 1]], "tools[0].temporaryTool.description"),
            (["temporaryTool": ["timeout": 5]], "tools[0].temporaryTool.timeout"),
            (["temporaryTool": ["precomputable": "yes"]], "tools[0].temporaryTool.precomputable"),
            (["temporaryTool": ["dynamicParameters": ["a": 1]]], "tools[0].temporaryTool.dynamicParameters"),
            (["temporaryTool": ["http": "https://example.com"]], "tools[0].temporaryTool.http"),
            (["toolName": .null, "toolId": .null], "tools[0]"), (["toolName": "a", "toolId": "b"], "tools[0]"),
        ] as [(JSONValue, String)]
    )
    func `has fields of the types that Ultravox knows`(tool: JSONValue, field: String) {
        #expect(errors([tool]).map(\.field) == [field])
    }

    @Test func `in the wrong place is told by its place`() {
        #expect(errors(["hangUp", ["toolName": "t", "transitionId": 1]]).map(\.field) == ["tools[1].transitionId"])
    }

    @Test func `makes no answer that is larger than itself many times over`() {
        var deep: JSONValue = .array(Array(repeating: "\u{0}", count: 1000))
        for _ in 0..<50 { deep = [String(repeating: "n", count: 64): deep] }
        let found = errors([["toolName": "t", "parameterOverrides": deep]])
        #expect(found.count == FieldReader.mostErrors)
        #expect(found.allSatisfy { $0.field.count <= FieldReader.longestPath })
    }
}
