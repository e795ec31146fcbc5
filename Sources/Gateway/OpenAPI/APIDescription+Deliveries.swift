import CallDomain
import EventDelivery

extension APIDescription {
    /// `/subscriptions`, `/deliveries`, and what is sent to receivers.
    var deliveries: String {
        #"""
        {"paths": {
          "/subscriptions": {
            "post": {
              "operationId": "create_subscription",
              "tags": ["events"],
              "summary": "Have events sent to you",
              "description": [
                "Subscribes a URL to the events of all calls. Each event is sent as a POST with the JSON of an `Event`, signed by",
                "Standard Webhooks: see `call_event` under `webhooks`. Answer with a 2xx within 15 seconds. Anything else is tried",
                "again with growing pauses for 24 hours; events of one call come in their order. The answer has the secret, once."
              ],
              "requestBody": {
                "required": true,
                "description": "What is to be sent where.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/SubscriptionRequest"},
                  "examples": {
                    "all": {"value": {"url": "https://hooks.example.com/calls"}},
                    "some": {"value": {
                      "url": "https://hooks.example.com/calls", "events": ["call.completed", "call.failed"],
                      "secret": "\#(Self.exampleSecret)"
                    }}
                  }
                }}
              },
              "responses": {"201": {
                "description": "The subscription is made.",
                "headers": {"Location": {"$ref": "#/components/headers/Location"}},
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Subscription", "required": ["secret"]},
                  "examples": {"some": {"value": {
                    "id": "\#(Self.exampleSubscription)", "url": "https://hooks.example.com/calls",
                    "events": ["call.completed", "call.failed"], "created_at": "2026-11-22T11:46:05.000Z",
                    "secret": "\#(Self.exampleSecret)"
                  }}}
                }}
              }},
              "errors": {
                "malformed_request": null, "unsupported_media_type": null, "validation_failed": null,
                "journal_unavailable": null
              }
            },
            "get": {
              "operationId": "list_subscriptions",
              "tags": ["events"],
              "summary": "List subscriptions",
              "description": "Lists all subscriptions, the oldest first, without their secrets. There are at most 100: one page.",
              "responses": {"200": {
                "description": "All subscriptions.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/SubscriptionPage"},
                  "examples": {"page": {"value": {
                    "data": [{
                      "id": "\#(Self.exampleSubscription)", "url": "https://hooks.example.com/calls", "events": null,
                      "created_at": "2026-11-22T11:46:05.000Z"
                    }],
                    "next_cursor": null
                  }}}
                }}
              }},
              "errors": {"validation_failed": "This request has no query parameters."}
            }
          },
          "/subscriptions/{id}": {"delete": {
            "operationId": "delete_subscription",
            "x-confirm": "This cannot be undone.",
            "tags": ["events"],
            "summary": "End a subscription",
            "description": "Ends a subscription. Nothing more is sent to it, and its deliveries are forgotten.",
            "parameters": [{"$ref": "#/components/parameters/SubscriptionID"}],
            "responses": {"204": {"description": "The subscription has ended. There is no body."}},
            "errors": {"not_found": "There is no such subscription.", "journal_unavailable": null}
          }},
          "/subscriptions/{id}/test": {"post": {
            "operationId": "test_subscription",
            "tags": ["events"],
            "summary": "Send a trial",
            "description": [
              "Sends an event of the type `subscription.test` to the subscription's URL, signed as all others.",
              "`GET /deliveries` tells what the receiver answered."
            ],
            "parameters": [{"$ref": "#/components/parameters/SubscriptionID"}],
            "responses": {"202": {
              "description": "The trial is on its way.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Delivery"},
                "examples": {"trial": {"value": {
                  "id": "msg_4zx1f0q7v8k2m3n4p5r6s7t8vw", "subscription_id": "\#(Self.exampleSubscription)", "call_id": null,
                  "url": "https://hooks.example.com/calls", "type": "subscription.test",
                  "timestamp": "2026-11-22T11:46:05.000Z", "status": "pending",
                  "next_attempt_at": "2026-11-22T11:46:05.000Z", "attempts": []
                }}}
              }}
            }},
            "errors": {"not_found": "There is no such subscription.", "journal_unavailable": null}
          }},
          "/deliveries": {"get": {
            "operationId": "list_deliveries",
            "tags": ["events"],
            "summary": "List what was sent",
            "description": [
              "Lists what was sent to receivers and what is still to be sent, the newest event first, each with its last attempts.",
              "All that is pending is there, and the latest 10,000 that are not."
            ],
            "parameters": [
              {
                "name": "status", "in": "query", "explode": true,
                "description": "Deliveries with one of these statuses. Repeat the parameter, or use commas.",
                "schema": {"type": "array", "items": {"type": "string", "enum": \#(json(Delivery.Status.self))}},
                "example": ["failed"]
              },
              {"$ref": "#/components/parameters/Limit"}, {"$ref": "#/components/parameters/Cursor"}
            ],
            "responses": {"200": {
              "description": "A page of deliveries.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/DeliveryPage"},
                "examples": {"page": {"value": {"data": [\#(Self.exampleDelivery)], "next_cursor": null}}}
              }}
            }},
            "errors": {"validation_failed": null}
          }},
          "/deliveries/{id}/retry": {"post": {
            "operationId": "retry_delivery",
            "tags": ["events"],
            "summary": "Send an event again",
            "description": [
              "Sends an event again, at once: one that failed, one that waits for its next attempt, or one that was delivered. It has",
              "the same `webhook-id`."
            ],
            "parameters": [{
              "name": "id", "in": "path", "required": true, "description": "The id of the delivery.",
              "schema": {"type": "string"}, "example": "msg_4zx1f0q7v8k2m3n4p5r6s7t8vw"
            }],
            "responses": {"202": {
              "description": "The event is on its way.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Delivery"},
                "examples": {"failed": {"value": \#(Self.exampleDelivery)}}
              }}
            }},
            "errors": {
              "not_found": "There is no such delivery, or it is not kept any more.", "journal_unavailable": null
            }
          }}
        },
        "webhooks": {"call_event": {"post": {
          "operationId": "receive_call_event",
          "tags": ["events"],
          "summary": "An event of a call",
          "description": [
            "What the gateway sends to the URL of a subscription, or to the `callback_url` of an order. Verify the signature with a",
            "library of Standard Webhooks (https://www.standardwebhooks.com) over the bytes of the body, and refuse old timestamps.",
            "An event may come more than once, with the same `webhook-id`. A redirect is not followed."
          ],
          "security": [],
          "parameters": [
            {
              "name": "webhook-id", "in": "header", "required": true,
              "description": "Names the event. A repetition has the same.",
              "schema": {"type": "string"}, "example": "msg_4zx1f0q7v8k2m3n4p5r6s7t8vw"
            },
            {
              "name": "webhook-timestamp", "in": "header", "required": true,
              "description": "When it was sent, in seconds since 1970.",
              "schema": {"type": "integer"}, "example": 1795347965
            },
            {
              "name": "webhook-signature", "in": "header", "required": true,
              "description": "`v1,` and the HMAC-SHA256 of id, timestamp and body, in base64.",
              "schema": {"type": "string"}, "example": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
            }
          ],
          "requestBody": {
            "required": true,
            "description": "The event.",
            "content": {"application/json": {
              "schema": {"anyOf": [
                {"$ref": "#/components/schemas/Event"}, {"$ref": "#/components/schemas/TrialEvent"}
              ]},
              "examples": {
                "completed": {"value": {
                  "type": "call.completed", "timestamp": "2026-11-22T11:47:05.000Z", "data": \#(exampleCall(.listed))
                }},
                "trial": {"value": {
                  "type": "subscription.test", "timestamp": "2026-11-22T11:46:05.000Z",
                  "data": {"subscription_id": "\#(Self.exampleSubscription)"}
                }}
              }
            }}
          },
          "responses": {
            "2XX": {"description": "The event is received. The body does not matter."},
            "410": {"description": "The event is not wanted any more: it is given up at once."},
            "default": {"description": "The event is sent again, after `Retry-After` if that says so."}
          }
        }}},
        "components": {
          "parameters": {"SubscriptionID": {
            "name": "id", "in": "path", "required": true, "description": "The id of the subscription.",
            "schema": {"type": "string"}, "example": "\#(Self.exampleSubscription)"
          }},
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

    private static let exampleSubscription = "sub_01kanw7fj8q7v8k2m3n4p5r6s7"
    private static let exampleSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

    private static var exampleDelivery: String {
        """
        {
          "id": "msg_4zx1f0q7v8k2m3n4p5r6s7t8vw", "subscription_id": "\(exampleSubscription)",
          "call_id": "\(exampleCallID)", "url": "https://hooks.example.com/calls", "type": "call.completed",
          "timestamp": "2026-11-22T11:47:05.000Z", "status": "pending", "next_attempt_at": "2026-11-22T11:47:06.000Z",
          "attempts": [{
            "at": "2026-11-22T11:47:05.000Z", "status_code": 500, "error": "the receiver answered 500", "duration_ms": 38
          }]
        }
        """
    }
}
