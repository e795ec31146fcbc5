"""With a journal a restart forgets nothing: orders that waited, hang-ups, the dialing switch, kept answers. One gateway at
a time writes a journal, and others may read it."""

import json
import secrets
import shutil
import sqlite3
import stat
import subprocess

import pytest

from harness import journals
from harness.delivering import deliver
from harness.process import Program
from harness.waiting import eventually
from harness.wall_clock import WallClock, why_not
from standins.faults import VANISHED, ByNumber
from standins.scripted import Down


@pytest.fixture
def world(start_world):
    return start_world(**journals.SETTINGS)


@pytest.fixture
def slow_world(start_world):
    """A gateway at which orders wait for their turn."""
    return start_world(**journals.SETTINGS, CALLS_PER_SECOND="0.5", QUEUE_MAX_WAIT="60s")


def waiting_orders(world, count=6):
    """Orders of which at least one waits; those that do."""
    answers = world.place_together(world.new_agent(), count)
    assert {answer.status for answer in answers} <= {201, 202}, answers
    waiting = [answer.json() for answer in answers if answer.status == 202]
    assert waiting
    return waiting


def look_up(world, calls):
    return [world.gateway.look_up(call["id"]) for call in calls]


def test_a_call_is_after_the_restart_what_it_was_before(world):
    orders = [world.order(world.new_agent(), metadata={"customer": "42"}, record=True) for _ in range(4)]
    for order, messages in zip(orders, ("completed", "busy", "no_answer", "canceled")):
        deliver(world, *getattr(order.life, messages)())
    deliver(world, world.inbound().status("completed", 3, 58, CallDuration="47"))
    known = world.gateway.call("GET", "/calls?limit=200").json()["data"]
    calls = [world.gateway.look_up(call["id"]) for call in known]
    journals.kill(world)
    journals.start_again(world)
    assert world.gateway.call("GET", "/calls?limit=200").json()["data"] == known
    assert [world.gateway.look_up(call["id"]) for call in known] == calls
    (line,) = journals.lines_of(world.gateway, "the journal was read")
    assert int(line["records"]) > 40
    # Copies of what was told before are no news, and later messages are.
    for order in orders:
        deliver(world, order.life.status("ringing", 1, 3))
    assert [world.gateway.look_up(call["id"]) for call in known] == calls


def test_an_answer_is_kept_for_its_key(world):
    agent, headers = world.new_agent(), [("Idempotency-Key", f"key-{secrets.token_hex(8)}")]
    order = {"phone_number": world.numbers.take()}
    first = world.gateway.call("POST", f"/calls/{agent}", order, headers=headers)
    assert first.status == 201, first
    for end in (lambda: journals.kill(world), lambda: world.gateway.stop()):
        end()
        journals.start_again(world)
        again = world.gateway.call("POST", f"/calls/{agent}", order, headers=headers)
        assert (again.status, again.body, again.header("idempotent-replayed")) == (201, first.body, "true"), again
        other = world.gateway.call("POST", f"/calls/{agent}", {**order, "record": True}, headers=headers)
        assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(world.twilio.creates) == 1


def test_a_stop_leaves_waiting_orders_for_the_next_start(slow_world):
    world = slow_world
    waiting = waiting_orders(world)
    assert world.gateway.stop() == 0
    left = [call for call in waiting if not world.twilio.creates_for(call["phone_number"])]
    assert left, "all were dialed before the stop"
    # They are no calls yet, and the next start dials them.
    entries = [json.loads(line) for line in world.gateway.lines]
    continuing = {entry.get("call.id") for entry in entries if "continues without" in entry["message"]}
    assert continuing.isdisjoint(call["id"] for call in left)
    journals.start_again(world, CALLS_PER_SECOND="100")
    eventually(lambda: "pending" not in {call["status"] for call in look_up(world, left)}, what="an end of waiting")
    # The one whose turn had come was being prepared, and is not dialed with what was prepared for it before the stop.
    prepared = [call for call in look_up(world, left) if call["status"] == "canceled"]
    assert len(prepared) <= 1 and "the gateway stopped" in json.dumps(prepared or "the gateway stopped"), prepared
    for call in look_up(world, left):
        assert len(world.twilio.creates_for(call["phone_number"])) == (call not in prepared)


