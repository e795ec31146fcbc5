"""A log that nobody reads holds nobody up: lines are dropped, counted, and told of when the reader is back."""

import json
import os
import signal
import subprocess
import time

import pytest

from harness.crowd import request, send_all
from harness.process import Program, executable
from harness.waiting import eventually
from test_bad_configuration import good

GRACE = 2  # seconds
REQUESTS = 5000
DROPPED = "log lines were dropped"


def counted(world):
    """The counter of /metrics."""
    answer = world.gateway.send("GET", "/metrics", headers=[("Authorization", "Bearer " + world.gateway.api_key)])
    (line,) = [line for line in answer.text.splitlines() if line.startswith("switchboard_log_lines_dropped_total ")]
    return int(line.split()[1])


def ask(world, kind, count=REQUESTS):
    """Answers to so many requests, each of which writes a line."""
    target = {"health": "/health/live", "look-ups": "/calls?limit=1"}[kind]
    one = request("GET", target, [("X-API-Key", world.gateway.api_key)])
    answers = send_all(world.gateway.origin, [one] * count, timeout=20.0)
    assert {answer and answer.status for answer in answers} == {200}


def told(world):
    return [entry for line in world.gateway.lines if (entry := json.loads(line))["message"].startswith(DROPPED)]


def missing_lines(world):
    return sum(int(entry["lines"]) for entry in told(world))


def test_nobody_waits_for_a_log_that_is_not_read(start_world):
    world = start_world(SHUTDOWN_GRACE=f"{GRACE}s")
    order = world.order(world.new_agent())
    world.gateway.leave_output()
    for kind in ("health", "look-ups"):
        ask(world, kind)
    eventually(lambda: counted(world) > 0, what="lines that are dropped")
    # Orders and webhooks go on, too.
    assert world.gateway.deliver(order.life.status("ringing", 1, 3)).status == 204
    assert world.gateway.look_up(order.call["id"])["status"] == "ringing"
    assert world.place(world.new_agent())[0].status == 201
    began = time.monotonic()
    os.kill(world.gateway.pid, signal.SIGTERM)
    eventually(lambda: not world.gateway.alive, within=GRACE + 10, what="the end")
    assert time.monotonic() - began < GRACE + 2
    assert world.gateway.end() == 0


def test_the_reader_that_is_back_is_told_how_many_lines_are_missing(start_world):
    world = start_world(SHUTDOWN_GRACE=f"{GRACE}s")
    assert counted(world) == 0
    world.gateway.leave_output()
    ask(world, "health", 2 * REQUESTS)
    missing = counted(world)
    assert missing > 0
    world.gateway.take_output()
    eventually(lambda: missing_lines(world) >= missing, what="the lines that tell of the gaps")
    assert {entry["level"] for entry in told(world)} == {"warning"}
    # From here on all is there again.
    ask(world, "look-ups", 100)
    assert world.gateway.stop() == 0
    routes = [entry.get("http.route") for entry in map(json.loads, world.gateway.lines)]
    assert routes.count("/calls") == 100
    # Every request has its line, or is counted.
    assert routes.count("/health/live") + missing_lines(world) >= 2 * REQUESTS
    assert json.loads(world.gateway.lines[-1])["message"] == "stopped"


def test_a_closed_log_is_as_good_as_one_that_is_not_read(start_world):
    world = start_world(SHUTDOWN_GRACE=f"{GRACE}s")
    world.gateway.leave_output()
    world.gateway.close_output()
    ask(world, "health", 100)
    # The log is written behind the answers.
    eventually(lambda: counted(world) > 0, what="lines that cannot be written")
    began = time.monotonic()
    os.kill(world.gateway.pid, signal.SIGTERM)
    assert world.gateway.end(within=GRACE + 10) == 0
    assert time.monotonic() - began < GRACE + 2


@pytest.mark.parametrize("closed", ["2>&-", "<&- 2>&-"])
def test_lines_of_a_process_without_standard_error_go_nowhere_else(tmp_path, closed):
    command = ["sh", "-c", f'exec "$0" sandbox {closed}', executable()]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SWIFT_BACKTRACE": "enable=no"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert "ready" in (line.strip() for line in process.stdout)
            assert os.readlink(f"/proc/{process.pid}/fd/2") == os.devnull
        finally:
            process.terminate()
        assert process.wait(20) == 0


@pytest.mark.parametrize("warnings", [0, 40])
def test_what_stops_the_start_is_said_last(tmp_path, warnings):
    (tmp_path / ".env").write_text("".join(f"NAME_{n}=1\n" for n in range(warnings)))
    # The address is of the block for documentation.
    program = Program(["serve"], {**good(), "HOST": "203.0.113.1"}, tmp_path)
    assert program.end(within=20) == 78
    assert program.lines[-1].startswith("switchboard cannot start: 203.0.113.1"), program.lines
    assert sum("a setting may be a mistake" in line for line in program.lines) == warnings
