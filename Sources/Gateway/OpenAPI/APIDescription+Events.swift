import CallDomain
import CallFlow

extension APIDescription {
    /// `/events`: what happens, told as it happens.
    var events: String {
        #"""
        {"paths": {
          "/events": {"get": {
            "operationId": "stream_events",
            "tags": ["events"],
            "summary": "Follow all calls",
            "description": [
              "Streams the events of all calls as they happen, as server-sent events, until you end the connection. Parameters choose",
              "which. The stream begins now, or behind `Last-Event-ID`: to miss nothing, connect again with the `id` of the last event",
              "that you have seen, after a restart of the gateway, too. The latest \#(Self.kept) events are kept for that; where one",
              "that you lack is gone, the stream begins with `stream.gap`.",
              "",
              "A comment comes after \#(EventFeed.heartbeat.wholeSeconds) seconds without an event: a connection that is silent for longer is dead. A reader",
              "that is too slow is told so by `stream.slow`, and cut off. A browser's `EventSource` cannot send an API key: use",
              "`fetch` there."
            ],
            "parameters": [
              \#(parameters.joined(separator: ",\n"))
            ],
            "responses": {"200": \#(stream)},
            "errors": {"validation_failed": null}
          }},
          "/calls/{id}/events": {"get": {
            "operationId": "stream_call_events",
            "tags": ["events"],
            "summary": "Follow one call",
            "description": [
              "Streams the events of one call: first those that have happened, then each one as it happens. The stream ends with",
              "`stream.over` 60 seconds after the call's end was told, so that late events are there, too; at once where the call",
              "ended longer ago. Where events of the call are not kept any more, `stream.gap` comes first, and where none is, one that",
              "tells how the call stands."
            ],
            "parameters": [
              {"$ref": "#/components/parameters/CallID"}, \#(parameters[0]), \#(parameters[1])
            ],
            "responses": {"200": \#(stream)},
            "errors": {"validation_failed": null, "not_found": "No such call is known, or it has left: see `CALL_RETENTION`."}
          }}
        },
        "components": {"schemas": {
          "EventType": {
            "description": [
              "What has happened to the call. Exactly one of `call.completed`, `call.busy`, `call.no_answer`, `call.failed` and",
              "`call.canceled` comes for every call that ends; events of what becomes known later may follow it. `call.unknown`: the",
              "outcome of the dial is in doubt. `call.corrected`: what was told of the call's end turned out to be wrong, and its",
              "`status` is what is known now. `call.updated`: another member of the call has changed."
            ],
            \#(open(CallNews.allCases.map(\.type))), "examples": ["call.answered"]
          },
          "Event": {
            "type": "object",
            "description": "Something that has happened to a call.",
            "required": ["type", "timestamp", "data"],
            "properties": {
              "type": {"$ref": "#/components/schemas/EventType"},
              "timestamp": \#(time("When the gateway learned of it.")),
              "data": {"$ref": "#/components/schemas/Call"}
            }
          },
          "StreamEvent": {
            "type": "object",
            "description": "What a stream tells of itself. It has no `id`: it is no place to go on from.",
            "required": ["type", "detail"],
            "properties": {
              "type": {
                "description": "`stream.gap` comes first, the others come last.",
                \#(open(StreamEvent.self)), "examples": ["stream.over"]
              },
              "detail": {
                "type": "string", "description": "What it means and what to do.",
                "examples": [\#(json(StreamEvent.over.detail))]
              }
            }
          },
          "ServerSentEvent": {
            "type": "object",
            "description": "One event of a stream, by its fields: `id:`, `event:` and `data:`.",
            "required": ["event", "data"],
            "properties": {
              "id": {
                "type": "string", "pattern": "^[0-9]+(-[0-9]+)?(\\.[0-9]+)?$",
                "description": "Its place in the log, for `Last-Event-ID`. Its text means nothing else.", "examples": ["48213"]
              },
              "event": {
                "description": "The `type` of the event, or of what the stream tells of itself.",
                \#(open(CallNews.allCases.map(\.type) + StreamEvent.allCases.map(\.rawValue))),
                "examples": ["call.answered"]
              },
              "data": {
                "type": "string", "contentMediaType": "application/json",
                "contentSchema": {"anyOf": [
                  {"$ref": "#/components/schemas/Event"}, {"$ref": "#/components/schemas/StreamEvent"}
                ]},
                "description": "One line of JSON: an `Event`, or a `StreamEvent`.",
                "examples": ["{\"type\":\"stream.over\",\"detail\":\"The call is over, and no more events are expected.\"}"]
              },
              "retry": {
                "type": "integer", "description": "Before the first event: after how many milliseconds to connect again.",
                "examples": [2000]
              }
            }
          }
        }}}
        """#
    }

    /// The pattern of a ``Position``: one or two numbers, as a request must have it.
    static let position = "([1-9][0-9]{0,18}-)?(0|[1-9][0-9]{0,18})"

    /// How many events are kept, as a reader writes it.
    private static let kept = "100,000"

    private var parameters: [String] {
        [
            #"""
            {
              "name": "Last-Event-ID", "in": "header",
              "description": "The `id` of the last event that you have seen: the stream begins with the next one.",
              "schema": {"type": "string", "pattern": "^(\#(Self.position)(\\.([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-4]))?)?$"},
              "example": "48213"
            }
            """#,
            #"""
            {
              "name": "type", "in": "query", "explode": true,
              "description": "Events of one of these types. Repeat the parameter, or separate the words with commas.",
              "schema": {"type": "array", "items": {"type": "string", "enum": \#(json(CallNews.allCases.map(\.type)))}},
              "example": ["call.answered", "call.completed"]
            }
            """#,
            #"""
            {
              "name": "status", "in": "query", "explode": true,
              "description": "Events of calls that have one of these statuses then. Repeat the parameter, or use commas.",
              "schema": {"type": "array", "items": {"type": "string", "enum": \#(json(CallStatus.self))}},
              "example": ["in-progress", "completed"]
            }
            """#,
            #"""
            {
              "name": "agent_id", "in": "query", "description": "Events of calls with this agent.",
              "schema": {"type": "string", "format": "uuid"}, "example": "6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"
            }
            """#,
            ##"{"$ref": "#/components/parameters/Metadata"}"##,
        ]
    }

    private var stream: String {
        #"""
        {
          "description": "The stream. It ends when you end it, when the gateway stops, or when you are too slow.",
          "content": {"text/event-stream": {
            "schema": {"$ref": "#/components/schemas/ServerSentEvent"},
            "examples": {"completed": {"value": \#(exampleEvent)}}
          }}
        }
        """#
    }

    private var exampleEvent: String {
        let type = CallNews.completed.type
        let data = #"{"type":"\#(type)","timestamp":"2026-11-22T11:47:05.000Z","data":\#(exampleCall(.listed))}"#
        return #"{"id": "48213", "event": "\#(type)", "data": \#(json(data))}"#
    }
}
