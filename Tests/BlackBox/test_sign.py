"""`switchboard sign`: what it prints is a command for a shell whose message the gateway takes, without a secret."""

import shlex
import subprocess
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from harness.process import Program
from test_check import shown_secrets


def sign(world, directory, *arguments, **changes):
    """The exit code and what was printed."""
    environment = {**world.gateway.environment, **changes}
    program = Program(["sign", *arguments], environment, directory)
    try:
        status = program.end(within=60)
    finally:
        program.stop()
    output = "\n".join(program.lines)
    assert shown_secrets(output, environment) == [], "secrets are shown"
    return status, output


def run(command):
    """Runs a command as a person would paste it; returns the status line's code."""
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=True, timeout=60)
    return int(done.stdout.split()[1])


def words(command):
    """The URL, the headers and the body of a command, as a shell reads it."""
    options = shlex.split(command)
    pairs = list(zip(options, options[1:]))
    (url,) = [word for word in options if word.startswith(("http://", "https://"))]
    (body,) = [value for name, value in pairs if name == "--data-raw"]
    return url, dict(value.split(": ", 1) for name, value in pairs if name == "--header"), body


def test_a_status_is_taken(world, tmp_path):
    order = world.order(world.new_agent())
    more = ["--call", order.call["id"], "--call-sid", order.call["call_sid"], "--to", world.gateway.origin + "/"]
    for status in ("ringing", "completed"):
        code, command = sign(world, tmp_path, "status", *more, "--status", status)
        assert code == 0 and run(command) == 204
        assert world.gateway.look_up(order.call["id"])["status"] == status


def test_an_event_of_ultravox_is_taken(world, tmp_path):
    order = world.order(world.new_agent())
    more = ["--call", order.call["id"], "--ultravox-call", order.call["ultravox_call_id"], "--to", world.gateway.origin]
    for event in ("call.joined", "call.ended", "call.billed"):
        code, command = sign(world, tmp_path, "ultravox", *more, "--event", event)
        assert code == 0 and run(command) == 204
    conversation = world.gateway.look_up(order.call["id"])["conversation"]
    assert conversation["joined_at"] and conversation["ended_at"] and conversation["billed_seconds"] == 0


def test_an_inbound_call_comes_to_be(world, tmp_path):
    code, command = sign(world, tmp_path, "voice", "--to", world.gateway.origin)
    assert code == 0 and run(command) == 200


@pytest.mark.parametrize("kind", ["voice", "fallback", "status", "amd", "stream", "recording"])
def test_twilios_own_validator_agrees(world, tmp_path, kind):
    nasty = "O'Neill & \"Söhne\" $(id) `id` \\ %41+! ☎ a=b;c"
    parameters = ["--param", f"CallerName={nasty}", "--param", "Empty=", "--param", "@Name=@/etc/passwd"]
    code, command = sign(world, tmp_path, kind, *parameters)
    url, headers, body = words(command)
    form = dict(parse_qsl(body, keep_blank_values=True))
    assert code == 0 and url.startswith(world.gateway.public_base_url + "/webhooks/twilio/" + kind)
    assert (form["CallerName"], form["Empty"], form["@Name"]) == (nasty, "", "@/etc/passwd")
    validator = RequestValidator(world.credentials.auth_token)
    assert validator.validate(url, form, headers["X-Twilio-Signature"])
    assert not validator.validate(url + "x", form, headers["X-Twilio-Signature"])


def test_a_shell_does_nothing_with_what_it_quotes(world, tmp_path):
    trap = tmp_path / "trap"
    parameter = f"CallerName=';touch {trap};'\"$(touch {trap})`touch {trap}`\n!!"
    code, command = sign(world, tmp_path, "voice", "--param", parameter, "--to", world.gateway.origin)
    assert code == 0 and run(command) == 200
    assert not trap.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["status", "--call", "call_1"], "--call is not"),
        (["status", "--call-sid", "CA1"], "--call-sid is not"),
        (["status", "--param", "Name"], "NAME=VALUE"),
        (["status", "--event", "call.ended"], "--status"),
        (["ultravox", "--status", "completed"], "--event"),
        (["status", "--to", "http://gw.example.com"], "https"),
        (["status", "--to", "127.0.0.1:8080"], "http://127.0.0.1:8080"),
        (["letter"], "letter"),
    ],
)
def test_what_cannot_be_signed_is_refused_with_advice(world, tmp_path, arguments, words):
    code, output = sign(world, tmp_path, *arguments)
    assert code == 64 and words in output, output


def test_a_configuration_that_does_not_load(world, tmp_path):
    code, output = sign(world, tmp_path, "status", PORT="x")
    assert code == 78 and "PORT" in output
