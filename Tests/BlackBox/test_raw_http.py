"""HTTP that is malformed, hostile or slow, as bytes on the wire: one refusal each, nothing happens, nothing grows."""

import json
import random
import threading
import time

import pytest

from harness.crowd import at_once
from harness.figures import figure
from harness.memory import open_files, resident_mebibytes
from harness.raw import RawConnection, converse
from harness.unchanged import nothing_happens
from harness.waiting import eventually

MOST_GROWTH = 16  # MiB
HEAD_TIME, BODY_TIME = 10, 30  # seconds, as published
LATENESS = 4  # seconds that a busy machine may add

NEXT = "GET /health/live HTTP/1.1⏎Host: a⏎⏎"


def post(fields, body=""):
    return f"POST /calls/x HTTP/1.1⏎Host: a⏎{fields}⏎⏎{body}"


def get(target):
    return f"GET {target} HTTP/1.1⏎Host: a⏎⏎"


def field(text):
    return f"GET /health/live HTTP/1.1⏎Host: a⏎{text}⏎⏎"


CHUNKED = "Transfer-Encoding: chunked"
END = "0⏎⏎" + NEXT

FRAMING = {
    "length and chunks": (post("Content-Length: 6⏎" + CHUNKED, "0⏎⏎X"), {400}),
    "chunks and length": (post(CHUNKED + "⏎Content-Length: 6", "0⏎⏎X"), {400}),
    "length and chunks around a request": (post("Content-Length: 4⏎" + CHUNKED, END), {400}),
    "two lengths": (post("Content-Length: 0⏎Content-Length: 5", "12345"), {400}),
    "two equal lengths": (post("Content-Length: 5⏎Content-Length: 5", "12345"), {400}),
    "length 5, 10": (post("Content-Length: 5, 10", "12345"), {400}),
    "length +5": (post("Content-Length: +5", "12345"), {400}),
    "length -0": (post("Content-Length: -0"), {400}),
    "length 0x5": (post("Content-Length: 0x5", "12345"), {400}),
    "length 1_0": (post("Content-Length: 1_0", "1234567890"), {400}),
    "length 5 5": (post("Content-Length: 5 5", "12345"), {400}),
    "length empty": (post("Content-Length: "), {400}),
    "length of 20 nines": (post("Content-Length: " + "9" * 20), {400}),
    "coding xchunked": (post("Transfer-Encoding: xchunked", END), {400, 501}),
    "coding chunked, gzip": (post("Transfer-Encoding: chunked, gzip", END), {400, 501}),
    "coding gzip, chunked": (post("Transfer-Encoding: gzip, chunked", END), {400, 501}),
    "coding identity": (post("Transfer-Encoding: identity", END), {400, 501}),
    "coding twice": (post(CHUNKED + "⏎" + CHUNKED, END), {400}),
    "chunks in HTTP/1.0": (f"POST /calls/x HTTP/1.0⏎Host: a⏎{CHUNKED}⏎⏎{END}", {400}),
    "space before the colon": (post("Transfer-Encoding : chunked", END), {400}),
    "empty name": (post(" : chunked", END), {400}),
    "VT": (post("Transfer-Encoding: \x0bchunked", END), {400}),
    "FF": (post("Transfer-Encoding: chunked\x0c", END), {400}),
    "NUL": (post("Transfer-Encoding: chunked\x00", END), {400}),
    "chunk size with a space": (post(CHUNKED, "1 ⏎a⏎" + END), {400}),
    "chunk size 0x1": (post(CHUNKED, "0x1⏎a⏎" + END), {400}),
    "chunk longer than it says": (post(CHUNKED, "1⏎ab⏎" + END), {400}),
    "chunks with bare LF": (post(CHUNKED, "1\na\n0\n\n" + NEXT), {400}),
    "bare LF in a chunk extension": (post(CHUNKED, "1;\nx⏎a⏎" + END), {400}),
}

HOSTS = {
    "no Host": ("GET /health/live HTTP/1.1⏎⏎", {400}),
    "two": ("GET /health/live HTTP/1.1⏎Host: a⏎Host: b⏎⏎", {400}),
    "two equal": ("GET /health/live HTTP/1.1⏎Host: a⏎Host: a⏎⏎", {400}),
    **{
        f"Host: {value!r}": (f"GET /health/live HTTP/1.1⏎Host: {value}⏎⏎", {400})
        for value in ("", "a, b", "u@h", "a/b", "a b", "a:b", "a\\b", "[::1")
    },
}

