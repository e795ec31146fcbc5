"""Rails against toll fraud and accidents: caps, one call a number, cool-down, the pace, the queue and the switch."""

import time

import pytest

from harness.crowd import at_once
from harness.figures import amount, figure
from harness.pace import most_in_a_second
from harness.waiting import eventually
from standins.faults import VANISHED, answered
from standins.scripted import Always

ORDERS = amount(200, 500)


def place(world, agent, number=None, **order):
    return world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number or world.numbers.take(), **order})


def end(world, answer, number):
    """Twilio tells that the call is over."""
    life = world.life_of(answer.json(), number)
    assert world.gateway.deliver(life.status("completed", 3, 58, CallDuration="47")).status == 204


def refused(answer, status, code, *words):
    problem = answer.json()
    assert (answer.status, problem["code"]) == (status, code), answer
    assert int(answer.header("retry-after")) >= 1
    for word in words:
        assert word in problem["detail"], problem
    return problem


def in_parallel(world, agent, numbers, keyed=False):
    def order(n, number):
        headers = [("Idempotency-Key", f"order-{n}")] if keyed else []
        return lambda: world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number}, headers=headers)

    answers = []
    for start in range(0, len(numbers), 100):
        answers += at_once([order(start + n, number) for n, number in enumerate(numbers[start : start + 100])])
    return answers


def test_a_cap_is_exact_for_orders_in_parallel(start_world):
    world = start_world(MAX_CONCURRENT_CALLS="10")
    agent = world.new_agent()
    numbers = [world.numbers.take() for _ in range(ORDERS)]
    answers = in_parallel(world, agent, numbers, keyed=True)
    placed = [(answer, number) for answer, number in zip(answers, numbers) if answer.status in (201, 202)]
    assert len(placed) == 10 == len(world.twilio.creates)
    for answer in answers:
        if answer.status not in (201, 202):
            refused(answer, 429, "too_many_calls", "MAX_CONCURRENT_CALLS")
    # A place that is free again is taken by one, and the key of a refused order is free.
    end(world, *placed[0])
    late = [n for n, answer in enumerate(answers) if answer.status == 429][0]
    again = world.gateway.call(
        "POST", f"/calls/{agent}", {"phone_number": numbers[late]}, headers=[("Idempotency-Key", f"order-{late}")]
    )
    assert again.status == 201
    refused(place(world, agent), 429, "too_many_calls")
    assert len(world.twilio.creates) == 11
    figure("cap of 10", f"{len(numbers)} orders in parallel: {len(placed)} dialed")


def test_an_order_that_nobody_was_dialed_for_gives_its_place_back(start_world):
    world = start_world(MAX_CONCURRENT_CALLS="1", MAX_CALLS_PER_DAY="2")
    agent = world.new_agent()
    world.twilio.weather = Always(answered(400, {"code": 21216, "message": "not allowed", "status": 400}))
    for _ in range(5):
        assert place(world, agent).status == 422
    world.twilio.weather = None
    number = world.numbers.take()
    first = place(world, agent, number)
    assert first.status == 201
    end(world, first, number)
    assert place(world, agent).status == 201


def test_a_day_has_so_many_calls_and_no_more(start_world):
    world = start_world(MAX_CALLS_PER_DAY="7")
    agent = world.new_agent()
    answers = in_parallel(world, agent, [world.numbers.take() for _ in range(60)])
    assert sorted(answer.status for answer in answers) == [201] * 7 + [429] * 53
    assert len(world.twilio.creates) == 7
    refusal = next(answer for answer in answers if answer.status == 429)
    refused(refusal, 429, "too_many_calls", "MAX_CALLS_PER_DAY")
    assert int(refusal.header("retry-after")) <= 86_400


def test_a_number_has_one_live_call(start_world):
    world = start_world()
    agent = world.new_agent()
    number = world.numbers.take()
    answers = in_parallel(world, agent, [number] * 50)
    assert sorted(answer.status for answer in answers) == [201] + [409] * 49
    first = next(answer for answer in answers if answer.status == 201)
    for answer in answers:
        if answer is not first:
            problem = refused(answer, 409, "number_busy", "PARALLEL_CALLS_TO_NUMBER")
            assert problem["call_id"] == first.json()["id"]
    assert len(world.twilio.creates_for(number)) == 1
    end(world, first, number)
    assert place(world, agent, number).status == 201


def test_a_number_may_have_several_where_that_is_set(start_world):
    world = start_world(PARALLEL_CALLS_TO_NUMBER="true")
    agent = world.new_agent()
    number = world.numbers.take()
    assert [answer.status for answer in in_parallel(world, agent, [number] * 5)] == [201] * 5


def test_a_number_is_left_alone_for_a_while(start_world):
    world = start_world(NUMBER_COOLDOWN="1h")
    agent = world.new_agent()
    number = world.numbers.take()
    end(world, place(world, agent, number), number)
    answers = in_parallel(world, agent, [number] * 20)
    for answer in answers:
        refused(answer, 429, "too_many_calls", "NUMBER_COOLDOWN")
        assert 3590 <= int(answer.header("retry-after")) <= 3600
    assert len(world.twilio.creates_for(number)) == 1
    assert place(world, agent).status == 201


def test_a_call_lasts_no_longer_than_is_allowed(start_world):
    world = start_world(MAX_CALL_DURATION="2m")
    agent = world.new_agent(max_duration_seconds=3000)
    number = world.numbers.take()
    assert place(world, agent, number).status == 201
    (create,) = world.twilio.creates_for(number)
    assert int(create.field("TimeLimit")) <= 150
    assert world.ultravox.agent_calls[-1].json()["maxDuration"] == "120s"
    assert place(world, agent, max_duration_seconds=121).status == 422


