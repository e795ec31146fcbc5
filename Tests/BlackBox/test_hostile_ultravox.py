"""Ultravox webhooks that are forged, stale, broken or odd: what is answered, and that nothing comes of it."""

import datetime
import json
import secrets

import pytest

from harness.unchanged import nothing_happens
from harness.wire import raw_exchange
from standins.life import timestamp_now, ultravox_signature

SECRET = "account-webhook-" + secrets.token_hex(16)
SECOND_SECRET = "account-webhook-" + secrets.token_hex(16)
MINUTES = datetime.timedelta(minutes=1)
TARGET = "/webhooks/ultravox"


@pytest.fixture(scope="module")
def world(start_world):
    return start_world(ULTRAVOX_WEBHOOK_SECRETS=f"{SECRET},{SECOND_SECRET}")


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


@pytest.fixture
def order(world, agent):
    return world.order(agent)


def body_of(order, event, **changes):
    kind = event.removeprefix("call.")
    if kind in ("joined", "ended", "billed"):
        times = {"joined": 13} if kind == "joined" else {"joined": 13, "ended": 56, "reason": "hangup"}
        call = order.life.ultravox(kind, **times, **({"billed": "48s"} if kind == "billed" else {})).document["call"]
    else:
        call = dict(order.life.ultravox_call)
    return json.dumps({"event": event, "call": {**call, **changes}}).encode()


def send(world, body, *, timestamp=None, signature=None, headers=None, target=TARGET, content_type="application/json"):
    timestamp = timestamp_now() if timestamp is None else timestamp
    signature = ultravox_signature(SECRET, body, timestamp) if signature is None else signature
    if headers is None:
        headers = [("X-Ultravox-Webhook-Timestamp", timestamp), ("X-Ultravox-Webhook-Signature", signature)]
    if content_type:
        headers = [("Content-Type", content_type), *headers]
    return world.gateway.send("POST", target, headers=headers, body=body)


def conversation(world, order):
    return world.gateway.look_up(order.call["id"])["conversation"]


def from_ultravox(world, order):
    return [entry for entry in world.gateway.look_up(order.call["id"])["timeline"] if entry["source"] == "ultravox"]


def test_the_genuine_message_is_accepted(world, order):
    assert send(world, body_of(order, "call.joined")).status == 204
    assert conversation(world, order)["joined_at"] == order.life.at(13).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_call_started_is_accepted_once(world, order):
    before = len(from_ultravox(world, order))
    for _ in range(3):
        assert send(world, body_of(order, "call.started")).status == 204
    assert len(from_ultravox(world, order)) - before <= 1
    assert world.gateway.look_up(order.call["id"])["status"] == "queued"


@pytest.mark.parametrize(
    "variant", ["bad, good", "good,bad", "second secret", "text/plain", "no content type", "per-call secret"]
)
def test_genuine_messages_of_other_shapes_are_accepted(world, order, variant):
    body, timestamp, options = body_of(order, "call.joined"), timestamp_now(), {}
    good, bad = ultravox_signature(SECRET, body, timestamp), "0" * 64
    if variant == "bad, good":
        options["signature"] = f"{bad}, {good}"
    elif variant == "good,bad":
        options["signature"] = f"{good},{bad}"
    elif variant == "second secret":
        options["signature"] = ultravox_signature(SECOND_SECRET, body, timestamp)
    elif variant == "per-call secret":
        callback = order.life.callbacks["joined"]
        options["signature"] = ultravox_signature(callback["secrets"][0], body, timestamp)
        options["target"] = callback["url"].removeprefix(world.gateway.public_base_url)
    else:
        options["content_type"] = {"text/plain": "text/plain", "no content type": None}[variant]
    assert send(world, body, timestamp=timestamp, **options).status == 204
    assert conversation(world, order)["joined_at"] is not None


@pytest.mark.parametrize(
    "style",
    ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00", "%Y-%m-%dT%H:%M:%S.123456Z", "%Y-%m-%dT%H:%M:%S.123456789+00:00"],
)
def test_full_date_times_are_timestamps(world, order, style):
    timestamp = datetime.datetime.now(datetime.timezone.utc).strftime(style)
    assert send(world, body_of(order, "call.joined"), timestamp=timestamp).status == 204
    assert conversation(world, order)["joined_at"] is not None


def test_a_timestamp_of_another_zone_is_read_as_that_instant(world, order):
    timestamp = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=5, minutes=30))).isoformat()
    assert send(world, body_of(order, "call.joined"), timestamp=timestamp).status == 204
    assert conversation(world, order)["joined_at"] is not None


