"""The gateway is killed again and again under orders and webhooks while the vendors fail: nothing that it acknowledged is
lost, and nobody is dialed twice."""

import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from harness import journals
from harness.crowd import request, send_all
from harness.figures import amount, figure
from harness.numbers import PhoneBook
from harness.waiting import eventually
from harness.wire import exchange
from standins.faults import Canary, Weather, twilio_faults, ultravox_faults
from standins.life import Life

pytestmark = pytest.mark.alone

KILLS = amount(10, 300)
ORDERS = amount(30, 100)  # a second
WEBHOOKS = amount(30, 100)  # a second
LONGEST_LIFE = 1.0  # seconds of load before a kill
WORKERS = 40
NUMBERS = 6000
SEED = 20261201
STATUSES = ("initiated", "ringing", "in-progress", "completed")
KEPT = (201, 202)
NOT_NOW = (409, 503)
NOBODY_WAS_DIALED = (422, 429, 502, 503)


def is_about_failing(fault):
    """Faults of the way to the vendor. What a vendor's answer may say wrongly, or very late, is the affair of other tests."""
    others = ("201 w", "201 of", "201 too late", "429 for long", "a join URL", "endless", "gzip", "HTML", "301")
    return not fault.name.startswith(others)


class Orders:
    """Each is told from all others by number and ring time-out, which Twilio sees."""

    def __init__(self, agent):
        self.target = f"/calls/{agent}"
        self.all = []
        self._lock = threading.Lock()
        book = PhoneBook()
        self._numbers = [book.take() for _ in range(NUMBERS)]

    def new(self):
        with self._lock:
            n = len(self.all)
            number, ring = self._numbers[n % NUMBERS], 20 + n // NUMBERS
            order = SimpleNamespace(
                key=f"kill-{SEED}-{n}",
                dial=(number, str(ring)),
                body=json.dumps({"phone_number": number, "ring_timeout_seconds": ring, "metadata": {"n": str(n)}}).encode(),
                answers=[],
                kept=None,
            )
            self.all.append(order)
            return order


class Webhooks:
    """What Twilio tells of the calls that it made, and what of that was acknowledged."""

    def __init__(self, world, generator):
        self.world, self._generator = world, generator
        self.acknowledged = {}  # by our id: statuses
        self.others = []
        self._lives, self._lock = [], threading.Lock()

    def placed(self, create, call_sid):
        life = Life(
            create=create,
            agent_call=None,
            twilio_call_sid=call_sid,
            ultravox_call={},
            auth_token=self.world.credentials.auth_token,
            account_sid=self.world.credentials.account_sid,
        )
        with self._lock:
            self._lives.append((life, iter(enumerate(STATUSES))))

    def send_one(self):
        with self._lock:
            if not self._lives:
                return
            at = self._generator.randrange(len(self._lives))
            life, rest = self._lives[at]
            step = next(rest, None)
            if step is None:
                self._lives[at] = self._lives[-1]
                self._lives.pop()
                return
        sequence, status = step
        message = life.status(status, sequence, 10 * sequence)
        answer = self.world.gateway.deliver(message)
        if answer.status == 204:
            with self._lock:
                self.acknowledged.setdefault(call_id_of(life.create), set()).add(status)
        else:
            self.others.append(answer)


def call_id_of(create):
    return parse_qs(urlsplit(create.field("StatusCallback")).query)["call"][0]


def fields(world, order):
    return [("X-API-Key", world.gateway.api_key), ("Content-Type", "application/json"), ("Idempotency-Key", order.key)]


def send(world, order):
    try:
        answer = exchange(
            world.gateway.origin, "POST", world.orders.target, headers=fields(world, order), body=order.body, timeout=20
        )
    except OSError:
        answer = None
    except Exception as error:  # http.client's own, for an answer that was cut
        assert type(error).__module__ == "http.client", error
        answer = None
    take(order, answer)


def take(order, answer):
    order.answers.append(answer)
    if answer is None or answer.status not in KEPT:
        return
    if order.kept is None:
        order.kept = answer
    assert (answer.status, answer.body) == (order.kept.status, order.kept.body), (order.key, answer, order.kept)


class Load:
    """Orders and webhooks at their pace, until the gateway is no more."""

    def __init__(self, world):
        self.world, self.over, self.failures = world, threading.Event(), []
        self.orders = []
        begin = time.monotonic()
        self._threads = [
            threading.Thread(target=self._run, args=(begin + n / rate, WORKERS / rate, work), daemon=True)
            for rate, work in ((ORDERS, self._order), (WEBHOOKS, world.webhooks.send_one))
            for n in range(WORKERS)
        ]
        for thread in self._threads:
            thread.start()

    def _order(self):
        order = self.world.orders.new()
        self.orders.append(order)
        send(self.world, order)

    def _run(self, due, step, work):
        while not self.over.wait(max(0.0, due - time.monotonic())):
            due += step
            try:
                work()
            except OSError:
                return  # the gateway was killed
            except Exception as error:
                if type(error).__module__ != "http.client":
                    self.failures.append(error)
                return

    def join(self):
        self.over.set()
        for thread in self._threads:
            thread.join(30)
        assert not self.failures, self.failures[:3]


