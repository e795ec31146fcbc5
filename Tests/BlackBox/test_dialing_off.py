"""Dialing that is switched off while orders wait: they are kept until their time is up, or canceled at once."""

import time

import pytest

from harness.crowd import at_once
from harness.waiting import eventually
from standins.faults import answered
from standins.scripted import Always

REASON = "a fire drill"
WAITING = pytest.mark.parametrize("waiting", [{}, {"waiting": "cancel"}], ids=["kept by default", "canceled"])


def switch(world, enabled, **document):
    answer = world.gateway.call("PUT", "/dialing", {"enabled": enabled, **document})
    assert (answer.status, answer.json()["enabled"]) == (200, enabled), answer
    return answer.json()


def fill(world, agent, count):
    """Orders at the same time. Returns those that wait and whose clients do not, in the order of their turns."""
    answers = world.place_together(agent, count)
    assert {answer.status for answer in answers} <= {201, 202}, answers
    return sorted((answer.json() for answer in answers if answer.status == 202), key=lambda call: call["created_at"])


def calls_of(world, waiting):
    return [world.gateway.look_up(call["id"]) for call in waiting]


def told_of_the_end(call):
    """What the timeline says of how the call was canceled."""
    (end,) = [entry for entry in call["timeline"] if entry["type"] == "call.canceled"]
    return end["detail"]


@pytest.mark.parametrize("waiting", [{}, {"waiting": "keep"}], ids=["by default", "keep"])
def test_what_waits_is_kept_and_dialed_when_dialing_is_on_again(start_world, waiting):
    world = start_world(CALLS_PER_SECOND="2", QUEUE_MAX_WAIT="30s")
    agent = world.new_agent()
    # The last ones: those whose turn is near are being prepared, or have a client that waits.
    kept = fill(world, agent, 14)[-4:]
    assert switch(world, False, reason=REASON, **waiting)["reason"] == REASON
    dialed = len(world.twilio.creates)
    assert world.place(agent)[0].json()["code"] == "dialing_disabled"
    assert {call["status"] for call in calls_of(world, kept)} == {"pending"}
    assert len(world.twilio.creates) - dialed <= 1
    switch(world, True)
    eventually(
        lambda: all(call["call_sid"] for call in calls_of(world, kept)), within=15, what="every kept order dialed"
    )
    for call in calls_of(world, kept):
        assert len(world.twilio.creates_for(call["phone_number"])) == 1


def test_what_is_kept_too_long_is_canceled_and_says_that_dialing_was_off(start_world):
    world = start_world(CALLS_PER_SECOND="3", QUEUE_MAX_WAIT="5s")
    agent = world.new_agent()
    kept = fill(world, agent, 8)[-2:]
    switch(world, False, reason=REASON)
    canceled = eventually(
        lambda: (seen := calls_of(world, kept)) and {call["status"] for call in seen} == {"canceled"} and seen,
        within=12,
        what="the end of waiting",
    )
    for call in canceled:
        assert "off" in told_of_the_end(call), call["timeline"]
    switch(world, True)
    assert world.place(agent)[0].status == 201
    for call in canceled:
        assert world.twilio.creates_for(call["phone_number"]) == []


def test_the_queue_is_cleared_at_once_where_that_is_asked_for(start_world):
    world = start_world(CALLS_PER_SECOND="1", QUEUE_MAX_WAIT="60s", MAX_CONCURRENT_CALLS="12")
    agent = world.new_agent()
    waiting = fill(world, agent, 12)
    switch(world, False, reason=REASON, waiting="cancel")
    canceled = eventually(
        lambda: (seen := calls_of(world, waiting)) and "pending" not in {call["status"] for call in seen} and seen,
        within=2,
        what="an empty queue",
    )
    over = [call for call in canceled if call["status"] == "canceled"]
    assert len(over) >= len(waiting) - 1
    for call in over:
        assert "off" in told_of_the_end(call), call["timeline"]
    switch(world, True)
    # Their places and numbers are free.
    again = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": over[-1]["phone_number"]})
    assert again.status in (201, 202), again
    eventually(lambda: world.gateway.look_up(again.json()["id"])["call_sid"], what="the new order dialed")
    for call in over[:-1]:
        assert world.twilio.creates_for(call["phone_number"]) == []


