import CallDomain
import UltravoxAdapter

extension APIDescription {
    /// `/webhooks/probe`: what `switchboard check` sends.
    var probe: String {
        #"""
        {"paths": {"/webhooks/probe": {"post": {
          "operationId": "probe_webhooks",
          "tags": ["operation"],
          "summary": "Test the way of the webhooks",
          "description": [
            "`switchboard check` sends a message through the public address that is signed like the vendors', and reads here what",
            "arrived of it. The message changes nothing. The report contains no secret."
          ],
          "security": [],
          "parameters": [{
            "name": "X-Switchboard-Probe", "in": "header", "required": true,
            "description": [
              "Proves that the sender has an API key, without the key: a time, a nonce and a code over both, with spaces between them.",
              "The time may be off by \#(ProbeProof.lifetime.wholeSeconds) seconds."
            ],
            "schema": {"type": "string"},
            "example": "2026-11-22T11:46:18.000Z 5f3a9c 0f7a3c8e9b1d2f4a6c8e0b2d4f6a8c0e1b3d5f7a9c1e3b5d7f9a1c3e5b7d9f1a"
          }],
          "requestBody": {
            "description": "Any \#(ProbeController.maximumBody) bytes at most: a form for Twilio's signature, JSON for Ultravox's.",
            "content": {
              "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "additionalProperties": {"type": "string"}},
                "example": {"CallSid": "CA70b67b8ba3a1ea14303d73e67e24f7b0", "CallStatus": "ringing"}
              },
              "application/json": {
                "schema": {"type": "object", "additionalProperties": true}, "example": {"event": "call.started"}
              }
            }
          },
          "responses": {"200": {
            "description": "What arrived.",
            "headers": {"X-Switchboard-Probe": {
              "description": "Proves that the answer comes from a gateway with the same key: a code over its body, 64 hex digits.",
              "required": true, "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
              "example": "0f7a3c8e9b1d2f4a6c8e0b2d4f6a8c0e1b3d5f7a9c1e3b5d7f9a1c3e5b7d9f1a"
            }},
            "content": {"application/json": {
              "schema": {"$ref": "#/components/schemas/Probe"},
              "examples": {"whole": {"value": {
                "target": "/webhooks/probe?call=probe",
                "body_sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "content_type": "application/x-www-form-urlencoded", "host": "gw.example.com",
                "forwarded": {"proto": "https", "host": null, "port": null},
                "twilio_signatures": 1, "twilio_verified": true, "twilio_keys": ["0f7a3c8e9b1d2f4a"],
                "ultravox_verdict": "ok", "ultravox_keys": ["6c8e0b2d4f6a8c0e"], "api_keys": ["1b3d5f7a9c1e3b5d"],
                "account_sid": "ACe268443e43d93dab7ebef303bbe9642f", "public_base_url": "https://gw.example.com",
                "time": "2026-11-22T11:46:18.000Z"
              }}}
            }}
          }},
          "errors": {
            "unauthorized": "`X-Switchboard-Probe` does not prove that the sender has an API key, or its time is off by too much."
          }
        }}},
        "components": {"schemas": {"Probe": {
          "type": "object",
          "description": "What arrived of a probe, and by which secrets the gateway goes.",
          "required": [
            "target", "body_sha256", "content_type", "host", "forwarded", "twilio_signatures", "twilio_verified", "twilio_keys",
            "ultravox_verdict", "ultravox_keys", "api_keys", "account_sid", "public_base_url", "time"
          ],
          "properties": {
            "target": {"type": "string", "description": "Path and query as received.", "examples": ["/webhooks/probe?call=probe"]},
            "body_sha256": {
              "type": "string", "pattern": "^[0-9a-f]{64}$", "description": "The SHA-256 of the body as received.",
              "examples": ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]
            },
            "content_type": \#(optionalText("`Content-Type` as received.", example: "application/json")),
            "host": \#(optionalText("`Host` as received.", example: "gw.example.com")),
            "forwarded": {
              "type": "object", "description": "What a proxy says of the request.", "required": ["proto", "host", "port"],
              "properties": {
                "proto": \#(optionalText("`X-Forwarded-Proto`.", example: "https")),
                "host": \#(optionalText("`X-Forwarded-Host`.", example: "gw.example.com")),
                "port": \#(optionalText("`X-Forwarded-Port`.", example: "443"))
              }
            },
            "twilio_signatures": {
              "type": "integer", "minimum": 0, "description": "How many `X-Twilio-Signature` arrived.", "examples": [1]
            },
            "twilio_verified": {
              "type": "boolean", "description": "Whether the message would be taken for Twilio's.", "examples": [true]
            },
            "twilio_keys": {
              "type": "array", "items": {"type": "string"},
              "description": "Fingerprints of the auth tokens that count, valid for the probe's nonce.", "examples": [["0f7a3c8e9b1d2f4a"]]
            },
            "ultravox_verdict": {
              "description": "Whether the message would be taken for Ultravox's, or why not.",
              \#(open(UltravoxWebhookVerifier.Verdict.self)), "examples": ["ok"]
            },
            "ultravox_keys": {
              "type": "array", "items": {"type": "string"},
              "description": "Fingerprints of the webhook secrets that count, valid for the probe's nonce.",
              "examples": [["6c8e0b2d4f6a8c0e"]]
            },
            "api_keys": {
              "type": "array", "items": {"type": "string"},
              "description": "Fingerprints of the API keys, valid for the probe's nonce.", "examples": [["1b3d5f7a9c1e3b5d"]]
            },
            "account_sid": {
              "type": "string", "description": "The Twilio account.", "examples": ["ACe268443e43d93dab7ebef303bbe9642f"]
            },
            "public_base_url": {
              "type": "string", "description": "`PUBLIC_BASE_URL`.", "examples": ["https://gw.example.com"]
            },
            "time": \#(time("The gateway's clock."))
          }
        }}}}
        """#
    }
}
