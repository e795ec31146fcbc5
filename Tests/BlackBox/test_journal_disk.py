"""A disk that is slow, that fails, or that is full: nothing is acknowledged or dialed that is not on it."""

import json
import time

import pytest

from harness import journals
from harness.crowd import Connection, at_once, request
from harness.delivering import deliver
from harness.disk import FailingSync, SlowSyncs, SmallDisk, why_no_strace
from harness.figures import amount, figure
from harness.process import Program
from harness.waiting import eventually

DELAY = 0.5  # seconds that a sync takes
ACKNOWLEDGED = amount(32, 416)  # orders, and as many webhooks
AT_ONCE = 32
TOGETHER = 256
ROUNDS = amount(1, 3)
SYNCS = range(1, amount(6, 20) + 1)

needs_strace = pytest.mark.skipif(why_no_strace() is not None, reason=str(why_no_strace()))


@pytest.fixture
def world(start_world):
    return start_world(**journals.SETTINGS)


@pytest.fixture(scope="module")
def slow(start_world):
    """A gateway whose syncs take half a second each."""
    world = start_world(**journals.SETTINGS)
    world.agent = world.new_agent()
    world.orders = [world.order(world.agent) for _ in range(AT_ONCE)]
    world.gateway.stop()
    world.syncs = SlowSyncs(world.gateway.directory, DELAY)
    journals.start_again(world, world.syncs.under)
    return world


def timed(task):
    begin = time.monotonic()
    answer = task()
    return answer, begin, time.monotonic() - begin


