"""Twilio webhooks that are forged, broken or odd: what is answered, and that nothing comes of it."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from harness.unchanged import nothing_happens
from harness.wire import raw_exchange

SECONDARY_TOKEN = secrets.token_hex(16)
RETIRED_TOKEN = secrets.token_hex(16)
FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")


@pytest.fixture(scope="module")
def world(start_world):
    return start_world(TWILIO_AUTH_TOKEN_SECONDARY=SECONDARY_TOKEN)


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


@pytest.fixture
def order(world, agent):
    return world.order(agent)


class Forgery:
    """The genuine `ringing` message of an order, of which single parts can be replaced before it is sent."""

    def __init__(self, world, order):
        self.world = world
        genuine = order.life.status("ringing", 1, 3)
        self.base = world.gateway.public_base_url
        self.target = genuine.target(self.base)
        self.parameters = genuine.parameters
        self.token = world.credentials.auth_token
        self.method = "POST"
        self.content_type = FORM
        self.other_headers = []
        self.host = None

    def sign(self, base=None, token=None, parameters=None):
        validator = RequestValidator(self.token if token is None else token)
        return validator.compute_signature((base or self.base) + self.target, parameters or self.parameters)

    def send(self, signatures, body=None):
        headers = [("X-Twilio-Signature", signature) for signature in signatures]
        if self.content_type:
            headers.append(self.content_type)
        body = urlencode(self.parameters).encode() if body is None else body
        return self.world.gateway.send(
            self.method, self.target, headers=headers + self.other_headers, body=body, host=self.host
        )


@pytest.fixture
def forgery(world, order):
    return Forgery(world, order)


def status_of(world, order):
    return world.gateway.look_up(order.call["id"])["status"]


def test_the_genuine_message_is_accepted(world, order, forgery):
    answer = forgery.send([forgery.sign()])
    assert (answer.status, answer.body) == (204, b"")
    assert status_of(world, order) == "ringing"


@pytest.mark.parametrize("variant", [":443", "secondary token", "other Host header", "forwarding headers"])
def test_genuine_messages_of_other_shapes_are_accepted(world, order, forgery, variant):
    signature = forgery.sign()
    if variant == ":443":
        signature = forgery.sign(base=forgery.base + ":443")
    elif variant == "secondary token":
        signature = forgery.sign(token=SECONDARY_TOKEN)
    elif variant == "other Host header":
        forgery.host = "evil.example.com"
    else:
        forgery.other_headers = [
            ("X-Forwarded-Host", "evil.example.com"),
            ("X-Forwarded-Proto", "http"),
            ("Forwarded", "host=evil"),
        ]
    assert forgery.send([signature]).status == 204
    assert status_of(world, order) == "ringing"


def changed_last(signature):
    return signature[:-2] + ("A" if signature[-2] != "A" else "B") + "="


REFUSED = {
    "no signature": lambda f: f.send([]),
    "an empty signature": lambda f: f.send([""]),
    "two signatures, one good": lambda f: f.send([f.sign(), "x" * 28]),
    "two signatures, one good, other order": lambda f: f.send(["x" * 28, f.sign()]),
    "two good signatures": lambda f: f.send([f.sign(), f.sign()]),
    "last character of the signature changed": lambda f: f.send([changed_last(f.sign())]),
    "last byte of the body changed": lambda f: f.send([f.sign()], urlencode(f.parameters).encode()[:-1] + b"x"),
    "empty body": lambda f: f.send([f.sign()], b""),
    "signed with an empty token": lambda f: f.send([f.sign(token="")]),
    "signed with a retired token": lambda f: f.send([f.sign(token=RETIRED_TOKEN)]),
    "signed with the account's SID": lambda f: f.send([f.sign(token=f.world.credentials.account_sid)]),
    "signed with the client's API key": lambda f: f.send([f.sign(token=f.world.credentials.api_key)]),
    "signed for http": lambda f: f.send([f.sign(base=f.base.replace("https:", "http:"))]),
    "signed for port 8443": lambda f: f.send([f.sign(base=f.base + ":8443")]),
    "signed for another host": lambda f: f.send([f.sign(base="https://evil.example.com")]),
    "invalid UTF-8 in the form": lambda f: f.send([f.sign()], urlencode(f.parameters).encode() + b"&X=%ff%fe"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_message_that_cannot_be_verified_is_refused_with_403(world, order, forgery, name):
    with nothing_happens(world, order):
        answer = REFUSED[name](forgery)
        assert (answer.status, answer.body) == (403, b""), answer


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "X-Twilio-Host"]
)
def test_no_header_moves_the_signed_url(world, order, forgery, header):
    value = {"Forwarded": "host=evil.example.com;proto=https", "X-Original-URL": "/evil", "X-Rewrite-URL": "/evil"}
    if header == "Host":
        forgery.host = "evil.example.com"
    else:
        forgery.other_headers = [(header, value.get(header, "evil.example.com"))]
    with nothing_happens(world, order):
        assert forgery.send([forgery.sign(base="https://evil.example.com")]).status == 403


@pytest.mark.parametrize("account", ["foreign", "missing", "empty", "lower case"])
def test_a_message_of_another_account_is_refused_with_403(world, order, forgery, account):
    if account == "missing":
        del forgery.parameters["AccountSid"]
    else:
        ours = world.credentials.account_sid
        forgery.parameters["AccountSid"] = {"foreign": "AC" + "f" * 32, "empty": "", "lower case": ours.lower()}[
            account
        ]
    with nothing_happens(world, order):
        assert forgery.send([forgery.sign()]).status == 403


def test_a_signature_header_of_a_megabyte_is_refused_and_nothing_is_read(world, order, forgery):
    body = urlencode(forgery.parameters).encode()
    head = (
        f"POST {forgery.target} HTTP/1.1\r\nHost: gw.example.com\r\nContent-Type: {FORM[1]}\r\n"
        f"Content-Length: {len(body)}\r\nX-Twilio-Signature: {'A' * 1_000_000}\r\n\r\n"
    )
    with nothing_happens(world, order):
        status, _ = raw_exchange(world.gateway.origin, head.encode() + body)
        assert status == 431


@pytest.mark.parametrize("status", ["teleported", "", "COMPLETED", "completed ", "ringing\x00", "in_progress"])
def test_a_verified_message_with_an_unknown_status_is_acknowledged_and_changes_nothing(world, order, forgery, status):
    forgery.parameters["CallStatus"] = status
    with nothing_happens(world, order):
        assert forgery.send([forgery.sign()]).status == 204


@pytest.mark.parametrize(
    "call_sid",
    [
        "",
        "CA1",
        "CA" + "g" * 32,
        "CA" + "A" * 32,
        "ca" + "a" * 32,
        "CA" + "a" * 33,
        "../Accounts",
        "CA" + "a" * 31 + "\n",
    ],
)
def test_a_verified_message_with_a_bad_call_sid_is_acknowledged_and_changes_nothing(world, order, forgery, call_sid):
    forgery.parameters["CallSid"] = call_sid
    with nothing_happens(world, order):
        assert forgery.send([forgery.sign()]).status == 204


def test_a_repeated_parameter_crashes_nothing_and_changes_nothing(world, order, forgery):
    target_text = forgery.base + forgery.target
    pairs = [*forgery.parameters.items(), ("CallStatus", "completed")]
    values = {name: sorted({value for key, value in pairs if key == name}) for name, _ in pairs}
    signed = target_text + "".join(name + value for name in sorted(values) for value in values[name])
    signature = RequestValidator(forgery.token).compute_signature(signed, {})
    with nothing_happens(world, order):
        answer = forgery.send([signature], urlencode(pairs).encode())
        assert answer.status in (204, 403)


def test_an_id_and_a_call_sid_that_contradict_what_we_know_change_nothing(world, agent, order, forgery):
    other = world.order(agent)
    forgery.parameters["CallSid"] = other.call["call_sid"]
    with nothing_happens(world, order), nothing_happens(world, other):
        assert forgery.send([forgery.sign()]).status == 204
    forgery.parameters["CallSid"] = "CA" + "d" * 32
    with nothing_happens(world, order):
        assert forgery.send([forgery.sign()]).status == 204


@pytest.mark.parametrize(
    ("name", "value"),
    [("CallerName", "+padded+"), ("CallerName", " padded "), ("CallerName", "A+B%2BC"), ("CallerName", "Zoë 💥"), ("ZzNew", "1"), ("", "nameless"), ("ToZip", "")],
)  # fmt: skip
def test_genuine_oddities_pass(world, order, forgery, name, value):
    forgery.parameters[name] = value
    assert forgery.send([forgery.sign()]).status == 204
    assert status_of(world, order) == "ringing"


def test_a_thousand_further_parameters_pass_or_are_too_large(world, order, forgery):
    forgery.parameters |= {f"Zz{n:04d}": "" for n in range(1000)}
    answer = forgery.send([forgery.sign()])
    assert answer.status in (204, 413)
    assert status_of(world, order) == ("ringing" if answer.status == 204 else "queued")


@pytest.mark.parametrize(
    "content_type",
    [None, "application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencodedx"],
)
def test_anything_but_a_form_is_refused_with_415(world, order, forgery, content_type):
    forgery.content_type = content_type and ("Content-Type", content_type)
    with nothing_happens(world, order):
        assert forgery.send([forgery.sign()]).status == 415


def test_a_form_of_more_than_64_kib_is_refused_with_413(world, order, forgery):
    forgery.parameters["Zz"] = "x" * 65_536
    with nothing_happens(world, order):
        assert forgery.send([forgery.sign()]).status == 413


@pytest.mark.parametrize("path", ["status", "fallback", "amd", "stream", "recording"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_wrong_method_is_refused_with_405(world, path, method):
    with nothing_happens(world):
        answer = world.gateway.send(method, f"/webhooks/twilio/{path}?call=call_1")
        assert answer.status == 405 and "POST" in answer.header("allow"), answer


@pytest.mark.parametrize("path", ["voice", "fallback"])
def test_twiml_is_given_to_nobody_without_a_signature(world, order, path):
    with nothing_happens(world, order):
        answer = world.gateway.send(
            "POST", f"/webhooks/twilio/{path}?call={order.call['id']}", headers=[FORM], body=b"CallSid=x"
        )
        assert (answer.status, answer.body) == (403, b"")


@pytest.mark.parametrize("name", ["CallStatus", "CallSid"])
def test_a_voice_request_that_is_useless_gets_a_document_that_hangs_up(world, order, name):
    message = order.life.voice()
    message.parameters[name] = "teleported"
    with nothing_happens(world, order):
        answer = world.gateway.deliver(message)
        assert answer.status == 200 and b"<Hangup" in answer.body and b"<Stream" not in answer.body, answer


@pytest.mark.parametrize("name", ["CallStatus", "CallSid", "SequenceNumber"])
def test_a_message_whose_deciding_parameter_hides_in_another_one_changes_nothing(world, order, forgery, name):
    """Signed for what it is: `CallStatus` is missing, and `CallStatus_` or `ApiVersion` holds its name."""
    genuine = dict(forgery.parameters)
    names = sorted(genuine)
    before = names[names.index(name) - 1]
    for changes in ({name + "_": genuine[name]}, {before: genuine[before] + name + genuine[name]}):
        known = {letter["id"] for letter in dead_letters(world)}
        forgery.parameters = {key: value for key, value in genuine.items() if key != name} | changes
        with nothing_happens(world, order):
            assert forgery.send([forgery.sign()]).status == 204, changes
        new = [letter["reason"] for letter in dead_letters(world) if letter["id"] not in known]
        assert new == ["shifted_parameter"], (changes, new)


def dead_letters(world):
    answer = world.gateway.call("GET", "/dead-letters?limit=200")
    assert answer.status == 200, answer
    return answer.json()["data"]


@pytest.mark.parametrize("first", ["genuine", "odd"])
def test_a_message_of_odd_shape_does_not_change_who_called(world, first):
    """`From` holds what is none of Twilio's ways to name a caller. It is signed for what it is."""
    life = world.inbound()
    genuine, odd = life.status("ringing", 0, 3), life.status("ringing", 0, 3)
    odd.parameters["From"] = "CountryUS"
    for message in (genuine, odd) if first == "genuine" else (odd, genuine):
        assert world.gateway.deliver(message).status == 204
    call = world.gateway.look_up(life.call_sid)
    assert (call["phone_number"], call["from"]) == (life.create.field("From"), life.create.field("From"))
    assert "CountryUS" not in json.dumps(call)


