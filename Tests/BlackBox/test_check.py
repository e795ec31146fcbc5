"""`switchboard check`: what is wrong is called by its name, with a cure, and no secret is shown."""

import contextlib
import datetime
import json
import os
import re
import secrets
import socket
import time

import pytest

from conftest import TWILIO_PHONE_NUMBER
from harness.figures import figure
from harness.meddling_proxy import MeddlingProxy, self_signed_certificate
from harness.process import Program
from test_secrets import spellings

PREFIX = "/voice"
# An authority that has nothing to do with anybody here.
AUTHORITY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "fixtures", "tls", "ca.pem"))
TESTS = ("templates", "journal", "Twilio", "phone number", "Ultravox", "clock", "signed probe")
SECRETS = (
    "TWILIO_AUTH_TOKEN",
    "TWILIO_AUTH_TOKEN_SECONDARY",
    "TWILIO_API_KEY_SECRET",
    "ULTRAVOX_API_KEY",
    "ULTRAVOX_WEBHOOK_SECRETS",
    "API_KEYS",
)


def stripped(path):
    return path.removeprefix(PREFIX)


@pytest.fixture(scope="module")
def proxies():
    with contextlib.ExitStack() as stack:

        def start(certificate=None):
            proxy = MeddlingProxy(certificate)
            stack.callback(proxy.stop)
            return proxy

        yield start


@pytest.fixture(scope="module")
def the_proxy(proxies):
    return proxies()


@pytest.fixture
def proxy(the_proxy):
    """In front of the world's gateway, below a path prefix that it strips."""
    the_proxy.reset()
    the_proxy.path = stripped
    return the_proxy


@pytest.fixture(scope="module")
def world(start_world, the_proxy):
    world = start_world(
        PUBLIC_BASE_URL=the_proxy.origin + PREFIX,
        TWILIO_AUTH_TOKEN_SECONDARY=secrets.token_hex(16),
        ULTRAVOX_WEBHOOK_SECRETS=f"{secrets.token_hex(16)},{secrets.token_hex(16)}",
    )
    the_proxy.upstream = world.gateway.origin
    return world


def shown_secrets(output, environment):
    """The names of the secrets that stand in the output in any spelling."""
    found = []
    for name in SECRETS:
        for part in (environment.get(name) or "").split(","):
            secret = part.split(":")[-1]
            needles = spellings(secret) | {secret.encode().hex()} if secret else set()
            if any(needle in output or needle.upper() in output for needle in needles):
                found.append(name)
    return found


def check(environment, directory, **changes):
    """Runs `check` with the gateway's environment and some changes; returns the exit code and the output."""
    environment = {name: value for name, value in {**environment, **changes}.items() if value is not None}
    program = Program(["check"], environment, directory)
    try:
        status = program.end(within=120)
    finally:
        program.stop()
    output = "\n".join(program.lines)
    assert shown_secrets(output, environment) == [], "secrets are shown"
    return status, output


def finding(output, name):
    """The outcome of a test, and what is said about it."""
    lines = [line for line in output.splitlines() if re.match(rf"(ok|warning|failed|skipped) +{name} ", line)]
    assert len(lines) == 1, output
    outcome, text = lines[0].split(maxsplit=1)
    return outcome, text.removeprefix(name).strip()


def probed(world, directory, **changes):
    """What the signed probe came to, with a configuration whose other tests pass."""
    status, output = check(world.gateway.environment, directory, **changes)
    outcome, text = finding(output, "signed probe")
    assert status == (1 if outcome == "failed" else 0), output
    assert finding(output, "Twilio")[0] == finding(output, "Ultravox")[0] == "ok", output
    return outcome, text


