"""What Schemathesis must know beyond the description: secrets that sign, and what there is. It imports this file.

Every change is made to a request that fits the description, and leaves it fitting. `SWITCHBOARD_WORLD` says what there is;
how often a rule of `BEYOND_A_SCHEMA` excused a refusal is written to the file that it names.
"""

import atexit
import datetime
import hashlib
import hmac
import itertools
import json
import os
import re
import uuid
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import schemathesis
from requests.auth import AuthBase
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from .numbers import PhoneBook

# Of the examples in the description. None of them exists, so that something that does takes their place.
EXAMPLE_CALL = "call_01jd9z7q0v3r2m8k4t6w5x1y0a"
EXAMPLE_CALL_SID = "CA70b67b8ba3a1ea14303d73e67e24f7b0"

# Why a request that fits its schema may be refused all the same: the code of the problem, the field, and the message.
BEYOND_A_SCHEMA = {
    "a country's numbers have a length": ("validation_failed", "phone_number|from", "for its country|must be a number in E.164"),
    "the agent's variables are what they are": ("validation_failed", r"template_context\..*", "^the agent('s prompt needs| has)"),
    "values are 16 KiB in all": ("validation_failed", "template_context|template_variables", "must be at most 16 KiB"),
    "braces make a variable": ("validation_failed", "prompt|greeting", "^has "),
    "Ultravox's objects hold no control characters": ("validation_failed", r"tools\[.*", "control characters"),
    "a key belongs to one order": ("idempotency_key_reused", None, None),
    "events go to a public host": ("validation_failed", "url|callback_url", "^must "),
    "a secret has 24 to 64 bytes": ("validation_failed", "secret", "^must "),
    "subscriptions are counted": ("validation_failed", "url", "^has no room"),
    "the account's numbers are what they are": ("upstream_rejected", None, None),
}
# Counted with them: what makes a query wrong may leave no trace in the URL.
NOT_SENT = "an empty list is not sent"

world = SimpleNamespace(**json.loads(os.environ["SWITCHBOARD_WORLD"]))
numbers = PhoneBook()
serial = itertools.count()
live = list(world.live)
over = itertools.cycle(world.over)
created_agents = []
created_subscriptions = []
erased = []
excused = dict.fromkeys([*BEYOND_A_SCHEMA, NOT_SENT], 0)


@atexit.register
def report():
    with open(world.report, "w") as file:
        json.dump(excused, file)


class Vendor(AuthBase):
    """Signs what is sent wherever there is a signature to replace."""

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        if "X-Twilio-Signature" in request.headers:
            form = MultiDict()
            if request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
                form.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            signature = RequestValidator(world.auth_token).compute_signature(world.public_base_url + request.path_url, form)
            request.headers["X-Twilio-Signature"] = signature
        if {"X-Ultravox-Webhook-Signature", "X-Ultravox-Webhook-Timestamp"} <= set(request.headers):
            request.headers["X-Ultravox-Webhook-Timestamp"] = now
            request.headers["X-Ultravox-Webhook-Signature"] = code(world.webhook_secret, body + now.encode())
        if "X-Switchboard-Probe" in request.headers:
            now = now.replace("+00:00", "Z")
            signed = code(world.api_key, f"switchboard probe request, version 1\n{now}\nnonce\n".encode())
            request.headers["X-Switchboard-Probe"] = f"{now} nonce {signed}"
        return request


def code(secret, text):
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


@schemathesis.hook
def before_call(context, case, kwargs):
    label = case.operation.label
    kwargs["hooks"] = {"response": leave_silent_stream}
    if case.operation.path.startswith("/webhooks/"):
        kwargs["auth"] = Vendor()
    if label == "GET /calls/{id}" and case.query.get("wait"):
        # Nobody here has a minute.
        if "timeout" not in case.query or not case.meta.is_negative_at(ParameterLocation.QUERY):
            case.query["timeout"] = "1"
    if case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    if "id" in case.path_parameters:
        case.path_parameters["id"] = existing(label, case.path_parameters["id"], "wait" in case.query, is_stray(case))
    # Only the gateway knows which cursors are some.
    case.query.pop("cursor", None)
    if case.operation.path.startswith("/webhooks/"):
        give_webhook_a_call(case)
    elif label == "POST /calls/{id}":
        if not is_stray(case):
            make_order_acceptable(case)
    elif label in ("POST /agents", "PUT /agents/{id}"):
        case.body["name"] = f"{case.body['name'][:40]}-{next(serial)}"


