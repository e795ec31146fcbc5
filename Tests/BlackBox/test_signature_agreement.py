"""The gateway and Twilio's own `RequestValidator` must agree on every message."""

import random
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from standins.forms import FormGenerator

MESSAGES = {"plain": 1400, "prefix": 400, "other port": 300, "loopback": 400}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module", params=list(MESSAGES))
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def world(kind, start_world):
    """A gateway with one kind of public address. The loopback one must be known before the gateway starts."""
    if kind == "loopback":
        port = free_port()
        return start_world(PUBLIC_BASE_URL=f"http://127.0.0.1:{port}", PORT=str(port))
    base = {
        "plain": "https://gw.example.com",
        "prefix": "https://gw.example.com/voice/eu-1",
        "other port": "https://gw.example.com:8443",
    }
    return start_world(PUBLIC_BASE_URL=base[kind])


def send(world, request):
    return world.gateway.send(request.method, request.target, headers=request.headers(), body=request.body)


def test_the_gateway_accepts_what_twilios_validator_accepts_and_nothing_else(world, kind):
    generator = FormGenerator(
        random.Random(f"signatures {kind}"),
        base_url=world.gateway.public_base_url,
        account_sid=world.credentials.account_sid,
        auth_token=world.credentials.auth_token,
    )
    requests = [generator.request() for _ in range(MESSAGES[kind])]
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda request: send(world, request), requests))

    refused_genuine = [pair for pair in zip(requests, answers) if pair[0].genuine and pair[1].status not in (200, 204)]
    accepted_forged = [pair for pair in zip(requests, answers) if not pair[0].genuine and pair[1].status != 403]
    assert not refused_genuine, f"{len(refused_genuine)} genuine refused, the first: {refused_genuine[:3]}"
    assert not accepted_forged, f"{len(accepted_forged)} forged accepted, the first: {accepted_forged[:3]}"
    assert all(answer.body == b"" for request, answer in zip(requests, answers) if not request.genuine)
    genuine = sum(request.genuine for request in requests)
    assert len(requests) * 0.4 < genuine < len(requests) * 0.8, "the generator must make enough of both"
    assert {request.mutation for request in requests} >= {
        "none",
        "other port form",
        "signature",
        "body",
        "url",
        "re-split",
    }
    world.gateway.require_alive()


def test_repeated_parameters_crash_nothing(world):
    generator = random.Random("repeated")
    target = "/webhooks/twilio/status?call=call_1"
    validator = RequestValidator(world.credentials.auth_token)
    for n in range(50):
        pairs = [("AccountSid", world.credentials.account_sid), ("CallSid", f"CA{n:032x}"), ("CallStatus", "ringing")]
        name = generator.choice(("AccountSid", "CallSid", "CallStatus", "X", ""))
        pairs += [
            (name, generator.choice(("", "completed", "é", pairs[0][1]))) for _ in range(generator.randint(1, 30))
        ]
        generator.shuffle(pairs)
        # The values of a repeated name are signed once each, in their order; here for one of Twilio's SDKs' readings.
        values = {key: sorted({value for other, value in pairs if other == key}) for key, _ in pairs}
        signed = world.gateway.public_base_url + target + "".join(k + v for k in sorted(values) for v in values[k])
        headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Twilio-Signature", validator.compute_signature(signed, {})),
        ]
        answer = world.gateway.send("POST", target, headers=headers, body=urlencode(pairs).encode())
        assert answer.status in (204, 403), answer
    world.gateway.require_alive()
