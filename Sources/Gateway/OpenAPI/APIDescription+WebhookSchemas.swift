import CallDomain
import UltravoxAdapter

extension APIDescription {
    /// What the vendors' messages consist of, as far as the gateway reads them.
    var webhookSchemas: String {
        #"""
        {"components": {
          "parameters": {
            "TwilioSignature": {
              "name": "X-Twilio-Signature", "in": "header", "required": true,
              "description": [
                "Twilio's signature over `PUBLIC_BASE_URL`, the path and query as received, and the form, by the auth token. There must",
                "be exactly one."
              ],
              "schema": {"type": "string"}, "example": "WEtwHa2VI1NT3AJZ8cQHHySKjzo="
            }
          },
          "schemas": {
            "TwilioVoiceRequest": {
              "type": "object",
              "description": "What the gateway reads of a request for TwiML. Other fields are passed over.",
              "required": ["AccountSid", "CallSid", "CallStatus"],
              "additionalProperties": {"type": "string"},
              "properties": {\#(Self.account), \#(twilioStatus), \#(Self.parties)}
            },
            "TwilioFallbackRequest": {
              "type": "object",
              "description": "What the gateway reads of a request after our TwiML failed. Other fields are passed over.",
              "required": ["AccountSid", "CallSid"],
              "additionalProperties": {"type": "string"},
              "properties": {
                \#(Self.account), \#(Self.parties),
                "ErrorCode": {"type": "string", "description": "Twilio's error code.", "examples": ["11200"]}
              }
            },
            "TwilioStatus": {
              "type": "object",
              "description": "What the gateway reads of a call's progress. Other fields are passed over.",
              "required": ["AccountSid", "CallSid", "CallStatus"],
              "additionalProperties": {"type": "string"},
              "properties": {
                \#(Self.account), \#(twilioStatus), \#(Self.parties),
                "SequenceNumber": {
                  "type": "string", "description": "The order of the messages of a call, from 0.", "examples": ["3"]
                },
                "Timestamp": {
                  "type": "string", "description": "When it happened (RFC 2822).", "examples": ["Sun, 22 Nov 2026 11:46:07 +0000"]
                },
                "CallDuration": {"type": "string", "description": "How long the call lasted, in seconds.", "examples": ["48"]},
                "SipResponseCode": {
                  "type": "string", "description": "The final SIP response of the dialed network.", "examples": ["404"]
                },
                "AnsweredBy": {
                  "type": "string", "description": "The verdict of answering-machine detection.", "examples": ["human"]
                },
                "ErrorCode": {"type": "string", "description": "Twilio's error code; 0 where there is none.", "examples": ["13224"]},
                "ErrorMessage": {"type": "string", "description": "Twilio's words on the error.", "examples": ["Invalid number"]}
              }
            },
            "TwilioMachineDetection": {
              "type": "object",
              "description": "What the gateway reads of the verdict of answering-machine detection. Other fields are passed over.",
              "required": ["AccountSid", "CallSid", "AnsweredBy"],
              "additionalProperties": {"type": "string"},
              "properties": {
                \#(Self.account),
                "AnsweredBy": {
                  "type": "string", "pattern": "^[a-z_]+$",
                  "description": "Who answered: `human`, `machine_start`, `fax`, `unknown`, ….", "examples": ["machine_start"]
                },
                "MachineDetectionDuration": {
                  "type": "string", "description": "How long the detection took, in milliseconds.", "examples": ["2890"]
                }
              }
            },
            "TwilioStream": {
              "type": "object",
              "description": "What the gateway reads of the state of the audio. Other fields are passed over.",
              "required": ["AccountSid", "CallSid", "StreamSid", "StreamEvent"],
              "additionalProperties": {"type": "string"},
              "properties": {
                \#(Self.account),
                "StreamSid": {
                  "type": "string", "pattern": "^MZ[0-9a-fA-F]{32}$", "description": "Twilio's name of the stream.",
                  "examples": ["MZd23fb4a78fa95c0368b713cb91e6c3a3"]
                },
                "StreamEvent": {
                  "description": "What happened.", \#(open(StreamReport.Event.self)), "examples": ["stream-started"]
                },
                "StreamError": {"type": "string", "description": "Twilio's words on the error.", "examples": ["Handshake Error"]},
                "Timestamp": {
                  "type": "string", "description": "When it happened (RFC 3339).", "examples": ["2026-11-22T11:46:19.204817Z"]
                }
              }
            },
            "TwilioRecording": {
              "type": "object",
              "description": "What the gateway reads of the state of a recording. Other fields are passed over.",
              "required": ["AccountSid", "CallSid", "RecordingSid", "RecordingStatus"],
              "additionalProperties": {"type": "string"},
              "properties": {
                \#(Self.account),
                "RecordingSid": {
                  "type": "string", "pattern": "^RE[0-9a-fA-F]{32}$", "description": "Twilio's name of the recording.",
                  "examples": ["RE6f8a7797b6b980290e88667304f91782"]
                },
                "RecordingStatus": {
                  "description": "Where it stands.", \#(open(RecordingReport.Status.self)), "examples": ["completed"]
                },
                "RecordingUrl": {
                  "type": "string", "description": "Where it is.",
                  "examples": ["https://api.twilio.com/2010-04-01/Accounts/AC…/Recordings/RE6f8a7797b6b980290e88667304f91782"]
                },
                "RecordingDuration": {"type": "string", "description": "How long it is, in seconds.", "examples": ["47"]},
                "RecordingStartTime": {
                  "type": "string", "description": "When it began (RFC 2822).", "examples": ["Sun, 22 Nov 2026 11:46:18 +0000"]
                }
              }
            },
            "UltravoxEvent": {
              "type": "object",
              "description": "What the gateway reads of Ultravox's message. Other members are passed over.",
              "required": ["event", "call"],
              "additionalProperties": true,
              "properties": {
                "event": {
                  "description": "What happened.", \#(open(ConversationReport.Event.self)), "examples": ["call.ended"]
                },
                "call": {
                  "type": "object",
                  "description": "The conversation, as it is by then.",
                  "required": ["callId"],
                  "additionalProperties": true,
                  "properties": {
                    "callId": {
                      "type": "string", "format": "uuid", "description": "Ultravox's name of the conversation.",
                      "examples": ["b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b"]
                    },
                    "created": \#(optionalTime("When it was created.")),
                    "joined": \#(optionalTime("When the phone call joined it.")),
                    "ended": \#(optionalTime("When it ended.")),
                    "endReason": \#(optionalText("Why it ended.", example: "hangup")),
                    "shortSummary": \#(
                      optionalText("A summary in a sentence.", example: "The callee hung up after the greeting.")
                    ),
                    "summary": \#(optionalText("A summary.", example: "The callee answered and hung up.")),
                    "billedDuration": \#(optionalText("What is billed, in seconds with an s behind.", example: "48s")),
                    "agentId": \#(
                      optionalText("The agent.", example: "6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921")
                    ),
                    "metadata": {
                      "type": ["object", "null"], "additionalProperties": true,
                      "description": "What the gateway gave to Ultravox with the conversation, and what Ultravox added.",
                      "properties": {
                        "\#(UltravoxWebhook.callIDKey)": {
                          "type": "string",
                          "description": "The gateway's id of the call. Of a message without it, only the count is kept.",
                          "examples": ["\#(Self.exampleCallID)"]
                        },
                        "ultravox.twilio.call_sid": {
                          "type": "string", "description": "The phone call whose audio joined.",
                          "examples": ["CA70b67b8ba3a1ea14303d73e67e24f7b0"]
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }}
        """#
    }

    private static let account = #"""
        "AccountSid": {
          "type": "string", "pattern": "^AC[0-9a-fA-F]{32}$", "description": "The account: ours, or the message is refused.",
          "examples": ["ACe268443e43d93dab7ebef303bbe9642f"]
        },
        "CallSid": {
          "type": "string", "pattern": "^CA[0-9a-fA-F]{32}$", "description": "Twilio's name of the call.",
          "examples": ["CA70b67b8ba3a1ea14303d73e67e24f7b0"]
        }
        """#

    /// `CallStatus`, with the words that are Twilio's.
    private var twilioStatus: String {
        let words = CallStatus.allCases.map(\.rawValue).filter { CallStatus(twilio: $0) != nil }
        return #""CallStatus": {"description": "Where the call stands.", \#(open(words)), "examples": ["completed"]}"#
    }

    private static let parties = #"""
        "From": {"type": "string", "description": "Who calls.", "examples": ["+12025550143"]},
        "To": {"type": "string", "description": "Who is called.", "examples": ["+12125550100"]},
        "Direction": {
          "type": "string", "description": "Twilio's word for the direction, such as `inbound`.", "examples": ["outbound-api"]
        }
        """#
}
