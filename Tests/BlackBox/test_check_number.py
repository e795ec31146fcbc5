"""`switchboard check` beside the program's own stand-ins: wrong set-ups of the number and of the agent for callers are
called by their name, with what to set, and the right one is well."""

import json
import uuid
from types import SimpleNamespace

import pytest

from conftest import TWILIO_PHONE_NUMBER
from harness.figures import figure
from harness.meddling_proxy import MeddlingProxy
from harness.process import Gateway
from harness.waiting import eventually
from harness.wire import exchange
from test_check import check, finding

VERIFIED = "+12025550188"


@pytest.fixture(scope="module")
def place(sandbox, tmp_path_factory):
    """A gateway whose vendors are the stand-ins, at a public address."""
    proxy = MeddlingProxy(None)
    credentials = sandbox.credentials
    try:
        gateway = Gateway(
            {
                "TWILIO_ACCOUNT_SID": credentials.account_sid,
                "TWILIO_AUTH_TOKEN": credentials.auth_token,
                "TWILIO_PHONE_NUMBER": TWILIO_PHONE_NUMBER,
                "ULTRAVOX_API_KEY": credentials.ultravox_api_key,
                "TWILIO_BASE_URL": sandbox.twilio,
                "ULTRAVOX_BASE_URL": sandbox.ultravox,
                "PUBLIC_BASE_URL": proxy.origin,
                "API_KEYS": f"test:{credentials.api_key}",
                "PORT": "0",
                "LOG_FORMAT": "json",
                "JOURNAL": "none",
                "SHUTDOWN_GRACE": "2s",
            },
            tmp_path_factory.mktemp("gateway"),
        )
    except BaseException:
        proxy.stop()
        raise
    proxy.upstream = gateway.origin
    yield SimpleNamespace(gateway=gateway, sandbox=sandbox, base=proxy.origin)
    gateway.stop()
    proxy.stop()


def hook(place, kind):
    return f"{place.base}/webhooks/twilio/{kind}"


def right(place, **changes):
    """The number as it should be at Twilio, with some changes."""
    return {
        "phone_number": TWILIO_PHONE_NUMBER,
        "voice_url": hook(place, "voice"),
        "voice_fallback_url": hook(place, "fallback"),
        "status_callback": hook(place, "status"),
        **changes,
    }


def set_up(place, *numbers, caller_ids=()):
    body = json.dumps({"numbers": numbers, "caller_ids": list(caller_ids)}).encode()
    answer = exchange(place.sandbox.twilio, "PUT", "/_sandbox/numbers", body=body)
    assert answer.status == 200, answer


def agent_at_ultravox(place, template):
    """An agent that was made in Ultravox's console. Returns its id."""
    document = {"name": f"console-{uuid.uuid4()}"}
    if template is not None:
        document["callTemplate"] = template
    answer = exchange(
        place.sandbox.ultravox,
        "POST",
        "/api/agents",
        headers=[("X-API-Key", place.sandbox.credentials.ultravox_api_key), ("Content-Type", "application/json")],
        body=json.dumps(document).encode(),
    )
    assert answer.status == 201, answer
    return answer.json()["agentId"]


def good_agent(place):
    answer = place.gateway.call(
        "POST",
        "/agents",
        {
            "name": f"inbound-{uuid.uuid4()}",
            "prompt": "You talk to {{caller_number}}, who has called {{called_number}} about {{topic}}.",
            "template_variables": {"topic": "everything"},
        },
    )
    assert answer.status == 201, answer
    return answer.json()["id"]


def template(prompt, **more):
    return {"systemPrompt": prompt, "medium": {"twilio": {}}, **more}


def needy(place):
    """An agent that needs a variable which no caller has."""
    schema = {
        "type": "object",
        "properties": {"caller_number": {"type": "string"}, "order_id": {"type": "string"}},
        "required": ["caller_number", "order_id"],
        "additionalProperties": False,
    }
    return agent_at_ultravox(place, template("{{caller_number}} {{order_id}}", contextSchema=schema))


