"""The gateway and Twilio's own `RequestValidator` must agree on every message."""

import random
import socket
from collections import Counter
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from harness.comparing import comparable, differences
from harness.crowd import request as as_bytes
from harness.crowd import send_all
from harness.figures import amount, figure
from harness.unchanged import nothing_happens
from standins.forms import MUTATIONS, FormGenerator

GENUINE = amount(1_000, 10_000)
MUTATED = amount(10_000, 200_000)
SHARES = {"plain": 0.5, "prefix": 0.2, "other port": 0.15, "loopback": 0.15}
BATCH = 10_000
ODD_SHAPES = amount(100, 1_000)  # of each message


def start_at_loopback_address(start_world):
    """A gateway whose public address is where it listens. Others may take a free port before it does: then another."""
    for attempts_left in reversed(range(10)):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        try:
            return start_world(PUBLIC_BASE_URL=f"http://127.0.0.1:{port}", PORT=str(port))
        except AssertionError as error:
            if not attempts_left or f"another program listens on 127.0.0.1:{port};" not in str(error):
                raise


@pytest.fixture(scope="module", params=list(SHARES))
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def world(kind, start_world):
    """A gateway with one kind of public address."""
    if kind == "loopback":
        return start_at_loopback_address(start_world)
    base = {
        "plain": "https://gw.example.com",
        "prefix": "https://gw.example.com/voice/eu-1",
        "other port": "https://gw.example.com:8443",
    }
    return start_world(PUBLIC_BASE_URL=base[kind])


def send(world, requests):
    data = [as_bytes(each.method, each.target, each.headers(), each.body) for each in requests]
    return send_all(world.gateway.origin, data)


def test_the_gateway_accepts_what_twilios_validator_accepts_and_nothing_else(world, kind):
    generator = FormGenerator(
        random.Random(f"signatures {kind}"),
        base_url=world.gateway.public_base_url,
        account_sid=world.credentials.account_sid,
        auth_token=world.credentials.auth_token,
    )
    makers = [generator.genuine] * round(GENUINE * SHARES[kind]) + [generator.mutated] * round(MUTATED * SHARES[kind])
    generator.random.shuffle(makers)
    refused, accepted, mutations, genuine = [], [], Counter(), 0
    for start in range(0, len(makers), BATCH):
        requests = [make() for make in makers[start : start + BATCH]]
        pairs = list(zip(requests, send(world, requests)))
        refused += [pair for pair in pairs if pair[0].genuine and pair[1].status not in (200, 204)]
        accepted += [pair for pair in pairs if not pair[0].genuine and (pair[1].status, pair[1].body) != (403, b"")]
        mutations.update(each.mutation for each in requests)
        genuine += sum(each.genuine for each in requests)
    assert not refused, f"{len(refused)} genuine refused, the first: {refused[:3]}"
    assert not accepted, f"{len(accepted)} forged accepted, the first: {accepted[:3]}"
    assert set(mutations) == {"none", "other port form", *MUTATIONS}
    assert round(GENUINE * SHARES[kind]) <= genuine < len(makers) * 0.5
    figure(f"signatures, {kind}", f"{len(makers)} messages, {genuine} genuine: the validator's verdict on each")
    world.gateway.require_alive()


def test_messages_of_odd_shape_change_nothing_and_cost_nothing(world, kind):
    """A parameter is missing, and its name stands inside of another one. Each is signed here for what it is."""
    generator = random.Random(f"odd shapes {kind}")
    agent, calls, sent = world.new_agent(), [], 0
    for odd_ones_first in (False, True):
        order = world.order(agent, machine_detection="detect", record=True)
        for message in (message for message in order.life.completed() if hasattr(message, "parameters")):
            genuine = dict(message.parameters)
            requests = []
            for _ in range(ODD_SHAPES):
                message.parameters = odd_shape(generator, genuine)
                target = message.target(world.gateway.public_base_url)
                requests.append(as_bytes("POST", target, message.headers(), urlencode(message.parameters).encode()))
            message.parameters = genuine
            if odd_ones_first:
                assert {answer.status for answer in send_all(world.gateway.origin, requests)} <= {200, 204, 403}
                assert world.gateway.deliver(message).status in (200, 204)
            else:
                assert world.gateway.deliver(message).status in (200, 204)
                with nothing_happens(world, order):
                    assert {answer.status for answer in send_all(world.gateway.origin, requests)} <= {200, 204, 403}
            sent += len(requests)
        calls.append(comparable(world.gateway.look_up(order.call["id"]), order))
    assert calls[0] == calls[1], differences(*calls)
    figure(f"messages of odd shape, {kind}", f"{sent} signed: none said anything that the genuine one did not")


def test_messages_of_odd_shape_that_claim_no_call_are_as_old_as_the_genuine_one(world, kind):
    """The URL has no id of ours, so that only the Timestamp tells that the call is older than calls are kept."""
    generator = random.Random(f"unclaimed odd shapes {kind}")
    message = world.inbound().status("completed", 0, 58)
    message.parameters["Timestamp"] = "Sun, 22 Nov 2020 11:46:07 +0000"
    genuine = dict(message.parameters)
    shapes = [genuine, genuine | {"Timestamp": "soon"}, genuine | {"Direction": "sideways"}]
    shapes += [odd_shape(generator, genuine) for _ in range(ODD_SHAPES)]
    requests = []
    for message.parameters in shapes:
        target = message.target(world.gateway.public_base_url)
        requests.append(as_bytes("POST", target, message.headers(), urlencode(message.parameters).encode()))
    with nothing_happens(world):
        assert {answer.status for answer in send_all(world.gateway.origin, requests)} <= {204, 403}


def odd_shape(generator, parameters):
    """The same parameters, but one of them is swallowed by the one before it, or has a name that Twilio does not send."""
    pairs = sorted(parameters.items())
    n = generator.randrange(len(pairs))
    name, value = pairs[n]
    if generator.random() < 0.5 and n + 1 < len(pairs):
        pairs[n : n + 2] = [(name, value + "".join(pairs[n + 1]))]
    elif generator.random() < 0.5:
        pairs[n] = ("Zz" + name, value)
    else:
        cut = generator.randint(0, len(value))
        pairs[n] = (name + value[:cut] + "_", value[cut:])
    return dict(pairs)


def test_repeated_parameters_crash_nothing(world):
    generator = random.Random("repeated")
    target = "/webhooks/twilio/status?call=call_1"
    requests = []
    validator = RequestValidator(world.credentials.auth_token)
    for n in range(500):
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
        requests.append(as_bytes("POST", target, headers, urlencode(pairs).encode()))
    assert {answer.status for answer in send_all(world.gateway.origin, requests)} <= {204, 403}
    world.gateway.require_alive()
