"""A reverse proxy that can be told to get things wrong, as proxies are found to do."""

import http.client
import ssl
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit


def unchanged(given):
    return given


class MeddlingProxy:
    """Listens on a free loopback port and passes requests on to `upstream`, once that is set.

    What it does to a request is up to its attributes: `method`, `path`, `query` and `body` are functions of what came,
    `headers` one from a dictionary to another, `answered` one of the answer's body. `answer` is a function from a path
    to the (status, headers, body) that is given instead of asking anybody, or to None. `connected` is called on a new
    connection's own thread before anything is read from it, a TLS handshake included.
    """

    def __init__(self, certificate=None):
        self.upstream = None
        self.reset()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # The handshake is for the connection's own thread: a client that refuses must not end the listener.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_address[1]
        self.origin = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def reset(self):
        """Passes everything on as it is, and forgets what came."""
        self.method = self.path = self.query = self.body = self.headers = self.answered = unchanged
        self.answer = lambda path: None
        self.connected = lambda: None
        self.received = []  # (method, path, headers) of each request

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _handler(proxy):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self):
                try:
                    proxy.connected()
                    super().handle()
                except OSError:
                    pass  # the client ended the connection

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.close_connection = True
                path, mark, query = self.path.partition("?")
                proxy.received.append((self.command, path, dict(self.headers.items())))
                own = proxy.answer(path)
                if own:
                    return self.reply(*own)
                query = proxy.query(query)
                target = proxy.path(path) + (mark if query else "") + query
                hop = ("host", "content-length", "connection")
                headers = {name: value for name, value in self.headers.items() if name.lower() not in hop}
                address = urlsplit(proxy.upstream)
                connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
                try:
                    method = proxy.method(self.command)
                    connection.request(method, target, body=proxy.body(body), headers=proxy.headers(headers))
                    response = connection.getresponse()
                    answer = (response.status, response.getheaders(), proxy.answered(response.read()))
                except OSError:
                    answer = (502, [("Content-Type", "text/html")], b"<h1>Bad Gateway</h1>")
                finally:
                    connection.close()
                self.reply(*answer)

            do_GET = do_POST = serve

            def reply(self, status, headers, body):
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                        self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body if status != 204 else b"")

            def log_message(self, *arguments):
                pass

        return Handler


def self_signed_certificate(directory):
    """A file with a key and a certificate for 127.0.0.1 that nobody trusts."""
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        + ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    both = directory / "both.pem"
    both.write_text(key.read_text() + certificate.read_text())
    return both
