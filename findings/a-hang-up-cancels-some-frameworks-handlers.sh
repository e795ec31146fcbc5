#!/usr/bin/env bash
# A caller that hangs up cancels the handler in Quart, Sanic and Django (async); Starlette, aiohttp, Tornado run on.
#
# Guess:    the server notices that the connection is gone, so the server decides; and as HTTP has no message for
#           "stop", a POST that has been read in full is worked off, and its answer is thrown away.
# Happens:  the framework decides: on the same uvicorn or Hypercorn, Starlette's handler runs to its end and those
#           of Quart and Django are cancelled at the await they stand at; Django's synchronous view, with the same
#           lines, runs on. Of those that bring their own server, Sanic cancels; aiohttp and Tornado do not.
# Matters:  the handler here places a call and then keeps the answer under the idempotency key. The sender's time
#           runs out while the vendor is slow, the cancel falls between the two, and the retry with the same key
#           places a second call. A test whose client waits for the answer passes in all of them.
# Version:  starlette 1.10.0, quart 0.22.0, django 5.2.19, sanic 25.12.1, aiohttp 3.14.5, tornado 6.6.1;
#           uvicorn 0.54.0, hypercorn 0.18.0.
# Output seen:
#   starlette on uvicorn: runs on, 1 call for the key
#   starlette on hypercorn: runs on, 1 call for the key
#   quart on uvicorn: cancelled, 2 calls for the key
#   quart on hypercorn: cancelled, 2 calls for the key
#   django, async view on uvicorn: cancelled, 2 calls for the key
#   django, async view on hypercorn: cancelled, 2 calls for the key
#   django, sync view on uvicorn: runs on, 1 call for the key
#   django, sync view on hypercorn: runs on, 1 call for the key
#   sanic: cancelled, 2 calls for the key
#   aiohttp: runs on, 1 call for the key
#   tornado: runs on, 1 call for the key
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check starlette==1.10.0 quart==0.22.0 django==5.2.19 \
    sanic==25.12.1 aiohttp==3.14.5 tornado==6.6.1 uvicorn==0.54.0 hypercorn==0.18.0

cat > "$dir/handlers.py" <<'PYTHON'
"""One handler in seven dressings; FRAMEWORK says which."""
import asyncio
import os
import sys
import time

FRAMEWORK = os.environ["FRAMEWORK"]
ANSWERS = {}


def note(word):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(word + "\n")


async def order(key):
    if key not in ANSWERS:
        note("placed")
        try:
            await asyncio.sleep(1)  # the vendor thinks
        except asyncio.CancelledError:
            note("cancelled")
            raise
        ANSWERS[key] = "CA1"
        note("kept")
    return ANSWERS[key]


def order_sync(key):
    if key not in ANSWERS:
        note("placed")
        time.sleep(1)
        ANSWERS[key] = "CA1"
        note("kept")
    return ANSWERS[key]


def starlette():
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    async def place(request):
        await request.body()
        return PlainTextResponse(await order(request.headers["idempotency-key"]))

    return Starlette(routes=[Route("/", place, methods=["POST"])])


def quart():
    from quart import Quart, request

    app = Quart("handlers")

    @app.post("/")
    async def place():
        await request.get_data()
        return await order(request.headers["idempotency-key"])

    return app


def django(synchronous):
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.http import HttpResponse
    from django.urls import path

    async def place(request):
        return HttpResponse(await order(request.headers["idempotency-key"]))

    def place_sync(request):
        return HttpResponse(order_sync(request.headers["idempotency-key"]))

    global urlpatterns
    urlpatterns = [path("", place_sync if synchronous else place)]
    settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF="handlers")
    return get_asgi_application()


def serve_sanic(port):
    from sanic import Sanic, text

    app = Sanic("handlers")

    @app.post("/")
    async def place(request):
        return text(await order(request.headers["idempotency-key"]))

    app.run("127.0.0.1", port, single_process=True, motd=False)


