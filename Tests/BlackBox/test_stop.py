"""A stop loses nothing: what is under way is answered, nothing new is begun, and the exit comes in time."""

import itertools
import json
import os
import signal
import threading
import time
from types import SimpleNamespace

import pytest

from harness import journals
from harness.crowd import Connection, request
from harness.figures import DEEP, amount, figure
from harness.waiting import eventually
from harness.wire import exchange
from standins.faults import answered
from standins.scripted import Always

TIMES = amount(3, 50)
GRACE = 4  # seconds; a quarter of it passes before the listener closes
PACE = 200  # requests a second, of all clients together
CLIENTS = 24
NOTICED = 0.1 if DEEP else 1.0  # seconds until /health/ready must say 503; CI's machines are busy


def is_last(answer):
    return b"\r\nconnection: close\r\n" in answer.head.lower()


class Client(threading.Thread):
    """Sends requests on a kept connection, at its share of the pace, and keeps what came of each."""

    def __init__(self, world, number, make):
        super().__init__(daemon=True)
        self.world, self.number, self.make = world, number, make
        self.sent, self.over = [], threading.Event()

    def run(self):
        connection = None
        due = time.monotonic() + self.number / PACE
        for n in itertools.count():
            self.over.wait(max(0.0, due - time.monotonic()))
            due = max(due + CLIENTS / PACE, time.monotonic())
            if self.over.is_set():
                return
            if connection and connection.is_over:
                connection.close()
                connection = None
            fresh = connection is None
            try:
                connection = connection or Connection(self.world.gateway.origin, timeout=15)
            except OSError:
                return  # nobody listens any more
            name = f"client-{self.number}-{n}"
            data, number = self.make([("X-Request-ID", name)])
            one = SimpleNamespace(name=name, number=number, fresh=fresh, at=time.monotonic(), answer=None)
            self.sent.append(one)
            try:
                connection.send(data)
                one.answer = connection.answer(one.at)
            except OSError:
                pass
            if one.answer is None or is_last(one.answer):
                connection.close()
                connection = None


