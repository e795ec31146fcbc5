#!/usr/bin/env bash
# HAProxy and Apache answer 502 only to the first request of a client's connection; a later one gets no answer.
#
# Guess:    when the server behind a proxy reads a POST and closes without an answer, the proxy answers 502,
#           whichever request of the client's connection it was, and logs it.
# Happens:  that holds for the first request of a connection. To a later one on the same kept-alive connection
#           both proxies send nothing and close, in the hope that the client repeats it, also when it is a POST.
#           HAProxy leaves no line in its log at all for it; Apache logs a 502 with 0 bytes that was never sent.
#           It does not help to give the server a new connection for every request (http-server-close is set here).
#           HAProxy's 503 and 504 (server down, server too slow) are sent and logged for every request.
# Matters:  a vendor's webhooks come on kept-alive connections. Those that are lost in this way look to the vendor
#           like a network failure, and neither the proxy's log (HAProxy) nor its count of answers shows them.
# Version:  Debian 12's haproxy 2.6.12-1+deb12u4 and apache2-bin 2.4.71-1~deb12u1 (mod_proxy_http).
# Output seen:
#   haproxy, first request: client sees 502, log says 502
#   haproxy, second request: client sees no answer, log says nothing
#   haproxy, second request, too slow: client sees 504, log says 504
#   apache, first request: client sees 502, log says 502
#   apache, second request: client sees no answer, log says 502 with 0 bytes
# Needs:    Debian 12 with its package lists (apt-get update); nothing is installed outside the temp folder.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fetch() { # NAME VERSION: unpacks that version, or with a remark the one that Debian has now
    apt-get download -qq -o APT::Sandbox::User=root "$1=$2" 2>"$dir/apt" && return
    apt-get download -qq -o APT::Sandbox::User=root "$1" || { cat "$dir/apt"; echo "no package $1: run apt-get update"; exit 1; }
    echo "$1 $2 is gone from Debian: a newer one is tried" >&2
}
mkdir "$dir/packages" "$dir/root"
cd "$dir/packages"
fetch haproxy 2.6.12-1+deb12u4
fetch apache2-bin 2.4.71-1~deb12u1
for library in liblua5.3-0 libopentracing1 libopentracing-c-wrapper0 libapr1 libaprutil1; do
    apt-get download -qq -o APT::Sandbox::User=root "$library"
done
for package in *.deb; do dpkg-deb -x "$package" "$dir/root"; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir/root" -name 'libapr-1.so.0')")
export LD_LIBRARY_PATH

cat > "$dir/run.py" <<'PYTHON'
import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time

folder = sys.argv[1]


class Server:
    """Answers /well; answers /slow after the proxy's patience; reads any other POST and closes without an answer."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            self.answer(connection)
        except OSError:
            pass  # the proxy gave up first

    def answer(self, connection):
        with connection, connection.makefile("rb") as stream:
            while request := stream.readline():
                length = 0
                while (line := stream.readline().strip().lower()):
                    if line.startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                stream.read(length)
                if b"/slow" in request:
                    time.sleep(4)
                elif b"/well" in request:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                else:
                    return


HAPROXY = """
global
    log stdout format raw local0
defaults
    mode http
    log global
    option httplog
    option http-server-close
    timeout connect 5s
    timeout client 20s
    timeout server 2s
listen proxy
    bind 127.0.0.1:{port}
    server one 127.0.0.1:{server}
"""
APACHE = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
Mutex file:{folder} default
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
Listen 127.0.0.1:{port}
ErrorLog {folder}/apache.errors
LogFormat "\\"%r\\" %>s %B" short
CustomLog {folder}/apache.log short
KeepAliveTimeout 20
ProxyPass / http://127.0.0.1:{server}/
"""


def start(name, server):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    config, log = "%s/%s.conf" % (folder, name), "%s/%s.log" % (folder, name)
    template = HAPROXY if name == "haproxy" else APACHE
    with open(config, "w") as file:
        file.write(template.format(port=port, server=server.port, folder=folder,
                                   modules=folder + "/root/usr/lib/apache2/modules"))
    open(log, "w").close()
    if name == "haproxy":
        arguments = [folder + "/root/usr/sbin/haproxy", "-f", config, "-db"]
    else:
        arguments = [folder + "/root/usr/sbin/apache2", "-f", config, "-DFOREGROUND"]
    output = open(log if name == "haproxy" else os.devnull, "w")
    process = subprocess.Popen(arguments, stdout=output, stderr=subprocess.STDOUT)
    for _ in range(200):
        if process.poll() is not None:
            sys.exit("%s did not start: %s" % (name, open(log).read()))
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port, log
        except OSError:
            time.sleep(0.05)
    sys.exit(name + " does not listen")


def post(connection, path):
    try:
        connection.request("POST", path, "order")
        response = connection.getresponse()
        response.read()
        return str(response.status)
    except http.client.RemoteDisconnected:
        return "no answer"


def logged(log, name, path):
    pattern = r'(\d{3}) (\d+) - - .*"POST %s ' if name == "haproxy" else r'"POST %s .*" (\d{3}) (\d+)'
    found = re.search(pattern % path, open(log).read())
    if not found:
        return "nothing"
    return found[1] + (" with 0 bytes" if found[2] == "0" else "")


def run(name):
    server = Server()
    process, port, log = start(name, server)
    try:
        def visit(*paths):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            outcomes = [post(connection, path) for path in paths]
            connection.close()
            return outcomes[-1]

        seen = [("first request", "/a", visit("/a")), ("second request", "/b", visit("/well", "/b"))]
        if name == "haproxy":
            seen.append(("second request, too slow", "/slow", visit("/well", "/slow")))
        visit("/well-last")
        for _ in range(200):
            if logged(log, name, "/well-last") != "nothing":
                break
            time.sleep(0.05)
        else:
            sys.exit(name + " writes no log")
        for label, path, outcome in seen:
            print("%s, %s: client sees %s, log says %s" % (name, label, outcome, logged(log, name, path)))
    finally:
        process.terminate()
        process.wait()


run("haproxy")
run("apache")
PYTHON

cat > "$dir/expected" <<'EXPECTED'
haproxy, first request: client sees 502, log says 502
haproxy, second request: client sees no answer, log says nothing
haproxy, second request, too slow: client sees 504, log says 504
apache, first request: client sees 502, log says 502
apache, second request: client sees no answer, log says 502 with 0 bytes
EXPECTED

"$dir/root/usr/sbin/haproxy" -v | sed -n 1p >&2
"$dir/root/usr/sbin/apache2" -v | sed -n 1p >&2
python3 "$dir/run.py" "$dir" > "$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" || { echo "CHANGED: a proxy treats a POST without an answer otherwise (see the lines above)"; exit 1; }
