"""One name for all that an order causes: in every line of the log, to its end, and at Ultravox."""

import json
import re
import secrets
from collections import Counter

import pytest

from harness.comparing import parsed_time
from harness.probes import is_probe
from harness.raw import converse
from harness.waiting import eventually
from standins.faults import answered
from standins.life import timestamp_now, ultravox_signature
from standins.scripted import Always

OTHER_API_KEY = "other-client-" + secrets.token_hex(16)
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Log:
    """The lines of a gateway from a certain one on, as objects."""

    def __init__(self, world):
        self.world, self.begin, self.probes = world, self._lines_until_now(world), self._probes(world)

    @staticmethod
    def _lines_until_now(world):
        """The number of lines once a request made now is among them: a line is written a little after it is logged."""
        mark = "mark-" + secrets.token_hex(8)
        world.gateway.send("GET", "/health/live", headers=[("X-Request-ID", mark)])
        is_mark = lambda line: mark in line and "request answered" in line
        return eventually(
            lambda: next((n + 1 for n, line in enumerate(list(world.gateway.lines)) if is_mark(line)), None),
            what="the log line of a request",
        )

    @staticmethod
    def _probes(world):
        return sum(is_probe(entry) for vendor in (world.twilio, world.ultravox) for entry in vendor.requests())

    def entries(self):
        """Without those of the framework's that count connections."""
        entries = [json.loads(line) for line in list(self.world.gateway.lines)[self.begin :]]
        return [entry for entry in entries if "hb.connections" not in entry]

    def access(self):
        return [entry for entry in self.entries() if entry["message"] == "request answered"]

    def strangers(self, *names):
        """Lines that carry none of these names, apart from the two or three of each look at a vendor's health."""
        strangers = [
            entry for entry in self.entries() if not {entry.get("request.id"), entry.get("correlation.id")} & set(names)
        ]
        looks = 3 * (self._probes(self.world) - self.probes)
        return strangers if looks == 0 or len(strangers) > looks else []


@pytest.fixture(scope="module")
def start_quiet(start_world):
    """A gateway at trace that has looked at its vendors and will not do so again within this test's time."""

    def start(**settings):
        world = start_world(LOG_LEVEL="trace", **settings)
        agent = world.new_agent()
        world.order(agent)
        vendors = lambda: world.gateway.call("GET", "/health").json()["vendors"].values()
        eventually(lambda: all(vendor["status"] == "ok" for vendor in vendors()), what="well vendors")
        return world, agent

    return start


@pytest.fixture(scope="module")
def quiet(start_quiet):
    return start_quiet()


def order(world, agent, name, **fields):
    document = {"phone_number": world.numbers.take(), **fields}
    return world.gateway.call("POST", f"/calls/{agent}", document, headers=[("X-Request-ID", name)])


def deliver(world, message, name=None):
    """As `Gateway.deliver`, with a name of the request's own."""
    headers = message.headers() + ([("X-Request-ID", name)] if name else [])
    target = message.target(world.gateway.public_base_url)
    return world.gateway.send(message.method, target, headers=headers, body=message.body())


def test_every_line_that_an_order_causes_carries_its_name(quiet):
    world, agent = quiet
    log, name = Log(world), "corr-" + secrets.token_hex(4)
    answer = order(world, agent, name, machine_detection="detect", record=True)
    assert answer.status == 201 and answer.header("x-request-id") == name
    eventually(log.access, what="its access line")
    assert len(log.entries()) >= 5, "the log is not talkative enough for this test to mean something"
    assert not log.strangers(name)
    (access,) = log.access()
    # All of them name the API key that ordered.
    assert {entry.get("api.key") for entry in log.entries() if entry.get("request.id") == name} == {"test"}
    call = answer.json()
    assert (access["call.id"], access["call.sid"]) == (call["id"], call["call_sid"])
    assert access["correlation.id"] == access["request.id"] == name


