"""Every way into a call and out of it: inbound, `on_answer`, machines, recordings, hang-ups, and messages too early or
too late."""

import datetime
import json
import secrets
import uuid
import xml.etree.ElementTree as ElementTree
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from harness.comparing import comparable, differences, parsed_time
from harness.crowd import at_once
from harness.delivering import deliver
from harness.unchanged import nothing_happens
from harness.waiting import eventually
from standins.faults import VANISHED, ByNumber, answered
from standins.life import UltravoxMessage
from standins.scripted import Always

CALLER = "+13125550199"


@pytest.fixture(scope="module")
def world(start_world):
    world = start_world(INBOUND_AGENT_ID=lambda world: world.ultravox.add_agent("reception"))
    world.twilio.weather = ByNumber()
    return world


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


def final_call(world, call_id, status):
    return eventually(
        lambda: (call := world.gateway.look_up(call_id))["status"] == status and call, what=f"the status {status}"
    )


def stream_of(answer):
    """The stream's address and status callback in a TwiML document, or None."""
    stream = ElementTree.fromstring(answer.body).find("Connect/Stream")
    return None if stream is None else (stream.get("url"), stream.get("statusCallback"))


def not_found(world, call_id):
    return world.gateway.call("GET", f"/calls/{call_id}").status == 404


# Inbound


@pytest.fixture
def answered_inbound(world):
    """A call from outside that the agent has taken."""
    life = world.inbound()
    document = deliver(world, life.voice())
    call = world.gateway.look_up(life.call_sid)
    life.meet(*reversed(world.agent_call_for(call["id"])))
    life.document, life.call_id = document, call["id"]
    return life


def test_a_caller_is_connected_to_the_agent_for_inbound_calls(world, answered_inbound):
    life = answered_inbound
    call = world.gateway.look_up(life.call_id)
    assert (call["direction"], call["phone_number"], call["call_sid"]) == (
        "inbound",
        life.create.field("From"),
        life.call_sid,
    )
    assert call["agent_id"] == world.gateway.environment["INBOUND_AGENT_ID"]
    assert call["ultravox_call_id"] == life.ultravox_call["callId"]
    assert "join_url" not in call or call["join_url"] is None
    url, status_callback = stream_of(life.document)
    assert url == world.ultravox.join_urls[call["ultravox_call_id"]]
    assert urlsplit(status_callback).path == "/webhooks/twilio/stream"
    assert parse_qs(urlsplit(status_callback).query)["call"] == [call["id"]]
    requests = world.agent_calls_for(call["id"])
    assert len(requests) == 1 and requests[0].path.split("/")[3] == call["agent_id"]
    asked = requests[0].json()
    assert asked["medium"] == {"twilio": {}} and set(asked["callbacks"]) == {"joined", "ended", "billed"}
    assert world.twilio.creates_for(life.create.field("From")) == []


def test_an_inbound_call_told_by_webhooks_ends_completed_with_everything_known(world, answered_inbound):
    life = answered_inbound
    life.stream_url = stream_of(life.document)[1]
    deliver(
        world,
        life.stream("stream-started", 12),
        life.ultravox("joined", joined=13),
        life.stream("stream-stopped", 57),
        life.ultravox("ended", joined=13, ended=56, reason="hangup"),
        life.status("completed", 0, 58, CallDuration="47", Duration="1"),
        life.ultravox("billed", joined=13, ended=56, reason="hangup", billed="48s"),
    )
    call = final_call(world, life.call_id, "completed")
    assert call["duration_seconds"] == 47 and call["conversation"]["billed_seconds"] == 48
    assert (call["stream"]["sid"], call["stream"]["status"]) == (life.stream_sid, "stopped")
    assert call["id"] in [
        other["id"] for other in world.gateway.call("GET", "/calls?direction=inbound&limit=200").json()["data"]
    ]
    assert b"<Hangup" in deliver(world, life.voice()).body and stream_of(deliver(world, life.voice())) is None
    assert len(world.agent_calls_for(life.call_id)) == 1


def test_a_repeated_inbound_voice_request_gets_the_same_document(world, answered_inbound):
    with nothing_happens(world):
        for _ in range(5):
            assert deliver(world, answered_inbound.voice()).body == answered_inbound.document.body


