"""A whole call at the most talkative log level, with canaries in every secret place: none may be seen in a log line."""

import base64
import json
from types import SimpleNamespace
from urllib.parse import quote, quote_plus

import pytest

from conftest import TWILIO_PHONE_NUMBER
from harness.waiting import eventually
from standins.faults import answered
from standins.life import SHORT_SUMMARY, SUMMARY
from standins.scripted import Always

VARIABLE = "canary-template-variable-Zo8q"


def spellings(secret):
    """The secret as it stands, percent-encoded, and in base64 at each of its three alignments."""
    raw = secret.encode()
    found = {secret, raw.hex(), raw.hex().upper(), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], secret.replace("/", "\\/")}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        # Only characters that the secret alone decides, whatever stands around it.
        inner = encoded[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return found


@pytest.fixture(scope="module")
def told(start_world):
    """Everything that the gateway said of a call that went through all stations, and of some that did not."""
    world = start_world(
        LOG_LEVEL="trace",
        TWILIO_AUTH_TOKEN_SECONDARY="canary-secondary-0123456789abcdef",
        ULTRAVOX_WEBHOOK_SECRETS="canary-webhook-secret-0123456789",
    )
    gateway = world.gateway
    agent = world.new_agent(prompt="Greet {{visitor}}.", greeting="Hello {{visitor}}")
    order = world.order(
        agent,
        machine_detection="detect",
        record=True,
        template_context={"visitor": VARIABLE},
    )
    for message in order.life.completed() * 2:
        assert gateway.deliver(message).status in (200, 204)
    join_urls = [order.call["join_url"]]

    refused = world.order(agent, template_context={"visitor": VARIABLE})
    join_urls.append(refused.call["join_url"])
    forged = refused.life.status("ringing", 1, 3)
    forged.auth_token = "not the token"
    assert gateway.deliver(forged).status == 403
    joined = refused.life.ultravox("joined", joined=13)
    joined.secret = "not the secret"
    assert gateway.deliver(joined).status == 403
    assert gateway.call("POST", f"/calls/{refused.call['id']}/hangup").status == 202

    # A vendor that quotes what it was sent, credentials and all.
    quoted = world.numbers.take()
    answers = []
    words = {"template_context": {"visitor": VARIABLE}, "metadata": {"a": VARIABLE}}
    for status in (400, 401, 503):
        world.twilio.weather = Always(
            answered(
                status,
                {
                    "code": 21211,
                    "message": f"{quoted} with {world.credentials.auth_token} {world.twilio.credentials}",
                    "status": status,
                },
            )
        )
        answers.append(gateway.call("POST", f"/calls/{agent}", {"phone_number": quoted, **words}))
    world.twilio.weather = None
    world.ultravox.weather = Always(answered(401, {"detail": f"bad key {gateway.environment['ULTRAVOX_API_KEY']}"}))
    answers.append(gateway.call("POST", f"/calls/{agent}", {"phone_number": world.numbers.take(), **words}))
    world.ultravox.weather = None

    wrong_key = "canary-wrong-key-" + "w" * 24
    assert gateway.send("GET", "/calls", headers=[("X-API-Key", wrong_key)]).status == 401
    assert gateway.send("GET", f"/calls?api_key={world.credentials.api_key}").status == 401
    assert (
        gateway.send("GET", "/calls", headers=[("Authorization", "Bearer " + world.credentials.api_key)]).status == 200
    )
    number = world.numbers.take()
    answers.append(gateway.call("POST", f"/calls/{agent}", {"phone_number": number, "Url": number}))
    canary_headers = [("Idempotency-Key", "canary-idempotency-key"), ("X-Request-ID", number), ("User-Agent", number)]
    answers.append(gateway.call("POST", f"/calls/{agent}", {"phone_number": number + " "}, headers=canary_headers))
    # An error names the path that the client asked for itself, so this one is for the log alone.
    assert gateway.call("GET", f"/calls/{quote(number, safe='')}", headers=canary_headers).status == 404
    answers.append(gateway.call("PUT", f"/agents/{agent}", {"name": VARIABLE + "\r\n", "prompt": "\u0000" + number}))
    answers.append(gateway.call("GET", "/agents?limit=x&search=%0d%0a" + number[1:]))
    assert {answer.status for answer in answers} <= {202, 422, 502, 503}, answers
    with open(f"/proc/{gateway.pid}/cmdline", "rb") as file:
        command_line = file.read().decode()
    metrics = gateway.call("GET", "/metrics").text
    health = gateway.call("GET", "/health").text
    assert gateway.call("GET", "/calls?phone_number=" + quote(number, safe="")).status == 200
    assert gateway.call("GET", f"/calls/{order.call['id']}").status == 200
    eventually(lambda: len(gateway.lines) > 10, what="log lines at the level trace")
    assert world.stop() == 0

    environment = gateway.environment
    secrets = {
        "TWILIO_AUTH_TOKEN": environment["TWILIO_AUTH_TOKEN"],
        "TWILIO_AUTH_TOKEN_SECONDARY": environment["TWILIO_AUTH_TOKEN_SECONDARY"],
        "ULTRAVOX_API_KEY": environment["ULTRAVOX_API_KEY"],
        "ULTRAVOX_WEBHOOK_SECRETS": environment["ULTRAVOX_WEBHOOK_SECRETS"],
        "the client's API key": world.credentials.api_key,
        "a key that was refused": wrong_key,
        "the secret of a per-call callback": order.life.callbacks["ended"]["secrets"][0],
        "a genuine signature": order.life.status("ringing", 1, 3).signature(),
    }
    for n, url in enumerate(join_urls):
        secrets[f"join URL {n}"] = url
        secrets[f"the secret part of join URL {n}"] = url.split("/")[-2]
    numbers = [order.number, refused.number, number, quoted, environment["TWILIO_PHONE_NUMBER"]]
    # What is told elsewhere than in the log: a call's own number belongs into the call, not into an error.
    errors = [answer.text for answer in answers if answer.status != 202]
    return SimpleNamespace(
        lines=list(gateway.lines),
        others=[command_line, metrics, health, *errors],
        secrets=secrets,
        numbers=numbers,
    )


def lines_with(lines, needles):
    return [line[:400] for line in lines if any(needle in line for needle in needles)]


def test_the_log_is_talkative_enough_for_this_test_to_mean_something(told):
    assert len(told.lines) > 30


def test_no_log_line_holds_a_secret_in_any_spelling(told):
    for name, secret in told.secrets.items():
        assert not (found := lines_with(told.lines, spellings(secret))), f"{name}: {found[:3]}"


def test_no_log_line_holds_a_whole_phone_number(told):
    for number in told.numbers:
        national = number.removeprefix("+1")
        needles = spellings(number) | {number[1:], national, f"({national[:3]}) {national[3:6]}-{national[6:]}"}
        assert not (found := lines_with(told.lines, needles)), f"{number}: {found[:3]}"


def test_no_log_line_holds_what_was_said_or_whom_it_was_about(told):
    for text in (SUMMARY, SHORT_SUMMARY, VARIABLE):
        assert not (found := lines_with(told.lines, spellings(text))), f"{text}: {found[:3]}"


def test_no_metric_error_health_or_command_line_holds_a_secret_or_a_number(told):
    assert "switchboard_http_requests_total" in told.others[1]
    assert any("21211" in text for text in told.others)
    for name, secret in told.secrets.items():
        assert not (found := lines_with(told.others, spellings(secret))), f"{name}: {found[:3]}"
    *numbers, example = told.numbers  # the last one is what our own errors give as an example
    assert example == TWILIO_PHONE_NUMBER
    for number in numbers:
        assert not (found := lines_with(told.others, spellings(number) | {number[1:]})), f"{number}: {found[:3]}"


def test_every_log_line_is_one_json_object(told):
    for line in told.lines:
        assert isinstance(json.loads(line), dict), line


def test_the_search_finds_a_secret_in_each_spelling():
    secret = "canary+secret/with=specials"
    for prefix in ("", "a", "ab", "user:"):
        haystack = base64.b64encode((prefix + secret + "tail").encode()).decode()
        assert lines_with([haystack], spellings(secret)), prefix
    assert lines_with([quote(secret, safe="")], spellings(secret))
    assert lines_with([secret], spellings(secret)) and lines_with([secret.encode().hex()], spellings(secret))
    assert not lines_with(["canary+secret"], spellings(secret))
