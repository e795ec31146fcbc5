"""REST requests that are broken, forbidden or odd: what is answered, and that nobody is dialed."""

import base64
import json
import pathlib

import pytest

from harness import crowd
from harness.raw import converse
from harness.unchanged import nothing_happens
from harness.wire import exchange

JSON = ("Content-Type", "application/json")


@pytest.fixture(scope="module")
def world(start_world):
    return start_world(ALLOWED_COUNTRIES="US")


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


@pytest.fixture(scope="module")
def order(world, agent):
    return world.order(agent)


@pytest.fixture(scope="module")
def key(world):
    return ("X-API-Key", world.credentials.api_key)


def assert_problem(answer, status, code=None):
    """Errors are RFC 9457 documents of one shape, and say nothing of the inside."""
    assert answer.status == status, answer
    assert answer.header("content-type").split(";")[0] == "application/problem+json", answer
    problem = answer.json()
    assert {"type", "title", "status", "detail", "instance", "code", "request_id", "timestamp"} <= set(problem), problem
    assert problem["status"] == status
    assert problem["request_id"] == answer.header("x-request-id")
    if code:
        assert problem["code"] == code, problem
    for inside in ("Swift.", "DecodingError", "/Sources/", ".swift", "Optional(", "Hummingbird", "NIO"):
        assert inside not in answer.text
    return problem


# Authentication


def basic(secret):
    return "Basic " + base64.b64encode(f"test:{secret}".encode()).decode()


UNAUTHORIZED = {
    "no key": lambda k: [],
    "empty key": lambda k: [("X-API-Key", "")],
    "wrong key": lambda k: [("X-API-Key", "x" * len(k))],
    "key with one character more": lambda k: [("X-API-Key", k + "x")],
    "key cut short": lambda k: [("X-API-Key", k[:-1])],
    "the key's name": lambda k: [("X-API-Key", "test")],
    "name and secret": lambda k: [("X-API-Key", "test:" + k)],
    "upper case": lambda k: [("X-API-Key", k.upper())],
    "empty bearer": lambda k: [("Authorization", "Bearer ")],
    "bearer without a space": lambda k: [("Authorization", "Bearer")],
    "wrong bearer": lambda k: [("Authorization", "Bearer nonsense")],
    "basic": lambda k: [("Authorization", basic(k))],
    "no scheme": lambda k: [("Authorization", k)],
    "two bearers": lambda k: [("Authorization", "Bearer " + k), ("Authorization", "Bearer " + k)],
    "two keys": lambda k: [("X-API-Key", k), ("X-API-Key", k)],
    "a key and a bearer": lambda k: [("X-API-Key", k), ("Authorization", "Bearer " + k)],
}


@pytest.mark.parametrize("name", UNAUTHORIZED)
@pytest.mark.parametrize("route", ["read", "order"])
def test_without_one_good_credential_the_answer_is_401(world, agent, order, name, route):
    headers = UNAUTHORIZED[name](world.credentials.api_key)
    with nothing_happens(world, order):
        if route == "read":
            answer = world.gateway.send("GET", "/calls", headers=headers)
        else:
            body = json.dumps({"phone_number": world.numbers.take()}).encode()
            answer = world.gateway.send("POST", f"/calls/{agent}", headers=[JSON, *headers], body=body)
    assert_problem(answer, 401, "unauthorized")
    assert answer.header("www-authenticate")


@pytest.mark.parametrize("query", ["api_key={}", "X-API-Key={}", "token={}", "access_token={}", "key={}"])
def test_a_key_in_the_query_is_no_credential(world, query):
    answer = world.gateway.send("GET", "/calls?" + query.format(world.credentials.api_key))
    assert_problem(answer, 401, "unauthorized")
    assert world.credentials.api_key not in answer.text


