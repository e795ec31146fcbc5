"""An idle connection is kept for KEEP_ALIVE, not less, so that a load balancer in front never meets a closed one."""

import time

from harness.crowd import Connection, request

KEPT = 2.0  # seconds


def test_an_idle_connection_is_kept_as_long_as_is_set_and_no_longer(start_world):
    world = start_world(KEEP_ALIVE=f"{KEPT:.0f}s")
    connection = Connection(world.gateway.origin, timeout=30)
    for _ in range(2):
        connection.send(request("GET", "/health/live"))
        assert connection.answer(time.monotonic()).status == 200
    idle_since = time.monotonic()
    assert connection.answer(idle_since) is None, "nothing was asked"
    # The answer is on its way for a moment.
    assert KEPT - 0.1 <= time.monotonic() - idle_since < KEPT + 3
    connection.close()
    # Nobody is cut off by it who is not idle.
    world.gateway.call("GET", "/calls")
    assert not [line for line in world.gateway.lines if '"error"' in line]
