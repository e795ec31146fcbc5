"""Clients that retry, vendors that fail half-way: no key dials twice, and nothing is said that the ledgers deny.

Each create at Twilio meets a fault of its own, each third at Ultravox too, connections are closed before anything is
read, and from time to time nobody listens at all. Callbacks come before the answer, after it, doubled, shuffled, when
all is over, or never.
"""

import json
import random
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.figures import DEEP, amount, figure
from harness.memory import resident_mebibytes
from harness.waiting import eventually
from harness.wire import exchange
from standins.faults import Canary, Weather, twilio_faults, ultravox_faults
from standins.life import Life

ORDERS = amount(300, 3000)
AT_ONCE = 32
RETRIES = 5
SEED = 20261122
SETTLED = (201, 202)  # kept for the key's next request; everything else says that nobody was dialed and releases it
NOBODY_WAS_DIALED = (422, 502, 503)


class Callbacks:
    """What Twilio tells about the calls that it placed, at moments that are drawn."""

    PLANS = ("before the answer", "after it", "never", "doubled", "shuffled", "late")

    def __init__(self, world, generator):
        self.world = world
        self.told = {}  # by CallSid: the plan
        self.answers = []
        self._generator = generator
        self._lock = threading.Lock()
        self._late = []
        self._pool = ThreadPoolExecutor(max_workers=8)

    def placed(self, create, call_sid):
        with self._lock:
            plan = self._generator.choice(self.PLANS)
            self.told[call_sid] = plan
            life = Life(
                create=create,
                agent_call=None,
                twilio_call_sid=call_sid,
                ultravox_call={},
                auth_token=self.world.credentials.auth_token,
                account_sid=self.world.credentials.account_sid,
            )
            messages = [
                life.status("initiated", 0, 0),
                life.status("ringing", 1, 3),
                life.voice(),
                life.status("in-progress", 2, 11),
                life.status("completed", 3, 58, CallDuration="47", SipResponseCode="200"),
            ]
            if plan == "doubled":
                messages = [message for message in messages for _ in range(2)]
            if plan in ("doubled", "shuffled"):
                self._generator.shuffle(messages)
            if plan == "late":
                self._late.append(messages)
        if plan == "before the answer":
            self._deliver(messages)
        elif plan not in ("never", "late"):
            self._pool.submit(self._deliver, messages)

    def _deliver(self, messages):
        for message in messages:
            self.answers.append((message.kind, self.world.gateway.deliver(message).status))

    def deliver_the_late(self):
        for messages in self._late:
            self._pool.submit(self._deliver, messages)
        self._pool.shutdown(wait=True)


def send(world, order, timeout):
    headers = [
        ("X-API-Key", world.gateway.api_key),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", order.key),
    ]
    return exchange(world.gateway.origin, "POST", order.target, headers=headers, body=order.body, timeout=timeout)


def is_pause(answer):
    """Whether nothing was begun because a vendor is given a pause."""
    return answer.status == 503 and "call_id" not in answer.json()


def order_with_retries(world, order):
    """A client that means one call: it repeats the same request while it is told to, and now and then loses patience."""
    generator = random.Random(f"{SEED} client {order.number}")
    tries = 0
    while tries < 1 + RETRIES:
        tries += 1
        timeout = generator.choice((0.2, 0.6)) if generator.random() < 0.15 else 40
        try:
            answer = send(world, order, timeout)
        except OSError as error:
            order.answers.append(error)
            world.pause.wait(generator.random() * 0.3)
            continue
        order.answers.append(answer)
        if answer.status not in (409, 429, 503):
            break
        if is_pause(answer):
            tries -= 1
            order.answers.pop()
            world.pause.wait(float(answer.header("retry-after")) * generator.random())
            continue
        world.pause.wait(min(float(answer.header("retry-after") or 1), 1.0) * (0.3 + generator.random()))
    if order.answers and getattr(order.answers[-1], "status", None) in SETTLED:
        for _ in range(generator.choice((0, 0, 1, 2))):
            order.answers.append(send(world, order, 40))


def close_the_ports_now_and_then(world, generator, over):
    while not over.wait(0.4 + generator.random()):
        vendor = generator.choice((world.twilio, world.twilio, world.ultravox))
        world.refusals += 1
        vendor.refuse_connections(generator.choice((0.03, 0.3, 1.4)))


