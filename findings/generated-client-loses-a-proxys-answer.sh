#!/usr/bin/env bash
# An OpenAPI document that describes errors more fully makes its generated Python client hide a proxy's answers.
#
# Guess:    "default" in a document's responses is the careful choice: every status then has a described shape, and
#           a client meets less that it does not know. A 502 page in HTML from a proxy is seen as a 502.
# Happens:  openapi-python-client looks at the status only, never at the answer's Content-Type. With
#           "default: application/problem+json", as with an entry for 502 itself, the page is parsed as JSON and the
#           caller gets a JSONDecodeError without status or headers (Retry-After is lost too). Where the document
#           says nothing about 502, the caller gets the response: its status, its headers, and nothing parsed.
#           And a status that Python's http module has no name for (520, which a content network answers for a
#           broken server) raises ValueError either way; its headers and body are lost.
# Matters:  exactly when the gateway is down, its users' clients fail in a way that no handler for HTTP errors
#           catches. Entries for the statuses that only the gateway answers, and not a proxy before it, do no harm.
# Version:  openapi-python-client 0.29.1, httpx 0.28.1.
# Output seen:
#   409 described, 409 problem: Problem 'The number is busy'
#   409 described, 502 page: status 502, Retry-After 7, nothing parsed
#   409 described, 520 page: ValueError
#   502 described, 409 problem: status 409, Retry-After 7, nothing parsed
#   502 described, 502 page: JSONDecodeError
#   502 described, 520 page: ValueError
#   default described, 409 problem: Problem 'The number is busy'
#   default described, 502 page: JSONDecodeError
#   default described, 520 page: ValueError
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check openapi-python-client==0.29.1 httpx==0.28.1

cat > "$dir/document.py" <<'PYTHON'
import json
import sys

problem = {"description": "Refused", "content": {"application/problem+json": {
    "schema": {"$ref": "#/components/schemas/Problem"}}}}
json.dump({
    "openapi": "3.1.0",
    "info": {"title": "calls", "version": "1"},
    "paths": {"/calls": {"post": {"operationId": "place", "responses": {
        "202": {"description": "Accepted", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Call"}}}},
        sys.argv[1]: problem}}}},
    "components": {"schemas": {
        "Call": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
        "Problem": {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}}},
}, sys.stdout)
PYTHON

cat > "$dir/run.py" <<'PYTHON'
import importlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, sys.argv[1])


class Answers(BaseHTTPRequestHandler):
    def do_POST(self):
        status = self.server.status
        if status == 409:
            kind, body = "application/problem+json", json.dumps({"title": "The number is busy"}).encode()
        else:
            kind, body = "text/html", b"<html><body>The server is away</body></html>"
        self.send_response(status, "Status")
        self.send_header("Content-Type", kind)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
threading.Thread(target=server.serve_forever, daemon=True).start()

for name in ("409", "502", "default"):
    place = importlib.import_module("by_%s.api.default.place" % name)
    client = importlib.import_module("by_%s" % name).Client(
        base_url="http://127.0.0.1:%d" % server.server_port, httpx_args={"trust_env": False})
    for server.status in (409, 502, 520):
        try:
            response = place.sync_detailed(client=client)
            if response.parsed is None:
                outcome = "status %d, Retry-After %s, nothing parsed" % (
                    response.status_code, response.headers["Retry-After"])
            else:
                outcome = "%s %r" % (type(response.parsed).__name__, response.parsed.title)
        except Exception as failure:
            outcome = type(failure).__name__
        print("%s described, %d %s: %s" % (
            name, server.status, "problem" if server.status == 409 else "page", outcome))
PYTHON

echo "post_hooks: []" > "$dir/config.yaml"
for described in 409 502 default; do
    "$dir/venv/bin/python" "$dir/document.py" "$described" > "$dir/document.json"
    "$dir/venv/bin/openapi-python-client" generate --path "$dir/document.json" --config "$dir/config.yaml" \
        --meta none --output-path "$dir/by_$described" > "$dir/generated" 2>&1 || { cat "$dir/generated"; exit 1; }
done

cat > "$dir/expected" <<'EXPECTED'
409 described, 409 problem: Problem 'The number is busy'
409 described, 502 page: status 502, Retry-After 7, nothing parsed
409 described, 520 page: ValueError
502 described, 409 problem: status 409, Retry-After 7, nothing parsed
502 described, 502 page: JSONDecodeError
502 described, 520 page: ValueError
default described, 409 problem: Problem 'The number is busy'
default described, 502 page: JSONDecodeError
default described, 520 page: ValueError
EXPECTED

"$dir/venv/bin/python" "$dir/run.py" "$dir" > "$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" || { echo "CHANGED: the generated client treats these answers otherwise (see the lines above)"; exit 1; }