@needs_strace
@pytest.mark.alone
def test_no_webhook_is_acknowledged_before_the_sync(slow):
    life = slow.orders[0].life
    shortest, count = float("inf"), 0
    for batch in range(ACKNOWLEDGED // AT_ONCE):
        # Each tells something new: another offset of the same status is another time.
        messages = [
            order.life.status("ringing", 1 + batch * AT_ONCE + n, 3 + batch) for n, order in enumerate(slow.orders)
        ]
        taken = at_once([lambda message=message: timed(lambda: slow.gateway.deliver(message)) for message in messages])
        assert {answer.status for answer, _, _ in taken} == {204}
        shortest = min(shortest, *(seconds for _, _, seconds in taken))
        count += len(taken)
    assert shortest >= DELAY, shortest
    figure("webhooks over a sync of 500 ms", f"{count} of {count} took longer, the fastest {shortest * 1000:.0f} ms")
    # What is known is on the disk already.
    answer, _, seconds = timed(lambda: slow.gateway.deliver(life.status("ringing", 1, 3)))
    assert answer.status == 204 and seconds < DELAY


@needs_strace
@pytest.mark.alone
def test_nothing_leaves_before_its_intent_is_synced(slow):
    asked = {}

    def order():
        answer, begin, seconds = timed(lambda: slow.place(slow.agent))
        asked[answer[1]] = begin
        return answer[0], seconds

    shortest, intents, count = float("inf"), [], 0
    for _ in range(ACKNOWLEDGED // AT_ONCE):
        placed = at_once([order] * AT_ONCE)
        assert {answer.status for answer, _ in placed} == {201}, placed
        shortest = min(shortest, *(seconds for _, seconds in placed))
        count += len(placed)
    for number, begin in asked.items():
        (create,) = slow.twilio.creates_for(number)
        call_id = slow.gateway.call("GET", f"/calls?phone_number={number.replace('+', '%2B')}").json()["data"][0]["id"]
        (agent_call,) = slow.agent_calls_for(call_id)
        # The order, and with it the wish for an agent call; then the intent to dial.
        intents += [agent_call.at - begin, create.at - agent_call.at]
    assert min(intents) >= DELAY, min(intents)
    assert shortest >= 3 * DELAY, shortest
    figure("creates over a sync of 500 ms", f"{count} of {count} after it, the earliest {min(intents) * 1000:.0f} ms")


@needs_strace
@pytest.mark.alone
def test_orders_that_come_together_share_their_syncs(start_world, sandbox):
    """With the sandbox as the vendors: it is as fast as the gateway."""
    agents = []
    took = sorted(time_together(start_world, sandbox, agents) for _ in range(ROUNDS))
    rounds = "; ".join(f"{seconds:.2f} s, {count} syncs" for seconds, count in took)
    figure(f"{TOGETHER} orders over a sync of 500 ms", rounds)
    assert max(count for _, count in took) <= 16, took
    # Gateway, vendors and clients share the processors: the median counts.
    assert took[ROUNDS // 2][0] <= amount(8, 4), took


def time_together(start_world, sandbox, agents):
    """How long so many orders took that came at the same time to a new gateway, and how many syncs that were."""
    given = sandbox.credentials
    world = start_world(
        **journals.SETTINGS,
        TWILIO_ACCOUNT_SID=given.account_sid,
        TWILIO_AUTH_TOKEN=given.auth_token,
        ULTRAVOX_API_KEY=given.ultravox_api_key,
        TWILIO_BASE_URL=sandbox.twilio,
        ULTRAVOX_BASE_URL=sandbox.ultravox,
    )
    # The sandbox keeps its agents from one gateway to the next.
    agent = agents[0] if agents else world.new_agent()
    agents.append(agent)
    world.gateway.stop()
    syncs = SlowSyncs(world.gateway.directory, DELAY)
    journals.start_again(world, syncs.under)
    assert world.place(agent)[0].status == 201
    fields = [("X-API-Key", world.gateway.api_key), ("Content-Type", "application/json")]
    bodies = [json.dumps({"phone_number": world.numbers.take()}).encode() for _ in range(TOGETHER)]
    connections = [Connection(world.gateway.origin) for _ in bodies]
    begin, wall = time.monotonic(), time.time()
    for connection, body in zip(connections, bodies):
        connection.send(request("POST", f"/calls/{agent}", fields, body))
    answers = [connection.answer(begin) for connection in connections]
    seconds, count = time.monotonic() - begin, syncs.count(wall, time.time())
    for connection in connections:
        connection.close()
    refused = [answer for answer in answers if answer.status != 201]
    assert not refused, (len(refused), refused[:3])
    world.gateway.stop()
    return seconds, count


def assert_closed(world, order, agent, advice):
    """Nothing more is acknowledged or dialed; what is known is shown, and whoever calls hears why nobody speaks."""
    gateway = world.gateway
    creates, agent_calls = len(world.twilio.creates), len(world.ultravox.agent_calls)
    answer, _ = world.place(agent)
    assert (answer.status, answer.json()["code"]) == (503, journals.UNAVAILABLE), answer
    assert int(answer.header("retry-after")) > 0
    ready = gateway.send("GET", "/health/ready")
    assert ready.status == 503, ready
    assert gateway.send("GET", "/health/live").status == 200
    health = gateway.call("GET", "/health").json()
    assert health["status"] == "failed" and health["journal"]["status"] == "failed", health
    assert gateway.look_up(order.call["id"])["id"] == order.call["id"]
    assert gateway.call("GET", "/calls").status == 200
    answer = gateway.deliver(order.life.status("completed", 7, 99, CallDuration="88"))
    assert answer.status == 503, answer
    assert gateway.look_up(order.call["id"])["status"] != "completed"
    assert gateway.call("POST", f"/calls/{order.call['id']}/hangup").status == 503
    # Twilio asks for the fallback then, which speaks.
    assert gateway.deliver(order.life.voice()).status == 503
    spoken = gateway.deliver(order.life.fallback())
    assert spoken.status == 200 and b"<Say" in spoken.body, spoken
    (line,) = journals.lines_of(gateway, "the journal cannot be written: nothing is acknowledged or dialed any more")
    assert advice in json.dumps(line), line
    assert (len(world.twilio.creates), len(world.ultravox.agent_calls)) == (creates, agent_calls)


@needs_strace
@pytest.mark.parametrize("nth", SYNCS)
def test_the_first_sync_that_fails_is_the_last(world, nth):
    agent = world.new_agent()
    order = world.order(agent)
    failing = FailingSync(world.gateway.pid, world.gateway.directory, nth)
    good = []
    try:
        for n in range(10 * nth + 20):
            # Each order syncs several times, each webhook once.
            number = None
            creates = len(world.twilio.creates)
            if n % 3 == 0:
                answer, number = world.place(agent)
            else:
                answer = world.gateway.deliver(order.life.status("ringing", 2 + n, 3 + n))
            if failing.has_failed:
                break
            assert answer.status in (201, 204), answer
            good.append((answer, number))
        else:
            raise AssertionError("no sync failed")
        # An order that was durable is accepted, whatever becomes of it: 202 says no more.
        assert answer.status in ((503, 202, 201) if number else (503,)), answer
        failed_at = time.monotonic()
        eventually(lambda: world.gateway.send("GET", "/health/ready").status == 503, within=2, what="not ready")
        assert all(create.at <= failed_at for create in world.twilio.creates)
        assert len(world.twilio.creates) - creates <= 1
        assert_closed(world, order, agent, "restart")
    finally:
        failing.stop()
    # Nothing that was good before is gone, and the same disk does now what it should.
    journals.kill(world) if nth % 2 else world.gateway.stop()
    journals.start_again(world)
    for answer, number in good:
        if number:
            call = world.gateway.look_up(answer.json()["id"])
            assert call["call_sid"] == answer.json()["call_sid"]
    for call in world.gateway.call("GET", "/calls?limit=200").json()["data"]:
        assert len(world.twilio.creates_for(call["phone_number"])) <= 1
    deliver(world, order.life.status("completed", 7, 99, CallDuration="88"))
    assert world.place(agent)[0].status == 201


@pytest.fixture
def small_disk(tmp_path):
    disk = SmallDisk(tmp_path)
    if disk.why_not:
        pytest.skip(f"mounting is not allowed here: {disk.why_not}")
    yield disk
    disk.unmount()


def test_a_full_disk_closes_the_gateway_until_there_is_room_and_a_restart(start_world, small_disk):
    world = start_world(JOURNAL=f"sqlite:{small_disk.path / journals.NAME}")
    agent = world.new_agent()
    order = world.order(agent)
    deliver(world, order.life.status("ringing", 1, 3))
    small_disk.fill()
    told = []

    def is_closed():
        told.append(order.life.status("ringing", 2 + len(told), 3 + len(told)))
        return world.gateway.deliver(told[-1]).status == 503

    # What was allocated before may still take a few.
    eventually(is_closed, within=20, what="a webhook that is not acknowledged")
    assert_closed(world, order, agent, "make room")
    small_disk.make_room()
    # Not by itself: nobody knows what became of the write that failed.
    assert world.place(agent)[0].status == 503
    world.gateway.stop()
    journals.start_again(world)
    assert world.gateway.look_up(order.call["id"])["status"] == "ringing"
    deliver(world, *order.life.completed())
    assert world.place(agent)[0].status == 201


def test_a_disk_that_is_full_at_the_start_is_told(start_world, small_disk):
    world = start_world(JOURNAL=f"sqlite:{small_disk.path / journals.NAME}")
    world.gateway.stop()
    small_disk.fill()
    program = Program(["serve"], world.gateway.environment, world.gateway.directory)
    try:
        status = program.end(within=10)
    except Exception:
        # It has what it needs for reading, and closes with the first record.
        program.stop()
        return
    assert status == 78 and "make room" in program.output(), program.output()