@pytest.mark.parametrize("caller", ["anonymous", "+266696687", "sip:alice@example.com", "client:bob", "", "Zoë <x>"])  # the last is none
def test_a_caller_without_a_number_is_taken_too(world, caller):
    life = world.inbound(caller=caller)
    life.create.field = {**{n: life.create.field(n) for n in ("Url", "StatusCallback", "To")}, "From": caller}.get
    assert stream_of(deliver(world, life.voice()))
    call = world.gateway.look_up(life.call_sid)
    assert call["phone_number"] == (None if caller in ("", "Zoë <x>") else caller)
    listed = world.gateway.call("GET", "/calls?" + urlencode({"phone_number": caller or "x", "limit": 200}))
    if call["phone_number"] is None:
        assert listed.status == 422, listed
    else:
        assert call["id"] in [other["id"] for other in listed.json()["data"]]


def test_the_id_of_an_inbound_call_follows_from_its_call_sid(start_world, world):
    """Two gateways that share nothing give one call the same id."""
    call_sid = "CA" + secrets.token_hex(16)
    other = start_world()
    ids = set()
    for place in (world, other):
        life = place.inbound(caller=CALLER, call_sid=call_sid)
        deliver(place, life.status("ringing", 0, 3))
        ids.add(place.gateway.look_up(call_sid)["id"])
    assert len(ids) == 1


def test_a_status_that_comes_before_the_voice_request_does_not_hinder_it(world):
    life = world.inbound()
    deliver(world, life.status("ringing", 0, 3))
    assert stream_of(deliver(world, life.voice()))
    call = world.gateway.look_up(life.call_sid)
    assert call["direction"] == "inbound" and len(world.agent_calls_for(call["id"])) == 1


def test_an_inbound_call_can_be_hung_up(world, answered_inbound):
    life = answered_inbound
    with world.twilio.lock:
        world.twilio.calls[life.call_sid] = {
            **world.twilio._object(life.call_sid, life.create.field("To"), life.create.field("From")),
            "status": "in-progress",
            "direction": "inbound",
        }
    answer = world.gateway.call("POST", f"/calls/{life.call_id}/hangup")
    assert answer.status == 202, answer
    assert world.twilio.requests("POST", f"/Calls/{life.call_sid}.json")[-1].field("Status") == "completed"
    final_call(world, life.call_id, "completed")


def test_without_an_agent_for_them_callers_are_rejected(start_world):
    world = start_world()
    life = world.inbound()
    answer = deliver(world, life.voice(), life.voice())
    assert ElementTree.fromstring(answer.body).find("Reject") is not None
    assert world.ultravox.agent_calls == []
    assert world.gateway.look_up(life.call_sid)["direction"] == "inbound"
    deliver(world, life.status("busy", 0, 4))
    assert final_call(world, life.call_sid, "busy")["agent_id"] is None


# On answer


def test_on_answer_the_agent_call_comes_into_being_when_somebody_answers(world, agent):
    order = world.order(agent, join="on_answer")
    call = order.call
    assert world.agent_calls_for(call["id"]) == [] and order.life.callbacks == {}
    assert call.get("join_url") is None and call["ultravox_call_id"] is None
    deliver(world, order.life.status("initiated", 0, 0), order.life.status("ringing", 1, 3))
    assert world.agent_calls_for(call["id"]) == []
    document = deliver(world, order.life.voice())
    seen = world.gateway.look_up(call["id"])
    assert stream_of(document)[0] == world.ultravox.join_urls[seen["ultravox_call_id"]]
    assert len(world.agent_calls_for(call["id"])) == 1
    assert deliver(world, order.life.voice()).body == document.body
    assert len(world.agent_calls_for(call["id"])) == 1
    assert world.agent_calls_for(call["id"])[0].json()["metadata"]["switchboard_call_id"] == call["id"]


def test_on_answer_nobody_is_created_for_a_call_that_nobody_answers(world, agent):
    order = world.order(agent, join="on_answer")
    life = order.life
    deliver(world, life.status("initiated", 0, 0), life.status("ringing", 1, 3), life.status("no-answer", 2, 33))
    final_call(world, order.call["id"], "no-answer")
    assert b"<Hangup" in deliver(world, life.voice()).body
    assert world.agent_calls_for(order.call["id"]) == []


