"""The gateway behind Debian's nginx and haproxy: whatever a client sends, both sides see the same messages."""

import contextlib
import json
import re
import socket

import pytest

from harness.figures import figure
from harness.proxies import PROXIES
from harness.raw import RawConnection, answers_in, converse, wire
from harness.waiting import eventually
from test_raw_http import NEXT, ROWS, get, post

LAST = "GET /health/live HTTP/1.1⏎Host: a⏎X-Request-ID: last⏎Connection: close⏎⏎"
LARGEST_FORM = 64 * 1024  # bytes, as published
FINAL_STATUS = re.compile(rb"HTTP/1\.[01] [2-5]\d\d ")
PATIENCE = 3  # seconds for what waits for the rest of a message that never comes

GOOD = {
    "a GET": get("/health/live"),
    "a form": "POST /webhooks/twilio/status HTTP/1.1⏎Host: a⏎Content-Length: 3⏎"
    "Content-Type: application/x-www-form-urlencoded⏎⏎a=1",
    "chunks": post("Transfer-Encoding: chunked", "1⏎{⏎1⏎}⏎0⏎⏎"),
    "chunks with an extension": post("Transfer-Encoding: chunked", "2;a=b⏎{}⏎0⏎⏎"),
    "chunks with trailers": post("Transfer-Encoding: chunked", "2⏎{}⏎0⏎X-A: 1⏎⏎"),
    "no body": post("Content-Length: 0"),
    "a request as body": post(f"Content-Length: {len(wire(NEXT))}", NEXT),
    "HEAD": "HEAD /health/live HTTP/1.1⏎Host: a⏎⏎",
    "HEAD of nothing": "HEAD /nothing HTTP/1.1⏎Host: a⏎⏎",
    "a GET with a body": f"GET /health/live HTTP/1.1⏎Host: a⏎Content-Length: {len(wire(NEXT))}⏎⏎{NEXT}",
    "an upgrade": "GET /health/live HTTP/1.1⏎Host: a⏎Connection: Upgrade⏎Upgrade: websocket⏎⏎",
    "an upgrade to HTTP/2": "GET /health/live HTTP/1.1⏎Host: a⏎Connection: Upgrade, HTTP2-Settings⏎Upgrade: h2c⏎"
    "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA⏎⏎",
    "an expectation": post("Expect: 100-continue⏎Content-Length: 2", "{}"),
    "another expectation": post("Expect: 200-ok⏎Content-Length: 2", "{}"),
    "ten at once": get("/health/live") * 10,
    "an escaped target": get("/calls/%2e%2e%2fhealth%2flive"),
    "two slashes": get("//health//live"),
    "a name with an underscore": "GET /health/live HTTP/1.1⏎Host: a⏎X_A: 1⏎⏎",
    "a forwarded host": "GET /health/live HTTP/1.1⏎Host: a⏎X-Forwarded-Host: evil.example⏎Forwarded: host=evil⏎⏎",
}

MESSAGES = {**GOOD, **{name: text for name, (text, _) in ROWS.items()}}


@pytest.fixture(scope="module")
def world(start_world):
    return start_world(LOG_LEVEL="debug")


@contextlib.contextmanager
def in_front_of(gateway, name):
    kind = PROXIES[name]
    assert kind.executable(), f"{kind.program} is not installed: apt-get install nginx-light haproxy"
    proxy = kind(gateway.origin)
    try:
        yield proxy
    finally:
        proxy.stop()


@pytest.fixture(scope="module", params=PROXIES)
def proxy(request, world):
    with in_front_of(world.gateway, request.param) as proxy:
        yield proxy


def counted(gateway):
    """How many messages the gateway took or refused, apart from the harness's own question whether it is ready."""
    lines = [json.loads(line) for line in list(gateway.lines) if line.startswith("{")]
    return sum(
        line.get("message") == "malformed request refused"
        or (line.get("message") == "request answered" and line.get("http.route") != "/health/ready")
        for line in lines
    )


