"""Streams of events as others read them: curl and two libraries, directly and behind nginx and haproxy."""

import contextlib
import shutil
import tempfile
import time

import pytest

from harness.event_clients import CLIENTS
from harness.figures import figure
from harness.streams import Stream
from harness.waiting import eventually
from test_behind_proxies import in_front_of
from test_deploy import haproxy, nginx, running

LATEST = 1.0  # seconds from a webhook's answer to its event


@contextlib.contextmanager
def shipped(command, address):
    folder = tempfile.mkdtemp(prefix="deploy-")
    try:
        with running(folder, command(folder), address) as path:
            yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def way(name, gateway):
    """The Unix socket by which the gateway is reached; none directly."""
    address = gateway.origin.partition("://")[2]
    if name == "directly":
        yield None
    elif name == "nginx, buffering":
        # Its configuration does not mention streams: that the answer forbids to hold it back must do.
        with in_front_of(gateway, "nginx") as proxy:
            yield proxy.address
    elif name == "nginx, as shipped":
        with shipped(lambda folder: nginx(folder, prefix=False), address) as path:
            yield path
    else:
        with shipped(haproxy, address) as path:
            yield path


WAYS = ["directly", "nginx, buffering", "nginx, as shipped", "haproxy, as shipped"]


@pytest.fixture(scope="module", params=WAYS)
def path(request, world):
    with way(request.param, world.gateway) as path:
        yield path


@pytest.fixture
def follow(world, path):
    """Opens clients, and closes them."""
    clients = []

    def open_client(name, target, **options):
        gateway = world.gateway
        clients.append(CLIENTS[name](gateway.origin, target, gateway.api_key, path=path, **options))
        return clients[-1]

    yield open_client
    for client in clients:
        client.close()


def whole(world, call):
    """The events of a call that is over, as the harness's own reader sees them."""
    stream = Stream(world.gateway.origin, f"/calls/{call['id']}/events", world.gateway.api_key)
    eventually(lambda: "call.billed" in stream.types(), what="the last event")
    stream.close()
    return stream.events


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_reads_every_event_in_order(world, follow, client):
    agent = world.new_agent()
    order = world.order(agent, metadata={"order": "7731", "customer": "Zoë 🙂"})
    of_call = follow(client, f"/calls/{order.call['id']}/events")
    # From the beginning of the call on, so that nothing hangs on which of them is first.
    of_all = follow(client, f"/events?agent_id={agent}", last_event_id=before(order.call["position"]))
    for reader in (of_call, of_all):
        reader.until("call.queued")
    for message in order.life.completed():
        assert world.gateway.deliver(message).status in (200, 204), message
    for reader in (of_call, of_all):
        reader.until("call.billed")
    expected = whole(world, order.call)
    for reader in (of_call, of_all):
        places = reader.ids()
        told = expected[[event.id for event in expected].index(places[0]) :]
        assert [(kind, id) for _, kind, id, _ in reader.events] == [(event.type, event.id) for event in told]
        # Whole JSON, each of it. The call in an event of the past may say more: what became known in the same millisecond.
        for (*_, data), event in zip(reader.events, told):
            assert (data["type"], data["timestamp"]) == (event.type, event.data["timestamp"])
            for name in ("id", "position", "status"):
                assert data["data"][name] == event.call[name], (name, event)
        assert reader.events[-1][3]["data"]["metadata"]["customer"] == "Zoë 🙂"
    assert of_call.ids() == [event.id for event in expected]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_goes_on_after_the_last_event_that_it_has_seen(world, follow, client):
    agent = world.new_agent()
    order = world.order(agent)
    target = f"/calls/{order.call['id']}/events"
    first = follow(client, target)
    messages = order.life.completed()
    for message in messages[:4]:
        assert world.gateway.deliver(message).status in (200, 204), message
    first.until("call.ringing")
    seen = first.ids()
    first.close()
    for message in messages[4:]:
        assert world.gateway.deliver(message).status in (200, 204), message
    second = follow(client, target, last_event_id=seen[-1])
    second.until("call.billed")
    third = follow(client, f"/events?agent_id={agent}", last_event_id=seen[-1])
    third.until("call.billed")
    ids = [event.id for event in whole(world, order.call)]
    assert seen + second.ids() == ids
    assert seen + third.ids() == ids


def before(position):
    """A place just before a record."""
    high, _, low = position.rpartition("-")
    return f"{high}-{int(low) - 1}" if high else str(int(low) - 1)


@pytest.mark.parametrize("client", CLIENTS)
def test_each_event_comes_at_once(world, follow, path, request, client):
    """One at a time: none waits for the next one, or for a buffer to fill."""
    order = world.order(world.new_agent())
    reader = follow(client, f"/calls/{order.call['id']}/events")
    reader.until("call.queued")
    delays = []
    for kind in ("initiated", "ringing", "in-progress", "completed"):
        count = len(reader.events)
        assert world.gateway.deliver(order.life.status(kind, len(delays), len(delays))).status == 204
        answered = time.monotonic()
        eventually(lambda: len(reader.events) > count, what=f"the event of {kind}")
        delays.append(reader.events[count][0] - answered)
    assert max(delays) < LATEST, delays
    figure(f"{client}, {request.node.callspec.params['path']}", f"an event after at most {1000 * max(delays):.0f} ms")
