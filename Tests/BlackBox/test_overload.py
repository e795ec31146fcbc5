"""Three times as much as the gateway can do: it goes on doing what it can, webhooks first, and recovers at once."""

import multiprocessing
import os

import pytest

from harness.crowd import request
from harness.figures import DEEP, amount, figure
from harness.open_loop import processors, run

SECONDS = amount(6, 60)
CONNECTIONS = 1500
IN_TIME = 2.0  # seconds that a client waits for an answer


def pin(pid, processor):
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), {processor})


def load(channel, processor, *arguments, **options):
    """In a process of its own, on a processor of its own."""
    os.sched_setaffinity(0, {processor})
    channel.send(run(*arguments, **options))


def measured(processor, *arguments, **options):
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=load, args=(there, processor, *arguments), kwargs=options
    )
    process.start()
    outcomes = here.recv()
    process.join()
    return outcomes


@pytest.mark.alone
def test_overload_costs_little_and_no_webhook(start_world):
    world = start_world()
    world.gateway.keeps_lines = False
    agent = world.new_agent()
    orders = [world.order(agent) for _ in range(60)]
    key = ("X-API-Key", world.gateway.api_key)
    ringing = orders[0].life.status("ringing", 1, 3)
    kinds = {
        "list": (0.6, request("GET", "/calls?limit=50", [key])),
        "look-up": (0.3, request("GET", f"/calls/{orders[0].call['id']}", [key])),
        "webhook": (
            0.1,
            request("POST", ringing.target(world.gateway.public_base_url), ringing.headers(), ringing.body()),
        ),
    }
    ours, theirs = processors()[0], processors()[-1]
    pin(world.gateway.pid, theirs)
    origin = world.gateway.origin

    def peak_of(some_seconds):
        outcomes = measured(ours, origin, kinds, seconds=some_seconds, connections=64)
        return outcomes, sum(outcome.good(status(name), IN_TIME) for name, outcome in outcomes.items()) / some_seconds

    peak, good_before = peak_of(amount(3, 20))
    capacity = sum(len(outcome.answers) for outcome in peak.values()) / amount(3, 20)
    usual = peak["look-up"].latency(0.99)

    flood = measured(ours, origin, kinds, seconds=SECONDS, rate=3 * capacity, connections=CONNECTIONS)
    goodput = sum(
        sum(1 for at, seconds, answer in outcome.answers if answer == status(name) and seconds <= IN_TIME and at <= SECONDS)
        for name, outcome in flood.items()
    ) / SECONDS
    webhooks = flood["webhook"]
    taken = webhooks.good(204, 10) / max(1, len(webhooks.answers))
    refused = [answer for outcome in flood.values() for answer in outcome.answers if answer[2] not in (200, 204)]
    world.gateway.require_alive()

    after = measured(ours, origin, kinds, seconds=amount(2, 5), rate=capacity / 4, connections=64)
    recovered = after["look-up"].latency(0.99)

    # A machine may be faster at one time than at another: the peak before and the peak after count alike.
    _, good_after = peak_of(amount(3, 20))
    good_at_peak = (good_before + good_after) / 2

    offered = sum(outcome.sent + outcome.turned_away for outcome in flood.values()) / SECONDS
    figure(
        "overload",
        f"{offered / capacity:.1f} x {capacity:.0f}/s for {SECONDS} s: goodput {goodput:.0f}/s, {goodput / good_at_peak:.0%} of "
        f"the peak ({good_before:.0f} before, {good_after:.0f} after), "
        f"webhooks {taken:.2%} of {len(webhooks.answers)}, {len(refused)} refused",
    )
    figure(
        "overload, p99 of a look-up",
        f"{usual * 1000:.0f} ms at the peak, {flood['look-up'].latency(0.99) * 1000:.0f} ms under it, "
        f"{recovered * 1000:.0f} ms after it",
    )
    assert {answer[2] for answer in refused} <= {429, 503}
    assert taken >= 0.999
    assert all(answer[2] in (200, 204) for outcome in after.values() for answer in outcome.answers)
    if DEEP:
        assert goodput >= 0.9 * good_at_peak
        assert recovered <= max(usual, 0.05)


def status(name):
    return 204 if name == "webhook" else 200
