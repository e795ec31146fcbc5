"""A reverse proxy that can be told to get things wrong, as proxies are found to do."""

import http.client
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit


class MeddlingProxy:
    """Listens on a free loopback port and passes requests on to `upstream`, once that is set.

    What it does to a request is up to its attributes: `path`, `query` and `body` are functions of what came, `drop` names
    headers that do not get through, `answer` is a (status, headers, body) given instead of asking anybody.
    """

    def __init__(self):
        self.upstream = None
        self.reset()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.close_connection = True
                if proxy.answer:
                    return self.reply(*proxy.answer)
                path, mark, query = self.path.partition("?")
                target = proxy.path(path) + mark + proxy.query(query)
                body = proxy.body(body)
                headers = {
                    name: value
                    for name, value in self.headers.items()
                    if name.lower() not in ("host", "content-length", "connection", *proxy.drop)
                }
                address = urlsplit(proxy.upstream)
                connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
                try:
                    connection.request(self.command, target, body=body, headers=headers)
                    response = connection.getresponse()
                    self.reply(response.status, proxy.changed(response.getheaders()), proxy.answered(response.read()))
                except OSError:
                    self.reply(502, [("Content-Type", "text/html")], b"<h1>Bad Gateway</h1>")
                finally:
                    connection.close()

            do_GET = do_POST = handle_any

            def reply(self, status, headers, body):
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def reset(self):
        """Passes everything on as it is."""
        self.path = self.query = self.body = self.answered = self.changed = lambda given: given
        self.drop = ()
        self.answer = None

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
