"""One book for all calls: what a message proves, what it is about and which call it binds depends on what was signed,
never on the order in which messages arrive, nor on what else the gateway has to remember."""

import datetime
import json
import secrets
import time
import uuid
from types import SimpleNamespace

import pytest

from harness.comparing import differences
from harness.delivering import dead_letters, deliver
from harness.figures import DEEP
from harness.waiting import eventually
from standins.faults import VANISHED, ByNumber, Fault, answered
from standins.life import TwilioMessage, UltravoxMessage
from standins.scripted import Always
from standins.server import Reply

LIVE = ("queued", "initiated", "ringing", "in-progress")
PLACED_THEN_500 = answered(500, {"code": 20500, "message": "An internal server error has occurred"}, acts=True)
EVERYTHING = {"machine_detection": "detect", "record": True}

PROOFS = {
    "stream": lambda life: life.stream("stream-started", 12),
    "amd": lambda life: life.machine_detection("human"),
    "recording": lambda life: life.recording(11, 47),
    "fallback": lambda life: life.fallback(),
}


def place(world, agent, number, **order):
    return world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number, **order})


def refusal(answer):
    return answer.status, answer.json().get("code")


def new_call_sid():
    return "CA" + secrets.token_hex(16)


def all_calls(world):
    return world.gateway.call("GET", "/calls?limit=200").json()["data"]


def status_of(world, call):
    return world.gateway.look_up(call["id"])["status"]


def order_without_answer(world, agent, fault, **order):
    """An order of which Twilio's answer does not say what became of it; `life` has the CallSid if there is one."""
    number = world.numbers.take()
    world.twilio.weather.faults[number] = fault
    answer = place(world, agent, number, **order)
    assert (answer.status, answer.json()["status"], answer.json()["call_sid"]) == (202, "unknown", None), answer
    (create,) = world.twilio.creates_for(number)
    return SimpleNamespace(call=answer.json(), number=number, life=world.life_of(answer.json(), number, create.made))


# Proof


@pytest.fixture(scope="module")
def bound(start_world):
    """Orders of which Twilio said 500 after placing, each with one message that names its CallSid, at a time when one
    without any has been given up."""
    world = start_world(UNCONFIRMED_AFTER="2s", MAX_CONCURRENT_CALLS=str(len(PROOFS) + 1))
    world.twilio.weather = ByNumber()
    agent = world.new_agent()
    orders = {}
    for kind, message in PROOFS.items():
        orders[kind] = order_without_answer(world, agent, PLACED_THEN_500, **EVERYTHING)
        deliver(world, message(orders[kind].life))
    lost = order_without_answer(world, agent, VANISHED)
    eventually(lambda: status_of(world, lost.call) == "unconfirmed", within=15, what="a call that is given up")
    return SimpleNamespace(world=world, agent=agent, orders=orders)


@pytest.mark.parametrize("kind", PROOFS)
def test_a_message_that_names_the_call_sid_proves_the_call(bound, kind):
    order = bound.orders[kind]
    call = bound.world.gateway.look_up(order.call["id"])
    assert call["call_sid"] == order.life.call_sid
    assert call["status"] in (["in-progress"] if kind == "stream" else LIVE)
    assert bound.world.gateway.look_up(order.life.call_sid)["id"] == call["id"]


@pytest.mark.parametrize("kind", PROOFS)
def test_a_call_that_is_proved_keeps_its_number(bound, kind):
    answer = place(bound.world, bound.agent, bound.orders[kind].number)
    assert refusal(answer) == (409, "number_busy"), answer
    assert answer.json()["call_id"] == bound.orders[kind].call["id"]


def test_calls_that_are_proved_keep_their_places(bound):
    """All but the place of the one that was given up are taken."""
    world = bound.world
    answers = [place(world, bound.agent, world.numbers.take()) for _ in range(3)]
    assert answers[0].status == 201
    assert [refusal(answer) for answer in answers[1:]] == [(429, "too_many_calls")] * 2


# Bindings


@pytest.fixture(scope="module")
def world(start_world):
    world = start_world(ULTRAVOX_WEBHOOK_SECRETS=lambda world: world.credentials.ultravox_webhook_secret)
    world.twilio.weather = ByNumber()
    return world


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


