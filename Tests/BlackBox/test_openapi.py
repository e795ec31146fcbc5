"""`GET /openapi.json` is a valid OpenAPI document, its examples are true, and it names what the gateway takes.

Whether the answers are as it says is checked wherever a test uses `harness.wire.exchange` with a gateway.
"""

import copy
import http.client
import json
import os
import re
from urllib.parse import urlencode, urlsplit

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from conftest import PUBLIC_BASE_URL
from harness.markdown import reference
from harness.openapi import examples_of, media, schemas
from harness.process import description
from harness.wire import Answer

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def test_it_is_valid_openapi():
    faults = [f"{list(error.path)}: {error.message}" for error in OpenAPIV31SpecValidator(description().document).iter_errors()]
    assert not faults


def test_it_is_served_to_everybody_and_can_be_kept(world):
    answer = world.gateway.send("GET", "/openapi.json")
    assert answer.status == 200 and answer.header("content-type") == "application/json"
    assert answer.header("cache-control") == "no-cache"
    document = answer.json()
    assert document["servers"][0]["url"] == PUBLIC_BASE_URL
    assert document["info"]["version"] == world.gateway.call("GET", "/health").json()["version"]
    tag = answer.header("etag")
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = world.gateway.send("GET", "/openapi.json", headers=[("If-None-Match", known)])
        assert (again.status, again.body, again.header("etag")) == (304, b"", tag), known
    for other in ('"other"', tag.strip('"'), tag[:-2] + '"'):
        assert world.gateway.send("GET", "/openapi.json", headers=[("If-None-Match", other)]).body == answer.body
    head = world.gateway.send("HEAD", "/openapi.json")
    assert (head.status, head.body, head.header("etag")) == (200, b"", tag)
    assert head.header("content-length") == str(len(answer.body))
    assert world.gateway.send("POST", "/openapi.json").status == 405


def test_every_example_fits_its_schema():
    count, faults = 0, []
    for place, part in media(description()):
        if "schema" not in part:
            continue
        examples = examples_of(description(), part)
        assert examples or part["schema"].get("additionalProperties") is True, f"{place} has no example"
        for name, value in examples.items():
            count += 1
            faults += [f"{place}, {name}: {fault}" for fault in description().faults(value, *place, "schema", closed=True)]
    assert count > 150
    for place, schema in schemas(description().document):
        for value in schema["examples"]:
            count += 1
            faults += [f"{place}: {fault}" for fault in description().faults(value, *place)]
    assert count > 300
    assert not faults, "\n".join(faults)


def request_examples(operation_id):
    """The examples of an operation's body, and the names of its members."""
    for _, _, operation in description().operations():
        if operation["operationId"] == operation_id:
            content = operation["requestBody"]["content"]["application/json"]
            schema = description().resolved(content["schema"])
            return [value["value"] for value in content["examples"].values()], set(schema["properties"])
    raise AssertionError(operation_id)