def test_on_answer_a_whole_call_ends_as_an_eager_one(world, agent):
    eager, late = world.order(agent), world.order(agent, join="on_answer")
    for order in (eager, late):
        deliver(world, order.life.status("initiated", 0, 0), order.life.status("ringing", 1, 3), order.life.voice())
        if order is late:
            ultravox_call, agent_call = world.agent_call_for(order.call["id"])
            order.life.ultravox_call, order.life.callbacks = ultravox_call, agent_call.json()["callbacks"]
        deliver(world, *order.life.completed())
    calls = [comparable(final_call(world, order.call["id"], "completed"), order) for order in (eager, late)]
    for call in calls:
        # When the agent call was made is what differs.
        call["timeline"] = [entry for entry in call["timeline"] if entry["source"] != "gateway"]
        call["timeline, by receipt alone"] = [
            entry for entry in call["timeline, by receipt alone"] if entry["source"] == "twilio"
        ]
    assert calls[0] == calls[1], differences(*calls)


def test_on_answer_the_template_context_reaches_the_agent_call(world):
    agent = world.gateway.create_agent("greeter", prompt="You call {{name}}.")["id"]
    order = world.order(agent, join="on_answer", template_context={"name": 'Zoë "Q" <&>'})
    deliver(world, order.life.voice())
    (asked,) = world.agent_calls_for(order.call["id"])
    assert asked.json()["templateContext"] == {"name": 'Zoë "Q" <&>'}


@pytest.mark.parametrize(("seconds", "agent_calls"), [(240, 1), (241, 0), (600, 0)])
def test_a_ring_of_more_than_240_seconds_implies_on_answer(world, agent, seconds, agent_calls):
    order = world.order(agent, ring_timeout_seconds=seconds)
    assert len(world.agent_calls_for(order.call["id"])) == agent_calls
    assert order.life.create.field("Timeout") == str(seconds)
    assert stream_of(deliver(world, order.life.voice()))
    assert len(world.agent_calls_for(order.call["id"])) == 1


def test_an_answered_call_without_an_agent_tells_why(world, agent):
    order = world.order(agent, join="on_answer")
    world.ultravox.weather = Always(answered(402, {"detail": "Payment required"}))
    try:
        answer = deliver(world, order.life.voice())
    finally:
        world.ultravox.weather = None
    assert b"<Say" in answer.body and b"Payment" not in answer.body
    call = world.gateway.look_up(order.call["id"])
    assert call["error"]["source"] == "ultravox", call["error"]
    over = order.life.status("completed", 3, 20, CallDuration="9")
    deliver(world, over)
    assert final_call(world, order.call["id"], "completed")["error"]["source"] == "ultravox"


# The fallback webhook


def test_the_fallback_apologises_and_records_the_error(world, agent):
    order = world.order(agent)
    answer = deliver(world, order.life.fallback("11200"))
    document = ElementTree.fromstring(answer.body)
    assert document.find("Say") is not None and document.find("Hangup") is not None
    error = world.gateway.look_up(order.call["id"])["error"]
    assert (error["source"], error["code"]) == ("twilio", "11200")


# Machines, recordings, streams


@pytest.mark.parametrize(
    ("answered_by", "machine"),
    [("human", False), ("machine_start", True), ("machine_end_beep", True), ("machine_end_silence", True), ("fax", True), ("unknown", None)],
)  # fmt: skip
def test_the_verdict_of_machine_detection_is_kept(world, agent, answered_by, machine):
    order = world.order(agent, machine_detection="detect")
    deliver(world, order.life.status("in-progress", 2, 11), order.life.machine_detection(answered_by))
    call = world.gateway.look_up(order.call["id"])
    assert (call["answered_by"], call["machine"], call["status"]) == (answered_by, machine, "in-progress")
    assert world.twilio.requests("POST", f"/Calls/{order.call['call_sid']}.json") == []


