"""What a client erases is gone from the gateway at once, from its journal within seconds, and from the vendors as soon as
they do what they are asked; nothing brings it back."""

import json
import os
import secrets

import pytest

from harness.delivering import dead_letters, deliver
from harness.process import Gateway
from harness.waiting import eventually
from standins.life import SHORT_SUMMARY, TwilioMessage
from standins.scripted import Down

CANARY = "canary-" + secrets.token_hex(8)
FULL_ORDER = {
    "machine_detection": "detect",
    "record": True,
    "metadata": {"patient": CANARY},
    "template_context": {"who": CANARY},
}


@pytest.fixture(scope="module", params=["none", "sqlite"])
def world(request, start_world):
    return start_world(JOURNAL="none" if request.param == "none" else "sqlite:calls.sqlite")


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent(prompt="You are brief with {{who}}.")


def finished(world, agent, key=None):
    """A call that was talked in, recorded, and is over."""
    number = world.numbers.take()
    document = {"phone_number": number, **FULL_ORDER}
    headers = [("Idempotency-Key", key)] if key else []
    answer = world.gateway.call("POST", f"/calls/{agent}", document, headers=headers)
    assert answer.status == 201, answer
    life = world.life_of(answer.json(), number)
    world.twilio.set_status(life.call_sid, "completed")
    world.twilio.recordings.add(life.recording_sid)
    deliver(world, *life.completed())
    eventually(lambda: world.gateway.look_up(answer.json()["id"])["status"] == "completed", what="the end")
    return answer.json(), life, (document, headers, answer)


def erasure(world, call_id):
    answer = world.gateway.call("GET", f"/erasures/{call_id}")
    assert answer.status == 200, answer
    return answer.json()


def complete(world, call_id):
    return eventually(
        lambda: (shown := erasure(world, call_id))["complete"] and shown, within=5, what="a complete erasure"
    )


def journal_files(world):
    """The bytes of the journal's files."""
    directory = os.path.realpath(f"/proc/{world.gateway.pid}/cwd")
    names = [name for name in os.listdir(directory) if name.startswith("calls.sqlite")]
    found = {}
    for name in names:
        with open(os.path.join(directory, name), "rb") as file:
            found[name] = file.read()
    return found


def test_an_erased_call_is_gone_here_and_at_the_vendors(world, agent):
    call, life, _ = finished(world, agent)
    answer = world.gateway.call("DELETE", f"/calls/{call['id']}")
    assert (answer.status, answer.body) == (204, b""), answer
    assert answer.header("location") == f"/erasures/{call['id']}"
    for name in (call["id"], life.call_sid):
        for method, path in (("GET", ""), ("GET", "/transcript"), ("POST", "/hangup"), ("DELETE", "")):
            gone = world.gateway.call(method, f"/calls/{name}{path}")
            assert (gone.status, gone.json()["code"]) == (404, "not_found"), (method, path, gone)
    assert all(other["id"] != call["id"] for other in world.gateway.call("GET", "/calls?limit=200").json()["data"])
    shown = complete(world, call["id"])
    assert shown["gateway"]["memory"]["status"] == "gone"
    assert shown["gateway"]["journal"]["status"] in ("gone", "none")
    assert [copy["status"] for copy in shown["twilio"]["recordings"]] == ["gone"]
    assert [copy["status"] for copy in shown["ultravox"]["calls"]] == ["gone"]
    assert life.recording_sid not in world.twilio.recordings
    assert call["ultravox_call_id"] not in world.ultravox.calls
    text = json.dumps(shown)
    for personal in (life.call_sid, life.recording_sid, call["phone_number"], CANARY):
        assert personal not in text
    # By its CallSid, too.
    assert erasure(world, life.call_sid)["call_id"] == call["id"]


def test_replayed_webhooks_bring_nothing_back(world, agent):
    call, life, _ = finished(world, agent)
    messages = life.completed()
    assert world.gateway.call("DELETE", f"/calls/{call['id']}").status == 204
    complete(world, call["id"])
    deletions = len(world.twilio.requests("DELETE"))
    for message in messages:
        answer = world.gateway.deliver(message)
        if message.kind == "voice":
            assert answer.status == 200 and b"Hangup" in answer.body
        else:
            assert answer.status == 204, (message, answer)
    assert world.gateway.call("GET", f"/calls/{call['id']}").status == 404
    assert {letter["reason"] for letter in dead_letters(world)[: len(messages)]} == {"gone"}
    complete(world, call["id"])
    assert len(world.twilio.requests("DELETE")) == deletions


def test_a_recording_that_becomes_known_later_joins(world, agent):
    call, life, _ = finished(world, agent)
    assert world.gateway.call("DELETE", f"/calls/{call['id']}").status == 204
    complete(world, call["id"])
    late = "RE" + secrets.token_hex(16)
    world.twilio.recordings.add(late)
    genuine = life.recording(11, 47)
    changed = {**dict(genuine.parameters), "RecordingSid": late}
    message = TwilioMessage("recording", life.create.field("RecordingStatusCallback"), changed, life.auth_token)
    deliver(world, message)
    eventually(lambda: late not in world.twilio.recordings, what="the deletion of the late recording")
    shown = complete(world, call["id"])
    assert [copy["status"] for copy in shown["twilio"]["recordings"]] == ["gone", "gone"]


