extension APIDescription {
    /// `/agents`: manage agents at Ultravox.
    var agents: String {
        #"""
        {"paths": {
          "/agents": {
            "get": {
              "operationId": "list_agents",
              "tags": ["agents"],
              "summary": "List agents",
              "description": "Lists the agents of the Ultravox account.",
              "parameters": [
                {
                  "name": "search", "in": "query", "description": "Agents whose name Ultravox finds by this text.",
                  "schema": {\#(text(.one, AgentRules.search))}, "example": "reminder"
                },
                {"$ref": "#/components/parameters/Limit"},
                {"$ref": "#/components/parameters/Cursor"}
              ],
              "responses": {"200": {
                "description": "A page of agents.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/AgentPage"},
                  "examples": {"page": {"value": {"data": [\#(exampleAgent)], "next_cursor": null}}}
                }}
              }},
              "errors": {
                "validation_failed": null,
                "not_found": "Ultravox does not know the place of the cursor any more. Begin anew without a cursor.",
                "upstream_rejected": null, "upstream_error": null, "upstream_unavailable": null, "upstream_busy": null
              }
            },
            "post": {
              "operationId": "create_agent",
              "tags": ["agents"],
              "summary": "Create an agent",
              "description": [
                "Creates an agent at Ultravox, with what a phone call needs: it hangs up when the conversation is over, and after a",
                "long silence. Keep its `id`: `POST /calls/{id}` takes it."
              ],
              "requestBody": {
                "required": true,
                "description": "What the agent is.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/AgentRequest"},
                  "examples": \#(Self.agentRequestExamples)
                }}
              },
              "responses": {"201": {
                "description": "The agent.",
                "headers": {"Location": {"$ref": "#/components/headers/Location"}},
                "links": \#(linksOfAgent),
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Agent"}, "examples": {"agent": {"value": \#(exampleAgent)}}
                }}
              }},
              "errors": {
                "malformed_request": null,
                "not_found": "Ultravox does not know something that the agent names.",
                "unsupported_media_type": null,
                "validation_failed": "Some fields do not fit, or the name is taken (then `upstream` has Ultravox's words).",
                "upstream_rejected": null, "upstream_error": null, "upstream_unavailable": null, "upstream_busy": null
              }
            }
          },
          "/agents/{id}": {
            "get": {
              "operationId": "get_agent",
              "tags": ["agents"],
              "summary": "Read an agent",
              "description": "Returns an agent as Ultravox has it now.",
              "parameters": [{"$ref": "#/components/parameters/AgentID"}],
              "responses": {"200": {
                "description": "The agent.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Agent"}, "examples": {"agent": {"value": \#(exampleAgent)}}
                }}
              }},
              "errors": {
                "not_found": "No agent has this id.",
                "upstream_rejected": null, "upstream_error": null, "upstream_unavailable": null, "upstream_busy": null
              }
            },
            "put": {
              "operationId": "replace_agent",
              "tags": ["agents"],
              "summary": "Replace an agent",
              "description": [
                "Sets every field that `AgentRequest` names: one that is absent goes back to its default. What Ultravox keeps besides",
                "stays as it is. Calls that are placed from now on have the new agent; so have orders that still wait."
              ],
              "parameters": [{"$ref": "#/components/parameters/AgentID"}],
              "requestBody": {
                "required": true,
                "description": "What the agent is from now on.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/AgentRequest"},
                  "examples": \#(Self.agentRequestExamples)
                }}
              },
              "responses": {"200": {
                "description": "The agent.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Agent"}, "examples": {"agent": {"value": \#(exampleAgent)}}
                }}
              }},
              "errors": {
                "malformed_request": null,
                "not_found": "No agent has this id.",
                "unsupported_media_type": null,
                "validation_failed": "Some fields do not fit, or the name is taken (then `upstream` has Ultravox's words).",
                "upstream_rejected": null, "upstream_error": null, "upstream_unavailable": null, "upstream_busy": null
              }
            },
            "delete": {
              "operationId": "delete_agent",
              "x-confirm": "This cannot be undone.",
              "tags": ["agents"],
              "summary": "Delete an agent",
              "description": "Deletes an agent at Ultravox. Orders that still wait for it fail with `agent_changed`; nobody is called.",
              "parameters": [{"$ref": "#/components/parameters/AgentID"}],
              "responses": {"204": {"description": "The agent is deleted."}},
              "errors": {
                "not_found": "No agent has this id.",
                "upstream_rejected": null, "upstream_error": null, "upstream_unavailable": null, "upstream_busy": null
              }
            }
          }
        }}
        """#
    }

    private static let agentRequestExamples = #"""
        {
          "short": {
            "summary": "A name and a prompt",
            "value": {"name": "my-first-agent", "prompt": "You are a helpful assistant on the phone. Be brief."}
          },
          "reminder": {
            "summary": "Speaks first, with variables",
            "value": {
              "name": "appointment-reminder",
              "prompt": "Remind {{name}} of the appointment on {{day}}. Be brief and kind.",
              "language": "en",
              "first_speaker": "agent",
              "greeting": "Hello {{name}}, this is the clinic.",
              "template_variables": {"day": "Monday"},
              "max_duration_seconds": 300,
              "tools": ["hangUp"]
            }
          }
        }
        """#
}
