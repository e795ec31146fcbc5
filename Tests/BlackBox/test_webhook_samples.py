"""The samples of docs/webhooks.md that verify an event take a genuine one and refuse all others."""

import base64
import json
import os
import re
import shutil
import subprocess
import time

import pytest
from standardwebhooks.webhooks import Webhook

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
KEY = os.urandom(32)
SECRET = "whsec_" + base64.b64encode(KEY).decode()
BODY = '{"type":"call.completed","timestamp":"2026-11-22T11:47:05.000Z","data":{"id":"call_1","note":"größer"}}'


def sample(language):
    with open(os.path.join(ROOT, "docs", "webhooks.md"), encoding="utf-8") as file:
        (code,) = re.findall(rf"^```{language}\n(.*?)^```$", file.read(), re.M | re.S)
    return code


def signed(body=BODY, age=0):
    """Headers as the package signs them."""
    import datetime

    at = datetime.datetime.fromtimestamp(int(time.time()) - age, datetime.timezone.utc)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", at, body),
    }


def cases():
    """Headers and body, and whether they are genuine."""
    good = signed()
    other = {**good, "webhook-signature": "v1," + base64.b64encode(bytes(32)).decode()}
    yield good, BODY, True
    # While a secret is being changed there are two signatures.
    yield {**good, "webhook-signature": f"{other['webhook-signature']} {good['webhook-signature']}"}, BODY, True
    yield other, BODY, False
    yield good, BODY.replace("completed", "canceled!"), False
    yield {**good, "webhook-id": "msg_2"}, BODY, False
    yield signed(age=3600), BODY, False
    yield {**good, "webhook-timestamp": "soon"}, BODY, False
    yield {**good, "webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}, BODY, False


def program(name):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def run(command, directory, **environment):
    """Whether the sample takes each case, as it prints a line for each."""
    with open(directory / "cases.json", "w", encoding="utf-8") as file:
        json.dump([[headers, body] for headers, body, _ in cases()], file)
    done = subprocess.run(
        command, cwd=directory, capture_output=True, text=True, timeout=120, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return [line == "true" for line in done.stdout.split()]


def expected():
    return [is_genuine for *_, is_genuine in cases()]


def test_python():
    handled = []
    names = {"handle": handled.append}
    exec(sample("python").replace("whsec_…", SECRET), names)  # the document's own code
    taken = [names["receive"](headers, body.encode()) == 204 for headers, body, _ in cases()]
    assert taken == expected()
    assert handled[0]["data"]["id"] == "call_1"


def test_node(tmp_path):
    node = program("node")
    code = sample("js") + (
        "\nfor (const [headers, body] of JSON.parse(require('node:fs').readFileSync('cases.json')))"
        f"\n  console.log(verify({json.dumps(SECRET)}, headers, Buffer.from(body)) !== null);\n"
    )
    (tmp_path / "sample.js").write_text(code, encoding="utf-8")
    assert run([node, "sample.js"], tmp_path) == expected()


def test_go(tmp_path):
    go = program("go")
    code = (
        'package main\n\nimport (\n\t"crypto/hmac"\n\t"crypto/sha256"\n\t"encoding/base64"\n\t"encoding/json"\n\t"fmt"\n'
        '\t"net/http"\n\t"os"\n\t"strconv"\n\t"strings"\n\t"time"\n)\n\n'
        + sample("go")
        + "\nfunc main() {\n\tvar cases [][2]json.RawMessage\n\ttext, _ := os.ReadFile(\"cases.json\")\n"
        "\tjson.Unmarshal(text, &cases)\n\tfor _, one := range cases {\n\t\tvar fields map[string]string\n\t\tvar body string\n"
        "\t\tjson.Unmarshal(one[0], &fields)\n\t\tjson.Unmarshal(one[1], &body)\n\t\theader := http.Header{}\n"
        "\t\tfor name, value := range fields {\n\t\t\theader.Set(name, value)\n\t\t}\n"
        f"\t\tfmt.Println(verify({json.dumps(SECRET)}, header, []byte(body)))\n\t}}\n}}\n"
    )
    (tmp_path / "sample.go").write_text(code, encoding="utf-8")
    taken = run([go, "run", "sample.go"], tmp_path, GOCACHE=str(tmp_path / "cache"), GO111MODULE="off")
    assert taken == expected()
