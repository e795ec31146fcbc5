"""The stand-ins among themselves: what the other tests lean on. Needs no gateway."""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from harness.rewriting import RewritingHttpClient
from harness.wire import exchange
from standins.life import Life, ultravox_signature
from standins.server import VANISH, Reached
from standins.twilio_api import TwilioStandin
from standins.ultravox_api import UltravoxStandin

SID, TOKEN, NUMBER = "AC" + "0a" * 16, "b1" * 16, "+12025550143"
KEY = "abcd1234." + "x" * 32


@pytest.fixture
def twilio():
    standin = TwilioStandin(SID, TOKEN, NUMBER)
    yield standin
    standin.stop()


@pytest.fixture
def ultravox():
    standin = UltravoxStandin(KEY)
    yield standin
    standin.stop()


def library(twilio, token=TOKEN):
    return Client(SID, token, http_client=RewritingHttpClient(twilio.origin))


def ask(standin, method, path, document=None, key=KEY):
    body = None if document is None else json.dumps(document).encode()
    return exchange(
        standin.origin, method, path, headers=[("X-API-Key", key), ("Content-Type", "application/json")], body=body
    )


def test_twilios_library_can_use_the_twilio_stand_in(twilio):
    client = library(twilio)
    sids = [client.calls.create(to=f"+1202555010{n}", from_=NUMBER, url="https://a.example.com/").sid for n in range(7)]
    assert client.calls(sids[0]).fetch().status == "queued"
    assert [call.sid for call in client.calls.list(page_size=3)] == sids[::-1]
    assert len(client.calls.list(limit=5)) == 5
    assert client.calls(sids[0]).update(status="completed").status == "canceled"
    assert [call.sid for call in client.calls.list(status="canceled")] == [sids[0]]
    assert twilio.complaints == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"to": "+1", "from_": "+12025550199", "url": "https://a.example.com/"}, 21211),
        ({"to": "+12025550100", "from_": "+12025550199", "url": "https://a.example.com/"}, 21210),
        ({"to": "+12025550100", "from_": NUMBER}, 21205),
    ],
)
def test_the_twilio_stand_in_refuses_as_documented(twilio, arguments, code):
    with pytest.raises(TwilioRestException) as refusal:
        library(twilio).calls.create(**arguments)
    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert len(twilio.creates) == 1 and twilio.calls == {}


def test_the_twilio_stand_in_wants_its_own_credentials(twilio):
    with pytest.raises(TwilioRestException) as refusal:
        library(twilio, "c2" * 16).calls("CA" + "0" * 32).fetch()
    assert (refusal.value.status, refusal.value.code) == (401, 20003)


def test_a_call_that_is_over_cannot_be_ended_again(twilio):
    client = library(twilio)
    call = client.calls.create(to="+12025550100", from_=NUMBER, url="https://a.example.com/")
    twilio.set_status(call.sid, "busy")
    with pytest.raises(TwilioRestException) as refusal:
        call.update(status="completed")
    assert (refusal.value.status, refusal.value.code) == (400, 21220)


