"""A canary in every place of every request, at the most talkative log level, in both formats: none is ever seen again.

`test_secrets.py` follows one call; here everything that can be sent to the gateway carries something that it must not
tell: in paths, queries, headers, bodies, webhooks, vendors' answers, and where a line break could forge a log line.
"""

import itertools
import json
import os
import re
import secrets
from types import SimpleNamespace
from urllib.parse import quote, urlencode

import pytest

from harness.crowd import Connection, request
from harness.process import Program
from harness.raw import converse
from harness.waiting import eventually
from harness.wire import exchange
from standins.faults import answered
from standins.life import TwilioMessage, UltravoxMessage
from standins.scripted import Always
from test_secrets import spellings

FORGERY = "forged-by-a-client"
# What could end a line, or begin one, in some reader's eyes.
BREAKS = ("\r\n", "\n", "\r", "\u2028", "\u2029", "\u0085", "\u000b", "\u000c", "\u0000", "\u001b[2J", "\u202e")
TEXT_LINE = re.compile(r"\d\d:\d\d:\d\d\.\d{3} (TRACE|DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL) +\S.*")


class Canaries:
    """Makes up texts and telephone numbers that stand for something, and finds them again."""

    def __init__(self):
        self.texts = {}  # what each stands for
        self.numbers = []
        self._count = itertools.count()

    def text(self, what, wrap="{}"):
        """A text that nobody else says; with `wrap`, among others."""
        text = f"kanari{next(self._count)}{secrets.token_hex(6)}"
        self.texts[text] = what
        return wrap.format(text)

    def number(self, number):
        self.numbers.append(number)
        return number

    def needles(self):
        for text, what in self.texts.items():
            for spelling in spellings(text) | {text.upper(), text[::-1]}:
                yield spelling, what
        for number in self.numbers:
            national = number[2:]
            area, exchange_code, line = national[:3], national[3:6], national[6:]
            written = {f"{area}-{exchange_code}-{line}", f"({area}) {exchange_code}-{line}"}
            for spelling in written | spellings(number) | spellings(number[1:]) | spellings(national):
                yield spelling, f"the number {number}"

    def found_in(self, texts):
        """What was seen of them, and where."""
        everything = "\x00".join(texts)
        return [
            (what, spelling, next(text for text in texts if spelling in text)[:300])
            for spelling, what in self.needles()
            if spelling in everything
        ]


def forging(canary, broken):
    """A text that would be a log line of its own, had the break its way."""
    line = json.dumps({"time": "2026-01-01T00:00:00.000Z", "level": "critical", "message": FORGERY})
    return f"{canary}{broken}{line}{broken}00:00:00.000 CRITICAL  {FORGERY}{broken}"


@pytest.fixture(scope="module", params=["json", "text"])
def told(request, start_world, tmp_path_factory):
    canaries = Canaries()
    secret = lambda what: canaries.text(what, "{}-+/=~")
    world = start_world(
        LOG_LEVEL="trace",
        LOG_FORMAT=request.param,
        TWILIO_AUTH_TOKEN_SECONDARY=secret("the second auth token"),
        ULTRAVOX_WEBHOOK_SECRETS=f"{secret('a webhook secret')},{secret('another webhook secret')}",
        SWITCHBOARD_API_KEY=secret("the key of the client commands"),
        INBOUND_AGENT_ID=lambda world: world.ultravox.add_agent("inbound", canaries.text("a prompt at Ultravox")),
        RATE_LIMIT_PER_MINUTE="100000",
    )
    everywhere(world, canaries)
    gateway = world.gateway
    with open(f"/proc/{gateway.pid}/cmdline", "rb") as file:
        command_line = file.read().decode()
    metrics = gateway.call("GET", "/metrics").text
    health = gateway.call("GET", "/health").text
    dead_letters = gateway.call("GET", "/dead-letters?limit=200").text
    check = checked(world, tmp_path_factory.mktemp("check"))
    gateway.require_alive()
    assert world.stop() == 0
    # All that the world itself must keep to itself.
    for name, value in (
        ("auth token", world.credentials.auth_token),
        ("Ultravox key", world.credentials.ultravox_api_key),
        ("API key", world.credentials.api_key),
        ("Basic credentials", world.twilio.credentials.removeprefix("Basic ")),
    ):
        canaries.texts[value] = name
    for n, url in enumerate(world.ultravox.join_urls.values()):
        canaries.texts[url] = f"join URL {n}"
        canaries.texts[url.split("/")[-2]] = f"the secret part of join URL {n}"
    for entry in world.ultravox.agent_calls:
        for callback in (entry.json().get("callbacks") or {}).values():
            canaries.texts[callback["secrets"][0]] = "the secret of a per-call callback"
    return SimpleNamespace(
        world=world,
        canaries=canaries,
        format=request.param,
        lines=list(gateway.lines),
        others={
            "the command line": command_line,
            "/metrics": metrics,
            "/health": health,
            "/dead-letters": dead_letters,
            "check": check,
        },
    )


