"""An order becomes a call whose state is known from signed webhooks alone, whatever their order and number."""

import random
import re
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.comparing import comparable, differences, parsed_time
from harness.waiting import eventually
from standins.life import SHORT_SUMMARY, SUMMARY

PERMUTATIONS = 100
PERMUTATIONS_OF_OTHERS = 15
FULL_ORDER = {"machine_detection": "detect", "record": True, "metadata": {"campaign": "reminders"}}
OVERRIDES = "rc=2&rp=ct,rt,5xx&ct=2000&rt=5000&tt=15000"


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


def deliver(world, message):
    """Delivers and requires the contract's answer: TwiML to a voice request, 204 to everything else."""
    answer = world.gateway.deliver(message)
    if message.kind == "voice":
        assert answer.status == 200 and answer.header("content-type").startswith("text/xml"), (message, answer)
        ElementTree.fromstring(answer.body)
    else:
        assert answer.status == 204 and answer.body == b"", (message, answer)
    return answer


def final_call(world, call_id, status):
    """The Call once it has reached its end; a reader must never see a webhook's effect come and go."""
    return eventually(
        lambda: (call := world.gateway.look_up(call_id))["status"] == status and call, what=f"the status {status}"
    )


def statuses(call):
    """The timeline's statuses in their order, repetitions left out."""
    seen = [entry["status"] for entry in call["timeline"] if entry.get("status")]
    return [status for n, status in enumerate(seen) if status not in seen[:n]]


def test_the_order_is_answered_with_the_call_and_its_join_url(world, agent):
    order = world.order(agent, **FULL_ORDER)
    call = order.call
    assert re.fullmatch(r"call_[0-9A-Za-z_-]{20,}", call["id"])
    assert call["call_sid"] in world.twilio.calls
    assert call["status"] == "queued"
    assert (call["direction"], call["phone_number"]) == ("outbound", order.number)
    assert (call["from"], call["to"]) == ("+12025550143", order.number)
    assert call["agent_id"] == agent
    assert call["metadata"] == {"campaign": "reminders"}
    assert call["join_url"] == world.ultravox.join_urls[call["ultravox_call_id"]]
    for name in (
        "ringing_at",
        "answered_at",
        "ended_at",
        "duration_seconds",
        "conversation",
        "stream",
        "recording",
        "error",
    ):
        assert call[name] is None, name


def test_the_creates_are_what_the_vendors_documents_ask_for(world, agent):
    order = world.order(agent, ring_timeout_seconds=25, **FULL_ORDER)
    create = order.life.create
    assert world.twilio.complaints == []
    assert sorted(create.fields("StatusCallbackEvent")) == ["answered", "completed", "initiated", "ringing"]
    assert create.field("Timeout") == "25"
    assert create.field("MachineDetection") in ("Enable", "DetectMessageEnd") and create.field("AsyncAmd") == "true"
    assert create.field("Record") == "true"
    for name in ("Url", "FallbackUrl", "StatusCallback", "RecordingStatusCallback", "AsyncAmdStatusCallback"):
        address = urlsplit(create.field(name))
        assert f"{address.scheme}://{address.netloc}" == world.gateway.public_base_url, name
        assert address.path.startswith("/webhooks/twilio/"), name
        assert parse_qs(address.query)["call"] == [order.call["id"]], name
        assert address.fragment == ("" if name.startswith("AsyncAmd") else OVERRIDES), name
    assert create.header("Expect") is None
    agent_call = world.ultravox.agent_calls[-1].json()
    assert agent_call["medium"] == {"twilio": {}}
    assert agent_call["joinTimeout"] == "45s"
    assert set(agent_call["callbacks"]) == {"joined", "ended", "billed"}
    for callback in agent_call["callbacks"].values():
        assert urlsplit(callback["url"]).path == "/webhooks/ultravox" and len(callback["secrets"][0]) >= 16


