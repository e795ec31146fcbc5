"""Secrets change without a restart: SIGHUP reads the files again, all of them or none."""

import json
import os
import secrets
import signal
import threading
import time

import pytest

from harness.figures import amount, figure
from harness.waiting import eventually
from harness.wire import exchange
from standins.faults import answered
from standins.scripted import Always
from test_secrets import spellings

READ_AGAIN = "secrets reloaded"
NOT_READ_AGAIN = "configuration not reloaded"


class Files:
    """Files with secrets, by the name of the setting, as a tool that manages secrets would write them."""

    def __init__(self, directory):
        self.directory = directory

    def path(self, name):
        return str(self.directory / name)

    def write(self, name, content):
        new = self.directory / (name + ".new")
        new.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.replace(new, self.directory / name)

    def remove(self, name):
        os.remove(self.path(name))


@pytest.fixture(scope="module")
def start_with_files(start_world, tmp_path_factory):
    """A gateway whose secrets stand in files: those given, and its credentials as usual."""

    def start(given=None, **settings):
        files = Files(tmp_path_factory.mktemp("secrets"))

        def from_file(name, value):
            def put(world):
                files.write(name, value(world) if callable(value) else value)
                return files.path(name)

            return put

        contents = {
            "TWILIO_AUTH_TOKEN": lambda world: world.credentials.auth_token + "\n",
            "TWILIO_AUTH_TOKEN_SECONDARY": "",
            "ULTRAVOX_API_KEY": lambda world: world.credentials.ultravox_api_key + "\n",
            "ULTRAVOX_WEBHOOK_SECRETS": lambda world: world.credentials.ultravox_webhook_secret,
            "API_KEYS": lambda world: f"test:{world.credentials.api_key}\r\n",
            **(given or {}),
        }
        world = start_world(
            **dict.fromkeys(contents),  # not in the environment itself
            **{name + "_FILE": from_file(name, content) for name, content in contents.items()},
            **settings,
        )
        world.gateway.environment["API_KEYS"] = f"test:{world.credentials.api_key}"  # what a client knows
        world.files = files
        return world

    return start


@pytest.fixture(scope="module")
def world(start_with_files):
    return start_with_files()


def count(world, message):
    return sum(f'"{message}' in line for line in list(world.gateway.lines))


def read_again(world, message=READ_AGAIN):
    """Sends SIGHUP, and waits until the gateway has told how it went."""
    before = count(world, message)
    os.kill(world.gateway.pid, signal.SIGHUP)
    eventually(lambda: count(world, message) > before, within=10, what=message)


def status_of(world, message):
    return world.gateway.deliver(message).status


def ringing(order, token):
    message = order.life.status("ringing", 1, 3)
    message.auth_token = token
    return message


def joined(order, secret=None):
    message = order.life.ultravox("joined", joined=13)
    message.secret = secret or message.secret
    return message


def key_works(world, key):
    return exchange(world.gateway.origin, "GET", "/calls", headers=[("X-API-Key", key)]).status == 200


class Load:
    """Genuine messages without a pause, by four senders; every one of them must be accepted."""

    def __init__(self, world, make):
        self.world, self.make, self.over = world, make, threading.Event()
        self.taken, self.refused = [], []
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(4)]

    def _run(self):
        while not self.over.is_set():
            message = self.make()
            status = status_of(self.world, message)
            (self.taken if status == 204 else self.refused).append((status, message))

    def goes_on(self):
        """Waits until so many more have been sent that a change cannot have slipped between two."""
        enough = len(self.taken) + 25
        eventually(lambda: self.refused or len(self.taken) >= enough, within=30, what="messages under way")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.goes_on()
        return self

    def __exit__(self, failure, *_):
        if failure is None:
            self.goes_on()
        self.over.set()
        for thread in self.threads:
            thread.join(30)


