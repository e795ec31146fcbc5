"""Fixtures: the stand-ins, the gateway in front of them, and the sandbox. All on free loopback ports."""

import itertools
import os
import re
import secrets
from types import SimpleNamespace

import pytest

from harness.crowd import at_once
from harness.figures import figure, figures
from harness.numbers import PhoneBook
from harness.probes import is_probe
from harness.process import Gateway, SandboxProcess
from standins.life import Inbound, Life
from standins.twilio_api import TwilioStandin
from standins.ultravox_api import UltravoxStandin

TWILIO_PHONE_NUMBER = "+12025550143"
PUBLIC_BASE_URL = "https://gw.example.com"


def made_up_credentials():
    return SimpleNamespace(
        account_sid="AC" + secrets.token_hex(16),
        auth_token=secrets.token_hex(16),
        phone_number=TWILIO_PHONE_NUMBER,
        ultravox_api_key=secrets.token_hex(4) + "." + secrets.token_hex(16),
        ultravox_webhook_secret="account-webhook-" + secrets.token_hex(16),
        api_key="client-key-" + secrets.token_hex(16),
    )


class World:
    """One gateway between its two stand-ins, and what a test does with them."""

    def __init__(self, directory, **settings):
        self.credentials = made_up_credentials()
        self.numbers = PhoneBook()
        self.twilio = TwilioStandin(self.credentials.account_sid, self.credentials.auth_token, TWILIO_PHONE_NUMBER)
        self.ultravox = UltravoxStandin(self.credentials.ultravox_api_key)
        self._agent_names = (f"black-box-{n}" for n in itertools.count(1))
        environment = {
            "TWILIO_ACCOUNT_SID": self.credentials.account_sid,
            "TWILIO_AUTH_TOKEN": self.credentials.auth_token,
            "TWILIO_PHONE_NUMBER": TWILIO_PHONE_NUMBER,
            "ULTRAVOX_API_KEY": self.credentials.ultravox_api_key,
            "PUBLIC_BASE_URL": PUBLIC_BASE_URL,
            "API_KEYS": f"test:{self.credentials.api_key}",
            "TWILIO_BASE_URL": self.twilio.origin,
            "ULTRAVOX_BASE_URL": self.ultravox.origin,
            "HOST": "127.0.0.1",
            "PORT": "0",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "info",
            "JOURNAL": "none",
            "CALLS_PER_SECOND": "1000",
            "MAX_CONCURRENT_CALLS": "100000",
            "RATE_LIMIT_PER_MINUTE": "1000000",
            "READ_LIMIT_PER_MINUTE": "1000000",
            # The reconciler must not tell the gateway what only a webhook should tell it.
            "RECONCILE_AFTER": "15m",
            "UNCONFIRMED_AFTER": "30m",
            "SHUTDOWN_GRACE": "2s",
            # A setting may depend on the stand-ins: the id of an agent that is there before the gateway starts.
            **{name: value(self) if callable(value) else value for name, value in settings.items()},
        }
        try:
            self.gateway = Gateway({key: value for key, value in environment.items() if value is not None}, directory)
        except BaseException:
            self.twilio.stop()
            self.ultravox.stop()
            raise

    def stop(self):
        try:
            return self.gateway.stop()
        finally:
            self.twilio.stop()
            self.ultravox.stop()

    def new_agent(self, **config):
        return self.gateway.create_agent(next(self._agent_names), **config)["id"]

    def place(self, agent_id, **order):
        """Orders a call to a number of its own; returns the answer."""
        document = {"phone_number": self.numbers.take(), **order}
        return self.gateway.call("POST", f"/calls/{agent_id}", document), document["phone_number"]

    def place_together(self, agent_id, count, **order):
        """Orders to numbers of their own, at the same time; returns the answers."""
        return [answer for answer, _ in at_once([lambda: self.place(agent_id, **order)] * count)]

    def order(self, agent_id, **order):
        """A call that Twilio has accepted, and the life that it may lead."""
        answer, number = self.place(agent_id, **order)
        assert answer.status == 201, answer
        return SimpleNamespace(call=answer.json(), number=number, life=self.life_of(answer.json(), number))

    def reassure(self, agent_id, orders=4):
        """Orders that go well: so many that the few failures of the next test open no circuit breaker."""
        for _ in range(orders):
            self.order(agent_id)

    def life_of(self, call, number, call_sid=None):
        """The life of a call that was ordered; its agent call may come to be only when somebody answers."""
        (create,) = self.twilio.creates_for(number)
        prepared = self.agent_calls_for(call["id"])
        ultravox_call, agent_call = self.agent_call_for(call["id"]) if prepared else ({}, None)
        return Life(
            create=create,
            agent_call=agent_call,
            twilio_call_sid=call_sid or call["call_sid"],
            ultravox_call=ultravox_call,
            auth_token=self.credentials.auth_token,
            account_sid=self.credentials.account_sid,
        )

    def inbound(self, caller=None, call_sid=None):
        """Somebody who calls our number, and the life that this call may lead."""
        return Inbound(
            base_url=self.gateway.public_base_url,
            caller=caller or self.numbers.take(),
            our_number=TWILIO_PHONE_NUMBER,
            auth_token=self.credentials.auth_token,
            account_sid=self.credentials.account_sid,
            call_sid=call_sid,
        )

    def agent_calls_for(self, call_id):
        """The ledger's requests for an agent call for that call, answered or not."""
        claim = re.compile(rb'"switchboard_call_id"\s*:\s*"' + re.escape(call_id.encode()) + rb'"')
        return [entry for entry in self.ultravox.agent_calls if claim.search(entry.body)]

    def agent_call_for(self, call_id):
        for call in reversed(list(self.ultravox.calls.values())):
            if call["metadata"].get("switchboard_call_id") == call_id:
                break
        else:
            raise AssertionError(f"no call at Ultravox carries the metadata of {call_id}")
        entries = self.agent_calls_for(call_id)
        assert len(entries) == 1, f"{len(entries)} agent calls were created for {call_id}"
        return dict(call), entries[0]

    def vendor_requests(self, counted=None):
        """How many requests reached the vendors, apart from the probes of their health and those not to be counted."""
        counted = counted or (lambda entry: True)
        return [
            len([entry for entry in vendor.requests() if not is_probe(entry) and counted(entry)])
            for vendor in (self.twilio, self.ultravox)
        ]


