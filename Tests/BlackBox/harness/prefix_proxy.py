"""A proxy that serves the gateway under a path of its own, and has events to tell."""

import http.client
import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# As an operation with server-sent events is described.
STREAM = {
    "operationId": "stream_events",
    "tags": ["calls"],
    "summary": "Follow all calls",
    "description": "Events as they happen.",
    "parameters": [],
    "responses": {"200": {"description": "The events.", "content": {"text/event-stream": {}}}},
}
SINGLE = {"connection", "transfer-encoding", "content-length"}


class PrefixProxy:
    """`prefix` is stripped on the way to the gateway. `GET /events` is the proxy's own: `tell` sends on it."""

    def __init__(self, gateway_origin, prefix):
        self.prefix = prefix
        self.keys = []  # X-API-Key of each request for events
        self._told = queue.Queue()
        self.left = threading.Event()  # a reader of events has gone
        proxy, upstream = self, urlsplit(gateway_origin)

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

            def pass_on(self):
                if not self.path.startswith(prefix + "/"):
                    return self.send_error(404)
                target = self.path.removeprefix(prefix)
                if target == "/events":
                    return self.stream()
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                connection = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=30)
                connection.request(self.command, target, body or None, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                if target == "/openapi.json" and answer.status == 200:
                    document = json.loads(content)
                    document["paths"]["/events"] = {"get": STREAM}
                    content = json.dumps(document).encode()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in SINGLE:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def stream(self):
                proxy.keys.append(self.headers.get("X-API-Key"))
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                try:
                    while True:
                        self.wfile.write(proxy._told.get())
                        self.wfile.flush()
                except OSError:
                    proxy.left.set()

            do_GET = do_POST = do_PUT = do_DELETE = pass_on

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def tell(self, text):
        self._told.put(text.encode())

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
