"""Health: little for everybody, all that an operator asks for with a key, and no vendor is troubled for it."""

import base64
import secrets
import subprocess
import time

import pytest

from conftest import PUBLIC_BASE_URL, TWILIO_PHONE_NUMBER
from harness.comparing import parsed_time
from harness.crowd import request, send_all
from harness.probes import is_probe
from harness.process import Program, executable
from harness.waiting import eventually
from standins.faults import Fault, answered
from standins.scripted import Down
from test_secrets import spellings


def detail(world):
    answer = world.gateway.call("GET", "/health")
    assert answer.status == 200, answer
    return answer.json()


def status(world):
    answer = world.gateway.send("GET", "/health")
    assert answer.status == 200 and set(answer.json()) == {"status"}, answer
    return answer.json()["status"]


def is_ready(world):
    return world.gateway.send("GET", "/health/ready").status == 200


def probes(world):
    with world.twilio.lock, world.ultravox.lock:
        return sum(is_probe(entry) for vendor in (world.twilio, world.ultravox) for entry in vendor.ledger)


@pytest.fixture(scope="module")
def well(start_world):
    """A gateway that has heard of both vendors."""
    world = start_world(
        TWILIO_AUTH_TOKEN_SECONDARY="secondary-" + secrets.token_hex(12),
        ULTRAVOX_WEBHOOK_SECRETS=f"hooks-{secrets.token_hex(12)},hooks-{secrets.token_hex(12)}",
        API_KEYS=f"first:{secrets.token_hex(16)},second:{secrets.token_hex(16)}",
        SWITCHBOARD_API_KEY="client-" + secrets.token_hex(16),
    )
    eventually(lambda: {one["status"] for one in detail(world)["vendors"].values()} == {"ok"}, what="well vendors")
    return world


def test_without_a_key_there_is_the_status_alone(well):
    for target in ("/health", f"/health?api_key={well.gateway.api_key}"):
        answer = well.gateway.send("GET", target)
        assert (answer.status, answer.json()) == (200, {"status": "ok"})
        assert answer.header("content-type") == "application/json" and answer.header("cache-control") == "no-store"
    assert well.gateway.send("GET", "/health/live").json() == {"status": "live"}
    assert well.gateway.send("GET", "/health/ready").json() == {"status": "ready"}
    for path in ("/health", "/health/live", "/health/ready"):
        assert well.gateway.send("HEAD", path).status == 200
        assert (refused := well.gateway.send("POST", path)).status == 405 and refused.header("allow")


def test_an_authorization_that_is_meant_for_somebody_else_does_not_matter(well):
    own = ("Authorization", "Bearer " + well.gateway.api_key)
    for fields in (
        [("Authorization", "Basic " + base64.b64encode(b"proxy:password").decode())],
        [("Authorization", "Basic " + well.gateway.api_key)],
        [("Authorization", "Bearer wrong")],
        [("Authorization", "Bearer")],
        [("Authorization", "Digest username=a")],
        [("Authorization", "")],
        [own, own],
    ):
        answer = well.gateway.send("GET", "/health", headers=fields)
        assert (answer.status, answer.json()) == (200, {"status": "ok"}), fields
        # The REST API has no such mercy.
        assert well.gateway.send("GET", "/calls", headers=fields).status == 401


def test_a_key_that_is_wrong_is_told_so(well):
    key = ("X-API-Key", well.gateway.api_key)
    for fields in (
        [("X-API-Key", "wrong-" + secrets.token_hex(16))],
        [("X-API-Key", "")],
        [("X-API-Key", well.gateway.api_key[:-1])],
        [("X-API-Key", "wrong"), ("Authorization", "Basic cHJveHk6cGFzc3dvcmQ=")],
        [key, key],
        [key, ("Authorization", "Bearer " + well.gateway.api_key)],
    ):
        answer = well.gateway.send("GET", "/health", headers=fields)
        assert answer.status == 401 and answer.json()["code"] == "unauthorized", answer
        assert answer.header("www-authenticate") and "configuration" not in answer.text
        # Whoever only asks whether it is up, or ready, is told, whatever else the request shows.
        assert well.gateway.send("GET", "/health/ready", headers=fields).status == 200


