import CallDomain

extension APIDescription {
    /// What an order and a call consist of.
    var callSchemas: String {
        #"""
        {"components": {"schemas": {
          "Order": {
            "type": "object",
            "description": "What to call, with what, and how. `null` is the same as leaving a member out.",
            "required": ["phone_number"],
            "additionalProperties": false,
            "properties": {
              "phone_number": {
                "type": "string", "pattern": "^\\+[1-9][0-9]{1,14}$",
                "description": [
                  "Whom to call: a number in E.164, `+` and 2 to 15 digits without spaces. Its length must be one that the country",
                  "has. A spelling that the country has given up is put right where that is certain."
                ],
                "examples": ["+12125550100"]
              },
              "template_context": {
                "description": [
                  "Values of the prompt's variables. They stand before the agent's own; a variable that the agent does not have is an",
                  "error."
                ],
                "anyOf": [{"$ref": "#/components/schemas/TemplateValues"}, {"type": "null"}]
              },
              "from": {
                "type": ["string", "null"], "pattern": "^\\+[1-9][0-9]{1,14}$",
                "description": [
                  "The number that the callee sees, in E.164: a number of the Twilio account or a verified one. Without it",
                  "`TWILIO_PHONE_NUMBER`."
                ],
                "examples": ["+12025550143"]
              },
              "ring_timeout_seconds": {
                \#(integer(OrderRules.ringTimeout, orNull: true)), "default": \#(OrderRules.usualRingTimeout),
                "description": "How long it may ring, in seconds.", "examples": [\#(OrderRules.usualRingTimeout)]
              },
              "max_duration_seconds": {
                \#(integer(OrderRules.durations(upTo: maxCallDuration), orNull: true)),
                "description": [
                  "How long the conversation may last, in seconds. Without it as long as the agent says, at most as long as",
                  "`MAX_CALL_DURATION`."
                ],
                "examples": [300]
              },
              "machine_detection": {
                \#(choice(CallOrder.MachineDetection.self, usual: .off)),
                "description": [
                  "Whether Twilio listens for an answering machine. `off`: no. `detect`: `answered_by` and `machine` of the call tell",
                  "the verdict. `hang_up`: the same, and the call ends if it is a machine."
                ]
              },
              "record": {
                "type": ["boolean", "null"], "default": false,
                "description": "Whether Twilio records the call. `recording` of the call tells where."
              },
              "join": {
                \#(choice(CallOrder.Join.self, usual: .eager)),
                "description": [
                  "When the conversation is prepared at Ultravox. `eager`: before the phone rings; an order that Ultravox refuses",
                  "rings nobody. `on_answer`: when the callee answers; nothing is held during the ring, but the callee hears an",
                  "apology if Ultravox is down. A ring timeout above 240 seconds always uses `on_answer`."
                ]
              },
              "metadata": {
                "type": ["object", "null"], "maxProperties": \#(OrderRules.metadataEntries),
                "propertyNames": {\#(text(.one, OrderRules.metadataName))},
                "additionalProperties": {
                  "type": "string", "maxLength": \#(OrderRules.metadataValue), "pattern": "\#(Lines.several.rawValue)"
                },
                "description": "Your own notes, given back with the call: texts by name.",
                "examples": [{"order": "7731"}]
              },
              "callback_url": \#(
                deliveryURL(
                    "Where the events of this call are sent, signed with `CALLBACK_SECRET`. Without that setting it is an error.",
                    orNull: true
                )
              )
            }
          },
          "CallStatus": {
            "description": [
              "Where the call stands. `pending`: the order waits for its turn. `unknown`: sent to Twilio, which has not confirmed it;",
              "it is never dialed again. `unconfirmed`: unknown for longer than `UNCONFIRMED_AFTER`. `queued`, `initiated`: Twilio has",
              "the call. `ringing`. `in-progress`: answered. Over: `completed`, `busy`, `no-answer`, `failed`, `canceled`."
            ],
            \#(open(CallStatus.self)), "examples": ["in-progress"]
          },
          "Call": {
            "type": "object",
            "description": "A phone call with an agent.",
            "required": [
              "id", "call_sid", "agent_id", "direction", "phone_number", "from", "to", "status", "answered_by", "machine", "created_at",
              "updated_at", "position", "ringing_at", "answered_at", "ended_at", "duration_seconds", "ultravox_call_id", "conversation", "stream",
              "recording", "error", "metadata"
            ],
            "properties": {
              "id": {"$ref": "#/components/schemas/CallID"},
              "call_sid": {
                "type": ["string", "null"], "pattern": "^CA[0-9a-fA-F]{32}$",
                "description": "Twilio's name of the call; `null` until Twilio has created it.",
                "examples": ["CA70b67b8ba3a1ea14303d73e67e24f7b0", null]
              },
              "agent_id": {
                "type": ["string", "null"], "format": "uuid",
                "description": "The agent; `null` where only webhooks tell of the call and none has named it.",
                "examples": ["6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"]
              },
              "direction": {
                "description": "`outbound`: we called. `inbound`: somebody called us.",
                \#(open(CallDirection.self)), "examples": ["outbound"]
              },
              "phone_number": \#(
                optionalText(
                    "The other party: a number in E.164, a SIP address, `anonymous` …; `null` until somebody tells it.",
                    example: "+12125550100"
                )
              ),
              "from": \#(optionalText("Who called, whatever the direction.", example: "+12025550143")),
              "to": \#(optionalText("Who was called, whatever the direction.", example: "+12125550100")),
              "status": {"$ref": "#/components/schemas/CallStatus"},
              "join_url": {
                "type": ["string", "null"], "format": "uri",
                "description": [
                  "The address of the conversation's audio at Ultravox. Whoever has it can join: keep it secret. Only the answer to the",
                  "order has it, and its replays; `null` where the conversation does not exist yet, or nobody will be dialed."
                ],
                "examples": ["wss://voice.ultravox.ai/calls/b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b/telephony"]
              },
              "answered_by": \#(
                optionalText(
                    "Twilio's word for who answered, such as human, machine_start, fax or unknown; null without a verdict.",
                    example: "human"
                )
              ),
              "machine": {
                "type": ["boolean", "null"],
                "description": "Whether a machine answered; `null` without a verdict.", "examples": [false]
              },
              "created_at": \#(time("When the order was accepted, or the call became known.")),
              "updated_at": \#(time("When the gateway last learned something about the call.")),
              "position": {
                "type": "string", "pattern": "^[0-9]+(-[0-9]+)?$",
                "description": [
                  "Where in the gateway's log the last change of the call stands. `GET /calls?updated_after=` takes it. Its text means",
                  "nothing else."
                ],
                "examples": ["48213"]
              },
              "ringing_at": \#(optionalTime("When the phone began to ring.")),
              "answered_at": \#(optionalTime("When somebody answered.")),
              "ended_at": \#(optionalTime("When the call ended.")),
              "duration_seconds": {
                "type": ["integer", "null"], "minimum": 0,
                "description": "How long the call lasted in Twilio's count, in seconds.", "examples": [48]
              },
              "ultravox_call_id": {
                "type": ["string", "null"], "format": "uuid",
                "description": "Ultravox's name of the conversation; `null` until it exists.",
                "examples": ["b1e2c3d4-5f60-4a71-8b92-0c1d2e3f4a5b"]
              },
              "conversation": {
                "description": "The agent's side; `null` until Ultravox tells of it.",
                "anyOf": [{"$ref": "#/components/schemas/Conversation"}, {"type": "null"}]
              },
              "stream": {
                "description": "The audio between Twilio and Ultravox; `null` until Twilio tells of it.",
                "anyOf": [{"$ref": "#/components/schemas/Stream"}, {"type": "null"}]
              },
              "recording": {
                "description": "Twilio's recording; `null` until Twilio tells of one.",
                "anyOf": [{"$ref": "#/components/schemas/Recording"}, {"type": "null"}]
              },
              "error": {
                "description": "What went wrong; `null` where nothing did.",
                "anyOf": [{"$ref": "#/components/schemas/CallError"}, {"type": "null"}]
              },
              "metadata": {
                "type": "object", "additionalProperties": {"type": "string"},
                "description": "The order's own notes.", "examples": [{"order": "7731"}]
              },
              "timeline": {
                "type": "array",
                "description": [
                  "The call's life, in its order. Only `GET /calls/{id}` has it. Twilio's times have a resolution of one second, so",
                  "entries with a `status` stand in the order of their statuses."
                ],
                "items": {"$ref": "#/components/schemas/TimelineEntry"}
              }
            }
          },
          "Conversation": {
            "type": "object",
            "description": "The agent's side of a call, as Ultravox tells it.",
            "required": ["joined_at", "ended_at", "end_reason", "short_summary", "summary", "billed_seconds"],
            "properties": {
              "joined_at": \#(optionalTime("When the phone call joined the conversation.")),
              "ended_at": \#(optionalTime("When the conversation ended.")),
              "end_reason": \#(
                optionalText("Ultravox's word for why it ended, such as hangup or agent_hangup.", example: "hangup")
              ),
              "short_summary": \#(
                optionalText("Ultravox's summary in a sentence.", example: "Jane confirmed the appointment.")
              ),
              "summary": \#(
                optionalText("Ultravox's summary.", example: "The agent reminded Jane, and she confirmed the appointment.")
              ),
              "billed_seconds": {
                "type": ["integer", "null"], "minimum": 0,
                "description": "What Ultravox bills, in seconds.", "examples": [48, null]
              }
            }
          },
          "Stream": {
            "type": "object",
            "description": "The audio between Twilio and Ultravox.",
            "required": ["sid", "status", "error"],
            "properties": {
              "sid": {
                "type": "string", "pattern": "^MZ[0-9a-fA-F]{32}$", "description": "Twilio's name of the stream.",
                "examples": ["MZd23fb4a78fa95c0368b713cb91e6c3a3"]
              },
              "status": {
                "description": "Where it stands.", \#(open(["started", "stopped", "error"])), "examples": ["started"]
              },
              "error": \#(optionalText("Twilio's words on what went wrong.", example: "Stream - WebSocket - Handshake Error"))
            }
          },
          "Recording": {
            "type": "object",
            "description": "A recording of the call at Twilio.",
            "required": ["sid", "url", "duration_seconds", "status"],
            "properties": {
              "sid": {
                "type": "string", "pattern": "^RE[0-9a-fA-F]{32}$", "description": "Twilio's name of the recording.",
                "examples": ["RE6f8a7797b6b980290e88667304f91782"]
              },
              "url": \#(
                optionalText(
                    "Where it is, for whoever has the account's credentials; null until it is complete.",
                    example: "https://api.twilio.com/2010-04-01/Accounts/AC…/Recordings/RE…"
                )
              ),
              "duration_seconds": {
                "type": ["integer", "null"], "minimum": 0,
                "description": "How long it is, in seconds; `null` until it is complete.", "examples": [47, null]
              },
              "status": {
                "description": "Where it stands. `absent`: there is none after all.",
                \#(open(RecordingReport.Status.self)), "examples": ["completed"]
              }
            }
          },
          "CallError": {
            "type": "object",
            "description": "Why a call went wrong.",
            "required": ["source", "code", "message", "sip_response_code"],
            "properties": {
              "source": {"description": "Who says so.", \#(open(CallError.Source.self)), "examples": ["twilio"]},
              "code": \#(
                optionalText(
                    "The vendor's error code or HTTP status, or a stable word of the gateway: not_sent, upstream_busy, "
                        + "no_answer, agent_changed, restarted.",
                    example: "13224"
                )
              ),
              "message": {
                "type": "string", "description": "What went wrong, in words.", "examples": ["Twilio could not place the call"]
              },
              "sip_response_code": {
                "type": ["integer", "null"],
                "description": "The final SIP response of the dialed network; `null` where Twilio told none.",
                "examples": [404, null]
              }
            }
          },
          "TimelineEntry": {
            "type": "object",
            "description": "One event of a call's life.",
            "required": ["at", "type", "source", "status", "detail"],
            "properties": {
              "at": \#(time("When it happened, in the vendor's time where it tells one, else when the gateway learned it.")),
              "type": {
                "description": [
                  "What happened, as a stable word: `call.` with a status where the event proves one (`call.answered` is",
                  "`in-progress`), else one of the others."
                ],
                \#(open(CallStatus.allCases.map(\.eventType) + TimelineWord.allCases.map(\.rawValue))),
                "examples": ["call.ringing"]
              },
              "source": {
                "description": "Who told it. `lookup`: Twilio, when the gateway asked for the call.",
                \#(open(CallFact.Source.self)), "examples": ["twilio"]
              },
              "status": {
                "description": "The status that the event proves; `null` where it proves none.",
                "anyOf": [{"$ref": "#/components/schemas/CallStatus"}, {"type": "null"}]
              },
              "detail": \#(
                optionalText(
                    "More about it: an error, a reason, or which fields of the vendor's message could not be read.",
                    example: "SIP 404"
                )
              )
            }
          },
          "CallPage": {
            "type": "object",
            "description": "A page of calls.",
            "required": ["data", "next_cursor"],
            "properties": {
              "data": {
                "type": "array", "description": "The calls, newest first.",
                "items": {"$ref": "#/components/schemas/Call", "not": {"anyOf": [
                  {"required": ["join_url"]}, {"required": ["timeline"]}
                ]}}
              },
              "next_cursor": {"$ref": "#/components/schemas/NextCursor"}
            }
          },
          "TranscriptPage": {
            "type": "object",
            "description": "A page of a conversation.",
            "required": ["data", "next_cursor"],
            "properties": {
              "data": {
                "type": "array", "description": "What was said, in its order.",
                "items": {"$ref": "#/components/schemas/Utterance"}
              },
              "next_cursor": {"$ref": "#/components/schemas/NextCursor"}
            }
          },
          "Utterance": {
            "type": "object",
            "description": "One thing that was said or done.",
            "required": ["role", "text", "at"],
            "properties": {
              "role": {
                "description": "Who: the callee or caller (`user`), the `agent`, or a tool.",
                \#(open(["user", "agent", "tool_call", "tool_result"])), "examples": ["agent"]
              },
              "text": {"type": "string", "description": "What.", "examples": ["Hello Jane, this is the clinic."]},
              "at": \#(optionalTime("When it began; null where Ultravox does not tell."))
            }
          }
        }}}
        """#
    }
}