@pytest.mark.parametrize(
    "timestamp",
    [
        "garbage",
        "",
        "1767323045",
        "2026",
        "now",
        "0",
        "-1",
        "9999-99-99T99:99:99Z",
        "2026-01-02",
        "12:00:00Z",
        "٢٠٢٦-01-02T03:04:05Z",
    ],
)
def test_a_timestamp_that_is_no_date_time_is_refused_although_signed(world, order, timestamp):
    body = body_of(order, "call.joined")
    signature = ultravox_signature(SECRET, body, timestamp)
    if timestamp.isascii():
        with nothing_happens(world, order):
            assert send(world, body, timestamp=timestamp, signature=signature).status == 403
        return
    request = (
        f"POST {TARGET} HTTP/1.1\r\nHost: gw.example.com\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
        f"X-Ultravox-Webhook-Timestamp: {timestamp}\r\nX-Ultravox-Webhook-Signature: {signature}\r\n\r\n"
    )
    with nothing_happens(world, order):
        status, _ = raw_exchange(world.gateway.origin, request.encode() + body)
        assert status in (400, 403)


@pytest.mark.parametrize("minutes", [-600, -10, -6, 6, 10, 600])
def test_stale_and_future_messages_are_refused_although_signed(world, order, minutes):
    with nothing_happens(world, order):
        assert send(world, body_of(order, "call.joined"), timestamp=timestamp_now(minutes * MINUTES)).status == 403


REFUSED = {
    "no headers": lambda t, s: [],
    "no timestamp": lambda t, s: [("X-Ultravox-Webhook-Signature", s)],
    "no signature": lambda t, s: [("X-Ultravox-Webhook-Timestamp", t)],
    "empty signature": lambda t, s: [("X-Ultravox-Webhook-Timestamp", t), ("X-Ultravox-Webhook-Signature", "")],
    "commas alone": lambda t, s: [("X-Ultravox-Webhook-Timestamp", t), ("X-Ultravox-Webhook-Signature", ",,,")],
    "upper case": lambda t, s: [("X-Ultravox-Webhook-Timestamp", t), ("X-Ultravox-Webhook-Signature", s.upper())],
    "cut short": lambda t, s: [("X-Ultravox-Webhook-Timestamp", t), ("X-Ultravox-Webhook-Signature", s[:-1])],
    "last digit changed": lambda t, s: [
        ("X-Ultravox-Webhook-Timestamp", t),
        ("X-Ultravox-Webhook-Signature", s[:-1] + ("0" if s[-1] != "0" else "1")),
    ],
    "other timestamp": lambda t, s: [
        ("X-Ultravox-Webhook-Timestamp", timestamp_now()),
        ("X-Ultravox-Webhook-Signature", s),
    ],
    "two timestamps": lambda t, s: [
        ("X-Ultravox-Webhook-Timestamp", t),
        ("X-Ultravox-Webhook-Timestamp", t),
        ("X-Ultravox-Webhook-Signature", s),
    ],
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_message_that_cannot_be_verified_is_refused_with_403(world, order, name):
    body, timestamp = body_of(order, "call.joined"), timestamp_now()
    headers = REFUSED[name](timestamp, ultravox_signature(SECRET, body, timestamp))
    with nothing_happens(world, order):
        answer = send(world, body, headers=headers)
        assert (answer.status, answer.body) == (403, b""), answer


@pytest.mark.parametrize("secret", ["", "unrelated-secret-0000", "ultravox api key", "twilio token"])
def test_a_message_signed_with_another_secret_is_refused_with_403(world, order, secret):
    known = {"ultravox api key": world.credentials.ultravox_api_key, "twilio token": world.credentials.auth_token}
    body, timestamp = body_of(order, "call.joined"), timestamp_now()
    with nothing_happens(world, order):
        signature = ultravox_signature(known.get(secret, secret), body, timestamp)
        assert send(world, body, timestamp=timestamp, signature=signature).status == 403


def test_a_body_with_one_changed_byte_is_refused_with_403(world, order):
    body, timestamp = body_of(order, "call.joined"), timestamp_now()
    with nothing_happens(world, order):
        assert (
            send(world, body + b" ", timestamp=timestamp, signature=ultravox_signature(SECRET, body, timestamp)).status
            == 403
        )


def test_a_list_of_ten_thousand_signatures_is_refused(world, order):
    body, timestamp = body_of(order, "call.joined"), timestamp_now()
    signatures = ",".join(["0" * 64] * 9_999 + [ultravox_signature(SECRET, body, timestamp)])
    request = (
        f"POST {TARGET} HTTP/1.1\r\nHost: gw.example.com\r\nContent-Length: {len(body)}\r\n"
        f"X-Ultravox-Webhook-Timestamp: {timestamp}\r\nX-Ultravox-Webhook-Signature: {signatures}\r\n\r\n"
    )
    with nothing_happens(world, order):
        status, _ = raw_exchange(world.gateway.origin, request.encode() + body)
        assert status in (403, 431)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"event":' * 512 + b"1" + b"}" * 512,
        b'{"event":"call.joined","call":' + b'{"call":' * 512 + b"{}" + b"}" * 513,
        b'{"event":"call.joined","call":{"callId":"' + b"x" * 200_000 + b'"}}',
    ],
    ids=["100,000 arrays", "512 objects", "512 objects in the call", "a callId of 200 kB"],
)
def test_deeply_nested_and_long_bodies_crash_nothing(world, order, body):
    with nothing_happens(world, order):
        assert send(world, body).status in (204, 413)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'""',
        b"{}",
        b"\xff\xfe{}",
        b'{"event":"call.joined"}',
        b'{"event":1,"call":[]}',
        b'{"event":"call.joined","call":null}',
    ],
    ids=repr,
)
def test_a_verified_body_that_is_no_message_is_acknowledged_and_changes_nothing(world, order, body):
    with nothing_happens(world, order):
        assert send(world, body).status == 204


