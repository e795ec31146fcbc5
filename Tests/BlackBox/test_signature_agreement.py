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
RE_SPLITS = amount(300, 3_000)  # of each message


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


def test_re_split_messages_that_the_validator_accepts_change_nothing(world, kind):
    """The signature covers names and values without anything between them: the same text can be cut otherwise."""
    generator = random.Random(f"re-split {kind}")
    validator = RequestValidator(world.credentials.auth_token)
    order = world.order(world.new_agent(), machine_detection="detect", record=True)
    others = [world.order(world.new_agent()) for _ in range(2)]
    genuine = [message for message in order.life.completed() if hasattr(message, "parameters")]
    accepted = 0
    for message in genuine:
        assert world.gateway.deliver(message).status in (200, 204)
        requests = []
        for _ in range(RE_SPLITS):
            pairs = re_split(generator, message.parameters)
            if pairs is None or not validator.validate(message.url, pairs, message.signature()):
                continue
            target = message.target(world.gateway.public_base_url)
            requests.append(as_bytes("POST", target, message.headers(), urlencode(pairs).encode()))
        with nothing_happens(world, order), nothing_happens(world, others[0]):
            answers = send_all(world.gateway.origin, requests)
        assert {answer.status for answer in answers} <= {200, 204, 403}
        accepted += len(requests)
    assert accepted > RE_SPLITS
    figure(f"re-split messages, {kind}", f"{accepted} that the validator accepts: nothing changed")


def test_re_split_messages_ahead_of_the_genuine_one_do_not_change_what_it_tells(world, kind):
    """Whatever a re-split message did before, the genuine ones that follow must end in the same call."""
    generator = random.Random(f"re-split first {kind}")
    validator = RequestValidator(world.credentials.auth_token)
    agent, calls = world.new_agent(), []
    for forged in (False, True):
        order = world.order(agent)
        for message in (message for message in order.life.completed() if hasattr(message, "parameters")):
            target = message.target(world.gateway.public_base_url)
            for _ in range(RE_SPLITS if forged else 0):
                pairs = re_split(generator, message.parameters)
                if pairs and tells_otherwise(pairs, message.parameters):
                    if validator.validate(message.url, pairs, message.signature()):
                        with_signature = as_bytes("POST", target, message.headers(), urlencode(pairs).encode())
                        (answer,) = send_all(world.gateway.origin, [with_signature], connections=1)
                        assert answer.status in (200, 204, 403), answer
            assert world.gateway.deliver(message).status in (200, 204)
        calls.append(comparable(world.gateway.look_up(order.call["id"]), order))
    assert calls[0] == calls[1], differences(*calls)


def tells_otherwise(pairs, genuine):
    """Whether something that a webhook is read for is not as in the genuine message."""
    read = ("CallSid", "CallStatus", "SequenceNumber", "StreamSid", "StreamEvent", "AnsweredBy", "RecordingSid")
    return any(pairs.get(name) != genuine.get(name) for name in read)


def re_split(generator, parameters):
    """The same signed text, cut otherwise in one or two places. None where the cut came out as it was."""
    pairs = sorted(parameters.items())
    for _ in range(generator.choice((1, 1, 2))):
        n = generator.randrange(len(pairs))
        text = "".join(pairs[n])
        way = generator.choice(("border", "split", "merge"))
        if way == "border" and len(text) > 1:
            cut = generator.randint(1, len(text))
            pairs[n] = (text[:cut], text[cut:])
        elif way == "split" and len(text) > 3:
            first, second, third = sorted(generator.randint(1, len(text)) for _ in range(3))
            pairs[n : n + 1] = [(text[:first], text[first:second]), (text[second:third], text[third:])]
        elif way == "merge" and n + 1 < len(pairs):
            text += "".join(pairs[n + 1])
            cut = generator.choice((len(pairs[n][0]), generator.randint(1, len(text))))
            pairs[n : n + 2] = [(text[:cut], text[cut:])]
    cut = dict(pairs)
    return cut if len(cut) == len(pairs) and cut != parameters and "" not in cut else None


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
