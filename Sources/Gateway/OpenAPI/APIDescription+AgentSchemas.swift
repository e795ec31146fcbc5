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
                "type": "string", "minLength": 1, "maxLength": \#(AgentRules.prompt),
                "description": [
                  "What the agent is told before the conversation. `{{variable}}` stands for a value of the order's",
                  "`template_context`, or of `template_variables`."
                ],
                "examples": ["Remind {{name}} of the appointment on {{day}}. Be brief and kind."]
              },
              "voice": {
                "type": "string", "minLength": 1, "maxLength": \#(AgentRules.voice),
                "description": "The name or id of a voice at Ultravox; its default if absent.", "examples": ["Mark"]
              },
              "language": {
                "type": "string", "pattern": "^[A-Za-z0-9-]{1,\#(AgentRules.language)}$",
                "description": "A BCP 47 tag that guides recognition and speech.", "examples": ["en", "de-AT"]
              },
              "template_variables": {
                "description": "Values of the prompt's variables where an order has none.",
                "$ref": "#/components/schemas/TemplateValues"
              },
              "model": {
                "type": "string", "minLength": 1, "maxLength": \#(AgentRules.model),
                "description": "A model of Ultravox; its default if absent.", "examples": ["fixie-ai/ultravox"]
              },
              "temperature": {
                "type": "number", "minimum": 0, "maximum": 1,
                "description": "How freely the model speaks, without a unit; Ultravox's default if absent.", "examples": [0.3]
              },
              "first_speaker": {
                \#(choice(AgentConfiguration.FirstSpeaker.self)),
                "default": "\#(AgentConfiguration.FirstSpeaker.user.rawValue)",
                "description": [
                  "Who speaks first. `user`: the agent waits for the callee, and begins by itself after 5 seconds of silence. `agent`:",
                  "it speaks as soon as the line is open."
                ]
              },
              "greeting": {
                "type": "string", "minLength": 1, "maxLength": \#(AgentRules.greeting),
                "description": "The agent's first words. `{{variable}}` is filled as in the prompt.",
                "examples": ["Hello {{name}}, this is the clinic."]
              },
              "max_duration_seconds": {
                \#(integer(AgentRules.durations)),
                "description": "How long a conversation may last, in seconds; Ultravox's default if absent.", "examples": [300]
              },
              "record": {
                "type": "boolean", "default": false,
                "description": "Whether Ultravox records the conversations. (`record` of an order is Twilio's recording.)"
              },
              "tools": {
                "type": "array", "maxItems": \#(AgentRules.tools),
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
            "properties": {
              "toolId": {"type": "string", "minLength": 1, "description": "The id of a tool at Ultravox."},
              "toolName": {"type": "string", "minLength": 1, "description": "The name of a tool at Ultravox."},
              "temporaryTool": {
                "type": "object", "additionalProperties": true,
                "description": "A tool that only this agent has: Ultravox's `BaseToolDefinition`."
              },
              "nameOverride": {
                "type": "string", "pattern": "^[A-Za-z0-9_-]{1,\#(AgentName.longest)}$",
                "description": "The name by which the model calls the tool."
              },
              "descriptionOverride": {
                "type": "string", "description": "What the model is told about the tool."
              },
              "authTokens": {
                "type": "object", "additionalProperties": {"type": "string"},
                "description": "Secrets that the tool needs, by name."
              },
              "parameterOverrides": {
                "type": "object", "additionalProperties": true,
                "description": "Fixed values of the tool's parameters, by name."
              },
              "transitionId": {"type": "string", "description": "Ultravox's `transitionId`."}
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
}
