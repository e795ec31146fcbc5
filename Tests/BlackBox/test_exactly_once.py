"""One order, at most one create at Twilio, also when a warm connection dies without an answer.

HTTP clients, libcurl among them, send a request again by themselves when a kept-alive connection turns out to be dead.
For a POST that dials somebody this would ring twice.
"""

from types import SimpleNamespace

import pytest

from harness.waiting import eventually
from standins.server import VANISH

TRIES = 200
MOST_ORDERS = 260


@pytest.fixture(scope="module")
def tries(start_world):
    """Orders whose create was read by Twilio and never answered, on a connection that had served before."""
    world = start_world()
    agent = world.new_agent()
    victims = set()

    def once(reached):
        first = len(world.twilio.creates_for(reached.field("To"))) == 1
        return VANISH if reached.field("To") in victims and first else None

    world.twilio.fault = lambda reached: (
        once(reached) if reached.path.endswith("/Calls.json") and reached.form else None
    )
    warm, cold = [], []
    for _ in range(MOST_ORDERS):
        if len(warm) == TRIES:
            break
        # Two good answers for each missing one keep the circuit breaker closed and the connection warm.
        before = world.order(agent)
        hangup = world.gateway.call("POST", f"/calls/{before.call['id']}/hangup")
        assert hangup.status == 202, hangup
        number = world.numbers.take()
        victims.add(number)
        answer = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number})
        reached = world.twilio.creates_for(number)
        assert reached, f"the order never reached Twilio: {answer}"
        attempt = SimpleNamespace(number=number, answer=answer, connection=reached[0].connection, nth=reached[0].nth)
        (warm if attempt.nth > 0 else cold).append(attempt)
    return SimpleNamespace(world=world, agent=agent, warm=warm, cold=cold)


def test_the_creates_went_over_warm_connections(tries):
    assert len(tries.warm) == TRIES, f"{len(tries.cold)} of {len(tries.warm) + len(tries.cold)} connections were fresh"


def test_a_create_that_dies_unanswered_reaches_twilio_exactly_once(tries):
    for attempt in tries.warm + tries.cold:
        assert len(tries.world.twilio.creates_for(attempt.number)) == 1, attempt


def test_the_order_is_answered_202_unknown(tries):
    for attempt in tries.warm + tries.cold:
        assert attempt.answer.status == 202, attempt
        call = attempt.answer.json()
        assert (call["status"], call["call_sid"]) == ("unknown", None), attempt
        assert attempt.answer.header("location") == f"/calls/{call['id']}", attempt.answer.headers


def test_the_agent_call_is_created_at_most_once_for_each_order(tries):
    for attempt in tries.warm:
        call_id = attempt.answer.json()["id"].encode()
        assert len([entry for entry in tries.world.ultravox.agent_calls if call_id in entry.body]) == 1, attempt


def test_the_first_signed_webhook_with_our_id_makes_the_call_known(tries):
    world = tries.world
    for n, attempt in enumerate(tries.warm):
        call = attempt.answer.json()
        call_sid = f"CA{n:032x}"
        life = world.life_of(call, attempt.number, call_sid)
        answer = world.gateway.deliver(life.status("ringing", 1, 3))
        assert answer.status == 204, answer
        known = eventually(
            lambda: (seen := world.gateway.look_up(call["id"]))["call_sid"] and seen, what="the call's CallSid"
        )
        assert (known["call_sid"], known["status"]) == (call_sid, "ringing")
        assert world.gateway.look_up(call_sid)["id"] == call["id"]


def test_nothing_was_dialed_again_in_the_end(tries):
    for attempt in tries.warm + tries.cold:
        assert len(tries.world.twilio.creates_for(attempt.number)) == 1, attempt
    tries.world.gateway.require_alive()