def test_a_conversation_that_names_the_call_sid_ties_the_two_legs(world, agent):
    """No callback of Twilio's arrives."""
    order = order_without_answer(world, agent, PLACED_THEN_500)
    deliver(world, order.life.ultravox("joined", joined=13))
    call = world.gateway.look_up(order.call["id"])
    assert (call["call_sid"], call["status"]) == (order.life.call_sid, "in-progress")
    assert world.gateway.look_up(order.life.call_sid)["id"] == order.call["id"]
    assert refusal(place(world, agent, order.number)) == (409, "number_busy")
    # So it can be ended, which takes the CallSid.
    world.twilio.set_status(order.life.call_sid, "in-progress")
    assert world.gateway.call("POST", f"/calls/{order.call['id']}/hangup").status == 202
    eventually(lambda: status_of(world, order.call) == "completed", what="the end of the call")
    assert world.twilio.calls[order.life.call_sid]["status"] == "completed"


@pytest.mark.parametrize("first", ["twilio", "ultravox"])
def test_a_call_known_by_its_call_sid_becomes_its_orders_when_the_legs_are_tied(world, agent, first):
    """Twilio's callback carries no id of ours, as one that an operator set for the number."""
    order = order_without_answer(world, agent, PLACED_THEN_500)
    life = order.life
    status = life.status("in-progress", 2, 11)
    status.url = f"{world.gateway.public_base_url}/webhooks/twilio/status"
    messages = [status, life.ultravox("joined", joined=13)]
    alias = order.call["id"]
    for message in messages if first == "twilio" else reversed(messages):
        deliver(world, message)
        if message is status and first == "twilio":
            alias = world.gateway.look_up(life.call_sid)["id"]
    for name in (order.call["id"], life.call_sid, alias):
        call = world.gateway.look_up(name)
        assert (call["id"], call["call_sid"], call["status"]) == (order.call["id"], life.call_sid, "in-progress"), name
    assert call["answered_at"] is not None and call["conversation"]["joined_at"] is not None
    assert [call["id"] for call in all_calls(world) if call["call_sid"] == life.call_sid] == [order.call["id"]]


def not_ours(world):
    """How many webhooks were counted as those of other programs."""
    lines = world.gateway.call("GET", "/metrics").text.splitlines()
    counted = [line for line in lines if line.startswith("switchboard_webhooks_total{") and '="not_ours"' in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in counted)


def joined_without_our_id(world, order, ultravox_call_id, **metadata):
    document = order.life.ultravox("joined", joined=13).document["call"]
    return UltravoxMessage(
        "call.joined",
        f"{world.gateway.public_base_url}/webhooks/ultravox",
        {**document, "callId": ultravox_call_id, "metadata": metadata},
        world.credentials.ultravox_webhook_secret,
    )


def agent_call_with_id(ultravox_call_id):
    """Ultravox gives the next conversation this id."""

    def play(exchange):
        exchange.read()
        reply = exchange.act()
        exchange.send(Reply(reply.status, {**reply.document, "callId": ultravox_call_id}))
        exchange.keep_connection()

    return Fault("an id that was chosen", play)


@pytest.mark.parametrize("metadata", [{}, {"customer": "17"}], ids=["no metadata", "metadata of others"])
def test_a_conversation_without_our_id_is_counted_and_neither_listed_nor_kept(world, agent, metadata):
    ultravox_call_id = str(uuid.uuid4())
    message = joined_without_our_id(world, world.order(agent), ultravox_call_id, **metadata)
    listed, counted, calls = dead_letters(world), not_ours(world), all_calls(world)
    deliver(world, message)
    assert not_ours(world) == counted + 1
    assert dead_letters(world) == listed and all_calls(world) == calls
    # It says nothing of a conversation of ours, which might have the same id only because somebody lies about it.
    world.ultravox.weather = Always(agent_call_with_id(ultravox_call_id))
    try:
        order, _ = world.place(agent)
    finally:
        world.ultravox.weather = None
    assert order.status == 201, order
    call = world.gateway.look_up(order.json()["id"])
    assert (call["ultravox_call_id"], call["conversation"]) == (ultravox_call_id, None)


# Orders that wait


USELESS_BEFORE_THE_DIAL = {
    "completed": lambda life: life.status("completed", 3, 58, CallDuration="47"),
    "ringing": lambda life: life.status("ringing", 1, 3),
    "voice": lambda life: life.voice(),
    **PROOFS,
}


