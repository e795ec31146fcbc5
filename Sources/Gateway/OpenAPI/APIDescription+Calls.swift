import CallDomain

extension APIDescription {
    /// `/calls`: place, list, look up, hang up.
    var calls: String {
        #"""
        {"paths": {
          "/calls/{id}": {
            "post": {
              "operationId": "place_call",
              "x-confirm": "This dials a real phone.",
              "tags": ["calls"],
              "summary": "Place a call",
              "description": [
                "Orders a call to a phone number with an agent. The `id` of this path is the id of the **agent**.",
                "",
                "Send an `Idempotency-Key`, and repeat the order with the same key and the same body if you get no answer: the",
                "answer comes again and nobody is dialed twice. Without a key, do not repeat an order that got no answer.",
                "",
                "201 and 202 are both a placed call. Follow it with `GET /calls/{id}` until its `status` is `completed`, `busy`,",
                "`no-answer`, `failed` or `canceled`. After a 4xx, a 502 or a 503 nobody was dialed by this request."
              ],
              "parameters": [
                {"$ref": "#/components/parameters/AgentID"},
                {
                  "name": "Idempotency-Key", "in": "header",
                  "description": [
                    "Names this order: 1 to \#(IdempotencyKey.longest) visible ASCII characters, bare or in double quotes. For 24 hours",
                    "a request with the same key, path and body gets the first answer again. An answer that says that nobody was",
                    "dialed frees the key."
                  ],
                  "schema": {
                    "type": "string", "minLength": 1, "maxLength": \#(IdempotencyKey.longest + 2),
                    "pattern": "^([!#-~]|[!#-~][!-~]{0,\#(IdempotencyKey.longest - 2)}[!#-~]|\"[!#-\\[\\]-~]{1,\#(IdempotencyKey.longest)}\")$"
                  },
                  "example": "2c7e4b0a-9d38-4c0e-87a4-b9216f3a1d52"
                }
              ],
              "requestBody": {
                "required": true,
                "description": "The order.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Order"},
                  "examples": {
                    "short": {
                      "summary": "A number and a value for the prompt's {{name}}",
                      "value": {"phone_number": "+12125550100", "template_context": {"name": "Jane"}}
                    },
                    "full": {
                      "summary": "Everything that an order may have",
                      "value": {
                        "phone_number": "+12125550100",
                        "template_context": {"name": "Jane", "appointment": {"day": "Tuesday", "hour": 9}},
                        "from": "+12025550143",
                        "ring_timeout_seconds": 25,
                        "max_duration_seconds": 300,
                        "machine_detection": "hang_up",
                        "record": true,
                        "join": "eager",
                        "metadata": {"order": "7731"},
                        "callback_url": "https://hooks.example.com/calls"
                      }
                    }
                  }
                }}
              },
              "responses": {
                "201": {
                  "description": "Twilio has created the call: `call_sid` is its CallSid. The phone rings now or soon.",
                  "headers": {
                    "Location": {"$ref": "#/components/headers/Location"},
                    "Idempotent-Replayed": {"$ref": "#/components/headers/Idempotent-Replayed"}
                  },
                  "links": \#(linksOfCall),
                  "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Call", "required": ["join_url"]},
                    "examples": {"queued": {"value": \#(exampleCall(.placed))}}
                  }}
                },
                "202": {
                  "description": [
                    "The order is accepted. `pending`: it waits for its turn and is dialed in the background. `unknown`: it was sent to",
                    "Twilio and its outcome is not known yet; it is never dialed again, and a webhook settles it. `canceled`: it was hung",
                    "up before it was dialed, and the key is free again."
                  ],
                  "headers": {
                    "Location": {"$ref": "#/components/headers/Location"},
                    "Idempotent-Replayed": {"$ref": "#/components/headers/Idempotent-Replayed"}
                  },
                  "links": \#(linksOfCall),
                  "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Call", "required": ["join_url"]},
                    "examples": {"pending": {"value": \#(exampleCall(.waiting))}}
                  }}
                }
              },
              "errors": {
                "malformed_request": null,
                "idempotency_key_invalid": null,
                "destination_not_allowed": null,
                "not_found": "No agent has this id, or the call of this `Idempotency-Key` was erased. Nobody was called.",
                "number_busy": null,
                "idempotency_in_progress": null,
                "unsupported_media_type": null,
                "validation_failed": "Some fields do not fit, or the agent is a draft or needs another value. Nobody was called.",
                "idempotency_key_reused": null,
                "upstream_rejected": "A vendor refused the order; `upstream` has its words. Nobody was called. Correct the order.",
                "too_many_calls": null,
                "queue_full": null,
                "upstream_error": "A vendor refused the gateway, or its answer makes no sense. Nobody was called.",
                "upstream_unavailable": "A vendor cannot be reached or asks to slow down. Nobody was called. Repeat the order.",
                "upstream_busy": null,
                "draining": null,
                "dialing_disabled": null,
                "journal_unavailable": "The gateway cannot write its journal, or still reads it. Nobody was called. Repeat the order."
              }
            },
            "get": {
              "operationId": "get_call",
              "tags": ["calls"],
              "summary": "Look up a call",
              "description": [
                "Returns a call as it is now, with its timeline. The `id` of this path is the id of the **call**, or its CallSid.",
                "The answer has no `join_url`.",
                "",
                "With `wait=terminal` the answer comes when the call is over, or after `timeout` seconds as the call is then."
              ],
              "parameters": [
                {"$ref": "#/components/parameters/CallID"},
                {
                  "name": "wait", "in": "query", "description": "What to wait for before the answer: the call's end.",
                  "schema": {"type": "string", "enum": ["terminal"]}, "example": "terminal"
                },
                {
                  "name": "timeout", "in": "query",
                  "description": "How long to wait at most, in seconds. Without `wait` it means nothing.",
                  "schema": {\#(integer(QueryReader.patience)), "default": \#(QueryReader.usualPatience)}, "example": 30
                }
              ],
              "responses": {"200": {
                "description": "The call.",
                "content": {"application/json": {
                  "schema": {
                    "$ref": "#/components/schemas/Call", "required": ["timeline"], "not": {"required": ["join_url"]}
                  },
                  "examples": {"completed": {"value": \#(exampleCall(.completed))}}
                }}
              }},
              "errors": {
                "validation_failed": null,
                "not_found": "No such call is known, or it has left: see `CALL_RETENTION`."
              }
            }
          },
          "/calls": {"get": {
            "operationId": "list_calls",
            "tags": ["calls"],
            "summary": "List calls",
            "description": [
              "Lists the calls that fit all given parameters, newest first. A call's place in the list never changes. Calls that ended",
              "longer ago than `CALL_RETENTION` have left."
            ],
            "parameters": [
              {
                "name": "status", "in": "query", "explode": true,
                "description": "Calls with one of these statuses. Repeat the parameter, or separate the words with commas.",
                "schema": {"type": "array", "items": {"type": "string", "enum": \#(json(CallStatus.self))}},
                "example": ["in-progress", "ringing"]
              },
              {
                "name": "agent_id", "in": "query", "description": "Calls with this agent.",
                "schema": {"type": "string", "format": "uuid"}, "example": "6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"
              },
              {
                "name": "phone_number", "in": "query",
                "description": [
                  "Calls with this other party, spelled as the calls show it: a number in E.164 (write `+` as `%2B`), a SIP address,",
                  "`anonymous`, …"
                ],
                "schema": {
                  "type": "string", "maxLength": \#(PartyText.maximum),
                  "pattern": "^(\\+?[0-9]{1,31}|anonymous|restricted|unavailable|unknown|(sips?|client):[!-~]*)$"
                },
                "example": "+12125550100"
              },
              {
                "name": "direction", "in": "query", "description": "Calls in this direction.",
                "schema": {"type": "string", "enum": \#(json(CallDirection.self))}, "example": "inbound"
              },
              {
                "name": "created_after", "in": "query",
                "description": "Calls that were created at this time or later (RFC 3339; write `+` as `%2B`).",
                "schema": {"type": "string", "format": "date-time"}, "example": "2026-11-22T00:00:00Z"
              },
              {
                "name": "created_before", "in": "query",
                "description": "Calls that were created before this time (RFC 3339; write `+` as `%2B`).",
                "schema": {"type": "string", "format": "date-time"}, "example": "2026-11-23T00:00:00Z"
              },
              {
                "name": "updated_after", "in": "query",
                "description": [
                  "Calls that have changed since, in the order of their last changes, the oldest first. After a time (RFC 3339; write",
                  "`+` as `%2B`), or after a `position`: ask again and again with the `position` of the last call that you got, and",
                  "you miss no change. After a position that this journal has not reached, which is another one's, come all calls."
                ],
                "schema": {"anyOf": [
                  {"type": "string", "format": "date-time"}, {"type": "string", "pattern": "^\#(Self.position)$"}
                ]},
                "examples": {"position": {"value": "48213"}, "time": {"value": "2026-11-22T11:46:05Z"}}
              },
              {"$ref": "#/components/parameters/Metadata"},
              {"$ref": "#/components/parameters/Limit"},
              {"$ref": "#/components/parameters/Cursor"}
            ],
            "responses": {"200": {
              "description": "A page of calls.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/CallPage"},
                "examples": {"page": {"value": {"data": [\#(exampleCall(.listed))], "next_cursor": null}}}
              }}
            }},
            "errors": {"validation_failed": null}
          }},
          "/calls/{id}/hangup": {"post": {
            "operationId": "hang_up_call",
            "x-confirm": "This ends the call for those who talk.",
            "tags": ["calls"],
            "summary": "End a call",
            "description": [
              "Ends a live call, or cancels an order that was not dialed yet. Once the wish is recorded the gateway carries it out:",
              "it asks Twilio again until the call is over. There is no body. This request is never limited by a quota."
            ],
            "parameters": [{"$ref": "#/components/parameters/CallID"}],
            "responses": {"202": {
              "description": "The wish is recorded. The call is as it is now, and may go on for a moment.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Call"},
                "examples": {"completed": {"value": \#(exampleCall(.listed))}}
              }}
            }},
            "errors": {
              "not_found": "No such call is known.",
              "call_not_live": null,
              "upstream_rejected": "Twilio refused to end the call; `upstream` has its words.",
              "upstream_error": "Twilio refused the gateway's request to end the call. The operator must act.",
              "rate_limited": "The gateway is working on its maximum number of hang-ups. Repeat the request after `Retry-After`."
            }
          }},
          "/calls/{id}/transcript": {"get": {
            "operationId": "get_transcript",
            "tags": ["calls"],
            "summary": "Read what was said",
            "description": [
              "Returns the conversation as text, from Ultravox, in its order. A call without a conversation has an empty one. A page",
              "may have fewer entries than `limit` although there is a next one."
            ],
            "parameters": [
              {"$ref": "#/components/parameters/CallID"}, {"$ref": "#/components/parameters/Limit"},
              {"$ref": "#/components/parameters/Cursor"}
            ],
            "responses": {"200": {
              "description": "A page of the conversation.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/TranscriptPage"},
                "examples": {"page": {"value": {
                  "data": [
                    {"role": "user", "text": "Hello?", "at": "2026-11-22T11:46:19.000Z"},
                    {"role": "agent", "text": "Hello Jane, this is the clinic.", "at": null}
                  ],
                  "next_cursor": null
                }}}
              }}
            }},
            "errors": {
              "validation_failed": null,
              "not_found": "No such call is known, or Ultravox has its conversation no more.",
              "upstream_rejected": null,
              "upstream_error": null,
              "upstream_unavailable": null,
              "upstream_busy": null
            }
          }}
        }}
        """#
    }
}