def test_a_bearer_is_as_good_as_the_key_header(world):
    assert (
        world.gateway.send("GET", "/calls", headers=[("Authorization", "Bearer " + world.credentials.api_key)]).status
        == 200
    )


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
def test_health_needs_no_key(world, path):
    answer = world.gateway.send("GET", path)
    assert answer.status == 200 and answer.header("x-request-id")


# Content types and JSON


def post_order(world, agent, body, content_type="application/json", **options):
    headers = [("X-API-Key", world.credentials.api_key)]
    if content_type:
        headers.append(("Content-Type", content_type))
    return world.gateway.send("POST", f"/calls/{agent}", headers=headers, body=body, **options)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/json; charset=utf-16",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/jsonx",
    ],
)
def test_anything_but_json_in_utf_8_is_refused_with_415(world, agent, order, content_type):
    with nothing_happens(world, order):
        body = json.dumps({"phone_number": "+12025550100"}).encode()
        assert_problem(post_order(world, agent, body, content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf8", 'Application/JSON;charset="UTF8"', "application/json;charset=UTF-8"]
)
def test_json_in_either_spelling_of_utf_8_is_read(world, agent, content_type):
    assert_problem(post_order(world, agent, b'{"nope":1}', content_type), 422, "validation_failed")


def test_metadata_may_have_names_that_only_differ_in_how_they_spell_a_letter(world, agent):
    metadata = {"caf\u00e9": "1", "cafe\u0301": "2"}
    assert world.order(agent, metadata=metadata).call["metadata"] == metadata


NOT_JSON = {
    # A missing body, and cases after JSONTestSuite's n_*.
    "no body": b"",
    "one byte": b"{",
    "array_1_true_without_comma": b"[1 true]",
    "array_comma_after_close": b'[""],',
    "array_double_extra_comma": b'["x",,]',
    "array_extra_close": b'["x"]]',
    "array_extra_comma": b'["",]',
    "array_incomplete": b'["x"',
    "array_just_minus": b"[-]",
    "array_number_and_several_commas": b"[1,,]",
    "array_unclosed_with_new_lines": b"[1,\n1\n,1",
    "incomplete_true": b"[tru]",
    "number_plus": b"[+1]",
    "number_leading_zero": b"[012]",
    "number_0.e1": b"[0.e1]",
    "number_2.e3": b"[2.e3]",
    "number_hex": b"[0x42]",
    "number_Infinity": b"[Infinity]",
    "number_NaN": b"[NaN]",
    "number_minus_space_1": b"[- 1]",
    "number_with_alpha": b"[1.2a-3]",
    "object_bad_value": b'["x", truth]',
    "object_comma_instead_of_colon": b'{"x", null}',
    "object_double_colon": b'{"x"::"b"}',
    "object_key_with_single_quotes": b"{'a':0}",
    "object_missing_value": b'{"a":',
    "object_non_string_key": b"{1:1}",
    "object_trailing_comma": b'{"phone_number":"+12025550100",}',
    "object_trailing_comment": b'{"phone_number":"+12025550100"}/**/',
    "object_with_trailing_garbage": b'{"phone_number":"+12025550100"}#',
    "object_unquoted_key": b'{phone_number:"+12025550100"}',
    "two objects": b'{"phone_number":"+12025550100"}{}',
    "string_escape_x": b'["\\x00"]',
    "string_1_surrogate_then_escape_u": b'["\\uD800\\u"]',
    "string_invalid_utf8": b'{"phone_number":"+12025550100","metadata":{"a":"\xff"}}',
    "string_overlong_utf8": b'{"phone_number":"+12025550100","metadata":{"a":"\xc0\xaf"}}',
    "string_unescaped_newline": b'{"phone_number":"+12025550100\n"}',
    "string_unescaped_tab": b'{"a":"\t"}',
    "string_single_quote": b"['single']",
    "structure_null_byte_outside": b'{"phone_number":"+12025550100"}\x00',
    "structure_open_array_100000": b"[" * 100_000,
    "structure_capitalized_True": b"[True]",
    "structure_U+2060": b"[\xe2\x81\xa0]",
    "structure_form_feed": b"[\x0c]",
    "byte order mark": b'\xef\xbb\xbf{"phone_number":"+12025550100"}',
    "UTF-16": '{"phone_number":"+12025550100"}'.encode("utf-16"),
    "UTF-16 without a mark": '{"phone_number":"+12025550100"}'.encode("utf-16-be"),
    "a name twice": b'{"phone_number":"+12025550100","phone_number":"+12025550101"}',
    "a name twice, escaped": b'{"phone_number":"+12025550100","phone\\u005fnumber":"+12025550101"}',
    "a name twice, deeper": b'{"phone_number":"+12025550100","metadata":{"a":"1","a":"2"}}',
}


@pytest.mark.parametrize("name", NOT_JSON)
def test_what_is_not_strict_json_is_refused_with_400(world, agent, order, name):
    with nothing_happens(world, order):
        assert_problem(post_order(world, agent, NOT_JSON[name]), 400, "malformed_request")


FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "json"


def json_cases(world, agent, directory):
    """The cases of a directory, each as the body of an order, and the answers."""
    cases = sorted(path for path in (FIXTURES / directory).iterdir() if path.is_file())
    assert len(cases) > 50
    headers = [("X-API-Key", world.credentials.api_key), JSON]
    requests = [crowd.request("POST", f"/calls/{agent}", headers, path.read_bytes()) for path in cases]
    return list(zip((path.name for path in cases), crowd.send_all(world.gateway.origin, requests)))


def test_every_case_that_json_parsers_must_reject_is_refused_with_400(world, agent, order):
    with nothing_happens(world, order):
        wrong = [pair for pair in json_cases(world, agent, "must-reject") if pair[1].status != 400]
    assert not wrong, wrong


def test_every_case_that_json_parsers_must_accept_is_read_and_found_to_be_no_order(world, agent, order):
    with nothing_happens(world, order):
        wrong = [pair for pair in json_cases(world, agent, "must-accept") if pair[1].status != 422]
    assert not wrong, wrong


@pytest.mark.parametrize(("depth", "status"), [(64, 422), (65, 400), (100_000, 400)])
@pytest.mark.parametrize("kind", ["arrays", "objects"])
def test_json_is_read_to_a_depth_of_64(world, agent, order, depth, status, kind):
    if kind == "arrays":
        body = b"[" * depth + b"]" * depth
    else:
        depth = min(depth, 40_000)  # 256 KiB
        body = b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)
    with nothing_happens(world, order):
        assert post_order(world, agent, body).status == status