def test_a_call_that_goes_on_is_not_erased(world, agent):
    order = world.order(agent, template_context={"who": "Bob"})
    answer = world.gateway.call("DELETE", f"/calls/{order.call['id']}")
    assert (answer.status, answer.json()["code"], answer.json()["call_id"]) == (409, "call_is_live", order.call["id"])
    assert world.gateway.look_up(order.call["id"])["status"] == "queued"
    assert world.gateway.call("GET", f"/erasures/{order.call['id']}").status == 404


@pytest.mark.parametrize("name", ["call_00000000000000000000000000", "CA" + "0" * 32, "nothing"])
def test_what_there_is_not_cannot_be_erased(world, name):
    for method, path in (("DELETE", f"/calls/{name}"), ("GET", f"/erasures/{name}")):
        answer = world.gateway.call(method, path)
        assert (answer.status, answer.json()["code"]) == (404, "not_found"), (path, answer)
        assert world.gateway.send(method, path).status == 401
    refused = world.gateway.call("PUT", f"/calls/{name}", {})
    assert refused.status == 405 and "DELETE" in refused.header("allow"), refused
    assert world.gateway.call("DELETE", f"/erasures/{name}").header("allow") == "GET, HEAD"


def test_the_key_of_an_erased_call_dials_nobody(world, agent):
    key = "key-" + secrets.token_hex(8)
    call, life, (document, headers, first) = finished(world, agent, key)
    again = world.gateway.call("POST", f"/calls/{agent}", document, headers=headers)
    assert again.body == first.body
    assert world.gateway.call("DELETE", f"/calls/{call['id']}").status == 204
    again = world.gateway.call("POST", f"/calls/{agent}", document, headers=headers)
    assert (again.status, again.json()["code"]) == (404, "not_found"), again
    other = world.gateway.call("POST", f"/calls/{agent}", {**document, "record": False}, headers=headers)
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(world.twilio.creates_for(document["phone_number"])) == 1


def test_a_vendor_that_is_down_is_asked_again_and_that_is_shown(world, agent):
    call, life, _ = finished(world, agent)
    calm = world.twilio.weather
    world.twilio.weather = Down()
    try:
        assert world.gateway.call("DELETE", f"/calls/{call['id']}").status == 204
        shown = eventually(
            lambda: (copies := erasure(world, call["id"])["twilio"]["recordings"])[0].get("attempts") and copies[0],
            what="a failed attempt",
        )
        assert shown["status"] == "pending" and shown["id"] == life.recording_sid
        assert shown["reason"] and shown["next_try_at"] > shown["last_tried_at"]
        assert not erasure(world, call["id"])["complete"]
    finally:
        world.twilio.weather = calm
    eventually(lambda: life.recording_sid not in world.twilio.recordings, within=20, what="the deletion")
    complete(world, call["id"])


def test_nothing_of_it_is_in_the_journal_or_in_the_log(world, agent):
    call, life, _ = finished(world, agent, "key-" + CANARY)
    personal = [
        call["phone_number"], CANARY, life.call_sid, SHORT_SUMMARY, call["join_url"], life.recording_sid,
    ]
    hidden = [bytes.fromhex(life.call_sid[2:]), bytes.fromhex(life.recording_sid[2:])]
    if world.gateway.environment["JOURNAL"] != "none":
        held = b"".join(journal_files(world).values())
        assert call["phone_number"].encode() in held and hidden[0] in held
    # The other calls of this module are not to be looked for.
    for other in world.gateway.call("GET", "/calls?limit=200").json()["data"]:
        if other["status"] == "completed":
            assert world.gateway.call("DELETE", f"/calls/{other['id']}").status == 204
            complete(world, other["id"])
    for name, content in journal_files(world).items():
        for text in [*(word.encode() for word in personal), *hidden]:
            assert text not in content, (name, text)
    lines = "\n".join(world.gateway.lines)
    assert "a call was erased" in lines
    for text in (call["phone_number"], CANARY):
        assert text not in lines


def test_an_erasure_goes_on_after_a_kill(start_world):
    world = start_world(JOURNAL="sqlite:calls.sqlite")
    agent = world.new_agent(prompt="You are brief with {{who}}.")
    call, life, (document, headers, _) = finished(world, agent, "key-of-an-erased-call")
    calm = world.twilio.weather
    world.twilio.weather = Down()
    assert world.gateway.call("DELETE", f"/calls/{call['id']}").status == 204
    directory = os.path.realpath(f"/proc/{world.gateway.pid}/cwd")
    world.gateway._process.kill()
    world.gateway._process.wait()
    world.twilio.weather = calm
    world.gateway = Gateway(world.gateway.environment, directory)
    complete(world, call["id"])
    assert life.recording_sid not in world.twilio.recordings
    assert world.gateway.call("GET", f"/calls/{call['id']}").status == 404
    again = world.gateway.call("POST", f"/calls/{agent}", document, headers=headers)
    assert (again.status, again.json()["code"]) == (404, "not_found"), again
    deliver(world, *life.completed()[-3:])
    assert world.gateway.call("GET", f"/calls/{call['id']}").status == 404
    for name, content in journal_files(world).items():
        assert call["phone_number"].encode() not in content, name
