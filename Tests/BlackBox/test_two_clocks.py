"""The wall clock is set while the gateway runs: nothing is dialed late, canceled, delayed or given up for that."""

import datetime

import pytest

from harness.comparing import parsed_time
from harness.waiting import eventually
from harness.wall_clock import WallClock, why_not
from standins.faults import VANISHED
from standins.scripted import Always, Down

pytestmark = pytest.mark.skipif(bool(why_not()), reason=f"the wall clock cannot be set: {why_not()}")

HOUR = 3600
WAYS = pytest.mark.parametrize("seconds", [-HOUR, HOUR], ids=["an hour back", "an hour ahead"])


@pytest.fixture
def start(start_world, tmp_path):
    """Starts a gateway whose wall clock `set_clock` sets."""

    def start(**settings):
        clock = WallClock(tmp_path)
        world = start_world(**clock.settings, **settings)

        def set_clock(seconds):
            clock.set(seconds)
            shown = parsed_time(world.gateway.call("PUT", "/dialing", {"enabled": True}).json()["changed_at"])
            ahead = shown - datetime.datetime.now(datetime.timezone.utc)
            assert abs(ahead.total_seconds() - seconds) < 60, "the gateway does not see the clock that was set"

        world.set_clock = set_clock
        return world

    return start


def states(world, calls):
    return {call["id"]: world.gateway.look_up(call["id"])["status"] for call in calls}


@WAYS
def test_orders_that_wait_are_dialed_at_the_pace(start, seconds):
    world = start(CALLS_PER_SECOND="2", QUEUE_MAX_WAIT="30s")
    agent = world.new_agent()
    answers = world.place_together(agent, 12)
    assert {answer.status for answer in answers} <= {201, 202}
    waiting = [answer.json() for answer in answers if answer.status == 202]
    assert len(waiting) >= 6
    world.set_clock(seconds)
    seen = eventually(
        lambda: "pending" not in (seen := states(world, waiting)).values() and seen, within=20, what="all orders dialed"
    )
    assert set(seen.values()) <= {"queued", "unknown"}, seen
    assert len(eventually(lambda: len(world.twilio.creates) == 12 and world.twilio.creates, what="all creates")) == 12


def test_an_order_waits_no_longer_because_the_clock_was_set_back(start):
    """Nobody is dialed half an hour late, when the vendor or the operator is back."""
    world = start(CALLS_PER_SECOND="2", QUEUE_MAX_WAIT="5s")
    agent = world.new_agent()
    waiting = [answer.json() for answer in world.place_together(agent, 8) if answer.status == 202]
    assert waiting
    world.set_clock(-HOUR)
    world.gateway.call("PUT", "/dialing", {"enabled": False, "reason": "the clock is being set"})
    seen = eventually(
        lambda: "pending" not in (seen := states(world, waiting)).values() and seen,
        within=12,
        what="the end of waiting",
    )
    assert "canceled" in seen.values()


@WAYS
def test_a_dial_without_proof_is_parked_in_its_time(start, seconds):
    world = start(UNCONFIRMED_AFTER="3s" if seconds < 0 else "30m")
    agent = world.new_agent()
    world.twilio.weather = Always(VANISHED)
    answer, _ = world.place(agent)
    assert answer.json()["status"] == "unknown"
    call_id = answer.json()["id"]
    world.set_clock(seconds)
    if seconds < 0:
        eventually(lambda: world.gateway.look_up(call_id)["status"] == "unconfirmed", within=12, what="a parked call")
        return
    # What the gateway does every second it has done twice when it has asked Twilio again whether it is well.
    world.twilio.weather = Down()
    for _ in range(20):
        world.place(agent)
    probes = len(world.twilio.requests("GET"))
    eventually(lambda: len(world.twilio.requests("GET")) > probes, within=15, what="a probe of a vendor that is down")
    assert world.gateway.look_up(call_id)["status"] == "unknown"


def test_a_conversation_that_is_ready_is_not_given_up(start):
    world = start()
    agent = world.new_agent()
    order = world.order(agent)
    world.set_clock(HOUR)
    answer = world.gateway.deliver(order.life.voice())
    assert answer.status == 200 and order.call["join_url"].encode() in answer.body, answer


@WAYS
def test_a_quota_that_is_used_up_comes_back_in_its_time(start, seconds):
    world = start(RATE_LIMIT_PER_MINUTE="5")
    answers = [world.gateway.call("POST", "/calls/nobody", {}) for _ in range(6)]
    limited = answers[-1]
    assert (limited.status, limited.json()["code"]) == (429, "rate_limited")
    world.set_clock(seconds)
    again = world.gateway.call("POST", "/calls/nobody", {})
    assert again.status == 429, again
    assert 0 < int(again.header("retry-after")) <= int(limited.header("retry-after")), again.headers