def test_all_is_well_and_nothing_has_changed(world, proxy, tmp_path):
    before = len(world.gateway.call("GET", "/dead-letters?limit=200").json()["data"])
    status, output = check(world.gateway.environment, tmp_path)
    assert [finding(output, name)[0] for name in TESTS] == ["ok"] * len(TESTS), output
    assert status == 0
    assert output.count("[redacted]") >= 3 and world.gateway.public_base_url in output
    assert TWILIO_PHONE_NUMBER not in output
    assert world.gateway.call("GET", "/calls").json()["data"] == []
    assert world.twilio.creates == [] and world.ultravox.agent_calls == []
    letters = world.gateway.call("GET", "/dead-letters?limit=200").json()["data"]
    assert len(letters) == before + 2
    assert [(letter["vendor"], letter["call_id"]) for letter in letters[:2]] == [("ultravox", None), ("twilio", None)]


def sets(**functions):
    """A proxy with these attributes."""

    def meddle(proxy):
        for name, value in functions.items():
            setattr(proxy, name, value)

    return meddle


def answers(status, *headers, body=b"<html>hello</html>"):
    """A proxy that asks nobody."""
    return sets(answer=lambda path: (status, [("Content-Type", "text/html"), *headers], body))


def redirects(location):
    def meddle(proxy):
        proxy.answer = lambda path: (308, [("Location", location(proxy.port, path))], b"")

    return meddle


def refuses(*ends):
    """A proxy that does not let some paths through."""
    return sets(answer=lambda path: (403, [], b"no") if path.endswith(ends) else None)


def without(*names):
    def drop(headers):
        return {name: value for name, value in headers.items() if name.lower() not in names}

    return sets(headers=drop)


def reserialised(body):
    """As a proxy does that looks into JSON."""
    return json.dumps(json.loads(body)).encode() if body.startswith(b"{") else body


def years_ago(body):
    """The gateway's answer, if its clock were wrong by years: what it says of itself before it is proved anything."""
    document = json.loads(body) if body.startswith(b"{") else {}
    if "timestamp" not in document:
        return body
    return json.dumps({**document, "timestamp": "2020-01-01T00:00:00.000Z"}).encode()


