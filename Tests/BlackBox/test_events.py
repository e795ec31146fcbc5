"""What happens is told as it happens: streams that lose and repeat nothing, look-ups that wait, and a list of what changed."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.figures import amount, figure
from harness.streams import Stream
from harness.waiting import eventually

CALLS = amount(60, 1000)
READER_KILLS = amount(12, 100)
GATEWAY_KILLS = amount(3, 10)
SEED = 20261202
ENDS = {"call.completed", "call.busy", "call.no_answer", "call.failed", "call.canceled"}
LIFE = ["call.queued", "call.initiated", "call.ringing", "call.answered", "call.stream_started", "call.agent_joined"]


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


@pytest.fixture
def follow(world):
    """Opens streams, and closes them."""
    streams = []

    def open_stream(target, **options):
        gateway = options.pop("gateway", world.gateway)
        streams.append(Stream(gateway.origin, target, gateway.api_key, **options))
        return streams[-1].begun()

    yield open_stream
    for stream in streams:
        stream.close()


def deliver(world, *messages):
    for message in messages:
        assert world.gateway.deliver(message).status in (200, 204), message


def live(world, order):
    """A whole call, in order."""
    deliver(world, *order.life.completed())


def test_every_change_of_a_call_is_told_once_with_the_call_as_it_was(world, agent, follow):
    stream = follow(f"/events?agent_id={agent}")
    order = world.order(agent, machine_detection="detect", record=True, metadata={"order": "7731"})
    live(world, order)
    call = world.gateway.look_up(order.call["id"])
    assert call["status"] == "completed"
    of_call = lambda: [event for event in stream.events if event.call["id"] == call["id"]]
    eventually(lambda: "call.billed" in [event.type for event in of_call()], what="the last event")
    events = of_call()
    types = [event.type for event in events]
    assert types[0] == "call.pending"
    for first, second in zip(LIFE, LIFE[1:]):
        assert types.index(first) < types.index(second), types
    assert sum(kind in ENDS for kind in types) == 1, types
    assert len(types) == len({event.id for event in events}), events
    expected = {"call.pending": "pending", "call.ringing": "ringing", "call.answered": "in-progress", "call.completed": "completed"}
    for event in events:
        assert event.data["type"] == event.type
        assert event.call["metadata"] == {"order": "7731"}
        assert "join_url" not in event.call and "timeline" not in event.call
        assert event.call["position"] == event.id.partition(".")[0]
        if event.type in expected:
            assert event.call["status"] == expected[event.type]
    # Whoever comes later is told the same.
    again = follow(f"/calls/{call['id']}/events").until(len(events))
    assert [event.id for event in again] == [event.id for event in events]
    for first, second in zip(events, again):
        for name in ("status", "call_sid", "ultravox_call_id", "metadata"):
            assert first.call[name] == second.call[name], (name, first)
    # The last event's call is the call.
    last = dict(call)
    del last["timeline"]
    assert events[-1].call == last


def test_a_stream_is_one_that_proxies_and_clients_can_read(world, agent, follow):
    stream = follow("/events")
    assert stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["transfer-encoding"] == "chunked"
    assert stream.headers["x-accel-buffering"] == "no"
    assert stream.headers["cache-control"] == "no-store"
    assert b"retry: " in stream.chunks[0]
    head = world.gateway.call("HEAD", "/events")
    assert (head.status, head.header("content-type"), head.body) == (200, "text/event-stream", b"")


def test_a_calls_stream_begins_with_its_history_and_ends_when_it_is_long_over(world, agent, follow):
    order = world.order(agent)
    stream = follow(f"/calls/{order.call['id']}/events")
    before = stream.until(2)
    assert before[0].type == "call.pending" and "call.queued" in stream.types()
    live(world, order)
    eventually(lambda: "call.billed" in stream.types(), what="the last event")
    by_sid = follow(f"/calls/{order.call['call_sid']}/events")
    assert [event.id for event in by_sid.until(len(stream.events))] == [event.id for event in stream.events]
    chosen = follow(f"/calls/{order.call['id']}/events?type=call.ringing,call.completed")
    assert [event.type for event in chosen.until(2)] == ["call.ringing", "call.completed"]
    # The status is the one that the call had then.
    assert [event.call["status"] for event in chosen.events] == ["ringing", "completed"]
    rest = follow(f"/calls/{order.call['id']}/events", last_event_id=chosen.events[0].id)
    ids = [event.id for event in stream.events]
    later = ids[ids.index(chosen.events[0].id) + 1 :]
    assert [event.id for event in rest.until(len(later))] == later


@pytest.mark.parametrize(
    "choose",
    [
        lambda world, agent: "type=call.answered",
        lambda world, agent: "type=call.ringing&type=call.answered",
        lambda world, agent: "status=in-progress,completed",
        lambda world, agent: f"agent_id={agent}&type=call.answered",
        lambda world, agent: "metadata%5Bteam%5D=a&type=call.answered",
        lambda world, agent: "metadata[team]=a&metadata[order]=1",
    ],
)
def test_streams_can_be_filtered(world, follow, choose):
    agent = world.new_agent()
    query = choose(world, agent)
    chosen, everything = follow(f"/events?{query}"), follow("/events")
    orders = [world.order(agent, metadata={"team": team, "order": str(n)}) for n, team in enumerate("ab")]
    for order in orders:
        live(world, order)
    ids = [order.call["id"] for order in orders]
    eventually(
        lambda: sum(event.type == "call.billed" for event in everything.events if event.call["id"] in ids) == 2,
        what="the last events",
    )

    def fits(event):
        call = event.call
        return all(
            [
                "type=" not in query or event.type in query,
                "status=" not in query or call["status"] in ("in-progress", "completed"),
                "team" not in query or call["metadata"].get("team") == "a",
                "order" not in query or call["metadata"].get("order") == "1",
            ]
        )

    # What was chosen comes in the same order; the end of it is known by the last event of all.
    wanted = [event.id for event in everything.events if event.call["id"] in ids and fits(event)]
    eventually(
        lambda: [event.id for event in chosen.events if event.call["id"] in ids] == wanted, what=f"{wanted} of {query}"
    )


@pytest.mark.parametrize(
    "target, field",
    [
        ("/events?type=call.exploded", "type"),
        ("/events?status=dead", "status"),
        ("/events?agent_id=x", "agent_id"),
        ("/events?metadata[]=x", "metadata[]"),
        ("/events?metadata[a]=1&metadata[a]=2", "metadata[a]"),
        ("/events?limit=5", "limit"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(world, target, field):
    answer = world.gateway.call("GET", target)
    assert answer.status == 422, answer
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("text", ["x", "1.", "7.0", "-1", "1,2", "07"])
def test_a_last_event_id_that_is_none_is_refused(world, text):
    answer = world.gateway.call("GET", "/events", headers=[("Last-Event-ID", text)])
    assert answer.status == 422, answer
    assert answer.json()["errors"][0]["field"] == "Last-Event-ID"


def test_streams_need_a_key_and_a_call(world):
    assert world.gateway.send("GET", "/events").status == 401
    assert world.gateway.call("GET", "/calls/call_01jx0000000000000000000000/events").status == 404


def test_whoever_comes_back_with_a_place_of_another_log_is_told(world, follow):
    for place in ("1-7", "99999999999999-1"):
        stream = follow("/events", last_event_id=place)
        assert stream.until(1)[0].type == "stream.gap"
        assert stream.events[0].id is None and "GET /calls" in stream.events[0].data["detail"]


def test_a_look_up_waits_for_the_end_of_a_call(world, agent):
    order = world.order(agent)
    target = f"/calls/{order.call['id']}?wait=terminal"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(world.gateway.call, "GET", target + "&timeout=20")
        deliver(world, *order.life.completed()[:4])
        assert not waiting.done()
        deliver(world, *order.life.completed()[4:])
        answer = waiting.result(10)
    assert answer.status == 200 and answer.json()["status"] == "completed"
    # Of one that is over it does not wait.
    began = time.monotonic()
    assert world.gateway.call("GET", target).json()["status"] == "completed"
    assert time.monotonic() - began < 5
    # Of one that goes on it tells how that is when the time is up.
    order = world.order(agent)
    began = time.monotonic()
    answer = world.gateway.call("GET", f"/calls/{order.call['call_sid']}?wait=terminal&timeout=1")
    assert answer.json()["status"] == "queued"
    assert time.monotonic() - began >= 1
    # A timeout alone is the default that generated clients send, and waits for nothing.
    began = time.monotonic()
    answer = world.gateway.call("GET", f"/calls/{order.call['id']}?timeout=30")
    assert answer.json()["status"] == "queued"
    assert time.monotonic() - began < 5


def test_the_list_of_changes_misses_none_and_repeats_none(world, agent):
    mark = max((call["position"] for call in listed(world, "limit=1")), key=place, default="0")
    orders = [world.order(agent, metadata={"n": str(n)}) for n in range(12)]
    shuffled = [order for order in orders for _ in range(4)]
    random.Random(SEED).shuffle(shuffled)
    steps = {order.call["id"]: iter(order.life.completed()) for order in orders}
    seen = {}
    for order in shuffled:
        deliver(world, next(steps[order.call["id"]]))
        # An integration that asks again and again keeps the last position.
        changed = listed(world, f"updated_after={mark}&limit=5")
        positions = [place(call["position"]) for call in changed]
        assert positions == sorted(set(positions)) and all(position > place(mark) for position in positions)
        for call in changed:
            seen[call["id"]] = call
        mark = changed[-1]["position"] if changed else mark
    for call in listed(world, f"updated_after={mark}"):
        seen[call["id"]] = call
    for order in orders:
        now = world.gateway.look_up(order.call["id"])
        assert seen[now["id"]] == {name: value for name, value in now.items() if name != "timeline"}
    assert listed(world, f"updated_after={max((c['position'] for c in seen.values()), key=place)}") == []


def test_the_list_of_changes_takes_a_time_and_pages(world, agent):
    order = world.order(agent)
    since = order.call["updated_at"]
    orders = [order, *(world.order(agent) for _ in range(5))]
    calls, cursor = [], ""
    while True:
        answer = world.gateway.call("GET", f"/calls?updated_after={since}&limit=2{cursor}")
        calls += answer.json()["data"]
        if answer.json()["next_cursor"] is None:
            break
        cursor = f"&cursor={answer.json()['next_cursor']}"
    ids = [call["id"] for call in calls]
    assert len(ids) == len(set(ids))
    assert [id for id in ids if id in {order.call["id"] for order in orders}] == [order.call["id"] for order in orders]


def test_calls_are_found_by_their_metadata(world, agent):
    mine = world.order(agent, metadata={"tenant": "north", "order": "1"})
    world.order(agent, metadata={"tenant": "south", "order": "1"})
    for query in ("metadata[tenant]=north", "metadata%5Btenant%5D=north&metadata[order]=1"):
        assert [call["id"] for call in listed(world, query)] == [mine.call["id"]]
    assert listed(world, "metadata[tenant]=east") == []


def listed(world, query):
    answer = world.gateway.call("GET", f"/calls?{query}")
    assert answer.status == 200, answer
    return answer.json()["data"]


def place(position):
    return tuple(int(part) for part in position.split("-"))


def test_streams_end_when_the_gateway_stops_and_go_on_after_it(start_world, follow):
    world = start_world(JOURNAL="sqlite:journal.sqlite")
    agent = world.new_agent()
    stream = follow("/events", gateway=world.gateway)
    order = world.order(agent)
    eventually(lambda: "call.queued" in stream.types(), what="the call")
    assert world.gateway.stop() == 0
    assert stream.ended.wait(10)
    assert stream.types()[-1] == "stream.stopping"
    world.gateway = world.gateway.again()
    deliver(world, order.life.status("ringing", 1, 3))
    again = follow("/events", gateway=world.gateway, last_event_id=stream.last_id)
    assert again.until(1)[0].type == "call.ringing"
    # All that ever happened is there, too.
    whole = follow("/events", gateway=world.gateway, last_event_id="0")
    eventually(lambda: "call.ringing" in whole.types(), what="the last event")
    assert [event.id for event in whole.events] == [e.id for e in (*stream.events[:-1], *again.events)]


class Reader:
    """Follows all events, is killed again and again, and goes on behind the last event that it saw."""

    def __init__(self):
        self.events = []
        self.id = "0"

    def read(self, gateway):
        return Stream(gateway.origin, "/events", gateway.api_key, last_event_id=self.id)

    def take(self, stream):
        stream.close()
        assert "stream.gap" not in stream.types()
        told = [event for event in stream.events if event.id is not None]
        self.events += told
        if told:
            self.id = told[-1].id


@pytest.mark.alone
def test_a_reader_that_is_killed_and_resumed_sees_every_event_once(start_world):
    generator = random.Random(SEED)
    world = start_world(JOURNAL="sqlite:journal.sqlite")
    agent = world.new_agent()
    orders = [order for _ in range(CALLS // 20) for order in world.place_together(agent, 20)]
    calls = [answer.json() for answer in orders if answer.status == 201]
    assert len(calls) == CALLS // 20 * 20
    lives = {call["id"]: world.life_of(call, call["phone_number"]).completed() for call in calls}
    # The messages of one call keep their order; all else is mixed.
    mixed = [id for id, life in lives.items() for _ in life]
    generator.shuffle(mixed)
    rests = {id: iter(life) for id, life in lives.items()}
    messages = [(id, next(rests[id])) for id in mixed]
    reader, kills = Reader(), 0
    parts = READER_KILLS + 1
    restarts = {round((n + 1) * parts / (GATEWAY_KILLS + 1)) for n in range(GATEWAY_KILLS)}
    for part in range(parts):
        stream = reader.read(world.gateway)
        batch = messages[len(messages) * part // parts : len(messages) * (part + 1) // parts]
        with ThreadPoolExecutor(8) as pool:
            by_call = {}
            for id, message in batch:
                by_call.setdefault(id, []).append(message)
            list(pool.map(lambda some: deliver(world, *some), by_call.values()))
            if part in restarts:
                world.gateway.kill()
                kills += 1
        reader.take(stream)
        if part in restarts:
            world.gateway = world.gateway.again()
    stream = reader.read(world.gateway)
    eventually(
        lambda: sum(e.type == "call.billed" for e in (*reader.events, *stream.events)) >= len(calls),
        within=30,
        what="the last event of each call",
    )
    reader.take(stream)
    ids = [event.id for event in reader.events]
    assert len(ids) == len(set(ids)), "an event came twice"
    whole = Stream(world.gateway.origin, "/events", world.gateway.api_key, last_event_id="0")
    eventually(lambda: len(whole.events) >= len(ids), within=30, what="all events")
    whole.close()
    assert [event.id for event in whole.events] == ids, "an event was lost, or told out of order"
    for call in calls:
        types = [event.type for event in reader.events if event.call["id"] == call["id"]]
        assert sum(kind in ENDS for kind in types) == 1, (call["id"], types)
        positions = [types.index(kind) for kind in LIFE]
        assert positions == sorted(positions), types
    figure("streams", f"{len(ids)} events of {len(calls)} calls, once each; {parts - 1} kills of readers, {kills} of gateways")