def test_the_agent_call_carries_it_to_ultravox(quiet):
    world, agent = quiet
    name = "corr-" + secrets.token_hex(4)
    call = order(world, agent, name, metadata={"mine": "yes"}).json()
    (request,) = world.agent_calls_for(call["id"])
    metadata = request.json()["metadata"]
    assert metadata["switchboard_correlation_id"] == name and metadata["switchboard_call_id"] == call["id"]
    # It is not the client's: what a client put in, it gets back.
    assert world.gateway.look_up(call["id"])["metadata"] == {"mine": "yes"}


def test_every_line_that_a_webhook_causes_carries_it_too(quiet):
    world, agent = quiet
    name = "corr-" + secrets.token_hex(4)
    answer = order(world, agent, name, machine_detection="detect", record=True)
    life = world.life_of(answer.json(), world.twilio.creates[-1].field("To"))
    log, given = Log(world), []
    for message in life.completed() * 2:
        taken = deliver(world, message)
        assert taken.status in (200, 204)
        given.append(taken.header("x-request-id"))
    eventually(lambda: len(log.access()) == len(given), what="an access line for each webhook")
    assert not log.strangers(name)
    lines = [entry for entry in log.entries() if entry.get("correlation.id") == name]
    for entry in lines:
        assert entry["request.id"] in given, entry  # its own name is not the order's
        assert entry["call.id"] == answer.json()["id"], entry
    changes = [entry["call.status"] for entry in lines if entry["message"] == "call status changed"]
    assert changes == ["initiated", "ringing", "in-progress", "completed"]
    assert {entry.get("outcome") for entry in log.access()} >= {"applied", "already_known"}


def test_a_webhook_of_no_use_carries_the_name_of_its_call(quiet):
    world, agent = quiet
    name = "corr-" + secrets.token_hex(4)
    answer = order(world, agent, name)
    life = world.life_of(answer.json(), world.twilio.creates[-1].field("To"))
    log = Log(world)
    assert deliver(world, life.status("teleported", 1, 3)).status == 204
    eventually(log.access, what="an access line")
    assert not log.strangers(name)


def test_hang_ups_and_look_ups_carry_it(quiet):
    world, agent = quiet
    name = "corr-" + secrets.token_hex(4)
    call = order(world, agent, name).json()
    log = Log(world)
    asked = (("GET", ""), ("GET", "/transcript"), ("POST", "/hangup"))
    for n, (method, path) in enumerate(asked):
        target = f"/calls/{call['id']}{path}"
        assert world.gateway.call(method, target, headers=[("X-Request-ID", f"later-{n}")]).status in (200, 202)
    eventually(lambda: len(log.access()) == len(asked), what="an access line for each")
    assert not log.strangers(name, "later-0", "later-1", "later-2")
    for entry in log.access() + [entry for entry in log.entries() if entry["message"] == "call status changed"]:
        assert (entry.get("correlation.id"), entry.get("call.id")) == (name, call["id"]), entry


def test_a_hang_up_that_a_machine_causes_carries_it(quiet):
    world, agent = quiet
    name = "corr-" + secrets.token_hex(4)
    answer = order(world, agent, name, machine_detection="hang_up")
    life = world.life_of(answer.json(), world.twilio.creates[-1].field("To"))
    log = Log(world)
    assert deliver(world, life.machine_detection("machine_start")).status == 204
    sid = answer.json()["call_sid"]
    eventually(lambda: world.twilio.requests("POST", f"/Calls/{sid}.json"), what="the hang-up")
    eventually(lambda: "canceled" in str(log.entries()), what="its outcome in the log")
    assert not log.strangers(name)


def test_an_order_that_waits_for_its_turn_carries_it_in_the_background(start_quiet):
    world, agent = start_quiet(CALLS_PER_SECOND="0.3")
    log, name = Log(world), "corr-" + secrets.token_hex(4)
    answer = order(world, agent, name)
    assert (answer.status, answer.json()["status"]) == (202, "pending")
    number = answer.json()["phone_number"]
    eventually(lambda: world.twilio.creates_for(number), within=20, what="its turn")
    queued = '"call.status":"queued"'
    eventually(lambda: any(queued in line for line in world.gateway.lines[log.begin :]), what="its outcome in the log")
    assert not log.strangers(name)
    assert {entry.get("api.key") for entry in log.entries() if entry.get("request.id") == name} == {"test"}
    (request,) = world.agent_calls_for(answer.json()["id"])
    assert request.json()["metadata"]["switchboard_correlation_id"] == name