# What is set up, which test says so, how bad it is, and words of what it says.
WRONG_NUMBERS = {
    "not ours": (lambda place: [right(place, phone_number="+12025550177")], "phone number", "failed", "neither a number"),
    "for messages only": (lambda place: [right(place, voice=False)], "phone number", "failed", "cannot make calls"),
    "no URL": (lambda place: [right(place, voice_url="")], "webhooks", "failed", "A call comes in to {voice}, HTTP POST"),
    "Twilio's demo": (
        lambda place: [right(place, voice_url="https://demo.twilio.com/welcome/voice/")],
        "webhooks",
        "failed",
        "go to https://demo.twilio.com: set A call comes in to {voice}",
    ),
    "a wrong path": (
        lambda place: [right(place, voice_url=f"{place.base}/voice")],
        "webhooks",
        "failed",
        "wrong path here: set it to {voice}",
    ),
    "GET": (lambda place: [right(place, voice_method="GET")], "webhooks", "warning", "HTTP GET"),
    "no fallback": (lambda place: [right(place, voice_fallback_url="")], "webhooks", "warning", "to {fallback}"),
    "a fallback that is no fallback": (
        lambda place: [right(place, voice_fallback_url=hook(place, "voice"))],
        "webhooks",
        "failed",
        "Primary handler fails leads to a wrong path here: set it to {fallback}",
    ),
    "a fallback by GET": (
        lambda place: [right(place, voice_fallback_method="GET")],
        "webhooks",
        "failed",
        "refuses HTTP GET for Primary handler fails",
    ),
    "no status": (
        lambda place: [right(place, status_callback="")],
        "webhooks",
        "failed",
        "is not reported: set Call status changes to {status}",
    ),
    "status of another": (
        lambda place: [right(place, status_callback="https://old.example.com/x")],
        "webhooks",
        "failed",
        "to https://old.example.com: set Call status changes to {status}",
    ),
    "status by GET": (
        lambda place: [right(place, status_callback_method="GET")],
        "webhooks",
        "failed",
        "refuses HTTP GET for Call status changes",
    ),
    "a TwiML app": (
        lambda place: [right(place, voice_application_sid="AP" + "1" * 32)],
        "webhooks",
        "failed",
        "TwiML app AP11",
    ),
    "a SIP trunk": (lambda place: [right(place, trunk_sid="TK" + "1" * 32)], "webhooks", "failed", "SIP trunk TK11"),
    "fax": (lambda place: [right(place, voice_receive_mode="fax")], "webhooks", "failed", "receives fax"),
}
WRONG_AGENTS = {
    "one that is not there": (lambda place: str(uuid.uuid4()), "Ultravox has no agent"),
    "a draft": (lambda place: agent_at_ultravox(place, None), "is a draft without a published template"),
    "one that needs a variable": (needy, "needs a value for order_id, and an inbound call gives only caller_number"),
}


def checked(place, directory, agent, **changes):
    return check(place.gateway.environment, directory, INBOUND_AGENT_ID=agent, **changes)


def test_the_right_set_up_is_well(place, tmp_path):
    set_up(place, right(place))
    status, output = checked(place, tmp_path, good_agent(place))
    assert status == 0 and "All tests passed." in output, output
    for name in ("phone number", "webhooks", "inbound agent", "Twilio", "Ultravox", "signed probe"):
        assert finding(output, name)[0] == "ok", output


@pytest.mark.parametrize("name", WRONG_NUMBERS)
def test_a_number_that_is_set_up_wrongly_is_called_by_what_is_wrong(place, tmp_path, name):
    numbers, test, outcome, words = WRONG_NUMBERS[name]
    set_up(place, *numbers(place))
    status, output = checked(place, tmp_path, good_agent(place))
    seen, text = finding(output, test)
    words = words.format(**{kind: hook(place, kind) for kind in ("voice", "fallback", "status")})
    assert seen == outcome and words in text, output
    assert status == (1 if outcome == "failed" else 0), output
    # Without an agent for callers, calls that are placed work all the same.
    if test == "webhooks":
        status, output = checked(place, tmp_path, None)
        assert status == 0 and finding(output, "webhooks")[0] != "failed", output


@pytest.mark.parametrize("name", WRONG_AGENTS)
def test_an_agent_that_cannot_take_calls_is_called_by_what_is_wrong(place, tmp_path, name):
    make, words = WRONG_AGENTS[name]
    set_up(place, right(place))
    agent = make(place)
    status, output = checked(place, tmp_path, agent)
    outcome, text = finding(output, "inbound agent")
    assert status == 1 and outcome == "failed" and words in text and agent in text, output
    assert finding(output, "webhooks")[0] == "ok", output


def test_enough_is_found():
    found = len(WRONG_NUMBERS) + len(WRONG_AGENTS)
    figure("check", f"{found} wrong set-ups of number and agent, called by their name")
    assert found >= 10


def test_a_verified_caller_id_may_call_and_gets_no_calls(place, tmp_path):
    set_up(place, right(place), caller_ids=[VERIFIED])
    status, output = checked(place, tmp_path, None, TWILIO_PHONE_NUMBER=VERIFIED)
    outcome, text = finding(output, "phone number")
    assert status == 0 and outcome == "ok" and "verified caller ID" in text, output
    status, output = checked(place, tmp_path, good_agent(place), TWILIO_PHONE_NUMBER=VERIFIED)
    assert status == 0 and finding(output, "webhooks")[0] == "warning", output


@pytest.mark.parametrize("name", WRONG_AGENTS)
def test_serve_warns_at_its_start_of_an_agent_that_cannot_take_calls(place, tmp_path, name):
    make, words = WRONG_AGENTS[name]
    gateway = Gateway({**place.gateway.environment, "INBOUND_AGENT_ID": make(place)}, tmp_path)
    try:
        line = eventually(
            lambda: next((line for line in list(gateway.lines) if "INBOUND_AGENT_ID cannot take calls" in line), None),
            within=20,
            what="the warning",
        )
    finally:
        gateway.stop()
    assert words in line and json.loads(line)["level"] == "warning"


def test_serve_says_nothing_of_an_agent_that_can(place, tmp_path):
    gateway = Gateway({**place.gateway.environment, "INBOUND_AGENT_ID": good_agent(place)}, tmp_path)
    try:
        agent = gateway.environment["INBOUND_AGENT_ID"]
        eventually(
            lambda: [
                entry
                for entry in exchange(place.sandbox.ultravox, "GET", "/_sandbox/ledger").json()["entries"]
                if entry.get("path") == f"/api/agents/{agent}" and entry.get("method") == "GET"
            ]
            or None,
            within=20,
            what="the look at the agent",
        )
    finally:
        gateway.stop()
    assert not [line for line in gateway.lines if "INBOUND_AGENT_ID" in line and '"warning"' in line]