def test_nothing_speaks_for_an_order_that_was_not_dialed(start_world):
    world = start_world(CALLS_PER_SECOND="2")
    agent = world.new_agent()
    dialed = world.order(agent, **EVERYTHING)
    answers = world.place_together(agent, len(USELESS_BEFORE_THE_DIAL) + 4, **EVERYTHING)
    waiting = sorted((answer.json() for answer in answers if answer.status == 202), key=lambda call: call["created_at"])
    told = dict(zip(USELESS_BEFORE_THE_DIAL, reversed(waiting)))
    assert len(told) == len(USELESS_BEFORE_THE_DIAL)
    for kind, call in told.items():
        deliver(world, USELESS_BEFORE_THE_DIAL[kind](claiming(world, dialed, call)))
    seen = {kind: world.gateway.look_up(call["id"]) for kind, call in told.items()}
    assert {kind: (call["status"], call["call_sid"]) for kind, call in seen.items()} == {
        kind: ("pending", None) for kind in told
    }
    reasons = {letter["call_id"]: letter["reason"] for letter in dead_letters(world)}
    assert reasons == {call["id"]: "not_dialed" for call in told.values()}
    eventually(
        lambda: all(world.gateway.look_up(call["id"])["call_sid"] for call in told.values()),
        within=15,
        what="every order dialed",
    )
    for kind, call in told.items():
        (create,) = world.twilio.creates_for(call["phone_number"])
        after = world.gateway.look_up(create.made)
        assert (after["id"], after["call_sid"], after["status"]) == (call["id"], create.made, "queued"), kind
        same = [other["id"] for other in all_calls(world) if other["phone_number"] == call["phone_number"]]
        assert same == [call["id"]], kind


def claiming(world, order, call):
    """The life of a call that Twilio cannot have: its messages name an order of ours that still waits."""
    life = world.life_of(order.call, order.number, new_call_sid())
    field = life.create.field
    changed = {"To": call["phone_number"], "From": field("From")}
    life.create = SimpleNamespace(
        field=lambda name: changed.get(name) or (field(name) or "").replace(order.call["id"], call["id"])
    )
    life.stream_url = life.stream_url.replace(order.call["id"], call["id"])
    return life


# Places


def test_an_adopted_call_that_turns_out_to_be_inbound_gives_back_place_and_number(start_world):
    """After a restart Twilio tells of a call with an id of ours, at first without a direction."""
    world = start_world(MAX_CONCURRENT_CALLS="1")
    agent = world.new_agent()
    before = world.order(agent)
    deliver(world, before.life.status("completed", 3, 58, CallDuration="1"))
    adopted = {"id": before.call["id"][:-4] + "zzzz", "phone_number": world.numbers.take()}
    life = claiming(world, before, adopted)
    first, then, over = life.status("ringing", 1, 3), life.status("in-progress", 2, 11), life.status("completed", 3, 58)
    del first.parameters["Direction"]
    then.parameters["Direction"] = over.parameters["Direction"] = "inbound"
    deliver(world, first, then)
    assert world.gateway.look_up(adopted["id"])["direction"] == "inbound"
    deliver(world, over)
    assert status_of(world, adopted) == "completed"
    # Its number is free, and so is its place.
    answer = place(world, agent, adopted["phone_number"])
    assert answer.status == 201, answer
    deliver(world, world.life_of(answer.json(), adopted["phone_number"]).status("completed", 3, 58, CallDuration="1"))
    answer = place(world, agent, world.numbers.take())
    assert answer.status == 201, answer


# What leaves and what stays


def ended_now(world, ahead=0):
    """Somebody who called, whose times begin with this second, or so many seconds later."""
    life = world.inbound()
    life.base = datetime.datetime.fromtimestamp(int(time.time()) + ahead, datetime.timezone.utc)
    return life


def test_a_call_that_waits_for_its_proof_is_not_retired_for_room(start_world):
    world = start_world(MAX_CALLS_IN_MEMORY="8", UNCONFIRMED_AFTER="1s")
    world.twilio.weather = ByNumber()
    agent = world.new_agent()
    order = order_without_answer(world, agent, PLACED_THEN_500)
    eventually(lambda: status_of(world, order.call) == "unconfirmed", within=15, what="a call that is given up")
    for _ in range(24):
        deliver(world, ended_now(world).status("completed", 0, 0, CallDuration="1"))
    eventually(lambda: len(all_calls(world)) <= 10, what="calls that left for room")
    assert status_of(world, order.call) == "unconfirmed"
    answer = deliver(world, order.life.voice())
    join_url = world.ultravox.join_urls[order.life.ultravox_call["callId"]]
    assert join_url.encode() in answer.body, "whoever answered was hung up on"
    call = world.gateway.look_up(order.life.call_sid)
    assert (call["id"], call["status"]) == (order.call["id"], "in-progress")


