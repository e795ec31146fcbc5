"""A vendor that is down: the breaker opens soon, costs little, and closes when the vendor is back."""

import time

import pytest

from harness.figures import amount, figure
from harness.probes import is_probe
from harness.waiting import eventually
from standins.faults import answered
from standins.scripted import Always, Down

OUTAGE = amount(12, 60)  # seconds


@pytest.mark.parametrize("vendor", ["twilio", "ultravox"])
def test_an_outage_costs_few_requests_and_ends_by_itself(start_world, vendor):
    world = start_world()
    agent = world.new_agent()
    live = world.order(agent)
    down = getattr(world, vendor)
    down.weather = Down()
    first = len(down.requests())
    began = time.monotonic()
    answers = []
    while time.monotonic() - began < OUTAGE:
        answer, _ = world.place(agent)
        answers.append((answer, time.monotonic() - began))
        # Webhooks and look-ups go on.
        assert world.gateway.deliver(live.life.status("ringing", 1, 3)).status == 204
        assert world.gateway.look_up(live.call["id"])["status"] == "ringing"
        time.sleep(0.05)
    reached = down.requests()[first:]
    orders = [entry for entry in reached if not is_probe(entry)]
    probes = [entry.at for entry in reached if is_probe(entry)]
    assert 10 <= len(orders) <= 20
    assert all(later - earlier >= 5.0 for earlier, later in zip(probes, probes[1:]))
    assert len(reached) <= 1.1 * len(answers)
    refused = [answer for answer, _ in answers[20:]]
    assert refused
    for answer in refused:
        assert (answer.status, answer.json()["code"]) == (503, "upstream_unavailable"), answer
        assert int(answer.header("retry-after")) >= 1 and "call_id" not in answer.json()
    assert world.gateway.call("GET", "/health").json()["status"] == "degraded"
    assert world.gateway.send("GET", "/health/ready").status == 200
    down.weather = None
    recovered = time.monotonic()
    eventually(lambda: world.place(agent)[0].status == 201, within=10, what="an order that is taken again")
    figure(
        f"{vendor} down for {OUTAGE} s",
        f"{len(answers)} orders, {len(orders)} reached it, {len(probes)} probes; taken again after "
        f"{time.monotonic() - recovered:.1f} s",
    )


def test_no_refusal_opens_it(start_world):
    world = start_world()
    agent = world.new_agent()
    for status, code, expected in ((400, 21211, 422), (401, 20003, 502)):
        world.twilio.weather = Always(answered(status, {"code": code, "message": "no", "status": status}))
        for _ in range(25):
            assert world.place(agent)[0].status == expected
    world.twilio.weather = None
    assert world.place(agent)[0].status == 201


def test_a_read_is_repeated_and_a_refusal_obeyed(start_world):
    world = start_world()
    agent = world.new_agent()
    seen = []

    class Twice:
        """503, then 429 with advice, then well."""

        def lets_in(self, handler):
            return True

        def fault_for(self, reached):
            if reached.method != "GET" or not reached.path.endswith(agent):
                return None
            seen.append(reached.at)
            if len(seen) == 1:
                return answered(503, {"detail": "down"})
            if len(seen) == 2:
                return answered(429, {"detail": "slow down"}, headers=(("Retry-After", "2"),))
            return None

    world.ultravox.weather = Twice()
    assert world.gateway.call("GET", f"/agents/{agent}").status == 200
    assert len(seen) == 3
    assert 2.0 <= seen[2] - seen[1] < 3.5
