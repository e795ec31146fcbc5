"""Ultravox's agents, agent calls, calls and account, from https://docs.ultravox.ai/api-reference ."""

import datetime
import re
import secrets
import uuid
from urllib.parse import urlencode

from .server import Reply, Standin

TEMPLATE = set(
    "name created updated systemPrompt model voice externalVoice voiceOverrides languageHint temperature medium "
    "initialOutputMedium joinTimeout maxDuration timeExceededMessage inactivityMessages firstSpeakerSettings "
    "selectedTools recordingEnabled vadSettings dataConnection contextSchema sharedSecrets retentionPolicy".split()
)
AGENT_CALL = set(
    "templateContext initialMessages metadata medium joinTimeout maxDuration recordingEnabled initialOutputMedium "
    "firstSpeakerSettings dataConnection experimentalSettings callbacks voice voiceOverrides toolOverrides "
    "retentionPolicy sharedSecrets agentId".split()
)
DURATION = re.compile(r"-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,9})?s")
AGENT_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


class UltravoxStandin(Standin):
    """Agents live here; calls are created here. It sends no webhooks: the tests do."""

    def __init__(self, api_key):
        self.api_key = api_key
        self.agents = {}
        self.calls = {}
        self.join_urls = {}
        self.messages = {}
        super().__init__()

    @property
    def agent_calls(self):
        """The ledger's requests that create a call, answered or not."""
        return [entry for entry in self.requests("POST", "/calls") if "/agents/" in entry.path]

    def add_agent(self, name, prompt="You are brief."):
        """An agent that was made at Ultravox before the gateway started. Returns its id."""
        document = {"name": name, "callTemplate": {"systemPrompt": prompt, "medium": {"twilio": {}}}}
        with self.lock:
            return self._create_agent(document).document["agentId"]

    def answer(self, reached):
        if reached.header("X-API-Key") != self.api_key:
            return Reply(403, {"detail": "Invalid API key"})
        parts = reached.path.split("/")[1:]
        if parts[:1] != ["api"] or reached.path.endswith("/"):
            return self._missing()
        document = None
        if reached.body:
            try:
                document = reached.json()
            except ValueError:
                return Reply(400, {"detail": "JSON parse error"})
        with self.lock:
            return self._route(reached, parts[1:], document)

    def _route(self, reached, parts, document):
        match (reached.method, *parts):
            case ("GET", "accounts", "me"):
                return Reply(200, self._account())
            case ("GET", "voices" | "models"):
                names = (
                    [{"voiceId": str(uuid.UUID(int=1)), "name": "Mark"}]
                    if parts[0] == "voices"
                    else [{"name": "ultravox-v0.7"}]
                )
                return self._page(reached, names)
            case ("GET", "agents"):
                search = dict(reached.query).get("search", "")
                return self._page(reached, [agent for agent in self.agents.values() if search in agent["name"]])
            case ("POST", "agents"):
                return self._create_agent(document)
            case (method, "agents", agent_id, *rest):
                agent = self.agents.get(agent_id)
                if agent is None:
                    return self._missing()
                return self._agent(method, agent, rest, reached, document)
            case ("GET", "calls"):
                return self._page(reached, self._calls_matching(reached.query))
            case (method, "calls", call_id, *rest):
                call = self.calls.get(call_id)
                if call is None:
                    return self._missing()
                return self._call(method, call, rest, reached, document)
        return self._missing()

    def _agent(self, method, agent, rest, reached, document):
        match (method, *rest):
            case ("GET",):
                return Reply(200, agent)
            case ("PATCH",):
                refusal = self._refuse_agent(document, own=agent)
                if refusal:
                    return refusal
                if "name" in document:
                    agent["name"] = document["name"]
                if "callTemplate" in document:
                    agent["callTemplate"] = self._template(document["callTemplate"], created=agent["created"])
                    agent["publishedRevisionId"] = str(uuid.uuid4())
                return Reply(200, agent)
            case ("DELETE",):
                del self.agents[agent["agentId"]]
                return Reply(204)
            case ("POST", "calls"):
                return self._create_call(agent, document or {})
            case ("GET", "calls"):
                return self._page(
                    reached, [call for call in self.calls.values() if call["agentId"] == agent["agentId"]]
                )
        return Reply(405, {"detail": f'Method "{method}" not allowed.'})

    def _call(self, method, call, rest, reached, document):
        match (method, *rest):
            case ("GET",):
                return Reply(200, call)
            case ("GET", "messages"):
                return self._page(reached, self.messages.get(call["callId"], []))
            case ("DELETE",):
                del self.calls[call["callId"]]
                return Reply(204)
            case ("POST", "send_data_message"):
                if not isinstance(document, dict) or "type" not in document:
                    return Reply(400, {"type": ["This field is required."]})
                if call["joined"] is None or call["ended"] is not None:
                    return Reply(422, {"detail": "Call is not live"})
                return Reply(204)
        return Reply(405, {"detail": f'Method "{method}" not allowed.'})

    def _create_agent(self, document):
        refusal = self._refuse_agent(document or {}, own=None)
        if refusal:
            return refusal
        created = now()
        template = document.get("callTemplate")
        agent = {
            "agentId": str(uuid.uuid4()),
            # Without a template the agent is a draft, which no call can use.
            "publishedRevisionId": str(uuid.uuid4()) if template is not None else None,
            "name": document.get("name", ""),
            "created": created,
            "callTemplate": self._template(template, created) if template is not None else None,
            "statistics": {"calls": 0},
        }
        self.agents[agent["agentId"]] = agent
        return Reply(201, agent)

    def _refuse_agent(self, document, own):
        if not isinstance(document, dict):
            return Reply(400, {"detail": "Invalid data."})
        name = document.get("name", own["name"] if own else "")
        if not AGENT_NAME.fullmatch(name):
            return Reply(400, {"name": ["Name must match ^[a-zA-Z0-9_-]{1,64}$."]})
        if any(agent["name"] == name and agent is not own for agent in self.agents.values()):
            return Reply(400, {"name": [f"Agent with name {name} already exists."]})
        template = document.get("callTemplate")
        if template is not None:
            unknown = sorted(set(template) - TEMPLATE)
            if unknown:
                return Reply(
                    400, {"detail": f'Message type "ultravox.v1.CallTemplate" has no field named "{unknown[0]}"'}
                )
            for name in ("joinTimeout", "maxDuration"):
                if name in template and not DURATION.fullmatch(str(template[name])):
                    return Reply(400, {"detail": f"Failed to parse {name} field"})
        return None

    @staticmethod
    def _template(given, created):
        template = {key: value for key, value in given.items() if value is not None and key != "sharedSecrets"}
        schema = template.get("contextSchema")
        if isinstance(schema, dict):
            template["contextSchema"] = {"required": [], "additionalProperties": False, **schema}
        return {
            "retentionPolicy": "CALL_RETENTION_POLICY_UNSPECIFIED",
            **template,
            "created": created,
            "updated": now(),
        }

    def _create_call(self, agent, document):
        if agent["publishedRevisionId"] is None:
            return Reply(400, {"detail": "Agent only exists as a draft"})
        unknown = sorted(set(document) - AGENT_CALL)
        if unknown:
            text = f'Message type "ultravox.v1.StartAgentCallRequest" has no field named "{unknown[0]}"'
            return Reply(400, {"detail": text})
        for name in ("joinTimeout", "maxDuration"):
            if name in document and not DURATION.fullmatch(str(document[name])):
                return Reply(400, {"detail": f"Failed to parse {name} field"})
        metadata = document.get("metadata") or {}
        if any(not isinstance(value, str) or key.startswith("ultravox.") for key, value in metadata.items()):
            return Reply(400, {"detail": "Failed to parse metadata field"})
        for kind, callback in (document.get("callbacks") or {}).items():
            if (
                kind not in ("joined", "ended", "billed")
                or not isinstance(callback, dict)
                or not set(callback) <= {"url", "secrets"}
            ):
                return Reply(400, {"detail": "Failed to parse callbacks field"})
            if len(callback.get("url", "")) > 200 or any(len(secret) > 120 for secret in callback.get("secrets", [])):
                return Reply(400, {"detail": "Failed to parse callbacks field"})
        schema = (agent["callTemplate"] or {}).get("contextSchema") or {}
        context = document.get("templateContext") or {}
        missing = sorted(set(schema.get("required", [])) - set(context))
        extra = (
            sorted(set(context) - set(schema.get("properties", {})))
            if schema.get("additionalProperties") is False
            else []
        )
        if missing or extra:
            return Reply(400, {"templateContext": [f"missing {missing}, unexpected {extra}"]})
        call_id = str(uuid.uuid4())
        template = agent["callTemplate"] or {}
        # The stand-in makes the secret part of the address long and random, so that a log can be searched for it.
        join_url = f"wss://voice.ultravox.ai/calls/{call_id}/{secrets.token_hex(24)}/telephony"
        absent = (
            "clientVersion joined ended endReason billedDuration billedSideInputTokens billedSideOutputTokens "
            "retentionPolicy vadSettings shortSummary summary experimentalSettings sipDetails"
        ).split()
        self.calls[call_id] = {
            **dict.fromkeys(absent),
            "callId": call_id,
            "created": now(),
            "billingStatus": "BILLING_STATUS_PENDING",
            "firstSpeakerSettings": document.get("firstSpeakerSettings")
            or template.get("firstSpeakerSettings")
            or {"agent": {}},
            "joinTimeout": document.get("joinTimeout", "30s"),
            "joinUrl": join_url,
            "maxDuration": document.get("maxDuration") or template.get("maxDuration") or "3600s",
            "medium": document.get("medium") or template.get("medium") or {"webRtc": {}},
            "model": template.get("model", "ultravox-v0.7"),
            "recordingEnabled": bool(document.get("recordingEnabled", template.get("recordingEnabled", False))),
            "systemPrompt": template.get("systemPrompt", ""),
            "temperature": template.get("temperature", 0),
            "voice": template.get("voice"),
            "agent": {"agentId": agent["agentId"], "name": agent["name"]},
            "agentId": agent["agentId"],
            "metadata": dict(metadata),
            "initialState": {},
            "requestContext": {},
        }
        self.join_urls[call_id] = join_url
        agent["statistics"]["calls"] += 1
        return Reply(201, self.calls[call_id])

    def _calls_matching(self, query):
        wanted = {key.removeprefix("metadata."): value for key, value in query if key.startswith("metadata.")}
        agents = [value for key, value in query if key == "agentIds"]
        return [
            call
            for call in reversed(self.calls.values())
            if all(call["metadata"].get(key) == value for key, value in wanted.items())
            and (not agents or call["agentId"] in agents)
        ]

    def _page(self, reached, everything):
        wanted = dict(reached.query)
        size = max(1, min(100, int(wanted.get("pageSize") or 100)))
        cursor = wanted.get("cursor", "")
        start = int(cursor.removeprefix("c")) if re.fullmatch(r"c\d+", cursor) else 0

        def address(position):
            others = [(key, value) for key, value in reached.query if key != "cursor"]
            return f"{self.origin}{reached.path}?{urlencode([*others, ('cursor', f'c{position}')])}"

        return Reply(
            200,
            {
                "next": address(start + size) if start + size < len(everything) else None,
                "previous": address(max(0, start - size)) if start else None,
                "results": everything[start : start + size],
                "total": len(everything),
            },
        )

    def _account(self):
        return {
            "accountId": str(uuid.UUID(int=2)),
            "name": "stand-in",
            "billingUrl": None,
            "freeTimeUsed": "0s",
            "freeTimeRemaining": "1800s",
            "hasActiveSubscription": True,
            "activeCalls": sum(call["ended"] is None for call in self.calls.values()),
            "allowedConcurrentCalls": None,
        }

    @staticmethod
    def _missing():
        return Reply(404, {"detail": "Not found."})
