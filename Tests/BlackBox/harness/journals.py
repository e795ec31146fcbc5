"""Gateways that keep a journal, and what a test looks for after they have ended."""

import json

NAME = "journal.sqlite"
FILES = (NAME, f"{NAME}-wal", f"{NAME}-shm")
SETTINGS = {"JOURNAL": f"sqlite:{NAME}"}
UNAVAILABLE = "journal_unavailable"


def path(world, name=NAME):
    return world.gateway.directory / name


def kill(world):
    world.gateway.kill()


def start_again(world, under=(), **settings):
    """The next gateway on the same journal; the vendors know nothing of the change."""
    world.gateway = world.gateway.again(under, **settings)


def lines_of(gateway, message):
    """The log lines with that message."""
    return [entry for line in gateway.lines if line.startswith("{") and (entry := json.loads(line))["message"] == message]


def statuses(call):
    """What Twilio said of the call, by its timeline."""
    return {entry["status"] for entry in call["timeline"] if entry.get("status") and entry["type"].startswith("call.")}