def test_a_kill_leaves_waiting_orders_for_the_next_start(slow_world):
    world = slow_world
    waiting = waiting_orders(world)
    journals.kill(world)
    journals.start_again(world, CALLS_PER_SECOND="100")
    for call in waiting:
        eventually(
            lambda: world.gateway.look_up(call["id"])["status"] in ("queued", "unknown", "failed"),
            what="an order that is dialed after all, or known as one that may have been",
        )
        assert len(world.twilio.creates_for(call["phone_number"])) <= 1
    assert len(world.twilio.creates) >= len(waiting) - 2


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_what_waited_too_long_is_canceled_and_not_dialed_late(slow_world):
    world = slow_world
    waiting = waiting_orders(world)
    assert world.gateway.stop() == 0
    left = [call for call in waiting if not world.twilio.creates_for(call["phone_number"])]
    clock = WallClock(world.gateway.directory)
    clock.set(61)
    journals.start_again(world, CALLS_PER_SECOND="100", **clock.settings)
    for call in left:
        eventually(lambda: world.gateway.look_up(call["id"])["status"] == "canceled", what="an order given up")
        assert not world.twilio.creates_for(call["phone_number"])


def test_a_hang_up_that_was_asked_for_is_carried_out(world):
    world.twilio.weather = ByNumber()
    agent = world.new_agent()
    number = world.numbers.take()
    world.twilio.weather.faults[number] = VANISHED
    unknown = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number}).json()
    life = world.life_of(unknown, number, "CA" + secrets.token_hex(16))
    known = world.order(agent)
    deliver(world, known.life.status("in-progress", 2, 11))
    world.twilio.weather = Down()
    for call in (unknown, known.call):
        assert world.gateway.call("POST", f"/calls/{call['id']}/hangup").status == 202
    before = len(world.twilio.requests("POST", f"/Calls/{known.call['call_sid']}.json"))
    journals.kill(world)
    world.twilio.weather = None
    with world.twilio.lock:
        world.twilio.calls[life.call_sid] = world.twilio._object(life.call_sid, number, life.create.field("From"))
    journals.start_again(world)
    eventually(
        lambda: len(world.twilio.requests("POST", f"/Calls/{known.call['call_sid']}.json")) > before,
        what="the hang-up of the call that was known",
    )
    deliver(world, life.status("ringing", 1, 3))
    eventually(
        lambda: world.twilio.requests("POST", f"/Calls/{life.call_sid}.json"),
        what="the hang-up of the call that became known after the restart",
    )
    for call in (unknown, known.call):
        eventually(
            lambda: world.gateway.look_up(call["id"])["status"] in ("completed", "canceled"), what="a call that is over"
        )
    assert len(world.twilio.creates) == 2


def test_dialing_stays_off(world):
    agent = world.new_agent()
    off = world.gateway.call("PUT", "/dialing", {"enabled": False, "reason": "an alarm"})
    assert off.status == 200
    for end in (lambda: journals.kill(world), lambda: world.gateway.stop()):
        end()
        journals.start_again(world)
        assert world.gateway.call("GET", "/dialing").json() == off.json()
        answer, _ = world.place(agent)
        assert (answer.status, answer.json()["code"]) == (503, "dialing_disabled")
    assert world.gateway.call("PUT", "/dialing", {"enabled": True}).status == 200
    assert world.place(agent)[0].status == 201


def test_a_second_gateway_is_refused_and_told_who_has_the_journal(world):
    world.order(world.new_agent())
    second = Program(["serve"], world.gateway.environment, world.gateway.directory)
    assert second.end() == 1
    assert f"process {world.gateway.pid}" in second.output() and "one gateway at a time" in second.output()
    world.gateway.require_alive()
    assert world.place(world.new_agent())[0].status == 201


def test_others_read_the_journal_meanwhile_and_nobody_but_its_owner(world):
    order = world.order(world.new_agent())
    for name in journals.FILES:
        assert stat.S_IMODE(journals.path(world, name).stat().st_mode) == 0o600, name
    with sqlite3.connect(f"file:{journals.path(world)}?mode=ro", uri=True) as reader:
        reader.execute("BEGIN")
        (records,) = reader.execute("SELECT count(*) FROM log").fetchone()
        # A reader that does not let go holds up nobody.
        deliver(world, *order.life.completed())
        assert world.gateway.look_up(order.call["id"])["status"] == "completed"
        assert reader.execute("SELECT count(*) FROM log").fetchone() == (records,)
    reader.close()
    if shutil.which("sqlite3"):
        told = subprocess.run(
            ["sqlite3", "-readonly", journals.path(world), "PRAGMA integrity_check; SELECT count(*) > 10 FROM log"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.split() == ["ok", "1"]


def test_the_vendors_are_told_nothing_by_a_restart(world):
    agent = world.new_agent()
    orders = [world.order(agent) for _ in range(3)]
    deliver(world, *orders[0].life.completed(), orders[1].life.status("in-progress", 2, 11))
    before = world.vendor_requests()
    journals.kill(world)
    journals.start_again(world)
    assert world.gateway.look_up(orders[1].call["id"])["status"] == "in-progress"
    assert world.vendor_requests() == before
