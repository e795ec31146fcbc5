"""Schemathesis reads `GET /openapi.json`, makes up requests, and compares the answers: all its checks, all its phases.

Requests that fit the description must be taken, others be refused, and each answer be one that is described.
`schemathesis.toml` sets what it expects, `harness/schemathesis_hooks.py` gives it what no description can: something that is
there (agents, calls, numbers), and the vendors' secrets, by which it signs what it makes up of their webhooks.

What is left out, and why:

- TRACE and QUERY: the gateway answers methods that it does not implement 501 on every path (RFC 9110, 9.1), Schemathesis asks
  for 405. `test_hostile_rest.py` has them.
- The end of streams: a stream is left when it is silent for 50 ms. `test_events.py` reads them to their end.
- Messages of the vendors that do not fit: the gateway acknowledges every genuine one, and lists it in `GET /dead-letters`
  with the reason. So they need not be refused; all other checks hold for them. The same is true of `POST /webhooks/probe`.
- The emergency switch is tried by itself and last, because orders are refused while it is off.
- Made-up API keys: nearly every request would end at them. Schemathesis tries each operation without a key all the same.
- Cursors that nobody gave are taken out, waiting is cut to a second.
- Requests that fit their schema and are refused for a rule that no schema can tell: `BEYOND_A_SCHEMA` of the hooks lists
  the rules. The figures say how often each of them was the reason.
"""

import json
import os
import random
import subprocess
import sys

import pytest

from conftest import PUBLIC_BASE_URL, TWILIO_PHONE_NUMBER
from harness.delivering import deliver
from harness.figures import amount, figure
from harness.process import description

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = int(os.environ.get("SWITCHBOARD_FUZZ_SEED") or amount(1, random.randrange(2**32)))
VARIABLES = ["name", "appointment", "day"]


@pytest.fixture(scope="module")
def target(start_world):
    """A gateway with calls in all states, and what the hooks have to know of it."""
    world = start_world(
        ULTRAVOX_WEBHOOK_SECRETS=lambda world: world.credentials.ultravox_webhook_secret,
        ALLOWED_COUNTRIES="*",
        CALLBACK_SECRET="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    )
    agent = world.new_agent(
        prompt="Remind {{name}} of {{appointment}} on {{day}}.", template_variables=dict.fromkeys(VARIABLES, "it")
    )
    # Nobody is there, so what is sent stays to be sent.
    subscription = world.gateway.call("POST", "/subscriptions", {"url": "https://receiver.invalid/"})
    delivery = world.gateway.call("POST", f"/subscriptions/{subscription.json()['id']}/test")
    orders = [world.order(agent) for _ in range(24)]
    for order in orders[:16]:
        deliver(world, *order.life.completed())
    calls = [{"id": order.call["id"], "call_sid": order.call["call_sid"]} for order in orders]
    world.known = {
        "public_base_url": PUBLIC_BASE_URL,
        "api_key": world.gateway.api_key,
        "account_sid": world.credentials.account_sid,
        "auth_token": world.credentials.auth_token,
        "webhook_secret": world.credentials.ultravox_webhook_secret,
        "phone_number": TWILIO_PHONE_NUMBER,
        "agent": agent,
        "variables": VARIABLES,
        "over": calls[:4],
        "erasable": calls[4:16],
        "live": calls[16:],
        "subscription": subscription.json()["id"],
        "delivery": delivery.json()["id"],
    }
    return world


def run(world, directory, examples, *selection):
    """Runs Schemathesis against the gateway, and returns its report and how often which rule excused a refusal."""
    # As a file, because Schemathesis leaves out the operation that it has the description from.
    document, report, excused = (directory / name for name in ("openapi.json", "report.json", "excused.json"))
    document.write_text(json.dumps(description().document))
    known = json.dumps({**world.known, "report": str(excused)})
    origin = str(world.gateway.origin)
    arguments = ["--url", origin, "--header", f"X-API-Key: {world.gateway.api_key}", "--seed", str(SEED)]
    arguments += ["--max-examples", str(examples), "--continue-on-failure", "--generation-database", "none", "--no-color"]
    arguments += ["--report", "json", "--report-json-path", str(report), *selection]
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    command += ["--config-file", os.path.join(HERE, "schemathesis.toml"), "run", str(document), *arguments]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "PYTHONPATH": HERE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "SCHEMATHESIS_HOOKS": "harness.schemathesis_hooks",
        "SWITCHBOARD_WORLD": known,
    }
    done = subprocess.run(
        command, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, f"seed {SEED}:\n{done.stdout[-20000:]}"
    world.gateway.require_alive()
    return json.loads(report.read_text()), json.loads(excused.read_text())


def test_every_answer_is_as_described(target, tmp_path):
    report, excused = run(target, tmp_path, amount(3, 280), "--exclude-path", "/dialing")
    operations = len(list(description().operations()))
    assert report["complete"] and report["exit_code"] == 0
    assert {name: phase["status"] for name, phase in report["phases"].items()} == dict.fromkeys(
        ("examples", "coverage", "fuzzing", "stateful"), "success"
    )
    # The two of /dialing come below.
    assert report["operations"]["tested"] == report["operations"]["selected"] == operations - 2
    cases = report["test_cases"]
    assert cases["errored"] == cases["with_failures"] == 0
    assert cases["generated"] >= amount(1000, 10_000)
    # Else the rules would hide that hardly anything is taken.
    assert sum(excused.values()) < cases["generated"] / 50, excused
    reasons = ", ".join(f"{reason} {count}" for reason, count in excused.items() if count)
    figure("Schemathesis, cases", f"{cases['generated']} in {report['running_time']:.0f} s, seed {SEED}")
    figure("Schemathesis, refused for what no schema tells", reasons or "none")


def test_the_emergency_switch_is_as_described(target, tmp_path):
    # Nothing links the two.
    phases = ["--phases", "examples,coverage,fuzzing"]
    report, _ = run(target, tmp_path, amount(3, 100), "--include-path", "/dialing", *phases)
    assert report["operations"]["tested"] == 2
    figure("Schemathesis, cases of the emergency switch", report["test_cases"]["generated"])
