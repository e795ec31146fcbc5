import TwilioAdapter

extension APIDescription {
    /// `/webhooks`: what the vendors send.
    var webhooks: String {
        #"""
        {"paths": {
          "/webhooks/twilio/voice": {
            "post": {
              "operationId": "twilio_voice",
              "tags": ["webhooks"],
              "summary": "Twilio asks for TwiML",
              "description": [
                "Twilio asks what to do when the callee of an order answers, or when somebody calls our number (then without `call`). The",
                "answer connects the phone call to the conversation. Repeated requests get the same document. A useless one gets a",
                "document that hangs up."
              ],
              "security": [],
              "parameters": [
                {"$ref": "#/components/parameters/ClaimedCall"}, {"$ref": "#/components/parameters/TwilioSignature"}
              ],
              "requestBody": {"required": true, "description": "Twilio's form.", "content": {
                "application/x-www-form-urlencoded": {
                  "schema": {"$ref": "#/components/schemas/TwilioVoiceRequest"},
                  "examples": {"answered": {"value": \#(Self.voiceRequest)}}
                }
              }},
              "responses": \#(Self.twiMLResponses),
              "errors": {"unsupported_media_type": null}
            },
            "get": {
              "operationId": "twilio_voice_by_get",
              "tags": ["webhooks"],
              "summary": "Twilio asks for TwiML by GET",
              "description": "The same for a number whose voice webhook is set to GET: Twilio's parameters stand in the query.",
              "security": [],
              "parameters": [
                {"$ref": "#/components/parameters/ClaimedCall"}, {"$ref": "#/components/parameters/TwilioSignature"},
                {
                  "name": "AccountSid", "in": "query", "required": true, "description": "The account: ours, or it is refused.",
                  "schema": {"type": "string"}, "example": "ACe268443e43d93dab7ebef303bbe9642f"
                },
                {
                  "name": "CallSid", "in": "query", "required": true, "description": "Twilio's name of the call.",
                  "schema": {"type": "string"}, "example": "CA70b67b8ba3a1ea14303d73e67e24f7b0"
                },
                {
                  "name": "CallStatus", "in": "query", "required": true, "description": "Where the call stands.",
                  "schema": {"type": "string"}, "example": "in-progress"
                },
                {
                  "name": "From", "in": "query", "description": "Who calls.", "schema": {"type": "string"}, "example": "+12025550143"
                },
                {
                  "name": "To", "in": "query", "description": "Who is called.", "schema": {"type": "string"}, "example": "+12125550100"
                },
                {
                  "name": "Direction", "in": "query", "description": "Twilio's word for the direction.",
                  "schema": {"type": "string"}, "example": "outbound-api"
                }
              ],
              "responses": \#(Self.twiMLResponses)
            }
          },
          "/webhooks/twilio/fallback": {"post": {
            "operationId": "twilio_fallback",
            "tags": ["webhooks"],
            "summary": "Twilio could not use our TwiML",
            "description": [
              "Somebody is on the line: the answer is an apology, also where nothing can be recorded. The call notes Twilio's error."
            ],
            "security": [],
            "parameters": [
              {"$ref": "#/components/parameters/ClaimedCall"}, {"$ref": "#/components/parameters/TwilioSignature"}
            ],
            "requestBody": {"required": true, "description": "Twilio's form.", "content": {
              "application/x-www-form-urlencoded": {
                "schema": {"$ref": "#/components/schemas/TwilioFallbackRequest"},
                "examples": {"failed": {"value": {
                  "AccountSid": "ACe268443e43d93dab7ebef303bbe9642f", "CallSid": "CA70b67b8ba3a1ea14303d73e67e24f7b0",
                  "CallStatus": "in-progress", "From": "+12025550143", "To": "+12125550100", "Direction": "outbound-api",
                  "ErrorCode": "11200", "ErrorUrl": "https://gw.example.com/webhooks/twilio/voice"
                }}}
              }
            }},
            "responses": \#(Self.twiMLResponses),
            "errors": {"unsupported_media_type": null}
          }},
          "\#(WebhookURLs.ultravoxPath)": {"post": {
            "operationId": "ultravox_event",
            "tags": ["webhooks"],
            "summary": "Ultravox tells of a conversation",
            "description": [
              "A conversation was started, joined, has ended or was billed. Ultravox signs the body and the time, not the URL: the call",
              "is the one in the body. Any `Content-Type` is taken. Unknown members are passed over."
            ],
            "security": [],
            "parameters": [
              {"$ref": "#/components/parameters/ClaimedCall"},
              {
                "name": "X-Ultravox-Webhook-Signature", "in": "header", "required": true,
                "description": "HMAC-SHA256 over body and timestamp in lower-case hex; several with commas between them.",
                "schema": {"type": "string"},
                "example": "d88623692194063c84154a01104df0dbe77f6a35b1570e9aa0fa4151caeb3d9b"
              },
              {
                "name": "X-Ultravox-Webhook-Timestamp", "in": "header", "required": true,
                "description": "When the message was signed; refused where it is off by more than `ULTRAVOX_TIMESTAMP_TOLERANCE`.",
                "schema": {"type": "string"}, "example": "2026-07-20T15:04:05.123456+00:00"
              }
            ],
            "requestBody": {"required": true, "description": "Ultravox's message.", "content": {"application/json": {
              "schema": {"$ref": "#/components/schemas/UltravoxEvent"},
              "examples": {"ended": {"value": {
                "event": "call.ended",
                "call": {
                  "callId": "b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b", "created": "2026-07-20T15:00:00.482913Z",
                  "joined": "2026-07-20T15:00:19.903114Z", "ended": "2026-07-20T15:00:31.010203Z", "endReason": "hangup",
                  "shortSummary": "The callee hung up after the greeting.",
                  "agentId": "6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921",
                  "metadata": {"switchboard_call_id": "\#(Self.exampleCallID)"}
                }
              }}}
            }}},
            "responses": \#(Self.acknowledgement)
          }}
        }}
        """#
    }

    static let acknowledgement = #"""
        {
          "204": {"description": "The message is kept, or it is genuine and changes nothing."},
          "403": {"description": "The message cannot be verified. There is no body, and nothing has changed."}
        }
        """#

    private static let twiMLResponses = #"""
        {
          "200": {
            "description": "What Twilio does next.",
            "content": {"text/xml": {
              "schema": {"type": "string", "description": "A TwiML document."},
              "example": "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Hangup/></Response>"
            }}
          },
          "403": {"description": "The message cannot be verified. There is no body, and nothing has changed."}
        }
        """#

    private static let voiceRequest = #"""
        {
          "AccountSid": "ACe268443e43d93dab7ebef303bbe9642f", "CallSid": "CA70b67b8ba3a1ea14303d73e67e24f7b0",
          "CallStatus": "in-progress", "From": "+12025550143", "To": "+12125550100", "Direction": "outbound-api"
        }
        """#
}
