"""What browsers are told with every answer, and that no answer tells what software gave it."""

import json

import pytest

from harness.raw import converse
from harness.wire import exchange

PAGE, OTHER_PAGE = "https://app.example.com", "http://localhost:5173"
FOREIGN = (
    "https://evil.example", "https://app.example.com.evil.example", "https://evil-app.example.com",
    "http://app.example.com", "https://app.example.com:8443", "https://APP.example.com", "null", "*", "file://",
    f"{PAGE}, https://evil.example", f"{PAGE}/",
)  # fmt: skip
METHODS = {"GET", "POST", "PUT", "DELETE"}

JSON = ("Content-Type", "application/json")
FORM = ("Content-Type", "application/x-www-form-urlencoded")


def ask(method, target, body=None, *fields, known=True):
    def send(world, headers=()):
        credential = [("X-API-Key", world.credentials.api_key)] if known else []
        return exchange(world.gateway.origin, method, target, headers=[*credential, *fields, *headers], body=body)

    return send


# One of each kind that the router gives: name, what it has to be, and how it comes about.
ANSWERS = {
    "200": ask("GET", "/calls"),
    "200 of health": ask("GET", "/health", known=False),
    "200 of metrics": ask("GET", "/metrics"),
    "401": ask("GET", "/calls", known=False),
    "403 of a webhook": ask("POST", "/webhooks/twilio/status", b"a=b", FORM, known=False),
    "404": ask("GET", "/nowhere"),
    "405": ask("DELETE", "/calls"),
    "413": ask("POST", "/agents", b" " * 262_145, JSON),
    "415": ask("POST", "/agents", b"{}"),
    "422": ask("POST", "/agents", b"{}", JSON),
    "400": ask("POST", "/agents", b"{", JSON),
}

# What is refused before the router.
REFUSALS = {
    "400 malformed": "GET / HTTP/1.1⏎⏎",
    "400 two lengths": "POST / HTTP/1.1⏎Host: a⏎Content-Length: 1⏎Content-Length: 2⏎⏎",
    "414": f"GET /{'a' * 9000} HTTP/1.1⏎Host: a⏎⏎",
    "417": "POST / HTTP/1.1⏎Host: a⏎Expect: tea⏎⏎",
    "431": f"GET / HTTP/1.1⏎Host: a⏎X-A: {'a' * 40_000}⏎⏎",
    "501": "TRACE / HTTP/1.1⏎Host: a⏎⏎",
    "505": "GET / HTTP/3.0⏎Host: a⏎⏎",
}


@pytest.fixture(scope="module")
def world(start_world):
    return start_world()


@pytest.fixture(scope="module")
def plain_world(start_world):
    return start_world(PUBLIC_BASE_URL="http://127.0.0.1:8080")


@pytest.fixture(scope="module")
def open_world(start_world):
    return start_world(CORS_ORIGINS=f"{PAGE},{OTHER_PAGE}")


def named(answer, name):
    assert answer.status == int(name[:3]), answer
    return answer


def allowances(answer):
    return {name.lower(): value for name, value in answer.headers if name.lower().startswith("access-control-")}


def assert_guarded(answer):
    assert answer.header("x-content-type-options") == "nosniff", answer.headers
    assert answer.header("referrer-policy") == "no-referrer", answer.headers
    policy = [part.strip() for part in answer.header("content-security-policy").split(";")]
    assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(policy), answer.headers


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_tells_browsers_to_do_little(world, name):
    answer = named(ANSWERS[name](world), name)
    assert_guarded(answer)
    assert answer.header("x-request-id")


@pytest.mark.parametrize("name", ANSWERS)
def test_browsers_are_told_to_stay_with_https_where_that_is_the_way_in(world, plain_world, name):
    seconds = ANSWERS[name](world).header("strict-transport-security")
    assert int(seconds.removeprefix("max-age=").partition(";")[0]) >= 31_536_000
    # Over plain http the field means nothing, and one day it would lock somebody out.
    assert named(ANSWERS[name](plain_world), name).header("strict-transport-security") is None
    forged = [("X-Forwarded-Proto", "https"), ("Forwarded", "proto=https")]
    assert ANSWERS[name](plain_world, forged).header("strict-transport-security") is None


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_that_come_before_the_router_tell_browsers_to_do_little(world, name):
    (answer,) = converse(world.gateway.origin, REFUSALS[name]).answers
    named(answer, name)
    if answer.body:
        assert_guarded(answer)
        assert answer.header("content-type") == "application/problem+json"
    else:
        assert name.startswith("400")