@pytest.mark.parametrize(
    "body", [b"null", b"[]", b'""', b"{}", b"0", b"true", b'[{"phone_number":"+12025550100"}]'], ids=repr
)
def test_json_that_is_no_order_is_refused_with_422(world, agent, order, body):
    with nothing_happens(world, order):
        assert_problem(post_order(world, agent, body), 422, "validation_failed")


def test_a_body_of_more_than_256_kib_is_refused_with_413(world, agent, order):
    body = json.dumps({"phone_number": "+12025550100", "metadata": {"a": "x" * 262_144}}).encode()
    with nothing_happens(world, order):
        problem = assert_problem(post_order(world, agent, body), 413, "payload_too_large")
    assert "262144" in problem["detail"] and problem["instance"] == f"/calls/{agent}"


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
@pytest.mark.parametrize("known", [True, False], ids=["with a key", "without a key"])
def test_a_body_that_is_too_large_is_refused_like_everything_else(world, agent, order, announced, known):
    fields = "X-Request-ID: too-large⏎Content-Type: application/json⏎"
    fields += f"X-API-Key: {world.credentials.api_key}⏎" if known else ""
    size = 262_145
    body = f"Content-Length: {size}⏎⏎" if announced else f"Transfer-Encoding: chunked⏎⏎{size:x}⏎"
    text = f"POST /calls/{agent}?a=b HTTP/1.1⏎Host: a⏎{fields}{body}" + " " * size
    with nothing_happens(world, order):
        conversation = converse(world.gateway.origin, text)
        assert len(conversation.answers) == 1 and conversation.in_order, conversation
    (answer,) = conversation.answers
    problem = assert_problem(answer, 413, "payload_too_large")
    assert problem["request_id"] == "too-large" and problem["instance"] == f"/calls/{agent}"
    assert answer.header("strict-transport-security") and answer.header("connection") == "close"
    # The client was not asked who it is, and so it is not told what it may do.
    assert answer.header("ratelimit") is None


