import CallFlow

extension APIDescription {
    /// `/dialing`: the emergency switch.
    var dialing: String {
        #"""
        {"paths": {"/dialing": {
          "get": {
            "operationId": "get_dialing",
            "tags": ["dialing"],
            "summary": "Read the emergency switch",
            "description": "Tells whether orders are dialed. This request is never limited by a quota.",
            "responses": {"200": {
              "description": "Where the switch stands.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Dialing"},
                "examples": {
                  "never_set": {"value": {"enabled": true, "reason": null, "changed_at": null}}
                }
              }}
            }}
          },
          "put": {
            "operationId": "set_dialing",
            "x-confirm": "This stops or starts dialing for everybody.",
            "tags": ["dialing"],
            "summary": "Stop all dialing, or go on",
            "description": [
              "Switches dialing off or on. Off: within a second no new dial leaves any more; live calls, webhooks and look-ups go on.",
              "An order whose client waits is answered 503 `dialing_disabled`. The switch survives a restart. This request is never",
              "limited by a quota."
            ],
            "requestBody": {
              "required": true,
              "description": "Where the switch is to stand.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/DialingRequest"},
                "examples": {
                  "off": {"value": {"enabled": false, "reason": "the script calls the wrong people", "waiting": "cancel"}},
                  "on": {"value": {"enabled": true}}
                }
              }}
            },
            "responses": {"200": {
              "description": "Where the switch stands.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Dialing"},
                "examples": {"off": {"value": {
                  "enabled": false, "reason": "the script calls the wrong people", "changed_at": "2026-11-22T11:46:18.000Z"
                }}}
              }}
            }},
            "errors": {"malformed_request": null, "unsupported_media_type": null, "validation_failed": null}
          }
        }},
        "components": {"schemas": {
          "DialingRequest": {
            "type": "object",
            "description": "Where the emergency switch is to stand.",
            "required": ["enabled"],
            "additionalProperties": false,
            "properties": {
              "enabled": {"type": "boolean", "description": "Whether orders are dialed.", "examples": [false]},
              "reason": {
                \#(text(.one, DialingController.longestReason, orNull: true)),
                "description": "Why dialing is off, for whoever is refused. It is forgotten when dialing goes on.",
                "examples": ["the script calls the wrong people"]
              },
              "waiting": {
                \#(choice(WaitingOrders.self, usual: .keep)),
                "description": [
                  "What becomes of orders in the queue. `keep`: they wait until `QUEUE_MAX_WAIT` is over, and are dialed if dialing is",
                  "on again before. `cancel`: they are canceled at once."
                ]
              }
            }
          },
          "Dialing": {
            "type": "object",
            "description": "Where the emergency switch stands.",
            "required": ["enabled", "reason", "changed_at"],
            "properties": {
              "enabled": {"type": "boolean", "description": "Whether orders are dialed.", "examples": [true]},
              "reason": \#(
                optionalText("Why dialing is off, if somebody said so.", example: "the script calls the wrong people")
              ),
              "changed_at": \#(optionalTime("When the switch was last set; null where it never was."))
            }
          }
        }}}
        """#
    }
}
