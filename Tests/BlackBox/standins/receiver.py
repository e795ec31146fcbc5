"""Whoever is sent events: verifies them with the packages that customers use, keeps them, and misbehaves when told to."""

import json
import threading
import time
from email.utils import formatdate
from types import SimpleNamespace

from standardwebhooks.webhooks import Webhook as StandardWebhook
from svix.webhooks import Webhook as SvixWebhook

from .server import VANISH, Reply, Standin

NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")


class Receiver(Standin):
    """Answers 204 to an event, unless `misbehave` makes a misbehaviour of it: see the functions below."""

    def __init__(self):
        super().__init__()
        self.secret = None
        self.misbehave = None
        self.taken = []  # events that were answered with a 2xx, in the order of the answers
        self.seen = []  # all that reached it, verified
        self._turn = threading.Lock()
        self.fault = self._judge

    def url(self, path="/hooks"):
        return self.origin + path

    def _judge(self, reached):
        reached.way = self.misbehave(reached) if self.misbehave else None
        return VANISH if reached.way == "refuse" else None

    def answer(self, reached):
        event = self._verified(reached)
        with self.lock:
            self.seen.append(event)
        if reached.way == "slow":
            self.stopping.wait(0.3)
        elif reached.way == "silent":
            self.stopping.wait(20)
        elif reached.way == "500":
            return Reply(500, {"error": "no"})
        elif reached.way == "410":
            return Reply(410)
        elif reached.way == "redirect":
            return Reply(302, headers=(("Location", self.origin + "/elsewhere"),))
        elif reached.way == "later":
            return Reply(503, headers=(("Retry-After", "2"),))
        elif reached.way == "until":
            # A date has no parts of a second.
            return Reply(503, headers=(("Retry-After", formatdate(time.time() + 3, usegmt=True)),))
        with self.lock:
            self.taken.append(event)
        if reached.way == "wordy":
            return Reply(200, {"thanks": "x" * 200_000})
        return Reply(204)

    def _verified(self, reached):
        headers = {name: reached.header(name) for name in NAMES}
        for webhook in (StandardWebhook(self.secret), SvixWebhook(self.secret)):
            webhook.verify(reached.body, headers)
        assert reached.header("content-type") == "application/json"
        return SimpleNamespace(
            id=headers["webhook-id"], path=reached.path, at=time.monotonic(), **json.loads(reached.body)
        )

    def of_call(self, call_id):
        with self.lock:
            return [event for event in self.taken if event.data.get("id") == call_id]