def test_a_call_told_in_order_ends_completed_with_everything_known(world, agent):
    order = world.order(agent, **FULL_ORDER)
    life = order.life
    documents = []
    for message in life.completed():
        answer = deliver(world, message)
        if message.kind == "voice":
            documents.append(answer.body)
            documents.append(deliver(world, life.voice()).body)
    assert documents[0] == documents[1], "a repeated voice request must get the same document"
    assert order.call["join_url"].encode() in documents[0]
    assert len([entry for entry in world.ultravox.agent_calls if order.call["id"].encode() in entry.body]) == 1

    call = final_call(world, order.call["id"], "completed")
    assert parsed_time(call["ringing_at"]) == life.at(3)
    assert parsed_time(call["answered_at"]) == life.at(11)
    assert parsed_time(call["ended_at"]) == life.at(58)
    assert call["duration_seconds"] == 47
    assert call["ultravox_call_id"] == life.ultravox_call["callId"]
    assert (call["answered_by"], call["machine"]) == ("human", False)
    assert call["error"] is None
    conversation = call["conversation"]
    assert parsed_time(conversation["joined_at"]) == life.at(13)
    assert parsed_time(conversation["ended_at"]) == life.at(56)
    assert conversation["end_reason"] == "agent_hangup"
    assert (conversation["short_summary"], conversation["summary"]) == (SHORT_SUMMARY, SUMMARY)
    assert conversation["billed_seconds"] == 48
    assert (call["stream"]["sid"], call["stream"]["status"]) == (life.stream_sid, "stopped")
    assert (call["recording"]["sid"], call["recording"]["status"]) == (life.recording_sid, "completed")
    assert call["recording"]["duration_seconds"] == 47


def test_the_timeline_tells_the_life_in_order(world, agent):
    order = world.order(agent)
    for message in order.life.completed():
        deliver(world, message)
    call = final_call(world, order.call["id"], "completed")
    told = statuses(call)
    assert told[-5:] == ["queued", "initiated", "ringing", "in-progress", "completed"], told
    assert set(told[:-5]) <= {"pending", "unknown"}, told
    for entry in call["timeline"]:
        assert {"at", "type", "source"} <= set(entry)
        assert entry["source"] in ("gateway", "twilio", "ultravox", "lookup")
        parsed_time(entry["at"])
    by_status = {entry["status"]: entry for entry in reversed(call["timeline"]) if entry.get("status")}
    for status, seconds in (("initiated", 0), ("ringing", 3), ("in-progress", 11), ("completed", 58)):
        assert by_status[status]["source"] == "twilio"
        assert parsed_time(by_status[status]["at"]) == order.life.at(seconds), status
    from_ultravox = [entry for entry in call["timeline"] if entry["source"] == "ultravox"]
    assert len(from_ultravox) >= 3, "joined, ended and billed"


def test_the_join_url_stands_in_the_creating_answer_and_nowhere_else(world, agent):
    order = world.order(agent)
    secret = order.call["join_url"].encode()
    assert secret.startswith(b"wss://")
    target = "/calls/" + order.call["id"]
    for message in [None, *order.life.completed()]:
        if message:
            deliver(world, message)
        for path in (target, "/calls/" + order.call["call_sid"], "/calls?limit=5"):
            answer = world.gateway.call("GET", path)
            assert answer.status == 200 and secret not in answer.body and b"wss://" not in answer.body, path


@pytest.mark.parametrize(
    ("name", "status", "ended"),
    [("busy", "busy", 9), ("no_answer", "no-answer", 33), ("failed", "failed", 2), ("canceled", "canceled", 13)],
)
def test_a_call_that_nobody_answers_ends_as_twilio_says(world, agent, name, status, ended):
    order = world.order(agent)
    for message in getattr(order.life, name)():
        deliver(world, message)
    call = final_call(world, order.call["id"], status)
    assert call["answered_at"] is None
    assert parsed_time(call["ended_at"]) == order.life.at(ended)
    assert (call["ringing_at"] is None) == (name == "failed")
    assert call["duration_seconds"] in (0, None)
    assert call["conversation"]["joined_at"] is None
    assert call["conversation"]["end_reason"] == "unjoined"
    assert statuses(call)[-1] == status


