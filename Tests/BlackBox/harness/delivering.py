"""Webhooks that must be answered as the contract says, and what they leave behind where they were of no use."""

import xml.etree.ElementTree as ElementTree


def deliver(world, *messages):
    """Delivers and requires the contract's answers. Returns the last one."""
    for message in messages:
        answer = world.gateway.deliver(message)
        if message.kind in ("voice", "fallback"):
            assert answer.status == 200 and answer.header("content-type").startswith("text/xml"), (message, answer)
            ElementTree.fromstring(answer.body)
        else:
            assert (answer.status, answer.body) == (204, b""), (message, answer)
    return answer


def dead_letters(world):
    """The newest 200, the newest first."""
    answer = world.gateway.call("GET", "/dead-letters?limit=200")
    assert answer.status == 200, answer
    return answer.json()["data"]