def test_the_examples_of_requests_are_taken(start_world):
    world = start_world(MAX_CALL_DURATION="1h", CALLBACK_SECRET="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
    agents = [world.gateway.call("POST", "/agents", agent) for agent in request_examples("create_agent")[0]]
    assert [answer.status for answer in agents] == [201] * len(agents)
    replaced = agents[0].json()["id"]
    for agent in request_examples("replace_agent")[0]:
        document = {**agent, "name": agent["name"] + "-2"}
        assert world.gateway.call("PUT", f"/agents/{replaced}", document).status == 200
    reminder = world.new_agent(prompt="Remind {{name}} of {{appointment}}.", template_variables={"appointment": "it"})
    for order in request_examples("place_call")[0]:
        order = {**order, "phone_number": world.numbers.take()}
        answer = world.gateway.call("POST", f"/calls/{reminder}", order)
        assert answer.status == 201, answer
    for subscription in request_examples("create_subscription")[0]:
        assert world.gateway.call("POST", "/subscriptions", subscription).status == 201
    for switch in request_examples("set_dialing")[0]:
        assert world.gateway.call("PUT", "/dialing", switch).status == 200


DEEP = {"a": {"b": {"c": {"d": 1}}}}


@pytest.mark.parametrize(
    ("operation", "members", "fits"),
    [
        ("place_call", {"max_duration_seconds": 60.0, "ring_timeout_seconds": 3e1}, True),
        ("place_call", {"max_duration_seconds": 60.5}, False),
        ("place_call", dict.fromkeys(["from", "template_context", "ring_timeout_seconds", "max_duration_seconds"]), True),
        ("place_call", dict.fromkeys(["machine_detection", "record", "join", "metadata"]), True),
        ("place_call", {"phone_number": None}, False),
        ("place_call", {"from": "12025550143"}, False),
        ("place_call", {"machine_detection": "maybe"}, False),
        ("place_call", {"metadata": {"a": "line\nline\t\r"}}, True),
        ("place_call", {"metadata": {"a": "\x00"}}, False),
        ("place_call", {"metadata": {"a": "\x85"}}, False),
        ("place_call", {"metadata": {"a\nb": "c"}}, False),
        ("place_call", {"metadata": {"": "c"}}, False),
        ("place_call", {"metadata": {"a": None}}, False),
        ("create_agent", {"template_variables": DEEP}, True),
        ("create_agent", {"template_variables": {"a": DEEP}}, False),
        ("create_agent", {"template_variables": {"a": {"b-c": 1}}}, False),
        ("create_agent", {"template_variables": {"a": {"b": "\x07"}}}, False),
        ("create_agent", {"template_variables": {"a": {"b": None}}}, False),
        ("create_agent", {"template_variables": {"a": {"b": []}}}, False),
        ("create_agent", {"prompt": "line\nline"}, True),
        ("create_agent", {"prompt": "\x1b"}, False),
        ("create_agent", {"voice": "a\tb"}, False),
        ("create_agent", dict.fromkeys(["voice", "language", "template_variables", "model", "temperature"]), True),
        ("create_agent", dict.fromkeys(["first_speaker", "greeting", "max_duration_seconds", "record", "tools"]), True),
        ("create_agent", {"tools": [{"toolName": "a", "toolId": None, "nameOverride": None}]}, True),
        ("create_agent", {"tools": [{"toolName": "a", "toolId": "b"}]}, False),
        ("create_agent", {"tools": [{"toolName": None}]}, False),
        ("create_agent", {"tools": [{}]}, False),
        ("create_agent", {"tools": [{"temporaryTool": {"modelToolName": "a", "http": None, "more": 1}}]}, True),
        ("create_agent", {"tools": [{"temporaryTool": {"modelToolName": "a b"}}]}, False),
        ("create_agent", {"tools": [{"temporaryTool": {"dynamicParameters": {}}}]}, False),
        ("create_agent", {"tools": [{"toolName": "a", "authTokens": {"b": 1}}]}, False),
        ("set_dialing", {"reason": None, "waiting": None}, True),
        ("set_dialing", {"reason": "a\nb"}, False),
        ("set_dialing", {"enabled": None}, False),
    ],
)
def test_a_body_is_taken_where_it_fits_the_description(world, operation, members, fits):
    place = next((path, method) for path, method, found in description().operations() if found["operationId"] == operation)
    usual = {
        "place_call": lambda: {"phone_number": world.numbers.take()},
        "create_agent": lambda: {"name": f"fits-{world.numbers.take()[1:]}", "prompt": "Be brief."},
        "set_dialing": lambda: {"enabled": True},
    }
    document = {**usual[operation](), **members}
    faults = description().faults(document, "paths", *place, "requestBody", "content", "application/json", "schema")
    target = place[0].replace("{id}", world.new_agent())
    answer = world.gateway.call(place[1].upper(), target, document)
    assert (not faults, answer.status in (200, 201)) == (fits, fits), (faults, answer)
    assert fits or answer.status == 422, answer


@pytest.mark.parametrize(
    ("operation", "name", "value", "fits"),
    [
        ("list_calls", "updated_after", "48213", True),
        ("list_calls", "updated_after", "3-0", True),
        ("list_calls", "updated_after", "048213", False),
        ("list_calls", "updated_after", "2026-11-22T11:46:05.5+01:00", True),
        ("list_calls", "updated_after", "yesterday", False),
        ("list_calls", "phone_number", "+12125550100", True),
        ("list_calls", "phone_number", "anonymous", True),
        ("list_calls", "phone_number", "sip:jane@example.com", True),
        ("list_calls", "phone_number", "jane", False),
        ("list_agents", "search", "Zoë", True),
        ("list_agents", "search", "a\tb", False),
        ("list_agents", "cursor", "a\x7fb", False),
        ("get_call", "timeout", 30, True),
        ("get_call", "timeout", 61, False),
        ("stream_call_events", "Last-Event-ID", "3-48213.2", True),
        ("stream_call_events", "Last-Event-ID", "48213.0", False),
        ("stream_call_events", "Last-Event-ID", "48213.255", False),
        ("place_call", "Idempotency-Key", '"quoted"', True),
        ("place_call", "Idempotency-Key", "bare!", True),
        ("place_call", "Idempotency-Key", 'half"', False),
        ("place_call", "Idempotency-Key", '"in"side"', False),
        ("place_call", "Idempotency-Key", "a b", False),
    ],
)
def test_a_parameter_is_taken_where_it_fits_the_description(world, operation, name, value, fits):
    path, method, found = next(found for found in description().operations() if found[2]["operationId"] == operation)
    (place, parameter) = next(
        (index, parameter)
        for index, parameter in enumerate(map(description().resolved, found["parameters"]))
        if parameter["name"] == name
    )
    reference = found["parameters"][place].get("$ref")
    schema = reference.removeprefix("#/").split("/") if reference else ["paths", path, method, "parameters", place]
    faults = description().faults(value, *schema, "schema")
    agent = world.new_agent()
    order = {"phone_number": world.numbers.take()} if method == "post" else None
    target = path.replace("{id}", agent if method == "post" else world.order(agent).call["id"])
    headers = [(name, value)] if parameter["in"] == "header" else []
    target += f"?{urlencode({name: value})}" if parameter["in"] == "query" else ""
    status = status_of(world, method.upper(), target, order, headers)
    assert (not faults, status in (200, 201)) == (fits, fits), (faults, status)
    assert fits or status in (400, 422)


def status_of(world, method, target, document, headers):
    """The status of an answer, of which the rest may be a stream without an end."""
    if document is not None:
        return world.gateway.call(method, target, document, headers=headers).status
    address = urlsplit(world.gateway.origin)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    connection.request(method, target, headers={"X-API-Key": world.gateway.api_key, **dict(headers)})
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def test_requests_have_the_members_that_are_described(world):
    agent = world.new_agent()
    for operation, method, target in (
        ("create_agent", "POST", "/agents"),
        ("replace_agent", "PUT", f"/agents/{agent}"),
        ("place_call", "POST", f"/calls/{agent}"),
        ("set_dialing", "PUT", "/dialing"),
        ("create_subscription", "POST", "/subscriptions"),
    ):
        errors = world.gateway.call(method, target, {"nonsense": 1}).json()["errors"]
        (message,) = [error["message"] for error in errors if error["field"] == "nonsense"]
        taken = message.removeprefix("is not a field of this request, which has ").split(", ")
        assert set(taken) == request_examples(operation)[1], operation


def test_lists_have_the_parameters_that_are_described(world):
    agent = world.new_agent()
    call = world.place(agent)[0].json()["id"]
    paths = description().document["paths"]
    checked = 0
    for path, item in paths.items():
        names = {
            parameter["name"]
            for parameter in map(description().resolved, item.get("get", {}).get("parameters", []))
            if parameter["in"] == "query"
        }
        if not names or path.startswith("/webhooks"):
            continue
        answer = world.gateway.call("GET", path.replace("{id}", call) + "?nonsense=1")
        assert answer.status == 422, answer
        message = answer.json()["errors"][0]["message"]
        taken = message.removeprefix("is not a parameter of this request; it has ").split(", ")
        # Of a parameter by member, such as metadata[KEY], the description has the name.
        assert {name.partition("[")[0] for name in taken} == names, path
        checked += 1
    assert checked >= 4


def test_every_word_of_a_query_is_taken(world):
    operations = {operation["operationId"]: operation for _, _, operation in description().operations()}
    for parameter in operations["list_calls"]["parameters"]:
        schema = description().resolved(parameter)["schema"]
        for word in schema.get("items", schema).get("enum", []):
            assert world.gateway.call("GET", f"/calls?{parameter['name']}={word}").status == 200, word


CALL = "/calls/call_01jd9z7q0v3r2m8k4t6w5x1y0a"


def altered(status=200, headers=(), without=(), body=None, **members):
    """A look-up's answer as the description shows it, but for what is given."""
    examples = description().document["paths"]["/calls/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    document = copy.deepcopy(examples["examples"]["completed"]["value"])
    document.update(members)
    for name in without:
        document.pop(name, None)
    kept = [("X-Request-ID", "1"), ("Content-Type", "application/json")]
    fields = [pair for pair in kept if pair[0] not in without and pair[0] not in dict(headers)]
    return Answer(status, [*fields, *headers], json.dumps(document).encode() if body is None else body)


def test_the_check_of_answers_passes_what_is_described():
    description().check("GET", CALL, altered())
    # A word that a later version may add.
    timeline = [{"at": "2026-11-22T11:46:05.000Z", "type": "call.sung", "source": "choir", "status": None, "detail": None}]
    description().check("GET", CALL, altered(status=200, timeline=timeline))
    description().check("HEAD", CALL, altered(body=b""))


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (lambda: altered(status=418), "it has no answer 418"),
        (lambda: altered(nonsense=1), "'nonsense' was unexpected"),
        (lambda: altered(join_url="wss://example.com/"), "should not be valid"),
        (lambda: altered(duration_seconds="48"), "'48' is not of type 'integer', 'null'"),
        (lambda: altered(created_at="yesterday"), "'yesterday' is not a 'date-time'"),
        (lambda: altered(timeline=[{"at": "2026-11-22T11:46:05.000Z"}]), "'type' is a required property"),
        (lambda: altered(without=["metadata"]), "'metadata' is a required property"),
        (lambda: altered(headers=[("Content-Type", "text/html")]), "Content-Type is 'text/html'"),
        (lambda: altered(without=["X-Request-ID"]), "X-Request-ID is missing"),
        (lambda: altered(headers=[("Retry-After", "5")]), "retry-after is not described"),
        (lambda: problem(404, "number_busy"), "the code 'number_busy' does not come with 404 here"),
        (lambda: problem(429, "rate_limited"), "Retry-After is missing"),
        (lambda: problem(429, "rate_limited", ("Retry-After", "soon")), "'soon' is not of type 'integer'"),
    ],
)
def test_the_check_of_answers_finds(answer, fault):
    with pytest.raises(AssertionError, match="openapi.json describes GET") as caught:
        description().check("GET", CALL, answer())
    assert fault in str(caught.value)


