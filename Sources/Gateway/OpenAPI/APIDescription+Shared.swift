import CallDomain

extension APIDescription {
    /// Parameters, headers and schemas that several operations have.
    var shared: String {
        #"""
        {"components": {
          "parameters": {
            "AgentID": {
              "name": "id", "in": "path", "required": true,
              "description": "The id of an **agent**, a UUID.",
              "schema": {"type": "string", "format": "uuid"}, "example": "6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"
            },
            "CallID": {
              "name": "id", "in": "path", "required": true,
              "description": "The **call**: its `id`, or its CallSid at Twilio.",
              "schema": {"type": "string"},
              "examples": {
                "id": {"value": "\#(Self.exampleCallID)"},
                "call_sid": {"value": "CA70b67b8ba3a1ea14303d73e67e24f7b0"}
              }
            },
            "Metadata": {
              "name": "metadata", "in": "query", "style": "deepObject", "explode": true,
              "description": [
                "Calls whose order had this `metadata`: `metadata[order]=7731`. Each member that is given must be there with this",
                "value. (A generated client that does not know `deepObject` may need `metadata[order]` as the member's name.)"
              ],
              "schema": {
                "type": "object", "propertyNames": {"minLength": 1}, "additionalProperties": {"type": "string"}
              },
              "example": {"order": "7731"}
            },
            "Limit": {
              "name": "limit", "in": "query",
              "description": "The most entries that a page may have.",
              "schema": {\#(integer(QueryReader.limits)), "default": \#(QueryReader.usualLimit)},
              "example": \#(QueryReader.usualLimit)
            },
            "Cursor": {
              "name": "cursor", "in": "query",
              "description": "Where the page begins: the `next_cursor` of the page before, of the same list. Absent for the first.",
              "schema": {\#(text(.one, CursorCodec.longest))},
              "example": "5e0c1d3fa7b29c4410af313739353334"
            },
            "RequestID": {
              "name": "X-Request-ID", "in": "header",
              "description": [
                "Your own id of the request: 1 to 64 letters, digits, `-`, `_` and `.`. The answer and every line of the gateway's",
                "log have it; the lines about a call have that of its order. One that does not fit is replaced."
              ],
              "schema": {"type": "string"}, "example": "order-7731-attempt-1"
            },
            "IfNoneMatch": {
              "name": "If-None-Match", "in": "header",
              "description": "The `ETag` of what you have: the answer is 304 if it is still the same.",
              "schema": {"type": "string"}, "example": "\"7f9c0c5d7a3b4e6f8a2d1b0c4e5f6a7b\""
            },
            "ClaimedCall": {
              "name": "call", "in": "query",
              "description": [
                "The id of the call that the message is about. The gateway puts it into the URLs that it gives to the vendors. A",
                "message of Twilio's without it is about an inbound call, or about the call with its CallSid."
              ],
              "schema": {"type": "string"}, "example": "\#(Self.exampleCallID)"
            }
          },
          "headers": {
            "X-Request-ID": {
              "description": "The id of the request: yours if you sent one, else a new one.",
              "required": true, "schema": {"type": "string"}, "example": "9f1c0c5d7a3b4e6f8a2d1b0c4e5f6a7b"
            },
            "RateLimit": {
              "description": [
                "The name of the quota, how many more requests the API key may send (`r`), and in how many seconds the count begins",
                "anew (`t`). Absent where the request was refused before it was counted."
              ],
              "schema": {"type": "string"}, "example": "\"changes\";r=599;t=60"
            },
            "RateLimit-Policy": {
              "description": "The name of the quota, the requests that it allows (`q`) and its window in seconds (`w`).",
              "schema": {"type": "string"}, "example": "\"changes\";q=600;w=\#(RateLimiter.window.wholeSeconds)"
            },
            "Retry-After": {
              "description": "After how many seconds to try again.",
              "required": true, "schema": {"type": "integer", "minimum": 1}, "example": 5
            },
            "WWW-Authenticate": {
              "description": "How to authenticate.",
              "required": true, "schema": {"type": "string"}, "example": "Bearer realm=\"switchboard\""
            },
            "Location": {
              "description": "The path of what the answer is about, without `PUBLIC_BASE_URL`.",
              "required": true, "schema": {"type": "string", "format": "uri-reference"},
              "example": "/calls/\#(Self.exampleCallID)"
            },
            "Idempotent-Replayed": {
              "description": "`true` where the answer was given before, to the first request with this `Idempotency-Key`.",
              "schema": {"type": "string", "const": "true"}, "example": "true"
            },
            "ETag": {
              "description": "Identifies the document.",
              "required": true, "schema": {"type": "string"}, "example": "\"7f9c0c5d7a3b4e6f8a2d1b0c4e5f6a7b\""
            },
            "Cache-Control": {
              "description": "Keep the document, and ask with `If-None-Match` before you use it again.",
              "required": true, "schema": {"type": "string"}, "example": "no-cache"
            }
          },
          "schemas": {
            "NextCursor": {
              "type": ["string", "null"],
              "description": "The `cursor` of the next page; `null` on the last page. Its text means nothing to a client.",
              "examples": ["5e0c1d3fa7b29c4410af313739353334", null]
            },
            "CallID": {
              "type": "string", "pattern": "^call_x?[0-7][0-9a-hjkmnp-tv-z]{25}$",
              "description": "The gateway's id of a call.", "examples": ["\#(Self.exampleCallID)"]
            }
          }
        }}
        """#
    }
}