def checked(world, directory):
    """What `switchboard check` says while both vendors refuse it and quote what they were sent."""

    class Refusing:
        def __init__(self, *quoted):
            text = " and ".join(quoted)
            self.answer = answered(401, {"message": text, "detail": text, "code": 20003, "status": 401})

        def lets_in(self, handler):
            return True

        def fault_for(self, reached):
            return self.answer

    world.twilio.weather = Refusing(world.twilio.credentials, world.credentials.auth_token)
    world.ultravox.weather = Refusing(world.credentials.ultravox_api_key)
    program = Program(["check"], world.gateway.environment, directory)
    assert program.end(within=60) != 78, program.output()
    world.twilio.weather = world.ultravox.weather = None
    return "\n".join(program.lines)


def everywhere(world, canaries):
    """Sends canaries wherever something can be sent."""
    in_agents(world, canaries)
    in_whole_calls(world, canaries)
    in_bad_requests(world, canaries)
    in_every_part_of_a_request(world, canaries)
    in_webhooks(world, canaries)
    in_vendors_answers(world, canaries)
    in_connections_that_break(world, canaries)


def in_agents(world, canaries):
    gateway = world.gateway
    config = {
        "prompt": canaries.text("a prompt", "Say {} to {{{{visitor}}}}."),
        "greeting": canaries.text("a greeting"),
        "template_variables": {"visitor": canaries.text("the default of a template variable")},
    }
    agent = gateway.create_agent("canaries", **config)["id"]
    assert gateway.call("GET", f"/agents/{agent}").status == 200
    changed = {"name": "canaries", "prompt": canaries.text("a changed prompt")}
    assert gateway.call("PUT", f"/agents/{agent}", changed).status == 200
    assert gateway.call("GET", "/agents?search=" + canaries.text("a search")).status == 200
    assert gateway.call("POST", "/agents", {**config, "name": "canaries"}).status == 422  # taken
    assert gateway.call("POST", "/agents", {**config, "name": canaries.text("a name", "{} !")}).status == 422
    assert gateway.call("POST", "/agents", {**config, "name": "x", canaries.text("a field"): 1}).status == 422
    assert gateway.call("GET", "/agents/" + canaries.text("an agent id")).status == 404
    assert gateway.call("DELETE", f"/agents/{agent}").status == 204


