"""Secrets change without a restart: SIGHUP reads the files again."""

import os
import secrets
import signal
import threading
import time

import pytest

from harness.waiting import eventually
from harness.wire import exchange


@pytest.fixture
def files(tmp_path):
    """Files for secrets, by the name of the setting; written as a whole."""

    class Files:
        def path(self, name):
            return str(tmp_path / name)

        def write(self, name, text):
            (tmp_path / (name + ".new")).write_text(text)
            os.replace(tmp_path / (name + ".new"), tmp_path / name)

    return Files()


@pytest.fixture
def world(start_world, files):
    def put(name, value):
        files.write(name, value)
        return files.path(name)

    def from_file(name, value):
        return lambda world: put(name, value(world))

    files.write("TWILIO_AUTH_TOKEN_SECONDARY", "")
    world = start_world(
        TWILIO_AUTH_TOKEN=None,
        TWILIO_AUTH_TOKEN_FILE=from_file("TWILIO_AUTH_TOKEN", lambda world: world.credentials.auth_token + "\n"),
        TWILIO_AUTH_TOKEN_SECONDARY_FILE=files.path("TWILIO_AUTH_TOKEN_SECONDARY"),
        API_KEYS=None,
        API_KEYS_FILE=from_file("API_KEYS", lambda world: f"test:{world.credentials.api_key}"),
        ULTRAVOX_WEBHOOK_SECRETS=None,
        ULTRAVOX_WEBHOOK_SECRETS_FILE=from_file("ULTRAVOX", lambda world: world.credentials.ultravox_webhook_secret),
    )
    return world


def read_again(world, message="the secrets were read again"):
    before = sum(message in line for line in list(world.gateway.lines))
    os.kill(world.gateway.pid, signal.SIGHUP)
    eventually(lambda: sum(message in line for line in list(world.gateway.lines)) > before, within=5, what=message)


def status_of(world, order, token):
    order.life.auth_token = token
    return world.gateway.deliver(order.life.status("ringing", 1, 3)).status


def key_works(world, key):
    return exchange(world.gateway.origin, "GET", "/calls", headers=[("X-API-Key", key)]).status == 200


def test_a_token_is_rotated_without_losing_a_message(world, files, request):
    key = world.credentials.api_key
    world.gateway.environment["API_KEYS"] = f"test:{key}"
    order = world.order(world.new_agent())
    old, new = world.credentials.auth_token, secrets.token_hex(16)
    assert (status_of(world, order, old), status_of(world, order, new)) == (204, 403)
    refused, over = [], threading.Event()

    def steady_load():
        while not over.is_set():
            message = order.life.status("ringing", 1, 3)
            if world.gateway.deliver(message).status != 204:
                refused.append(message)

    order.life.auth_token = old
    load = threading.Thread(target=steady_load)
    load.start()
    files.write("TWILIO_AUTH_TOKEN", new)
    files.write("TWILIO_AUTH_TOKEN_SECONDARY", old)
    read_again(world)
    over.set()
    load.join()
    assert not refused
    assert (status_of(world, order, old), status_of(world, order, new)) == (204, 204)
    files.write("TWILIO_AUTH_TOKEN_SECONDARY", "")
    since = time.monotonic()
    os.kill(world.gateway.pid, signal.SIGHUP)
    eventually(lambda: status_of(world, order, old) == 403, within=1.0, what="the old token refused")
    assert time.monotonic() - since <= 1.0
    assert status_of(world, order, new) == 204
    # Requests to Twilio show the new token.
    world.twilio.change_token(new)
    assert world.place(world.new_agent())[0].status == 201


def test_api_keys_and_webhook_secrets_are_read_again(world, files):
    old, new = world.credentials.api_key, "client-key-" + secrets.token_hex(16)
    assert key_works(world, old) and not key_works(world, new)
    files.write("API_KEYS", f"test:{old},other:{new}")
    read_again(world)
    assert key_works(world, old) and key_works(world, new)
    files.write("API_KEYS", f"other:{new}")
    read_again(world)
    assert not key_works(world, old) and key_works(world, new)


@pytest.mark.parametrize("bad", ["", "short", "line\nbreak-in-the-middle"])
def test_a_bad_file_changes_nothing_and_is_named(world, files, bad):
    old = world.credentials.api_key
    files.write("TWILIO_AUTH_TOKEN", bad)
    files.write("API_KEYS", "other:client-key-" + secrets.token_hex(16))
    read_again(world, "the configuration was not read again")
    assert any('"TWILIO_AUTH_TOKEN"' in line for line in world.gateway.lines)
    assert key_works(world, old)
    assert not bad or not any(bad in line for line in world.gateway.lines if "not read again" in line and bad != "short")


def test_nothing_to_read_changes_nothing(start_world):
    world = start_world()
    read_again(world)
    assert key_works(world, world.credentials.api_key)
    world.gateway.require_alive()