def test_what_is_cleared_away_after_a_refusal_carries_it(start_quiet):
    world, agent = start_quiet()
    world.twilio.weather = Always(answered(400, {"code": 21216, "message": "Account not allowed", "status": 400}))
    log, name = Log(world), "corr-" + secrets.token_hex(4)
    answer = order(world, agent, name)
    assert answer.status == 422 and answer.json()["request_id"] == name
    (deleted,) = eventually(lambda: world.ultravox.requests("DELETE"), what="the end of the prepared conversation")
    eventually(lambda: deleted.status == 204, what="its answer")
    eventually(lambda: [one for one in log.entries() if one.get("http.status") == "204"], what="it in the log")
    assert not log.strangers(name)


def test_a_conversation_that_begins_with_the_answer_carries_it(quiet):
    world, agent = quiet
    name = "corr-" + secrets.token_hex(4)
    answer = order(world, agent, name, join="on_answer")
    life = world.life_of(answer.json(), world.twilio.creates[-1].field("To"))
    log = Log(world)
    assert deliver(world, life.voice()).status == 200
    (request,) = world.agent_calls_for(answer.json()["id"])
    assert request.json()["metadata"]["switchboard_correlation_id"] == name
    eventually(log.access, what="an access line")
    assert not log.strangers(name)


def test_a_repetition_has_a_name_of_its_own_and_keeps_the_first(quiet):
    world, agent = quiet
    document, key = {"phone_number": world.numbers.take()}, ("Idempotency-Key", secrets.token_hex(8))
    log = Log(world)
    for name in ("first-try", "second-try"):
        headers = [key, ("X-Request-ID", name)]
        answer = world.gateway.call("POST", f"/calls/{agent}", document, headers=headers)
        assert answer.status == 201 and answer.header("x-request-id") == name
    assert answer.header("idempotent-replayed") == "true"
    eventually(lambda: len(log.access()) == 2, what="both access lines")
    assert [entry["request.id"] for entry in log.access()] == ["first-try", "second-try"]
    (create,) = world.agent_calls_for(answer.json()["id"])
    assert create.json()["metadata"]["switchboard_correlation_id"] == "first-try"


UNSANE = ["", " ", "a b", "a" * 65, 'a"b', "a,b", "ä", "a/b", "<b>", "a;b", "$(id)", "a\tb", "%0a", "{}", "+1555"]


@pytest.mark.parametrize("name", UNSANE)
def test_an_unsane_name_is_replaced(quiet, name):
    world, agent = quiet
    log = Log(world)
    answer = world.gateway.call("GET", "/agents?limit=1", headers=[("X-Request-ID", name.encode())])
    given = answer.header("x-request-id")
    assert answer.status == 200 and SANE.fullmatch(given) and given != name
    eventually(log.access, what="an access line")
    assert {entry["request.id"] for entry in log.access()} == {given}
    assert not [line for line in world.gateway.lines[log.begin :] if len(name) > 1 and f'"{name}"' in line]


def test_two_names_are_none(quiet):
    world, _ = quiet
    answer = world.gateway.call("GET", "/calls", headers=[("X-Request-ID", "one"), ("X-Request-ID", "two")])
    assert answer.status == 200 and answer.header("x-request-id") not in ("one", "two", "one, two")


def test_names_that_the_gateway_makes_are_never_the_same(quiet):
    world, _ = quiet
    given = [world.gateway.send("GET", "/health/live").header("x-request-id") for _ in range(200)]
    assert len(set(given)) == 200 and all(SANE.fullmatch(name) and len(name) >= 16 for name in given)


