import CallDomain

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
          "/subscriptions/{id}": {
            "get": {
              "operationId": "get_subscription",
              "tags": ["events"],
              "summary": "Look a subscription up",
              "description": "Tells where the events of a subscription go, and which ones, without its secret.",
              "parameters": [{"$ref": "#/components/parameters/SubscriptionID"}],
              "responses": {"200": {
                "description": "The subscription.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Subscription"},
                  "examples": {"all": {"value": {
                    "id": "\#(Self.exampleSubscription)", "url": "https://hooks.example.com/calls", "events": null,
                    "created_at": "2026-11-22T11:46:05.000Z"
                  }}}
                }}
              }},
              "errors": {"not_found": "There is no such subscription."}
            },
            "delete": {
              "operationId": "delete_subscription",
              "x-confirm": "This cannot be undone.",
              "tags": ["events"],
              "summary": "End a subscription",
              "description": [
                "Ends a subscription. Nothing more is sent to it, and what waits for it is forgotten. `GET /deliveries` goes on",
                "showing what was delivered or given up before, without a `url`."
              ],
              "parameters": [{"$ref": "#/components/parameters/SubscriptionID"}],
              "responses": {"204": {"description": "The subscription has ended. There is no body."}},
              "errors": {"not_found": "There is no such subscription.", "journal_unavailable": null}
            }
          },
          "/subscriptions/{id}/test": {"post": {
            "operationId": "test_subscription",
            "tags": ["events"],
            "summary": "Send a trial",
            "description": [
              "Sends an event of the type `subscription.test` to the subscription's URL, signed as all others.",
              "`GET /deliveries/{id}` tells what the receiver answered."
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
              {
                "name": "call_id", "in": "query",
                "description": "Deliveries of the events of this call. The id is ours, not a CallSid.",
                "schema": {"type": "string", "pattern": "^call_x?[0-7][0-9a-hjkmnp-tv-z]{25}$"}, "example": "\#(Self.exampleCallID)"
              },
              {
                "name": "subscription_id", "in": "query",
                "description": "Deliveries to the receiver of this subscription.",
                "schema": {"type": "string", "pattern": "^sub_[0-7][0-9a-hjkmnp-tv-z]{25}$"},
                "example": "\#(Self.exampleSubscription)"
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
          "/deliveries/{id}": {"get": {
            "operationId": "get_delivery",
            "tags": ["events"],
            "summary": "Look a delivery up",
            "description": "Tells whether an event has reached its receiver, and what its last attempts came to.",
            "parameters": [{"$ref": "#/components/parameters/DeliveryID"}],
            "responses": {"200": {
              "description": "The delivery.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Delivery"},
                "examples": {"failed": {"value": \#(Self.exampleDelivery)}}
              }}
            }},
            "errors": {"not_found": "There is no such delivery, or it is not kept any more."}
          }},
          "/deliveries/{id}/retry": {"post": {
            "operationId": "retry_delivery",
            "tags": ["events"],
            "summary": "Send an event again",
            "description": [
              "Sends an event again, at once: one that failed, one that waits for its next attempt, or one that was delivered. It has",
              "the same `webhook-id`."
            ],
            "parameters": [{"$ref": "#/components/parameters/DeliveryID"}],
            "responses": {"202": {
              "description": "The event is on its way.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Delivery"},
                "examples": {"failed": {"value": \#(Self.exampleDelivery)}}
              }}
            }},
            "errors": {
              "not_found": "There is no such delivery any more, or no receiver of it.", "journal_unavailable": null
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
        }}}}
        """#
    }

    static let exampleSubscription = "sub_01kanw7fj8q7v8k2m3n4p5r6s7"
    static let exampleSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

    static var exampleDelivery: String {
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
