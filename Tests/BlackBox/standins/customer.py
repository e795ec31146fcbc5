"""Whoever gives Twilio a `Url`: serves TwiML and keeps the callbacks that arrive."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from types import SimpleNamespace
from urllib.parse import parse_qsl

HANG_UP_LATER = '<?xml version="1.0" encoding="UTF-8"?><Response><Pause length="60"/><Hangup/></Response>'


class Customer:
    """Answers every path with the same TwiML and records (target, form, signature) of every request."""

    def __init__(self, twiml=HANG_UP_LATER):
        self.received = []
        self.lock = RLock()
        customer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                with customer.lock:
                    customer.received.append(
                        SimpleNamespace(
                            target=self.path,
                            form=dict(parse_qsl(body, keep_blank_values=True)),
                            signature=self.headers.get("X-Twilio-Signature") or "",
                        )
                    )
                content = twiml.encode()
                self.send_response_only(200)
                self.send_header("Content-Type", "text/xml; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                self.wfile.flush()

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def callbacks(self, call_sid):
        with self.lock:
            return [request for request in self.received if request.form.get("CallSid") == call_sid]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
