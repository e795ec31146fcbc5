"""Many requests in little time: raw bytes, pipelined over kept connections, by several threads."""

import re
import select
import socket
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)


@dataclass(frozen=True)
class Quick:
    """An answer: its status, None where the connection ended without one; its head and body; how long it took."""

    status: int | None
    head: bytes
    body: bytes
    seconds: float

    def __repr__(self):
        return f"<{self.status} {self.body[:200]!r} after {self.seconds:.3f} s>"


def request(method, target, headers=(), body=None, host="gw.example.com"):
    """One request as bytes."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers)]
    if body is not None or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body or b'')}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


class Connection:
    """A kept connection on which requests are written ahead of their answers."""

    def __init__(self, origin, timeout=30.0):
        address = urlsplit(origin)
        self._socket = socket.create_connection((address.hostname, address.port), timeout=timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def close(self):
        self._socket.close()

    def send(self, data):
        self._socket.sendall(data)

    def finish_sending(self):
        self._socket.shutdown(socket.SHUT_WR)

    @property
    def is_over(self):
        """Whether the server has ended the connection: what a client looks at before it uses a kept one again."""
        readable, _, _ = select.select([self._socket], [], [], 0)
        try:
            return bool(readable) and not self._socket.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _more(self):
        data = self._socket.recv(262_144)
        self._buffer += data
        return bool(data)

    def answer(self, since):
        """The next answer, or None where the connection ended before it was complete."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if not self._more():
                return None
        head = self._buffer[: end + 4]
        status = STATUS.match(head)
        if not status:
            raise AssertionError(f"this is no answer: {head[:200]!r}")
        length = LENGTH.search(head)
        size = int(length.group(1)) if length else 0
        while len(self._buffer) < end + 4 + size:
            if not self._more():
                return None
        body = self._buffer[end + 4 : end + 4 + size]
        self._buffer = self._buffer[end + 4 + size :]
        return Quick(int(status.group(1)), head, body, time.monotonic() - since)


def send_all(origin, requests, *, connections=8, depth=16, timeout=30.0):
    """Sends all of `requests` and returns their answers in the same order.

    Each connection carries up to `depth` unanswered requests. Where the server ends a connection, what it left
    unanswered is sent on a new one; a request that ends a connection of its own without an answer has none. Only for
    requests of which a second copy does no harm.
    """
    requests = list(requests)
    answers = [None] * len(requests)
    chunks = iter(range(0, len(requests), depth))
    lock = threading.Lock()
    failures = []

    def work():
        connection = None
        try:
            while not failures:
                with lock:
                    start = next(chunks, None)
                if start is None:
                    return
                waiting = list(range(start, min(start + depth, len(requests))))
                alone = False
                while waiting:
                    if connection is None:
                        connection = Connection(origin, timeout)
                        fresh = True
                    else:
                        fresh = False
                    together = waiting[:1] if alone else waiting
                    since = time.monotonic()
                    got = 0
                    try:
                        connection.send(b"".join(requests[n] for n in together))
                        for n in together:
                            answers[n] = connection.answer(since)
                            if answers[n] is None:
                                break
                            got += 1
                    except (ConnectionError, BrokenPipeError):
                        pass
                    if got < len(together):
                        connection.close()
                        connection = None
                        if got == 0 and fresh and len(together) == 1:
                            answers[together[0]] = Quick(None, b"", b"", time.monotonic() - since)
                            got = 1
                        alone = True
                    waiting = waiting[got:]
        except BaseException as error:
            failures.append(error)
        finally:
            if connection:
                connection.close()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return answers


def at_once(tasks):
    """Runs all of `tasks`, each on a thread of its own, begun at the same moment. Returns what they return."""
    barrier = threading.Barrier(len(tasks))
    results = [None] * len(tasks)
    failures = []

    def run(n):
        try:
            barrier.wait(30)
            results[n] = tasks[n]()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if failures:
        raise failures[0]
    return results
