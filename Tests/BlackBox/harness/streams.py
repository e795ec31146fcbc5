"""A reader of server-sent events that keeps what it got, the bytes and the pieces in which they came included."""

import json
import socket
import threading
from urllib.parse import urlsplit

from .waiting import eventually


class Event:
    """One event: its type, its id and its data."""

    def __init__(self, lines):
        fields = [line.partition(": ") for line in lines if not line.startswith(":")]
        assert all(name in ("id", "event", "data", "retry") for name, _, _ in fields), lines
        values = {name: value for name, _, value in fields}
        self.type, self.id = values.get("event"), values.get("id")
        self.data = json.loads(values["data"]) if "data" in values else None

    @property
    def call(self):
        return self.data["data"]

    def __repr__(self):
        return f"<{self.type} {self.id}>"


class Stream:
    """A stream of events over a connection of its own, read by a thread until it ends."""

    def __init__(self, origin, target, key, *, last_event_id=None, timeout=60.0):
        address = urlsplit(origin)
        self.events, self.comments, self.chunks, self.failure = [], 0, [], None
        self.status, self.headers, self.ended = None, {}, threading.Event()
        self._began = threading.Event()
        self._socket = socket.create_connection((address.hostname, address.port), timeout=timeout)
        head = [f"GET {target} HTTP/1.1", f"Host: {address.netloc}", f"X-API-Key: {key}", "Accept: text/event-stream"]
        if last_event_id is not None:
            head.append(f"Last-Event-ID: {last_event_id}")
        self._socket.sendall("\r\n".join([*head, "", ""]).encode())
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def begun(self):
        """Waits until the stream has begun."""
        assert self._began.wait(30), f"no stream began: {self.status} {self.failure}"
        assert self.status == 200, self.status
        return self

    @property
    def last_id(self):
        ids = [event.id for event in self.events if event.id is not None]
        return ids[-1] if ids else None

    def types(self):
        return [event.type for event in self.events]

    def until(self, count, within=20.0):
        """Waits until that many events are there."""
        eventually(lambda: len(self.events) >= count, within=within, what=lambda: f"{count} events beside {self.events}")
        return self.events

    def close(self):
        """Goes away, as a client that is killed."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join(10)
        self._socket.close()

    def _read(self):
        try:
            self._take()
        except OSError as failure:
            self.failure = failure
        finally:
            self.ended.set()
            self._began.set()

    def _take(self):
        file = self._socket.makefile("rb")
        status = file.readline()
        if not status:
            return
        self.status = int(status.split()[1])
        for line in iter(file.readline, b"\r\n"):
            name, _, value = line.decode("latin-1").rstrip("\r\n").partition(": ")
            self.headers[name.lower()] = value
        if self.headers.get("transfer-encoding") != "chunked":
            return
        while True:
            size = file.readline()
            if not size:
                return
            length = int(size, 16)
            chunk = file.read(length)
            file.readline()
            if length == 0:
                return
            if len(chunk) < length:
                return
            self.chunks.append(chunk)
            # An event is never cut: each chunk holds whole ones, or lines that are none.
            *blocks, rest = chunk.decode().split("\n\n")
            events = [Event(block.split("\n")) for block in blocks]
            assert all(event.data is not None for event in events), chunk
            if rest:
                assert all(line.startswith((":", "retry: ")) for line in rest.removesuffix("\n").split("\n")), chunk
                assert rest.endswith("\n") and not blocks, chunk
                self.comments += 1
            self.events += events
            self._began.set()