@pytest.fixture(scope="module")
def run(start_world):
    world = start_world()
    world.pause = threading.Event()
    world.refusals = 0
    canary = Canary()
    agent = world.new_agent()
    orders = []
    for n in range(ORDERS):
        number = world.numbers.take()
        orders.append(
            SimpleNamespace(
                key=f"order-{SEED}-{n}",
                number=number,
                target=f"/calls/{agent}",
                body=json.dumps({"phone_number": number, "metadata": {"n": str(n)}}).encode(),
                answers=[],
            )
        )
    callbacks = Callbacks(world, random.Random(f"{SEED} callbacks"))
    world.twilio.on_call = callbacks.placed
    world.twilio.weather = Weather(
        random.Random(f"{SEED} twilio"),
        twilio_faults(canary),
        lambda reached: reached.method == "POST" and reached.path.endswith("/Calls.json"),
        share=1.0 if DEEP else 0.25,
        turned_away=0.03,
    )
    world.ultravox.weather = Weather(
        random.Random(f"{SEED} ultravox"),
        ultravox_faults(canary),
        lambda reached: reached.method == "POST" and reached.path.endswith("/calls"),
        share=0.3,
        turned_away=0.02,
    )
    before = resident_mebibytes(world.gateway.pid)
    over = threading.Event()
    closer = threading.Thread(
        target=close_the_ports_now_and_then, args=(world, random.Random(f"{SEED} ports"), over), daemon=True
    )
    closer.start()
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        list(pool.map(lambda order: order_with_retries(world, order), orders))
    over.set()
    closer.join(10)
    # Some orders were given up by their clients while the gateway still worked on them.
    calls = eventually(lambda: all_settled(world), within=40, what="an outcome of every order")
    callbacks.deliver_the_late()
    calls = all_calls(world)
    run = SimpleNamespace(
        world=world, orders=orders, callbacks=callbacks, canary=canary, calls={call["id"]: call for call in calls}
    )
    statuses = {}
    for order in orders:
        for answer in order.answers:
            status = getattr(answer, "status", type(answer).__name__)
            statuses[status] = statuses.get(status, 0) + 1
    figure("orders under faults", f"{ORDERS}, {len(calls)} calls, answers {dict(sorted(statuses.items(), key=str))}")
    figure("creates at Twilio", f"{len(world.twilio.creates)}, {len(world.twilio.calls)} acted on")
    figure("memory after the orders", f"{resident_mebibytes(world.gateway.pid) - before:+.0f} MiB")
    yield run
    canary.stop()


def all_calls(world):
    calls, target = [], "/calls?limit=200"
    while True:
        page = world.gateway.call("GET", target).json()
        calls += page["data"]
        if page["next_cursor"] is None:
            return calls
        target = "/calls?limit=200&cursor=" + page["next_cursor"]


def all_settled(world):
    """All calls, once nothing is on the way to a vendor any more: what the vendors have seen stands still for that."""
    calls = all_calls(world)
    return calls if not any(call["status"] == "pending" for call in calls) else None


def call_id_of(create):
    """Our id in the URLs of a create; None where the create was not read that far."""
    for name in ("Url", "StatusCallback", "FallbackUrl"):
        found = parse_qs(urlsplit(create.field(name) or "").query).get("call", [""])[0]
        if re.fullmatch(r"call_[0-9A-Za-z_-]{20,}", found) and (create.complete or name != create.form[-1][0]):
            return found
    return None


def counting(creates):
    """Those that may ring: whatever was answered 429 did certainly not."""
    return [create for create in creates if create.status != 429]


def answered(order, *statuses):
    return [answer for answer in order.answers if getattr(answer, "status", None) in statuses]


def test_no_key_dials_twice(run):
    by_number, unattributed = {}, []
    for create in counting(run.world.twilio.creates):
        to = create.field("To") or ""
        (by_number.setdefault(to, []) if len(to) == 12 else unattributed).append(create)
    assert not unattributed, "a create that was cut must still tell whom it calls"
    assert set(by_number) <= {order.number for order in run.orders}
    twice = {number: creates for number, creates in by_number.items() if len(creates) > 1}
    assert not twice, twice
    figure("keys with a create at Twilio", f"{len(by_number)}, at most one each")


def test_no_call_asks_for_two_agent_calls(run):
    seen = {}
    for entry in run.world.ultravox.agent_calls:
        found = re.search(rb'"switchboard_call_id"\s*:\s*"([^"]+)"', entry.body)
        if found and entry.status != 429:
            seen[found.group(1)] = seen.get(found.group(1), 0) + 1
    assert seen and not {call_id: n for call_id, n in seen.items() if n > 1}