def in_whole_calls(world, canaries):
    gateway = world.gateway
    agent = world.new_agent(prompt="Greet {{visitor}}.", greeting="Hello {{visitor}}")
    for join, machine in (("eager", "off"), ("eager", "hang_up"), ("on_answer", "detect")):
        words = {
            "template_context": {"visitor": canaries.text("a template value")},
            "metadata": {canaries.text("a metadata name"): canaries.text("a metadata value")},
        }
        key = [("Idempotency-Key", canaries.text("an Idempotency-Key"))]
        document = {"phone_number": canaries.number(world.numbers.take()), "join": join, **words}
        document |= {"machine_detection": machine, "record": True}
        answer = gateway.call("POST", f"/calls/{agent}", document, headers=key)
        assert answer.status == 201
        # The same once more, and another under the same key.
        assert gateway.call("POST", f"/calls/{agent}", document, headers=key).header("idempotent-replayed") == "true"
        assert gateway.call("POST", f"/calls/{agent}", {**document, "record": False}, headers=key).status == 422
        busy = gateway.call("POST", f"/calls/{agent}", document)
        assert busy.status == 409
        call = answer.json()
        life = world.life_of(call, document["phone_number"])
        if join == "on_answer":
            assert gateway.deliver(life.voice()).status == 200
            life = world.life_of(call, document["phone_number"])
        for message in life.completed():
            if isinstance(message, UltravoxMessage):
                message.document["call"]["summary"] = canaries.text("a summary")
                message.document["call"]["shortSummary"] = canaries.text("a short summary")
            else:
                message.parameters["CallerName"] = canaries.text("a caller's name")
                message.parameters["ToCity"] = canaries.text("a city")
            assert gateway.deliver(message).status in (200, 204)
        world.ultravox.messages[call["ultravox_call_id"] or life.ultravox_call["callId"]] = [
            {"role": "MESSAGE_ROLE_USER", "text": canaries.text("what was said"), "callStageMessageIndex": 0}
        ]
        assert gateway.call("GET", f"/calls/{call['id']}/transcript").status == 200
        for target in ("/calls", f"/calls/{call['id']}", f"/calls?phone_number={quote(document['phone_number'])}"):
            assert gateway.call("GET", target).status == 200
        assert gateway.call("POST", f"/calls/{call['id']}/hangup").status in (202, 409)
    caller = world.inbound(caller=canaries.number(world.numbers.take()))
    assert gateway.deliver(caller.voice()).status == 200
    assert gateway.deliver(caller.status("completed", 1, 30, CallerName=canaries.text("a caller's name"))).status == 204
    switched = {"enabled": False, "reason": forging(canaries.text("why dialing is off"), "\n")}
    assert gateway.call("PUT", "/dialing", switched).status in (200, 422)
    gateway.call("PUT", "/dialing", {"enabled": False, "reason": canaries.text("why dialing is off")})
    refused = gateway.call("POST", f"/calls/{agent}", {"phone_number": canaries.number(world.numbers.take())})
    assert refused.status == 503
    # The reason is the operator's own word to whoever asks with a key.
    assert gateway.call("PUT", "/dialing", {"enabled": True}).status == 200


