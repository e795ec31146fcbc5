"""`switchboard journal` beside a gateway that runs, and backups that are made meanwhile."""

import json
import shutil
import sqlite3
import subprocess
import threading

import pytest

from harness import journals
from harness.delivering import deliver
from harness.process import Program, executable
from harness.waiting import eventually

METADATA = "ticket-4711-secret"


@pytest.fixture(scope="module")
def world(start_world):
    world = start_world(**journals.SETTINGS)
    agent = world.new_agent()
    world.key = "an-idempotency-key"
    number = world.numbers.take()
    answer = world.gateway.call(
        "POST",
        f"/calls/{agent}",
        {"phone_number": number, "metadata": {"note": METADATA}},
        headers=[("Idempotency-Key", world.key)],
    )
    assert answer.status == 201, answer
    world.call, world.number = answer.json(), number
    deliver(world, *world.life_of(world.call, number).completed())
    return world


def journal(world, *arguments, **environment):
    """Runs `switchboard journal` where the gateway runs, with its settings. Exit code, output, errors."""
    done = subprocess.run(
        [executable(), "journal", *arguments],
        cwd=world.gateway.directory,
        env={**world.gateway.environment, "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_inspect_tells_what_it_is_and_who_writes_it(world):
    status, output, errors = journal(world, "inspect")
    assert (status, errors) == (0, ""), errors
    assert str(journals.path(world)) in output
    assert f"process {world.gateway.pid}" in output
    for kind in ("ordered", "told", "noted", "answer_kept"):
        assert kind in output, output


def test_verify_finds_it_whole_while_the_gateway_writes(world):
    status, output, _ = journal(world, "verify")
    assert status == 0 and "is whole" in output, output
    world.order(world.new_agent())
    world.gateway.require_alive()


def test_the_export_is_one_line_a_record_without_private_contents(world):
    status, output, _ = journal(world, "export")
    lines = [json.loads(line) for line in output.splitlines()]
    assert status == 0 and [line["position"] for line in lines] == [str(n + 1) for n in range(len(lines))]
    types = [line.get("type") for line in lines if line.get("call") == world.call["id"]]
    assert "call.ringing" in types and "call.completed" in types, types
    (ordered,) = [line for line in lines if line["kind"] == "ordered" and line["call"] == world.call["id"]]
    assert ordered["phone_number"] == "…" + world.number[-4:]
    join_url = world.call["join_url"]
    for private in (world.number, METADATA, world.key, join_url, "Jane Smith", "wss://"):
        assert private not in output, private
    _, everything, _ = journal(world, "export", "--unredacted")
    for private in (world.number, METADATA, world.key, join_url, "Jane Smith"):
        assert private in everything.replace("\\/", "/"), private
    assert len(everything.splitlines()) >= len(lines)


def test_nothing_private_is_on_the_screen(world):
    for command in ("inspect", "verify"):
        _, output, errors = journal(world, command)
        assert world.number not in output + errors


@pytest.mark.parametrize("way", ["backup", "vacuum"])
def test_a_backup_under_load_is_whole_and_a_gateway_starts_with_it(world, way, tmp_path):
    agent = world.new_agent()
    over, placed = threading.Event(), []

    def load():
        while not over.is_set():
            placed.append(world.order(agent))
            deliver(world, *placed[-1].life.completed())

    threads = [threading.Thread(target=load, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: len(placed) > 8, what="load")
        before = list(placed[:4])
        copy = tmp_path / journals.NAME
        if way == "backup" and shutil.which("sqlite3"):
            subprocess.run(["sqlite3", journals.path(world), f".backup {copy}"], check=True, timeout=60)
        elif way == "backup":
            with sqlite3.connect(journals.path(world)) as source, sqlite3.connect(copy) as target:
                source.backup(target)
        else:
            with sqlite3.connect(journals.path(world)) as source:
                source.execute("VACUUM INTO ?", (str(copy),))
        reached = len(placed)
        eventually(lambda: len(placed) > reached + 4, what="a gateway that goes on")
    finally:
        over.set()
        for thread in threads:
            thread.join(30)
    status, output, errors = journal(world, "verify", "--file", str(copy))
    assert status == 0 and "is whole" in output, errors
    program = type(world.gateway)({**world.gateway.environment, "JOURNAL": f"sqlite:{copy}"}, tmp_path)
    try:
        for order in before:
            assert program.look_up(order.call["id"]) == world.gateway.look_up(order.call["id"])
    finally:
        program.stop()
    assert journal(world, "verify", "--file", str(copy))[0] == 0


def test_damage_is_named(world, tmp_path):
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(journals.path(world)) as source:
        source.execute("VACUUM INTO ?", (str(copy),))
    with sqlite3.connect(copy) as database:
        database.execute("UPDATE log SET checksum = checksum + 1 WHERE position = 5")
        database.commit()
    status, output, errors = journal(world, "verify", "--file", str(copy))
    assert (status, output) == (1, "") and "the checksum of record 5 is wrong" in errors, errors


def test_verify_finds_what_a_gateway_would_refuse(start_world, tmp_path):
    world = start_world(**journals.SETTINGS)
    for _ in range(3):
        world.order(world.new_agent())
    world.gateway.stop()
    copy = tmp_path / "copy.sqlite"
    shutil.copy(journals.path(world), copy)
    assert journal(world, "verify", "--file", str(copy))[0] == 0
    # All that is left is right, and a snapshot is being written, as far as the file says.
    with sqlite3.connect(copy) as database:
        database.execute("DELETE FROM state WHERE rowid = (SELECT max(rowid) FROM state)")
        database.execute("UPDATE meta SET value = 1 WHERE name = 'writing'")
        database.commit()
    status, output, errors = journal(world, "verify", "--file", str(copy))
    assert (status, output) == (1, "") and "snapshot is damaged" in errors, (output, errors)


def test_what_is_no_journal_is_told_and_not_made(world, tmp_path):
    status, _, errors = journal(world, "inspect", "--file", str(tmp_path / "nothing.sqlite"))
    assert status == 1 and "there is no file" in errors, errors
    assert not list(tmp_path.iterdir())
    with sqlite3.connect(tmp_path / "other.sqlite") as database:
        database.execute("CREATE TABLE log (position)")
    status, _, errors = journal(world, "verify", "--file", str(tmp_path / "other.sqlite"))
    assert status == 1 and "another program" in errors, errors
    status, _, errors = journal(world, "inspect", JOURNAL="none")
    assert status == 78 and "--file" in errors, errors


def test_without_a_gateway_nobody_writes_it(start_world):
    world = start_world(**journals.SETTINGS)
    world.order(world.new_agent())
    world.gateway.stop()
    status, output, _ = journal(world, "inspect")
    assert status == 0 and "nobody" in output
    journals.start_again(world)
    second = Program(["journal", "verify"], world.gateway.environment, world.gateway.directory)
    assert second.end() == 0