def serve_aiohttp(port):
    from aiohttp import web

    async def place(request):
        await request.read()
        return web.Response(text=await order(request.headers["idempotency-key"]))

    app = web.Application()
    app.router.add_post("/", place)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


def serve_tornado(port):
    from tornado.web import Application, RequestHandler

    class Place(RequestHandler):
        async def post(self):
            self.write(await order(self.request.headers["Idempotency-Key"]))

    async def run():
        Application([("/", Place)]).listen(port, "127.0.0.1")
        await asyncio.Event().wait()

    asyncio.run(run())


if FRAMEWORK == "starlette":
    app = starlette()
elif FRAMEWORK == "quart":
    app = quart()
elif FRAMEWORK.startswith("django"):
    app = django(synchronous=FRAMEWORK == "django, sync view")
elif __name__ == "__main__":
    globals()["serve_" + FRAMEWORK](int(sys.argv[1]))
PYTHON

cat > "$dir/run.py" <<'PYTHON'
import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

folder = Path(sys.argv[1])
notes = folder / "notes"
HEADERS = {"Idempotency-Key": "order-1"}


def command(server, port):
    if server == "uvicorn":
        return ["-m", "uvicorn", "handlers:app", "--host", "127.0.0.1", "--port", str(port)]
    if server == "hypercorn":
        return ["-m", "hypercorn", "handlers:app", "--bind", "127.0.0.1:%d" % port]
    return ["handlers.py", str(port)]


def wait_for(what, *words):
    for _ in range(400):
        for word in words:
            if word in notes.read_text().split():
                return word
        time.sleep(0.05)
    sys.exit("%s: waited in vain for %s" % (what, " or ".join(words)))


def connect(what, process, port):
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.connect()
            return connection
        except OSError:
            time.sleep(0.05)
    sys.exit("%s did not start: %s" % (what, (folder / "log").read_text()))


def run(framework, server):
    what = framework + (" on " + server if server else "")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    notes.write_text("")
    with open(folder / "log", "w") as log:
        process = subprocess.Popen([sys.executable, *command(server, port)], cwd=folder, stdout=log, stderr=log,
                                   env=dict(os.environ, FRAMEWORK=framework, NOTES=str(notes)))
    try:
        first = connect(what, process, port)
        first.request("POST", "/", "to=%2B15005550006", HEADERS)
        wait_for(what, "placed")
        first.close()  # the sender's time is up
        outcome = {"kept": "runs on", "cancelled": "cancelled"}[wait_for(what, "kept", "cancelled")]

        second = connect(what, process, port)
        second.request("POST", "/", "to=%2B15005550006", HEADERS)
        response = second.getresponse()
        assert (response.status, response.read()) == (200, b"CA1"), response.status
        calls = notes.read_text().split().count("placed")
        print("%s: %s, %d call%s for the key" % (what, outcome, calls, "s" if calls > 1 else ""))
    finally:
        process.terminate()
        process.wait()


for framework in ("starlette", "quart", "django, async view", "django, sync view"):
    for server in ("uvicorn", "hypercorn"):
        run(framework, server)
for framework in ("sanic", "aiohttp", "tornado"):
    run(framework, None)
PYTHON

cat > "$dir/expected" <<'EXPECTED'
starlette on uvicorn: runs on, 1 call for the key
starlette on hypercorn: runs on, 1 call for the key
quart on uvicorn: cancelled, 2 calls for the key
quart on hypercorn: cancelled, 2 calls for the key
django, async view on uvicorn: cancelled, 2 calls for the key
django, async view on hypercorn: cancelled, 2 calls for the key
django, sync view on uvicorn: runs on, 1 call for the key
django, sync view on hypercorn: runs on, 1 call for the key
sanic: cancelled, 2 calls for the key
aiohttp: runs on, 1 call for the key
tornado: runs on, 1 call for the key
EXPECTED

"$dir/venv/bin/python" "$dir/run.py" "$dir" > "$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" || { echo "CHANGED: a framework treats a hang-up otherwise (see the lines above)"; exit 1; }
