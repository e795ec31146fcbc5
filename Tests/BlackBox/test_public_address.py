"""The signed URL is the configured one: no header of a request can move it."""

import itertools
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from harness.unchanged import nothing_happens

EVIL = "attacker.example.net"
TRICKS = {
    "Host": ([], EVIL),
    "Host with a port": ([], EVIL + ":443"),
    "X-Forwarded-Host": ([("X-Forwarded-Host", EVIL)], None),
    "X-Forwarded-Host, a list": ([("X-Forwarded-Host", f"{EVIL}, gw.example.com")], None),
    "X-Forwarded-Proto": ([("X-Forwarded-Proto", "http")], None),
    "X-Forwarded-Port": ([("X-Forwarded-Port", "8443")], None),
    "X-Forwarded-Prefix": ([("X-Forwarded-Prefix", "/evil")], None),
    "Forwarded": ([("Forwarded", f"host={EVIL};proto=http")], None),
    "Forwarded, quoted": ([("Forwarded", f'for=1.2.3.4;host="{EVIL}";proto=https')], None),
    "X-Original-Host": ([("X-Original-Host", EVIL), ("X-Host", EVIL), ("X-Forwarded-Server", EVIL)], None),
    "X-Original-URL": ([("X-Original-URL", "/webhooks/twilio/voice"), ("X-Rewrite-URL", "/evil")], None),
    "X-HTTP-Method-Override": ([("X-HTTP-Method-Override", "GET")], None),
    "all of them": (
        [
            ("X-Forwarded-Host", EVIL),
            ("X-Forwarded-Proto", "http"),
            ("X-Forwarded-Port", "80"),
            ("Forwarded", f"host={EVIL};proto=http"),
        ],
        EVIL,
    ),
}
BASES = (f"https://{EVIL}", f"http://{EVIL}", f"https://{EVIL}:8443", "http://gw.example.com")
COMBINATIONS = list(itertools.product(TRICKS, BASES))


@pytest.fixture(scope="module", params=["https://gw.example.com", "https://gw.example.com/voice/eu-1"])
def world(request, start_world):
    return start_world(PUBLIC_BASE_URL=request.param)


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


@pytest.fixture(scope="module")
def order(world, agent):
    return world.order(agent)


def test_there_are_enough_of_them():
    assert len(COMBINATIONS) >= 40


@pytest.mark.parametrize(("trick", "base"), COMBINATIONS)
def test_a_signature_for_another_address_is_refused_whatever_the_headers_say(world, order, trick, base):
    headers, host = TRICKS[trick]
    genuine = order.life.status("ringing", 1, 3)
    target = genuine.target(world.gateway.public_base_url)
    signature = RequestValidator(world.credentials.auth_token).compute_signature(base + target, genuine.parameters)
    form = ("Content-Type", "application/x-www-form-urlencoded")
    with nothing_happens(world, order):
        answer = world.gateway.send(
            "POST",
            target,
            headers=[("X-Twilio-Signature", signature), form, *headers],
            body=urlencode(genuine.parameters).encode(),
            host=host,
        )
        assert (answer.status, answer.body) == (403, b"")


@pytest.mark.parametrize("trick", TRICKS)
def test_the_genuine_message_is_taken_whatever_the_headers_say(world, agent, trick):
    headers, host = TRICKS[trick]
    order = world.order(agent)
    genuine = order.life.status("ringing", 1, 3)
    answer = world.gateway.send(
        "POST",
        genuine.target(world.gateway.public_base_url),
        headers=[*genuine.headers(), *headers],
        body=genuine.body(),
        host=host,
    )
    assert answer.status == 204
    assert world.gateway.look_up(order.call["id"])["status"] == "ringing"