def test_with_a_key_there_is_the_detail(well):
    for key in [pair.partition(":")[2] for pair in well.gateway.environment["API_KEYS"].split(",")]:
        for field in (("X-API-Key", key), ("Authorization", "Bearer " + key)):
            document = well.gateway.send("GET", "/health", headers=[field]).json()
            assert document["status"] == "ok"
    version = subprocess.run([executable(), "--version"], capture_output=True, text=True, timeout=20).stdout.strip()
    assert version and document["version"] == version
    assert isinstance(document["uptime_seconds"], int) and 0 <= document["uptime_seconds"] < 600
    assert set(document["vendors"]) == {"twilio", "ultravox"}
    for vendor in document["vendors"].values():
        assert (vendor["status"], vendor["breaker"], vendor["reason"]) == ("ok", "closed", None)
        parsed_time(vendor["checked_at"])
        assert 0 <= vendor["age_seconds"] <= 31
    assert document["dialing"]["enabled"] is True
    assert document["queue"] == {"waiting": 0}


def test_the_configuration_is_whole_and_holds_no_secret(well):
    answer = well.gateway.call("GET", "/health")
    shown = answer.json()["configuration"]
    environment = well.gateway.environment
    assert shown["PUBLIC_BASE_URL"] == PUBLIC_BASE_URL
    assert shown["LOG_LEVEL"] == environment["LOG_LEVEL"]
    assert shown["SHUTDOWN_GRACE"] == environment["SHUTDOWN_GRACE"]
    assert shown["QUEUE_LIMIT"] == "1000"  # a default
    # Values, as they count, and no words for what is not there.
    assert shown["PORT"] == well.gateway.origin.rpartition(":")[2]
    assert shown["ALLOWED_COUNTRIES"] == "US" and shown["KEEP_ALIVE"] == "75s" and shown["LOG_FORMAT"] == "json"
    assert shown["RECONCILE_AFTER"] == "15m" and shown["QUEUE_MAX_WAIT"] == "1m"
    assert shown["INBOUND_AGENT_ID"] is shown["MAX_CALLS_PER_DAY"] is shown["TWIML_DIR"] is None
    assert not [value for value in shown.values() if value and " " in value]
    assert shown["TWILIO_PHONE_NUMBER"].endswith(TWILIO_PHONE_NUMBER[-4:])
    hidden = {name: value for name, value in environment.items() if name not in shown}
    assert set(hidden) == {
        "TWILIO_AUTH_TOKEN",
        "TWILIO_AUTH_TOKEN_SECONDARY",
        "ULTRAVOX_API_KEY",
        "ULTRAVOX_WEBHOOK_SECRETS",
        "API_KEYS",
        "SWITCHBOARD_API_KEY",
    }
    for name, value in [*hidden.items(), ("TWILIO_PHONE_NUMBER", TWILIO_PHONE_NUMBER)]:
        for part in value.split(","):
            secret = part.partition(":")[2] or part
            assert not [one for one in spellings(secret) if one in answer.text], name
    assert TWILIO_PHONE_NUMBER[1:] not in answer.text


def in_progress(world):
    calls = detail(world)["calls"]
    return calls["in_progress"], {name: number for name, number in calls["by_status"].items() if number}


def test_calls_in_progress_are_counted(start_world):
    world = start_world()
    agent = world.new_agent()
    orders = [world.order(agent) for _ in range(3)]
    assert in_progress(world) == (3, {"queued": 3})
    assert world.gateway.deliver(orders[0].life.status("ringing", 1, 3)).status == 204
    for message in orders[1].life.completed():
        assert world.gateway.deliver(message).status in (200, 204)
    assert in_progress(world) == (2, {"queued": 1, "ringing": 1, "completed": 1})


def test_inbound_calls_in_progress_are_counted(start_world):
    world = start_world()
    caller = world.inbound()
    assert world.gateway.deliver(caller.voice()).status == 200
    assert in_progress(world)[0] == 1


def test_orders_that_wait_are_counted_and_the_switch_is_shown(start_world):
    world = start_world(CALLS_PER_SECOND="0.1")
    agent = world.new_agent()
    placed = [world.place(agent)[0].json()["status"] for _ in range(4)]
    document = detail(world)
    assert document["queue"]["waiting"] == placed.count("pending") > 0
    assert document["calls"]["in_progress"] == 4
    switched = world.gateway.call("PUT", "/dialing", {"enabled": False, "reason": "a drill"})
    assert switched.status == 200
    assert detail(world)["dialing"] == switched.json()
    assert is_ready(world)