def test_a_twilio_token_is_rotated_without_losing_a_message_or_a_request(start_with_files):
    """In the order of docs/configuration.md."""
    world = start_with_files()
    agent = world.new_agent()
    order = world.order(agent)
    token, times = world.credentials.auth_token, amount(5, 100)
    sent, slowest = 0, 0.0
    for _ in range(times):
        old, new = token, secrets.token_hex(16)
        tokens = [old]
        with Load(world, lambda: ringing(order, tokens[-1])) as load:
            assert status_of(world, ringing(order, new)) == 403
            # The secondary token: requests may show it, and webhooks are still signed with the other one.
            world.twilio.add_api_key(world.credentials.account_sid, new)
            assert world.place(agent)[0].status == 201
            world.files.write("TWILIO_AUTH_TOKEN", new + "\n")
            world.files.write("TWILIO_AUTH_TOKEN_SECONDARY", old + "\n")
            read_again(world)
            assert {status_of(world, ringing(order, one)) for one in (old, new)} == {204}
            assert world.place(agent)[0].status == 201
            # It is promoted: requests may show nothing else, and webhooks are signed with it.
            world.twilio.change_token(new)
            world.twilio.api_keys.clear()
            tokens.append(new)
            load.goes_on()
            assert world.place(agent)[0].status == 201
            world.files.write("TWILIO_AUTH_TOKEN_SECONDARY", "")
            since = time.monotonic()
            os.kill(world.gateway.pid, signal.SIGHUP)
            eventually(lambda: status_of(world, ringing(order, old)) == 403, within=1.0, what="the old token refused")
            slowest = max(slowest, time.monotonic() - since)
        assert not load.refused, load.refused[:3]
        sent += len(load.taken)
        assert status_of(world, ringing(order, old)) == 403
        assert world.place(agent)[0].status == 201
        token = new
    figure(
        "rotation of the auth token",
        f"{times} times under {sent} genuine messages, 0 refused; a removed token refused within {slowest:.2f} s",
    )


def test_webhook_secrets_of_ultravox_are_rotated(world):
    order = world.order(world.new_agent())
    old, new = world.credentials.ultravox_webhook_secret, "account-webhook-" + secrets.token_hex(16)
    assert [status_of(world, joined(order, secret)) for secret in (old, new)] == [204, 403]
    with Load(world, lambda: joined(order, old)) as load:
        world.files.write("ULTRAVOX_WEBHOOK_SECRETS", f"{new},{old}")
        read_again(world)
    assert not load.refused, load.refused[:3]
    assert [status_of(world, joined(order, secret)) for secret in (old, new)] == [204, 204]
    with Load(world, lambda: joined(order, new)) as load:
        world.files.write("ULTRAVOX_WEBHOOK_SECRETS", new)
        since = time.monotonic()
        os.kill(world.gateway.pid, signal.SIGHUP)
        eventually(lambda: status_of(world, joined(order, old)) == 403, within=1.0, what="the old secret refused")
        assert time.monotonic() - since <= 1.0
    assert not load.refused, load.refused[:3]
    # Callbacks of single calls have a secret of their own.
    assert status_of(world, joined(order)) == 204


def test_the_key_of_ultravox_is_rotated_and_calls_under_way_keep_their_callbacks(world):
    orders = [world.order(world.new_agent())]
    # Twice, so quickly that the calls of the first key are still under way.
    for _ in range(2):
        new = secrets.token_hex(4) + "." + secrets.token_hex(16)
        world.ultravox.api_key = new
        assert world.gateway.call("GET", "/agents").status == 502  # the stand-in takes no other
        with Load(world, lambda: joined(orders[0])) as load:
            world.files.write("ULTRAVOX_API_KEY", new)
            read_again(world)
        assert not load.refused, load.refused[:3]
        assert world.gateway.call("GET", "/agents").status == 200
        orders.append(world.order(world.new_agent()))
    assert len({joined(order).secret for order in orders}) == 3
    assert [status_of(world, joined(order)) for order in orders] == [204] * 3
    for order in orders:
        assert {status_of(world, message) for message in order.life.completed()} <= {200, 204}
        assert world.gateway.look_up(order.call["id"])["conversation"]["billed_seconds"] == 48


def test_twilio_api_keys_are_read_again(start_with_files):
    def granted(world, sid, secret):
        world.twilio.account_sid, account = sid, world.twilio.account_sid
        world.twilio.change_token(secret)
        world.twilio.account_sid = account

    keys = [("SK" + secrets.token_hex(16), secrets.token_hex(16)) for _ in range(2)]
    world = start_with_files({"TWILIO_API_KEY_SID": keys[0][0], "TWILIO_API_KEY_SECRET": keys[0][1]})
    agent = world.new_agent()
    granted(world, *keys[0])
    assert world.place(agent)[0].status == 201
    granted(world, *keys[1])
    assert world.place(agent)[0].status == 502
    world.files.write("TWILIO_API_KEY_SID", keys[1][0])
    world.files.write("TWILIO_API_KEY_SECRET", keys[1][1])
    read_again(world)
    assert world.place(agent)[0].status == 201
    shown = world.gateway.call("GET", "/health").json()["configuration"]
    assert shown["TWILIO_API_KEY_SID"] == keys[1][0]


