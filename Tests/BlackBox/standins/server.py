"""A real HTTP/1.1 server with keep-alive on a free loopback port, and a ledger of what reached it."""

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

VANISH = "vanish"  # read the request, then close the connection without a word


@dataclass
class Reached:
    """One request as it reached a stand-in."""

    method: str
    path: str
    query: list
    headers: list
    body: bytes
    connection: int  # which connection, counted from 0
    nth: int  # how many requests that connection had carried before this one
    at: float = field(default_factory=time.monotonic)  # when it was read, in seconds
    fault: str | None = None
    status: int | None = None
    form: list = field(default_factory=list)
    complete: bool = True  # whether the whole body was read
    acted: bool = False  # whether what was asked for was done
    made: str | None = None  # the id of what came into being

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return values[0] if values else None

    def field(self, name):
        """The first value of a form parameter, else None."""
        return next((value for key, value in self.form if key == name), None)

    def fields(self, name):
        return [value for key, value in self.form if key == name]

    def json(self):
        return json.loads(self.body)


@dataclass
class Reply:
    status: int
    document: object = None
    headers: tuple = ()


class Standin:
    """Serves `answer(reached)` of a subclass. Every request is entered into `ledger` before it is answered.

    `fault` may be set to a function from `Reached` to VANISH or None: it decides before the stand-in acts. `weather`
    may be set to something that misbehaves more richly: see `standins.faults`.
    """

    def __init__(self):
        self.ledger = []
        self.lock = threading.RLock()
        self.fault = None
        self.weather = None
        self.stopping = threading.Event()
        self.clock_offset = 0  # seconds by which the `Date` of answers is ahead
        self._connections = 0
        self._idle = set()
        self._listen(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"

    def _listen(self, address):
        self._server = ThreadingHTTPServer(address, self._handler(), bind_and_activate=False)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.request_queue_size = 256
        self._server.server_bind()
        self._server.server_activate()
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def _hang_up_the_listener(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def stop(self):
        self.stopping.set()
        self._hang_up_the_listener()

    def refuse_connections(self, seconds):
        """For a while nobody listens at the port, and kept connections that carry nothing are closed."""
        address = self._server.server_address
        self._hang_up_the_listener()
        with self.lock:
            idle = list(self._idle)
        for connection in idle:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.stopping.wait(seconds)
        self._listen(address)

    def answer(self, reached):
        raise NotImplementedError

    def has_answered(self, reached, reply):
        """Told of every request that was acted on, before its answer is sent."""

    def requests(self, method=None, path_end=None):
        """The ledger's entries so far, narrowed by method and by the end of the path."""
        with self.lock:
            return [
                entry
                for entry in self.ledger
                if (method is None or entry.method == method) and (path_end is None or entry.path.endswith(path_end))
            ]

    def enter(self, reached):
        with self.lock:
            self.ledger.append(reached)
            if self.fault and reached.fault is None:
                reached.fault = self.fault(reached)

    def act(self, reached):
        """Does what was asked for and returns the answer to it."""
        reply = self.answer(reached)
        reached.acted = reply.status < 300
        reached.status = reply.status
        self.has_answered(reached, reply)
        return reply

    def _handler(standin):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1
            timeout = 120

            def setup(self):
                super().setup()
                with standin.lock:
                    self.connection_number = standin._connections
                    standin._connections += 1
                    standin._idle.add(self.connection)
                self.served = 0

            def handle(self):
                if standin.weather and not standin.weather.lets_in(self):
                    return
                try:
                    super().handle()
                except OSError:
                    pass  # the peer, or a fault, ended the connection
                finally:
                    with standin.lock:
                        standin._idle.discard(self.connection)

            def _serve(self):
                with standin.lock:
                    standin._idle.discard(self.connection)
                parts = urlsplit(self.path)
                reached = Reached(
                    method=self.command,
                    path=parts.path,
                    query=parse_qsl(parts.query, keep_blank_values=True),
                    headers=list(self.headers.items()),
                    body=b"",
                    connection=self.connection_number,
                    nth=self.served,
                )
                self.served += 1
                fault = standin.weather.fault_for(reached) if standin.weather else None
                if fault is not None:
                    self.close_connection = True
                    fault.play(Exchange(standin, self, reached))
                else:
                    self._serve_well(Exchange(standin, self, reached))
                if not self.close_connection:
                    with standin.lock:
                        standin._idle.add(self.connection)

            def _serve_well(self, exchange):
                exchange.read()
                if exchange.reached.fault == VANISH:
                    self.close_connection = True
                else:
                    exchange.send(exchange.act())

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

            def log_message(self, *arguments):
                pass

        return Handler


class Exchange:
    """One request and what a stand-in, or a fault, can do about it."""

    def __init__(self, standin, handler, reached):
        self.standin = standin
        self.reached = reached
        self._handler = handler
        self._read = False
        self._length = int(handler.headers.get("Content-Length") or 0)

    def read(self, share=1.0):
        """Reads the body, or a part of it, and enters the request into the ledger."""
        if self._read:
            return
        self._read = True
        size = self._length if share == 1 else max(1, int(self._length * share))
        self.reached.body = self._handler.rfile.read(size)
        self.reached.complete = len(self.reached.body) == self._length
        if (self.reached.header("Content-Type") or "").startswith("application/x-www-form-urlencoded"):
            self.reached.form = parse_qsl(self.reached.body.decode("utf-8", "replace"), keep_blank_values=True)
        self.standin.enter(self.reached)

    def act(self):
        return self.standin.act(self.reached)

    def send(self, reply, *, content=None, cut_to=None):
        """Sends an answer; `cut_to` sends no more than so many bytes of its body."""
        handler = self._handler
        if content is None:
            content = b"" if reply.document is None else json.dumps(reply.document).encode()
        self.reached.status = reply.status
        handler.send_response_only(reply.status)
        names = {name.lower() for name, _ in reply.headers}
        if "date" not in names:
            handler.send_header("Date", handler.date_time_string(time.time() + self.standin.clock_offset))
        if reply.document is not None and "content-type" not in names:
            handler.send_header("Content-Type", "application/json")
        if reply.status != 204 and "transfer-encoding" not in names:
            handler.send_header("Content-Length", str(len(content)))
        for name, value in reply.headers:
            handler.send_header(name, value)
        handler.end_headers()
        self.write(content if cut_to is None else content[:cut_to])

    def write(self, data):
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def keep_connection(self):
        self._handler.close_connection = False

    def reset(self):
        """Ends the connection with RST instead of FIN."""
        handler = self._handler
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.rfile.close()
        handler.connection.close()