@pytest.fixture(scope="module")
def start_world(tmp_path_factory):
    """Starts gateways with settings of the module's own; stops them at its end."""
    worlds = []

    def start(**settings):
        worlds.append(World(tmp_path_factory.mktemp("gateway"), **settings))
        return worlds[-1]

    yield start
    for world in worlds:
        world.stop()


@pytest.fixture(scope="module")
def world(start_world):
    return start_world()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """`switchboard sandbox` and the credentials it was given."""
    credentials = made_up_credentials()
    process = SandboxProcess(
        {
            "TWILIO_ACCOUNT_SID": credentials.account_sid,
            "TWILIO_AUTH_TOKEN": credentials.auth_token,
            "TWILIO_PHONE_NUMBER": credentials.phone_number,
            "ULTRAVOX_API_KEY": credentials.ultravox_api_key,
        },
        tmp_path_factory.mktemp("sandbox"),
    )
    process.credentials = credentials
    yield process
    process.stop()


def pytest_sessionfinish(session):
    """One of several processes hands its figures to the one that prints them."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["figures"] = figures()


def pytest_testnodedown(node):
    for name, value in getattr(node, "workeroutput", {}).get("figures", []):
        figure(name, value)


def pytest_terminal_summary(terminalreporter):
    if figures():
        terminalreporter.section("figures")
        width = max(len(name) for name, _ in figures())
        for name, value in figures():
            terminalreporter.write_line(f"{name:{width}}  {value}")