# The order


PHONE_NUMBERS = [
    "", "+", "+1", "+0123456789", "0015550100", "+1234567890123456", "+1 (555) 010-0001", "+1-202-555-0100", "+1555010000１",
    "+١٥٥٥٠١٠٠٠٠١", "tel:+12025550100", "+12025550100;ext=9", "+12025550100,,900", "\x00+12025550100", " +12025550100",
    "+12025550100 ", "+12025550100\n", "911", "112", "411", "sip:a@b", "client:x", "12025550100", "2025550100", "＋12025550100",
    "+1202555010O", "+12025550100w1", "++12025550100", "+1.2025550100", "+12025550100#",
    None, 12025550100, 1e10, True, ["+12025550100"], {"number": "+12025550100"},
]  # fmt: skip


@pytest.mark.parametrize("number", PHONE_NUMBERS, ids=repr)
def test_a_phone_number_that_is_not_e_164_is_refused_with_422(world, agent, order, number):
    with nothing_happens(world, order):
        problem = assert_problem(
            world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number}), 422, "validation_failed"
        )
        assert "phone_number" in [error["field"] for error in problem["errors"]]


UNKNOWN_FIELDS = [
    "Record", "SendDigits", "CallerId", "Url", "Twiml", "StatusCallback", "SipAuthPassword", "To", "PhoneNumber",
    "phone_Number", "phone_number ", "id", "status", "join_url", "call_sid", "agent_id", "templateContext", "__proto__",
]  # fmt: skip


@pytest.mark.parametrize("field", UNKNOWN_FIELDS, ids=repr)
def test_an_unknown_field_of_an_order_is_refused_by_name_with_422(world, agent, order, field):
    with nothing_happens(world, order):
        answer = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": world.numbers.take(), field: "x"})
        problem = assert_problem(answer, 422, "validation_failed")
        assert field in [error["field"] for error in problem["errors"]], problem


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ring_timeout_seconds", 4), ("ring_timeout_seconds", 601), ("ring_timeout_seconds", "30"), ("ring_timeout_seconds", 30.5),
        ("ring_timeout_seconds", -30), ("ring_timeout_seconds", 1e400), ("max_duration_seconds", 0), ("max_duration_seconds", 10**30),
        ("machine_detection", "Enable"), ("machine_detection", True), ("record", "true"), ("record", 1), ("join", "later"),
        ("metadata", {"a": 1}), ("metadata", []), ("metadata", {"a": {"b": "c"}}), ("from", "12025550143"), ("from", "client:me"),
        ("template_context", []), ("template_context", "x"), ("template_context", {"1a": "x"}), ("template_context", {"a-b": "x"}),
        ("template_context", {"a": ["x"]}), ("template_context", {"a": "x" * 1001}), ("template_context", {f"v{n}": 1 for n in range(51)}),
        ("template_context", {"a": {"b": {"c": {"d": {"e": {"f": "x"}}}}}}), ("callback_url", "not a url"), ("callback_url", "ftp://a.example.com/"),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_a_field_out_of_its_bounds_is_refused_by_name_with_422(world, agent, order, field, value):
    body = json.dumps({"phone_number": world.numbers.take(), field: value}).replace("Infinity", "1e400").encode()
    with nothing_happens(world, order):
        problem = assert_problem(post_order(world, agent, body), 422, "validation_failed")
        assert any(error["field"].startswith(field) for error in problem["errors"]), problem