def test_one_access_line_for_each_request_with_status_and_time(start_quiet):
    world, agent = start_quiet(API_KEYS=lambda world: f"test:{world.credentials.api_key},billing:{OTHER_API_KEY}")
    gateway, log, answers, callers = world.gateway, Log(world), [], {}
    live = world.order(agent)
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    other, wrong = [("X-API-Key", OTHER_API_KEY)], [("X-API-Key", OTHER_API_KEY[:-1] + "x")]
    body = json.dumps({"event": "call.joined", "call": {}}).encode()
    stamp = timestamp_now()
    signature = ultravox_signature("wrong", body, stamp)
    signed = [("X-Ultravox-Webhook-Timestamp", stamp), ("X-Ultravox-Webhook-Signature", signature)]
    # Whose name has to be in the line: that of the key which the way in asked for and got.
    for caller, make in (
        ("test", lambda: gateway.call("GET", "/calls")),
        (None, lambda: gateway.send("GET", "/calls")),
        (None, lambda: gateway.send("GET", "/calls", headers=wrong)),
        ("billing", lambda: gateway.send("GET", "/calls", headers=other)),
        ("billing", lambda: gateway.send("GET", "/calls?limit=0", headers=other)),
        ("test", lambda: gateway.call("GET", f"/calls/{live.call['id']}")),
        ("test", lambda: gateway.call("GET", "/calls/call_nobody")),
        ("test", lambda: gateway.call("GET", "/calls?limit=zero")),
        (None, lambda: gateway.call("DELETE", "/calls")),
        (None, lambda: gateway.call("GET", "/nowhere")),
        (None, lambda: gateway.send("HEAD", "/health")),
        ("test", lambda: gateway.call("GET", "/health")),
        (None, lambda: gateway.send("OPTIONS", "/calls")),
        ("test", lambda: gateway.call("POST", f"/calls/{agent}", {"phone_number": "1"})),
        ("test", lambda: gateway.call("POST", f"/calls/{agent}", {"phone_number": world.numbers.take()})),
        ("test", lambda: gateway.send("POST", "/agents", headers=[("X-API-Key", gateway.api_key)], body=b"{")),
        (None, lambda: gateway.call("POST", "/agents", {"name": "x", "prompt": "x" * 300_000})),
        (None, lambda: gateway.send("POST", "/webhooks/twilio/status?call=x", headers=form, body=b"a=b")),
        (None, lambda: gateway.send("POST", "/webhooks/twilio/status", body=b"a=b")),
        (None, lambda: gateway.send("POST", "/webhooks/ultravox", headers=signed, body=body)),
        (None, lambda: gateway.deliver(live.life.status("ringing", 1, 3))),
        ("test", lambda: gateway.call("GET", "/metrics")),
    ):
        answers.append(make())
        callers[answers[-1].header("x-request-id")] = caller
    by_name = {answer.header("x-request-id"): answer for answer in answers}
    assert len(by_name) == len(answers)

    def found():
        return [entry for entry in log.access() if entry["request.id"] in by_name]

    eventually(lambda: len(found()) >= len(answers), what="an access line for each request")
    assert Counter(entry["request.id"] for entry in found()) == Counter(list(by_name))
    for entry in found():
        answer = by_name[entry["request.id"]]
        assert entry["http.status"] == str(answer.status) and entry["level"] == "info"
        assert 0 <= float(entry["duration.ms"]) < 60_000
        parsed_time(entry["time"])
        assert entry["http.method"] and entry["http.route"]
        assert entry.get("api.key") == callers[entry["request.id"]], entry
        if answer.header("content-type") == "application/problem+json":
            assert entry["outcome"] == answer.json()["code"] and answer.json()["request_id"] == entry["request.id"]


def test_a_request_whose_client_is_gone_has_its_line_too(quiet):
    world, agent = quiet
    log, name = Log(world), "gone-" + secrets.token_hex(4)
    world.twilio.weather = Always(answered(201, None, acts=True, after=0.5))
    body = json.dumps({"phone_number": world.numbers.take()})
    head = f"POST /calls/{agent} HTTP/1.1⏎Host: a⏎X-API-Key: {world.gateway.api_key}⏎X-Request-ID: {name}⏎"
    head += f"Content-Type: application/json⏎Content-Length: {len(body)}⏎Connection: close⏎⏎"
    conversation = converse(world.gateway.origin, head + body, finish=True)
    world.twilio.weather = None
    eventually(log.access, what="an access line")
    (entry,) = log.access()
    assert (entry["request.id"], entry["http.status"]) == (name, "201")
    assert conversation.statuses in ([201], [])
