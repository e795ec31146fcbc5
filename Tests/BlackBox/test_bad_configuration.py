"""A configuration that is wrong or unsafe stops the start at once, and says which variable and what to do."""

import os
import secrets
import socket
import time

import pytest

from conftest import made_up_credentials
from harness.process import Program

SECRET = "short-secret"  # under 16 characters


def good():
    credentials = made_up_credentials()
    return {
        "TWILIO_ACCOUNT_SID": credentials.account_sid,
        "TWILIO_AUTH_TOKEN": credentials.auth_token,
        "TWILIO_PHONE_NUMBER": credentials.phone_number,
        "ULTRAVOX_API_KEY": credentials.ultravox_api_key,
        "PUBLIC_BASE_URL": "https://gw.example.com",
        "API_KEYS": f"test:{credentials.api_key}",
        "PORT": "0",
    }


BAD = {
    "no auth token": ({"TWILIO_AUTH_TOKEN": None}, ["TWILIO_AUTH_TOKEN", "required"]),
    "an empty auth token": ({"TWILIO_AUTH_TOKEN": ""}, ["TWILIO_AUTH_TOKEN", "empty"]),
    "a short auth token": ({"TWILIO_AUTH_TOKEN": SECRET}, ["TWILIO_AUTH_TOKEN", "16"]),
    "a short second token": ({"TWILIO_AUTH_TOKEN_SECONDARY": SECRET}, ["TWILIO_AUTH_TOKEN_SECONDARY", "16"]),
    "an empty Ultravox key": ({"ULTRAVOX_API_KEY": ""}, ["ULTRAVOX_API_KEY", "empty"]),
    "a short Ultravox key": ({"ULTRAVOX_API_KEY": SECRET}, ["ULTRAVOX_API_KEY", "16"]),
    "a short webhook secret": (
        {"ULTRAVOX_WEBHOOK_SECRETS": f"{'long-enough-secret' * 2},{SECRET}"},
        ["ULTRAVOX_WEBHOOK_SECRETS", "part 2", "16"],
    ),
    "no API keys": ({"API_KEYS": None}, ["API_KEYS", "required"]),
    "a short API key": ({"API_KEYS": f"test:{SECRET}"}, ["API_KEYS", "16"]),
    "an empty part of a list": ({"API_KEYS": f"test:{'k' * 32},"}, ["API_KEYS", "part 2", "empty"]),
    "a plain public address": ({"PUBLIC_BASE_URL": "http://gw.example.com"}, ["PUBLIC_BASE_URL", "https"]),
    "a public address with a query": ({"PUBLIC_BASE_URL": "https://gw.example.com?a=1"}, ["PUBLIC_BASE_URL", "query"]),
    "a public address with a password": (
        {"PUBLIC_BASE_URL": "https://me:" + SECRET + "@gw.example.com"},
        ["PUBLIC_BASE_URL", "user"],
    ),
    "a public address with an underscore": (
        {"PUBLIC_BASE_URL": "https://my_gw.example.com"},
        ["PUBLIC_BASE_URL", "underscore"],
    ),
    "a public address that is too long": (
        {"PUBLIC_BASE_URL": "https://gw.example.com/" + "a" * 120},
        ["PUBLIC_BASE_URL", "120"],
    ),
    "a near miss of what is missing": (
        {"TWILIO_AUTH_TOKEN": None, "TWILIO_AUTHTOKEN": SECRET},
        ["TWILIO_AUTHTOKEN", "did you mean TWILIO_AUTH_TOKEN"],
    ),
    "a value in quotes": (
        {"TWILIO_AUTH_TOKEN": '"' + "a" * 32 + '"'},
        ["TWILIO_AUTH_TOKEN", "quotes", "remove them"],
    ),
    "a part in quotes": ({"API_KEYS": "test:'" + "k" * 32 + "'"}, ["API_KEYS", "part 1", "quotes"]),
    "the README's sample key": (
        {"API_KEYS": "backend:at-least-sixteen-characters"},
        ["API_KEYS", "an example from the documentation"],
    ),
    "a placeholder": (
        {"ULTRAVOX_API_KEY": "your-ultravox-api-key"},
        ["ULTRAVOX_API_KEY", "an example from the documentation"],
    ),
    "no time for idle connections": ({"KEEP_ALIVE": "0s"}, ["KEEP_ALIVE", "1s"]),
    "a bad duration": ({"NUMBER_COOLDOWN": "1 hour"}, ["NUMBER_COOLDOWN", "1", "h"]),
    "a bad number": ({"MAX_CONCURRENT_CALLS": "+10"}, ["MAX_CONCURRENT_CALLS", "whole number"]),
    "no pace at all": ({"CALLS_PER_SECOND": "0"}, ["CALLS_PER_SECOND", "from 0.001 to 1000"]),
    "next to no pace": ({"CALLS_PER_SECOND": "0.0000000000000001"}, ["CALLS_PER_SECOND", "from 0.001 to 1000"]),
    "calls that are too long": ({"MAX_CALL_DURATION": "5h"}, ["MAX_CALL_DURATION", "4h"]),
    "an unknown country": ({"ALLOWED_COUNTRIES": "US,XX"}, ["ALLOWED_COUNTRIES", "part 2"]),
    "a number of no country": ({"TWILIO_PHONE_NUMBER": "+881600000000"}, ["ALLOWED_COUNTRIES", "TWILIO_PHONE_NUMBER"]),
    "a port that is none": ({"PORT": "70000"}, ["PORT", "65535"]),
    "half of a Twilio key": ({"TWILIO_API_KEY_SID": "SK" + "0" * 32}, ["TWILIO_API_KEY_SECRET"]),
    "a vendor's address with a path": ({"TWILIO_BASE_URL": "https://api.twilio.com/v1"}, ["TWILIO_BASE_URL"]),
    "a vendor's address in the clear": ({"ULTRAVOX_BASE_URL": "http://api.example.com"}, ["ULTRAVOX_BASE_URL"]),
    "a secret twice": (
        {"ULTRAVOX_API_KEY_FILE": "/etc/hostname"},
        ["ULTRAVOX_API_KEY and ULTRAVOX_API_KEY_FILE"],
    ),
    "a file that is not there": (
        {"TWILIO_AUTH_TOKEN": None, "TWILIO_AUTH_TOKEN_FILE": "/nonexistent/token"},
        ["TWILIO_AUTH_TOKEN_FILE"],
    ),
    "a journal that does not exist": ({"JOURNAL": "floppy:a"}, ["JOURNAL"]),
}