@pytest.mark.parametrize(
    "config",
    [
        {}, {"name": "x"}, {"prompt": "x"}, {"name": "has spaces", "prompt": "x"}, {"name": "x" * 65, "prompt": "x"},
        {"name": "", "prompt": "x"}, {"name": "x", "prompt": "x", "temperature": 2}, {"name": "x", "prompt": "x", "systemPrompt": "y"},
        {"name": "x", "prompt": "x", "tools": "hangUp"}, {"name": "x", "prompt": "x", "first_speaker": "nobody"},
        {"name": "x", "prompt": 1}, {"name": "é", "prompt": "x"},
    ],
    ids=repr,
)  # fmt: skip
def test_an_agent_that_does_not_fit_is_refused_with_422(world, order, config):
    with nothing_happens(world, order):
        assert_problem(world.gateway.call("POST", "/agents", config), 422, "validation_failed")


TOOLS = [
    ({"toolName": "hangUp", "descriptionOverride": "\x00"}, "descriptionOverride"),
    ({"toolName": "hangUp", "descriptionOverride": "\x1b[31m"}, "descriptionOverride"),
    ({"toolName": "hangUp", "descriptionOverride": 1}, "descriptionOverride"),
    ({"toolName": "hangUp", "parameterOverrides": {"a": [{"b": "\x07"}]}}, "parameterOverrides.a[0].b"),
    ({"toolName": "hangUp", "authTokens": {"a": 1}}, "authTokens.a"),
    ({"toolName": 1}, "toolName"),
    ({"temporaryTool": {"modelToolName": "x", "description": "\x9b31m"}}, "temporaryTool.description"),
    ({"temporaryTool": {"modelToolName": "x", "http": {"baseUrlPattern": "\x01"}}}, "temporaryTool.http.baseUrlPattern"),
    ({"temporaryTool": "x"}, "temporaryTool"),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "field"), TOOLS, ids=repr)
def test_a_tool_that_does_not_fit_is_refused_by_the_path_of_its_field(world, order, tool, field):
    with nothing_happens(world, order):
        answer = world.gateway.call("POST", "/agents", {"name": "x", "prompt": "x", "tools": ["hangUp", tool]})
        problem = assert_problem(answer, 422, "validation_failed")
        assert [error["field"] for error in problem["errors"]] == [f"tools[1].{field}"]


def test_a_tool_reaches_ultravox_as_it_is(world):
    schema = {"type": "string", "description": "SELECT 'it''s' & <b>\"Zoë\"</b>\r\n\t{{name}} 💥", "enum": ["", "a"]}
    tool = {
        "temporaryTool": {
            "modelToolName": "look-up",
            "dynamicParameters": [{"name": "a", "location": "PARAMETER_LOCATION_BODY", "schema": schema}],
            "http": {"baseUrlPattern": "https://example.com/{a}?b=c", "httpMethod": "POST"},
            "timeout": "5s",
        },
        "descriptionOverride": "one\ntwo",
        "parameterOverrides": {"a": 1.5, "b": None, "c": [True, {}]},
    }
    agent = world.new_agent(tools=[tool])
    (create,) = [entry for entry in world.ultravox.requests("POST", "/agents") if "look-up" in entry.body.decode()]
    assert create.json()["callTemplate"]["selectedTools"] == [tool]
    assert world.gateway.call("GET", f"/agents/{agent}").json()["config"]["tools"] == [tool]


def test_a_name_with_spaces_is_answered_with_one_that_fits(world):
    answer = world.gateway.call("POST", "/agents", {"name": "Customer Support", "prompt": "x"})
    assert (
        "Customer-Support" in answer.text or "Customer_Support" in answer.text or "CustomerSupport" in answer.text
    ), answer


