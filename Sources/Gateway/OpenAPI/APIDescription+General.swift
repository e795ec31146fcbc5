extension APIDescription {
    /// What holds for all of the API.
    var general: String {
        #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Switchboard",
            "version": \#(json(version)),
            "summary": "A gateway between Twilio phone calls and Ultravox AI voice agents.",
            "description": [
              "Order a call to a phone number with an agent: `POST /calls/{id}`, with the agent's id. The gateway dials through",
              "Twilio, connects the audio to Ultravox, and keeps the true state of the call: `GET /calls/{id}`, with the call's id.",
              "",
              "**Keys.** Send one API key with each request, as `X-API-Key: KEY` or as `Authorization: Bearer KEY`. KEY is the",
              "secret of an entry in `API_KEYS`, without the name and the colon.",
              "",
              "**Repeating an order.** Send an `Idempotency-Key` with each order, and repeat the order with the same key when you",
              "get no answer: nobody is dialed twice. A 503 to an order means that certainly nobody was dialed.",
              "",
              "**Errors.** They are `application/problem+json` with a stable `code`: see the schema `ProblemCode`. An unknown path",
              "is `not_found`, a method that a path does not support is `method_not_allowed`. HEAD is answered wherever GET is.",
              "",
              "**Limits.** The headers `RateLimit` and `RateLimit-Policy` say how many requests the API key may still send.",
              "Hang-ups and the emergency switch are never limited. A body may have \#(ConnectionLimits().body) bytes, path and",
              "query \#(ConnectionLimits().requestTarget) bytes together.",
              "",
              "**Growth.** Later versions may add members to answers, and words where a schema lists words beside a plain",
              "`string`. Pass over what you do not know. Requests are read strictly: an unknown member or parameter is an error,",
              "and `null` is the same as leaving a member out.",
              "",
              "**Times.** In answers they are RFC 3339 in UTC with milliseconds."
            ]
          },
          "tags": [
            {"name": "calls", "description": "Place calls, look them up, end them, and read what was said."},
            {
              "name": "events",
              "description": "Be told what happens to calls as it happens, and miss nothing."
            },
            {"name": "agents", "description": "Manage the agents that talk on the phone. They are kept at Ultravox."},
            {"name": "erasure", "description": "Erase a call's personal data, here and at the vendors."},
            {"name": "dialing", "description": "The emergency switch: stop all dialing, and go on."},
            {
              "name": "operation",
              "description": "Watch the gateway: its health, its metrics, and the messages that changed nothing."
            },
            {
              "name": "webhooks",
              "description": [
                "What Twilio and Ultravox send to the gateway. Clients do not call these paths. Every message is signed; one whose",
                "signature cannot be verified is refused and changes nothing. A genuine message that changes nothing is",
                "acknowledged, and `GET /dead-letters` lists it with the reason."
              ]
            },
            {"name": "description", "description": "This document, and the page that shows it."}
          ],
          "security": [{"apiKey": []}, {"bearer": []}],
          "components": {"securitySchemes": {
            "apiKey": {
              "type": "apiKey", "in": "header", "name": "X-API-Key",
              "description": "The secret of an entry in `API_KEYS`, without the name and the colon."
            },
            "bearer": {"type": "http", "scheme": "bearer", "description": "The same key as a bearer token."}
          }}
        }
        """#
    }

    /// This document's own route.
    var description: String {
        #"""
        {"paths": {"/openapi.json": {"get": {
          "operationId": "get_openapi",
          "tags": ["description"],
          "summary": "Read this description",
          "description": "The OpenAPI 3.1 description of what this gateway serves. Generate clients from it.",
          "security": [],
          "parameters": [{"$ref": "#/components/parameters/IfNoneMatch"}],
          "responses": {
            "200": {
              "description": "This document.",
              "headers": \#(Self.keptHeaders),
              "content": {"application/json": {"schema": {
                "type": "object", "additionalProperties": true,
                "description": "An OpenAPI 3.1 document."
              }}}
            },
            "304": \#(Self.notModified)
          }
        }}}}
        """#
    }
}