def now(**later):
    """The time, or a later one, as the gateway writes it."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**later)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def poses(proxy):
    """Somebody who knows how a gateway answers, and has none of its keys."""
    asked = []

    def answer(path):
        if not path.endswith("/webhooks/probe"):
            return 204, [], b""
        asked.append(path)
        own = {"type": "urn:switchboard:problem:method_not_allowed", "instance": "/webhooks/probe", "detail": ""}
        report = {"target": "/webhooks/probe", "body_sha256": "00", "public_base_url": proxy.origin + PREFIX}
        report["time"] = now()
        status, document = (405, own) if len(asked) == 1 else (200, report)
        headers = [("Content-Type", "application/json"), ("X-Switchboard-Probe", "0" * 64)]
        return status, headers, json.dumps(document).encode()

    proxy.answer = answer


# What the proxy does, how the fault is called, and a word of the cure or of what was seen.
FAULTS = {
    "the prefix is not stripped": (sets(path=lambda path: path), "path prefix", "got /voice/webhooks/"),
    "too much is stripped": (
        sets(path=lambda path: stripped(path).removeprefix("/webhooks")),
        "path prefix",
        "strips too much: the gateway got /twilio/status",
    ),
    "everything is stripped": (sets(path=lambda path: "/"), "path prefix", "strips too much"),
    "something is put before": (sets(path=lambda path: "/app" + stripped(path)), "path prefix", "got /app/webhooks/"),
    "another path": (sets(path=lambda path: "/hooks"), "path", "the gateway got /hooks"),
    "the query is sorted": (sets(query=lambda query: "&".join(sorted(query.split("&")))), "query", "sorted"),
    "the query is decoded": (sets(query=lambda query: query.replace("%7e", "~")), "query", "as it is"),
    "the query is written anew": (sets(query=lambda query: query.replace("+", "%20")), "query", "as it is"),
    "the query is cut": (sets(query=lambda query: ""), "query", "cut"),
    "a form is changed": (sets(body=lambda body: body.replace(b"&Empty=", b"")), "body", "byte for byte"),
    "JSON is written anew": (sets(body=reserialised), "body", "byte for byte"),
    "Twilio's signature is dropped": (without("x-twilio-signature"), "header", "X-Twilio-Signature"),
    "Ultravox's signature is dropped": (without("x-ultravox-webhook-signature"), "header", "X-Ultravox"),
    "Ultravox's time is dropped": (without("x-ultravox-webhook-timestamp"), "header", "X-Ultravox"),
    "the proof of a key is dropped": (without("x-switchboard-probe"), "API key", "X-Switchboard-Probe"),
    "the media type is dropped": (without("content-type"), "header", "Content-Type"),
    "POST becomes GET": (sets(method=lambda method: "GET"), "method", "POST"),
    "a redirect to https": (redirects(lambda port, path: f"https://127.0.0.1:{port}{path}"), "scheme", "https"),
    "a redirect to another host": (
        redirects(lambda port, path: f"http://www.example.com:{port}{path}"),
        "host",
        "www.example.com",
    ),
    "a redirect to another port": (redirects(lambda port, path: f"http://127.0.0.1:1{path}"), "port", "to port 1;"),
    "a redirect to another path": (redirects(lambda port, path: path + "/"), "path", "redirects"),
    "a page": (answers(200), "host", "another program answers"),
    "a page that is not found": (answers(404), "host", "another program answers"),
    "a program that takes everything": (answers(204), "host", "another program answers"),
    "a program that poses as a gateway": (poses, "host", "cannot prove"),
    "an answer is changed": (sets(answered=lambda body: body.replace(b'"host"', b'"name"')), "host", "as they are"),
    "a password": (answers(401, ("WWW-Authenticate", "Basic")), "access", "password"),
    "a wall": (answers(403), "access", "refuses"),
    "a proxy without a gateway": (answers(502), "upstream", "start the gateway"),
    "some paths are treated differently": (
        sets(
            headers=lambda headers: headers
            if "X-Switchboard-Probe" in headers
            else {**headers, "X-Twilio-Signature": "x"}
        ),
        "path",
        "alike",
    ),
    "a clock": (sets(answered=years_ago), "clock", "NTP"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_proxy_is_called_by_its_name(world, proxy, tmp_path, name):
    meddle, fault, words = FAULTS[name]
    meddle(proxy)
    outcome, text = probed(world, tmp_path)
    assert outcome == "failed" and text.startswith(fault + ": ") and words in text, text


def test_the_faults_have_names_enough():
    names = {fault for _, fault, _ in FAULTS.values()}
    figure("check", f"{len(FAULTS)} misconfigurations of a proxy, called by {len(names)} names")
    assert {"scheme", "host", "port", "path prefix", "query", "body", "clock"} <= names


STRANGERS = [
    "a page",
    "a program that takes everything",
    "a program that poses as a gateway",
    "a wall",
    "a password",
]


@pytest.mark.parametrize("name", [None, *STRANGERS])
def test_the_api_key_is_shown_to_nobody(world, proxy, tmp_path, name):
    if name:
        FAULTS[name][0](proxy)
    assert probed(world, tmp_path)[0] == ("failed" if name else "ok")
    shown = [value for _, _, headers in proxy.received for value in headers.values()]
    needles = spellings(world.credentials.api_key)
    assert shown and not any(needle in value for value in shown for needle in needles)


def test_what_was_seen_of_a_probe_brings_nothing_but_the_same_again(world, proxy, tmp_path):
    assert probed(world, tmp_path)[0] == "ok"
    (proof,) = {headers["X-Switchboard-Probe"] for _, _, headers in proxy.received if "X-Switchboard-Probe" in headers}

    def asked(value, nonce="mine"):
        return world.gateway.send("POST", f"/webhooks/probe?nonce={nonce}", headers=[("X-Switchboard-Probe", value)])

    first, again = asked(proof), asked(proof, "another")
    assert first.status == again.status == 200
    # Whoever sends it cannot choose what secrets are applied to.
    for name in ("twilio_keys", "ultravox_keys", "api_keys"):
        assert first.json()[name] == again.json()[name]
    moment, nonce, code = proof.split(" ")
    later = now(minutes=2)
    for other in (f"{later} {nonce} {code}", f"{moment} {nonce}0 {code}", f"{moment} {nonce} {code[::-1]}", code, ""):
        answer = asked(other)
        assert answer.status == 401 and answer.json()["code"] == "unauthorized", other
    # Nor does the key itself open this path.
    assert world.gateway.call("POST", "/webhooks/probe", {}).status == 401


def test_a_proxy_that_passes_only_the_vendors_paths_on_is_well(world, proxy, tmp_path):
    refuses("/webhooks/probe")(proxy)
    outcome, text = probed(world, tmp_path)
    assert outcome == "ok" and "/webhooks/probe is not passed on" in text


OTHERS = {
    "the auth token": (lambda: {"TWILIO_AUTH_TOKEN_SECONDARY": secrets.token_hex(16)}, "token", "_SECONDARY"),
    "an Ultravox secret": (lambda: {"ULTRAVOX_WEBHOOK_SECRETS": "w" * 32}, "token", "ULTRAVOX_WEBHOOK_SECRETS"),
    "an API key": (lambda: {"API_KEYS": f"test:client-key-{secrets.token_hex(16)}"}, "API key", "SIGHUP"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_gateway_that_runs_with_other_secrets_is_found(world, proxy, tmp_path, name):
    changes, fault, words = OTHERS[name]
    outcome, text = probed(world, tmp_path, **changes())
    assert outcome == "failed" and text.startswith(fault + ": ") and words in text, text


FORGOTTEN = {
    "an auth token": ({"TWILIO_AUTH_TOKEN_SECONDARY": None}, "TWILIO_AUTH_TOKEN_SECONDARY"),
    "an Ultravox secret": ({"ULTRAVOX_WEBHOOK_SECRETS": None}, "ULTRAVOX_WEBHOOK_SECRETS"),
}


@pytest.mark.parametrize("name", FORGOTTEN)
def test_a_gateway_that_was_not_told_of_a_removed_secret_is_warned_of(world, proxy, tmp_path, name):
    changes, setting = FORGOTTEN[name]
    outcome, text = probed(world, tmp_path, **changes)
    assert outcome == "warning" and setting in text and "send it SIGHUP" in text, text


def test_a_gateway_with_less_tolerance_than_the_way_takes_is_found(start_world, proxies, tmp_path):
    slow = proxies()
    other = start_world(PUBLIC_BASE_URL=slow.origin, ULTRAVOX_TIMESTAMP_TOLERANCE="1s")
    slow.upstream = other.gateway.origin

    def slowly(path):
        time.sleep(1.5)
        return path

    slow.path = slowly
    outcome, text = probed(other, tmp_path, ULTRAVOX_TIMESTAMP_TOLERANCE="5m")
    assert outcome == "failed" and text.startswith("clock: ") and "ULTRAVOX_TIMESTAMP_TOLERANCE" in text, text


def test_another_auth_token_is_found_at_twilio_and_in_the_gateway(world, proxy, tmp_path):
    status, output = check(world.gateway.environment, tmp_path, TWILIO_AUTH_TOKEN=secrets.token_hex(16))
    assert status == 1
    assert finding(output, "signed probe")[1].startswith("token: the running gateway has another TWILIO_AUTH_TOKEN ")
    outcome, text = finding(output, "Twilio")
    assert outcome == "failed" and "TWILIO_AUTH_TOKEN" in text
    assert finding(output, "phone number")[0] == "skipped"


def test_an_auth_token_behind_an_api_key_is_tested_too(world, proxy, tmp_path):
    sid, secret = "SK" + secrets.token_hex(16), secrets.token_hex(16)
    world.twilio.add_api_key(sid, secret)
    key = {"TWILIO_API_KEY_SID": sid, "TWILIO_API_KEY_SECRET": secret}
    status, output = check(world.gateway.environment, tmp_path, **key)
    assert status == 0 and finding(output, "auth token")[0] == "ok", output
    status, output = check(world.gateway.environment, tmp_path, **key, TWILIO_AUTH_TOKEN=secrets.token_hex(16))
    outcome, text = finding(output, "auth token")
    assert status == 1 and outcome == "failed" and "TWILIO_AUTH_TOKEN" in text, output
    assert finding(output, "Twilio")[0] == finding(output, "phone number")[0] == "ok"


@pytest.mark.parametrize("part", ["scheme", "host", "port", "path prefix"])
def test_a_gateway_that_runs_with_another_public_address_is_found(start_world, world, proxy, tmp_path, part):
    # The same gateway is reached; what it was told of itself differs.
    there = {
        "host": proxy.origin.replace("127.0.0.1", "localhost") + PREFIX,
        "port": world.gateway.origin,
        "path prefix": proxy.origin,
    }
    if part == "scheme":
        other = start_world()
        outcome, text = probed(other, tmp_path, PUBLIC_BASE_URL=other.gateway.origin)
    else:
        outcome, text = probed(world, tmp_path, PUBLIC_BASE_URL=there[part])
    assert outcome == "failed" and text.startswith(f"{part}: the running gateway has PUBLIC_BASE_URL "), text


@contextlib.contextmanager
def port_of_nobody():
    """A port that is taken and does not listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_an_address_where_nothing_answers(world, tmp_path):
    with port_of_nobody() as port:
        outcome, text = probed(world, tmp_path, PUBLIC_BASE_URL=f"http://127.0.0.1:{port}")
        assert outcome == "failed" and text.startswith("port: nothing answers at http://127.0.0.1:"), text
        assert "start the gateway" in text