def test_reading_health_asks_no_vendor(well):
    before, since = probes(well), time.monotonic()
    with_key = request("GET", "/health", [("X-API-Key", well.gateway.api_key)])
    requests = [with_key, request("GET", "/health"), request("GET", "/health/ready")] * 500
    answers = send_all(well.gateway.origin, requests)
    assert {answer.status for answer in answers} == {200}
    # Each vendor is asked by the gateway's own clock, when nothing was heard of it for half a minute.
    allowed = 2 * (1 + (time.monotonic() - since) // 30)
    assert probes(well) - before <= allowed


DOWN = {
    "answers 503": answered(503, {"message": "Service unavailable"}),
    "closes the connection": Fault("closed", lambda exchange: exchange.read()),
}


@pytest.mark.parametrize("fault", DOWN)
@pytest.mark.parametrize("vendor", ["twilio", "ultravox"])
def test_a_vendor_that_is_down_makes_it_degraded_not_unready(start_world, vendor, fault):
    world = start_world()
    agent = world.new_agent()
    world.reassure(agent, 12)
    assert status(world) == "ok"
    standin = getattr(world, vendor)
    standin.weather = Down(DOWN[fault])
    assert world.place(agent)[0].status in (202, 502, 503)
    assert status(world) == "degraded" and is_ready(world)
    document = detail(world)
    told = document["vendors"].pop(vendor)
    (other,) = document["vendors"].values()
    assert (document["status"], told["status"], other["status"]) == ("degraded", "unreachable", "ok")
    assert told["reason"] and "\n" not in told["reason"]
    standin.weather = None
    assert world.place(agent)[0].status == 201
    assert status(world) == "ok" and detail(world)["vendors"][vendor]["reason"] is None


def test_a_vendor_that_refuses_this_gateway_makes_it_degraded(start_world):
    world = start_world()
    agent = world.new_agent()
    world.twilio.change_token(secrets.token_hex(16))
    assert world.place(agent)[0].status == 502
    assert status(world) == "degraded" and is_ready(world)
    told = detail(world)["vendors"]["twilio"]
    assert (told["status"], told["breaker"]) == ("refused", "closed")
    world.twilio.change_token(world.credentials.auth_token)
    assert world.place(agent)[0].status == 201
    assert status(world) == "ok"


def test_vendors_that_hang_do_not_hold_up_health(start_world):
    def hang(exchange):
        exchange.read()
        exchange.standin.stopping.wait(60)

    # It has not heard of either vendor yet: they hang from the first request on.
    def begin(world):
        world.twilio.weather = world.ultravox.weather = Down(Fault("hangs", hang))
        return "2s"

    world = start_world(SHUTDOWN_GRACE=begin)
    since = time.monotonic()
    for _ in range(50):
        assert status(world) in ("ok", "degraded") and is_ready(world)
    # One vendor request alone may take ten seconds.
    assert time.monotonic() - since < 8
    assert {one["status"] for one in detail(world)["vendors"].values()} <= {"unknown", "unreachable"}
    eventually(lambda: status(world) == "degraded", within=25, what="the end of patience with the vendors")
    assert is_ready(world)


def test_an_open_breaker_is_shown(start_world):
    world = start_world()
    agent = world.new_agent()
    world.twilio.weather = Down(answered(503, {"message": "Service unavailable"}))
    for _ in range(20):
        world.place(agent)
    told = detail(world)["vendors"]["twilio"]
    assert (told["status"], told["breaker"]) == ("unreachable", "open")
    assert status(world) == "degraded" and is_ready(world)
    world.twilio.weather = None
    eventually(lambda: status(world) == "ok", within=15, what="the recovery")
    assert detail(world)["vendors"]["twilio"]["breaker"] == "closed"


def asked(directory, *arguments, **environment):
    """The exit code and the output of `switchboard health`."""
    program = Program(["health", *arguments], environment, directory)
    try:
        status = program.end(within=30)
    finally:
        program.stop()
    return status, "\n".join(program.lines)


def test_the_command_finds_the_gateway_where_serve_would_listen(well, tmp_path):
    port = well.gateway.origin.rpartition(":")[2]
    (tmp_path / "port").write_text(port + "\n")
    assert asked(tmp_path, HOST="0.0.0.0", PORT=port) == (0, "")
    assert asked(tmp_path, PORT_FILE=str(tmp_path / "port")) == (0, "")
    # Whatever is wrong with settings that it does not need.
    (tmp_path / ".env").write_text(f"HOST='0.0.0.0'\nPORT={port}\nAPI_KEYS=short\noops\n")
    assert asked(tmp_path) == (0, "")
    assert asked(tmp_path, "--ready") == (0, "")
    assert asked(tmp_path, PORT="9")[0] == 1


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "0"}, "PORT is 0"),
        ({"PORT": "x"}, "PORT is not a whole number"),
        ({"PORT_FILE": "/nonexistent/port"}, "PORT_FILE names a file that does not exist"),
        ({"HOST": "203.0.113.1"}, "HOST is not a loopback address"),
    ],
)
def test_the_command_says_so_where_it_cannot_know(tmp_path, environment, words):
    status, output = asked(tmp_path, **environment)
    assert status == 78 and words in output and "--url" in output, output
