"""Whether the time of a refusal tells how much of a secret was right. Deep runs only: a busy machine tells nothing."""

import math
import statistics
import time

import pytest

from harness.crowd import Connection, request
from harness.figures import DEEP, figure
from standins.life import timestamp_now, ultravox_signature

PAIRS = 20_000

pytestmark = [pytest.mark.alone, pytest.mark.skipif(not DEEP, reason="times are measured in deep runs only")]


def refusals(world, which):
    """Two requests that differ in the place of the first wrong character alone."""
    order = world.order(world.new_agent())
    if which == "API key":
        right = world.credentials.api_key
        made = [[("X-API-Key", wrong)] for wrong in (altered(right, 0), altered(right, len(right) - 1))]
        return [request("GET", "/calls", headers) for headers in made], 401
    if which == "Twilio's signature":
        message = order.life.status("ringing", 1, 3)
        name, right = "X-Twilio-Signature", message.signature()
        last = len(right) - 2  # the last character is padding
    else:
        message = next(m for m in order.life.completed() if not hasattr(m, "parameters"))
        name, timestamp = "X-Ultravox-Webhook-Signature", timestamp_now()
        right = ultravox_signature(message.secret, message.body(), timestamp)
        last = len(right) - 1
    fixed = [pair for pair in message.headers() if not pair[0].startswith(("X-Twilio-S", "X-Ultravox"))]
    if which == "Ultravox's signature":
        fixed.append(("X-Ultravox-Webhook-Timestamp", timestamp))
    target = message.target(world.gateway.public_base_url)
    return [
        request("POST", target, fixed + [(name, altered(right, place))], message.body()) for place in (0, last)
    ], 403


def altered(text, place):
    return text[:place] + ("a" if text[place] != "a" else "b") + text[place + 1 :]


@pytest.mark.parametrize("which", ["API key", "Twilio's signature", "Ultravox's signature"])
def test_the_time_of_a_refusal_does_not_tell_how_much_was_right(world, which):
    requests, status = refusals(world, which)
    connection = Connection(world.gateway.origin)
    times = ([], [])
    for n in range(PAIRS + 500):
        for place in (0, 1) if n % 2 else (1, 0):
            since = time.perf_counter_ns()
            connection.send(requests[place])
            answer = connection.answer(time.monotonic())
            taken = time.perf_counter_ns() - since
            assert answer.status == status, answer
            if n >= 500:
                times[place].append(taken)
    connection.close()
    longer = sum(first > last for first, last in zip(*times))
    ties = sum(first == last for first, last in zip(*times))
    trials = PAIRS - ties
    z = abs(longer - trials / 2) / math.sqrt(trials / 4)
    p = math.erfc(z / math.sqrt(2))
    difference = abs(statistics.median(times[0]) - statistics.median(times[1])) / 1000
    figure(f"timing, {which}", f"{PAIRS} pairs, p {p:.3f} (sign test), medians differ by {difference:.2f} µs")
    assert p >= 0.001 and difference <= 1