@pytest.mark.skipif(not DEEP, reason="takes a minute or two")
def test_a_call_whose_times_lie_in_the_future_leaves_too(start_world):
    world = start_world(CALL_RETENTION="5s")
    for ahead in (0, 86_400):
        life = ended_now(world, ahead)
        deliver(world, life.status("completed", 0, 0, CallDuration="1"))
    eventually(lambda: all_calls(world) == [], within=150, what="no call any more")


def test_paging_shows_each_call_once_while_earlier_events_are_learned(start_world):
    world = start_world()
    lives = [world.inbound() for _ in range(9)]
    for n, life in enumerate(lives):
        deliver(world, life.status("in-progress", 2, 10 * n))
    by_call_sid = {life.call_sid: life for life in lives}
    seen, target = [], "/calls?limit=2"
    while True:
        page = world.gateway.call("GET", target).json()
        seen += [call["call_sid"] for call in page["data"]]
        if page["next_cursor"] is None or len(seen) > 3 * len(lives):
            break
        # Of those on the page, and of one that is still to come, it is learned that they began before all others.
        to_come = [life for call_sid, life in by_call_sid.items() if call_sid not in seen]
        for life in [*(by_call_sid[call["call_sid"]] for call in page["data"]), *to_come[:1]]:
            deliver(world, life.status("ringing", 1, -1000 - len(seen)))
        target = "/calls?limit=2&cursor=" + page["next_cursor"]
    assert sorted(seen) == sorted(by_call_sid), [len(lives), len(seen), len(set(seen))]
    assert {call["status"] for call in all_calls(world)} == {"in-progress"}


# The order of arrival


def without_time(message, **parameters):
    message.parameters.pop("Timestamp", None)
    message.parameters |= parameters
    return message


def of_direction(life):
    return [
        without_time(life.status("ringing", 1, 3)),
        without_time(life.status("ringing", 2, 3), Direction="outbound-api"),
    ]


def of_error(life):
    return [
        without_time(life.status("failed", 3, 9), ErrorCode="13224", ErrorMessage="Invalid phone number"),
        without_time(life.status("failed", 4, 9), ErrorCode="13225", ErrorMessage="Forbidden phone number"),
    ]


def of_stream(life):
    messages = [life.status("in-progress", 2, 11)]
    for digit in "12":
        life.stream_sid = "MZ" + digit * 32
        messages.append(without_time(life.stream("stream-started", 12)))
    return messages


CONFLICTS = {
    "direction": of_direction,
    "error": of_error,
    "stream": of_stream,
    "all of them": lambda life: of_direction(life) + of_stream(life) + of_error(life),
}


@pytest.fixture(scope="module")
def two_worlds(start_world):
    return start_world(), start_world()


def told_to(world, message):
    """The same message, of the account of that gateway."""
    return TwilioMessage(
        message.kind,
        message.url,
        {**message.parameters, "AccountSid": world.credentials.account_sid},
        world.credentials.auth_token,
    )


def state_of(world, call_sid):
    """What a look-up shows, without times of receipt and what is ordered by them."""
    call = world.gateway.look_up(call_sid)
    assert call["id"].startswith("call_x")
    timeline = [{name: value for name, value in entry.items() if name != "at"} for entry in call["timeline"]]
    return {
        **{name: value for name, value in call.items() if not name.endswith("_at") and name != "position"},
        "timeline": sorted(timeline, key=lambda entry: json.dumps(entry, sort_keys=True)),
    }


@pytest.mark.parametrize("conflict", CONFLICTS)
def test_messages_without_a_time_that_disagree_settle_alike_in_every_order(two_worlds, conflict):
    for n in range(3):
        life = two_worlds[0].inbound(caller=f"+1312555019{n}")
        messages = CONFLICTS[conflict](life)
        states = []
        for world, ordered in zip(two_worlds, (messages, reversed(messages))):
            deliver(world, *[told_to(world, message) for message in ordered])
            states.append(state_of(world, life.call_sid))
        assert states[0] == states[1], differences(*states)
