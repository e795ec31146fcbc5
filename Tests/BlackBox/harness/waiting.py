"""Waiting for something to be seen, never for time to pass."""

import time


def eventually(observe, *, within=10.0, what="the expected state"):
    """Calls `observe` until it returns something true, and returns that. Fails after `within` seconds."""
    deadline = time.monotonic() + within
    pause = 0.005
    while True:
        seen = observe()
        if seen:
            return seen
        if time.monotonic() > deadline:
            what = what() if callable(what) else what
            raise AssertionError(f"{what} was not seen within {within} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
