extension APIDescription {
    /// `DELETE /calls/{id}` and `/erasures`: forget calls.
    var erasures: String {
        #"""
        {"paths": {
          "/calls/{id}": {"delete": {
            "operationId": "erase_call",
            "x-confirm": "This cannot be undone.",
            "tags": ["erasure"],
            "summary": "Erase a call",
            "description": [
              "Erases the personal data of a call that is over or `unconfirmed`: its number, metadata, history and kept answer. The",
              "`id` of this path is the id of the **call**, or its CallSid. Afterwards the call is unknown (404), also to its",
              "`Idempotency-Key`. The journal forgets it within seconds; its recordings at Twilio and its conversation at Ultravox",
              "are deleted, for as long as it takes: `GET /erasures/{id}` tells how far that is. This cannot be undone."
            ],
            "parameters": [{"$ref": "#/components/parameters/CallID"}],
            "responses": {"204": {
              "description": "The call is gone here. What the journal and the vendors keep follows.",
              "headers": {"Location": {"$ref": "#/components/headers/Location"}},
              "links": \#(linkToErasure)
            }},
            "errors": {
              "validation_failed": "This request has no query parameters.",
              "not_found": "No such call is known, or it is erased already.",
              "call_is_live": null
            }
          }},
          "/erasures/{id}": {"get": {
            "operationId": "get_erasure",
            "tags": ["erasure"],
            "summary": "Follow an erasure",
            "description": [
              "Tells what is gone of an erased call, here, at Twilio and at Ultravox, and what is still to come: why it failed so far,",
              "and when it is tried again. The `id` is the id of the erased call, or its CallSid."
            ],
            "parameters": [{"$ref": "#/components/parameters/CallID"}],
            "responses": {"200": {
              "description": "How far the erasure is.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Erasure"},
                "examples": {"pending": {"value": {
                  "call_id": "\#(Self.exampleCallID)",
                  "erased_at": "2026-11-23T09:00:00.000Z",
                  "complete": false,
                  "gateway": {
                    "memory": {"status": "gone", "at": "2026-11-23T09:00:00.000Z"},
                    "journal": {"status": "gone", "at": "2026-11-23T09:00:02.517Z"}
                  },
                  "twilio": {"recordings": [{
                    "status": "pending", "id": "RE6f8a7797b6b980290e88667304f91782", "attempts": 1,
                    "reason": "Twilio gave no usable answer", "last_tried_at": "2026-11-23T09:00:01.030Z",
                    "next_try_at": "2026-11-23T09:00:31.030Z"
                  }]},
                  "ultravox": {"calls": [{"status": "gone", "at": "2026-11-23T09:00:00.812Z"}]}
                }}}
              }}
            }},
            "errors": {
              "validation_failed": "This request has no query parameters.",
              "not_found": "No call with this id was erased."
            }
          }}
        },
        "components": {"schemas": {
          "Erasure": {
            "type": "object",
            "description": "What is gone of an erased call, and what is still to come.",
            "required": ["call_id", "erased_at", "complete", "gateway", "twilio", "ultravox"],
            "properties": {
              "call_id": {"$ref": "#/components/schemas/CallID"},
              "erased_at": \#(time("When the call was erased.")),
              "complete": {
                "type": "boolean", "description": "Whether nothing is left anywhere, as far as is known.", "examples": [false]
              },
              "gateway": {
                "type": "object", "description": "What this gateway keeps.", "required": ["memory", "journal"],
                "properties": {
                  "memory": {
                    "description": "What requests are answered from.", "$ref": "#/components/schemas/ErasedCopy"
                  },
                  "journal": {
                    "description": "The file that outlives a restart; `none` where there is no file.",
                    "$ref": "#/components/schemas/ErasedCopy"
                  }
                }
              },
              "twilio": {
                "type": "object", "description": "What Twilio keeps.", "required": ["recordings"],
                "properties": {"recordings": {
                  "type": "array", "description": "The call's recordings, those that are gone first.",
                  "items": {"$ref": "#/components/schemas/ErasedCopy"}
                }}
              },
              "ultravox": {
                "type": "object", "description": "What Ultravox keeps.", "required": ["calls"],
                "properties": {"calls": {
                  "type": "array", "description": "The call's conversations, those that are gone first.",
                  "items": {"$ref": "#/components/schemas/ErasedCopy"}
                }}
              }
            }
          },
          "ErasedCopy": {
            "type": "object",
            "description": "One copy of the call's data.",
            "required": ["status"],
            "properties": {
              "status": {
                "description": [
                  "`gone`: deleted. `pending`: it is to be deleted. `refused`: the vendor refused that, and is asked again. `none`:",
                  "there was no copy."
                ],
                \#(open(["gone", "pending", "refused", "none"])), "examples": ["pending"]
              },
              "at": \#(optionalTime("When it was deleted; null or absent where it was not.")),
              "id": {
                "type": "string", "description": "The vendor's name of what is still to be deleted.",
                "examples": ["RE6f8a7797b6b980290e88667304f91782"]
              },
              "attempts": {
                "type": "integer", "minimum": 1,
                "description": "How often the deletion was tried; absent where it was not tried in vain.", "examples": [1]
              },
              "reason": {
                "type": "string", "description": "Why the last attempt failed.", "examples": ["Twilio gave no usable answer"]
              },
              "last_tried_at": \#(time("When it was last tried.")),
              "next_try_at": \#(optionalTime("When it is tried again; null where that is not known yet."))
            }
          }
        }}}
        """#
    }
}