@pytest.mark.parametrize(
    ("answered_by", "ends"), [("machine_start", True), ("machine_end_beep", True), ("human", False), ("unknown", False)]
)
def test_hang_up_ends_the_call_at_a_machines_verdict_and_at_no_other(world, agent, answered_by, ends):
    order = world.order(agent, machine_detection="hang_up")
    call_sid = order.call["call_sid"]
    world.twilio.set_status(call_sid, "in-progress")
    deliver(world, order.life.status("in-progress", 2, 11), *[order.life.machine_detection(answered_by)] * 3)
    if ends:
        final_call(world, order.call["id"], "completed")
        updates = world.twilio.requests("POST", f"/Calls/{call_sid}.json")
        assert [update.field("Status") for update in updates] == ["completed"], "once, for three copies"
    else:
        deliver(world, order.life.status("completed", 3, 58, CallDuration="47"))
        final_call(world, order.call["id"], "completed")
        assert world.twilio.requests("POST", f"/Calls/{call_sid}.json") == []


def test_a_verdict_beats_unknown_in_either_order(world, agent):
    seen = []
    for verdicts in (["unknown", "machine_start"], ["machine_start", "unknown"]):
        order = world.order(agent, machine_detection="detect")
        deliver(world, *[order.life.machine_detection(verdict) for verdict in verdicts])
        call = world.gateway.look_up(order.call["id"])
        seen.append((call["answered_by"], call["machine"]))
    assert seen == [("machine_start", True)] * 2


def test_a_recording_is_shown_and_a_later_failure_of_another_kind_does_not_hide_it(world, agent):
    order = world.order(agent, record=True)
    deliver(world, order.life.recording(11, 47))
    recording = world.gateway.look_up(order.call["id"])["recording"]
    assert recording["sid"] == order.life.recording_sid and recording["status"] == "completed"
    assert recording["url"].endswith(order.life.recording_sid) and recording["duration_seconds"] == 47
    late = order.life.recording(11, 0)
    late.parameters |= {"RecordingStatus": "in-progress", "RecordingDuration": ""}
    deliver(world, late)
    assert world.gateway.look_up(order.call["id"])["recording"] == recording


def test_a_stream_that_failed_is_told_in_the_call(world, agent):
    order = world.order(agent)
    message = order.life.stream("stream-error", 14)
    message.parameters["StreamError"] = "31921: Stream - WebSocket - Close Error"
    deliver(world, order.life.stream("stream-started", 12), message)
    stream = world.gateway.look_up(order.call["id"])["stream"]
    assert (stream["sid"], stream["status"]) == (order.life.stream_sid, "error")
    assert "31921" in stream["error"]


# Hang-up in every state


def hang_up(world, call_id):
    return world.gateway.call("POST", f"/calls/{call_id}/hangup")


def test_a_hang_up_in_each_state_of_the_line_tells_twilio_once(world, agent):
    for steps, twilio_status, end in (
        (0, "queued", "canceled"),
        (2, "ringing", "canceled"),
        (3, "in-progress", "completed"),
    ):
        order = world.order(agent)
        sequence = [
            order.life.status("initiated", 0, 0),
            order.life.status("ringing", 1, 3),
            order.life.status("in-progress", 2, 11),
        ]
        deliver_some(world, sequence[:steps])
        world.twilio.set_status(order.call["call_sid"], twilio_status)
        answer = hang_up(world, order.call["id"])
        assert answer.status == 202, answer
        updates = world.twilio.requests("POST", f"/Calls/{order.call['call_sid']}.json")
        assert [update.field("Status") for update in updates] == ["completed"]
        final_call(world, order.call["id"], end)
        over = hang_up(world, order.call["id"])
        assert (over.status, over.json()["code"]) == (409, "call_not_live"), over
        assert len(world.twilio.requests("POST", f"/Calls/{order.call['call_sid']}.json")) == 1


def deliver_some(world, messages):
    if messages:
        deliver(world, *messages)


def test_a_hang_up_and_its_callback_are_one_story_in_one_order(world, agent):
    order = world.order(agent)
    life = order.life
    life.base = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)  # the second in which it was ordered
    deliver(world, life.status("initiated", 0, 0), life.status("ringing", 1, 0), life.status("in-progress", 2, 0))
    world.twilio.set_status(order.call["call_sid"], "in-progress")
    assert hang_up(world, order.call["id"]).status == 202
    deliver(world, life.status("completed", 3, 1, CallDuration="1"))
    call = final_call(world, order.call["id"], "completed")
    types = [entry["type"] for entry in call["timeline"]]
    assert types.count("call.completed") == 1
    assert types.index("hang_up.requested") < types.index("call.completed")
    times = [call[name] for name in ("created_at", "ringing_at", "answered_at", "ended_at")]
    assert times == sorted(times)