def test_api_keys_are_rotated_and_idempotency_follows_the_name(start_with_files):
    world = start_with_files()
    agent = world.new_agent()
    old, new = world.credentials.api_key, "client-key-" + secrets.token_hex(16)

    def order(key, document):
        fields = [("X-API-Key", key), ("Idempotency-Key", "one"), ("Content-Type", "application/json")]
        body = json.dumps(document).encode()
        return exchange(world.gateway.origin, "POST", f"/calls/{agent}", headers=fields, body=body)

    document = {"phone_number": world.numbers.take()}
    first = order(old, document)
    assert first.status == 201 and not key_works(world, new)
    world.files.write("API_KEYS", f"test:{old},next:{new}")
    read_again(world)
    assert key_works(world, old) and key_works(world, new)
    world.files.write("API_KEYS", f"test:{new}")
    since = time.monotonic()
    os.kill(world.gateway.pid, signal.SIGHUP)
    eventually(lambda: not key_works(world, old), within=1.0, what="the old key refused")
    assert time.monotonic() - since <= 1.0
    # The same client under the same name, with a new secret: its repetition dials nobody again.
    again = order(new, document)
    assert (again.status, again.header("idempotent-replayed"), again.body) == (201, "true", first.body)
    assert len(world.twilio.creates) == 1


def test_a_line_of_dot_env_is_read_again(start_world):
    world = start_world()
    directory = os.readlink(f"/proc/{world.gateway.pid}/cwd")
    new = secrets.token_hex(16)
    with open(os.path.join(directory, ".env"), "w") as file:
        file.write(f"TWILIO_AUTH_TOKEN_SECONDARY={new}\n")
    order = world.order(world.new_agent())
    assert status_of(world, ringing(order, new)) == 403
    read_again(world)
    assert status_of(world, ringing(order, new)) == 204


SHORT, BROKEN = "fifteen-letters", "broken-" + "\n".join([secrets.token_hex(16)] * 2)
BAD = [
    *(
        (name, what, content)
        for name in ("TWILIO_AUTH_TOKEN", "ULTRAVOX_API_KEY", "API_KEYS")
        for what, content in (("empty", ""), ("a line end alone", "\r\n"), ("gone", None))
    ),
    *(
        (name, what, content)
        for name in ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_SECONDARY", "ULTRAVOX_WEBHOOK_SECRETS")
        for what, content in (
            ("too short", SHORT),
            ("two lines", BROKEN),
            ("not ASCII", "geheimnis-geheimnis-größer"),
            ("not text", b"\xff\xfe" + b"x\0" * 20),
            ("a placeholder", "your-twilio-auth-token-here"),
            ("endless", "x" * (4 << 20)),
            ("gone", None),
        )
    ),
    ("API_KEYS", "a secret that is too short", f"test:{SHORT}"),
    ("API_KEYS", "no name", secrets.token_hex(16)),
    ("API_KEYS", "an empty part", f"a:{secrets.token_hex(16)},,b:{secrets.token_hex(16)}"),
    ("API_KEYS", "a name twice", f"a:{secrets.token_hex(16)},a:{secrets.token_hex(16)}"),
    ("ULTRAVOX_WEBHOOK_SECRETS", "an empty part", f"{secrets.token_hex(16)},"),
]


