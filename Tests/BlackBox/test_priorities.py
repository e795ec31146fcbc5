"""Slow vendors: work for somebody who is on the line, and hang-ups, never wait behind work that is less urgent."""

import threading
import time

import pytest

from harness.waiting import eventually
from standins.faults import Fault

# More than the connections that the gateway has to one vendor.
MANY = 100
SOON = 2.0  # seconds


class Held:
    """Requests of one kind are answered when `release` is called, and not before."""

    def __init__(self, standin, is_held):
        self.standin = standin
        self.is_held = is_held
        self.released = threading.Event()
        standin.weather = self

    def lets_in(self, handler):
        return True

    def fault_for(self, reached):
        return Fault("held", self._play) if self.is_held(reached) and not self.released.is_set() else None

    def _play(self, exchange):
        exchange.read()
        while not self.released.wait(0.05) and not self.standin.stopping.is_set():
            pass
        exchange.send(exchange.act())
        exchange.keep_connection()

    @property
    def count(self):
        with self.standin.lock:
            return sum(1 for entry in self.standin.ledger if entry.fault == "held")

    def release(self):
        self.released.set()


class Crowd:
    """The same request many times at once, and the answers so far."""

    def __init__(self, ask):
        self.answers = []
        self.threads = [
            threading.Thread(target=lambda: self.answers.append(ask()), daemon=True) for _ in range(MANY)
        ]
        for thread in self.threads:
            thread.start()

    def finish(self):
        for thread in self.threads:
            thread.join(60)
        assert len(self.answers) == MANY
        return self.answers


@pytest.fixture
def world(start_world):
    keys = "dashboard:dashboard-key-of-this-test,other:other-key-of-this-test-too"
    world = start_world(API_KEYS=keys)
    world.other_key = "other-key-of-this-test-too"
    return world


def timed(ask):
    began = time.monotonic()
    answer = ask()
    return answer, time.monotonic() - began


def assert_no_breaker_opened(world):
    metrics = world.gateway.call("GET", "/metrics").body.decode()
    for vendor in ("twilio", "ultravox"):
        assert f'switchboard_breaker_open{{vendor="{vendor}"}} 0' in metrics
    assert world.gateway.call("GET", "/health").json()["status"] == "ok"


def test_slow_transcripts_of_one_key_hold_up_nobody(world):
    agent = world.new_agent()
    talked = world.order(agent)
    answered = world.order(agent, join="on_answer")
    held = Held(world.ultravox, lambda reached: reached.path.endswith("/messages"))
    crowd = Crowd(lambda: world.gateway.call("GET", f"/calls/{talked.call['id']}/transcript"))
    # As many as one key may have in flight, while the others wait or are refused.
    eventually(lambda: held.count >= 8, what="transcripts in flight")
    document, taken = timed(lambda: world.gateway.deliver(answered.life.voice()))
    assert b"<Stream" in document.body, document
    assert taken < SOON
    # Other clients read, change and order.
    read, taken = timed(
        lambda: world.gateway.send("GET", f"/agents/{agent}", headers=[("X-API-Key", world.other_key)])
    )
    assert read.status == 200 and taken < SOON
    placed, taken = timed(lambda: world.place(agent)[0])
    assert placed.status == 201 and taken < SOON
    eventually(lambda: len(crowd.answers) > 0, what="a transcript that found no connection")
    assert_no_breaker_opened(world)
    in_flight = held.count
    held.release()
    answers = crowd.finish()
    assert in_flight < MANY / 2
    assert {answer.status for answer in answers} == {200, 503}
    for answer in answers:
        if answer.status == 503:
            assert answer.json()["code"] == "upstream_busy" and int(answer.header("retry-after")) >= 1
    assert world.gateway.call("GET", f"/calls/{talked.call['id']}/transcript").status == 200
    assert_no_breaker_opened(world)


def test_slow_creates_hold_up_no_hang_up(world):
    agent = world.new_agent()
    live = world.order(agent)
    held = Held(world.twilio, lambda reached: reached.method == "POST" and reached.path.endswith("/Calls.json"))
    crowd = Crowd(lambda: world.place(agent)[0])
    eventually(lambda: held.count >= 32, what="creates in flight")
    hang_up, taken = timed(lambda: world.gateway.call("POST", f"/calls/{live.call['id']}/hangup"))
    assert hang_up.status == 202 and hang_up.json()["status"] in ("canceled", "completed"), hang_up
    assert taken < SOON
    held.release()
    for answer in crowd.finish():
        assert answer.status in (201, 202) or answer.json()["code"] == "upstream_busy", answer
    assert_no_breaker_opened(world)