# Paths, queries, methods

IDS = [
    "..",
    ".",
    "%2e%2e",
    "..%2f..%2fAccounts",
    "%2e%2e%2f%2e%2e%2fAccounts",
    "CA1",
    "CA1%3Fx=1",
    "CA1?x=1",
    "CA1%23",
    "%00",
    "a%0d%0aX:1",
    "%c3%28",
    "x" * 4096,
]


@pytest.mark.parametrize("id", IDS, ids=lambda id: id[:30])
@pytest.mark.parametrize("shape", ["/calls/{}", "/calls/{}/transcript", "/agents/{}"])
def test_no_id_in_a_path_steers_a_request_to_a_vendor(world, order, id, shape):
    with nothing_happens(world, order):
        answer = world.gateway.call("GET", shape.format(id))
        assert answer.status in (400, 404), answer


@pytest.mark.parametrize("id", IDS, ids=lambda id: id[:30])
def test_no_id_of_a_hang_up_steers_a_request_to_a_vendor(world, order, id):
    with nothing_happens(world, order):
        answer = world.gateway.call("POST", f"/calls/{id}/hangup".replace("?x=1/hangup", "/hangup?x=1"))
        assert answer.status in (400, 404), answer


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("id", IDS, ids=lambda id: id[:30])
def test_no_id_of_an_agent_that_is_changed_steers_a_request_to_a_vendor(world, order, id, method):
    document = {"name": "x", "prompt": "x"} if method == "PUT" else None
    with nothing_happens(world, order):
        answer = world.gateway.call(method, f"/agents/{id}", document)
        assert answer.status in (400, 404), answer


@pytest.mark.parametrize("id", ["%2e%2e", "..%2f..%2fAccounts", "x%3Fy=1", "%00", "x%23"])
def test_no_agent_id_of_an_order_steers_a_request_to_a_vendor(world, order, id):
    with nothing_happens(world, order):
        answer = world.gateway.call("POST", f"/calls/{id}", {"phone_number": world.numbers.take()})
        assert answer.status in (400, 404, 422), answer


def test_an_unknown_agent_is_not_found_and_nobody_is_dialed(world, order):
    before = len(world.twilio.creates)
    answer = world.gateway.call(
        "POST", "/calls/6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921", {"phone_number": world.numbers.take()}
    )
    assert_problem(answer, 404, "not_found")
    assert len(world.twilio.creates) == before


@pytest.mark.parametrize(
    "query",
    ["limit=-1", "limit=0", "limit=201", "limit=1000000000", "limit=99999999999999999999", "limit=abc", "limit=", "limit=%2B5", "limit=5.0",
     "limit=%D9%A5", "limit=5&limit=6", "cursor=garbage", "cursor=%00", "cursor=AAAA&cursor=BBBB", "status=teleported",
     "direction=up", "created_after=yesterday", "created_before=2026-13-01T00:00:00Z"],
)  # fmt: skip
def test_a_query_that_does_not_fit_is_refused_with_422(world, order, query):
    with nothing_happens(world, order):
        answer = world.gateway.call("GET", "/calls?" + query)
        assert_problem(answer, 422, "validation_failed")


def test_lists_page_through_everything_newest_first(world, agent, order):
    made = [world.order(agent).call["id"] for _ in range(5)]
    seen, target = [], "/calls?limit=2"
    for _ in range(1000):
        page = world.gateway.call("GET", target).json()
        seen += [call["id"] for call in page["data"]]
        if page["next_cursor"] is None:
            break
        target = "/calls?limit=2&cursor=" + page["next_cursor"]
    assert seen[:5] == made[::-1] and order.call["id"] in seen
    assert len(seen) == len(set(seen))