def in_bad_requests(world, canaries):
    gateway, agent = world.gateway, world.new_agent(prompt="Greet {{visitor}}.")
    number = lambda: canaries.number(world.numbers.take())
    documents = [
        {"phone_number": number() + " "},
        {"phone_number": canaries.text("no number")},
        {"phone_number": number(), "from": number()},
        {"phone_number": number(), "metadata": {"a": [canaries.text("metadata of a wrong type")]}},
        {"phone_number": number(), "template_context": {"other": canaries.text("a variable that is not there")}},
        {"phone_number": number(), "template_context": canaries.text("no context")},
        {"phone_number": number(), "callback_url": canaries.text("a callback", "https://{}.example.com/")},
        {"phone_number": number(), "SipAuthPassword": canaries.text("a password")},
        {"phone_number": number(), canaries.text("an unknown field"): 1},
        {"phone_number": number(), "join": canaries.text("a way to join")},
        {"phone_number": number().replace("+1", "+1876")[:12]},
        [canaries.text("an array")],
        canaries.text("a string"),
    ]
    for document in documents:
        assert gateway.call("POST", f"/calls/{agent}", document).status in (403, 422), document
    key, form = ("X-API-Key", gateway.api_key), ("Content-Type", "application/json")
    for body in (
        canaries.text("no JSON").encode(),
        canaries.text("JSON that is cut", '{{"phone_number":"{}').encode(),
        canaries.text("a name twice", '{{"{0}":1,"{0}":2}}').encode(),
        b'{"prompt":"\xff' + canaries.text("no UTF-8").encode() + b'"}',
    ):
        assert gateway.send("POST", "/agents", headers=[key, form], body=body).status == 400
    media = ("Content-Type", canaries.text("a media type", "text/{}"))
    assert gateway.send("POST", "/agents", headers=[key, media], body=b"{}").status == 415
    for target in (
        "/calls?cursor=" + canaries.text("a cursor"),
        "/calls?status=" + canaries.text("a status"),
        "/calls?created_after=" + canaries.text("a time"),
        f"/calls?{canaries.text('an unknown parameter')}=1",
        "/calls?phone_number=" + quote(number() + "x"),
        "/calls/" + canaries.text("a call id"),
        "/calls/" + quote(number()),
        f"/{canaries.text('a path')}/{canaries.text('the rest of a path')}",
    ):
        assert gateway.call("GET", target).status in (404, 422), target
    for fields in (
        [("X-API-Key", canaries.text("a wrong key"))],
        [("Authorization", canaries.text("a wrong bearer", "Bearer {}"))],
        [("Authorization", canaries.text("basic credentials", "Basic {}"))],
        [key, ("Authorization", canaries.text("a second credential", "Bearer {}"))],
    ):
        assert gateway.send("GET", "/calls", headers=fields).status == 401
        # Without our own header, /health answers as if there were no key.
        assert gateway.send("GET", "/health", headers=fields).status == (401 if "X-API-Key" in dict(fields) else 200)
    bad = [("Idempotency-Key", canaries.text("a key with a space", "{} x"))]
    assert gateway.call("POST", f"/calls/{agent}", {"phone_number": number()}, headers=bad).status == 400


HEADERS = (
    "Host User-Agent Referer Origin Cookie X-Forwarded-For X-Forwarded-Host X-Forwarded-User Forwarded Via From "
    "X-Request-Id Traceparent Tracestate Baggage X-B3-TraceId Accept-Language Last-Event-ID If-None-Match Range "
    "X-Twilio-Signature I-Twilio-Idempotency-Token X-Ultravox-Webhook-Signature X-HTTP-Method-Override Accept"
).split()


def in_every_part_of_a_request(world, canaries):
    """With line breaks, raw and encoded, in every part that takes bytes."""
    origin, agent = world.gateway.origin, world.new_agent()
    for name in HEADERS:
        # A sane X-Request-ID is the client's to choose, and meant for the log.
        value = canaries.text(f"the header {name}", "{} /")
        host = "" if name == "Host" else "Host: a⏎"
        conversation = converse(origin, f"GET /health/live HTTP/1.1⏎{host}{name}: {value}⏎Connection: close⏎⏎")
        assert conversation.statuses in ([200], [400]), name
    for broken in BREAKS:
        text = forging(canaries.text("a text that forges lines"), broken)
        encoded = quote(text, safe="")
        targets = (("GET", f"/calls/{encoded}"), ("GET", f"/calls?status={encoded}"), ("DELETE", f"/{encoded}"))
        for method, target in targets:
            assert world.gateway.call(method, target).status in (400, 404, 405, 422)
        document = {"phone_number": text, "metadata": {text: text}, text: text}
        assert world.gateway.call("POST", f"/calls/{agent}", document).status == 422
        world.gateway.call("POST", "/agents", {"name": text, "prompt": text})
        world.gateway.call("PUT", "/dialing", {"enabled": text, "reason": text})
        raw = text.encode("utf-8").decode("latin-1")
        for message in (
            f"GET /health/live HTTP/1.1⏎Host: a⏎X-Request-ID: {raw}⏎User-Agent: {raw}⏎Connection: close⏎⏎",
            f"GET /{raw} HTTP/1.1⏎Host: a⏎Connection: close⏎⏎",
            f"{raw} / HTTP/1.1⏎Host: a⏎Connection: close⏎⏎",
            f"GET / {raw}⏎Host: a⏎Connection: close⏎⏎",
            f"GET / HTTP/1.1⏎Host: {raw}⏎Connection: close⏎⏎",
        ):
            # Some of it is well-formed and followed by nonsense; every part of it is the client's.
            converse(origin, message, finish=True)
    method = canaries.text("a method").upper()
    converse(origin, f"{method} / HTTP/1.1⏎Host: a⏎⏎", finish=True)