def test_whose_fault_it_is_that_nothing_answers(world, tmp_path):
    """The gateway is looked for past the proxy, too."""
    with port_of_nobody() as port, port_of_nobody() as other:
        away = f"http://127.0.0.1:{port}"
        own = world.gateway.origin.rpartition(":")[2]
        text = probed(world, tmp_path, PUBLIC_BASE_URL=away, PORT=own)[1]
        assert f"The gateway itself answers at {world.gateway.origin}: look at the proxy" in text
        text = probed(world, tmp_path, PUBLIC_BASE_URL=away, PORT=str(other))[1]
        assert f"nothing answers at http://127.0.0.1:{other} either: start the gateway" in text


def test_https_where_plain_http_is_spoken(world, proxy, tmp_path):
    outcome, text = probed(world, tmp_path, PUBLIC_BASE_URL=proxy.origin.replace("http:", "https:"))
    assert outcome == "failed" and text.startswith("scheme: ") and "plain http" in text, text


def test_a_certificate_that_nobody_trusts(world, proxies, tmp_path):
    tls = proxies(self_signed_certificate(tmp_path))
    tls.upstream = world.gateway.origin
    outcome, text = probed(world, tmp_path, PUBLIC_BASE_URL=tls.origin)
    assert outcome == "failed" and text.startswith("certificate: "), text
    # Nor does a certificate that is trusted on the way to the vendors make it one that the vendors trust.
    trusted = {"UPSTREAM_CA_FILE": str(tmp_path / "certificate.pem"), "PUBLIC_BASE_URL": tls.origin}
    assert probed(world, tmp_path, **trusted)[1].startswith("certificate: ")
    assert tls.received == []


