import CallDomain
import CallFlow

extension APIDescription {
    /// `/health`: for load balancers and people.
    var health: String {
        #"""
        {"paths": {
          "/health": {"get": {
            "operationId": "get_health",
            "tags": ["operation"],
            "summary": "Read the gateway's health",
            "description": [
              "Returns the status, and with an API key all that an operator asks for. A wrong `X-API-Key` is an error; a wrong",
              "`Authorization`, which may be meant for a proxy, counts as none. The answer is 200 whatever the status: load balancers",
              "take `/health/ready`."
            ],
            "security": [{}, {"apiKey": []}, {"bearer": []}],
            "responses": {"200": {
              "description": "The status; with a key the detail.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Health"},
                "examples": {
                  "without_key": {"value": {"status": "ok"}},
                  "with_key": {"value": {
                    "status": "ok", "version": \#(json(version)), "uptime_seconds": 86400,
                    "vendors": {
                      "twilio": {
                        "status": "ok", "breaker": "closed", "checked_at": "2026-11-22T11:46:18.000Z", "age_seconds": 3,
                        "reason": null
                      },
                      "ultravox": {
                        "status": "ok", "breaker": "closed", "checked_at": "2026-11-22T11:46:18.000Z", "age_seconds": 3,
                        "reason": null
                      }
                    },
                    "journal": {"status": "ok", "keeps": "durable", "records_read": 4120, "reason": null},
                    "dialing": {"enabled": true, "reason": null, "changed_at": null},
                    "queue": {"waiting": 0},
                    "calls": {"in_progress": 2, "by_status": {"in-progress": 2, "completed": 131}},
                    "configuration": {"PORT": "8080", "INBOUND_AGENT_ID": null}
                  }}
                }
              }}
            }},
            "errors": {"unauthorized": "The `X-API-Key` is not valid, or there is a second key. Without any the status alone is told."}
          }},
          "/health/live": {"get": {
            "operationId": "get_liveness",
            "tags": ["operation"],
            "summary": "Is the process up?",
            "description": "Answers as long as the process can. Restart it only if this does not answer.",
            "security": [],
            "responses": {"200": {
              "description": "The process is up.",
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Liveness"}, "examples": {"live": {"value": {"status": "live"}}}
              }}
            }}
          }},
          "/health/ready": {"get": {
            "operationId": "get_readiness",
            "tags": ["operation"],
            "summary": "Does the gateway take work?",
            "description": "For load balancers. While a vendor is down the gateway is ready all the same.",
            "security": [],
            "responses": {
              "200": {
                "description": "It takes work.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Readiness"}, "examples": {"ready": {"value": {"status": "ready"}}}
                }}
              },
              "503": {
                "description": [
                  "It takes no orders. `starting`: it reads its journal. `draining`: it stops. `failed`: it cannot write its journal."
                ],
                "headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Readiness"},
                  "examples": {
                    "starting": {"value": {"status": "starting", "journal_records_read": 120000}},
                    "draining": {"value": {"status": "draining"}},
                    "failed": {"value": {"status": "failed"}}
                  }
                }}
              }
            }
          }}
        },
        "components": {"schemas": {
          "Liveness": {
            "type": "object", "description": "That the process is up.", "required": ["status"],
            "properties": {
              "status": {"type": "string", "description": "Always `live`.", "examples": ["live"]}
            }
          },
          "Readiness": {
            "type": "object", "description": "Whether the gateway takes work.", "required": ["status"],
            "properties": {
              "status": {
                "description": "Why it does or does not.", \#(open(["ready", "starting", "draining", "failed"])),
                "examples": ["ready"]
              },
              "journal_records_read": {
                "type": "integer", "minimum": 0,
                "description": "While it starts: how many records of the journal are read.", "examples": [120000]
              }
            }
          },
          "Health": {
            "type": "object",
            "description": "The gateway's health. Without an API key it is the `status` alone.",
            "required": ["status"],
            "properties": {
              "status": {
                "description": [
                  "`ok`. `degraded`: a vendor is down or refuses this gateway. `failed`: the journal cannot be written. `starting`,",
                  "`draining`: see `GET /health/ready`."
                ],
                \#(open(["ok", "degraded", "failed", "starting", "draining"])), "examples": ["ok"]
              },
              "version": {"type": "string", "description": "The gateway's version.", "examples": [\#(json(version))]},
              "uptime_seconds": {
                "type": "integer", "minimum": 0, "description": "Since the gateway was started, in seconds.", "examples": [86400]
              },
              "vendors": {
                "type": "object", "description": "The state of the vendors, by name.",
                "additionalProperties": {"$ref": "#/components/schemas/VendorHealth"}
              },
              "journal": {"$ref": "#/components/schemas/JournalHealth"},
              "dialing": {"$ref": "#/components/schemas/Dialing"},
              "queue": {
                "type": "object", "description": "The orders that wait.", "required": ["waiting"],
                "properties": {
                  "waiting": {"type": "integer", "minimum": 0, "description": "How many orders wait for their turn.", "examples": [0]}
                }
              },
              "calls": {
                "type": "object", "description": "The calls in memory.", "required": ["in_progress", "by_status"],
                "properties": {
                  "in_progress": {
                    "type": "integer", "minimum": 0, "description": "How many calls are not over.", "examples": [2]
                  },
                  "by_status": {
                    "type": "object", "additionalProperties": {"type": "integer", "minimum": 0},
                    "description": "How many calls have each status.", "examples": [{"in-progress": 2}]
                  }
                }
              },
              "configuration": {
                "type": "object", "additionalProperties": {"type": ["string", "null"]},
                "description": "The settings as they count, by name, without secrets; `null` where nothing is set.",
                "examples": [{"PORT": "8080"}]
              }
            }
          },
          "VendorHealth": {
            "type": "object",
            "description": "The state of a vendor, as far as it is known.",
            "required": ["status", "breaker", "checked_at", "age_seconds", "reason"],
            "properties": {
              "status": {
                "description": [
                  "`ok`. `unreachable`: no usable answer. `refused`: it does not take this gateway's credentials, or the account may not",
                  "do what it must. `unknown`: nothing was asked yet."
                ],
                \#(open(VendorGuard.Condition.Verdict.self)), "examples": ["ok"]
              },
              "breaker": {
                "description": "`open`: orders are refused at once until a probe succeeds.", \#(open(["closed", "open"])),
                "examples": ["closed"]
              },
              "checked_at": \#(optionalTime("When that was seen.")),
              "age_seconds": {
                "type": ["integer", "null"], "minimum": 0, "description": "How long ago that was, in seconds.", "examples": [3]
              },
              "reason": \#(optionalText("What is wrong and what to do.", example: "Check ULTRAVOX_API_KEY."))
            }
          },
          "JournalHealth": {
            "type": "object",
            "description": "The file that outlives a restart.",
            "required": ["status", "keeps", "records_read", "reason"],
            "properties": {
              "status": {
                "description": "`failed`: it cannot be written, and nothing is acknowledged or dialed.", \#(open(["ok", "failed"])),
                "examples": ["ok"]
              },
              "keeps": {
                "description": "`durable`: everything that is acknowledged. `nothing`: there is no file.",
                \#(open(["durable", "nothing"])), "examples": ["durable"]
              },
              "records_read": {
                "type": "integer", "minimum": 0, "description": "How many records were read at the start.", "examples": [4120]
              },
              "reason": \#(optionalText("Why it cannot be written.", example: "the disk is full"))
            }
          }
        }}}
        """#
    }

    /// `/metrics`: for Prometheus.
    var metrics: String {
        #"""
        {"paths": {"/metrics": {"get": {
          "operationId": "get_metrics",
          "tags": ["operation"],
          "summary": "Read the metrics",
          "description": [
            "For Prometheus, with an API key as its bearer token; docs/metrics.md explains each metric. Scrapes have a quota of their",
            "own."
          ],
          "responses": {"200": {
            "description": "The metrics in Prometheus' text format.",
            "content": {"text/plain": {
              "schema": {"type": "string"},
              "example": "# TYPE switchboard_orders_total counter\nswitchboard_orders_total{outcome=\"created\"} 12\n"
            }}
          }}
        }}}}
        """#
    }
}