def in_webhooks(world, canaries):
    """Genuine ones of no use, and forged ones."""
    gateway = world.gateway
    order = world.order(world.new_agent())
    canaries.number(order.number)
    life = order.life
    for broken in BREAKS:
        text = forging(canaries.text("a webhook's value"), broken)
        for genuine in (True, False):
            message = life.status(text, 1, 3, CallerName=text, **{text: text})
            message.auth_token = message.auth_token if genuine else canaries.text("a forger's token")
            assert gateway.deliver(message).status in ((204,) if genuine else (403,))
            message = UltravoxMessage(text, life.callbacks["ended"]["url"], {**life.ultravox_call, "summary": text}, "")
            message.secret = life.callbacks["ended"]["secrets"][0] if genuine else canaries.text("a forger's secret")
            assert gateway.deliver(message).status in ((204,) if genuine else (403,))
    stranger = TwilioMessage(
        "status",
        life.create.field("StatusCallback") + canaries.text("a query", "&x={}"),
        {**life.common(), "CallStatus": "ringing", "From": canaries.number(world.numbers.take()), "To": "+12025550000"},
        world.credentials.auth_token,
    )
    assert gateway.deliver(stranger).status == 204
    foreign = life.status("ringing", 1, 3, AccountSid="AC" + "0" * 32, CallerName=canaries.text("a foreign name"))
    assert gateway.deliver(foreign).status == 403
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    body = urlencode({"Body": canaries.text("a message"), "From": canaries.number(world.numbers.take())}).encode()
    signature = [("X-Twilio-Signature", canaries.text("a forged signature"))]
    for path in ("voice", "status", "amd", "stream", "recording", "fallback", canaries.text("a webhook's path")):
        target = f"/webhooks/twilio/{path}?call={canaries.text('a call in a query')}"
        assert gateway.send("POST", target, headers=form + signature, body=body).status in (403, 404)
    assert gateway.deliver(life.voice()).status == 200


def in_vendors_answers(world, canaries):
    """They quote what they were sent, and say what nobody asked for."""
    gateway, agent = world.gateway, world.new_agent(prompt="Greet {{visitor}}.")
    for vendor, broken in itertools.product((world.twilio, world.ultravox), BREAKS):
        number = canaries.number(world.numbers.take())
        words = {"template_context": {"visitor": canaries.text("a template value")}}
        for status in (400, 401, 404):
            quoted = forging(f"{number} {words} {canaries.text('a vendor says')}", broken)
            document = {"code": 21211, "message": quoted, "detail": quoted, "more_info": quoted, "status": status}
            headers = [("X-Whatever", canaries.text("a vendor's header"))]
            vendor.weather = Always(answered(status, document, headers=headers))
            answer = gateway.call("POST", f"/calls/{agent}", {"phone_number": number, **words})
            assert answer.status in (422, 502, 503), answer
            assert gateway.call("GET", f"/calls/{answer.json().get('call_id')}").status in (200, 404)
        vendor.weather = None
    # Answers of no shape at all: what became of the order is unknown.
    shapes = (canaries.text("a string"), {"sid": canaries.text("no sid")}, [canaries.text("no object")])
    for document in shapes:
        world.twilio.weather = Always(answered(201, document))
        order = {"phone_number": canaries.number(world.numbers.take()), "template_context": {"visitor": "x"}}
        assert gateway.call("POST", f"/calls/{agent}", order).status in (202, 502, 503)
        world.twilio.weather = None
        world.ultravox.weather = Always(answered(201, document))
        order["phone_number"] = canaries.number(world.numbers.take())
        assert gateway.call("POST", f"/calls/{agent}", order).status in (502, 503)
        world.ultravox.weather = None
        world.reassure(world.new_agent(), 4)


