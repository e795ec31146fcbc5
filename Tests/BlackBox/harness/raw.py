"""Bytes in, bytes out: connections on which nothing is repaired, and answers that are read as strictly as they can be."""

import re
import socket
import time
from urllib.parse import urlsplit

from .wire import Answer

STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3}) [\x20-\x7e]*")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")


def wire(text):
    """A message as bytes; `⏎` stands for CR LF. What is bytes already stays as it is."""
    return text if isinstance(text, bytes) else text.replace("⏎", "\r\n").encode("latin-1")


class RawConnection:
    """A connection to an http origin, or to a Unix socket by its path."""

    def __init__(self, address, timeout=60.0):
        if address.startswith("http://"):
            parts = urlsplit(address)
            self._socket = socket.create_connection((parts.hostname, parts.port), timeout=timeout)
        else:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(timeout)
            self._socket.connect(address)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, text):
        """Sends what the other side still takes."""
        try:
            self._socket.sendall(wire(text))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def finish_sending(self):
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def receive_some(self):
        """What there is next; empty at the end."""
        return self._socket.recv(262_144)

    def receive_to_end(self):
        """All bytes until the other side ends the connection, and whether it did so in good order."""
        received = []
        while True:
            try:
                data = self._socket.recv(262_144)
            except ConnectionResetError:
                return b"".join(received), False
            if not data:
                return b"".join(received), True
            received.append(data)


class Conversation:
    """What came of bytes that were sent on a connection of their own."""

    def __init__(self, received, in_order, seconds):
        self.received, self.in_order, self.seconds = received, in_order, seconds
        self.answers = answers_in(received)

    @property
    def statuses(self):
        return [answer.status for answer in self.answers]

    def __repr__(self):
        return f"<{self.statuses} {'ended' if self.in_order else 'reset'} after {self.seconds:.2f} s>"


def converse(address, text, *, finish=False, timeout=60.0):
    """Sends the bytes and receives until the other side ends the connection; with `finish`, ends ours before."""
    since = time.monotonic()
    with RawConnection(address, timeout) as connection:
        connection.send(text)
        if finish:
            connection.finish_sending()
        received, in_order = connection.receive_to_end()
    return Conversation(received, in_order, time.monotonic() - since)


def answers_in(received):
    """The answers that make up these bytes. Anything that is none, or is left over, is an error."""
    answers = []
    while received:
        head, separator, rest = received.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        status = STATUS_LINE.fullmatch(lines[0])
        fields = [FIELD.fullmatch(line) for line in lines[1:]]
        assert separator and status and all(fields), f"this is no answer: {received[:300]!r}"
        pairs = [(field[1].decode(), field[2].decode("latin-1")) for field in fields]
        answer = Answer(int(status[1]), pairs, b"")
        if answer.status in (204, 304) or answer.status < 200:
            size = 0
        elif answer.header("transfer-encoding") == "chunked":
            answer.body, rest = _dechunked(rest)
            size = 0
        else:
            size = int(answer.header("content-length") or len(rest))
        assert len(rest) >= size, f"this answer was cut: {received[:300]!r}"
        if size:
            answer.body = rest[:size]
        received = rest[size:]
        answers.append(answer)
    return answers


def _dechunked(rest):
    body = b""
    while True:
        line, separator, rest = rest.partition(b"\r\n")
        assert separator, "chunks were cut"
        size = int(line.partition(b";")[0], 16)
        body, rest = body + rest[:size], rest[size:]
        assert rest.startswith(b"\r\n"), "a chunk does not end"
        rest = rest[2:]
        if size == 0:
            return body, rest
