"""Very many forged requests over many connections: refused, and afterwards everything is as it was."""

import json
import random
import secrets
import uuid

import pytest

from harness.crowd import request, send_all
from harness.figures import amount, figure
from harness.memory import resident_mebibytes
from harness.waiting import eventually
from standins.forms import FormGenerator
from standins.life import timestamp_now, ultravox_signature

FORGED = amount(5_000, 100_000)
CONNECTIONS = 64
MOST_LOG_BYTES = 300  # for each refusal
MARK = "forged-by-" + secrets.token_hex(6)
BATCH = 10_000


@pytest.fixture(scope="module")
def world(start_world):
    return start_world(INBOUND_AGENT_ID=lambda world: world.ultravox.add_agent("reception"), LOG_LEVEL="info")


@pytest.fixture(scope="module")
def orders(world):
    agent = world.new_agent()
    orders = [world.order(agent) for _ in range(3)]
    for order, told in zip(orders, (1, 3, 10)):
        for message in order.life.completed()[:told]:
            assert world.gateway.deliver(message).status in (200, 204)
    return orders


def forged_twilio(world, generator, forms, orders):
    """Mutated messages, and messages about calls that are there, signed with what is not the token."""
    if generator.random() < 0.4:
        order = generator.choice(orders)
        message = generator.choice(
            [
                order.life.status(generator.choice(("completed", "failed", "ringing")), generator.randint(0, 9), 58),
                order.life.voice(),
                order.life.stream("stream-stopped", 57),
            ]
        )
        message.auth_token = generator.choice(("", "0" * 32, world.credentials.account_sid, world.credentials.api_key))
        message.parameters["CallerName"] = MARK
        headers = message.headers()
        if generator.random() < 0.3:
            headers = [pair for pair in headers if pair[0] != "X-Twilio-Signature"]
        return request(message.method, message.target(world.gateway.public_base_url), headers, message.body()), {403}
    while (made := forms.mutated()).genuine:
        pass
    return request(made.method, made.target, made.headers(), made.body), {403}


def forged_ultravox(world, generator, orders):
    order = generator.choice(orders)
    message = order.life.ultravox("ended", joined=13, ended=56, reason="hangup")
    message.document["call"]["summary"] = MARK
    body, timestamp = message.body(), timestamp_now()
    secret = generator.choice(("", "0" * 32, world.credentials.ultravox_api_key, world.credentials.auth_token))
    signature = generator.choice((ultravox_signature(secret, body, timestamp), "", "0" * 64, MARK))
    headers = [
        ("Content-Type", "application/json"),
        ("X-Ultravox-Webhook-Timestamp", generator.choice((timestamp, "", "garbage"))),
        ("X-Ultravox-Webhook-Signature", signature),
    ]
    return request("POST", message.target(world.gateway.public_base_url), headers, body), {403}


def forged_rest(world, generator, orders):
    order = generator.choice(orders)
    agent, call_id = order.call["agent_id"], order.call["id"]
    key = generator.choice((None, "", "x" * 43, world.credentials.api_key[:-1], MARK))
    headers = [("Content-Type", "application/json")]
    if key is not None:
        headers.append(generator.choice((("X-API-Key", key), ("Authorization", f"Bearer {key}"))))
    body = json.dumps(
        {"phone_number": world.numbers.take() if generator.random() < 0.01 else order.number, "metadata": {"x": MARK}}
    )
    method, target = generator.choice(
        [
            ("POST", f"/calls/{agent}"),
            ("POST", f"/calls/{call_id}/hangup"),
            ("GET", f"/calls/{call_id}/transcript"),
            ("DELETE", f"/agents/{agent}"),
            ("PUT", f"/agents/{agent}"),
            ("POST", "/agents"),
            ("GET", f"/agents/{uuid.uuid4()}"),
        ]
    )
    return request(method, target, headers, body.encode() if method in ("POST", "PUT") else None), {401}


def everything(world, orders):
    """What readers can see, byte for byte."""
    targets = [
        "/calls?limit=200",
        "/dead-letters?limit=200",
        "/agents",
        *(f"/calls/{order.call['id']}" for order in orders),
    ]
    answers = [world.gateway.call("GET", target) for target in targets]
    assert {answer.status for answer in answers} == {200}, answers
    return [answer.body for answer in answers]


def test_forged_requests_are_refused_and_change_nothing(world, orders):
    generator = random.Random("forgeries")
    forms = FormGenerator(
        generator,
        base_url=world.gateway.public_base_url,
        account_sid=world.credentials.account_sid,
        auth_token=world.credentials.auth_token,
    )
    before, sent = everything(world, orders), world.vendor_requests()
    reads = len(world.ultravox.requests("GET", "/api/agents"))
    pid, memory = world.gateway.pid, resident_mebibytes(world.gateway.pid)
    lines = log_until_now(world)
    statuses = {}
    for start in range(0, FORGED, BATCH):
        made = []
        for _ in range(min(BATCH, FORGED - start)):
            kind = generator.random()
            if kind < 0.6:
                made.append(forged_twilio(world, generator, forms, orders))
            elif kind < 0.8:
                made.append(forged_ultravox(world, generator, orders))
            else:
                made.append(forged_rest(world, generator, orders))
        answers = send_all(world.gateway.origin, [data for data, _ in made], connections=CONNECTIONS)
        for (data, wanted), answer in zip(made, answers):
            assert answer.status in wanted, (data[:600], answer)
            assert answer.status != 403 or answer.body == b"", answer
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
    logged = world.gateway.lines[lines : log_until_now(world)]
    assert world.vendor_requests() == sent, "something reached a vendor"
    assert everything(world, orders) == before
    assert len(world.ultravox.requests("GET", "/api/agents")) == reads + 1, "the one for the comparison"
    assert world.gateway.pid == pid and world.gateway.alive
    assert not [line for line in logged if MARK in line], "nothing of what was not verified is logged"
    log_bytes = sum(len(line.encode()) + 1 for line in logged) / FORGED
    figure("forged requests", f"{FORGED}: {statuses}, nothing changed, nothing sent")
    figure("log bytes of a refusal", f"{log_bytes:.0f}")
    figure("memory after the forgeries", f"{resident_mebibytes(pid) - memory:+.0f} MiB")
    assert log_bytes <= MOST_LOG_BYTES


def log_until_now(world):
    """The number of log lines once a request made now is among them."""
    mark = "mark-" + secrets.token_hex(8)
    world.gateway.send("GET", "/calls", headers=[("X-Request-ID", mark)])
    return eventually(
        lambda: next((n for n, line in reversed(list(enumerate(world.gateway.lines))) if mark in line), None),
        what="the log line of a request",
    )


def test_genuine_messages_are_still_taken(world, orders):
    for message in orders[1].life.completed():
        assert world.gateway.deliver(message).status in (200, 204)
    assert world.gateway.look_up(orders[1].call["id"])["status"] == "completed"