def in_connections_that_break(world, canaries):
    """Clients that hang up in the middle of what they send."""
    key = ("X-API-Key", world.gateway.api_key)
    fields = [key, ("Content-Type", "application/json"), ("Referer", canaries.text("a referrer"))]
    document = {"phone_number": canaries.number(world.numbers.take()), "x": canaries.text("half a body")}
    body = json.dumps(document).encode()
    message = request("POST", "/calls/" + canaries.text("an agent"), fields, body)
    for cut in (3, 20, len(message) - len(body) - 10, len(message) - 5, len(message)):
        connection = Connection(world.gateway.origin)
        connection.send(message[:cut])
        connection.close()
    assert exchange(world.gateway.origin, "GET", "/health/live").status == 200


def test_the_log_is_talkative_enough_for_this_test_to_mean_something(told):
    assert len(told.lines) > 500 and len(told.canaries.texts) > 200
    assert any("trace" in line.lower() for line in told.lines)


def test_no_log_line_holds_a_canary(told):
    found = told.canaries.found_in(told.lines)
    assert not found, f"{len(found)}: {found[:5]}"


@pytest.mark.parametrize("where", ["the command line", "/metrics", "/health", "/dead-letters", "check"])
def test_nothing_that_others_read_holds_a_canary(told, where):
    text = told.others[where]
    found = told.canaries.found_in([text])
    assert text and not found, f"{len(found)}: {found[:5]}"


def test_numbers_are_masked_where_they_stand_in_a_line(told):
    # Not simply left out: an operator must be able to tell calls apart.
    endings = {number[-4:] for number in told.canaries.numbers}
    assert any("phone.number" in line and line_ending(line) in endings for line in told.lines)


def line_ending(line):
    found = re.search(r"phone\.number\W+([^\s\",]+)", line)
    return found.group(1)[-4:] if found else None


def test_no_line_is_forged(told):
    forged = [line for line in told.lines if FORGERY in line]
    assert not forged, forged[:3]
    for line in told.lines:
        if told.format == "json":
            entry = json.loads(line)
            assert isinstance(entry, dict) and {"time", "level", "message"} <= set(entry), line
            assert all(isinstance(value, str) for value in entry.values()), line
        else:
            assert TEXT_LINE.fullmatch(line), repr(line)
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", line), repr(line)


def test_the_metrics_do_not_grow_with_what_clients_send(told):
    series = [line for line in told.others["/metrics"].splitlines() if line and not line.startswith("#")]
    assert len(series) == len({line.rsplit(" ", 1)[0] for line in series}) < 1500


def test_the_search_finds_a_canary_in_each_spelling():
    canaries = Canaries()
    text, number = canaries.text("something"), canaries.number("+12125550142")
    numbers = (quote(number, safe=""), "tel:12125550142", "(212) 555-0142", "212-555-0142")
    for seen in (text, text.encode().hex(), *numbers):
        assert canaries.found_in(["nothing here", f"a line with {seen} in it"]), seen
    assert not canaries.found_in(["+1********42", "…0142", text[:-1]])


def test_a_secret_is_not_taken_from_the_command_line(tmp_path):
    for name in ("TWILIO_AUTH_TOKEN", "API_KEYS", "ULTRAVOX_API_KEY", "ULTRAVOX_WEBHOOK_SECRETS", "UPSTREAM_PROXY"):
        canary = secrets.token_hex(16)
        program = Program(["serve", "--set", f"{name}={canary}"], {}, tmp_path)
        assert program.end(within=20) == 78
        output = "\n".join(program.lines)
        assert name in output and canary not in output
    assert os.listdir(tmp_path) == []
