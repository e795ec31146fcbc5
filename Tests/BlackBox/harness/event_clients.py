"""Programs and libraries that others read server-sent events with, each as one that reads in a thread until it is closed."""

import contextlib
import json
import socket
import subprocess
import threading
import time

import httpx
import sseclient
import urllib3
from httpx_sse import connect_sse

from .waiting import eventually


class Client:
    """Reads the events of `target`; `path` is a Unix socket in place of the origin's address."""

    def __init__(self, origin, target, key, *, path=None, last_event_id=None):
        self.url, self.target, self.path = f"{origin}{target}", target, path
        self.headers = {"X-API-Key": key}
        if last_event_id is not None:
            self.headers["Last-Event-ID"] = last_event_id
        # (when it came, type, id, data)
        self.events, self.failure, self._closing = [], None, False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            self.read()
        except Exception as failure:  # noqa: BLE001, each library has its own way to say that a stream was closed
            if not self._closing:
                self.failure = failure

    def take(self, kind, id, data):
        self.events.append((time.monotonic(), kind, id, json.loads(data)))

    def until(self, kind, within=20.0):
        """Waits until an event of that type is there."""

        def look():
            assert self.failure is None, repr(self.failure)
            return kind in self.types()

        eventually(look, within=within, what=lambda: f"{kind} beside {self.types()}")

    def types(self):
        return [kind for _, kind, _, _ in self.events]

    def ids(self):
        return [id for _, _, id, _ in self.events]

    def close(self):
        self._closing = True
        with contextlib.suppress(OSError):
            self.stop()
        self._thread.join(10)


class Curl(Client):
    """`curl -N`; its lines are put together as the standard says."""

    def read(self):
        command = ["curl", "-N", "--silent", "--show-error", "--fail", self.url]
        for name, value in self.headers.items():
            command += ["-H", f"{name}: {value}"]
        if self.path:
            command += ["--unix-socket", self.path]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        fields = {}
        for line in self.process.stdout:
            line = line.rstrip("\n")
            if not line and "data" in fields:
                self.take(fields.get("event", "message"), fields.get("id"), fields["data"])
            if not line:
                fields = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
        if self.process.wait() and not self._closing:
            raise AssertionError(f"curl ended with {self.process.returncode}")

    def stop(self):
        self.process.terminate()


class HTTPXSSE(Client):
    def read(self):
        transport = httpx.HTTPTransport(uds=self.path)
        self.client = httpx.Client(transport=transport, headers=self.headers, timeout=30)
        with connect_sse(self.client, "GET", self.url) as source:
            self.stream = source.response.extensions["network_stream"]
            for event in source.iter_sse():
                self.take(event.event, event.id, event.data)

    def stop(self):
        self.stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


class SSEClientPy(Client):
    """sseclient-py over urllib3, as its own documentation shows."""

    def read(self):
        pool = urllib3.connection_from_url(self.url, timeout=30, retries=False)
        pool.ConnectionCls = self.connection_class()
        response = pool.request("GET", self.target, headers=self.headers, preload_content=False)
        assert response.status == 200, response.status
        for event in sseclient.SSEClient(response).events():
            self.take(event.event, event.id, event.data)

    def connection_class(self):
        client = self

        class Connection(urllib3.connection.HTTPConnection):
            def _new_conn(self):
                if client.path is None:
                    client.socket = super()._new_conn()
                else:
                    client.socket = socket.socket(socket.AF_UNIX)
                    client.socket.settimeout(30)
                    client.socket.connect(client.path)
                return client.socket

        return Connection

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)


CLIENTS = {"curl": Curl, "httpx-sse": HTTPXSSE, "sseclient-py": SSEClientPy}
