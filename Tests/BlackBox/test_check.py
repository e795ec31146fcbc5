"""`switchboard check` and `switchboard sign`: what is wrong is called by its name, and no secret is shown."""

import json
import re
import secrets
import subprocess

import pytest

from harness.meddling_proxy import MeddlingProxy
from harness.process import Program
from test_secrets import spellings

PREFIX = "/voice"


@pytest.fixture(scope="module")
def proxy():
    proxy = MeddlingProxy()
    yield proxy
    proxy.stop()


@pytest.fixture(autouse=True)
def no_meddling(proxy):
    proxy.reset()
    proxy.path = stripped


def stripped(path):
    return path.removeprefix(PREFIX)


@pytest.fixture(scope="module")
def world(start_world, proxy):
    world = start_world(PUBLIC_BASE_URL=proxy.origin + PREFIX)
    proxy.upstream = world.gateway.origin
    return world


def run(world, directory, command, *arguments, **changes):
    environment = {**world.gateway.environment, **changes}
    program = Program([command, *arguments], {key: value for key, value in environment.items() if value}, directory)
    try:
        status = program.end(within=60)
    finally:
        program.stop()
    output = "\n".join(program.lines)
    for name in ("TWILIO_AUTH_TOKEN", "ULTRAVOX_API_KEY"):
        assert not any(spelling in output for spelling in spellings(environment[name])), name
    for key in (world.gateway.api_key, environment["API_KEYS"].split(":")[-1]):
        assert not any(spelling in output for spelling in spellings(key))
    return status, output


def finding(output, name):
    lines = [line for line in output.splitlines() if re.match(rf"(ok|warning|failed|skipped) +{name} ", line)]
    assert len(lines) == 1, output
    outcome, text = lines[0].split(maxsplit=1)
    return outcome, text.removeprefix(name).strip()


def test_all_is_well(world, tmp_path):
    status, output = run(world, tmp_path, "check")
    for name in ("templates", "Twilio", "phone number", "Ultravox", "clock", "signed probe"):
        assert finding(output, name)[0] == "ok", output
    assert status == 0
    assert "[redacted]" in output and world.gateway.environment["PUBLIC_BASE_URL"] in output


def answers(status, headers=(), body=b"<html>hello</html>"):
    return lambda proxy, world: setattr(proxy, "answer", (status, [("Content-Type", "text/html"), *headers], body))


def sets(**attributes):
    def meddle(proxy, world):
        for name, value in attributes.items():
            setattr(proxy, name, value)

    return meddle


def redirects(location):
    return lambda proxy, world: setattr(proxy, "answer", (301, [("Location", location(proxy))], b""))


def late(body):
    document = json.loads(body)
    document["time"] = "2020-01-01T00:00:00.000Z"
    return json.dumps(document).encode()


FAULTS = {
    "prefix not stripped": (sets(path=lambda path: path), "path prefix: the proxy does not strip /voice"),
    "too much stripped": (sets(path=lambda path: stripped(path).removeprefix("/webhooks")), "path prefix: the proxy strips"),
    "a prefix put before": (sets(path=lambda path: "/app" + stripped(path)), "path prefix: the proxy puts something"),
    "query sorted": (sets(query=lambda query: "&".join(sorted(query.split("&")))), "query: "),
    "query decoded": (sets(query=lambda query: query.replace("%7e", "~")), "query: "),
    "query dropped": (sets(query=lambda query: ""), "query: "),
    "body rewritten": (sets(body=lambda body: body.replace(b"&Empty=", b"")), "body: "),
    "signature dropped": (sets(drop=("x-twilio-signature",)), "header: the proxy drops"),
    "scheme": (redirects(lambda proxy: f"https://127.0.0.1:{proxy.port}{PREFIX}/x"), "scheme: "),
    "host": (redirects(lambda proxy: f"http://www.example.com:{proxy.port}/"), "host: "),
    "port": (redirects(lambda proxy: f"http://127.0.0.1:1{PREFIX}/"), "port: "),
    "another program": (answers(200), "host: another program answers"),
    "no upstream": (answers(502), "upstream: the proxy"),
    "clock": (sets(answered=late), "clock: "),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_proxy_is_called_by_its_name(world, proxy, tmp_path, name):
    meddle, words = FAULTS[name]
    meddle(proxy, world)
    status, output = run(world, tmp_path, "check")
    outcome, text = finding(output, "signed probe")
    assert outcome == "failed" and text.startswith(words), output
    assert status == 1
    assert finding(output, "Twilio")[0] == finding(output, "Ultravox")[0] == "ok"


def test_a_gateway_that_runs_with_another_configuration_is_found(world, proxy, tmp_path):
    other = {"TWILIO_AUTH_TOKEN": secrets.token_hex(16)}
    assert finding(run(world, tmp_path, "check", **other)[1], "signed probe")[1].startswith("token: ")
    other = {"API_KEYS": f"test:client-key-{secrets.token_hex(16)}"}
    assert finding(run(world, tmp_path, "check", **other)[1], "signed probe")[1].startswith("API key: ")
    other = {"PUBLIC_BASE_URL": world.gateway.origin}
    assert finding(run(world, tmp_path, "check", **other)[1], "signed probe")[1].startswith("port: ")
    # Nothing listens there: loopback ports below 10 need root and have no standing services here.
    other = {"PUBLIC_BASE_URL": "http://127.0.0.1:9"}
    assert finding(run(world, tmp_path, "check", **other)[1], "signed probe")[1].startswith("port: nothing answers")


def test_wrong_credentials_and_a_foreign_number_are_found(world, tmp_path):
    status, output = run(world, tmp_path, "check", TWILIO_AUTH_TOKEN=secrets.token_hex(16))
    assert status == 1 and finding(output, "Twilio")[0] == "failed"
    assert finding(output, "phone number")[0] == "skipped"
    status, output = run(world, tmp_path, "check", ULTRAVOX_API_KEY="k" * 32)
    assert status == 1 and finding(output, "Ultravox")[0] == "failed"
    status, output = run(world, tmp_path, "check", TWILIO_PHONE_NUMBER="+12025550199")
    assert status == 1 and finding(output, "phone number")[0] == "failed"
    assert run(world, tmp_path, "check", PORT="x")[0] == 78


@pytest.mark.parametrize(
    ("arguments", "statuses"),
    [
        (["status", "--status", "ringing"], {b"204"}),
        (["voice", "--param", "CallerName=O'Neill & \"Söhne\" $(id) `id`"], {b"200"}),
        (["ultravox", "--status", "call.started"], {b"204"}),
    ],
)
def test_what_sign_prints_is_taken(world, tmp_path, arguments, statuses):
    order = world.order(world.new_agent())
    more = ["--call", order.call["id"], "--to", world.gateway.origin]
    if arguments[0] == "ultravox":
        more += ["--ultravox-call", order.call["ultravox_call_id"]]
    else:
        more += ["--call-sid", order.call["call_sid"]]
    status, output = run(world, tmp_path, "sign", *arguments, *more)
    assert status == 0 and output.startswith("curl ")
    answer = subprocess.run(["sh", "-c", output.replace("curl ", "curl -s ", 1)], capture_output=True, check=True).stdout
    assert answer.split()[1] in statuses, answer
    if arguments[0] == "status":
        assert world.gateway.look_up(order.call["id"])["status"] == "ringing"