def test_the_media_stream_that_started_last_counts(world, agent):
    order = world.order(agent)
    life, old = order.life, order.life.stream_sid
    deliver(world, life.voice(), life.stream("stream-started", 12))
    life.stream_sid = "MZ" + secrets.token_hex(16)
    deliver(world, life.stream("stream-started", 20))
    new, life.stream_sid = life.stream_sid, old
    deliver(world, life.stream("stream-stopped", 21))
    stream = world.gateway.look_up(order.call["id"])["stream"]
    assert (stream["sid"], stream["status"]) == (new, "started")


def test_a_hang_up_of_a_call_that_is_over_at_twilio_is_no_failure(world, agent):
    order = world.order(agent)
    deliver(world, order.life.status("in-progress", 2, 11))
    world.twilio.set_status(order.call["call_sid"], "completed")
    assert hang_up(world, order.call["id"]).status == 202
    final_call(world, order.call["id"], "completed")


def test_a_hang_up_of_an_unknown_call_is_kept_until_its_call_sid_is_known(world, agent):
    number = world.numbers.take()
    world.twilio.weather.faults[number] = VANISHED
    call = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number}).json()
    assert call["status"] == "unknown"
    answer = hang_up(world, call["id"])
    assert (answer.status, answer.json()["status"]) == (202, "unknown"), answer
    life = world.life_of(call, number, "CA" + secrets.token_hex(16))
    with world.twilio.lock:
        world.twilio.calls[life.call_sid] = world.twilio._object(life.call_sid, number, life.create.field("From"))
    deliver(world, life.status("ringing", 1, 3))
    updates = eventually(
        lambda: world.twilio.requests("POST", f"/Calls/{life.call_sid}.json"), what="the hang-up that was kept"
    )
    assert updates[0].field("Status") == "completed"
    final_call(world, call["id"], "canceled")


def test_an_order_that_is_hung_up_before_it_was_dialed_dials_nobody(world, agent):
    number = world.numbers.take()
    world.ultravox.weather = Always(answered(201, None, acts=True, after=1.5))

    def during():
        listed = eventually(
            lambda: world.gateway.call("GET", f"/calls?phone_number=%2B{number[1:]}").json()["data"], what="the order"
        )
        return listed[0]["status"], hang_up(world, listed[0]["id"])

    try:
        ordered, (status, hung_up) = at_once(
            [lambda: world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number}), during]
        )
    finally:
        world.ultravox.weather = None
    assert status == "pending" and hung_up.status == 202, hung_up
    assert ordered.json()["status"] == "canceled" and world.twilio.creates_for(number) == []


def test_a_hang_up_of_what_is_not_there_is_404(world):
    for call_id in ("call_" + "0" * 26, "CA" + "0" * 32, "nothing"):
        assert hang_up(world, call_id).status == 404


# Too early


EARLY = {
    "amd": lambda life: life.machine_detection("machine_start"),
    "stream": lambda life: life.stream("stream-started", 12),
    "recording": lambda life: life.recording(11, 47),
}


def thin(world, kind, call_sid):
    """One of Twilio's thin callbacks for a call that the gateway has not heard of, as an operator's own settings cause
    it: without our id."""
    life = world.inbound(call_sid=call_sid)
    addresses = {
        name: f"{world.gateway.public_base_url}/webhooks/twilio/{path}"
        for name, path in (("AsyncAmdStatusCallback", "amd"), ("RecordingStatusCallback", "recording"))
    }
    field = life.create.field
    life.create.field = lambda name: addresses.get(name) or field(name)
    return EARLY[kind](life)


def told(call, kind):
    return {
        "amd": lambda: call["machine"] is True,
        "stream": lambda: call["stream"] and call["stream"]["status"] == "started",
        "recording": lambda: call["recording"] and call["recording"]["duration_seconds"] == 47,
    }[kind]()


@pytest.mark.parametrize("kind", EARLY)
def test_a_thin_message_before_its_call_is_held_and_applied_once_the_call_is_known(world, kind):
    call_sid = "CA" + secrets.token_hex(16)
    with nothing_happens(world):
        deliver(world, thin(world, kind, call_sid), thin(world, kind, call_sid))
        assert not_found(world, call_sid)
    life = world.inbound(call_sid=call_sid)
    deliver(world, life.status("ringing", 0, 3))
    call = eventually(
        lambda: told(seen := world.gateway.look_up(call_sid), kind) and seen, what=f"what the {kind} webhook told"
    )
    assert call["status"] == ("ringing" if kind == "amd" else call["status"])


