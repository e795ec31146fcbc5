import CallDomain

extension APIDescription {
    /// What an agent consists of.
    var agentSchemas: String {
        #"""
        {"components": {"schemas": {
          "AgentRequest": {
            "type": "object",
            "description": "What an agent is to be. `null` is the same as leaving a member out.",
            "required": ["name", "prompt"],
            "additionalProperties": false,
            "properties": {
              "name": {
                "type": "string", "pattern": "^[A-Za-z0-9_-]{1,\#(AgentName.longest)}$",
                "description": "Unique in the Ultravox account.", "examples": ["appointment-reminder"]
              },
              "prompt": {
                \#(text(.several, AgentRules.prompt)),
                "description": [
                  "What the agent is told before the conversation. `{{variable}}` stands for a value of the order's",
                  "`template_context`, or of `template_variables`."
                ],
                "examples": ["Remind {{name}} of the appointment on {{day}}. Be brief and kind."]
              },
              "voice": {
                \#(text(.one, AgentRules.voice, orNull: true)),
                "description": "The name or id of a voice at Ultravox; its default if absent.", "examples": ["Mark"]
              },
              "language": {
                "type": ["string", "null"], "pattern": "^[A-Za-z0-9-]{1,\#(AgentRules.language)}$",
                "description": "A BCP 47 tag that guides recognition and speech.", "examples": ["en", "de-AT"]
              },
              "template_variables": {
                "description": "Values of the prompt's variables where an order has none.",
                "anyOf": [{"$ref": "#/components/schemas/TemplateValues"}, {"type": "null"}]
              },
              "model": {
                \#(text(.one, AgentRules.model, orNull: true)),
                "description": "A model of Ultravox; its default if absent.", "examples": ["fixie-ai/ultravox"]
              },
              "temperature": {
                "type": ["number", "null"], "minimum": 0, "maximum": 1,
                "description": "How freely the model speaks, without a unit; Ultravox's default if absent.", "examples": [0.3]
              },
              "first_speaker": {
                \#(choice(AgentConfiguration.FirstSpeaker.self, usual: .user)),
                "description": [
                  "Who speaks first. `user`: the agent waits for the callee, and begins by itself after 5 seconds of silence. `agent`:",
                  "it speaks as soon as the line is open."
                ]
              },
              "greeting": {
                \#(text(.several, AgentRules.greeting, orNull: true)),
                "description": "The agent's first words. `{{variable}}` is filled as in the prompt.",
                "examples": ["Hello {{name}}, this is the clinic."]
              },
              "max_duration_seconds": {
                \#(integer(AgentRules.durations, orNull: true)),
                "description": "How long a conversation may last, in seconds; Ultravox's default if absent.", "examples": [300]
              },
              "record": {
                "type": ["boolean", "null"], "default": false,
                "description": "Whether Ultravox records the conversations. (`record` of an order is Twilio's recording.)"
              },
              "tools": {
                "type": ["array", "null"], "maxItems": \#(AgentRules.tools),
                "default": ["hangUp"],
                "description": "What the agent may do besides talking: names of tools at Ultravox, or Ultravox's own objects.",
                "items": {"anyOf": [
                  {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,\#(AgentName.longest)}$"},
                  {"$ref": "#/components/schemas/Tool"}
                ]},
                "examples": [["hangUp", {"toolName": "lookUp", "authTokens": {"key": "…"}}]]
              }
            }
          },
          "Tool": {
            "type": "object",
            "description": [
              "A tool as Ultravox writes it (`SelectedTool`), passed on as it is, with exactly one of `toolId`, `toolName` and",
              "`temporaryTool`."
            ],
            "additionalProperties": false,
            "allOf": [{"oneOf": [
              {"required": ["toolId"], "properties": {"toolId": {"type": "string", "description": "There is one."}}},
              {"required": ["toolName"], "properties": {"toolName": {"type": "string", "description": "There is one."}}},
              {"required": ["temporaryTool"], "properties": {"temporaryTool": {"type": "object", "description": "There is one."}}}
            ]}],
            "properties": {
              "toolId": {\#(tool("toolId")), "description": "The id of a tool at Ultravox."},
              "toolName": {\#(tool("toolName")), "description": "The name of a tool at Ultravox."},
              "temporaryTool": {
                \#(tool("temporaryTool")), "additionalProperties": true, "properties": {\#(temporaryTool)},
                "description": "A tool that only this agent has: Ultravox's `BaseToolDefinition`."
              },
              "nameOverride": {\#(tool("nameOverride")), "description": "The name by which the model calls the tool."},
              "descriptionOverride": {
                \#(tool("descriptionOverride")), "description": "What the model is told about the tool."
              },
              "authTokens": {\#(tool("authTokens")), "description": "Secrets that the tool needs, by name."},
              "parameterOverrides": {
                \#(tool("parameterOverrides")), "additionalProperties": true,
                "description": "Fixed values of the tool's parameters, by name."
              },
              "transitionId": {\#(tool("transitionId")), "description": "Ultravox's `transitionId`."}
            }
          },
          "Agent": {
            "type": "object",
            "description": "An agent as Ultravox has it.",
            "required": ["id", "config", "status", "created_at", "updated_at"],
            "properties": {
              "id": {
                "type": "string", "format": "uuid", "description": "The agent's id.",
                "examples": ["6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"]
              },
              "config": {"$ref": "#/components/schemas/AgentConfig"},
              "status": {
                "description": "`draft`: without a published template, so that every call with it is refused. `active`: with one.",
                \#(open(Agent.Status.self)), "examples": ["active"]
              },
              "created_at": \#(optionalTime("When it was created; null where Ultravox does not tell.")),
              "updated_at": \#(optionalTime("When it was last changed; null where Ultravox does not tell."))
            }
          },
          "AgentConfig": {
            "type": "object",
            "description": "What an agent is. An agent that was made elsewhere may have values that no request may have.",
            "required": [
              "name", "prompt", "voice", "language", "template_variables", "model", "temperature", "first_speaker", "greeting",
              "max_duration_seconds", "record", "tools"
            ],
            "properties": {
              "name": {
                "type": "string", "description": "Unique in the Ultravox account.", "examples": ["appointment-reminder"]
              },
              "prompt": {
                "type": "string", "description": "What the agent is told before the conversation.",
                "examples": ["Remind {{name}} of the appointment on {{day}}. Be brief and kind."]
              },
              "voice": \#(optionalText("The voice at Ultravox; null for its default.", example: "Mark")),
              "language": \#(optionalText("A BCP 47 tag; null for Ultravox's default.", example: "en")),
              "template_variables": {
                "type": "object", "additionalProperties": true,
                "description": "Values of the prompt's variables where an order has none.", "examples": [{"day": "Monday"}]
              },
              "model": \#(optionalText("The model; null for Ultravox's default.", example: "fixie-ai/ultravox")),
              "temperature": {
                "type": ["number", "null"],
                "description": "How freely the model speaks, without a unit; `null` for Ultravox's default.", "examples": [0.3]
              },
              "first_speaker": {
                "description": "Who speaks first.", \#(open(AgentConfiguration.FirstSpeaker.self)), "examples": ["agent"]
              },
              "greeting": \#(
                optionalText("The agent's first words.", example: "Hello {{name}}, this is the clinic.")
              ),
              "max_duration_seconds": {
                "type": ["integer", "null"],
                "description": "How long a conversation may last, in seconds; `null` for Ultravox's default.", "examples": [300]
              },
              "record": {"type": "boolean", "description": "Whether Ultravox records the conversations.", "examples": [false]},
              "tools": {
                "type": "array",
                "items": {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": true}]},
                "description": "The names of tools at Ultravox, or Ultravox's own objects.", "examples": [["hangUp"]]
              }
            }
          },
          "AgentPage": {
            "type": "object",
            "description": "A page of agents.",
            "required": ["data", "next_cursor"],
            "properties": {
              "data": {
                "type": "array", "description": "The agents, in Ultravox's order.",
                "items": {"$ref": "#/components/schemas/Agent"}
              },
              "next_cursor": {"$ref": "#/components/schemas/NextCursor"}
            }
          }
        }}}
        """#
    }

    /// The members of the schema of a field of a tool.
    private func tool(_ name: String) -> String { ToolField.ofSelectedTool[name].map(tool) ?? "" }

    private func tool(_ field: ToolField) -> String {
        switch field {
        case .name: #""type": ["string", "null"], "pattern": "^[A-Za-z0-9_-]{1,\#(AgentName.longest)}$""#
        case .identity: #""type": ["string", "null"], "minLength": 1, "pattern": "\#(Lines.several.rawValue)""#
        case .text: #""type": ["string", "null"], "pattern": "\#(Lines.several.rawValue)""#
        case .flag: #""type": ["boolean", "null"]"#
        case .object: #""type": ["object", "null"]"#
        case .texts:
            #"""
            "type": ["object", "null"], "propertyNames": {"pattern": "\#(Lines.one.rawValue)"},
            "additionalProperties": {"type": "string", "pattern": "\#(Lines.several.rawValue)"}
            """#
        case .list: #""type": ["array", "null"], "items": {}"#
        }
    }

    private var temporaryTool: String {
        ToolField.ofTemporaryTool.map { name, field in
            #""\#(name)": {\#(tool(field)), "description": "Ultravox's `\#(name)`."}"#
        }.joined(separator: ", ")
    }
}
