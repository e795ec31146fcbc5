"""The gateway behind Debian's nginx and haproxy: whatever a client sends, both sides see the same messages."""

import contextlib
import json
import socket

import pytest

from harness.figures import figure
from harness.proxies import PROXIES
from harness.raw import RawConnection, answers_in, converse, wire
from harness.waiting import eventually
from test_raw_http import NEXT, ROWS, get, post

LAST = "GET /health/live HTTP/1.1⏎Host: a⏎X-Request-ID: last⏎Connection: close⏎⏎"
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


@pytest.fixture(scope="module", params=PROXIES)
def proxy(request, world):
    kind = PROXIES[request.param]
    assert kind.executable(), f"{kind.program} is not installed: apt-get install nginx-light haproxy"
    proxy = kind(world.gateway.origin)
    proxy.name = request.param
    yield proxy
    proxy.stop()


class Count:
    """How many messages the proxy passed on, and how many the gateway took or refused."""

    def __init__(self, world, proxy):
        self.world, self.proxy = world, proxy
        self.start = self.now()

    def now(self):
        lines = [json.loads(line).get("message") for line in list(self.world.gateway.lines)]
        return (
            self.proxy.forwarded(),
            sum(line in ("request answered", "message refused") for line in lines),
        )

    def both(self):
        return tuple(now - before for now, before in zip(self.now(), self.start))

    def agree(self):
        forwarded, counted = self.both()
        return forwarded == counted


def talk(proxy, text):
    """All that comes back, until the proxy ends the connection or waits for more."""
    received = b""
    with RawConnection(proxy.address, timeout=PATIENCE) as connection:
        connection.send(text)
        with contextlib.suppress(socket.timeout, ConnectionResetError):
            while data := connection.receive_some():
                received += data
    return received


def test_both_sides_see_the_same_messages(world, proxy):
    total = 0
    for name, text in MESSAGES.items():
        count = Count(world, proxy)
        seen = len(proxy.lines())
        received = talk(proxy, text + LAST)
        heads = received.count(b"HTTP/1.1 ") + received.count(b"HTTP/1.0 ") - received.count(b" 100 Continue")
        # Another client's request, on the same connection to the gateway, gets its own answer.
        canary = f"GET /nothing/here HTTP/1.1⏎Host: a⏎X-Request-ID: canary-{total}⏎Connection: close⏎⏎"
        conversation = converse(proxy.address, canary)
        assert conversation.statuses == [404], (name, conversation)
        assert conversation.answers[0].header("x-request-id") == f"canary-{total}", (name, conversation)
        eventually(count.agree, what=lambda: f"equal counts after {name}: {count.both()}, {received!r}, {proxy.lines()[seen:]}")
        eventually(lambda: heads <= len(proxy.lines()) - seen - 1, what=f"a line for each answer after {name}")
        total += count.both()[1]
    world.gateway.require_alive()
    figure(f"behind {proxy.name}", f"{len(MESSAGES)} shapes of message, {total} requests, counted alike on both sides")


def test_answers_stay_with_their_requests(world, proxy):
    """Many at once over one connection to the gateway: each answer carries the id of its own request."""
    texts = [
        f"GET /nothing/{n} HTTP/1.1⏎Host: a⏎X-Request-ID: id-{n}⏎{'Connection: close⏎' if n == 199 else ''}⏎"
        for n in range(200)
    ]
    answers = answers_in(talk(proxy, "".join(texts)))
    assert [answer.header("x-request-id") for answer in answers] == [f"id-{n}" for n in range(200)]
    assert {answer.status for answer in answers} == {404}


def test_a_signed_webhook_is_taken(world, proxy):
    """The signature covers the public URL, whatever stands between."""
    order = world.order(world.new_agent())
    for message in order.life.completed():
        if not hasattr(message, "parameters"):
            continue
        target = message.target(world.gateway.public_base_url)
        body = message.body()
        head = "".join(f"{name}: {value}⏎" for name, value in message.headers())
        text = wire(f"POST {target} HTTP/1.1⏎Host: a⏎Connection: close⏎Content-Length: {len(body)}⏎{head}⏎") + body
        (answer,) = answers_in(talk(proxy, text))
        assert answer.status in (200, 204), (message, answer)
    assert world.gateway.look_up(order.call["id"])["status"] == "completed"


@pytest.mark.parametrize(("size", "status"), [(65536, 403), (65537, 413)])
def test_the_limits_are_the_gateway_s(world, proxy, size, status):
    body = b"a=" + b"x" * (size - 2)
    head = (
        "POST /webhooks/twilio/status HTTP/1.1⏎Host: a⏎Connection: close⏎"
        f"Content-Type: application/x-www-form-urlencoded⏎Content-Length: {size}⏎⏎"
    )
    (answer,) = answers_in(talk(proxy, wire(head) + body))
    assert answer.status == status
