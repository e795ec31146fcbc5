"""What everybody else sees while slow clients hold a thousand connections: `python -m harness.slow_clients`.

Starts a gateway on a loopback port and lets slowhttptest at it in each of its modes, while a probe asks for
`/health/live` and signed webhooks arrive at a steady pace. Prints a table, and ends with 1 where a bound is broken.
"""

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from conftest import World  # noqa: E402
from harness.crowd import Connection, request  # noqa: E402
from harness.memory import open_files, resident_mebibytes  # noqa: E402

PROBES_PER_SECOND = 20
VENDORS = 4  # as many connections bring webhooks at the same time
MOST_P99 = 100  # ms
MOST_GROWTH = 64  # MiB


def modes(origin, connections, seconds, agent, key):
    common = ["slowhttptest", "-c", str(connections), "-r", "200", "-l", str(seconds), "-i", "5", "-p", "3"]
    return {
        "header": [*common, "-H", "-u", f"{origin}/health/live", "-x", "24"],
        "body": [*common, "-B", "-u", f"{origin}/webhooks/twilio/status", "-t", "POST", "-s", "65536", "-x", "24"]
        + ["-f", "application/x-www-form-urlencoded"],
        "slow read": [*common, "-X", "-u", f"{origin}/calls?limit=200", "-w", "1", "-y", "16", "-n", "5", "-z", "8"]
        # slowhttptest knows no further headers, but sends a cookie as it stands.
        + ["-k", "1", "-r", "100", "-j", f"a=b\r\nX-API-Key: {key}"],
    }


class Steady(threading.Thread):
    """Does something at a steady pace on a connection of its own, and notes how it went."""

    def __init__(self, world, per_second, make, wanted):
        super().__init__(daemon=True)
        self.world, self.pause, self.make, self.wanted = world, 1 / per_second, make, wanted
        self.over = threading.Event()
        self.good, self.bad, self.seconds = 0, [], []

    def run(self):
        due = time.monotonic()
        while not self.over.wait(max(0.0, due - time.monotonic())):
            due += self.pause
            since = time.monotonic()
            try:
                # A connection each: whoever is new must get in too.
                connection = Connection(self.world.gateway.origin, timeout=10)
                try:
                    connection.send(self.make())
                    answer = connection.answer(since)
                finally:
                    connection.close()
                status = answer and answer.status
            except OSError as error:
                status = repr(error)
            self.seconds.append(time.monotonic() - since)
            if status == self.wanted:
                self.good += 1
            else:
                self.bad.append(status)

    def stop(self):
        self.over.set()
        self.join(15)

    def percentile(self, share):
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def webhooks(world, order):
    """Status callbacks of a live call, signed, one after the other."""

    sequence = itertools.count(2)

    def make():
        message = order.life.status("in-progress", next(sequence), 11)
        return request("POST", message.target(world.gateway.public_base_url), message.headers(), message.body())

    return make


def run(arguments):
    world = World(tempfile.mkdtemp(prefix="switchboard-slow-"))
    broken = False
    try:
        agent = world.new_agent()
        # Something to read slowly.
        orders = [world.order(agent) for _ in range(100)]
        pid = world.gateway.pid
        print(
            f"{'mode':10} {'connections':>11} {'probes':>7} {'available':>9} {'p99 ms':>7} {'RSS MiB':>8} {'webhooks':>13}"
        )
        for name, command in modes(
            world.gateway.origin, arguments.connections, arguments.seconds, agent, world.gateway.api_key
        ).items():
            memory, files = resident_mebibytes(pid), open_files(pid)
            probe = Steady(world, PROBES_PER_SECOND, lambda: request("GET", "/health/live"), 200)
            make = webhooks(world, orders[0])
            vendors = [Steady(world, arguments.webhooks / VENDORS, make, 204) for _ in range(VENDORS)]
            log = tempfile.TemporaryFile()
            slow = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
            probe.start()
            for vendor in vendors:
                vendor.start()
            peak, most_files = memory, files
            deadline = time.monotonic() + arguments.seconds + 30
            while slow.poll() is None and time.monotonic() < deadline:
                time.sleep(0.2)
                peak, most_files = max(peak, resident_mebibytes(pid)), max(most_files, open_files(pid))
            if slow.poll() is None:
                slow.terminate()
                slow.wait(10)
            probe.stop()
            for vendor in vendors:
                vendor.stop()
            taken = sum(vendor.good for vendor in vendors)
            refused = [status for vendor in vendors for status in vendor.bad]
            available = 100 * probe.good / max(1, probe.good + len(probe.bad))
            growth, p99 = peak - memory, probe.percentile(0.99)
            print(
                f"{name:10} {most_files - files:>11} {len(probe.seconds):>7} {available:>8.2f}% {p99:>7.1f} {growth:>+8.1f} "
                f"{taken:>6}/{taken + len(refused):<6}",
                flush=True,
            )
            held = most_files - files >= arguments.connections * 0.2
            if available < 100 or p99 > MOST_P99 or growth > MOST_GROWTH or refused or not held:
                broken = True
                print(f"  a bound is broken: probe {probe.bad[:5]}, webhooks {refused[:5]}")
                if not held:
                    log.seek(0)
                    print(
                        f"  slowhttptest held too few connections; its last words: {log.read()[-600:].decode(errors='replace')}"
                    )
            world.gateway.require_alive()
            if world.gateway.look_up(orders[0].call["id"])["status"] != "in-progress":
                broken = True
                print("  the webhooks were answered but not applied")
    finally:
        world.stop()
    return 1 if broken else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--webhooks", type=int, default=50, help="per second")
    sys.exit(run(parser.parse_args()))


if __name__ == "__main__":
    main()