def test_the_pace_is_kept_in_every_second(start_world):
    world = start_world(CALLS_PER_SECOND="5")
    agent = world.new_agent()
    count = amount(30, 150)
    answers = in_parallel(world, agent, [world.numbers.take() for _ in range(count)])
    assert {answer.status for answer in answers} <= {201, 202}
    waiting = [answer.json() for answer in answers if answer.status == 202]
    assert waiting
    assert {(call["status"], call["call_sid"], call["join_url"]) for call in waiting} == {("pending", None, None)}
    eventually(lambda: len(world.twilio.creates) == count, within=count, what="every order dialed")
    assert most_in_a_second(world.twilio.creates) <= 5
    for call in waiting:
        assert eventually(lambda: world.gateway.look_up(call["id"])["call_sid"], what="the CallSid")
    times = [create.at for create in world.twilio.creates]
    most = most_in_a_second(world.twilio.creates)
    figure("pace of 5 a second", f"{count} creates in {max(times) - min(times):.1f} s, at most {most} in any second")


def test_a_full_queue_refuses_at_once(start_world):
    world = start_world(CALLS_PER_SECOND="0.5", QUEUE_MAX_WAIT="20s", QUEUE_LIMIT="4")
    agent = world.new_agent()
    answers = in_parallel(world, agent, [world.numbers.take() for _ in range(30)])
    for answer in answers:
        if answer.status == 429:
            refused(answer, 429, "queue_full", "QUEUE_LIMIT")
    taken = [answer for answer in answers if answer.status in (201, 202)]
    assert 4 <= len(taken) <= 6
    # One that waits is canceled at once, and never dialed.
    pending = [answer.json() for answer in taken if answer.json()["status"] == "pending"]
    waiting = max(pending, key=lambda call: call["created_at"])
    assert world.gateway.call("POST", f"/calls/{waiting['id']}/hangup").json()["status"] == "canceled"
    creates = eventually(
        lambda: len(world.twilio.creates) == len(taken) - 1 and world.twilio.creates, within=30, what="the others dialed"
    )
    assert waiting["phone_number"] not in {create.field("To") for create in creates}


def test_the_switch_stops_dialing_and_nothing_else(start_world):
    world = start_world(CALLS_PER_SECOND="5", QUEUE_MAX_WAIT="4s")
    agent = world.new_agent()
    assert world.gateway.call("GET", "/dialing").json()["enabled"] is True
    live = world.order(agent)
    answers = in_parallel(world, agent, [world.numbers.take() for _ in range(15)])
    pending = [answer.json() for answer in answers if answer.status == 202]
    assert pending
    off = world.gateway.call("PUT", "/dialing", {"enabled": False, "reason": "a fire drill"})
    since = time.monotonic()
    assert (off.status, off.json()["enabled"], off.json()["reason"]) == (200, False, "a fire drill")
    headers = [("Idempotency-Key", "while-it-is-off")]
    number = world.numbers.take()
    answer = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number}, headers=headers)
    assert "a fire drill" in refused(answer, 503, "dialing_disabled", "/dialing")["detail"]
    # Webhooks and look-ups go on.
    assert world.gateway.deliver(live.life.status("ringing", 1, 3)).status == 204
    assert world.gateway.look_up(live.call["id"])["status"] == "ringing"
    # Who waits too long is canceled, not dialed late.
    for call in pending:
        final = eventually(
            lambda: (seen := world.gateway.look_up(call["id"]))["status"] not in ("pending",) and seen,
            within=20,
            what="the end of waiting",
        )
        assert final["status"] in ("canceled", "queued"), final
    late = [create for create in world.twilio.creates if create.at > since + 1.0]
    assert not late
    canceled = [call for call in pending if world.gateway.look_up(call["id"])["status"] == "canceled"]
    assert canceled and all("dialing was switched off" in text for call in canceled for text in reason(world, call))
    on = world.gateway.call("PUT", "/dialing", {"enabled": True})
    assert (on.status, on.json()["enabled"], on.json()["reason"]) == (200, True, None)
    again = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number}, headers=headers)
    assert again.status == 201
    figure("the switch", f"{len(canceled)} waiting orders canceled, 0 dials later than 1 s after it")


def reason(world, call):
    return [entry["detail"] for entry in world.gateway.look_up(call["id"])["timeline"] if entry["status"] == "canceled"]


BODIES = [{}, {"enabled": "no"}, {"enabled": False, "reason": 1}, {"enabled": True, "x": 1}, {"enabled": False, "waiting": "so"}]


@pytest.mark.parametrize("body", BODIES)
def test_the_switch_takes_nothing_but_what_it_knows(world, body):
    answer = world.gateway.call("PUT", "/dialing", body)
    assert (answer.status, answer.json()["code"]) == (422, "validation_failed")
    assert world.gateway.call("GET", "/dialing").json()["enabled"] is True


def test_a_dial_without_proof_is_parked_and_holds_nothing(start_world):
    world = start_world(UNCONFIRMED_AFTER="2s", MAX_CONCURRENT_CALLS="1")
    agent = world.new_agent()
    world.twilio.weather = Always(VANISHED)
    number = world.numbers.take()
    answer = place(world, agent, number)
    assert (answer.status, answer.json()["status"]) == (202, "unknown")
    refused(place(world, agent), 429, "too_many_calls")
    call_id = answer.json()["id"]
    eventually(lambda: world.gateway.look_up(call_id)["status"] == "unconfirmed", within=15, what="a parked call")
    world.twilio.weather = None
    assert place(world, agent).status == 201
    # Later proof still counts.
    life = world.life_of(answer.json(), number, "CA" + "5a" * 16)
    assert world.gateway.deliver(life.status("ringing", 1, 3)).status == 204
    assert world.gateway.look_up(call_id)["status"] == "ringing"