@pytest.mark.parametrize(
    ("name", "value"),
    [("AnsweredBy", "Human"), ("From", "+1 202"), ("Direction", "sideways"), ("SipResponseCode", "0"), ("CallDuration", "-1"),
     ("Timestamp", "soon"), ("ErrorCode", "E1")],
)  # fmt: skip
def test_a_side_field_that_cannot_be_read_costs_no_outcome(world, order, name, value):
    over = order.life.status("completed", 3, 58, CallDuration="47", SipResponseCode="200")
    over.parameters[name] = value
    assert world.gateway.deliver(over).status == 204
    call = world.gateway.look_up(order.call["id"])
    assert call["status"] == "completed"
    (end,) = [entry for entry in call["timeline"] if entry["type"] == "call.completed"]
    assert end["detail"].endswith(f"{name} could not be read") and value not in end["detail"]


def test_a_late_message_does_not_move_an_ended_call(world, order):
    life = order.life
    over = life.status("completed", 3, 58, CallDuration="7", Duration="1", SipResponseCode="200")
    for message in (over, life.status("ringing", 1, 3), life.status("in-progress", 2, 11)):
        assert world.gateway.deliver(message).status == 204
    call = world.gateway.look_up(order.call["id"])
    assert (call["status"], call["duration_seconds"]) == ("completed", 7)


