"""How a vendor fails half-way: faults of single requests, drawn at random, and a port at which nobody listens."""

import copy
import gzip
import socket
import struct
import threading

from .server import Reply

HTML = b"<!DOCTYPE html><html><head><title>Bad Gateway</title></head><body><h1>We'll be back</h1></body></html>"


class Fault:
    """What happens to one request instead of an answer. `play` gets an `Exchange`; the connection ends after it."""

    def __init__(self, name, play):
        self.name = name
        self._play = play

    def play(self, exchange):
        exchange.reached.fault = self.name
        self._play(exchange)

    def __repr__(self):
        return f"<fault {self.name}>"


def _closed_while_reading(exchange):
    exchange.read(share=0.6)


def _closed_after_reading(exchange):
    exchange.read()


def _closed_after_acting(exchange):
    exchange.read()
    exchange.act()


def _reset_after_reading(exchange):
    exchange.read()
    exchange.reset()


def _reset_after_acting(exchange):
    exchange.read()
    exchange.act()
    exchange.reset()


def _one_byte(exchange):
    exchange.read()
    exchange.act()
    exchange.write(b"H")


def _half_a_head(exchange):
    exchange.read()
    exchange.act()
    exchange.write(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Le")


def _error_before_acting(status):
    def play(exchange):
        exchange.read()
        exchange.send(Reply(status, {"message": "Service unavailable", "code": 20500, "status": status}))
        exchange.keep_connection()

    return play


def _error_after_acting(status):
    def play(exchange):
        exchange.read()
        exchange.act()
        exchange.send(Reply(status, {"message": "An internal server error has occurred", "code": 20500}))
        exchange.keep_connection()

    return play


def _too_many_requests(seconds, told=None):
    """In the vendor's own words: Twilio's unless `told` has others."""
    told = told or {"code": 20429, "message": "Too many requests"}

    def play(exchange):
        exchange.read()
        exchange.send(Reply(429, told, (("Retry-After", str(seconds)),)))
        exchange.keep_connection()

    return play


def _cut(exchange):
    exchange.read()
    reply = exchange.act()
    exchange.send(reply, cut_to=40)


def _slow(seconds):
    def play(exchange):
        exchange.read()
        reply = exchange.act()
        exchange.standin.stopping.wait(seconds)
        exchange.send(reply)

    return play


def _answered_then_closed(exchange):
    """The connection dies without notice after a good answer: the next request on it meets a dead peer."""
    exchange.read()
    exchange.send(exchange.act())


def _html(status, acts):
    def play(exchange):
        exchange.read()
        if acts:
            exchange.act()
        exchange.send(Reply(status, headers=(("Content-Type", "text/html; charset=utf-8"),)), content=HTML)
        exchange.keep_connection()

    return play


def _moved(canary):
    def play(exchange):
        exchange.read()
        exchange.send(Reply(301, headers=(("Location", canary.origin + exchange.reached.path),)))
        exchange.keep_connection()

    return play


def _endless(exchange):
    exchange.read()
    exchange.act()
    exchange.send(Reply(201, headers=(("Content-Type", "application/json"), ("Transfer-Encoding", "chunked"))))
    piece = b'{"sid":"' + b"x" * 65_528
    for _ in range(4096):  # 256 MiB, if anybody takes them
        if exchange.standin.stopping.is_set():
            return
        exchange.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")


BOMB = gzip.compress(b'{"sid":"' + b"0" * (64 << 20) + b'"}', 9)


def _bomb(exchange):
    exchange.read()
    exchange.act()
    headers = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"))
    exchange.send(Reply(201, headers=headers), content=BOMB)


def _spoiled(spoil):
    """A 201 whose document was changed by `spoil(document, standin)` after the vendor acted."""

    def play(exchange):
        exchange.read()
        reply = exchange.act()
        if reply.status == 201:
            with exchange.standin.lock:
                reply = Reply(201, spoil(copy.deepcopy(reply.document), exchange.standin))
        exchange.send(reply)
        exchange.keep_connection()

    return play


def _without(name):
    def spoil(document, _):
        del document[name]
        return document

    return spoil


def _with(name, value):
    return lambda document, _: {**document, name: value}


def answered(status, document, *, headers=(), acts=False, after=0.0):
    """A fault that is an answer like any other: `document` after so many seconds, None for the one deserved."""

    def play(exchange):
        exchange.read()
        reply = exchange.act() if acts else None
        exchange.standin.stopping.wait(after)
        exchange.send(reply if document is None else Reply(status, document, tuple(headers)))
        exchange.keep_connection()

    return Fault(f"answered {status}", play)


VANISHED = Fault("closed after reading", _closed_after_reading)


class ByNumber:
    """Weather that strikes the creates of the numbers that it is told, and no others."""

    def __init__(self):
        self.faults = {}

    def lets_in(self, handler):
        return True

    def fault_for(self, reached):
        if reached.method == "POST" and reached.path.endswith("/Calls.json"):
            return Fault(None, self._play)
        return None

    def _play(self, exchange):
        exchange.read()
        fault = self.faults.get(exchange.reached.field("To"))
        if fault:
            fault.play(exchange)
        else:
            exchange.send(exchange.act())
            exchange.keep_connection()


def _common(canary):
    return {
        "closed while reading": _closed_while_reading,
        "closed after reading": _closed_after_reading,
        "closed after acting": _closed_after_acting,
        "reset after reading": _reset_after_reading,
        "reset after acting": _reset_after_acting,
        "one byte": _one_byte,
        "half a head": _half_a_head,
        "500 before acting": _error_before_acting(500),
        "503 before acting": _error_before_acting(503),
        "500 after acting": _error_after_acting(500),
        "502 after acting": _error_after_acting(502),
        "201 cut": _cut,
        "201 slow": _slow(1.5),
        "201 too late": _slow(12),
        "answered, then closed": _answered_then_closed,
        "HTML with 200": _html(200, acts=False),
        "HTML with 201 after acting": _html(201, acts=True),
        "HTML with 502": _html(502, acts=False),
        "301 to elsewhere": _moved(canary),
        "endless body": _endless,
        "gzip bomb": _bomb,
    }


def twilio_faults(canary):
    def somebody_elses(document, standin):
        """The sid of a call that was answered properly so long ago that the gateway knows it."""
        return {**document, "sid": (standin.well_answered[:-40] or ["CA" + "0" * 31])[-1]}

    def another_call(document, standin):
        """A call in full, but not the one that was asked for."""
        return next((call for call in reversed(standin.calls.values()) if call["to"] != document["to"]), {})

    faults = {
        **_common(canary),
        "429": _too_many_requests(1),
        "429 for long": _too_many_requests(60),
        "201 without a sid": _spoiled(_without("sid")),
        "201 with a null sid": _spoiled(_with("sid", None)),
        "201 with a malformed sid": _spoiled(_with("sid", "CA../Accounts")),
        "201 with the sid of something else": _spoiled(_with("sid", "SM" + "0" * 32)),
        "201 with somebody else's sid": _spoiled(somebody_elses),
        "201 with another call": _spoiled(another_call),
        "201 of another account": _spoiled(_with("account_sid", "AC" + "f" * 32)),
        "201 with an array": _spoiled(lambda document, _: [document]),
    }
    return [Fault(name, play) for name, play in faults.items()]


def ultravox_faults(canary):
    address = "wss://voice.ultravox.ai/calls/1/x/telephony"
    faults = {
        **_common(canary),
        "429": _too_many_requests(1, {"detail": "Request was throttled."}),
        "429 of a proxy": _html(429, acts=True),
        "201 without a join URL": _spoiled(_without("joinUrl")),
        "201 with a null join URL": _spoiled(_with("joinUrl", None)),
        "a join URL that is not wss": _spoiled(_with("joinUrl", address.replace("wss:", "ws:"))),
        "a join URL of http": _spoiled(_with("joinUrl", address.replace("wss:", "https:"))),
        "a join URL with quotes": _spoiled(_with("joinUrl", address + '"><Hangup x="')),
        "a join URL with markup": _spoiled(_with("joinUrl", address + "</Stream><Dial>+19005550100</Dial>")),
        "a join URL with a line break": _spoiled(_with("joinUrl", address + "\r\nX: 1")),
        "201 without a call id": _spoiled(_without("callId")),
        "201 with a malformed call id": _spoiled(_with("callId", "../accounts/me")),
    }
    return [Fault(name, play) for name, play in faults.items()]


class Weather:
    """Draws a fault for the requests that `concerns` picks; the others are served well.

    `random` belongs to this weather: the same seed draws the same faults in the same order of requests.
    """

    def __init__(self, random, faults, concerns, *, share=1.0, turned_away=0.0):
        self.seen = {}
        self._random = random
        self._faults = faults
        self._concerns = concerns
        self._share = share
        self._turned_away = turned_away
        self._lock = threading.Lock()
        self._bag = []
        self._admissions = []

    def lets_in(self, handler):
        """Whether a new connection is served at all; else it is closed, or reset, before anything is read."""
        with self._lock:
            if not self._admissions and self._turned_away:  # one in so many, wherever among them: no run goes without
                self._admissions = [True] + [False] * (round(1 / self._turned_away) - 1)
                self._random.shuffle(self._admissions)
            turned_away = bool(self._admissions) and self._admissions.pop()
            reset = self._random.random() < 0.5
            if turned_away:
                self._note("closed before reading")
        if turned_away and reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.rfile.close()
            handler.connection.close()
        return not turned_away

    def fault_for(self, reached):
        if not self._concerns(reached):
            return None
        with self._lock:
            if self._random.random() >= self._share:
                return None
            if not self._bag:  # each fault once before any comes again, in an order of its own
                self._bag = list(self._faults)
                self._random.shuffle(self._bag)
            fault = self._bag.pop()
            self._note(fault.name)
            return fault

    def _note(self, name):
        self.seen[name] = self.seen.get(name, 0) + 1


class Canary:
    """An address that must never be asked for anything."""

    def __init__(self):
        self.hits = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    self.hits.append(connection.recv(4096))
                except OSError:
                    self.hits.append(b"")

    def stop(self):
        self._listener.close()