def start(environment, directory, arguments=()):
    program = Program(["serve", *arguments], environment, directory)
    began = time.monotonic()
    try:
        status = program.end(within=20)
        return status, "\n".join(program.lines), time.monotonic() - began
    finally:
        program.stop()


@pytest.mark.parametrize("name", BAD)
def test_it_does_not_start_and_says_what_to_do(name, tmp_path):
    changes, words = BAD[name]
    environment = {key: value for key, value in {**good(), **changes}.items() if value is not None}
    status, output, seconds = start(environment, tmp_path)
    assert status == 78, output
    for word in words:
        assert word in output, output
    for secret in [SECRET, *(environment.get(key) for key in ("TWILIO_AUTH_TOKEN", "ULTRAVOX_API_KEY", "API_KEYS"))]:
        assert not secret or secret.strip("'\"") not in output
    assert seconds < 2.0, f"it took {seconds:.1f} s"


def test_everything_is_said_at_once(tmp_path):
    (tmp_path / "twiml").mkdir()
    (tmp_path / "twiml" / "connect.xml").write_text("<Response>")
    environment = {"PORT": "x", "TWILIO_ACCOUNT_SID": "AC1", "API_KEYS": ",", "TWILIO_PHONE_NUMBER": "+881600000000"}
    status, output, _ = start(environment, tmp_path, ["--set", "QUEUE_LIMITS=1"])
    assert status == 78
    for name in ("PORT", "TWILIO_ACCOUNT_SID", "API_KEYS", "TWILIO_AUTH_TOKEN", "ULTRAVOX_API_KEY", "PUBLIC_BASE_URL"):
        assert name in output, output
    for words in ("ALLOWED_COUNTRIES is not set", "did you mean QUEUE_LIMIT?", "connect.xml:1: "):
        assert words in output, output


def test_a_file_of_certificates_with_garbage_is_found_at_the_start(tmp_path):
    lines = "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n"
    (tmp_path / "ca.pem").write_text(lines)
    status, output, _ = start({**good(), "UPSTREAM_CA_FILE": str(tmp_path / "ca.pem")}, tmp_path)
    assert status == 78 and "UPSTREAM_CA_FILE names a file whose certificate 1 is broken" in output, output


def test_a_name_of_somebody_elses_in_the_environment_does_not_matter(tmp_path):
    status, output, _ = start({**good(), "APP_KEY": "base64:" + secrets.token_hex(16), "PORT": "x"}, tmp_path)
    assert status == 78 and "PORT" in output and "APP_KEY" not in output, output