def test_a_201_names_the_call_that_twilio_made_for_it(run):
    given = 0
    for order in run.orders:
        for answer in answered(order, 201):
            call = answer.json()
            made = run.world.twilio.calls.get(call["call_sid"])
            assert made and made["to"] == order.number, (order, made)
            assert call["join_url"] == run.world.ultravox.join_urls[call["ultravox_call_id"]], order
            given += 1
    assert given


def test_nobody_was_dialed_where_that_was_said(run):
    for order in run.orders:
        for answer in answered(order, *NOBODY_WAS_DIALED):
            problem = answer.json()
            creates = [create for create in run.world.twilio.creates if call_id_of(create) == problem.get("call_id")]
            assert problem.get("call_id") is None or not counting(creates), (order, creates)
        if len(answered(order, *NOBODY_WAS_DIALED)) == len(order.answers):
            assert not counting(run.world.twilio.creates_for(order.number)), order


def test_all_answers_to_a_key_are_one_answer(run):
    replays = 0
    for order in run.orders:
        kept = answered(order, *SETTLED)
        assert len({(answer.status, answer.body, answer.header("location")) for answer in kept}) <= 1, order
        first = [answer for answer in kept if answer.header("idempotent-replayed") is None]
        assert len(first) <= 1, order
        assert all(answer.header("idempotent-replayed") in (None, "true") for answer in kept)
        replays += len(kept) - len(first)
        if kept:
            again = send(run.world, order, 40)
            assert (again.status, again.body) == (kept[0].status, kept[0].body), (order, again)
            assert again.header("idempotent-replayed") == "true"
    figure("replays of answers", replays)
    assert replays


def test_no_call_is_shown_otherwise_than_the_ledger_has_it(run):
    creates = {}
    for create in counting(run.world.twilio.creates):
        creates.setdefault(call_id_of(create) or call_of_number(run, create.field("To")), []).append(create)
    outcomes = {}
    for call in run.calls.values():
        reached = creates.get(call["id"], [])
        assert len(reached) <= 1, call
        if not reached:
            # Nobody read a create. It may have left all the same, into a connection that was closed before.
            assert call["status"] in ("failed", "canceled", "unknown") and call["call_sid"] is None, call
        elif not reached[0].acted:
            assert (call["status"], call["call_sid"]) == ("unknown", None), (call, reached)
        else:
            call_sid = reached[0].made
            plan = run.callbacks.told[call_sid]
            if plan == "never":
                assert call["status"] in ("unknown", "queued"), (call, reached)
                assert call["call_sid"] in (None, call_sid), (call, reached)
            else:
                assert (call["status"], call["call_sid"]) == ("completed", call_sid), (plan, call, reached)
        outcomes[call["status"]] = outcomes.get(call["status"], 0) + 1
    assert set(creates) <= set(run.calls)
    figure("calls in the end", outcomes)


def call_of_number(run, number):
    """The call of a create that was cut before it named it: the newest of that number that is not known to have failed."""
    found = [call for call in run.calls.values() if call["phone_number"] == number and call["status"] != "failed"]
    assert len(found) == 1, (number, found)
    return found[0]["id"]


def test_every_callback_was_taken(run):
    assert {status for kind, status in run.callbacks.answers if kind != "voice"} == {204}
    assert {status for kind, status in run.callbacks.answers if kind == "voice"} == {200}
    assert set(run.callbacks.told.values()) == set(Callbacks.PLANS)


def test_nothing_went_anywhere_else(run):
    assert run.canary.hits == []


def test_every_fault_was_met(run):
    met = set(run.world.twilio.weather.seen)
    wanted = {fault.name for fault in twilio_faults(run.canary)} | {"closed before reading"}
    assert met >= wanted, wanted - met
    if DEEP:
        wanted = {fault.name for fault in ultravox_faults(run.canary)}
        assert set(run.world.ultravox.weather.seen) >= wanted, wanted - set(run.world.ultravox.weather.seen)
    assert run.world.refusals


def test_the_gateway_lives_and_serves(run):
    run.world.gateway.require_alive()
    run.world.twilio.weather = run.world.ultravox.weather = run.world.twilio.on_call = None
    agent = eventually(lambda: created(run.world), within=30, what="a gateway that no vendor keeps waiting")
    answer = eventually(lambda: placed(run.world, agent), within=30, what="an order that is taken")
    assert answer.json()["status"] == "queued"


def created(world):
    answer = world.gateway.call("POST", "/agents", {"name": "afterwards", "prompt": "Be brief."})
    return answer.json()["id"] if answer.status == 201 else None


def placed(world, agent):
    answer, _ = world.place(agent)
    return answer if answer.status == 201 else None