@pytest.fixture(scope="module")
def run(start_world):
    world = start_world(
        **journals.SETTINGS, PARALLEL_CALLS_TO_NUMBER="true", MAX_CONCURRENT_CALLS="1000000"
    )
    generator, canary = random.Random(SEED), Canary()
    world.orders, world.webhooks = Orders(world.new_agent()), Webhooks(world, random.Random(f"{SEED} webhooks"))
    world.twilio.on_call = world.webhooks.placed
    for vendor, faults, path in (
        (world.twilio, twilio_faults(canary), "/Calls.json"),
        (world.ultravox, ultravox_faults(canary), "/calls"),
    ):
        vendor.weather = Weather(
            random.Random(f"{SEED} {path}"),
            [fault for fault in faults if is_about_failing(fault)],
            lambda reached, path=path: reached.method == "POST" and reached.path.endswith(path),
            share=0.15,
            turned_away=0.02,
        )
    starts, lost = [], []
    for _ in range(KILLS):
        load = Load(world)
        threading.Event().wait(generator.uniform(0.02, LONGEST_LIFE))
        journals.kill(world)
        load.join()
        acknowledged = {id: set(told) for id, told in world.webhooks.acknowledged.items()}
        begin = time.monotonic()
        # The log says when it listens; what it knows by then is another question.
        journals.start_again(world)
        starts.append(time.monotonic() - begin)
        with ThreadPoolExecutor(max_workers=16) as pool:
            list(pool.map(lambda order: send(world, order), load.orders))
        lost += missing(world, acknowledged, newest=200)
    world.twilio.weather = world.ultravox.weather = None
    figure("kills under load", f"{KILLS}, {len(world.orders.all)} orders, {len(world.twilio.creates)} creates")
    figure("longest start after a kill", f"{max(starts):.2f} s")
    yield SimpleNamespace(world=world, lost=lost)
    canary.stop()


def missing(world, acknowledged, newest=None):
    """What was acknowledged and is not in the call's state."""
    ids = list(acknowledged)[-(newest or len(acknowledged)) :]
    key = [("X-API-Key", world.gateway.api_key)]
    answers = send_all(world.gateway.origin, [request("GET", f"/calls/{id}", key) for id in ids])
    missing = []
    for id, answer in zip(ids, answers):
        seen = journals.statuses(json.loads(answer.body)) if answer.status == 200 else set()
        if not acknowledged[id] <= seen:
            missing.append((id, acknowledged[id], answer))
    return missing


def test_no_acknowledged_webhook_is_lost(run):
    webhooks = run.world.webhooks
    assert run.lost == []
    assert missing(run.world, webhooks.acknowledged) == []
    assert {answer.status for answer in webhooks.others} <= {503}, webhooks.others[:3]
    told = sum(map(len, webhooks.acknowledged.values()))
    figure("webhooks acknowledged before a kill", f"{told}, 0 lost")
    assert told > KILLS


def test_nobody_is_dialed_twice(run):
    dials = {}
    for create in run.world.twilio.creates:
        if create.status != 429:  # Twilio did certainly nothing
            dials.setdefault((create.field("To"), create.field("Timeout")), []).append(create)
    # What was cut before its end need not tell whom it calls.
    assert {dial for dial in dials if None not in dial} <= {order.dial for order in run.world.orders.all}
    assert {dial: creates for dial, creates in dials.items() if len(creates) > 1 and None not in dial} == {}
    assert len(dials) > KILLS


def test_nobody_was_dialed_where_that_was_said(run):
    dialed = {(create.field("To"), create.field("Timeout")) for create in run.world.twilio.creates if create.status != 429}
    for order in run.world.orders.all:
        if all(answer and answer.status in NOBODY_WAS_DIALED for answer in order.answers):
            assert order.dial not in dialed, order


def test_each_answer_is_kept_byte_for_byte(run):
    world = run.world
    kept = [order for order in world.orders.all if order.kept]
    creates = len(world.twilio.creates)
    answers = send_all(
        world.gateway.origin,
        [request("POST", world.orders.target, fields(world, order), order.body) for order in kept],
    )
    for order, answer in zip(kept, answers):
        if answer.status in NOT_NOW:
            continue
        assert (answer.status, answer.body) == (order.kept.status, order.kept.body), (order, answer)
        assert b"idempotent-replayed: true" in answer.head.lower()
    assert len(world.twilio.creates) == creates
    statuses = {}
    for order in world.orders.all:
        for answer in order.answers:
            status = answer.status if answer else "none"
            statuses[status] = statuses.get(status, 0) + 1
    figure("answers to orders around kills", dict(sorted(statuses.items(), key=str)))
    refused = sum(answer.status in NOT_NOW for answer in answers)
    figure("answers after the last start", f"{len(kept) - refused} the same byte for byte, {refused} refused")
    assert refused < len(kept) / 10 and kept


def test_no_order_waits_for_ever(run):
    world = run.world

    def pending():
        return world.gateway.call("GET", "/health").json()["queue"]["waiting"]

    eventually(lambda: pending() == 0, within=30, what="an empty queue")
    world.gateway.require_alive()