def talk(proxy, text):
    """All that comes back, until the proxy ends the connection or waits for more."""
    received = b""
    with RawConnection(proxy.address, timeout=PATIENCE) as connection:
        connection.send(text)
        with contextlib.suppress(socket.timeout, ConnectionResetError):
            while data := connection.receive_some():
                received += data
    return received


@pytest.mark.parametrize("name", PROXIES)
def test_both_sides_see_the_same_messages(start_world, name):
    """All that this gateway hears comes through the proxy, and all is counted from the start.

    A log is read with a delay: so counts may agree too soon, but they cannot agree again once they differ by a message.
    """
    gateway = start_world(LOG_LEVEL="debug").gateway
    with in_front_of(gateway, name) as proxy:
        answers = 1  # to the question whether the proxy listens

        def counts():
            return proxy.forwarded(), counted(gateway)

        def agree():
            forwarded, counted = counts()
            return forwarded == counted

        for n, (shape, text) in enumerate(MESSAGES.items()):
            received = talk(proxy, text + LAST)
            answers += len(FINAL_STATUS.findall(received))
            # Another client's request, on the same connection to the gateway, gets its own answer.
            canary = f"GET /nothing/here HTTP/1.1⏎Host: a⏎X-Request-ID: canary-{n}⏎Connection: close⏎⏎"
            conversation = converse(proxy.address, canary)
            assert conversation.statuses == [404], (shape, conversation)
            assert conversation.answers[0].header("x-request-id") == f"canary-{n}", (shape, conversation)
            answers += 1
            eventually(
                agree, what=lambda: f"equal counts after {shape}: {counts()}, {received!r}, {proxy.lines()[-20:]}"
            )
            eventually(lambda: answers <= len(proxy.lines()), what=f"a line for each answer after {shape}")
        gateway.require_alive()
        # Now no line of the gateway's is missing.
        gateway.stop()
        eventually(agree, what=lambda: f"equal counts at the end: {counts()}")
        figure(f"behind {name}", f"{len(MESSAGES)} shapes of message, {counts()[1]} requests counted on both sides")


def test_answers_stay_with_their_requests(world, proxy):
    """Many at once over one connection to the gateway: each answer carries the id of its own request."""
    texts = [
        f"GET /nothing/{n} HTTP/1.1⏎Host: a⏎X-Request-ID: id-{n}⏎{'Connection: close⏎' if n == 199 else ''}⏎"
        for n in range(200)
    ]
    answers = answers_in(talk(proxy, "".join(texts)))
    assert [answer.header("x-request-id") for answer in answers] == [f"id-{n}" for n in range(200)]
    assert {answer.status for answer in answers} == {404}


def deliver(world, proxy, message):
    """A vendor's message through the proxy."""
    target, body = message.target(world.gateway.public_base_url), message.body()
    fields = "".join(f"{name}: {value}⏎" for name, value in message.headers())
    head = f"POST {target} HTTP/1.1⏎Host: a⏎Connection: close⏎Content-Length: {len(body)}⏎{fields}⏎"
    (answer,) = answers_in(talk(proxy, wire(head) + body))
    return answer


def signed_messages(order):
    return [message for message in order.life.completed() if hasattr(message, "parameters")]


def test_a_signed_webhook_is_taken(world, proxy):
    """The signature covers the public URL, whatever stands between."""
    order = world.order(world.new_agent())
    for message in signed_messages(order):
        answer = deliver(world, proxy, message)
        assert answer.status in (200, 204), (message, answer)
    assert world.gateway.look_up(order.call["id"])["status"] == "completed"


@pytest.mark.parametrize(("excess", "statuses"), [(0, {200, 204}), (1, {413})])
def test_a_signed_body_of_exactly_the_limit_is_taken_whole_and_none_beyond(world, proxy, excess, statuses):
    message = signed_messages(world.order(world.new_agent()))[0]
    message.parameters["ZzPadding"] = ""
    message.parameters["ZzPadding"] = "x" * (LARGEST_FORM + excess - len(message.body()))
    assert len(message.body()) == LARGEST_FORM + excess
    assert deliver(world, proxy, message).status in statuses
