import CallDomain
import CallFlow
import TwilioAdapter
import UltravoxAdapter

extension APIDescription {
    /// `/dead-letters`: verified messages that changed nothing.
    var deadLetters: String {
        #"""
        {"paths": {"/dead-letters": {"get": {
          "operationId": "list_dead_letters",
          "tags": ["operation"],
          "summary": "List messages that changed nothing",
          "description": [
            "Lists genuine messages of the vendors that changed nothing, newest first, each with the reason. The latest",
            "\#(DeadLetters.capacity) are kept, and none outlives a restart. Of their content nothing is kept."
          ],
          "parameters": [
            {"$ref": "#/components/parameters/Limit"}, {"$ref": "#/components/parameters/Cursor"}
          ],
          "responses": {"200": {
            "description": "A page of messages.",
            "content": {"application/json": {
              "schema": {"$ref": "#/components/schemas/DeadLetterPage"},
              "examples": {"page": {"value": {
                "data": [{
                  "id": "17", "received_at": "2026-11-22T11:46:18.000Z", "vendor": "twilio", "kind": "status",
                  "reason": "unknown_status", "call_id": "\#(Self.exampleCallID)", "call_sid": null,
                  "ultravox_call_id": null
                }],
                "next_cursor": null
              }}}
            }}
          }},
          "errors": {"validation_failed": null}
        }}},
        "components": {"schemas": {
          "DeadLetterPage": {
            "type": "object",
            "description": "A page of messages that changed nothing.",
            "required": ["data", "next_cursor"],
            "properties": {
              "data": {
                "type": "array", "description": "The messages, newest first.",
                "items": {"$ref": "#/components/schemas/DeadLetter"}
              },
              "next_cursor": {"$ref": "#/components/schemas/NextCursor"}
            }
          },
          "DeadLetter": {
            "type": "object",
            "description": "A genuine message that changed nothing.",
            "required": [
              "id", "received_at", "vendor", "kind", "reason", "call_id", "call_sid", "ultravox_call_id"
            ],
            "properties": {
              "id": {
                "type": "string", "description": "Its number since the gateway was started; a greater one came later.",
                "examples": ["17"]
              },
              "received_at": \#(time("When the gateway received it.")),
              "vendor": {"description": "Who sent it.", \#(open(Vendor.self)), "examples": ["twilio"]},
              "kind": {
                "description": "Which of the vendor's webhooks it is; `unread` where its content could not be read.",
                \#(
                    open(
                        TwilioWebhook.Kind.allCases.map(\.rawValue)
                            + ConversationReport.Event.allCases.map(\.rawValue) + [UltravoxWebhookController.unread]
                    )
                ),
                "examples": ["status"]
              },
              "reason": {
                "description": "Why it changed nothing; docs/troubleshooting.md explains each word.",
                \#(open(Self.deadLetterReasons)), "examples": ["unknown_status"]
              },
              "call_id": {
                "type": ["string", "null"],
                "description": "The call that it claims to be about, as far as that could be read.",
                "examples": ["\#(Self.exampleCallID)", null]
              },
              "call_sid": \#(
                optionalText("The CallSid that it names.", example: "CA70b67b8ba3a1ea14303d73e67e24f7b0")
              ),
              "ultravox_call_id": \#(
                optionalText("The conversation that it names.", example: "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b")
              )
            }
          }
        }}}
        """#
    }

    /// One of another's conversations is counted and not listed.
    private static var deadLetterReasons: [String] {
        var reasons = UselessReason.allCases.filter { $0 != .notOurs }.map(\.rawValue)
        for reason in UselessWebhook.allCases.map(\.rawValue) + UltravoxWebhook.Useless.allCases.map(\.rawValue)
        where !reasons.contains(reason) {
            reasons.append(reason)
        }
        return reasons
    }
}