@pytest.mark.parametrize(("name", "what", "content"), BAD, ids=[f"{name}, {what}" for name, what, _ in BAD])
def test_a_bad_file_changes_nothing_and_is_named(start_with_files, bad_world, name, what, content):
    world, order, before = bad_world
    # Another setting would change with it, if the bad one did not stand in its way.
    other = "API_KEYS" if name != "API_KEYS" else "TWILIO_AUTH_TOKEN_SECONDARY"
    new = "other-new-" + secrets.token_hex(16)
    world.files.write(other, f"other:{new}" if other == "API_KEYS" else new)
    if content is None:
        world.files.remove(name)
    else:
        world.files.write(name, content)
    told = len(world.gateway.lines)
    try:
        read_again(world, NOT_READ_AGAIN)
    finally:
        for setting, good in before.items():
            world.files.write(setting, good)
    lines = world.gateway.lines[told:]
    errors = [entry for entry in map(json.loads, lines) if entry["message"].startswith(NOT_READ_AGAIN)]
    assert {entry["setting"] for entry in errors} <= {name, name + "_FILE"} and errors
    assert {entry["level"] for entry in errors} == {"error"}
    if content:
        shown = content if isinstance(content, str) else content.decode("latin-1")
        for part in {part for line in shown.split("\n") for part in line.replace(":", ",").split(",") if len(part) > 8}:
            assert not any(spelling in line for line in lines for spelling in spellings(part[:64]))
    # As it was, in every respect.
    assert key_works(world, world.credentials.api_key) and not key_works(world, new)
    assert status_of(world, ringing(order, world.credentials.auth_token)) == 204
    assert status_of(world, ringing(order, new)) == 403
    assert status_of(world, joined(order, world.credentials.ultravox_webhook_secret)) == 204
    assert status_of(world, joined(order)) == 204
    # And as soon as it is mended, it counts.
    read_again(world)


@pytest.fixture(scope="module")
def bad_world(start_with_files):
    world = start_with_files()
    before = {name: open(world.files.path(name)).read() for name in os.listdir(world.files.directory)}
    return world, world.order(world.new_agent()), before


def test_nothing_to_read_changes_nothing_however_often_it_is_asked_for(start_world):
    world = start_world()
    agent = world.new_agent()
    order = world.order(agent)
    call = world.gateway.look_up(order.call["id"])
    world.twilio.weather = Always(answered(201, None, acts=True, after=0.5))
    with Load(world, lambda: ringing(order, world.credentials.auth_token)) as load:
        for _ in range(100):
            os.kill(world.gateway.pid, signal.SIGHUP)
        answer, _ = world.place(agent)
        read_again(world)
    assert answer.status == 201
    assert not load.refused, load.refused[:3]
    seen = world.gateway.look_up(order.call["id"])
    assert (seen["id"], seen["status"]) == (call["id"], "ringing")
    assert key_works(world, world.credentials.api_key)
    world.gateway.require_alive()


def test_what_cannot_change_without_a_restart_is_said(start_with_files):
    world = start_with_files({"CALLS_PER_SECOND": "1000"})
    world.files.write("CALLS_PER_SECOND", "2")
    read_again(world)
    eventually(lambda: count(world, "some changed settings"), what="a warning")
    (line,) = [line for line in world.gateway.lines if "some changed settings" in line]
    assert json.loads(line)["settings"] == "CALLS_PER_SECOND"


def last_line(world, message):
    """The last log line with a message that begins so."""
    return [json.loads(line) for line in list(world.gateway.lines) if f'"{message}' in line][-1]


def test_what_was_put_into_use_is_said_by_name_alone(start_with_files):
    # Of the block for documentation: what goes to loopback does not go through a proxy elsewhere.
    proxies = [f"http://u:{secrets.token_hex(8)}@192.0.2.1:9" for _ in range(2)]
    world = start_with_files({"UPSTREAM_PROXY": proxies[0], "ULTRAVOX_TIMESTAMP_TOLERANCE": "5m"})
    new = secrets.token_hex(16)
    world.files.write("TWILIO_AUTH_TOKEN_SECONDARY", new)
    world.files.write("ULTRAVOX_TIMESTAMP_TOLERANCE", "4m")
    read_again(world)
    assert last_line(world, READ_AGAIN)["settings"] == "TWILIO_AUTH_TOKEN_SECONDARY, ULTRAVOX_TIMESTAMP_TOLERANCE"
    assert count(world, "some changed settings") == 0
    world.files.write("UPSTREAM_PROXY", proxies[1])
    read_again(world)
    eventually(lambda: count(world, "some changed settings"), what="a warning")
    assert last_line(world, READ_AGAIN)["settings"] == "none changed"
    assert last_line(world, "some changed settings")["settings"] == "UPSTREAM_PROXY"
    for secret in (new, *(proxy.split(":")[2].partition("@")[0] for proxy in proxies)):
        assert not any(spelling in line for line in world.gateway.lines for spelling in spellings(secret))


