"""Nonsense in quantity: the process stays the same, nothing yields 5xx, nothing is slow, memory stays flat."""

import json
import os
import subprocess
import sys
import time

import pytest

from harness.figures import amount, figure
from harness.fuzzing import SHARES, SLOW
from harness.memory import open_files, resident_mebibytes
from harness.waiting import eventually

REQUESTS = amount(100_000, 2_000_000)
WARM_UP = 20_000
PROCESSES = 2
THREADS = 6
SEED = os.environ.get("SWITCHBOARD_FUZZ_SEED", "20261122")
MOST_GROWTH = 48  # MiB, after the warm-up

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def world(start_world):
    world = start_world(ULTRAVOX_WEBHOOK_SECRETS="fuzz-webhook-secret-0123456789", MAX_CALLS_IN_MEMORY="2000")
    world.gateway.keeps_lines = False
    return world


@pytest.fixture(scope="module")
def order(world):
    order = world.order(world.new_agent())
    for message in order.life.completed()[:3]:
        assert world.gateway.deliver(message).status == 204
    return order


def fuzz(world, order, seed, count):
    """Runs the fuzzers and returns their reports."""
    config = {
        "origin": world.gateway.origin,
        "base_url": world.gateway.public_base_url,
        "account_sid": world.credentials.account_sid,
        "auth_token": world.credentials.auth_token,
        "api_key": world.credentials.api_key,
        "webhook_secret": "fuzz-webhook-secret-0123456789",
        "agent": order.call["agent_id"],
        "count": count // PROCESSES,
        "threads": THREADS,
    }
    here = os.path.dirname(os.path.abspath(__file__))
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "harness.fuzzing"],
            cwd=here,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(PROCESSES)
    ]
    for n, worker in enumerate(workers):
        worker.stdin.write(json.dumps({**config, "seed": f"{seed} {n}"}).encode())
        worker.stdin.close()
    reports = [json.loads(worker.stdout.read()) for worker in workers]
    for worker in workers:
        assert worker.wait(60) == 0
        worker.stdout.close()
    return reports


def test_no_nonsense_crashes_hangs_slows_or_fattens_the_gateway(world, order):
    pid, before = world.gateway.pid, world.gateway.call("GET", f"/calls/{order.call['id']}").body
    dialed = len(world.twilio.creates)
    reports = fuzz(world, order, f"{SEED} warm-up", WARM_UP)
    eventually(lambda: world.gateway.send("GET", "/health/live").status == 200, what="a gateway that is alive")
    memory, files = resident_mebibytes(pid), open_files(pid)
    since = time.monotonic()
    reports += fuzz(world, order, SEED, REQUESTS)
    seconds = time.monotonic() - since

    world.gateway.require_alive()
    assert world.gateway.pid == pid
    growth = resident_mebibytes(pid) - memory
    slowest = {kind: max(report["slowest"][kind] for report in reports) for kind in SHARES}
    statuses = {}
    for report in reports:
        for kind, seen in report["statuses"].items():
            for status, count in seen.items():
                statuses.setdefault(kind, {}).setdefault(status, 0)
                statuses[kind][status] += count
    figure("fuzz", f"{REQUESTS} requests in {seconds:.0f} s, seed {SEED}, memory {memory:.0f} {growth:+.0f} MiB")
    for kind in SHARES:
        figure(f"fuzz, {kind}", f"slowest {slowest[kind]:.2f} s, {dict(sorted(statuses[kind].items()))}")
    problems = [problem for report in reports for problem in report["problems"]]
    assert not problems, problems[:5]
    failures = [failure for report in reports for failure in report["failures"]]
    assert not failures, f"seed {SEED!r}: {json.dumps(failures[:5], indent=1)}"
    assert max(slowest.values()) < SLOW
    assert growth <= MOST_GROWTH
    eventually(lambda: open_files(pid) <= files + 5, what="as many open files as before")
    assert len(world.twilio.creates) == dialed, "nonsense must not dial"
    assert world.gateway.call("GET", f"/calls/{order.call['id']}").body == before
    # The fuzzers must have come through to what they fuzz.
    assert int(statuses["twilio"].get("204", 0)) > REQUESTS * SHARES["twilio"] / 100 * 0.2
    assert {"400", "422"} <= set(statuses["rest"]) and "403" in statuses["ultravox"] and "204" in statuses["ultravox"]


def test_genuine_messages_are_still_taken(world, order):
    for message in order.life.completed():
        assert world.gateway.deliver(message).status in (200, 204)
    assert world.gateway.look_up(order.call["id"])["status"] == "completed"
    assert world.order(order.call["agent_id"]).call["status"] == "queued"