def test_a_name_that_is_nearly_ours_in_the_environment_is_a_warning(tmp_path):
    others = {"API_KEY": "somebody-else's", "CORS_ORIGIN": "*"}
    words = {"LOG_LEVEL": "WARNING", "PARALLEL_CALLS_TO_NUMBER": "False", "LOG_FORMAT": "JSON"}
    status, output, _ = start({**where("203.0.113.1", 0), **others, **words}, tmp_path)
    assert status == 78 and "203.0.113.1:0 is not an address" in output, output
    for name, meant in (("API_KEY", "API_KEYS"), ("CORS_ORIGIN", "CORS_ORIGINS")):
        assert f"{name} in the environment is not a setting. It resembles {meant}" in output, output
    assert "somebody-else" not in output
    # In .env, which is nobody else's, it stops the start.
    (tmp_path / ".env").write_text("API_KEY=x\nFOREIGN=1\n")
    status, output, _ = start(good(), tmp_path)
    assert status == 78 and ".env line 1 sets API_KEY, which is not a setting: did you mean API_KEYS?" in output
    assert "FOREIGN" not in output


def test_a_secret_in_a_pipe_that_nobody_writes_to(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    environment = {**good(), "TWILIO_AUTH_TOKEN_SECONDARY_FILE": str(tmp_path / "pipe")}
    status, output, seconds = start(environment, tmp_path)
    assert status == 78 and "TWILIO_AUTH_TOKEN_SECONDARY_FILE names a file that is a pipe" in output, output
    # At the start a pipe has 15 s: the program that writes to it may have to ask a vault first.
    assert "write the value into a regular file" in output and seconds < 20


def where(host, port):
    """A configuration that is good but for where it listens."""
    nowhere = "http://127.0.0.1:9"
    vendors = {"TWILIO_BASE_URL": nowhere, "ULTRAVOX_BASE_URL": nowhere}
    return {**good(), **vendors, "HOST": host, "PORT": str(port), "SHUTDOWN_GRACE": "0s"}


def test_an_address_that_another_program_has(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        status, output, _ = start(where("127.0.0.1", port), tmp_path)
    # Not 78: a supervisor should try again, for another instance may be about to leave.
    assert status == 1, output
    assert f"another program listens on 127.0.0.1:{port};" in output and "another port with PORT" in output, output


def test_an_address_that_this_machine_does_not_have(tmp_path):
    # Of the block for documentation.
    status, output, _ = start(where("203.0.113.1", 0), tmp_path)
    assert status == 78, output
    assert "203.0.113.1:0 is not an address of this machine; set HOST" in output, output


def is_privileged(port):
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as file:
        return os.geteuid() != 0 and port < int(file.read())


@pytest.mark.skipif(not is_privileged(80), reason="whoever runs this may listen on port 80")
def test_a_port_that_is_for_privileged_programs(tmp_path):
    status, output, _ = start(where("127.0.0.1", 80), tmp_path)
    assert status == 78, output
    assert "does not let this program listen on 127.0.0.1:80;" in output and "PORT" in output, output


def test_options_win_over_the_environment_and_secrets_are_no_options(tmp_path):
    status, output, _ = start({**good(), "PORT": "0"}, tmp_path, ["--port", "70000", "--set", "QUEUE_LIMIT=-1"])
    assert status == 78 and "PORT" in output and "QUEUE_LIMIT" in output, output
    # Also over the file that the environment names, which is not even looked at.
    files = {"PORT_FILE": "/nonexistent/port", "QUEUE_LIMIT_FILE": "/nonexistent/limit"}
    status, output, _ = start({**good(), **files}, tmp_path, ["--port", "70000", "--set", "QUEUE_LIMIT=-1"])
    assert status == 78 and "PORT is not" in output and "QUEUE_LIMIT is not" in output, output
    assert "_FILE" not in output, output
    status, output, _ = start(good(), tmp_path, ["--set", f"TWILIO_AUTH_TOKEN={secrets.token_hex(16)}"])
    assert status == 78 and "TWILIO_AUTH_TOKEN_FILE" in output, output
    status, output, _ = start(good(), tmp_path, ["--set", "QUEUE_LIMITS=1"])
    assert status == 78 and "did you mean QUEUE_LIMIT" in output, output


def test_nothing_switches_the_check_of_signatures_off(start_world):
    for name in ("SKIP_SIGNATURE_VERIFICATION", "DISABLE_SIGNATURE_CHECK", "INSECURE"):
        world = start_world(**{name: "true", "ENVIRONMENT": "development"})
        order = world.order(world.new_agent())
        message = order.life.status("ringing", 1, 3)
        target = message.target(world.gateway.public_base_url)
        form = [("Content-Type", "application/x-www-form-urlencoded")]
        assert world.gateway.send("POST", target, headers=form, body=message.body()).status == 403
        assert world.gateway.look_up(order.call["id"])["status"] == "queued"
        break
