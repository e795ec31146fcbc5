"""`Idempotency-Key`: one key, one order, one answer, whatever a client repeats and however many at once."""

import itertools
import json
import secrets
from types import SimpleNamespace

import pytest

from harness.crowd import at_once
from harness.figures import amount, figure
from harness.unchanged import nothing_happens
from harness.waiting import eventually
from harness.wire import exchange, raw_exchange
from standins.faults import VANISHED, ByNumber, answered

RACES = amount(5, 200)
RACERS = 64
OTHER_API_KEY = "other-client-" + secrets.token_hex(16)


@pytest.fixture(scope="module")
def world(start_world):
    first = "first-client-" + secrets.token_hex(16)
    world = start_world(API_KEYS=f"first:{first},other:{OTHER_API_KEY}", PARALLEL_CALLS_TO_NUMBER="true")
    world.twilio.weather = ByNumber()
    world.keys = (f"key-{n}" for n in itertools.count())
    return world


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


@pytest.fixture
def order(world, agent):
    """One order, and what is sent for it."""
    number = world.numbers.take()
    body = json.dumps({"phone_number": number}).encode()
    return SimpleNamespace(number=number, target=f"/calls/{agent}", body=body, key=next(world.keys))


def send(world, order, *keys, api_key=None, target=None, body=None, timeout=30):
    """The order with its key, or with other ones."""
    headers = [("X-API-Key", api_key or world.gateway.api_key), ("Content-Type", "application/json")]
    headers += [("Idempotency-Key", key) for key in (keys or (order.key,))]
    return exchange(
        world.gateway.origin,
        "POST",
        target or order.target,
        headers=headers,
        body=order.body if body is None else body,
        timeout=timeout,
    )


def strike(world, order, fault):
    world.twilio.weather.faults[order.number] = fault


def is_replay(answer):
    assert answer.header("idempotent-replayed") in (None, "true")
    return answer.header("idempotent-replayed") == "true"


def assert_replayed(world, order, first, **options):
    """The stored answer comes again, byte for byte, and nothing else happens."""
    assert not is_replay(first), first
    with nothing_happens(world):
        for _ in range(3):
            again = send(world, order, **options)
            assert is_replay(again), again
            assert (again.status, again.body) == (first.status, first.body)
            for name in ("Content-Type", "Location"):
                assert again.header(name) == first.header(name)


# Which keys there are


