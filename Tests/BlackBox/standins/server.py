"""A real HTTP/1.1 server with keep-alive on a free loopback port, and a ledger of what reached it."""

import json
import threading
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
    fault: str | None = None
    status: int | None = None
    form: list = field(default_factory=list)

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

    `fault` may be set to a function from `Reached` to VANISH or None: it decides before the stand-in acts.
    """

    def __init__(self):
        self.ledger = []
        self.lock = threading.RLock()
        self.fault = None
        self._connections = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(), bind_and_activate=False)
        self._server.daemon_threads = True
        self._server.request_queue_size = 256
        self._server.server_bind()
        self._server.server_activate()
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def answer(self, reached):
        raise NotImplementedError

    def requests(self, method=None, path_end=None):
        """The ledger's entries so far, narrowed by method and by the end of the path."""
        with self.lock:
            return [
                entry
                for entry in self.ledger
                if (method is None or entry.method == method) and (path_end is None or entry.path.endswith(path_end))
            ]

    def _enter(self, reached):
        with self.lock:
            self.ledger.append(reached)
            reached.fault = self.fault(reached) if self.fault else None

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
                self.served = 0

            def _serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                reached = Reached(
                    method=self.command,
                    path=parts.path,
                    query=parse_qsl(parts.query, keep_blank_values=True),
                    headers=list(self.headers.items()),
                    body=body,
                    connection=self.connection_number,
                    nth=self.served,
                )
                if (self.headers.get("Content-Type") or "").startswith("application/x-www-form-urlencoded"):
                    reached.form = parse_qsl(body.decode("utf-8"), keep_blank_values=True)
                self.served += 1
                standin._enter(reached)
                if reached.fault == VANISH:
                    self.close_connection = True
                    return
                reply = standin.answer(reached)
                reached.status = reply.status
                content = b"" if reply.document is None else json.dumps(reply.document).encode()
                self.send_response_only(reply.status)
                if reply.document is not None:
                    self.send_header("Content-Type", "application/json")
                if reply.status != 204:
                    self.send_header("Content-Length", str(len(content)))
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
                self.wfile.flush()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

            def log_message(self, *arguments):
                pass

        return Handler