FIELDS = {
    "obs-fold": (field("X-A: 1⏎ 2"), {400}),
    "space before the colon": (field("X-A : 1"), {400}),
    "no colon": (field("X-A"), {400}),
    "empty name": (field(": 1"), {400}),
    "X-A[]": (field("X-A[]: 1"), {400}),
    "0xEB in a name": (field("X-\xeb: 1"), {400}),
    "NUL in a value": (field("X-A: \x00"), {400}),
    "BEL in a value": (field("X-A: \x07"), {400}),
    "bare CR in a value": (field("X-A: a\rX-B: b"), {400}),
    "bare LF": (field("X-A: a\nX-B: b"), {400}),
}

TARGETS = {
    "NUL": (get("/\x00x"), {400}),
    "UTF-8": (get("/caf\xc3\xa9"), {400}),
    "backslash": (get("/\\x"), {400}),
    "overlong": (get("/\xc0\xaf"), {400}),
    "overlong alone": (get("\xc0\xaf"), {400}),
    "no slash": (get("health/live"), {400}),
    "empty": (get(""), {400}),
    "absolute-form": (get("http://other/"), {400}),
    "absolute-form of our own": (get("http://a/health/live"), {400}),
    "asterisk": (get("*"), {400}),
    "fragment": (get("/#x"), {400}),
    "CONNECT": ("CONNECT a:80 HTTP/1.1⏎Host: a:80⏎⏎", {400}),
    "tab before": ("GET\t/health/live HTTP/1.1⏎Host: a⏎⏎", {400}),
    "tab after": ("GET /health/live\tHTTP/1.1⏎Host: a⏎⏎", {400}),
    "two spaces": ("GET  /health/live HTTP/1.1⏎Host: a⏎⏎", {400}),
}

VERSIONS = {
    "1.2": ("GET /health/live HTTP/1.2⏎Host: a⏎⏎", {505}),
    "01.1": ("GET /health/live HTTP/01.1⏎Host: a⏎⏎", {400}),
    "9.9": ("GET /health/live HTTP/9.9⏎Host: a⏎⏎", {505}),
    "lower case": ("GET /health/live http/1.1⏎Host: a⏎⏎", {400}),
    "none": ("GET /health/live⏎Host: a⏎⏎", {400}),
    "HTTP/2's preface": ("PRI * HTTP/2.0⏎⏎SM⏎⏎", {400, 505}),
}

METHODS = {
    "TRACE": ("TRACE /health/live HTTP/1.1⏎Host: a⏎⏎", {405, 501}),
    "unknown": ("BREW /health/live HTTP/1.1⏎Host: a⏎⏎", {501}),
    "lower case": ("get /health/live HTTP/1.1⏎Host: a⏎⏎", {400, 501}),
}

SIZES = {
    "target": (get("/" + "a" * 100_000), {414}),
    "method": ("A" * 100_000 + " / HTTP/1.1⏎Host: a⏎⏎", {400, 501}),
    "name": (field("a" * 100_000 + ": 1"), {431}),
    "value": (field("X-A: " + "a" * 100_000), {431}),
    "spaces before a value": (field("X-A: " + " " * 4_000_000 + "1"), {431}),
    "10,000 fields": (field("⏎".join(f"X-{n}: 1" for n in range(10_000))), {431}),
    "100,000 fields of one byte": (field("⏎".join(["a:"] * 100_000)), {431}),
    "trailers": (post(CHUNKED, "0⏎X: " + "a" * 100_000 + "⏎⏎"), {431}),
    "body": (post("Content-Length: 4194304", "x" * 4_194_304), {413}),
    "body in chunks": (post(CHUNKED, ("10000⏎" + "x" * 65536 + "⏎") * 64 + "0⏎⏎"), {413}),
    "chunk extension": (post(CHUNKED, "1;" + "x" * 4_000_000), {413}),
}

ROWS = {
    f"{table}: {name}": row
    for table, rows in (
        ("framing", FRAMING),
        ("host", HOSTS),
        ("field", FIELDS),
        ("target", TARGETS),
        ("version", VERSIONS),
        ("method", METHODS),
        ("size", SIZES),
    )
    for name, row in rows.items()
}