def test_a_vanishing_stand_in_keeps_the_connection_until_then_and_ledgers_the_request(twilio):
    twilio.fault = lambda reached: VANISH if reached.field("To") == "+12025550199" else None
    address = urlsplit(twilio.origin)
    connection = http.client.HTTPConnection(address.hostname, address.port)
    fields = {
        "Authorization": "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    path = f"/2010-04-01/Accounts/{SID}/Calls.json"
    form = {"To": "+12025550100", "From": NUMBER, "Url": "https://a.example.com/?call=1#rc=2"}
    connection.request("POST", path, urlencode(form), fields)
    with connection.getresponse() as response:
        assert response.status == 201 and json.load(response)["status"] == "queued"
    connection.request("POST", path, urlencode({**form, "To": "+12025550199"}), fields)
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    assert [(entry.connection, entry.nth, entry.fault) for entry in twilio.creates] == [(0, 0, None), (0, 1, VANISH)]
    assert twilio.creates[1].field("Url").endswith("#rc=2")


def test_the_ultravox_stand_in_replaces_the_call_template_on_patch(ultravox):
    created = ask(
        ultravox, "POST", "/api/agents", {"name": "a-1", "callTemplate": {"systemPrompt": "x", "voice": "Mark"}}
    )
    assert created.status == 201
    path = "/api/agents/" + created.json()["agentId"]
    patched = ask(ultravox, "PATCH", path, {"callTemplate": {"systemPrompt": "y"}})
    assert patched.status == 200 and "voice" not in patched.json()["callTemplate"]
    assert patched.json()["publishedRevisionId"] != created.json()["publishedRevisionId"]
    assert ask(ultravox, "PUT", path, {}).status == 405
    assert ask(ultravox, "POST", "/api/agents", {"name": "a-1", "callTemplate": {}}).status == 400
    assert ask(ultravox, "DELETE", path).status == 204
    assert ask(ultravox, "GET", path).status == 404


@pytest.mark.parametrize(
    "document",
    [
        {"systemPrompt": "not allowed here"},
        {"joinTimeout": 30},
        {"joinTimeout": "640ms"},
        {"metadata": {"n": 1}},
        {"metadata": {"ultravox.x": "1"}},
        {"callbacks": {"ended": "https://a.example.com/"}},
        {"callbacks": {"ended": {"url": "https://a.example.com/" + "x" * 200}}},
        {"templateContext": {"other": "1"}},
        {},
    ],
)
def test_the_ultravox_stand_in_parses_agent_calls_strictly(ultravox, document):
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    agent = ask(ultravox, "POST", "/api/agents", {"name": "a", "callTemplate": {"contextSchema": schema}}).json()
    path = f"/api/agents/{agent['agentId']}/calls"
    assert ask(ultravox, "POST", path, document).status == 400
    good = ask(ultravox, "POST", path, {"templateContext": {"name": "Zoë"}, "metadata": {"k": "v"}})
    assert good.status == 201 and good.json()["joinUrl"].startswith("wss://")
    found = ask(ultravox, "GET", "/api/calls?metadata.k=v").json()["results"]
    assert [call["callId"] for call in found] == [good.json()["callId"]]


def test_a_draft_cannot_be_called_and_a_wrong_key_opens_nothing(ultravox):
    draft = ask(ultravox, "POST", "/api/agents", {"name": "draft", "systemPrompt": "dropped"}).json()
    assert draft["publishedRevisionId"] is None
    assert ask(ultravox, "POST", f"/api/agents/{draft['agentId']}/calls", {}).status == 400
    assert ask(ultravox, "GET", "/api/accounts/me", key="wrong").status == 403
    assert ask(ultravox, "GET", "/api/accounts/me").status == 200


def test_ultravox_pages_lead_through_everything(ultravox):
    for n in range(5):
        ask(ultravox, "POST", "/api/agents", {"name": f"a-{n}", "callTemplate": {}})
    names, path = [], "/api/agents?pageSize=2"
    for _ in range(5):
        page = ask(ultravox, "GET", path).json()
        names += [agent["name"] for agent in page["results"]]
        if page["next"] is None:
            break
        path = page["next"].removeprefix(ultravox.origin)
    assert names == [f"a-{n}" for n in range(5)]


def lives():
    base = "https://gw.example.com/webhooks"
    form = [
        ("To", "+12025550100"),
        ("From", NUMBER),
        ("Url", f"{base}/twilio/voice?call=call_1#rc=2"),
        ("StatusCallback", f"{base}/twilio/status?call=call_1#rc=2&rp=ct,rt,5xx"),
        ("AsyncAmdStatusCallback", f"{base}/twilio/amd?call=call_1"),
        ("RecordingStatusCallback", f"{base}/twilio/recording?call=call_1#rc=2"),
    ]
    callbacks = {
        kind: {"url": f"{base}/ultravox?call=call_1", "secrets": ["s" * 20]} for kind in ("joined", "ended", "billed")
    }
    return Life(
        create=Reached("POST", "/Calls.json", [], [], b"", 0, 0, form=form),
        agent_call=Reached("POST", "/calls", [], [], json.dumps({"callbacks": callbacks}).encode(), 0, 0),
        twilio_call_sid="CA" + "1" * 32,
        ultravox_call={"callId": "u", "metadata": {"switchboard_call_id": "call_1"}},
        auth_token=TOKEN,
        account_sid=SID,
    )


@pytest.mark.parametrize("name", ["completed", "busy", "no_answer", "failed", "canceled"])
def test_every_message_of_a_life_is_signed_as_its_vendor_signs(name):
    messages = getattr(lives(), name)()
    assert len(messages) == {"completed": 12, "failed": 4}.get(name, 5)
    for message in messages:
        headers = dict(message.headers())
        assert "#" not in message.url
        assert message.target("https://gw.example.com").startswith("/webhooks/")
        if message.kind.startswith("call."):
            expected = hmac.new(
                b"s" * 20, message.body() + headers["X-Ultravox-Webhook-Timestamp"].encode(), hashlib.sha256
            )
            assert headers["X-Ultravox-Webhook-Signature"] == expected.hexdigest()
        else:
            assert RequestValidator(TOKEN).validate(message.url, message.parameters, headers["X-Twilio-Signature"])
            assert not RequestValidator(secrets.token_hex(16)).validate(
                message.url, message.parameters, headers["X-Twilio-Signature"]
            )


def test_ultravox_signatures_join_body_and_timestamp_without_a_separator():
    assert ultravox_signature("k", b"ab", "c") == ultravox_signature("k", b"a", "bc")
    assert ultravox_signature("k", b"ab", "c") != ultravox_signature("k", b"ab.", "c")