def test_a_thousand_copies_at_once_are_one_transition(world, order):
    message = order.life.status("ringing", 1, 3)
    with ThreadPoolExecutor(max_workers=64) as pool:
        answers = list(pool.map(lambda _: world.gateway.deliver(message).status, range(1000)))
    assert set(answers) == {204}
    call = world.gateway.look_up(order.call["id"])
    assert call["status"] == "ringing"
    assert len([entry for entry in call["timeline"] if entry.get("status") == "ringing"]) == 1


def test_a_replayed_voice_request_mints_nothing(world, order):
    message = order.life.voice()
    documents = {world.gateway.deliver(message).body for _ in range(5)}
    assert len(documents) == 1 and order.call["join_url"].encode() in documents.pop()
    with nothing_happens(world, order):
        world.gateway.deliver(message)


def test_an_inbound_call_without_an_agent_is_rejected(world):
    call_sid = "CA" + secrets.token_hex(16)
    parameters = {
        "CallSid": call_sid,
        "AccountSid": world.credentials.account_sid,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "From": "anonymous",
        "To": world.credentials.phone_number,
        "ApiVersion": "2010-04-01",
    }
    target = "/webhooks/twilio/voice"
    signature = RequestValidator(world.credentials.auth_token).compute_signature(
        world.gateway.public_base_url + target, parameters
    )
    sent = world.vendor_requests()
    answer = world.gateway.send(
        "POST", target, headers=[FORM, ("X-Twilio-Signature", signature)], body=urlencode(parameters).encode()
    )
    assert answer.status == 200 and b"<Reject" in answer.body, answer
    assert world.vendor_requests() == sent
    call = world.gateway.look_up(call_sid)
    assert (call["direction"], call["phone_number"]) == ("inbound", "anonymous")
    assert (call["from"], call["to"]) == ("anonymous", world.credentials.phone_number)
