#!/usr/bin/env bash
# Schemathesis does not test the operation that serves the description, if it has the description from there.
#
# Guess:    `schemathesis run http://…/openapi.json` tests all operations of the document; "Selected: N/N" says so.
# Happens:  the path of the document's own URL is taken out of it before it is counted: of two operations "1/1" is
#           selected and tested, no phase sends the other one a request, and the report has no word of it. With the
#           same document from a file, both are tested, and the server's error in that operation is found.
# Matters:  an API that describes itself has one operation fewer under test than everybody believes: here the one
#           with If-None-Match, ETag and 304. A test that counts operations must not take the count from the tool.
# Version:  schemathesis 4.32.5.
# Output seen:
#   by its URL: selected 1/1, 0 test requests for /openapi.json, exit 0
#   from a file: selected 2/2, some test requests for /openapi.json, exit 1
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check schemathesis==4.32.5

cat > "$dir/run.py" <<'PYTHON'
import http.server
import json
import subprocess
import sys
import threading

answer = {"200": {"description": "It", "content": {"application/json": {"schema": {"type": "object"}}}}}
tag = {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}, "example": "known"}
document = {
    "openapi": "3.1.0",
    "info": {"title": "calls", "version": "1"},
    "paths": {
        "/calls": {"get": {"operationId": "list_calls", "responses": answer}},
        "/openapi.json": {"get": {"operationId": "describe", "parameters": [tag], "responses": answer}},
    },
}
requests = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Allow", "GET")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.startswith("/openapi.json") and "If-None-Match" in self.headers:
            requests.append(self.path)
            self.answer(500, {"error": "the branch that nobody tests"})
        else:
            self.answer(200, document if self.path.startswith("/openapi.json") else {})

    def refuse(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer(405, {})

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_QUERY = refuse

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
origin = "http://127.0.0.1:%d" % server.server_port
with open("openapi.json", "w") as file:
    json.dump(document, file)

for what, location in (("by its URL", origin + "/openapi.json"), ("from a file", "openapi.json")):
    requests.clear()
    command = [sys.argv[1], "run", location, "--url", origin, "--max-examples", "5", "--seed", "1",
               "--phases", "examples,coverage,fuzzing", "--checks", "not_a_server_error",
               "--report", "json", "--report-json-path", "report.json"]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    with open("report.json") as file:
        operations = json.load(file)["operations"]
    print("%s: selected %d/%d, %s test requests for /openapi.json, exit %d" % (
        what, operations["selected"], operations["total"], "some" if requests else "0", done.returncode))
PYTHON

cd "$dir"
"$dir/venv/bin/python" run.py "$dir/venv/bin/schemathesis" > seen
cat seen
cat > expected <<'EXPECTED'
by its URL: selected 1/1, 0 test requests for /openapi.json, exit 0
from a file: selected 2/2, some test requests for /openapi.json, exit 1
EXPECTED
diff expected seen || { echo "CHANGED: the operation is counted or tested otherwise (see the lines above)"; exit 1; }
