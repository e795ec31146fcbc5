"""Orders that wait: dialed in order, in time, and none thrown away because a vendor is slow or down for a while."""

import time

import pytest

from harness.figures import DEEP, amount, figure
from harness.probes import is_probe
from harness.waiting import eventually
from standins.faults import answered
from standins.scripted import Always, Down


def all_of(world):
    return world.gateway.call("GET", "/calls?limit=200").json()["data"]


def test_with_a_slow_vendor_everybody_taken_in_is_dialed_in_order_and_in_time(start_world):
    longest = amount(12, 60)  # seconds
    world = start_world(CALLS_PER_SECOND="2", QUEUE_MAX_WAIT=f"{longest}s")
    agent = world.new_agent()
    world.twilio.weather = Always(answered(201, None, acts=True, after=0.5))
    for _ in range(3):
        world.order(agent)  # by which the gateway learns how slow Twilio is
    began = time.monotonic()
    answers = world.place_together(agent, 2 * longest + 10)
    taken = [answer.json() for answer in answers if answer.status in (201, 202)]
    refused = [answer for answer in answers if answer.status not in (201, 202)]
    assert refused and len(taken) > longest
    for answer in refused:
        assert (answer.status, answer.json()["code"]) == (429, "queue_full") and answer.header("retry-after")
    eventually(lambda: len(world.twilio.creates) == len(taken) + 3, within=longest + 20, what="every order dialed")
    eventually(lambda: not [call for call in all_of(world) if call["status"] == "pending"], what="every order placed")
    creates = sorted(world.twilio.creates, key=lambda create: create.at)[3:]
    assert creates[-1].at - began <= longest + 1
    # Whoever comes first is dialed first; those of the same few milliseconds may pass in another order.
    since = {call["phone_number"]: call["created_at"] for call in all_of(world)}
    passed = [since[create.field("To")] for create in creates]
    places = {at: place for place, at in enumerate(sorted(passed))}
    assert all(abs(places[at] - place) <= 8 for place, at in enumerate(passed)), passed
    prepared = {entry.json()["metadata"]["switchboard_call_id"]: entry.at for entry in world.ultravox.agent_calls}
    numbers = {call["phone_number"]: call["id"] for call in all_of(world)}
    longest_wait = max(create.at - prepared[numbers[create.field("To")]] for create in creates)
    assert longest_wait < 5, "a join URL waited too long for its dial"
    figure(
        "queue, Twilio answers after 0.5 s",
        f"{len(taken)} taken in and dialed within {creates[-1].at - began:.1f} of {longest} s, {len(refused)} refused at once; "
        f"a conversation was ready {longest_wait:.1f} s before its dial at most",
    )


@pytest.mark.parametrize("vendor", ["twilio", "ultravox"])
def test_an_outage_does_not_burn_the_queue(start_world, vendor):
    world = start_world(CALLS_PER_SECOND="2", PARALLEL_CALLS_TO_NUMBER="true")
    agent = world.new_agent()
    waiting = [answer.json() for answer in world.place_together(agent, 40) if answer.status == 202]
    assert len(waiting) >= 30
    down = getattr(world, vendor)
    # Something else of the account fails until the breaker opens: reads at Ultravox, ends of calls at Twilio.
    live = next(call for call in all_of(world) if call["call_sid"])
    down.weather = Down()
    eventually(
        lambda: (
            world.gateway.call("GET", "/agents")
            if vendor == "ultravox"
            else world.gateway.call("POST", f"/calls/{live['id']}/hangup")
        )
        and world.gateway.call("GET", "/health").json()["vendors"][vendor]["breaker"] == "open",
        within=30,
        what="an open breaker",
    )
    sent, seen = len(world.twilio.creates), len(down.requests())
    eventually(lambda: any(is_probe(entry) for entry in down.requests()[seen:]), within=20, what="a probe")
    held = [call for call in all_of(world) if call["status"] == "pending"]
    assert len(world.twilio.creates) - sent <= 1
    down.weather = None
    eventually(lambda: not [call for call in all_of(world) if call["status"] == "pending"], within=60, what="the rest dialed")
    after = {call["id"]: call for call in all_of(world)}
    lost = [after[call["id"]] for call in waiting if after[call["id"]]["status"] in ("failed", "canceled")]
    # Whoever was at the vendor, or on the way, when it went down.
    assert len(lost) <= 12, lost
    assert all(after[call["id"]]["call_sid"] for call in held)
    figure(f"{vendor} down under a queue", f"{len(waiting)} waited, {len(held)} were held and all dialed, {len(lost)} lost")


@pytest.mark.skipif(not DEEP, reason="takes half a minute")
@pytest.mark.parametrize("vendor", ["twilio", "ultravox"])
def test_a_vendor_that_hangs_is_taken_back_within_ten_seconds(start_world, vendor):
    world = start_world()
    agent = world.new_agent()
    down = getattr(world, vendor)
    down.weather = Down(answered(503, {"message": "late"}, after=30))
    world.place_together(agent, 15)
    assert world.gateway.call("GET", "/health").json()["vendors"][vendor]["breaker"] == "open"
    seen = len(down.requests())
    eventually(lambda: any(is_probe(entry) for entry in down.requests()[seen:]), within=20, what="a probe that hangs")
    down.weather = None
    recovered = time.monotonic()
    eventually(lambda: world.place(agent)[0].status == 201, within=10, what="an order that is taken again")
    figure(f"{vendor} hung", f"taken again after {time.monotonic() - recovered:.1f} s")
