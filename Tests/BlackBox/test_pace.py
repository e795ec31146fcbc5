"""The pace of dialing: `CALLS_PER_SECOND` is what Twilio sees, however long connecting and answering take."""

import math
import threading

import pytest

from harness.figures import figure
from harness.meddling_proxy import MeddlingProxy, self_signed_certificate
from harness.pace import most_in_a_second, rate
from harness.waiting import eventually
from standins.faults import answered
from standins.scripted import Always

# How fast creates are read, here, must not depend on what else runs.
pytestmark = pytest.mark.alone


def dial_together(world, agent, count):
    answers = world.place_together(agent, count)
    assert {answer.status for answer in answers} <= {201, 202}, answers
    return eventually(
        lambda: len(world.twilio.creates) == count and world.twilio.creates, within=30, what="every order dialed"
    )


@pytest.fixture
def tls(tmp_path):
    """A proxy of Twilio's that speaks TLS, one connection for each request; `pauses` holds up the next handshakes."""
    certificate = self_signed_certificate(tmp_path)
    proxy = MeddlingProxy(certificate)
    proxy.authority = str(certificate)
    proxy.pauses = []
    over = threading.Event()
    proxy.connected = lambda: over.wait(proxy.pauses.pop(0)) if proxy.pauses else None
    yield proxy
    over.set()
    proxy.stop()


def test_a_slow_handshake_brings_no_two_creates_into_one_second(start_world, tls):
    def behind_it(world):
        tls.upstream = world.twilio.origin
        return tls.origin

    world = start_world(CALLS_PER_SECOND="1", TWILIO_BASE_URL=behind_it, UPSTREAM_CA_FILE=tls.authority)
    agent = world.new_agent()
    eventually(lambda: world.twilio.requests("GET"), what="the first probe of Twilio, which is to be out of the way")
    tls.pauses.append(2.0)
    creates = dial_together(world, agent, 3)
    assert not tls.pauses
    times = sorted(create.at for create in creates)
    gaps = [round(later - earlier, 3) for earlier, later in zip(times, times[1:])]
    assert most_in_a_second(creates) == 1, gaps
    figure("1 a second, first handshake 2 s", f"creates reached Twilio {gaps} s apart")


@pytest.mark.parametrize(
    ("calls_per_second", "answer_time", "count"), [("1.9", 0.0, 12), ("1", 0.5, 8), ("2.5", 0.3, 14)]
)
def test_the_whole_pace_is_used_and_no_second_holds_more(start_world, calls_per_second, answer_time, count):
    world = start_world(CALLS_PER_SECOND=calls_per_second)
    agent = world.new_agent()
    if answer_time:
        world.twilio.weather = Always(answered(201, None, acts=True, after=answer_time))
    creates = dial_together(world, agent, count)
    reached = rate(creates)
    figure(f"{calls_per_second} a second, answers after {answer_time} s", f"{reached:.2f} creates a second")
    assert most_in_a_second(creates) <= math.ceil(float(calls_per_second))
    assert reached >= 0.95 * float(calls_per_second)
