"""A journal that was cut or in which a bit was flipped: the gateway starts with the longest part that is whole, or refuses
loudly and says what to do. It never starts with something else."""

import itertools
import json
import random
import shutil
from types import SimpleNamespace

import pytest

from harness import journals
from harness.delivering import deliver
from harness.figures import amount, figure

CUTS = amount(60, 4096)
FLIPS = amount(40, 1000)
SEED = 20261202
REFUSED = 78
WAYS_OUT = ("estore a backup", "move it away", "later version of switchboard")


@pytest.fixture(scope="module")
def life(start_world):
    """A journal with some calls in it, as a gateway leaves it that is killed, and what it knew after each webhook."""
    world = start_world(**journals.SETTINGS)
    agent = world.new_agent()
    for end in ("completed", "busy"):
        deliver(world, *getattr(world.order(agent, metadata={"n": "1"}).life, end)())
    files = {name: journals.path(world, name) for name in journals.FILES[:2]}
    # A stop leaves all of it in the database; a kill leaves what came since in the log beside it.
    world.gateway.stop()
    closed = files[journals.NAME].read_bytes()
    journals.start_again(world)
    known = [state(world)]
    orders = [world.order(agent) for _ in range(2)]
    known.append(state(world))
    for message in itertools.chain(*zip(orders[0].life.completed(), orders[1].life.busy())):
        deliver(world, message)
        known.append(state(world))
    journals.kill(world)
    return SimpleNamespace(
        world=world, closed=closed, files={name: path.read_bytes() for name, path in files.items()}, known=known
    )


def state(world):
    """Everything that a client can see of the calls."""
    calls = world.gateway.call("GET", "/calls?limit=200").json()["data"]
    return json.dumps([world.gateway.look_up(call["id"]) for call in calls], sort_keys=True)


def outcome(life, directory, database, log):
    """What a start makes of these files: None where it refuses loudly, else what it knows."""
    world = life.world
    directory.mkdir()
    for name, content in zip(journals.FILES, (database, log)):
        if content is not None:
            (directory / name).write_bytes(content)
    try:
        world.gateway = type(world.gateway)(world.gateway.environment, directory)
    except AssertionError as error:
        assert f"ended with {REFUSED}:" in str(error), error
        assert any(way in str(error) for way in WAYS_OUT), error
        return None
    try:
        return state(world)
    finally:
        journals.kill(world)
        shutil.rmtree(directory)


def test_the_whole_files_give_the_whole_state(life, tmp_path):
    assert outcome(life, tmp_path / "whole", *life.files.values()) == life.known[-1]
    assert outcome(life, tmp_path / "closed", life.closed, None) == life.known[0]


def test_a_log_that_is_cut_gives_the_longest_part_that_is_whole(life, tmp_path):
    known = life.known
    database, log = life.files.values()
    frame = 24 + 4096
    seen, last = {}, None
    offsets = range(len(log) - CUTS, len(log)) if CUTS > 1000 else spread(len(log), frame)
    for offset in offsets:
        found = outcome(life, tmp_path / f"cut-{offset}", database, log[:offset])
        assert found is not None, f"refused at {offset} of {len(log)}"
        assert found in known, f"another state at {offset} of {len(log)}"
        at = known.index(found)
        # Never less than a shorter file gives.
        assert last is None or at >= last, (offset, at, last)
        last = at
        seen[at] = seen.get(at, 0) + 1
    assert last is not None and last >= len(known) - 2
    figure("logs cut short", f"{len(offsets)} started with {len(seen)} states known before")


def spread(size, frame):
    """Offsets near the end: on, before and behind each of the last borders of frames, and between them."""
    offsets = set()
    for border in range(size - size % frame + 32, size - 12 * frame, -frame):
        offsets |= {border - 1, border, border + 1, border + 24, border + 2000}
    return sorted(offset for offset in offsets if 0 <= offset < size)[-CUTS:]


def flips(content, count):
    """The content with one bit flipped, for so many bits: every other one is in a byte that is not zero."""
    generator = random.Random(SEED)
    used = [place for place, byte in enumerate(content) if byte]
    for n in range(count):
        place = generator.choice(used) if n % 2 else generator.randrange(len(content))
        bit = 8 * place + generator.randrange(8)
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bit, bytes(flipped)


def test_a_bit_flipped_in_the_database_is_refused_or_changes_nothing(life, tmp_path):
    refused = 0
    for bit, database in flips(life.closed, FLIPS // 2):
        found = outcome(life, tmp_path / f"flip-{bit}", database, None)
        refused += found is None
        assert found in (None, life.known[0]), f"bit {bit}: another state"
    assert refused
    figure("bits flipped in a database", f"{FLIPS // 2}, {refused} refused, the others changed nothing")


def test_a_bit_flipped_in_the_log_is_refused_or_cuts_its_end(life, tmp_path):
    database, log = life.files.values()
    refused = 0
    for bit, log in flips(log, FLIPS // 2):
        found = outcome(life, tmp_path / f"flip-{bit}", database, log)
        refused += found is None
        # The last transaction may look like one that was being written.
        assert found in (None, *life.known[-2:]), f"bit {bit}: another state"
    assert refused
    figure("bits flipped in a write-ahead log", f"{FLIPS // 2}, {refused} refused, the others changed nothing")