def test_a_look_up_by_call_sid_shows_the_same_call(world, agent):
    order = world.order(agent)
    for message in order.life.completed():
        deliver(world, message)
    call = final_call(world, order.call["id"], "completed")
    assert world.gateway.look_up(order.call["call_sid"]) == call


def shuffled_delivery(world, messages, generator):
    """Delivers each message one to three times in a random order, some of them at the same time."""
    copies = [message for message in messages for _ in range(generator.randint(1, 3))]
    generator.shuffle(copies)
    position = 0
    with ThreadPoolExecutor(max_workers=4) as pool:
        while position < len(copies):
            together = generator.choice((1, 1, 2, 4))
            list(pool.map(lambda message: deliver(world, message), copies[position : position + together]))
            position += together


def reference(world, agent, name, status, options):
    order = world.order(agent, **options)
    for message in getattr(order.life, name)():
        deliver(world, message)
    return comparable(final_call(world, order.call["id"], status), order)


@pytest.mark.parametrize(
    ("name", "status", "permutations"),
    [
        ("completed", "completed", PERMUTATIONS),
        ("busy", "busy", PERMUTATIONS_OF_OTHERS),
        ("no_answer", "no-answer", PERMUTATIONS_OF_OTHERS),
        ("failed", "failed", PERMUTATIONS_OF_OTHERS),
        ("canceled", "canceled", PERMUTATIONS_OF_OTHERS),
    ],
)
def test_order_and_repetition_of_webhooks_do_not_change_the_call(world, agent, name, status, permutations):
    options = FULL_ORDER if name == "completed" else {}
    expected = reference(world, agent, name, status, options)
    for seed in range(permutations):
        order = world.order(agent, **options)
        shuffled_delivery(world, getattr(order.life, name)(), random.Random(f"{name} {seed}"))
        actual = comparable(final_call(world, order.call["id"], status), order)
        assert actual == expected, f"seed {seed}:\n" + "\n".join(differences(expected, actual))


def test_a_reader_never_sees_a_call_go_backwards(world, agent):
    ranks = ["pending", "unknown", "unconfirmed", "queued", "initiated", "ringing", "in-progress", "completed"]
    order = world.order(agent)
    messages = order.life.completed() * 2
    random.Random("backwards").shuffle(messages)
    seen = [world.gateway.look_up(order.call["id"])["status"]]
    for message in messages:
        deliver(world, message)
        seen.append(world.gateway.look_up(order.call["id"])["status"])
    assert seen == sorted(seen, key=ranks.index)
    assert seen[-1] == "completed"


def test_a_long_transcript_comes_whole_in_pages_and_no_more_is_read_than_they_need(world, agent):
    order = world.order(agent)
    ultravox_id = order.call["ultravox_call_id"]
    world.ultravox.messages[ultravox_id] = [
        {"role": "MESSAGE_ROLE_AGENT", "text": f"sentence {n}", "medium": "MESSAGE_MEDIUM_VOICE"} for n in range(5_450)
    ]
    path, texts, cursor, pages = f"/calls/{order.call['id']}/transcript", [], None, 0
    while pages == 0 or cursor:
        page = world.gateway.call("GET", f"{path}?limit=200" + (f"&cursor={cursor}" if cursor else "")).json()
        texts += [message["text"] for message in page["data"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert texts == [f"sentence {n}" for n in range(5_450)]
    assert pages == 28
    read = len(world.ultravox.requests("GET", f"/calls/{ultravox_id}/messages"))
    assert read == 55
    assert len(world.gateway.call("GET", path).json()["data"]) == 50
    assert len(world.ultravox.requests("GET", f"/calls/{ultravox_id}/messages")) == read + 1