def test_what_is_off_already_can_still_be_cleared(start_world):
    world = start_world(CALLS_PER_SECOND="1", QUEUE_MAX_WAIT="60s")
    agent = world.new_agent()
    waiting = fill(world, agent, 8)[-3:]
    switch(world, False, reason=REASON)
    assert {call["status"] for call in calls_of(world, waiting)} == {"pending"}
    switch(world, False, reason=REASON, waiting="cancel")
    eventually(
        lambda: {call["status"] for call in calls_of(world, waiting)} == {"canceled"}, within=2, what="an empty queue"
    )


@WAITING
def test_clients_that_wait_for_their_turn_are_told_at_once(start_world, waiting):
    """Their turns are less than two seconds away, so the answers have not been given yet."""
    world = start_world(CALLS_PER_SECOND="2")
    agent = world.new_agent()
    for _ in range(6):
        world.order(agent)  # by which the gateway learns how little time an order takes to prepare
    numbers = [world.numbers.take() for _ in range(5)]
    times = {}

    def place(number):
        answer = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number})
        times[number] = time.monotonic()
        return answer, number

    def off():
        eventually(lambda: len(all_calls(world)) == 6 + len(numbers), what="the orders")
        switch(world, False, reason=REASON, **waiting)
        return time.monotonic()

    *answers, switched = at_once([*[lambda number=number: place(number) for number in numbers], off])
    # An answer of that very moment may have been under way before.
    told = [(answer, number) for answer, number in answers if times[number] > switched + 0.1]
    late = [answer for answer, _ in told if answer.status == 202]
    assert not late, f"{len(late)} clients were left waiting, and told that their orders wait"
    refused = [(answer, number) for answer, number in answers if answer.status == 503]
    assert refused and max(times[number] for _, number in refused) < switched + 1
    for answer, number in refused:
        assert_told(world, answer, number)


@WAITING
def test_an_order_that_is_being_prepared_is_told(start_world, waiting):
    world = start_world()
    agent = world.new_agent()
    world.order(agent)
    world.ultravox.weather = Always(answered(201, None, acts=True, after=0.7))
    number = world.numbers.take()
    before = len(world.ultravox.agent_calls)

    def off():
        eventually(lambda: len(world.ultravox.agent_calls) > before, what="the request for its conversation")
        return switch(world, False, reason=REASON, **waiting)

    ordered, _ = at_once([lambda: world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number}), off])
    assert_told(world, ordered, number)


def all_calls(world):
    return world.gateway.call("GET", "/calls?limit=200").json()["data"]


def assert_told(world, answer, number):
    """Nobody was dialed, nobody will be, and the order may come again with the same number."""
    problem = answer.json()
    assert (answer.status, problem["code"]) == (503, "dialing_disabled"), answer
    assert int(answer.header("retry-after")) >= 1 and REASON in problem["detail"]
    call = world.gateway.look_up(problem["call_id"])
    assert call["status"] == "canceled" and "off" in told_of_the_end(call), call
    assert world.twilio.creates_for(number) == []
    switch(world, True)
    world.ultravox.weather = None
    again = world.gateway.call("POST", f"/calls/{call['agent_id']}", {"phone_number": number})
    assert again.status in (201, 202), again
    eventually(lambda: len(world.twilio.creates_for(number)) == 1, what="the dial of the new order")
    assert world.gateway.look_up(call["id"])["status"] == "canceled"


@pytest.mark.parametrize("waiting", ["drop", True])
def test_another_word_is_refused_and_nothing_is_switched(world, waiting):
    answer = world.gateway.call("PUT", "/dialing", {"enabled": False, "waiting": waiting})
    problem = answer.json()
    assert (answer.status, problem["code"]) == (422, "validation_failed"), answer
    # The field is known; it is its value that does not fit.
    (error,) = problem["errors"]
    assert error["field"] == "waiting" and "keep" in error["message"] and "cancel" in error["message"], error
    assert world.gateway.call("GET", "/dialing").json()["enabled"] is True
