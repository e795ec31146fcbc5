import CallDomain
import EventDelivery

extension APIDescription {
    /// What `/subscriptions` and `/deliveries` take and answer.
    var deliverySchemas: String {
        #"""
        {"components": {
          "parameters": {
            "SubscriptionID": {
              "name": "id", "in": "path", "required": true, "description": "The id of the subscription.",
              "schema": {"type": "string"}, "example": "\#(Self.exampleSubscription)"
            },
            "DeliveryID": {
              "name": "id", "in": "path", "required": true, "description": "The id of the delivery.",
              "schema": {"type": "string"}, "example": "msg_4zx1f0q7v8k2m3n4p5r6s7t8vw"
            }
          },
          "schemas": {
            "SubscriptionRequest": {
              "type": "object",
              "description": "What is to be sent where.",
              "required": ["url"],
              "additionalProperties": false,
              "properties": {
                "url": \#(deliveryURL("Where events are sent.")),
                "events": {
                  "type": ["array", "null"], "minItems": 1,
                  "items": {"type": "string", "enum": \#(json(CallNews.allCases.map(\.type)))},
                  "description": "The types of events that are sent. Without it all, those of later versions included.",
                  "examples": [["call.completed", "call.failed"]]
                },
                "secret": {
                  "type": ["string", "null"],
                  "pattern": "^whsec_[A-Za-z0-9+/]+={0,2}$", "minLength": 38, "maxLength": 94,
                  "description": "Signs what is sent: `whsec_` and 24 to 64 bytes in base64. Without it one is made up.",
                  "examples": ["\#(Self.exampleSecret)"]
                }
              }
            },
            "Subscription": {
              "type": "object",
              "description": "Where events are sent.",
              "required": ["id", "url", "events", "created_at"],
              "properties": {
                "id": {
                  "type": "string", "pattern": "^sub_[0-7][0-9a-hjkmnp-tv-z]{25}$", "description": "Its id.",
                  "examples": ["\#(Self.exampleSubscription)"]
                },
                "url": {
                  "type": "string", "format": "uri", "description": "Where events are sent.",
                  "examples": ["https://hooks.example.com/calls"]
                },
                "events": {
                  "type": ["array", "null"], "items": {"$ref": "#/components/schemas/EventType"},
                  "description": "The types of events that are sent; `null` for all.", "examples": [["call.completed"], null]
                },
                "created_at": \#(time("When it was made.")),
                "secret": {
                  "type": "string", "description": "The secret of its signatures. Only the answer to its creation has it.",
                  "examples": ["\#(Self.exampleSecret)"]
                }
              }
            },
            "SubscriptionPage": {
              "type": "object",
              "description": "All subscriptions.",
              "required": ["data", "next_cursor"],
              "properties": {
                "data": {
                  "type": "array", "description": "The subscriptions, the oldest first.",
                  "items": {"$ref": "#/components/schemas/Subscription"}
                },
                "next_cursor": {"$ref": "#/components/schemas/NextCursor"}
              }
            },
            "TrialEvent": {
              "type": "object",
              "description": "What is sent to try a subscription out.",
              "required": ["type", "timestamp", "data"],
              "properties": {
                "type": {"type": "string", "const": "\#(TrialEvent.type)", "description": "What it is.", "examples": ["\#(TrialEvent.type)"]},
                "timestamp": \#(time("When it was asked for.")),
                "data": {
                  "type": "object", "description": "The subscription.", "required": ["subscription_id"],
                  "properties": {"subscription_id": {
                    "type": "string", "description": "The id of the subscription.", "examples": ["\#(Self.exampleSubscription)"]
                  }}
                }
              }
            },
            "DeliveryPage": {
              "type": "object",
              "description": "A page of deliveries.",
              "required": ["data", "next_cursor"],
              "properties": {
                "data": {
                  "type": "array", "description": "The deliveries, the newest event first.",
                  "items": {"$ref": "#/components/schemas/Delivery"}
                },
                "next_cursor": {"$ref": "#/components/schemas/NextCursor"}
              }
            },
            "Delivery": {
              "type": "object",
              "description": "One event on its way to one receiver.",
              "required": [
                "id", "subscription_id", "call_id", "url", "type", "timestamp", "status", "next_attempt_at", "attempts"
              ],
              "properties": {
                "id": {
                  "type": "string", "pattern": "^msg_[0-7][0-9a-hjkmnp-tv-z]{25}$",
                  "description": "Its id, which the receiver sees as `webhook-id`.",
                  "examples": ["msg_4zx1f0q7v8k2m3n4p5r6s7t8vw"]
                },
                "subscription_id": \#(
                  optionalText(
                    "The subscription; null of an order's `callback_url`.",
                    example: Self.exampleSubscription
                  )
                ),
                "call_id": \#(optionalText("The call; null of a trial.", example: Self.exampleCallID)),
                "url": \#(
                  optionalText(
                    "Where it is sent; null where the call has left that said so.",
                    example: "https://hooks.example.com/calls"
                  )
                ),
                "type": {
                  "description": "The type of the event.",
                  \#(open(CallNews.allCases.map(\.type) + [TrialEvent.type])), "examples": ["call.completed"]
                },
                "timestamp": \#(time("When the gateway learned of what the event tells.")),
                "status": {
                  "description": [
                    "`pending`: it is sent, again if need be. `delivered`: the receiver has answered with a 2xx. `failed`: it was",
                    "given up, after 24 hours or at once where another attempt would not help."
                  ],
                  \#(open(Delivery.Status.self)), "examples": ["delivered"]
                },
                "next_attempt_at": \#(
                  optionalTime("When it is sent, once those in front of it are settled; null of what is settled.")
                ),
                "attempts": {
                  "type": "array", "description": "The last attempts, the oldest first.",
                  "items": {"$ref": "#/components/schemas/DeliveryAttempt"}
                }
              }
            },
            "DeliveryAttempt": {
              "type": "object",
              "description": "An attempt to deliver an event.",
              "required": ["at", "status_code", "error", "duration_ms"],
              "properties": {
                "at": \#(time("When it ended.")),
                "status_code": {
                  "type": ["integer", "null"], "description": "The receiver's answer; null if there was none.",
                  "examples": [204, null]
                },
                "error": \#(optionalText("Why it failed; null if it did not.", example: "the receiver answered 500")),
                "duration_ms": {
                  "type": "integer", "minimum": 0, "description": "How long it took, in milliseconds.", "examples": [38]
                }
              }
            }
          }
        }}
        """#
    }

    /// The schema of a URL to which events are sent.
    func deliveryURL(_ description: String, orNull: Bool = false) -> String {
        """
        {
          "type": \(orNull ? #"["string", "null"]"# : #""string""#), "format": "uri", "pattern": "^https?://", "minLength": 1, "maxLength": \(DeliveryURL.longest),
          "description": [
            \(json(description)),
            "An https URL that leads to a public address; no user name, no fragment. Only with `ENVIRONMENT=development` it may be",
            "on this machine, and http."
          ],
          "examples": ["https://hooks.example.com/calls"]
        }
        """
    }
}