SOFTWARE = ("server", "x-powered-by", "via", "x-runtime", "x-aspnet-version")


@pytest.mark.parametrize("name", [*ANSWERS, *REFUSALS])
def test_no_answer_names_the_software(world, name):
    if name in ANSWERS:
        answer = ANSWERS[name](world)
    else:
        (answer,) = converse(world.gateway.origin, REFUSALS[name]).answers
    assert not {field.lower() for field, _ in answer.headers} & set(SOFTWARE), answer.headers
    told = json.dumps(answer.headers).lower() + ("" if name == "200 of metrics" else answer.text.lower())
    for word in ("hummingbird", "swift", "swiftnio", "nginx", "linux", "debian"):
        assert word not in told


def preflight(origin, method="POST", target="/calls/x"):
    return ask(
        "OPTIONS",
        target,
        None,
        ("Origin", origin),
        ("Access-Control-Request-Method", method),
        ("Access-Control-Request-Headers", "x-api-key,content-type,idempotency-key"),
        known=False,
    )


@pytest.mark.parametrize("name", ANSWERS)
def test_pages_of_other_origins_may_read_nothing_unless_some_are_configured(world, name):
    answer = named(ANSWERS[name](world, [("Origin", PAGE)]), name)
    assert not allowances(answer) and answer.header("vary") is None


def test_a_preflight_is_a_method_like_every_other_unless_origins_are_configured(world):
    answer = preflight(PAGE)(world)
    assert answer.status == 405 and not allowances(answer)


@pytest.mark.parametrize("origin", [PAGE, OTHER_PAGE])
@pytest.mark.parametrize("name", ANSWERS)
def test_pages_of_a_configured_origin_may_read_every_answer_errors_included(open_world, name, origin):
    answer = named(ANSWERS[name](open_world, [("Origin", origin)]), name)
    allowed = allowances(answer)
    assert allowed["access-control-allow-origin"] == origin
    assert answer.header("vary") == "Origin"
    exposed = {field.strip().lower() for field in allowed["access-control-expose-headers"].split(",")}
    ours = {"x-request-id", "location", "retry-after", "ratelimit", "ratelimit-policy", "idempotent-replayed"}
    assert ours <= exposed
    # A key is sent by the page itself; cookies and the like are no business of ours.
    assert "access-control-allow-credentials" not in allowed
    assert_guarded(answer)


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("name", ["200", "401", "404", "413"])
def test_pages_of_a_foreign_origin_may_read_nothing(open_world, name, origin):
    answer = named(ANSWERS[name](open_world, [("Origin", origin)]), name)
    assert not allowances(answer)
    # A cache must not give it what another origin was answered.
    assert answer.header("vary") == "Origin"
    assert origin == "*" or origin == "null" or origin not in json.dumps(answer.headers)


def test_answers_to_nobodys_page_vary_too(open_world):
    answer = ANSWERS["200"](open_world)
    assert not allowances(answer) and answer.header("vary") == "Origin"


def test_two_origins_are_none(open_world):
    answer = ANSWERS["200"](open_world, [("Origin", PAGE), ("Origin", PAGE)])
    assert answer.status == 200 and not allowances(answer)


@pytest.mark.parametrize("origin", [PAGE, OTHER_PAGE])
@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("target", ["/calls/x", "/agents", "/dialing", "/nowhere"])
def test_a_preflight_of_a_configured_origin_is_allowed(open_world, origin, method, target):
    answer = preflight(origin, method, target)(open_world)
    assert (answer.status, answer.body) == (204, b""), answer
    allowed = allowances(answer)
    assert allowed["access-control-allow-origin"] == origin
    assert METHODS <= {part.strip() for part in allowed["access-control-allow-methods"].split(",")}
    fields = {part.strip().lower() for part in allowed["access-control-allow-headers"].split(",")}
    assert {"x-api-key", "authorization", "content-type", "idempotency-key", "x-request-id"} <= fields
    assert 0 < int(allowed["access-control-max-age"]) <= 86_400
    assert answer.header("vary") == "Origin" and "access-control-allow-credentials" not in allowed


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_preflight_of_a_foreign_origin_gets_nothing(open_world, origin):
    answer = preflight(origin)(open_world)
    assert answer.status == 405 and not allowances(answer)
    assert answer.header("vary") == "Origin"