OTHERS = {
    "TWILIO_ACCOUNT_SID": lambda world: world.credentials.account_sid,
    "TWILIO_BASE_URL": lambda world: world.twilio.origin,
    "ULTRAVOX_BASE_URL": lambda world: world.ultravox.origin,
}


@pytest.fixture(scope="module")
def movable_world(start_with_files):
    world = start_with_files(OTHERS)
    return world, world.new_agent()


@pytest.mark.parametrize("name", OTHERS)
def test_new_secrets_do_not_go_to_the_old_account_or_address(movable_world, name):
    world, agent = movable_world
    files = ("TWILIO_AUTH_TOKEN", "ULTRAVOX_API_KEY", "API_KEYS", name)
    before = {file: open(world.files.path(file)).read() for file in files}
    new = secrets.token_hex(16)
    world.files.write("TWILIO_AUTH_TOKEN", new)
    world.files.write("ULTRAVOX_API_KEY", new)
    world.files.write("API_KEYS", f"other:{new}")
    world.files.write(name, "AC" + secrets.token_hex(16) if name.endswith("SID") else "https://api.example.com")
    try:
        read_again(world, NOT_READ_AGAIN)
        error = last_line(world, NOT_READ_AGAIN)
        assert (error["level"], error["setting"]) == ("error", name) and "restart" in error["message"]
        # As it was, in every respect: both vendors take nothing but the old secrets.
        assert world.place(agent)[0].status == 201 and world.gateway.call("GET", "/agents").status == 200
        assert not key_works(world, new)
        order = world.order(agent)
        assert status_of(world, ringing(order, new)) == 403
        assert status_of(world, ringing(order, world.credentials.auth_token)) == 204
    finally:
        for file, content in before.items():
            world.files.write(file, content)
    read_again(world)


def test_in_development_a_changed_template_counts_at_once_and_a_bad_one_does_not(start_world, tmp_path):
    directory = tmp_path / "twiml"
    directory.mkdir()
    reject = directory / "reject.xml"
    reject.write_text('<Response><Reject reason="busy"/></Response>')
    world = start_world(ENVIRONMENT="development", TWIML_DIR=str(directory), LOG_FORMAT="json")

    def answer():
        return world.gateway.deliver(world.inbound().voice()).body

    assert b'"busy"' in answer()
    reject.write_text('<Response><Reject reason="rejected"/></Response>')
    eventually(lambda: b'"rejected"' in answer(), what="the changed template")
    reject.write_text("<Response><Reject")
    eventually(lambda: any("not reloaded" in line for line in list(world.gateway.lines)), what="a line about it")
    assert b'"rejected"' in answer()


def wait_for_refusal(world, told):
    def refusals():
        lines = map(json.loads, world.gateway.lines[told:])
        return [entry for entry in lines if entry["message"].startswith(NOT_READ_AGAIN)]

    return eventually(refusals, within=10, what="why nothing was read again")


def test_a_pipe_that_nobody_writes_to_does_not_hold_up_a_reload(start_with_files):
    world = start_with_files()
    path = world.files.path("TWILIO_AUTH_TOKEN_SECONDARY")
    for _ in range(2):
        os.remove(path)
        os.mkfifo(path)
        told = len(world.gateway.lines)
        os.kill(world.gateway.pid, signal.SIGHUP)
        # Everybody else goes on meanwhile.
        since = time.monotonic()
        assert key_works(world, world.credentials.api_key)
        assert time.monotonic() - since < 1
        (refusal,) = wait_for_refusal(world, told)
        assert refusal["setting"] == "TWILIO_AUTH_TOKEN_SECONDARY_FILE" and "regular file" in refusal["problem"]
        # The next one finds a file, and takes it.
        world.files.write("TWILIO_AUTH_TOKEN_SECONDARY", secrets.token_hex(16))
        read_again(world)


def test_nor_does_it_hold_up_a_stop(start_with_files):
    world = start_with_files(SHUTDOWN_GRACE="2s")
    for name in ("TWILIO_AUTH_TOKEN", "API_KEYS"):
        world.files.remove(name)
        os.mkfifo(world.files.path(name))
    os.kill(world.gateway.pid, signal.SIGHUP)
    began = time.monotonic()
    os.kill(world.gateway.pid, signal.SIGTERM)
    assert world.gateway.end(within=15) == 0
    assert time.monotonic() - began < 2 + 2
