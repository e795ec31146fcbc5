"""A stop loses nothing: what is under way is answered, nothing new is begun, and the exit comes in time."""

import json
import os
import signal
import threading
import time

import pytest

from harness.crowd import Connection, request
from harness.figures import amount, figure
from harness.waiting import eventually
from harness.wire import exchange

TIMES = amount(3, 50)
GRACE = 4  # seconds
PACE = 200  # requests a second


class Client(threading.Thread):
    """Sends requests on a connection of its own, one after the other, and keeps what came of them."""

    def __init__(self, world, make, pause):
        super().__init__(daemon=True)
        self.world, self.make, self.pause = world, make, pause
        self.answers, self.lost, self.over = [], [], threading.Event()

    def run(self):
        connection = None
        while not self.over.is_set():
            data = self.make()
            try:
                connection = connection or Connection(self.world.gateway.origin, timeout=15)
            except OSError:
                return  # nobody listens any more
            sent = time.monotonic()
            try:
                connection.send(data)
                answer = connection.answer(sent)
            except OSError:
                answer = None
            if answer is None:
                # The server may end a connection on which it has begun to answer nothing.
                self.lost.append((sent, data[:60]))
                connection.close()
                connection = None
            else:
                self.answers.append((sent, answer))
                if b"connection: close" in answer.head.lower():
                    connection.close()
                    connection = None
            self.over.wait(self.pause)


def stop_under_load(start_world, n):
    world = start_world(SHUTDOWN_GRACE=f"{GRACE}s", LOG_LEVEL="info")
    agent = world.new_agent()
    live = world.order(agent)
    key = ("X-API-Key", world.gateway.api_key)
    ringing = live.life.status("ringing", 1, 3)
    webhook = request("POST", ringing.target(world.gateway.public_base_url), ringing.headers(), ringing.body())

    def order():
        body = json.dumps({"phone_number": world.numbers.take()}).encode()
        return request("POST", f"/calls/{agent}", [key, ("Content-Type", "application/json")], body)

    makers = [lambda: request("GET", "/calls?limit=5", [key]), lambda: webhook, order]
    clients = [Client(world, makers[i % 3], 24 / PACE) for i in range(24)]
    for client in clients:
        client.start()
    eventually(lambda: sum(len(client.answers) for client in clients) > 60, within=30, what="load")
    stopped = time.monotonic()
    os.kill(world.gateway.pid, signal.SIGTERM)
    # Not ready within 100 ms, told on a connection that is new.
    ready = []
    while time.monotonic() - stopped < 0.6:
        try:
            ready.append((time.monotonic() - stopped, exchange(world.gateway.origin, "GET", "/health/ready").status))
        except OSError:
            break
    status = world.gateway.end(within=GRACE + 10)
    took = time.monotonic() - stopped
    for client in clients:
        client.over.set()
    for client in clients:
        client.join(20)
    assert status == 0, world.gateway.output()
    assert took < GRACE + 2
    late = [answer for at, answer in ready if at > 0.1]
    assert late and set(late) == {503}, ready
    lost = [entry for client in clients for entry in client.lost]
    late = {answer.status for client in clients[2::3] for sent, answer in client.answers if sent > stopped + 0.1}
    assert late <= {503}, late
    webhooks = {answer.status for client in clients[1::3] for sent, answer in client.answers}
    assert webhooks == {204}
    begun = [create for create in world.twilio.creates if create.at > stopped + 0.1]
    assert not begun
    assert any("calls.unfinished" in line for line in world.gateway.lines)
    served = sum(len(client.answers) for client in clients)
    return len(lost), served, took


def test_under_load_nothing_is_lost_and_nothing_begun(start_world):
    results = [stop_under_load(start_world, n) for n in range(TIMES)]
    lost, served = sum(result[0] for result in results), sum(result[1] for result in results)
    longest = max(result[2] for result in results)
    figure("SIGTERM under load", f"{TIMES} times, {served} requests answered, {lost} lost, exit within {longest:.1f} s")
    assert lost == 0


def test_who_holds_a_connection_does_not_hold_up_the_stop(start_world):
    world = start_world(SHUTDOWN_GRACE="2s")
    idle, half = Connection(world.gateway.origin), Connection(world.gateway.origin)
    idle.send(request("GET", "/health/live"))
    assert idle.answer(time.monotonic()).status == 200
    half.send(b"POST /calls/x HTTP/1.1\r\nHost: a\r\nContent-Le")
    began = time.monotonic()
    os.kill(world.gateway.pid, signal.SIGTERM)
    os.kill(world.gateway.pid, signal.SIGTERM)
    assert world.gateway.end(within=15) == 0
    assert time.monotonic() - began < 4


def test_orders_that_wait_are_canceled_and_new_ones_refused(start_world):
    world = start_world(SHUTDOWN_GRACE="8s", CALLS_PER_SECOND="0.5", LOG_LEVEL="info")
    agent = world.new_agent()
    calls = [world.place(agent)[0].json() for _ in range(6)]
    waiting = [call for call in calls if call["status"] == "pending"]
    assert waiting
    os.kill(world.gateway.pid, signal.SIGTERM)
    eventually(lambda: exchange(world.gateway.origin, "GET", "/health/ready").status == 503, within=5, what="a drain")
    answer, _ = world.place(agent)
    assert (answer.status, answer.json()["code"]) == (503, "draining") and answer.header("retry-after")
    for call in waiting:
        eventually(lambda: world.gateway.look_up(call["id"])["status"] == "canceled", what="the end of its waiting")
    assert world.gateway.send("GET", "/health").json() == {"status": "draining"}
    assert world.gateway.end(within=15) == 0
    assert len(world.twilio.creates) == len(calls) - len(waiting)
