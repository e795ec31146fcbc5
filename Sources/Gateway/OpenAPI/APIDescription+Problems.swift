import CallDomain
import HTTPTypes
import NIOHTTP1

extension APIDescription {
    /// The schema of errors, and what answers a request that no route serves.
    var problems: String {
        #"""
        {"components": {
          "schemas": {
            "Problem": {
              "type": "object",
              "description": [
                "An error (RFC 9457). Act on `code`, which is stable; show `detail` to people. An error contains no secret",
                "and no raw answer of a vendor."
              ],
              "required": ["type", "title", "status", "detail", "code"],
              "properties": {
                "type": {
                  "type": "string", "format": "uri",
                  "description": "`urn:switchboard:problem:` and the `code`.",
                  "examples": ["urn:switchboard:problem:validation_failed"]
                },
                "title": {
                  "type": "string", "description": "What the code means, in a few words; the same for each code.",
                  "examples": ["Some fields are invalid"]
                },
                "status": {
                  "type": "integer", "minimum": 400, "maximum": 599,
                  "description": "The HTTP status of the answer.", "examples": [422]
                },
                "detail": {
                  "type": "string", "description": "What happened and what to do next, in whole sentences.",
                  "examples": ["Correct these fields and send the request again: phone_number."]
                },
                "instance": {
                  "type": "string",
                  "description": [
                    "The path of the request, without its query. Absent where the request was refused before it was read."
                  ],
                  "examples": ["/calls/6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"]
                },
                "code": {"$ref": "#/components/schemas/ProblemCode"},
                "request_id": {
                  "type": "string",
                  "description": [
                    "The same as the header `X-Request-ID`; the gateway's log has it in every line of the request. Absent where",
                    "the request was refused before it was read."
                  ],
                  "examples": ["9f1c0c5d7a3b4e6f8a2d1b0c4e5f6a7b"]
                },
                "timestamp": \#(
                    time("When the gateway answered. Absent where the request was refused before it was read.")
                ),
                "errors": {
                  "type": "array", "minItems": 1, "maxItems": \#(FieldReader.mostErrors),
                  "description": "Of `validation_failed`: the fields that do not fit, all at once.",
                  "items": {"$ref": "#/components/schemas/FieldError"}
                },
                "upstream": {"$ref": "#/components/schemas/VendorRefusal"},
                "call_id": {
                  "type": "string",
                  "description": [
                    "The call that the error is about: the live call of `number_busy`, the call of the path, or an order's own",
                    "call that has ended without a dial. Absent where there is none."
                  ],
                  "examples": ["\#(Self.exampleCallID)"]
                }
              }
            },
            "ProblemCode": {
              "description": \#(json(Self.codeTable)),
              \#(open(Problem.Code.allCases.map(\.rawValue) + Self.early.map(\.code))),
              "examples": ["validation_failed"]
            },
            "FieldError": {
              "type": "object",
              "description": "One field that does not fit.",
              "required": ["field", "message"],
              "properties": {
                "field": {
                  "type": "string",
                  "description": "The path of the field in the body, or the name of the query parameter.",
                  "examples": ["template_context.name"]
                },
                "message": {
                  "type": "string", "description": "What is wrong with it and what fits.",
                  "examples": ["must be a string"]
                }
              }
            },
            "VendorRefusal": {
              "type": "object",
              "description": "The vendor's own error, where a vendor refused the request.",
              "required": ["service", "status", "code", "message", "more_info"],
              "properties": {
                "service": {
                  "description": "Which vendor.", \#(open(Vendor.self)), "examples": ["twilio"]
                },
                "status": {
                  "type": "integer", "description": "The HTTP status of the vendor's answer.", "examples": [400]
                },
                "code": {
                  "type": ["integer", "null"],
                  "description": "Twilio's error code; `null` where the vendor gave none.", "examples": [21211, null]
                },
                "message": {
                  "type": "string", "description": "The vendor's words.",
                  "examples": ["The 'To' number +12125550100 is not a valid phone number."]
                },
                "more_info": \#(
                    optionalText("Twilio's page on the error.", example: "https://www.twilio.com/docs/errors/21211")
                )
              }
            }
          },
          "responses": {
            "MethodNotAllowed": {
              "description": \#(json("`method_not_allowed`: \(Problem.Code.methodNotAllowed.meaning)")),
              "headers": {
                "X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"},
                "Allow": {
                  "description": "The methods that the path supports.", "required": true,
                  "schema": {"type": "string"}, "example": "GET, HEAD, POST"
                }
              },
              "content": {"\#(Problem.contentType)": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {"method_not_allowed": {"$ref": "#/components/examples/method_not_allowed"}}
              }}
            },
            "NotRead": {
              "description": [
                "The request was refused before it was read, and the connection ends. These problems have no `instance`, no",
                "`request_id` and no `timestamp`, and the answer has no `X-Request-ID`. Malformed HTTP gets 400 without a body."
              ],
              "content": {"\#(Problem.contentType)": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": \#(Self.earlyExamples)
              }}
            },
            "WebhookNotRead": {
              "description": [
                "The message was refused before it was read, and the connection ends. There is no body. 413 is for a body of more than",
                "\#(ConnectionLimits().form) bytes from Twilio, or \#(ConnectionLimits().ultravoxBody) from Ultravox."
              ]
            }
          }
        }}
        """#
    }

    /// An example of each problem, as the gateway writes it.
    var problemExamples: JSONObject {
        var examples = JSONObject()
        for code in Problem.Code.allCases {
            let document = code.example.json(
                path: "/calls/6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921",
                requestID: "9f1c0c5d7a3b4e6f8a2d1b0c4e5f6a7b",
                now: Timestamp(milliseconds: 1_795_347_978_000)
            )
            examples[code.rawValue] = ["summary": .string(code.title), "value": document]
        }
        return examples
    }

    static let exampleCallID = "call_01jd9z7q0v3r2m8k4t6w5x1y0a"

    /// The problems of requests that are refused before they are read, one of each code.
    private static var early: [(code: String, status: Int, document: JSONValue)] {
        var codes: Set<String> = []
        return Refusal.allCases.compactMap { refusal in
            guard let text = refusal.problem(limits: ConnectionLimits()),
                let document = try? JSONParser.parse(Array(text.utf8)),
                let code = document["code"]?.stringValue, codes.insert(code).inserted
            else { return nil }
            return (code, Int(refusal.status.code), document)
        }
    }

    private static var earlyExamples: String {
        var examples = JSONObject()
        for (code, _, document) in early { examples[code] = ["value": document] }
        return String(decoding: JSONValue.object(examples).encoded, as: UTF8.self)
    }

    private static var codeTable: String {
        var lines = [
            "What went wrong, as a stable word. Later versions may add words: treat an unknown one by its status.", "",
            "| Code | Status | Meaning |", "|---|---|---|",
        ]
        for code in Problem.Code.allCases {
            lines.append("| `\(code.rawValue)` | \(code.status.code) | \(code.meaning) |")
        }
        for (code, status, document) in early {
            lines.append("| `\(code)` | \(status) | \(document["detail"]?.stringValue ?? "") |")
        }
        return lines.joined(separator: "\n")
    }
}
