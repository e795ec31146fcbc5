#!/usr/bin/env bash
# A generated Python client spreads a deepObject filter over the query, where its members overwrite other parameters.
#
# Guess:    a generator that does not support "style: deepObject" says so, even more with --fail-on-warning; and a
#           filter it sends wrongly is refused, or at worst has no effect.
# Happens:  openapi-python-client ignores "style" without a word. The members of the object become parameters of the
#           top level: {"order": "7731"} is sent as order=7731 instead of metadata[order]=7731. A member that has the
#           name of a parameter replaces it: with {"status": "vip"}, the caller's own status=completed is not sent.
#           Whoever writes the brackets into the member's name is understood.
# Matters:  filters by notes of the client's own ("metadata") have names that nobody foresees. A server that passes
#           over unknown parameters answers such a filter with the whole list: somebody else's calls are exported,
#           or hung up. Read the query strictly (422 for what is no parameter), and test generated clients on it.
# Version:  openapi-python-client 0.29.1, httpx 0.28.1.
# Output seen:
#   generator: exit 0, no warning
#   {"order": "7731"}: status=completed&order=7731
#   {"status": "vip"}: status=vip
#   {"metadata[order]": "7731"}: status=completed&metadata[order]=7731
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check openapi-python-client==0.29.1 httpx==0.28.1

cat > "$dir/openapi.json" <<'JSON'
{
  "openapi": "3.1.0",
  "info": {"title": "calls", "version": "1"},
  "paths": {"/calls": {"get": {
    "operationId": "list_calls",
    "parameters": [
      {"name": "status", "in": "query", "schema": {"type": "string"}},
      {
        "name": "metadata", "in": "query", "style": "deepObject", "explode": true,
        "schema": {"type": "object", "additionalProperties": {"type": "string"}}
      }
    ],
    "responses": {"200": {"description": "Calls", "content": {"application/json": {
      "schema": {"type": "array", "items": {"type": "string"}}}}}}
  }}}
}
JSON

cat > "$dir/run.py" <<'PYTHON'
import http.server
import json
import threading
from urllib.parse import unquote, urlsplit

from client import Client
from client.api.default import list_calls
from client.models import ListCallsMetadata

queries = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        queries.append(unquote(urlsplit(self.path).query))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = Client(base_url="http://127.0.0.1:%d" % server.server_port)
for members in ('{"order": "7731"}', '{"status": "vip"}', '{"metadata[order]": "7731"}'):
    list_calls.sync(client=client, status="completed", metadata=ListCallsMetadata.from_dict(json.loads(members)))
    print("%s: %s" % (members, queries[-1]))
PYTHON

cd "$dir"
PATH="$dir/venv/bin:$PATH" openapi-python-client generate --path openapi.json --meta none --output-path client \
    --fail-on-warning > log 2>&1 && status=0 || status=$?
{
    if [ "$(cat log)" = "Generating client" ]; then echo "generator: exit $status, no warning"; else cat log; fi
    "$dir/venv/bin/python" run.py
} > seen
cat seen
cat > expected <<'EXPECTED'
generator: exit 0, no warning
{"order": "7731"}: status=completed&order=7731
{"status": "vip"}: status=vip
{"metadata[order]": "7731"}: status=completed&metadata[order]=7731
EXPECTED
diff expected seen || { echo "CHANGED: the client sends the filter otherwise (see the lines above)"; exit 1; }
