"""Readers of events who are slow, or gone: they cost little, hold up nobody, and leave nothing behind."""

import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from harness.figures import figure
from harness.memory import resident_mebibytes
from harness.streams import Stream
from harness.waiting import eventually

WAITING = 1000  # events for one reader, as published
MOST_GROWTH = 96  # MiB
LARGE = {f"field-{n}": "x" * 500 for n in range(24)}  # 12 KB in each event
TCP_REPAIR = 19


@pytest.fixture
def world(start_world):
    return start_world()


def metric(world, name):
    for line in world.gateway.call("GET", "/metrics").text.splitlines():
        if line.startswith(f"{name} "):
            return int(float(line.split()[1]))
    raise AssertionError(f"no {name}")


def streams(world):
    return metric(world, "switchboard_event_streams")


class Silent:
    """A client that asks for a stream and reads no more of it than that it has begun."""

    def __init__(self, gateway, target="/events"):
        address = urlsplit(gateway.origin)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(30)
        self.socket.connect((address.hostname, address.port))
        head = f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\nX-API-Key: {gateway.api_key}\r\n\r\n"
        self.socket.sendall(head.encode())
        self.received = b""
        while b"the stream has begun" not in self.received:
            self.received += self.socket.recv(512)

    def read_to_end(self):
        while part := self.socket.recv(1 << 20):
            self.received += part
        return self.received


def live_together(world, orders):
    """The whole lives of calls, a few at the same time."""

    def live(order):
        for message in order.life.completed():
            assert world.gateway.deliver(message).status in (200, 204), message

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(live, orders))


@pytest.mark.alone
def test_who_does_not_read_is_cut_off_and_told_why_and_holds_up_nobody(world):
    agent = world.new_agent()
    order = lambda: world.order(agent, metadata=LARGE)
    with ThreadPoolExecutor(8) as pool:
        orders = list(pool.map(lambda _: order(), range(400)))
    reader = Stream(world.gateway.origin, "/events", world.gateway.api_key).begun()
    silent = Silent(world.gateway)
    assert streams(world) == 2
    before = resident_mebibytes(world.gateway.pid)
    live_together(world, orders)
    # The other one has it all, and at once.
    ended = [order.call["id"] for order in orders]
    eventually(
        lambda: sum(event.type == "call.billed" for event in reader.events) == len(ended), within=10, what="all events"
    )
    growth = resident_mebibytes(world.gateway.pid) - before
    # Far more than what waits for a reader, and what lies in the buffers of a connection.
    assert len(reader.events) > 2 * WAITING
    assert growth < MOST_GROWTH, growth
    assert "stream.slow" not in reader.types()
    # Once it reads, it gets what was on its way, and the reason.
    received = silent.read_to_end()
    events = received.split(b"\n\n")
    last = [event for event in events if b"event: " in event][-1]
    assert b"event: stream.slow\n" in last and b"\nid: " not in last, last[-300:]
    got = received.count(b"\nevent: call.")
    assert 0 < got < len(reader.events)
    eventually(lambda: streams(world) == 1, what="an end of the stream")
    assert metric(world, "switchboard_event_streams_dropped_total") == 1
    # Nothing is lost to it.
    ids = [line[4:].decode() for line in received.split(b"\n") if line.startswith(b"id: ")]
    rest = Stream(world.gateway.origin, "/events", world.gateway.api_key, last_event_id=ids[-1])
    known = [event.id for event in reader.events]
    assert ids == known[: len(ids)]
    assert [event.id for event in rest.until(len(known) - len(ids))] == known[len(ids) :]
    for stream in (reader, rest):
        stream.close()
    figure("slow reader", f"cut off after {got} of {len(known)} events; memory grew by {growth:.0f} MiB")


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def vanish(client):
    """As a machine that lost its power: nothing is sent, and what comes later is answered by a reset."""
    try:
        client.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    except OSError:
        pytest.skip("this needs the right CAP_NET_ADMIN")
    client.close()


def finish(client):
    client.close()


@pytest.mark.parametrize("go", [reset, finish, vanish])
@pytest.mark.parametrize("target", ["/events", "/calls/{id}/events"])
def test_who_is_gone_leaves_no_reader_behind(world, go, target):
    order = world.order(world.new_agent())
    clients = [Silent(world.gateway, target.format(id=order.call["id"])) for _ in range(20)]
    assert streams(world) == 20
    for client in clients:
        go(client.socket)
    # Of who has said nothing, or may still read, the next event tells.
    if go is not reset:
        for message in order.life.completed():
            assert world.gateway.deliver(message).status in (200, 204), message
    began = time.monotonic()
    eventually(lambda: streams(world) == 0, what=lambda: f"no stream, but {streams(world)}")
    assert metric(world, "switchboard_event_streams_dropped_total") == 0
    figure(f"{go.__name__}, {target}", f"20 readers gone after {1000 * (time.monotonic() - began):.0f} ms")