def test_a_forged_cursor_is_refused(world, agent):
    for _ in range(3):
        world.order(agent)
    cursor = world.gateway.call("GET", "/calls?limit=1").json()["next_cursor"]
    assert_problem(world.gateway.call("GET", f"/calls?limit=1&cursor={cursor}x!"), 422, "validation_failed")


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("DELETE", "/calls", {"GET"}),
        ("POST", "/calls", {"GET"}),
        ("PATCH", "/agents/6f3a1d52-2c7e-4b0a-9d38-51c0e7a4b921", {"GET", "PUT", "DELETE"}),
        ("PUT", "/agents", {"GET", "POST"}),
        ("PUT", "/calls/call_1", {"GET", "POST"}),
        ("GET", "/calls/call_1/hangup", {"POST"}),
        ("POST", "/health", {"GET"}),
    ],
)
def test_a_method_that_a_path_does_not_know_is_refused_with_405_and_allow(world, order, method, target, allowed):
    with nothing_happens(world, order):
        answer = world.gateway.call(method, target)
        assert_problem(answer, 405, "method_not_allowed")
        assert allowed <= {part.strip() for part in answer.header("allow").split(",")}


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "QUERY", "BREW"])
def test_a_method_that_no_path_serves_is_refused_and_echoes_nothing(world, method):
    answer = world.gateway.call(method, "/calls")
    assert (answer.status, answer.header("content-type")) == (501, "application/problem+json")
    assert (answer.json()["status"], answer.json()["code"]) == (501, "not_implemented")
    assert world.credentials.api_key not in answer.text and method not in answer.text


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_overrides_the_method(world, order, header):
    with nothing_happens(world, order):
        answer = world.gateway.call("GET", f"/calls/{order.call['id']}", headers=[(header, "DELETE")])
        assert answer.status == 200 and answer.json()["id"] == order.call["id"]
        assert_problem(world.gateway.call("POST", f"/calls/{order.call['id']}", headers=[(header, "DELETE")]), 404)


@pytest.mark.parametrize(
    "target", ["/nowhere", "/calls/call_1/nothing", "/webhooks", "/webhooks/twilio/nothing", "/.env"]
)
def test_an_unknown_path_is_not_found(world, target):
    assert_problem(world.gateway.call("GET", target), 404, "not_found")


def test_every_answer_carries_a_request_id_and_a_sane_one_of_the_client_is_kept(world, key):
    assert (
        world.gateway.call("GET", "/calls", headers=[("X-Request-ID", "black-box-1")]).header("x-request-id")
        == "black-box-1"
    )
    for hostile in ("", "x" * 5000, "a b\tc"):
        answer = exchange(world.gateway.origin, "GET", "/calls", headers=[key, ("X-Request-ID", hostile)])
        assert answer.status == 200 and answer.header("x-request-id") not in (None, "", hostile)


NOT_CALLED = (
    "+911", "+19005550100", "+18765550100", "+18095550100", "+14735550100", "+881612345678", "+882160000001",
    "+883510000001", "+979123456789", "+870773111111", "+24765123", "+449011234567", "+15005550006", "+442079460123",
)  # fmt: skip


@pytest.mark.parametrize("number", NOT_CALLED)
def test_a_number_that_may_not_be_called_reaches_nobody(world, agent, number):
    before = world.vendor_requests()
    answer = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": number})
    assert answer.status == 403, answer
    problem = answer.json()
    assert problem["code"] == "destination_not_allowed"
    assert number not in answer.body.decode() and "called" in problem["detail"]
    assert world.vendor_requests() == before


def test_a_number_that_may_not_be_called_leaves_the_key_free(world, agent):
    headers = [("Idempotency-Key", "destination")]
    refused = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": NOT_CALLED[0]}, headers=headers)
    assert refused.status == 403
    taken = world.gateway.call("POST", f"/calls/{agent}", {"phone_number": world.numbers.take()}, headers=headers)
    assert taken.status == 201, taken