def problem(status, code, *headers):
    document = description().document["components"]["examples"][code]["value"]
    fields = [("X-Request-ID", "1"), ("Content-Type", "application/problem+json"), *headers]
    return Answer(status, fields, json.dumps(document).encode())


@pytest.mark.parametrize(
    ("method", "target", "answer", "fault"),
    [
        ("GET", "/nowhere", lambda: altered(), "described nowhere"),
        ("PATCH", CALL, lambda: altered(), "described nowhere"),
        ("PATCH", CALL, lambda: problem(405, "method_not_allowed"), "Allow is missing"),
        ("GET", "/nowhere", lambda: problem(403, "not_found"), "does not come with 403"),
        ("DELETE", "/agents/x", lambda: altered(status=204), "it has a body"),
    ],
)
def test_the_check_of_answers_finds_elsewhere(method, target, answer, fault):
    with pytest.raises(AssertionError) as caught:
        description().check(method, target, answer())
    assert fault in str(caught.value)


def test_the_reference_in_the_documents_says_the_same():
    """`UPDATE_DOCS=1` writes docs/api.md anew."""
    text = reference(description())
    path = os.path.join(ROOT, "docs", "api.md")
    if os.environ.get("UPDATE_DOCS") == "1":
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    with open(path, encoding="utf-8") as file:
        assert file.read() == text, "write it anew with UPDATE_DOCS=1"