def leave_silent_stream(response, **_):
    """The head of an answer may take its time. A stream that then says nothing is left: most of them never end."""
    if response.headers.get("Content-Type") == "text/event-stream":
        # Of an answer that says that it is the last, urllib3 has handed the socket on.
        connection = response.raw.connection
        taken = connection.sock if connection and connection.sock else response.raw._fp.fp.raw._sock
        taken.settimeout(0.05)


def is_stray(case):
    """Whether a request stays as it was made up: some do where others of the same operation have more luck."""
    return case.meta.phase.name == TestPhase.STATEFUL and next(serial) % 4 == 0


def existing(label, given, waits, is_stray):
    """An id that the operation can do something with, in the place of one that nobody gave."""
    if label in ("PUT /agents/{id}", "DELETE /agents/{id}"):
        # The agent of the orders stays as it is.
        if given == world.agent or (given not in created_agents and not is_stray):
            return created_agents[-1] if created_agents else str(uuid.uuid4())
        return given
    if "/subscriptions/" in label:
        # That of the deliveries stays.
        if label.startswith("DELETE"):
            return created_subscriptions.pop() if created_subscriptions and not is_stray else given
        return given if is_stray else world.subscription
    if "/deliveries/" in label:
        return given if is_stray else world.delivery
    if label in ("GET /agents/{id}", "POST /calls/{id}"):
        return given if given in created_agents or is_stray else world.agent
    is_real = re.fullmatch("call_.{26}|CA.{32}", str(given)) and given not in (EXAMPLE_CALL, EXAMPLE_CALL_SID)
    if is_real or is_stray:
        return given
    if label == "DELETE /calls/{id}" and world.erasable:
        erased.append(world.erasable.pop()["id"])
        return erased[-1]
    if label == "GET /erasures/{id}" and erased:
        return erased[-1]
    return (next(over) if waits else some_live_call())["id" if next(serial) % 2 else "call_sid"]


def some_live_call():
    return live[-1 - next(serial) % min(8, len(live))]


def give_webhook_a_call(case):
    call = some_live_call()
    if case.query.get("call") == EXAMPLE_CALL:
        case.query["call"] = call["id"]
    for form in (case.query, case.body):
        if isinstance(form, dict) and "AccountSid" in form:
            form["AccountSid"] = world.account_sid
            if form["CallSid"] == EXAMPLE_CALL_SID:
                form["CallSid"] = call["call_sid"]


def make_order_acceptable(case):
    """A number that is one, values that have their variables, and a key that is new."""
    order = case.body
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    order["phone_number"] = numbers.take()
    if order.get("from"):
        order["from"] = world.phone_number
    if order.get("template_context"):
        order["template_context"] = dict(zip(world.variables, order["template_context"].values()))


@schemathesis.hook
def after_call(context, case, response):
    if case.operation.label == "POST /agents" and response.status_code == 201:
        created_agents.append(response.json()["id"])
    elif case.operation.label == "POST /subscriptions" and response.status_code == 201:
        created_subscriptions.append(response.json()["id"])
    elif case.operation.label == "POST /calls/{id}" and response.status_code == 201:
        live.append(response.json())
    elif case.operation.label == "DELETE /agents/{id}" and case.path_parameters["id"] in created_agents:
        created_agents.remove(case.path_parameters["id"])


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A refusal for reasons that no schema could tell is none of Schemathesis's business; each of them must be listed. Nor is
    a request taken wrongly that was made up wrong and sent right."""
    if type(failure).__name__ == "AcceptedNegativeData" and set(case.query or {}) - names_in_query(response.request.url):
        excused[NOT_SENT] += 1
        return False
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code != 422:
        return True
    problem = response.json()
    reasons = [excuse(problem["code"], error) for error in problem.get("errors") or [{"field": "", "message": ""}]]
    if None in reasons:
        return True
    for reason in set(reasons):
        excused[reason] += 1
    return False


def names_in_query(url):
    return {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}


def excuse(code, error):
    for reason, (its_code, field, message) in BEYOND_A_SCHEMA.items():
        if code != its_code:
            continue
        if field is None or (re.fullmatch(field, error["field"], re.DOTALL) and re.search(message, error["message"])):
            return reason
    return None
