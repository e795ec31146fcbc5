"""Each way in which a vendor's answer can be wrong, alone: what the client is told, and what the call becomes."""

import json
import secrets
import xml.etree.ElementTree as ElementTree

import pytest

from harness.memory import resident_mebibytes
from harness.waiting import eventually
from standins.faults import ByNumber, Canary, twilio_faults, ultravox_faults
from standins.scripted import Always

CANARY = Canary()
TWILIO = {fault.name: fault for fault in twilio_faults(CANARY)}
ULTRAVOX = {fault.name: fault for fault in ultravox_faults(CANARY)}
GOOD = ("201 slow", "answered, then closed", "429")


@pytest.fixture(scope="module")
def world(start_world):
    world = start_world()
    world.twilio.weather = ByNumber()
    return world


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


@pytest.fixture(autouse=True)
def nothing_goes_elsewhere(world, agent):
    world.ultravox.weather = None
    world.reassure(agent)
    yield
    assert CANARY.hits == []


@pytest.mark.parametrize("name", [name for name in TWILIO if name not in GOOD and name != "429 for long"])
def test_what_is_no_proper_answer_to_a_dial_leaves_the_call_unknown_until_evidence_comes(world, agent, name):
    number = world.numbers.take()
    world.twilio.weather.faults[number] = TWILIO[name]
    memory = resident_mebibytes(world.gateway.pid)
    answer = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number})
    assert answer.status == 202, answer
    call = answer.json()
    assert (call["status"], call["call_sid"]) == ("unknown", None), call
    (create,) = world.twilio.creates_for(number)
    assert resident_mebibytes(world.gateway.pid) - memory < 32
    # Whatever sid the answer claimed, a signed webhook has the last word.
    life = world.life_of(call, number, create.made or "CA" + secrets.token_hex(16))
    voice = life.voice()
    for message in (life.status("ringing", 1, 3), life.status("in-progress", 2, 11)):
        assert world.gateway.deliver(message).status == 204
    seen = eventually(
        lambda: (seen := world.gateway.look_up(call["id"]))["status"] == "in-progress" and seen, what="the evidence"
    )
    assert seen["call_sid"] == life.call_sid
    document = world.gateway.deliver(voice)
    assert ElementTree.fromstring(document.body).find("Connect/Stream").get("url") == call["join_url"]
    assert len(world.twilio.creates_for(number)) == 1


@pytest.mark.parametrize("name", GOOD)
def test_a_proper_answer_that_comes_in_an_odd_way_is_taken(world, agent, name):
    number = world.numbers.take()
    world.twilio.weather.faults[number] = TWILIO[name]
    if name == "429":

        def once(exchange):
            del world.twilio.weather.faults[number]
            TWILIO["429"].play(exchange)

        world.twilio.weather.faults[number] = type(TWILIO[name])("429", once)
    answer = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number})
    assert answer.status == 201, answer
    creates = [create for create in world.twilio.creates_for(number) if create.status != 429]
    assert len(creates) == 1 and answer.json()["call_sid"] == creates[0].made


def test_a_throttled_dial_that_must_wait_too_long_is_given_up_and_said_so(world, agent):
    number = world.numbers.take()
    world.twilio.weather.faults[number] = TWILIO["429 for long"]
    answer = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number})
    assert (answer.status, answer.json()["code"]) == (503, "upstream_unavailable") and answer.header("retry-after")
    call = world.gateway.look_up(answer.json()["call_id"])
    assert (call["status"], call["error"]["source"]) == ("failed", "twilio")
    deleted = lambda: [
        entry for entry in world.ultravox.requests("DELETE") if entry.path.endswith(call["ultravox_call_id"])
    ]
    eventually(deleted, what="the end of the agent call that nobody will join")
    assert len(deleted()) == 1


@pytest.mark.parametrize("name", [name for name in ULTRAVOX if name not in GOOD])
def test_what_is_no_proper_agent_call_dials_nobody(world, agent, name):
    number = world.numbers.take()
    world.ultravox.weather = Always(ULTRAVOX[name])
    try:
        answer = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number})
    finally:
        world.ultravox.weather = None
    assert answer.status in (502, 503), answer
    assert (answer.header("retry-after") is not None) == (answer.status == 503)
    problem = answer.json()
    call = world.gateway.look_up(problem["call_id"])
    assert (call["status"], call["error"]["source"], call["call_sid"]) == ("failed", "ultravox", None), call
    assert world.twilio.creates_for(number) == []
    assert len(world.agent_calls_for(call["id"])) <= 1
    for text in (answer.text, json.dumps(call)):
        assert "wss://" not in text and "<h1>" not in text and "Hangup" not in text, text


def test_one_bad_answer_does_not_spoil_the_next_order(world, agent):
    assert world.order(agent).call["status"] == "queued"
    world.gateway.require_alive()