def load(world, agent):
    """Eight clients that read, eight of Twilio that deliver a webhook, eight that order."""
    key = ("X-API-Key", world.gateway.api_key)
    form = ("Content-Type", "application/json")
    ringing = world.order(agent).life.status("ringing", 1, 3)

    def read(name):
        return request("GET", "/calls?limit=5", [key, *name]), None

    def webhook(name):
        target = ringing.target(world.gateway.public_base_url)
        return request("POST", target, [*ringing.headers(), *name], ringing.body()), None

    def order(name):
        number = world.numbers.take()
        body = json.dumps({"phone_number": number}).encode()
        return request("POST", f"/calls/{agent}", [key, form, *name], body), number

    clients = [Client(world, n, (read, webhook, order)[n % 3]) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    return clients


def until_drained(world, stopped):
    """When a new connection was first told that the gateway takes no new work."""
    while True:
        asked = time.monotonic()
        if exchange(world.gateway.origin, "GET", "/health/ready").status == 503:
            return time.monotonic()
        assert asked - stopped < 2 * GRACE, "it goes on being ready"


def lines_of(world, message):
    return [entry for line in world.gateway.lines if (entry := json.loads(line))["message"] == message]


def stop_under_load(start_world):
    world = start_world(SHUTDOWN_GRACE=f"{GRACE}s")
    clients = load(world, world.new_agent())
    eventually(lambda: sum(len(client.sent) for client in clients) > PACE / 2, within=30, what="load")
    stopped = time.monotonic()
    os.kill(world.gateway.pid, signal.SIGTERM)
    drained = until_drained(world, stopped)
    status = world.gateway.end(within=GRACE + 20)
    ended = time.monotonic()
    for client in clients:
        client.over.set()
    for client in clients:
        client.join(20)
    # What is no JSON is what a crash left behind.
    assert status == 0, (status, [line for line in world.gateway.lines if not line.startswith("{")])
    assert ended - stopped < GRACE + 2
    assert drained - stopped < NOTICED

    # A request is lost if the gateway answered it for itself alone, or if it was sent on a connection that it had not
    # said it would close, or before the stop. On a new connection it may not have been accepted any more.
    answered_ids = {entry.get("request.id") for entry in lines_of(world, "request answered")}
    everything = [one for client in clients for one in client.sent]
    unanswered = [one for one in everything if one.answer is None]
    lost = [one for one in unanswered if one.name in answered_ids or not one.fresh or one.at < stopped]
    turned_away = [one for one in unanswered if one not in lost]

    for client, statuses in zip(clients, itertools.cycle(({200}, {204}, {201, 503}))):
        odd = [one for one in client.sent if one.answer and one.answer.status not in statuses]
        assert not odd, (odd, statuses)
    orders = [one for client in clients[2::3] for one in client.sent]
    late = [one for one in orders if one.at > drained and one.answer]
    assert late, "no order was sent during the drain"
    for one in late:
        assert (one.answer.status, json.loads(one.answer.body)["code"]) == (503, "draining"), one
        assert b"\r\nretry-after: " in one.answer.head.lower()
    assert [one for client in clients[1::3] for one in client.sent if one.at > drained and one.answer], "no webhooks"
    # Whoever is told so opens a new connection while there still is a listener, and meets no closing one.
    kept = [one for one in everything if one.at > drained and one.answer and not is_last(one.answer)]
    assert not kept, f"{len(kept)} answers during the drain did not say connection: close: {kept[0]}"
    # Nobody is dialed for whom the answer was not a success, and nobody who was ordered after the drain had begun.
    dialed = {create.field("To") for create in world.twilio.creates}
    assert not dialed & {one.number for one in orders if one.at > drained}
    refused = {one.number for one in orders if one.answer and one.answer.status == 503}
    assert not dialed & refused
    accepted = [one for one in orders if one.answer and one.answer.status == 201]
    assert {one.number for one in accepted} <= dialed
    # One more call is the webhooks' own.
    assert lines_of(world, "stopped")[0]["calls.unfinished"] == str(min(1000, len(accepted) + 1))
    world.stop()
    return SimpleNamespace(
        lost=lost, turned_away=len(turned_away), served=len(everything), took=ended - stopped, drained=drained - stopped
    )


@pytest.mark.alone
def test_under_load_nothing_is_lost_and_nothing_begun(start_world):
    results = [stop_under_load(start_world) for _ in range(TIMES)]
    lost = [one for result in results for one in result.lost]
    figure(
        "SIGTERM under load",
        f"{TIMES} times, {sum(result.served for result in results)} requests, {len(lost)} lost, "
        f"{sum(result.turned_away for result in results)} on connections that were not accepted any more, "
        f"not ready within {max(result.drained for result in results) * 1000:.0f} ms, "
        f"exit within {max(result.took for result in results):.1f} s",
    )
    assert not lost, f"{len(lost)} lost, of them {sum(not one.fresh for one in lost)} on kept connections: {lost[:3]}"


def knock(world, over):
    """Opens one connection after the other, and asks once on each."""
    ask = request("GET", "/health/live", [("Connection", "close")])
    while not over.is_set():
        try:
            connection = Connection(world.gateway.origin, timeout=15)
            connection.send(ask)
            connection.answer(time.monotonic())
            connection.close()
        except OSError:
            over.wait(0.001)  # turned away, or nobody listens any more


@pytest.mark.alone
def test_connections_that_come_in_the_moment_of_the_stop_do_not_break_it(start_world):
    for _ in range(amount(3, 30)):
        world, over = start_world(SHUTDOWN_GRACE="1s"), threading.Event()
        clients = [threading.Thread(target=knock, args=(world, over), daemon=True) for _ in range(8)]
        for client in clients:
            client.start()
        eventually(lambda: len(lines_of(world, "request answered")) > 100, within=30, what="load")
        os.kill(world.gateway.pid, signal.SIGTERM)
        status = world.gateway.end(within=20)
        over.set()
        for client in clients:
            client.join(20)
        assert status == 0, (status, [line for line in world.gateway.lines if not line.startswith("{")])
        assert lines_of(world, "stopped")
        world.stop()


def signal_and_drain(world):
    stopped = time.monotonic()
    os.kill(world.gateway.pid, signal.SIGTERM)
    until_drained(world, stopped)


def in_background(task):
    """Runs `task` on a thread; returns what waits for its result."""
    results = []

    def run():
        try:
            results.append(task())
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def result():
        thread.join(30)
        assert results, "it did not come to an end"
        if isinstance(results[0], BaseException):
            raise results[0]
        return results[0]

    return result


def test_a_dial_that_is_under_way_ends_as_it_would_have(start_world):
    world = start_world(SHUTDOWN_GRACE="12s")
    agent = world.new_agent()
    world.twilio.weather = Always(answered(201, None, acts=True, after=1.5))
    order = in_background(lambda: world.place(agent)[0])
    eventually(lambda: world.twilio.creates, what="a dial under way")
    signal_and_drain(world)
    answer = order()
    assert answer.status == 201 and answer.json()["call_sid"]
    assert world.gateway.end(within=20) == 0
    assert len(world.twilio.creates) == 1


def test_an_order_that_was_not_dialed_yet_is_refused_and_not_dialed(start_world):
    world = start_world(SHUTDOWN_GRACE="12s")
    agent = world.new_agent()
    world.ultravox.weather = Always(answered(201, None, acts=True, after=1.5))
    order = in_background(lambda: world.place(agent)[0])
    eventually(lambda: world.ultravox.agent_calls, what="a conversation that is being prepared")
    signal_and_drain(world)
    answer = order()
    assert (answer.status, answer.json()["code"]) == (503, "draining") and answer.header("retry-after")
    assert world.gateway.end(within=20) == 0
    assert not world.twilio.creates
    assert len(world.ultravox.requests("DELETE")) == 1, "the conversation that nobody will join was not ended"


def test_a_request_that_was_half_sent_is_answered(start_world):
    world = start_world(SHUTDOWN_GRACE="12s")
    agent = world.new_agent()
    live = world.order(agent)
    ringing = live.life.status("ringing", 1, 3)
    target = ringing.target(world.gateway.public_base_url)
    document = json.dumps({"phone_number": world.numbers.take()}).encode()
    fields = [("X-API-Key", world.gateway.api_key), ("Content-Type", "application/json")]
    halves = []
    for message, half in (
        (request("POST", target, ringing.headers(), ringing.body()), len(ringing.body()) // 2),
        (request("POST", f"/calls/{agent}", fields, document), len(document) // 2),
        (request("GET", "/calls", fields[:1]), 5),
    ):
        connection = Connection(world.gateway.origin)
        connection.send(message[:-half])
        halves.append((connection, message[-half:]))
    # Whoever is answered on a later connection has been read after them.
    assert exchange(world.gateway.origin, "GET", "/health/ready").status == 200
    signal_and_drain(world)
    answers = []
    for connection, rest in halves:
        connection.send(rest)
        answers.append(connection.answer(time.monotonic()))
    assert [answer and answer.status for answer in answers] == [204, 503, 200]
    assert world.gateway.look_up(live.call["id"])["status"] == "ringing"
    assert world.gateway.end(within=20) == 0


def test_who_holds_a_connection_does_not_hold_up_the_stop(start_world):
    world = start_world(SHUTDOWN_GRACE="2s")
    silent, idle, head, body = (Connection(world.gateway.origin) for _ in range(4))
    idle.send(request("GET", "/health/live"))
    assert idle.answer(time.monotonic()).status == 200
    head.send(b"POST /calls/x HTTP/1.1\r\nHost: a\r\nContent-Le")
    body.send(request("POST", "/webhooks/ultravox", [("Content-Type", "application/json")], b"[1,2,3]")[:-2])
    assert exchange(world.gateway.origin, "GET", "/health/ready").status == 200
    began = time.monotonic()
    for name in (signal.SIGTERM, signal.SIGHUP):
        os.kill(world.gateway.pid, name)
    assert world.gateway.end(within=15) == 0
    assert time.monotonic() - began < 2 + 2
    for connection in (silent, idle, head, body):
        connection.close()


def faults_of(world):
    """Lines of the log that a stop has no reason for."""
    entries = [json.loads(line) for line in world.gateway.lines]
    return [entry for entry in entries if entry["level"] in ("error", "critical")]


@pytest.mark.parametrize("settings", [{}, journals.SETTINGS], ids=["memory", "journal"])
@pytest.mark.parametrize("grace", ["0s", "100ms", "2s"])
def test_a_stop_without_load_has_nothing_to_complain_of(start_world, grace, settings):
    world = start_world(SHUTDOWN_GRACE=grace, **settings)
    kept = Connection(world.gateway.origin)
    kept.send(request("GET", "/health/live"))
    assert kept.answer(time.monotonic()).status == 200
    os.kill(world.gateway.pid, signal.SIGTERM)
    assert world.gateway.end(within=15) == 0
    kept.close()
    assert not faults_of(world), faults_of(world)
    # Where it listens is said once, and in our words.
    assert len(lines_of(world, "listening")) == 1
    assert not [line for line in world.gateway.lines if "Server started" in line]


@pytest.mark.parametrize("settings", [{}, journals.SETTINGS], ids=["memory", "journal"])
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_stops_at_once(start_world, second, settings):
    world = start_world(SHUTDOWN_GRACE="60s", **settings)
    agent = world.new_agent()
    world.twilio.weather = Always(answered(201, None, acts=True, after=30))
    order = in_background(lambda: world.place(agent)[0])
    eventually(lambda: world.twilio.creates, what="a dial under way")
    signal_and_drain(world)
    began = time.monotonic()
    os.kill(world.gateway.pid, second)
    assert world.gateway.end(within=15) == 0
    assert time.monotonic() - began < 3
    assert [line for line in world.gateway.lines if "stopping at once" in line]
    assert not faults_of(world), faults_of(world)
    try:
        order()
    except OSError:
        pass


def test_a_vendor_that_does_not_answer_does_not_hold_up_the_stop(start_world):
    world = start_world(SHUTDOWN_GRACE="2s")
    agent = world.new_agent()
    world.twilio.weather = Always(answered(201, None, acts=True, after=30))
    order = in_background(lambda: world.place(agent)[0])
    eventually(lambda: world.twilio.creates, what="a dial under way")
    (waiting,) = world.gateway.call("GET", "/calls").json()["data"]
    began = time.monotonic()
    os.kill(world.gateway.pid, signal.SIGTERM)
    assert world.gateway.end(within=15) == 0
    assert time.monotonic() - began < 2 + 2
    # The client is told what is known, or nothing; never that nobody was dialed.
    try:
        answer = order()
    except OSError:
        answer = None
    assert answer is None or (answer.status, answer.json()["status"]) == (202, "unknown"), answer
    assert waiting["id"] in {entry.get("call.id") for entry in lines_of(world, "a call continues without this gateway")}
    assert lines_of(world, "stopped")[0]["calls.unfinished"] == "1"


def test_orders_that_wait_are_canceled_and_live_calls_are_named(start_world):
    world = start_world(SHUTDOWN_GRACE="8s", CALLS_PER_SECOND="0.2")
    agent = world.new_agent()
    calls = [world.place(agent)[0].json() for _ in range(6)]
    waiting = [call for call in calls if call["status"] == "pending"]
    live = [call for call in calls if call["status"] != "pending"]
    assert waiting and live
    signal_and_drain(world)
    answer, _ = world.place(agent)
    assert (answer.status, answer.json()["code"]) == (503, "draining") and answer.header("retry-after")
    for call in waiting:
        eventually(lambda: world.gateway.look_up(call["id"])["status"] == "canceled", what="the end of its waiting")
    assert world.gateway.send("GET", "/health").json() == {"status": "draining"}
    assert world.gateway.send("GET", "/health/live").status == 200
    assert world.gateway.call("POST", f"/calls/{live[0]['id']}/hangup").status == 202
    assert world.gateway.end(within=15) == 0
    assert len(world.twilio.creates) == len(live)
    named = {entry["call.id"] for entry in lines_of(world, "a call continues without this gateway")}
    over = {call["id"] for call in live[:1]}
    assert named == {call["id"] for call in live} - over
    assert lines_of(world, "stopped")[0]["calls.unfinished"] == str(len(live) - 1)