MALFORMED = {
    "empty": "",
    "256 characters": "k" * 256,
    "a space": "two words",
    "a tab": "two\twords",
    "a control character": "key\x01",
    "DEL": "key\x7f",
    "beyond ASCII": "sch\u00f6n",
    "an empty quoted one": '""',
    "a quote that does not end": '"key',
    "256 characters in quotes": '"' + "k" * 256 + '"',
    "a space in quotes": '"two words"',
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_key_is_refused_with_400(world, order, name):
    with nothing_happens(world):
        answer = send(world, order, MALFORMED[name])
        assert answer.status == 400, answer
        if answer.body:  # a byte that no header may hold is refused before there is a request
            assert answer.json()["code"] == "idempotency_key_invalid"
    assert world.twilio.creates_for(order.number) == []


@pytest.mark.parametrize("second", ["same", "other"])
def test_two_keys_are_refused_with_400(world, order, second):
    with nothing_happens(world):
        answer = send(world, order, order.key, order.key if second == "same" else order.key + "x")
        assert (answer.status, answer.json()["code"]) == (400, "idempotency_key_invalid")


def test_a_key_of_bytes_that_are_no_utf_8_is_refused_with_400(world, order):
    head = (
        f"POST {order.target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n"
        f"X-API-Key: {world.gateway.api_key}\r\nContent-Length: {len(order.body)}\r\nIdempotency-Key: k"
    )
    with nothing_happens(world):
        status, _ = raw_exchange(world.gateway.origin, head.encode() + b"\xff\xfe\r\n\r\n" + order.body)
        assert status == 400


@pytest.mark.parametrize(
    "key", ["k", "~!@#$%^&*()_+-={}[]|;:'<>,.?/`", "7f0c7f6e-1d2f-4b6a-9d3c-0d6a5c3b2a11", "longest"]
)
def test_every_visible_ascii_key_of_1_to_255_characters_is_one(world, order, key):
    key = key + order.key if key != "longest" else order.key.ljust(255, "k")
    first = send(world, order, key)
    assert first.status == 201, first
    again = send(world, order, key)
    assert is_replay(again) and again.body == first.body
    assert len(world.twilio.creates_for(order.number)) == 1


def test_a_quoted_key_is_the_same_as_the_bare_one(world, order):
    first = send(world, order, f'"{order.key}"')
    assert first.status == 201, first
    assert_replayed(world, order, first)
    assert is_replay(send(world, order, f'"{order.key}"'))
    assert len(world.twilio.creates_for(order.number)) == 1


def test_keys_that_differ_in_case_are_two(world, order):
    assert send(world, order, order.key.lower()).status == send(world, order, order.key.upper()).status == 201
    assert len(world.twilio.creates_for(order.number)) == 2


def test_orders_without_a_key_are_orders_each(world, order):
    body = json.loads(order.body)
    calls = {world.gateway.call("POST", order.target, body).json()["id"] for _ in range(2)}
    assert len(calls) == 2 and len(world.twilio.creates_for(order.number)) == 2


# What is kept


def test_a_201_is_replayed(world, order):
    first = send(world, order)
    assert first.status == 201, first
    assert first.json()["join_url"].startswith("wss://")
    assert_replayed(world, order, first)
    assert len(world.twilio.creates_for(order.number)) == 1


def test_a_201_is_replayed_as_it_was_after_the_call_has_ended(world, order):
    first = send(world, order)
    life = world.life_of(first.json(), order.number)
    for message in life.completed():
        assert world.gateway.deliver(message).status in (200, 204)
    assert world.gateway.look_up(first.json()["id"])["status"] == "completed"
    assert_replayed(world, order, first)


def test_a_202_is_replayed(world, order):
    strike(world, order, VANISHED)
    first = send(world, order)
    assert (first.status, first.json()["status"]) == (202, "unknown"), first
    assert_replayed(world, order, first)
    assert len(world.twilio.creates_for(order.number)) == 1


def test_a_client_that_lost_patience_finds_its_answer(world, order):
    strike(world, order, answered(201, None, acts=True, after=1.0))
    with pytest.raises(OSError):
        send(world, order, timeout=0.3)
    seen = []

    def replayed():
        seen.append(send(world, order))
        return seen[-1].status != 409

    eventually(replayed, what="the answer of the order that its client gave up")
    assert seen[-1].status == 201 and is_replay(seen[-1]), seen[-1]
    assert len(world.twilio.creates_for(order.number)) == 1


# What is not


REFUSED_BY_TWILIO = {
    "the client's mistake": (400, {"code": 21211, "message": "not valid", "status": 400}, 422, "upstream_rejected"),
    "the operator's mistake": (400, {"code": 21215, "message": "no permission", "status": 400}, 502, "upstream_error"),
    "credentials": (401, {"code": 20003, "message": "Authenticate", "status": 401}, 502, "upstream_error"),
    "not now": (400, {"code": 10004, "message": "too many calls", "status": 400}, 429, "too_many_calls"),
}


@pytest.mark.parametrize("name", REFUSED_BY_TWILIO)
def test_a_definite_refusal_of_twilios_releases_the_key(world, order, name):
    status, document, ours, code = REFUSED_BY_TWILIO[name]
    strike(world, order, answered(status, document))
    for _ in range(2):
        refused = send(world, order)
        assert (refused.status, refused.json()["code"]) == (ours, code) and not is_replay(refused), refused
        assert (refused.header("retry-after") is not None) == (ours == 429), refused
    strike(world, order, None)
    mended = json.dumps({"phone_number": world.numbers.take()}).encode()
    first = send(world, order, body=mended)
    assert first.status == 201 and not is_replay(first), first


def test_a_page_of_a_proxy_keeps_the_key(world, order):
    for status, page in ((408, "<h1>Request Time-out</h1>"), (499, ["x"]), (404, {"message": "no Route matched"})):
        number = world.numbers.take()
        body = json.dumps({"phone_number": number}).encode()
        case = SimpleNamespace(number=number, target=order.target, body=body, key=f"{order.key}-{status}")
        strike(world, case, answered(status, page, acts=True))
        # Twilio acted, and its answer was lost on the way: the stand-in's own answer is not the gateway's to see.
        first = send(world, case)
        assert (first.status, first.json()["status"]) == (202, "unknown"), first
        assert_replayed(world, case, first)
        assert len(world.twilio.creates_for(number)) == 1


def test_a_503_releases_the_key(world, order):
    limit = {"code": 20429, "message": "Too many requests", "status": 429}
    strike(world, order, answered(429, limit, headers=[("Retry-After", "60")]))
    refused = send(world, order)
    assert refused.status == 503 and refused.header("retry-after"), refused
    strike(world, order, None)
    first = send(world, order)
    assert first.status == 201 and not is_replay(first), first
    assert_replayed(world, order, first)


def test_a_503_for_the_other_vendors_sake_releases_the_key(world, order):
    world.ultravox.fault = lambda reached: "vanish" if reached.path.endswith("/calls") else None
    try:
        refused = send(world, order)
    finally:
        world.ultravox.fault = None
    assert refused.status == 503 and world.twilio.creates_for(order.number) == [], refused
    assert send(world, order).status == 201


REFUSED_BEFORE = {
    "no JSON": (400, {"body": b"{"}),
    "no order": (422, {"body": b"{}"}),
    "a field out of its bounds": (422, {"body": b'{"phone_number":"+1"}'}),
    "no such agent": (404, {"target": "/calls/6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921"}),
    "no such client": (401, {"api_key": "x" * 32}),
    "too large": (413, {"body": b" " * 300_000}),
}


@pytest.mark.parametrize("name", REFUSED_BEFORE)
def test_what_is_refused_before_the_order_does_not_burn_the_key(world, order, name):
    status, options = REFUSED_BEFORE[name]
    with nothing_happens_but_reading_agents(world):
        for _ in range(2):
            refused = send(world, order, **options)
            assert refused.status == status and not is_replay(refused), refused
    first = send(world, order)
    assert first.status == 201 and not is_replay(first), first


def nothing_happens_but_reading_agents(world):
    return nothing_happens(world, counted=lambda entry: "/agents/" not in entry.path or entry.method != "GET")


# What a key does not open


def test_another_body_is_refused_with_422(world, order):
    first = send(world, order)
    other = json.dumps({"phone_number": world.numbers.take()}).encode()
    with nothing_happens(world):
        for body in (other, order.body + b" ", order.body.replace(b'": "', b'":"')):
            answer = send(world, order, body=body)
            assert (answer.status, answer.json()["code"]) == (422, "idempotency_key_reused"), answer
    assert_replayed(world, order, first)


def test_another_path_is_refused_with_422(world, order):
    assert send(world, order).status == 201
    other = world.new_agent()
    with nothing_happens(world):
        answer = send(world, order, target=f"/calls/{other}")
        assert (answer.status, answer.json()["code"]) == (422, "idempotency_key_reused"), answer


def test_another_body_is_refused_while_the_first_is_in_progress(world, order):
    strike(world, order, answered(201, None, acts=True, after=1.0))
    answers = at_once([lambda: send(world, order), lambda: late_body(world, order)])
    assert (answers[0].status, answers[1].status) == (201, 422), answers


def late_body(world, order):
    eventually(lambda: world.twilio.creates_for(order.number), what="the order under way")
    return send(world, order, body=order.body + b" ")


def test_the_keys_of_one_api_key_are_unknown_to_another(world, order):
    mine, theirs = send(world, order), send(world, order, api_key=OTHER_API_KEY)
    assert mine.status == theirs.status == 201
    assert not is_replay(theirs) and mine.json()["id"] != theirs.json()["id"]
    other = json.dumps({"phone_number": world.numbers.take()}).encode()
    assert send(world, order, body=other).status == 422
    assert_replayed(world, order, theirs, api_key=OTHER_API_KEY)
    assert_replayed(world, order, mine)


def test_a_request_in_progress_is_answered_409_with_retry_after(world, order):
    strike(world, order, answered(201, None, acts=True, after=1.0))

    def during():
        eventually(lambda: world.twilio.creates_for(order.number), what="the order under way")
        return send(world, order)

    first, second = at_once([lambda: send(world, order), during])
    assert (first.status, second.status) == (201, 409), (first, second)
    assert second.json()["code"] == "idempotency_in_progress" and int(second.header("retry-after")) >= 1
    assert not is_replay(second)
    assert_replayed(world, order, first)


def test_a_hang_up_may_carry_a_key(world, order):
    call = send(world, order).json()
    headers = [("Idempotency-Key", order.key)]
    answer = world.gateway.call("POST", f"/calls/{call['id']}/hangup", headers=headers)
    assert answer.status == 202 and not is_replay(answer), answer


# Races


def test_of_64_identical_orders_at_once_one_dials(world, agent):
    conflicts = replays = 0
    for race in range(RACES):
        number = world.numbers.take()
        body = json.dumps({"phone_number": number}).encode()
        order = SimpleNamespace(number=number, target=f"/calls/{agent}", body=body, key=f"race-{race}")
        strike(world, order, answered(201, None, acts=True, after=2.0))
        answers = at_once([lambda: send(world, order)] * RACERS)
        assert len(world.twilio.creates_for(number)) == 1, race
        assert {answer.status for answer in answers} <= {201, 409}, answers
        done = [answer for answer in answers if answer.status == 201]
        assert len([answer for answer in done if not is_replay(answer)]) == 1
        assert len({answer.body for answer in done}) == 1
        for answer in answers:
            if answer.status == 409:
                assert answer.json()["code"] == "idempotency_in_progress" and int(answer.header("retry-after")) >= 1
        afterwards = at_once([lambda: send(world, order)] * 8)
        assert {(answer.status, answer.body) for answer in afterwards} == {(201, done[0].body)}
        assert len(world.twilio.creates_for(number)) == 1, race
        conflicts += RACERS - len(done)
        replays += len(done) - 1
    call_ids = [entry.json()["metadata"]["switchboard_call_id"] for entry in world.ultravox.agent_calls]
    assert len(call_ids) == len(set(call_ids))
    figure("races of 64 identical orders", f"{RACES}: one dial each, {conflicts} answered 409, {replays} replayed")
