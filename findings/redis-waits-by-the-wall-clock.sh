#!/usr/bin/env bash
# Redis ends XREAD BLOCK, BLPOP, WAIT and CLIENT PAUSE by the wall clock: set back 6 s, a wait of 3 s lasts 9 s.
#
# Guess:    keys expire by the wall clock (the manual says so), but "wait at most 3000 ms" is a span and is counted
#           on the monotonic clock, which Redis has: INFO names it (monotonic_clock), its timers run on it.
# Happens:  the end of a wait is kept as a time of day. A clock set back during the wait adds the step to it; a
#           clock set forward ends it at once: WAIT then reports 0 replicas after half a second, as if they had
#           had all of the time, and the writes that CLIENT PAUSE holds back go on 2.5 s early.
# Matters:  a worker that reads its log with XREAD BLOCK and uses the empty answer as the tick for deadlines and
#           retries stands still for as long as the clock was set back; a socket timeout a little above BLOCK turns
#           that into a reconnect. The timeout of WAIT is no span that replicas were given.
# Version:  Debian 12's redis-server and redis-tools 5:7.0.15-1~deb12u10. A preloaded library moves
#           the wall clock of that one process and leaves its monotonic clock alone.
# Output seen:
#   the server's timers: POSIX clock_gettime
#   clock untouched: XREAD BLOCK 3000 3 s, BLPOP 3 3 s, WAIT 1 3000 3 s, SET in CLIENT PAUSE 3000 3 s
#   set back 6 s: XREAD BLOCK 3000 9 s, BLPOP 3 9 s, WAIT 1 3000 9 s, SET in CLIENT PAUSE 3000 9 s
#   set forward 1 h: XREAD BLOCK 3000 at once, BLPOP 3 at once, WAIT 1 3000 at once, SET in CLIENT PAUSE 3000 at once
# Needs:    Debian 12 with its package lists (apt-get update) and cc; nothing is installed outside the temp folder.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fetch() { # NAME VERSION: downloads that version, or with a remark the one that Debian has now
    apt-get download -qq -o APT::Sandbox::User=root "$1=$2" 2>"$dir/apt" && return
    apt-get download -qq -o APT::Sandbox::User=root "$1" || { cat "$dir/apt"; echo "no package $1: run apt-get update"; exit 1; }
    echo "$1 $2 is gone from Debian: a newer one is tried" >&2
}
mkdir "$dir/packages" "$dir/root"
cd "$dir/packages"
fetch redis-server 5:7.0.15-1~deb12u10
fetch redis-tools 5:7.0.15-1~deb12u10
for library in libatomic1 libjemalloc2 liblzf1 libssl3; do
    apt-get download -qq -o APT::Sandbox::User=root "$library"
done
for package in *.deb; do dpkg-deb -x "$package" "$dir/root"; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir/root" -name 'libjemalloc.so.2')")
export LD_LIBRARY_PATH

cat > "$dir/clock.c" <<'C'
/* Adds the seconds that the file $CLOCK_STEP holds to the wall clock. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        char step[32] = "";
        int file = open(getenv("CLOCK_STEP"), O_RDONLY);
        if (file < 0 || read(file, step, sizeof step - 1) < 1) abort();
        close(file);
        now->tv_sec += atol(step);
    }
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    int result = clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return result;
}

time_t time(time_t *now) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    return now ? (*now = precise.tv_sec) : precise.tv_sec;
}
C
cc -shared -fPIC -O1 -o "$dir/clock.so" "$dir/clock.c"

cat > "$dir/run.py" <<'PYTHON'
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

folder = Path(sys.argv[1])
STEP = folder / "step"


def set_clock(seconds):
    (folder / "step.new").write_text(str(seconds))
    os.replace(folder / "step.new", STEP)


def ask(port, line):
    """Sends one inline command on its own connection; returns the answer's first bytes and the seconds it took."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        started = time.monotonic()
        connection.sendall(line.encode() + b"\r\n")
        answer = connection.recv(65536)
        return answer, time.monotonic() - started


def span(seconds):
    for low, high, name in ((0, 2.5, "at once"), (2.9, 6, "3 s"), (8.9, 12, "9 s")):
        if low <= seconds < high:
            return name
    return "%.1f s" % seconds


def waits(port, seconds):
    """The span of each wait when the clock is moved by so many seconds half a second after it began."""
    set_clock(0)
    time.sleep(0.5)
    spans = {}

    def one(line, empty):
        answer, took = ask(port, line)
        assert answer == empty, answer
        spans[line] = span(took)

    together = [
        ("XREAD BLOCK 3000 STREAMS log $", b"*-1\r\n"),
        ("BLPOP list 3", b"*-1\r\n"),
        ("WAIT 1 3000", b":0\r\n"),
    ]
    threads = [threading.Thread(target=one, args=pair) for pair in together]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    set_clock(seconds)
    for thread in threads:
        thread.join()

    set_clock(0)
    time.sleep(0.5)
    assert ask(port, "CLIENT PAUSE 3000 WRITE")[0] == b"+OK\r\n"
    thread = threading.Thread(target=one, args=("SET key value", b"+OK\r\n"))
    thread.start()
    time.sleep(0.5)
    set_clock(seconds)
    thread.join()
    return [spans[line] for line, _ in together] + [spans["SET key value"]]


set_clock(0)
with socket.create_server(("127.0.0.1", 0)) as probe:
    port = probe.getsockname()[1]
server = subprocess.Popen(
    [folder / "root/usr/bin/redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
    stdout=subprocess.DEVNULL,
    env=dict(os.environ, LD_PRELOAD=str(folder / "clock.so"), CLOCK_STEP=str(STEP)))
try:
    for _ in range(200):
        try:
            info, _ = ask(port, "INFO server")
            break
        except OSError:
            time.sleep(0.05)
    else:
        sys.exit("redis-server does not listen")
    print("the server's timers: %s" % re.search(rb"monotonic_clock:(.*)\r", info)[1].decode())
    for label, seconds in (("clock untouched", 0), ("set back 6 s", -6), ("set forward 1 h", 3600)):
        print("%s: XREAD BLOCK 3000 %s, BLPOP 3 %s, WAIT 1 3000 %s, SET in CLIENT PAUSE 3000 %s" % (
            label, *waits(port, seconds)))
finally:
    server.terminate()
    server.wait()
PYTHON

cat > "$dir/expected" <<'EXPECTED'
the server's timers: POSIX clock_gettime
clock untouched: XREAD BLOCK 3000 3 s, BLPOP 3 3 s, WAIT 1 3000 3 s, SET in CLIENT PAUSE 3000 3 s
set back 6 s: XREAD BLOCK 3000 9 s, BLPOP 3 9 s, WAIT 1 3000 9 s, SET in CLIENT PAUSE 3000 9 s
set forward 1 h: XREAD BLOCK 3000 at once, BLPOP 3 at once, WAIT 1 3000 at once, SET in CLIENT PAUSE 3000 at once
EXPECTED

"$dir/root/usr/bin/redis-cli" --version >&2
python3 "$dir/run.py" "$dir" > "$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" || { echo "CHANGED: Redis counts a wait otherwise (see the lines above)"; exit 1; }