@pytest.mark.parametrize(
    ("replacement", "summary"),
    [
        (rb"cut \ud83d", "cut \ufffd"),
        (b"not \xff UTF-8", "not \ufffd UTF-8"),
        (b'good","x":NaN,"y":"', "good"),
        (b'good","x":{"a":1,"a":2},"y":"', "good"),
        ('good","é":1,"e\u0301":"'.encode(), "good"),
    ],
)
def test_one_bad_value_does_not_cost_the_outcome(world, order, replacement, summary):
    body = body_of(order, "call.ended", shortSummary="HERE").replace(b"HERE", replacement)
    assert send(world, body).status == 204
    assert conversation(world, order)["end_reason"] == "hangup"
    assert conversation(world, order)["short_summary"] == summary


@pytest.mark.parametrize("name", ["joined", "ended", "summary", "billedDuration"])
def test_a_field_that_cannot_be_read_is_named_on_the_timeline(world, order, name):
    assert send(world, body_of(order, "call.ended", **{name: ["secret"]})).status == 204
    (end,) = [entry for entry in from_ultravox(world, order) if entry["type"] == "call.agent_left"]
    assert end["detail"] == f"hangup; {name} could not be read"


@pytest.mark.parametrize("event", ["call.exploded", "", "CALL.JOINED", "call.joined ", "call.ended\x00"])
def test_an_unknown_event_is_acknowledged_and_changes_nothing(world, order, event):
    with nothing_happens(world, order):
        assert send(world, body_of(order, event)).status == 204


def test_the_call_is_the_one_in_the_signed_body_and_not_the_one_in_the_url(world, agent, order):
    other = world.order(agent)
    with nothing_happens(world, order), nothing_happens(world, other):
        answer = send(world, body_of(order, "call.joined"), target=f"{TARGET}?call={other.call['id']}")
        assert answer.status == 204


def test_a_body_whose_two_ids_disagree_changes_nothing(world, agent, order):
    other = world.order(agent)
    body = body_of(order, "call.joined", metadata={"switchboard_call_id": other.call["id"]})
    with nothing_happens(world, order), nothing_happens(world, other):
        assert send(world, body).status == 204


def test_a_body_of_more_than_a_mebibyte_is_refused_with_413(world, order):
    with nothing_happens(world, order):
        assert send(world, body_of(order, "call.joined", summary="x" * 1_048_576)).status == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_wrong_method_is_refused_with_405(world, method):
    with nothing_happens(world):
        answer = world.gateway.send(method, TARGET)
        assert answer.status == 405 and "POST" in answer.header("allow")


def test_a_duplicate_and_a_late_join_change_nothing(world, order):
    before = len(from_ultravox(world, order))
    for event in ("call.ended", "call.joined", "call.ended"):
        assert send(world, body_of(order, event)).status == 204
    seen = world.gateway.look_up(order.call["id"])
    assert seen["conversation"]["end_reason"] == "hangup"
    assert len(from_ultravox(world, order)) - before == 2
    with nothing_happens(world, order):
        for event in ("call.joined", "call.ended"):
            assert send(world, body_of(order, event)).status == 204
