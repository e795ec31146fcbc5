#!/usr/bin/env bash
# max_retries=3 of Twilio's Python library: the asynchronous client repeats "place a call", the other never does.
#
# Guess:    the option means one thing: what is safe is repeated up to three more times (GETs, perhaps at 429 and
#           503 with respect for Retry-After), and a POST that places a call goes out once in both clients.
# Happens:  the two clients hand the number to libraries that disagree on everything.
#           Asynchronous (aiohttp-retry): every method is repeated at any 5xx, POST too, after 0.2, 0.4… s whatever
#           Retry-After says; at 429 nothing is; 3 is the number of tries in all.
#           Synchronous (urllib3): no POST is repeated; a GET is only if Retry-After came with the 429 or 503, and
#           then after exactly that time, which the client's timeout (1 s here) does not bound; 3 is the number of
#           repeats.
# Matters:  Twilio has no key that makes placing a call idempotent: a 500 after the call was accepted becomes up to
#           three calls to one person as soon as a program moves to the asynchronous client.
# Version:  twilio 9.13.0 with requests 2.34.2, urllib3 2.8.0, aiohttp 3.14.5, aiohttp-retry 2.9.1.
# Output seen:
#   500: place a call: sync 1, async 3 POSTs; read a call: sync 1, async 3 GETs
#   503 and Retry-After 2: place a call: sync 1, async 3 POSTs; read a call: sync 4, async 3 GETs
#   429 and Retry-After 2: place a call: sync 1, async 1 POSTs; read a call: sync 4, async 1 GETs
#   503 and Retry-After 2: read a call: sync waited at least 6 s, async less than 2 s
# Needs:    the openssl command, for a certificate that lives as long as this script.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check \
    twilio==9.13.0 requests==2.34.2 urllib3==2.8.0 aiohttp==3.14.5 aiohttp-retry==2.9.1
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$dir/key.pem" -out "$dir/cert.pem" 2> /dev/null

cat > "$dir/run.py" <<'PYTHON'
import asyncio
import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

folder = sys.argv[1]


class Refusal(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.methods.append(self.command)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"code": 20000, "message": "refused", "status": self.server.status}).encode()
        self.send_response(self.server.status)
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Refusal)
server.daemon_threads = True
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/cert.pem", folder + "/key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()


def local(url):
    return url.replace("https://api.twilio.com", "https://127.0.0.1:%d" % server.server_port)


class Sync(TwilioHttpClient):
    def request(self, method, url, *arguments, **options):
        return super().request(method, local(url), *arguments, **options)


class Async(AsyncTwilioHttpClient):
    async def request(self, method, url, *arguments, **options):
        return await super().request(method, local(url), *arguments, **options)


ACCOUNT = "AC" + "0" * 32
CALL = "CA" + "0" * 32
ORDER = {"to": "+15005550006", "from_": "+15005550006", "twiml": "<Response/>"}


def sync_place():
    Client(ACCOUNT, "token", http_client=Sync(max_retries=3, timeout=1)).calls.create(**ORDER)


def sync_read():
    Client(ACCOUNT, "token", http_client=Sync(max_retries=3, timeout=1)).calls(CALL).fetch()


def async_place():
    async def run():
        async with Async(max_retries=3) as http:
            await Client(ACCOUNT, "token", http_client=http).calls.create_async(**ORDER)
    asyncio.run(run())


def async_read():
    async def run():
        async with Async(max_retries=3) as http:
            await Client(ACCOUNT, "token", http_client=http).calls(CALL).fetch_async()
    asyncio.run(run())


def count(action, status, retry_after):
    server.status, server.retry_after, server.methods = status, retry_after, []
    started = time.monotonic()
    try:
        action()
        sys.exit("the refusal was taken for a success")
    except TwilioRestException as refusal:
        assert refusal.status == status, refusal
    return len(server.methods), time.monotonic() - started


for status, retry_after in ((500, None), (503, "2"), (429, "2")):
    places = [count(action, status, retry_after) for action in (sync_place, async_place)]
    reads = [count(action, status, retry_after) for action in (sync_read, async_read)]
    print("%d%s: place a call: sync %d, async %d POSTs; read a call: sync %d, async %d GETs" % (
        status, " and Retry-After " + retry_after if retry_after else "",
        places[0][0], places[1][0], reads[0][0], reads[1][0]))
    if status == 503:
        waited = reads[0][1], reads[1][1]
print("503 and Retry-After 2: read a call: sync waited %s 6 s, async %s 2 s" % (
    "at least" if waited[0] >= 6 else "less than", "less than" if waited[1] < 2 else "at least"))
PYTHON

cat > "$dir/expected" <<'EXPECTED'
500: place a call: sync 1, async 3 POSTs; read a call: sync 1, async 3 GETs
503 and Retry-After 2: place a call: sync 1, async 3 POSTs; read a call: sync 4, async 3 GETs
429 and Retry-After 2: place a call: sync 1, async 1 POSTs; read a call: sync 4, async 1 GETs
503 and Retry-After 2: read a call: sync waited at least 6 s, async less than 2 s
EXPECTED

env -u HTTPS_PROXY -u https_proxy -u ALL_PROXY -u all_proxy \
    REQUESTS_CA_BUNDLE="$dir/cert.pem" SSL_CERT_FILE="$dir/cert.pem" \
    "$dir/venv/bin/python" "$dir/run.py" "$dir" > "$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" || { echo "CHANGED: max_retries does otherwise (see the lines above)"; exit 1; }