@pytest.fixture(scope="module")
def world(start_world):
    return start_world(LOG_LEVEL="debug")


def lines(world, message):
    return [line for line in list(world.gateway.lines) if json.loads(line).get("message") == message]


def answered_lines(world):
    """Apart from those of the harness's own question whether the gateway is ready, which may be read late."""
    return [line for line in lines(world, "request answered") if json.loads(line)["http.route"] != "/health/ready"]


# What a refusal says that comes before the router. Malformed HTTP gets an empty 400.
CODES = {
    408: "request_timeout",
    413: "payload_too_large",
    414: "uri_too_long",
    417: "expectation_failed",
    431: "header_fields_too_large",
    501: "not_implemented",
    505: "http_version_not_supported",
}


def assert_bare(answer):
    assert answer.body == b""
    assert sorted((name.lower(), value) for name, value in answer.headers) == [
        ("connection", "close"),
        ("content-length", "0"),
    ]


def assert_explained(answer):
    """A small problem document with nothing of what was sent, but for the path of a body that was too large."""
    assert answer.header("content-type") == "application/problem+json", answer
    assert (answer.header("connection"), answer.header("server")) == ("close", None)
    assert answer.header("x-content-type-options") == "nosniff"
    assert "default-src 'none'" in answer.header("content-security-policy")
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (answer.status, CODES[answer.status])
    assert problem["type"].endswith(problem["code"]) and problem["title"] and problem["detail"]
    if answer.status == 413:
        assert problem["instance"] == "/calls/x" and problem["request_id"] == answer.header("x-request-id")
    else:
        assert not {"instance", "request_id"} & set(problem)
    assert len(answer.body) < 512


def assert_refused(conversation, statuses):
    """One answer, which says nothing of the inside, and the connection ends in good order."""
    assert len(conversation.answers) == 1 and conversation.in_order, conversation
    (answer,) = conversation.answers
    assert answer.status in statuses, conversation
    if answer.status == 400:
        assert_bare(answer)
    else:
        assert_explained(answer)


@pytest.mark.parametrize("name", ROWS)
def test_what_is_malformed_gets_one_refusal_and_nothing_after_it_is_read(world, name):
    text, statuses = ROWS[name]
    answered, refused = len(answered_lines(world)), len(lines(world, "malformed request refused"))
    assert_refused(converse(world.gateway.origin, text), statuses)
    # A body that is too large belongs to a good request: its refusal is an answer like every other.
    now_answered, now_refused = (answered + 1, refused) if statuses == {413} else (answered, refused + 1)
    eventually(
        lambda: (len(answered_lines(world)), len(lines(world, "malformed request refused"))) == (now_answered, now_refused),
        what="one line about the refusal",
    )
    if statuses == {413}:
        line = json.loads(answered_lines(world)[-1])
        assert (line["http.status"], line["outcome"], line["http.route"]) == ("413", CODES[413], "/calls/{id}")
    world.gateway.require_alive()


LONG = "a" * 100_000

BARE = {
    "a webhook's signature": (f"POST /webhooks/twilio/status HTTP/1.1⏎Host: a⏎X-Twilio-Signature: {LONG}⏎⏎", 431),
    "a webhook's target": (f"POST /webhooks/twilio/status?call={LONG} HTTP/1.1⏎Host: a⏎⏎", 414),
    "a webhook's form": ("POST /webhooks/twilio/voice HTTP/1.1⏎Host: a⏎Content-Length: 65537⏎⏎", 413),
    "a webhook's form in chunks": (
        f"POST /webhooks/twilio/voice HTTP/1.1⏎Host: a⏎{CHUNKED}⏎⏎10001⏎" + "x" * 65_537,
        413,
    ),
    "Ultravox's body": ("POST /webhooks/ultravox?call=x HTTP/1.1⏎Host: a⏎Content-Length: 1048577⏎⏎", 413),
    "Ultravox's version": ("POST /webhooks/ultravox HTTP/1.9⏎Host: a⏎⏎", 505),
    "HEAD": (f"HEAD /health/live HTTP/1.1⏎Host: a⏎X-A: {LONG}⏎⏎", 431),
}


