"""Twilio's own Python library as a client of `switchboard sandbox`."""

import re

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from harness.numbers import PhoneBook
from harness.process import SandboxProcess
from harness.rewriting import RewritingHttpClient
from harness.waiting import eventually
from standins.customer import Customer

OVER = {"completed", "busy", "no-answer", "failed", "canceled"}
STATUSES = OVER | {"queued", "ringing", "in-progress"}


@pytest.fixture(scope="module")
def client(sandbox):
    return Client(
        sandbox.credentials.account_sid, sandbox.credentials.auth_token, http_client=RewritingHttpClient(sandbox.twilio)
    )


@pytest.fixture(scope="module")
def customer():
    customer = Customer()
    yield customer
    customer.stop()


@pytest.fixture(scope="module")
def numbers():
    return PhoneBook()


@pytest.fixture
def create(client, customer, numbers, sandbox):
    def create(**options):
        arguments = {
            "to": numbers.take(),
            "from_": sandbox.credentials.phone_number,
            "url": customer.origin + "/voice",
            "status_callback": customer.origin + "/status",
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
            **options,
        }
        return client.calls.create(**arguments)

    return create


def refusal(action):
    with pytest.raises(TwilioRestException) as caught:
        action()
    return caught.value


def test_create_answers_with_a_queued_call(create, sandbox):
    call = create()
    assert re.fullmatch(r"CA[0-9a-f]{32}", call.sid)
    assert call.status == "queued"
    assert call.direction == "outbound-api"
    assert call.account_sid == sandbox.credentials.account_sid
    assert call._from == sandbox.credentials.phone_number
    assert call.api_version == "2010-04-01"
    assert (call.start_time, call.end_time, call.duration, call.answered_by) == (None, None, None, None)


def test_fetch_finds_what_create_made(client, create):
    call = create()
    fetched = client.calls(call.sid).fetch()
    assert (fetched.sid, fetched.to, fetched._from) == (call.sid, call.to, call._from)
    assert fetched.status in STATUSES


def test_list_pages_through_everything_newest_first(client, create):
    made = [create().sid for _ in range(7)]
    by_threes = [call.sid for call in client.calls.list(page_size=3)]
    assert [sid for sid in by_threes if sid in made] == made[::-1]
    assert len(by_threes) == len(set(by_threes))
    assert by_threes == [call.sid for call in client.calls.list(page_size=1000)]


def test_list_stops_at_its_limit(client, create):
    made = [create().sid for _ in range(5)]
    assert [call.sid for call in client.calls.list(limit=5, page_size=2)] == made[::-1]


def test_pages_can_be_walked_by_hand(client, create):
    for _ in range(3):
        create()
    first = client.calls.page(page_size=2)
    assert len(list(first)) == 2 and first.previous_page_url is None
    second = first.next_page()
    assert {call.sid for call in first}.isdisjoint(call.sid for call in second)
    assert [call.sid for call in second.previous_page()] == [call.sid for call in client.calls.page(page_size=2)]


def test_list_filters_by_number_and_status(client, create):
    call, other = create(), create()
    assert [found.sid for found in client.calls.list(to=call.to)] == [call.sid]
    call.update(status="completed")
    over = eventually(
        lambda: (status := client.calls(call.sid).fetch().status) in OVER and status, what="the end of the call"
    )
    assert call.sid in [found.sid for found in client.calls.list(status=over)]
    assert other.to != call.to and client.calls.list(to=call.to, status="busy") == []


def test_update_completed_ends_a_call_in_any_state(client, create):
    call = create()
    updated = call.update(status="completed")
    assert updated.sid == call.sid
    status = eventually(
        lambda: (now := client.calls(call.sid).fetch().status) in OVER and now, what="the end of the call"
    )
    assert status in ("completed", "canceled")


def test_update_canceled_stops_a_call_that_nobody_answered(client, create):
    seen = []
    for _ in range(5):  # the callee may be quicker than we are
        call = create()
        try:
            seen.append(call.update(status="canceled").status)
        except TwilioRestException as error:
            assert error.code == 21220
        if seen[-1:] == ["canceled"]:
            break
    assert "canceled" in seen, seen
    assert client.calls(call.sid).fetch().status == "canceled"


def test_a_call_that_is_over_cannot_be_changed(client, create):
    call = create()
    call.update(status="completed")
    eventually(lambda: client.calls(call.sid).fetch().status in OVER, what="the end of the call")
    error = refusal(lambda: call.update(status="completed"))
    assert (error.status, error.code) == (400, 21220)


def test_callbacks_bear_a_signature_that_twilios_validator_accepts(create, customer, client, sandbox):
    call = create()
    eventually(
        lambda: [r for r in customer.callbacks(call.sid) if r.target == "/voice"], within=15, what="the voice request"
    )
    call.update(status="completed")
    eventually(
        lambda: [r for r in customer.callbacks(call.sid) if r.form.get("CallStatus") == "completed"],
        within=15,
        what="the completed callback",
    )
    validator = RequestValidator(sandbox.credentials.auth_token)
    requests = customer.callbacks(call.sid)
    for request in requests:
        assert validator.validate(customer.origin + request.target, request.form, request.signature), request
        assert request.form["AccountSid"] == sandbox.credentials.account_sid
    told = [r.form for r in requests if r.target == "/status"]
    assert {form["CallStatus"] for form in told} >= {"initiated", "ringing", "in-progress", "completed"}
    assert len({form["SequenceNumber"] for form in told}) == 4


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"to": "+1"}, 21211),
        ({"to": "banana"}, 21211),
        ({"to": ""}, 21201),
        ({"from_": "+12025550199"}, 21210),
        ({"url": "not a url"}, 21205),
        ({"timeout": 601}, 21208),
    ],
)
def test_a_bad_parameter_is_a_rest_exception_with_twilios_code(create, options, code):
    error = refusal(lambda: create(**options))
    assert (error.status, error.code) == (400, code)
    assert error.msg and error.uri


def test_an_unknown_call_is_not_found(client):
    error = refusal(lambda: client.calls("CA" + "0" * 32).fetch())
    assert (error.status, error.code) == (404, 20404)


def test_a_wrong_token_is_an_authentication_error(sandbox):
    stranger = Client(sandbox.credentials.account_sid, "0" * 32, http_client=RewritingHttpClient(sandbox.twilio))
    error = refusal(lambda: stranger.calls("CA" + "0" * 32).fetch())
    assert (error.status, error.code) == (401, 20003)


def test_the_sandbox_ends_when_it_is_asked_to(sandbox, tmp_path):
    other = SandboxProcess({}, tmp_path)
    assert other.stop(within=15) == 0
    sandbox.require_alive()