def test_a_conversation_that_is_told_before_its_call_is_held_and_applied(world, agent):
    """Ultravox tells of a call with an id of ours that this gateway has not heard of, as after a restart."""
    order = world.order(agent)
    call_id = order.call["id"]
    other_id = call_id[:-4] + "".join("0" if c != "0" else "1" for c in call_id[-4:])
    callback = order.life.callbacks["joined"]
    ultravox_call = {
        **order.life.ultravox("joined", joined=13).document["call"],
        "callId": str(uuid.uuid4()),
        "metadata": {"switchboard_call_id": other_id},
    }
    message = UltravoxMessage(
        "call.joined", callback["url"].replace(call_id, other_id), ultravox_call, callback["secrets"][0]
    )
    with nothing_happens(world, order):
        deliver(world, message)
        assert not_found(world, other_id)
    life = order.life
    field = life.create.field
    call_sid = "CA" + secrets.token_hex(16)
    life.call_sid = call_sid
    status = life.status("ringing", 1, 3)
    status.url = field("StatusCallback").partition("#")[0].replace(call_id, other_id)
    deliver(world, status)
    call = eventually(
        lambda: (seen := world.gateway.look_up(other_id))["conversation"] and seen, what="what Ultravox told before"
    )
    assert parsed_time(call["conversation"]["joined_at"]) == life.at(13)
    assert (call["call_sid"], call["ultravox_call_id"]) == (call_sid, ultravox_call["callId"])


def test_an_unknown_status_with_an_id_of_ours_creates_the_record(world, agent):
    order = world.order(agent)
    other_id = order.call["id"][:-4] + "zzzz"
    life = order.life
    life.call_sid = "CA" + secrets.token_hex(16)
    status, voice = life.status("in-progress", 2, 11), life.voice()
    for message in (status, voice):
        message.url = message.url.replace(order.call["id"], other_id)
    deliver(world, status)
    call = world.gateway.look_up(other_id)
    assert (call["id"], call["call_sid"], call["direction"]) == (other_id, life.call_sid, "outbound")
    sent = world.vendor_requests()
    answer = deliver(world, voice)
    assert b"<Say" in answer.body and stream_of(answer) is None, "an adopted outbound call has no agent to offer"
    assert world.vendor_requests() == sent


# Too late: calls that left


@pytest.fixture(scope="module")
def small_world(start_world):
    """A gateway that keeps eight calls."""
    return start_world(
        INBOUND_AGENT_ID=lambda world: world.ultravox.add_agent("reception"),
        MAX_CALLS_IN_MEMORY="8",
        CALL_RETENTION="7d",
    )


def test_an_evicted_inbound_call_never_comes_back_and_mints_nothing(small_world):
    world = small_world
    life = world.inbound()
    deliver(world, life.voice())
    call_id = world.gateway.look_up(life.call_sid)["id"]
    life.meet(*reversed(world.agent_call_for(call_id)))
    messages = [
        life.ultravox("joined", joined=13),
        life.status("completed", 0, 58, CallDuration="47"),
        life.ultravox("ended", joined=13, ended=56, reason="hangup"),
    ]
    deliver(world, *messages)
    final_call(world, call_id, "completed")
    others = [world.inbound() for _ in range(12)]
    for other in others:
        deliver(world, other.status("completed", 0, 58, CallDuration="1"))
    eventually(lambda: not_found(world, call_id), what="the oldest call to leave")
    assert not_found(world, life.call_sid)
    listed = world.gateway.call("GET", "/calls?limit=200").json()["data"]
    assert len(listed) <= 8
    # Their times, which Twilio gave, are the same: which of them stayed is open.
    assert {call["call_sid"] for call in listed} <= {other.call_sid for other in others}

    sent = world.vendor_requests()
    for message in (
        life.voice(),
        *messages,
        life.status("ringing", 1, 3),
        life.stream("stream-started", 12),
        life.voice(),
    ):
        answer = deliver(world, message)
        if message.kind == "voice":
            assert b"<Hangup" in answer.body and stream_of(answer) is None, answer
    assert not_found(world, life.call_sid) and not_found(world, call_id)
    assert world.vendor_requests() == sent, "nothing may be minted for a call that left"
    assert len(world.agent_calls_for(call_id)) == 1


