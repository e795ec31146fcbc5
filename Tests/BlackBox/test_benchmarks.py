"""The benchmark programs: they measure what they say, and say what they miss."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from harness.process import executable

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def webhooks(*arguments, path=None):
    return benchmark("webhooks", *arguments, path=path)


def benchmark(name, *arguments, path=None):
    environment = {**os.environ, "PATH": os.environ["PATH"] if path is None else path}
    return subprocess.run(
        [sys.executable, os.path.join(ROOT, "Benchmarks", name), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
@pytest.mark.skipif(len(os.sched_getaffinity(0) & {0, 1}) < 2, reason="two cores are needed")
def test_webhooks_compares_builds():
    builds = [f"{name}={executable()}" for name in ("BASE", "NEW")]
    run = webhooks(*builds, "--rounds", "1", "--messages", "300")
    assert run.returncode == 0, run.stderr
    for load in ("new", "repeated"):
        assert re.search(rf"^\| {load} \| [\d,]+ \(.*\) \| [\d,]+ \(.*\) \| \d\.\d{{3}} \|$", run.stdout, re.M), run.stdout
    assert webhooks(*builds, "--rounds", "1", "--messages", "300", "--least", "100").returncode == 1


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
@pytest.mark.skipif(len(os.sched_getaffinity(0) & {0, 1}) < 2, reason="two cores are needed")
def test_webhooks_compares_settings(tmp_path):
    builds = [f"{name}={executable()}" for name in ("OFF", "ON")]
    journal = ["--set", "ON:JOURNAL=sqlite:journal.sqlite", "--folder", str(tmp_path)]
    run = webhooks(*builds, *journal, "--rounds", "1", "--messages", "300")
    assert run.returncode == 0, run.stderr
    assert "ON/OFF" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_placing_compares_settings(tmp_path):
    builds = [f"{name}={executable()}" for name in ("OFF", "ON")]
    journal = ["--set", "ON:JOURNAL=sqlite:journal.sqlite", "--folder", str(tmp_path)]
    run = benchmark("placing", *builds, *journal, "--rounds", "1", "--orders", "5")
    assert run.returncode == 0, run.stderr
    for name in ("OFF", "ON"):
        assert re.search(rf"^\| {name} \| [\d.]+ \| [\d.]+ \| [+-][\d.]+ \|$", run.stdout, re.M), run.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
@pytest.mark.skipif(len(os.sched_getaffinity(0) & {0, 1}) < 2, reason="two cores are needed")
def test_streams_measures_what_readers_cost():
    few = [executable(), "--readers", "256", "--rounds", "1", "--batches", "1"]
    run = benchmark("streams", *few, "--least", "0.01", "--most", "1000000")
    assert run.returncode == 0, run.stderr
    for load in ("none", r"/calls/\{id\}/events", r"/events\?metadata\[reader\]=…"):
        assert re.search(rf"^\| {load} \| [\d,]+ \(.*\) \| \d+\.\d{{3}} \| \d+ \|$", run.stdout, re.M), run.stdout
    for connection in ("/events", r"/calls/\{id\}/events"):
        assert re.search(rf"^\| {connection} \| -?[\d,]+ \| -?[\d,]+ \|$", run.stdout, re.M), run.stdout
    assert re.search(r"p50 -?\d+\.\d\d ms, p99 \d+\.\d\d ms\.$", run.stdout, re.M), run.stdout
    refused = benchmark("streams", *few, "--most", "1")
    assert refused.returncode == 1 and "bytes for a reader" in refused.stderr, refused.stderr


@pytest.mark.parametrize(
    "arguments, path, advice",
    [
        (["BASE=missing", "NEW=missing"], None, "swift build -c release"),
        (["missing"], None, "NAME=EXECUTABLE"),
        ([f"BASE={sys.executable}"], None, "at least two builds"),
        ([f"BASE={sys.executable}", f"NEW={sys.executable}"], "", "apt-get install wrk"),
        ([f"A={sys.executable}", f"B={sys.executable}", "--client-core", "0"], None, "--client-core"),
        ([f"A={sys.executable}", f"B={sys.executable}", "--set", "C:JOURNAL=none"], None, "NAME:SETTING=VALUE"),
    ],
)
def test_webhooks_says_in_a_line_what_is_missing(arguments, path, advice):
    if path is None and not shutil.which("wrk") and "--client-core" in arguments:
        pytest.skip("wrk is not installed")
    run = webhooks(*arguments, path=path)
    assert run.returncode == 1 and advice in run.stderr and run.stderr.count("\n") == 1, run.stderr


def test_webhooks_takes_no_figure_of_a_program_that_does_not_serve():
    if not shutil.which("wrk"):
        pytest.skip("wrk is not installed")
    run = webhooks(f"BASE={shutil.which('false')}", f"NEW={executable()}", "--rounds", "1", "--messages", "100")
    assert run.returncode == 1 and "the gateway ended" in run.stderr, run.stderr
