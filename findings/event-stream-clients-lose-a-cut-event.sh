#!/usr/bin/env bash
# Three clients read one event stream three ways: a connection cut inside an event loses, halves or doubles it.
#
# Guess:    the format is a page long and has a specification (WHATWG HTML), so clients differ in comfort only: an
#           event without its empty line is thrown away, the resumed request names the last whole event in
#           Last-Event-ID, a comment (heartbeat) is nothing, and lines end in LF, CRLF or CR.
# Happens:  no client of the three does all of it.
#           sseclient-py hands out the cut event as a whole one, with its id: data "in-" for "in-progress"; who
#           resumes after that id never gets the rest.
#           aiohttp-sse-client resumes by itself and from the right id, but keeps the half it had read: the event
#           that the server sends again arrives as "in-" and "in-progress" in one. A stream with CR line ends is
#           silence to it: no event, no error.
#           httpx-sse drops the cut event, but after the first event that had an id every heartbeat is an event
#           too, with that id and empty data; before it, none is.
#           The cut is a close, with which a body without a length ends; in a chunked body httpx and aiohttp raise
#           for the missing last chunk, and urllib, under sseclient-py, still takes it for the end.
# Matters:  a reader that follows a log by ids and resumes loses or garbles the event that each such cut falls into,
#           without an error if its data is not JSON; behind httpx-sse, one that parses data as JSON fails at the
#           first heartbeat after an id. A test that sends whole events over one connection sees none of this.
# Version:  sseclient-py 1.9.0, aiohttp-sse-client 0.2.1 with aiohttp 3.14.5, httpx-sse 0.4.3 with httpx 0.28.1.
# Output seen:
#   sseclient-py, cut: (1) ringing (2) in-
#   aiohttp-sse-client, cut: (1) ringing (2) in-\nin-progress; resumed after 1
#   httpx-sse, cut: (1) ringing
#   sseclient-py, cut in chunks: (1) ringing (2) in-
#   aiohttp-sse-client, cut in chunks: raises ClientPayloadError
#   httpx-sse, cut in chunks: raises RemoteProtocolError
#   sseclient-py, heartbeats: (1) ringing (2) busy
#   aiohttp-sse-client, heartbeats: (1) ringing (2) busy
#   httpx-sse, heartbeats: (1) ringing (1)  (2) busy
#   sseclient-py, CR line ends: (1) ringing (2) busy
#   aiohttp-sse-client, CR line ends: nothing
#   httpx-sse, CR line ends: (1) ringing (2) busy
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check \
    sseclient-py==1.9.0 aiohttp-sse-client==0.2.1 aiohttp==3.14.5 httpx-sse==0.4.3 httpx==0.28.1

cat > "$dir/run.py" <<'PYTHON'
import asyncio
import logging
import re
import socket
import threading
import urllib.request
from datetime import timedelta

import aiohttp
import httpx
import httpx_sse
import sseclient
from aiohttp_sse_client.client import EventSource

logging.getLogger("aiohttp_sse_client").setLevel(logging.CRITICAL)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
END = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"  # tells an event source to stop


class Server:
    """Sends one part of the stream on each connection and closes it; answers 204 when no part is left.

    In chunks, each part is one chunk, without the last chunk that would end the body.
    """

    def __init__(self, parts, in_chunks):
        if in_chunks:
            self.answers = [HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(part), part) for part in parts]
        else:
            self.answers = [HEAD + b"\r\n" + part for part in parts]
        self.answers.append(END)
        self.resumed_after = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d/" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        for answer in self.answers:
            connection, _ = self.listener.accept()
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(4096)
                self.resumed_after += re.findall(rb"(?i)last-event-id: *(.*)\r", head)
                connection.sendall(answer)


def read_sseclient(url):
    return [(event.id, event.data) for event in sseclient.SSEClient(urllib.request.urlopen(url)).events()]


def read_aiohttp(url):
    async def run():
        events = []
        try:
            async with EventSource(url, reconnection_time=timedelta(milliseconds=50)) as source:
                async for event in source:
                    events.append((event.last_event_id, event.data))
        except ConnectionError as ended:
            assert "204" in str(ended), ended
        return events
    return asyncio.run(run())


def read_httpx(url):
    with httpx.Client(trust_env=False) as client, httpx_sse.connect_sse(client, "GET", url) as source:
        return [(event.id, event.data) for event in source.iter_sse()]


CUT = (b"id: 1\ndata: ringing\n\nid: 2\ndata: in-", b"id: 2\ndata: in-progress\n\n")
CASES = {
    "cut": CUT,
    "cut in chunks": CUT,
    "heartbeats": (b": beat\n\nid: 1\ndata: ringing\n\n: beat\n\nid: 2\ndata: busy\n\n",),
    "CR line ends": (b"id: 1\rdata: ringing\r\rid: 2\rdata: busy\r\r",),
}
CLIENTS = {"sseclient-py": read_sseclient, "aiohttp-sse-client": read_aiohttp, "httpx-sse": read_httpx}
for case, parts in CASES.items():
    for name, read in CLIENTS.items():
        server = Server(parts, in_chunks=case == "cut in chunks")
        try:
            events = read(server.url)
            line = " ".join("(%s) %s" % (id, data.replace("\n", "\\n")) for id, data in events) or "nothing"
        except (aiohttp.ClientError, httpx.HTTPError) as broken:
            line = "raises " + type(broken).__name__
        if case == "cut" and server.resumed_after:
            line += "; resumed after " + server.resumed_after[0].decode()
        print("%s, %s: %s" % (name, case, line))
PYTHON

cat > "$dir/expected" <<'EXPECTED'
sseclient-py, cut: (1) ringing (2) in-
aiohttp-sse-client, cut: (1) ringing (2) in-\nin-progress; resumed after 1
httpx-sse, cut: (1) ringing
sseclient-py, cut in chunks: (1) ringing (2) in-
aiohttp-sse-client, cut in chunks: raises ClientPayloadError
httpx-sse, cut in chunks: raises RemoteProtocolError
sseclient-py, heartbeats: (1) ringing (2) busy
aiohttp-sse-client, heartbeats: (1) ringing (2) busy
httpx-sse, heartbeats: (1) ringing (1)  (2) busy
sseclient-py, CR line ends: (1) ringing (2) busy
aiohttp-sse-client, CR line ends: nothing
httpx-sse, CR line ends: (1) ringing (2) busy
EXPECTED

env no_proxy=127.0.0.1 "$dir/venv/bin/python" "$dir/run.py" > "$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" || { echo "CHANGED: a client reads the stream otherwise (see the lines above)"; exit 1; }
