"""The commands of the documents work as they stand, pasted after the lines that `switchboard demo --keep` prints."""

import os
import re
import subprocess

import pytest

from harness.process import Program

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))

# A shell function in front of curl: the status of each answer goes to standard error, and what the document does with
# standard output stays as it is.
COUNTING_CURL = r"""curl() { command curl "$@" --write-out '%{stderr}\nSTATUS %{http_code}\n'; }"""


def commands(*path):
    """The code blocks of a document that talk to the gateway, in their order."""
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        blocks = re.findall(r"^```\n(.*?)^```$", file.read(), re.M | re.S)
    found = [block for block in blocks if "curl " in block]
    assert found
    return found


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """The three lines to paste, of a demo that keeps running."""
    demo = Program(["demo", "--keep", "--tempo", "0.05"], {}, tmp_path_factory.mktemp("demo"))
    try:
        yield demo.wait_for(three_exports, within=120, what="the export lines")
    finally:
        demo.stop()


def three_exports(lines):
    found = [line.strip() for line in lines if re.match(r"\s*export \w+=\S+$", line)]
    return found if len(found) == 3 else None


def paste(exports, blocks, directory):
    """Runs the blocks in one shell, which ends at the first variable that is not set."""
    script = "\n".join(["set -u", *exports, COUNTING_CURL, *blocks])
    done = subprocess.run(["bash", "-c", script], cwd=directory, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout, [int(status) for status in re.findall(r"^STATUS (\d+)$", done.stderr, re.M)]


def test_the_commands_of_the_readme_work_as_they_stand(exports, tmp_path):
    output, statuses = paste(exports, commands("README.md"), tmp_path)
    agent, call, hang_up, mistake, order_twice, inbound = [201], [201, 200, 200], [201, 202], [422], [201, 201], [200]
    assert statuses == agent + call + hang_up + mistake + order_twice + inbound, output
    assert output.lower().count("idempotent-replayed: true") == 1
    assert '"errors":[{"field":"phone_number"' in output


def test_the_commands_against_calls_that_do_not_end_work_as_they_stand(exports, tmp_path):
    (hang_up_old_calls,) = commands("docs", "troubleshooting.md")
    _, statuses = paste(exports, [hang_up_old_calls], tmp_path)
    assert statuses == [200], "no call of the demo is that old"

    place_a_long_call, _, _ = commands("README.md")[2].partition("curl -s -X POST")
    old_enough = hang_up_old_calls.replace("2 hours ago", "1 minute")
    assert old_enough != hang_up_old_calls
    output, statuses = paste(exports, [place_a_long_call, old_enough], tmp_path)
    assert statuses == [201, 200, 202], output