@pytest.mark.parametrize("name", BARE)
def test_a_refused_webhook_gets_no_word_and_no_line_above_debug(world, name):
    text, status = BARE[name]
    answered, refused = len(answered_lines(world)), len(lines(world, "malformed request refused"))
    conversation = converse(world.gateway.origin, text)
    assert conversation.statuses == [status] and conversation.in_order, conversation
    assert_bare(conversation.answers[0])
    eventually(lambda: len(lines(world, "malformed request refused")) == refused + 1, what="one line about the refusal")
    assert len(answered_lines(world)) == answered
    line = lines(world, "malformed request refused")[-1]
    assert len(line) <= 300 and json.loads(line)["level"] == "debug"


def test_what_is_refused_is_counted_by_reasons_of_a_closed_set(world):
    def series(name):
        text = world.gateway.call("GET", "/metrics").text
        pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith(name + "{"))
        return {labels: float(value) for labels, value in pairs}

    def counts():
        return series("switchboard_messages_refused_total")

    before, routes = counts(), set(series("switchboard_http_requests_total"))
    for _ in range(3):
        for text, _ in (*ROWS.values(), *BARE.values()):
            converse(world.gateway.origin, text)
    after = counts()
    assert set(after) == set(before) and 10 <= len(after) <= 20
    assert sum(after.values()) - sum(before.values()) == 3 * (len(ROWS) + len(BARE))
    assert after['switchboard_messages_refused_total{reason="the body is too large"}'] > 0
    # Paths, methods and statuses of a client's invention make a handful of series, however many there are.
    for n in range(100):
        for method, target in (("GET", f"/nowhere/{n}"), ("PATCH", f"/calls/{n}"), ("DELETE", f"/{n}?{n}={n}")):
            assert world.gateway.call(method, target).status in (404, 405)
    fresh = set(series("switchboard_http_requests_total")) - routes
    assert len(fresh) <= 8 and not [name for name in fresh if "nowhere" in name or "?" in name], fresh


def test_nothing_of_the_table_touches_a_call_or_a_vendor(world):
    order = world.order(world.new_agent())
    with nothing_happens(world, order):
        for text, statuses in ROWS.values():
            assert_refused(converse(world.gateway.origin, text), statuses)


@pytest.mark.parametrize(
    "target", ["/%00", "/a%0d%0aX:1", "/%5cx", "/%c0%af", "//", "/..", "/calls/%2e%2e/%2e%2e", "/health/live%00"]
)
def test_escapes_in_a_target_are_a_matter_of_the_router_and_never_a_header(world, target):
    conversation = converse(world.gateway.origin, f"GET {target} HTTP/1.1⏎Host: a⏎Connection: close⏎⏎")
    assert conversation.statuses in ([400], [401], [404]), conversation
    assert conversation.answers[0].header("X") is None


def test_what_is_too_large_leaves_no_memory_behind(world):
    for text, statuses in SIZES.values():
        assert_refused(converse(world.gateway.origin, text), statuses)
    before = resident_mebibytes(world.gateway.pid)
    peak = before
    for _ in range(5):
        for text, statuses in SIZES.values():
            for conversation in at_once([lambda: converse(world.gateway.origin, text)] * 4):
                assert_refused(conversation, statuses)
            peak = max(peak, resident_mebibytes(world.gateway.pid))
    figure("raw HTTP: growth under 220 messages that are too large", f"{peak - before:+.1f} MiB")
    assert peak - before <= MOST_GROWTH


def test_announced_bodies_take_no_memory(world):
    converse(world.gateway.origin, post("Content-Length: 999999999"))
    before, files = resident_mebibytes(world.gateway.pid), open_files(world.gateway.pid)
    conversations = at_once([lambda: converse(world.gateway.origin, post("Content-Length: 999999999"))] * 200)
    growth = resident_mebibytes(world.gateway.pid) - before
    for conversation in conversations:
        assert_refused(conversation, {413})
        assert conversation.seconds <= BODY_TIME
    figure("raw HTTP: 200 announced bodies of 1 GB", f"{growth:+.1f} MiB, {max(c.seconds for c in conversations):.2f} s")
    assert growth <= MOST_GROWTH
    eventually(lambda: open_files(world.gateway.pid) <= files + 5, within=30, what="closed connections")