def test_vendors_behind_a_certificate_that_is_not_trusted(world, proxy, proxies, tmp_path):
    tls = proxies(self_signed_certificate(tmp_path))
    there = {"TWILIO_BASE_URL": tls.origin, "ULTRAVOX_BASE_URL": tls.origin}
    for changes, words in (({}, "set UPSTREAM_CA_FILE"), ({"UPSTREAM_CA_FILE": AUTHORITY}, "whether UPSTREAM_CA_FILE")):
        status, output = check(world.gateway.environment, tmp_path, **there, **changes)
        for vendor in ("Twilio", "Ultravox"):
            outcome, text = finding(output, vendor)
            assert outcome == "failed" and words in text, output
        assert status == 1
    assert tls.received == []


def test_a_foreign_number_and_one_that_cannot_call(world, proxy, tmp_path):
    status, output = check(world.gateway.environment, tmp_path, TWILIO_PHONE_NUMBER="+12025550199")
    outcome, text = finding(output, "phone number")
    assert status == 1 and outcome == "failed" and "…0199 is neither a number of this account nor a verified caller ID" in text
    world.twilio.has_voice = False
    try:
        status, output = check(world.gateway.environment, tmp_path)
    finally:
        world.twilio.has_voice = True
    outcome, text = finding(output, "phone number")
    assert status == 1 and outcome == "failed" and "cannot make calls" in text


