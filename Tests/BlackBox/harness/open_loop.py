"""Load that does not wait: requests are sent at their time, whether those before were answered or not.

One process, one thread, many connections with one request each under way. On a machine with two processors it keeps to
one, so that it takes nothing from the program under test on the other.
"""

import os
import selectors
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

LENGTH = b"\r\ncontent-length: "


@dataclass
class Outcome:
    """Of one kind of request: when each was sent and answered, in seconds, and with which status."""

    sent: int = 0
    turned_away: int = 0  # for want of a connection
    answers: list = field(default_factory=list)  # (at, seconds, status)

    def good(self, status, within):
        return sum(1 for _, seconds, answer in self.answers if answer == status and seconds <= within)

    def latency(self, share):
        times = sorted(seconds for _, seconds, _ in self.answers)
        return times[min(len(times) - 1, int(len(times) * share))] if times else float("inf")


class _Line:
    """A kept connection."""

    def __init__(self, address):
        self.socket = socket.create_connection(address)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.kind, self.since, self.buffer, self.missing = None, 0.0, b"", None


def run(origin, kinds, *, seconds, rate=None, connections, patience=10.0):
    """Sends requests for so many seconds, then waits for what is under way.

    `kinds` maps a name to (share, bytes). With a `rate` they are sent at their time, so many a second; without one each
    connection sends its next request when it has its answer.
    """
    address = urlsplit(origin)
    address = (address.hostname, address.port)
    selector = selectors.DefaultSelector()
    lines, idle = [], []
    outcomes = {name: Outcome() for name in kinds}
    # An even mixture, the same each time.
    order, owed = [], {name: 0.0 for name in kinds}
    for _ in range(100):
        for name, (share, _) in kinds.items():
            owed[name] += share
        name = max(owed, key=owed.get)
        owed[name] -= 1
        order.append(name)
    begun = time.monotonic()
    count = 0

    def open_line():
        line = _Line(address)
        lines.append(line)
        selector.register(line.socket, selectors.EVENT_READ, line)
        return line

    def close(line):
        selector.unregister(line.socket)
        line.socket.close()
        lines.remove(line)

    def send(line, name, at):
        line.kind, line.since, line.buffer, line.missing = name, at, b"", None
        outcomes[name].sent += 1
        line.socket.send(kinds[name][1])

    def receive(line):
        try:
            data = line.socket.recv(1 << 18)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            if line.kind:
                outcomes[line.kind].answers.append((time.monotonic() - begun, time.monotonic() - line.since, None))
                line.kind = None
            close(line)
            return False
        if line.missing is None:
            line.buffer += data
            end = line.buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = line.buffer[:end].lower()
            at = head.find(LENGTH)
            length = int(head[at + len(LENGTH) :].split(b"\r", 1)[0]) if at >= 0 else 0
            line.status = int(head[9:12])
            line.missing = length - (len(line.buffer) - end - 4)
        else:
            line.missing -= len(data)
        if line.missing > 0:
            return False
        now = time.monotonic()
        outcomes[line.kind].answers.append((now - begun, now - line.since, line.status))
        line.kind = None
        return True

    idle = [open_line() for _ in range(min(connections, 64))]
    while True:
        now = time.monotonic()
        elapsed = now - begun
        if elapsed < seconds:
            due = int(elapsed * rate) - count if rate else len(idle)
            for _ in range(min(due, 2000)):
                name = order[count % len(order)]
                count += 1
                if not idle and len(lines) < connections:
                    idle.append(open_line())
                if not idle:
                    outcomes[name].turned_away += 1
                    continue
                send(idle.pop(), name, now)
        elif elapsed > seconds + patience or not any(line.kind for line in lines):
            break
        for key, _ in selector.select(0.001):
            if receive(key.data):
                idle.append(key.data)
    for line in list(lines):
        if line.kind:
            outcomes[line.kind].answers.append((elapsed, patience, None))
        close(line)
    return outcomes


def processors():
    return sorted(os.sched_getaffinity(0))