def test_live_calls_stay_however_many_there_are(small_world):
    world = small_world
    live = [world.inbound() for _ in range(12)]
    for life in live:
        deliver(world, life.status("in-progress", 0, 11))
    for _ in range(12):
        deliver(world, world.inbound().status("completed", 0, 58))
    for life in live:
        assert world.gateway.look_up(life.call_sid)["status"] == "in-progress"
    for life in live:
        deliver(world, life.status("completed", 1, 58))


def test_nothing_is_adopted_whose_time_is_older_than_calls_are_kept(world):
    life = world.inbound()
    message = life.status("completed", 0, 58)
    message.parameters["Timestamp"] = "Sun, 22 Nov 2020 11:46:07 +0000"
    with nothing_happens(world):
        deliver(world, message)
        assert not_found(world, life.call_sid)


# Dead letters


def dead_letters(world, query=""):
    answer = world.gateway.call("GET", "/dead-letters" + query)
    assert answer.status == 200, answer
    assert set(answer.json()) == {"data", "next_cursor"}
    return answer.json()["data"]


def useless(world, agent, kind):
    order = world.order(agent)
    message = order.life.status("ringing", 1, 3)
    if kind == "unknown status":
        message.parameters["CallStatus"] = "teleported"
    elif kind == "bad CallSid":
        message.parameters["CallSid"] = "CA1"
    elif kind == "contradiction":
        message.parameters["CallSid"] = world.order(agent).call["call_sid"]
    elif kind == "unknown event":
        callback = order.life.callbacks["joined"]
        message = UltravoxMessage("call.exploded", callback["url"], order.life.ultravox_call, callback["secrets"][0])
    return order, message


@pytest.mark.parametrize("kind", ["unknown status", "bad CallSid", "contradiction", "unknown event"])
def test_a_useless_message_is_listed_with_its_reason_and_without_its_content(world, agent, kind):
    order, message = useless(world, agent, kind)
    before = [letter["id"] for letter in dead_letters(world, "?limit=200")]
    with nothing_happens(world, order):
        deliver(world, message)
    letters = [letter for letter in dead_letters(world, "?limit=200") if letter["id"] not in before]
    assert len(letters) == 1, letters
    letter = letters[0]
    assert letter["reason"] and isinstance(letter["reason"], str)
    assert letter["vendor"] == ("ultravox" if kind == "unknown event" else "twilio")
    assert letter["kind"]
    parsed_time(letter.get("received_at") or letter["at"])
    text = json.dumps(letter)
    assert order.number not in text and order.number[2:] not in text and "wss://" not in text


def test_forged_messages_are_no_dead_letters(world, agent):
    order = world.order(agent)
    message = order.life.status("ringing", 1, 3)
    message.auth_token = "0" * 32
    before = dead_letters(world, "?limit=200")
    assert world.gateway.deliver(message).status == 403
    assert dead_letters(world, "?limit=200") == before


def test_dead_letters_come_newest_first_in_pages(world, agent):
    for _ in range(5):
        deliver(world, useless(world, agent, "unknown status")[1])
    everything = [letter["id"] for letter in dead_letters(world, "?limit=200")]
    seen, target = [], "/dead-letters?limit=2"
    while True:
        page = world.gateway.call("GET", target).json()
        assert len(page["data"]) <= 2
        seen += [letter["id"] for letter in page["data"]]
        if page["next_cursor"] is None:
            break
        target = "/dead-letters?limit=2&cursor=" + page["next_cursor"]
    assert seen == everything and len(set(seen)) == len(seen) >= 5
    times = [letter.get("received_at") or letter["at"] for letter in dead_letters(world, "?limit=200")]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("query", ["?limit=0", "?limit=201", "?limit=x", "?cursor=garbage", "?limit=1&limit=2"])
def test_a_query_for_dead_letters_that_does_not_fit_is_refused_with_422(world, query):
    assert world.gateway.call("GET", "/dead-letters" + query).status == 422


def test_dead_letters_need_a_key(world):
    assert world.gateway.send("GET", "/dead-letters").status == 401
