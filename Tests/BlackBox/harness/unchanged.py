"""Nothing may have happened: no call changed, none came into being, nothing was sent to a vendor."""

from contextlib import contextmanager

from .comparing import differences


def _calls(world):
    answer = world.gateway.call("GET", "/calls?limit=200")
    assert answer.status == 200, answer
    return answer.json()["data"]


@contextmanager
def nothing_happens(world, order=None, *, counted=None):
    """Compares what readers and vendors see before and after. `order` is watched in full, with its timeline.

    `counted` picks the vendors' ledger entries that must not become more; by default all but probes of their health.
    """
    calls, sent = _calls(world), world.vendor_requests(counted)
    watched = world.gateway.look_up(order.call["id"]) if order else None
    yield
    world.gateway.require_alive()
    after = _calls(world)
    assert [call["id"] for call in after] == [call["id"] for call in calls]
    assert after == calls, [(pair[0], differences(*pair)) for pair in zip(calls, after) if pair[0] != pair[1]]
    if order:
        seen = world.gateway.look_up(order.call["id"])
        assert seen == watched, differences(watched, seen)
    assert world.vendor_requests(counted) == sent, "something reached a vendor"
