#!/usr/bin/env bash
# libcurl, told nothing about retries, sends a POST a second time by itself.
#
# Guess:    libcurl repeats a request only when the caller asks for it; if the server reads a POST and closes
#           the connection without an answer, the caller gets error 52 and the server has seen one POST.
# Happens:  so it is on a new connection. On a connection that libcurl has used before, it takes the silent close
#           for a stale connection, opens another one and sends the whole POST again, whatever the method, and
#           without a trace in the result: error 52 and status 200 may each stand for two POSTs. A connection made
#           for this one request (FRESH_CONNECT) keeps the POST single.
# Matters:  a vendor that accepts "place this call" and dies before answering is asked twice.
# Version:  libcurl 8.23.0 (in the wheel of pycurl 7.49.0). Debian 12's curl 7.88.1 does the same; the curl
#           command of the machine, where there is one, is run too.
# Output seen:
#   new connection: 1 POST, error 52
#   reused connection: 2 POSTs, error 52
#   reused connection, second POST answered: 2 POSTs, status 200
#   reused connection, fresh one asked for: 1 POST, error 52
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check pycurl==7.49.0

cat > "$dir/run.py" <<'PYTHON'
import io
import shutil
import socket
import subprocess
import sys
import threading

import pycurl


class Server:
    """Answers POSTs whose body is "warm-up"; reads an order whole and closes without an answer, save the given one."""

    def __init__(self, answered=None):
        self.orders, self.answered = 0, answered
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d/" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            while stream.readline():
                length = 0
                while (line := stream.readline().strip().lower()):
                    if line.startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                if stream.read(length) != b"warm-up":
                    self.orders += 1
                    if self.orders != self.answered:
                        return
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def library(bodies, fresh=False, answered=None):
    server, handle = Server(answered), pycurl.Curl()
    handle.setopt(pycurl.URL, server.url)
    handle.setopt(pycurl.PROXY, "")
    handle.setopt(pycurl.WRITEDATA, io.BytesIO())
    for body in bodies:
        handle.setopt(pycurl.POSTFIELDS, body)
        handle.setopt(pycurl.FRESH_CONNECT, fresh and body == "order")
        try:
            handle.perform()
            outcome = "status %d" % handle.getinfo(pycurl.RESPONSE_CODE)
        except pycurl.error as failure:
            outcome = "error %d" % failure.args[0]
    return server.orders, outcome


def command(bodies):
    server, arguments = Server(), []
    for body in bodies:
        arguments += ["--next"] * bool(arguments) + ["-q"] * (not arguments)
        arguments += ["--silent", "--noproxy", "*", "--data", body, server.url]
    error = subprocess.run(["curl", *arguments], stdout=subprocess.DEVNULL).returncode
    return server.orders, error


def line(label, orders, outcome):
    print("%s: %d POST%s, %s" % (label, orders, "s" * (orders != 1), outcome))


line("new connection", *library(["order"]))
line("reused connection", *library(["warm-up", "order"]))
line("reused connection, second POST answered", *library(["warm-up", "order"], answered=2))
line("reused connection, fresh one asked for", *library(["warm-up", "order"], fresh=True))

print(pycurl.version.split()[1], file=sys.stderr)
if shutil.which("curl"):
    orders, error = command(["warm-up", "order"])
    name = subprocess.run(["curl", "--version"], capture_output=True, text=True).stdout.split(" (")[0]
    print("%s: %d POSTs, error %d" % (name, orders, error), file=sys.stderr)
    if (orders, error) != (2, 52):
        sys.exit("CHANGED: %s no longer sends the POST twice" % name)
PYTHON

cat > "$dir/expected" <<'EXPECTED'
new connection: 1 POST, error 52
reused connection: 2 POSTs, error 52
reused connection, second POST answered: 2 POSTs, status 200
reused connection, fresh one asked for: 1 POST, error 52
EXPECTED

"$dir/venv/bin/python" "$dir/run.py" > "$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" || { echo "CHANGED: libcurl treats a POST on a reused connection otherwise (see the lines above)"; exit 1; }