def test_who_does_not_go_on_is_cut_in_time(world):
    """All at once, and each with a good message before it where that can be: the clock is that of the last one."""
    noise = random.Random(3)
    heads = {
        "nothing": "",
        "half a request line": "GET /hea",
        "half a head": "GET /health/live HTTP/1.1⏎Host: a⏎X-A: ",
        "half a head behind a message": NEXT + "GET /health/live HTTP/1.1⏎Host: a⏎",
        "half a request line behind a message": NEXT + "GET /hea",
        "half a head behind a body": post("Content-Length: 2", "{}") + "GET /hea",
        "half a head behind chunks": post(CHUNKED, "2⏎{}⏎0⏎⏎") + "GET /hea",
        "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + noise.randbytes(300),
        "random bytes": noise.randbytes(2000),
        "letters": "a" * 20,
    }
    bodies = {
        "no body": post("Content-Length: 5"),
        "half a body": post("Content-Length: 5", "{"),
        "half a chunk": post(CHUNKED, "5⏎{"),
        "no end of chunks": post(CHUNKED, "2⏎{}⏎"),
    }
    results = {}

    def wait(name, text, most):
        results[name] = (converse(world.gateway.origin, text, timeout=most + 60), most)

    threads = [
        threading.Thread(target=wait, args=(name, text, most), daemon=True)
        for group, most in ((heads, HEAD_TIME), (bodies, BODY_TIME))
        for name, text in group.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BODY_TIME + 60)
    assert len(results) == len(heads) + len(bodies), "somebody was never cut"
    for name, (conversation, most) in results.items():
        assert conversation.seconds <= most + LATENESS, (name, conversation)
        before = [401] if "body" in name and name in heads or "chunks" in name and name in heads else []
        before = [200] if "behind a message" in name else before
        last = {"nothing": [], "a TLS hello": [400], "random bytes": [400]}.get(name, [408])
        assert conversation.statuses == before + last, (name, conversation)
    slowest = max(c.seconds for c, most in results.values() if most == HEAD_TIME)
    figure("raw HTTP: slowest head cut after", f"{slowest:.2f} s")


def test_a_byte_now_and_then_prolongs_nothing(world):
    since = time.monotonic()
    with RawConnection(world.gateway.origin, timeout=HEAD_TIME + 60) as connection:
        over = threading.Event()

        def drip():
            connection.send("GET /health/live HTTP/1.1⏎Host: a⏎X-A: ")
            while not over.wait(0.25):
                connection.send("a")

        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        received, _ = connection.receive_to_end()
        over.set()
        dripping.join(5)
    assert received.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - since <= HEAD_TIME + LATENESS


def test_one_message_gets_one_answer_however_many_come_together(world):
    good = 50
    text = NEXT * good + post("Content-Length: 5⏎" + CHUNKED, "0⏎⏎" + NEXT * 10) + NEXT
    conversation = converse(world.gateway.origin, text)
    assert conversation.statuses == [200] * good + [400]


@pytest.mark.parametrize("connection", ["close", "Close", "close, x", "Upgrade⏎Upgrade: websocket"])
def test_a_message_that_asks_for_the_end_is_the_last(world, connection):
    conversation = converse(world.gateway.origin, f"GET /health/live HTTP/1.1⏎Host: a⏎Connection: {connection}⏎⏎{NEXT}")
    assert conversation.statuses == [200] and conversation.in_order
    assert conversation.answers[0].header("connection") == "close"


def test_head_answers_have_no_body(world):
    text = "HEAD /nothing/here HTTP/1.1⏎Host: a⏎⏎HEAD /health/live HTTP/1.1⏎Host: a⏎Connection: close⏎⏎"
    with RawConnection(world.gateway.origin) as connection:
        connection.send(text)
        received, _ = connection.receive_to_end()
    heads = received.split(b"\r\n\r\n")
    assert len(heads) == 3 and heads[2] == b"", received
    assert [head[:12] for head in heads[:2]] == [b"HTTP/1.1 404", b"HTTP/1.1 200"]


def test_no_answer_names_the_software(world):
    texts = [NEXT, get("/nothing"), post("Content-Length: 2", "{}"), *(text for text, _ in ROWS.values())]
    for text in texts:
        received = converse(world.gateway.origin, text, finish=True).received.lower()
        for word in (b"\r\nserver:", b"hummingbird", b"swift", b"nio", b"x-powered-by"):
            assert word not in received
