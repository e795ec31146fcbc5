"""Debian's nginx and haproxy as reverse proxies in front of an origin, on a Unix socket, with kept connections to it."""

import os
import shutil
import subprocess
import tempfile
import threading
from urllib.parse import urlsplit

from .raw import converse
from .waiting import eventually

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"

NGINX = """
daemon off;
master_process off;
pid {directory}/pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    log_format line "line|$status|$upstream_status|$upstream_bytes_sent|$upstream_bytes_received";
    access_log {directory}/access line;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    client_max_body_size 0;
    large_client_header_buffers 8 64k;
    ignore_invalid_headers off;
    underscores_in_headers on;
    merge_slashes off;
    upstream gateway {{
        server {origin};
        keepalive 1;
    }}
    server {{
        listen unix:{socket};
        location / {{
            proxy_pass http://gateway;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Connection "";
            proxy_request_buffering {buffering};
            proxy_next_upstream off;
            proxy_connect_timeout 5s;
            proxy_read_timeout 20s;
        }}
    }}
}}
"""

HAPROXY = """
global
    log stdout format raw daemon
    maxconn 256
    nbthread 1
defaults
    mode http
    log global
    option http-keep-alive
    {laxity}
    timeout client 20s
    timeout server 20s
    timeout connect 5s
    timeout http-request 10s
    retries 0
frontend front
    bind unix@{socket}
    log-format "line|%ST|%s|%U|%B|%ts"
    default_backend gateway
backend gateway
    http-reuse always
    {lax_backend}
    server gateway {origin} pool-max-conn 1
"""


class Proxy:
    """A proxy as a child process. `address` is where it listens, `forwarded` how much it says to have passed on."""

    def __init__(self, origin):
        self.directory = tempfile.mkdtemp(prefix="proxy-")
        self.address = os.path.join(self.directory, "s")
        self.output = []
        configuration = os.path.join(self.directory, "configuration")
        with open(configuration, "w") as file:
            file.write(self.configuration(urlsplit(origin).netloc))
        self._process = subprocess.Popen(
            self.command(configuration), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        eventually(self._is_listening, within=20, what=f"a listening {self.program}")
        eventually(self.lines, what=f"a line of {self.program}'s log")

    @classmethod
    def executable(cls):
        return shutil.which(cls.program, path=PATH)

    def _read(self):
        for line in self._process.stdout:
            self.output.append(line.decode("utf-8", "replace").rstrip("\n"))

    def _is_listening(self):
        assert self._process.poll() is None, f"{self.program} ended:\n" + "\n".join(self.output)
        try:
            return converse(self.address, "GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").answers
        except OSError:
            return False

    def lines(self):
        """The fields of the log's lines: one for each message that the proxy took for one."""
        return [line.split("|") for line in self.log() if line.startswith("line|")]

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._reader.join(5)
        shutil.rmtree(self.directory, ignore_errors=True)


class Nginx(Proxy):
    program = "nginx"
    buffering = "on"

    def configuration(self, origin):
        return NGINX.format(directory=self.directory, socket=self.address, origin=origin, buffering=self.buffering)

    def command(self, configuration):
        return [self.executable(), "-p", self.directory, "-e", "stderr", "-c", configuration]

    def log(self):
        with open(os.path.join(self.directory, "access")) as file:
            return file.read().splitlines()

    def forwarded(self):
        # What nginx itself refused half-way through its body was never a message.
        return sum(status.isdigit() for _, _, status, _, _ in self.lines())


class NginxStreaming(Nginx):
    """Passes bodies on as they come, with the client's own framing."""

    buffering = "off"


class Haproxy(Proxy):
    program = "haproxy"
    laxity = lax_backend = ""

    def configuration(self, origin):
        return HAPROXY.format(
            socket=self.address, origin=origin, laxity=self.laxity, lax_backend=self.lax_backend
        )

    def command(self, configuration):
        return [self.executable(), "-db", "-f", configuration]

    def log(self):
        return list(self.output)

    def forwarded(self):
        # `PH`: haproxy itself refused it half-way through its body, before there was an answer.
        return sum(server != "<NOSRV>" and end != "PH" for _, _, server, _, _, end in self.lines())


class LaxHaproxy(Haproxy):
    """Lets through what it would refuse by itself."""

    laxity = "option accept-invalid-http-request"


PROXIES = {"nginx": Nginx, "nginx, streaming": NginxStreaming, "haproxy": Haproxy, "lax haproxy": LaxHaproxy}