def test_vendors_that_refuse_or_are_not_there(world, proxy, tmp_path):
    status, output = check(world.gateway.environment, tmp_path, ULTRAVOX_API_KEY="k" * 32)
    outcome, text = finding(output, "Ultravox")
    assert status == 1 and outcome == "failed" and "check ULTRAVOX_API_KEY" in text
    with port_of_nobody() as port:
        nowhere = f"http://127.0.0.1:{port}"
        status, output = check(
            world.gateway.environment, tmp_path, TWILIO_BASE_URL=nowhere, ULTRAVOX_BASE_URL=nowhere
        )
    assert status == 1
    assert finding(output, "Twilio")[0] == finding(output, "Ultravox")[0] == "failed"
    assert finding(output, "clock") == ("skipped", "no vendor sent its time")
    assert finding(output, "signed probe")[0] == "ok"


@pytest.mark.parametrize(("offset", "tolerance", "outcome"), [(-120, "5m", "warning"), (3600, "5m", "failed")])
def test_a_clock_that_is_off(world, proxy, tmp_path, offset, tolerance, outcome):
    world.twilio.clock_offset = world.ultravox.clock_offset = offset
    try:
        status, output = check(world.gateway.environment, tmp_path, ULTRAVOX_TIMESTAMP_TOLERANCE=tolerance)
    finally:
        world.twilio.clock_offset = world.ultravox.clock_offset = 0
    seen, text = finding(output, "clock")
    assert seen == outcome and "NTP" in text
    assert status == (1 if outcome == "failed" else 0)


def test_templates_that_are_broken(world, proxy, tmp_path):
    (tmp_path / "twiml").mkdir()
    (tmp_path / "twiml" / "connect.xml").write_text("<Response>")
    status, output = check(world.gateway.environment, tmp_path)
    outcome, text = finding(output, "templates")
    assert status == 1 and outcome == "failed" and "connect.xml" in text


def test_a_journal_that_cannot_start(world, tmp_path):
    (tmp_path / "notes").write_text("a text")
    status, output = check(world.gateway.environment, tmp_path, JOURNAL="sqlite:notes")
    outcome, text = finding(output, "journal")
    assert status == 1 and outcome == "failed" and "is not an SQLite database" in text
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes"]


def test_a_configuration_that_does_not_load(world, tmp_path):
    status, output = check(world.gateway.environment, tmp_path, PORT="x", API_KEYS=None)
    assert status == 78 and "PORT" in output and "API_KEYS" in output


def test_against_the_stand_ins_of_the_program_without_a_gateway(sandbox, tmp_path):
    credentials = sandbox.credentials
    with port_of_nobody() as port:
        status, output = check(
            {
                "TWILIO_ACCOUNT_SID": credentials.account_sid,
                "TWILIO_AUTH_TOKEN": credentials.auth_token,
                "TWILIO_PHONE_NUMBER": credentials.phone_number,
                "ULTRAVOX_API_KEY": credentials.ultravox_api_key,
                "TWILIO_BASE_URL": sandbox.twilio,
                "ULTRAVOX_BASE_URL": sandbox.ultravox,
                "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
                "API_KEYS": f"test:{credentials.api_key}",
            },
            tmp_path,
        )
    assert [finding(output, name)[0] for name in TESTS] == ["ok"] * 6 + ["failed"], output
    assert status == 1
