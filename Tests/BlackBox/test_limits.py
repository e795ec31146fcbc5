"""What one API key may ask: exact counts, honest fields, nobody else's loss, and an operator who can always stop it."""

import json
import re
import secrets
import time

import pytest

from harness.crowd import at_once
from harness.figures import figure
from harness.waiting import eventually
from harness.wire import exchange
from test_hostile_rest import assert_problem

CHANGES, READS, SCRAPES = 5, 8, 120
WINDOW = 60  # seconds
REST = re.compile(r'"(\w+)";r=(\d+);t=(\d+)')

KEYS = {f"client-{n}": f"client-{n}-{secrets.token_hex(16)}" for n in range(40)}


class Client:
    """Somebody with an API key of his own, and so with quotas of his own."""

    def __init__(self, gateway, secret):
        self.gateway, self.secret = gateway, secret

    def ask(self, method, target, document=None, headers=()):
        fields = [("X-API-Key", self.secret), *headers]
        if document is None:
            return exchange(self.gateway.origin, method, target, headers=fields)
        fields.append(("Content-Type", "application/json"))
        return exchange(self.gateway.origin, method, target, headers=fields, body=json.dumps(document).encode())

    def spend_changes(self):
        """All of them, on orders that fit nobody."""
        answers = [self.ask("POST", "/calls/nobody", {}) for _ in range(CHANGES)]
        assert [answer.status for answer in answers] == [404] * CHANGES
        return answers

    def spend_reads(self):
        answers = [self.ask("GET", "/calls") for _ in range(READS)]
        assert [answer.status for answer in answers] == [200] * READS
        return answers

    def spend_all(self):
        self.spend_changes()
        self.spend_reads()
        return self


@pytest.fixture(scope="module")
def world(start_world):
    return start_world(
        RATE_LIMIT_PER_MINUTE=str(CHANGES),
        READ_LIMIT_PER_MINUTE=str(READS),
        API_KEYS=",".join(f"{name}:{secret}" for name, secret in KEYS.items()),
    )


@pytest.fixture(scope="module")
def agent(world):
    return world.ultravox.add_agent("limited")


@pytest.fixture(scope="module")
def keys():
    return iter(KEYS.values())


@pytest.fixture
def new_client(world, keys):
    return lambda: Client(world.gateway, next(keys))


@pytest.fixture
def client(new_client):
    return new_client()


@pytest.fixture(scope="module", autouse=True)
def early(world, keys):
    """Whose changes were spent before all other tests, so that his window ends soon after the last of them."""
    client = Client(world.gateway, next(keys))
    client.spend_changes()
    client.since = time.monotonic()
    return client


def rest(answer, kind):
    """What the answer says is left of that kind, and for how long; its text is exactly that of structured fields."""
    quota = {"changes": CHANGES, "reads": READS, "scrapes": SCRAPES}[kind]
    assert answer.header("ratelimit-policy") == f'"{kind}";q={quota};w={WINDOW}', answer.headers
    found = REST.fullmatch(answer.header("ratelimit"))
    assert found and found[1] == kind, answer.headers
    assert 0 <= int(found[2]) < quota and 1 <= int(found[3]) <= WINDOW
    return int(found[2]), int(found[3])


def assert_limited(answer, kind):
    problem = assert_problem(answer, 429, "rate_limited")
    left, seconds = rest(answer, kind)
    assert left == 0 and answer.header("retry-after") == str(seconds)
    assert kind in problem["detail"] and "RATE_LIMIT_PER_MINUTE" in problem["detail"]


def assert_free(answer, *statuses):
    """Neither refused for its number nor counted."""
    assert answer.status in statuses, answer
    assert answer.header("ratelimit") is None and answer.header("ratelimit-policy") is None


def place(client, world, agent):
    number = world.numbers.take()
    return client.ask("POST", f"/calls/{agent}", {"phone_number": number}), number


def test_changes_are_counted_down_to_zero_and_the_next_is_refused(client):
    seen = [rest(answer, "changes") for answer in client.spend_changes()]
    assert [left for left, _ in seen] == list(reversed(range(CHANGES)))
    assert [seconds for _, seconds in seen] == sorted((seconds for _, seconds in seen), reverse=True)
    for method, target in (("POST", "/calls/x"), ("POST", "/agents"), ("PUT", "/agents/x"), ("DELETE", "/agents/x")):
        assert_limited(client.ask(method, target, {}), "changes")


def test_reads_are_counted_down_to_zero_and_the_next_is_refused(client):
    answers = []
    for n in range(READS):
        target = ("/calls", "/calls?limit=zero", "/calls/nobody", "/dead-letters")[n % 4]
        answers.append(client.ask("GET", target))
    assert {answer.status for answer in answers} == {200, 404, 422}
    assert [rest(answer, "reads")[0] for answer in answers] == list(reversed(range(READS)))
    assert_limited(client.ask("GET", "/calls"), "reads")
    assert_limited(client.ask("GET", "/agents"), "reads")


def test_reads_and_changes_are_counted_apart(new_client):
    writer, reader = new_client(), new_client()
    writer.spend_changes()
    assert rest(writer.ask("GET", "/calls"), "reads")[0] == READS - 1
    reader.spend_reads()
    assert rest(reader.ask("POST", "/calls/nobody", {}), "changes")[0] == CHANGES - 1


def test_another_key_loses_nothing(new_client):
    noisy, quiet = new_client().spend_all(), new_client()
    for _ in range(20):
        assert noisy.ask("GET", "/calls").status == noisy.ask("POST", "/calls/nobody", {}).status == 429
    assert [rest(answer, "changes")[0] for answer in quiet.spend_changes()] == list(reversed(range(CHANGES)))
    assert [rest(answer, "reads")[0] for answer in quiet.spend_reads()] == list(reversed(range(READS)))


def test_the_count_is_exact_for_requests_at_once(new_client):
    client = new_client()
    answers = at_once([lambda: client.ask("POST", "/calls/nobody", {})] * 60)
    passed = [answer for answer in answers if answer.status == 404]
    assert len(passed) == CHANGES and len(passed) + sum(answer.status == 429 for answer in answers) == 60
    assert sorted(rest(answer, "changes")[0] for answer in passed) == list(range(CHANGES))
    figure("rate limit", f"60 requests at once against a quota of {CHANGES}: {len(passed)} passed")


def test_who_has_no_key_is_told_nothing_of_anybodys_quota(world):
    for headers in ([], [("X-API-Key", "x" * 40)]):
        answer = world.gateway.send("GET", "/calls", headers=headers)
        assert_problem(answer, 401, "unauthorized")
        assert_free(answer, 401)


def test_hang_ups_go_on_when_the_key_is_spent(world, agent, client, new_client):
    answer, number = place(new_client(), world, agent)
    assert answer.status == 201, answer
    call = answer.json()
    client.spend_all()
    assert_free(client.ask("POST", f"/calls/{call['id']}/hangup"), 202)
    eventually(lambda: world.twilio.requests("POST", f"/Calls/{call['call_sid']}.json"), what="the hang-up at Twilio")
    for target in (f"/calls/{call['id']}/hangup/", f"/calls/{call['call_sid']}/hangup", "/calls/call_nobody/hangup"):
        for _ in range(CHANGES + 1):
            assert_free(client.ask("POST", target), 202, 404, 409)
    # The name of a way in is no way around the limit.
    for target in ("/calls/hangup", "/calls/hangup/", "/calls/x%2fhangup", "/calls/dialing", "/calls/metrics?/hangup"):
        assert_limited(client.ask("POST", target, {"phone_number": number}), "changes")


def test_the_emergency_switch_works_when_the_only_key_is_spent(world, agent, client, new_client):
    client.spend_all()
    other = new_client()
    before = len(world.twilio.creates)
    try:
        for target in ("/dialing", "/dialing/"):
            off = client.ask("PUT", target, {"enabled": False, "reason": "runaway client"})
            assert_free(off, 200)
            assert off.json()["enabled"] is False
        assert_free(client.ask("GET", "/dialing"), 200)
        refused, _ = place(other, world, agent)
        assert_problem(refused, 503, "dialing_disabled")
        assert len(world.twilio.creates) == before
        for _ in range(READS + CHANGES):
            assert_free(client.ask("GET", "/dialing"), 200)
    finally:
        assert_free(client.ask("PUT", "/dialing", {"enabled": True}), 200)
    assert place(other, world, agent)[0].status == 201


def test_scrapes_are_counted_apart_so_that_no_client_blinds_the_monitoring(client):
    client.spend_all()
    for n in range(SCRAPES):
        scrape = client.ask("GET", "/metrics")
        assert scrape.status == 200 and rest(scrape, "scrapes")[0] == SCRAPES - 1 - n
    assert_limited(client.ask("GET", "/metrics"), "scrapes")


def test_webhooks_and_health_are_never_limited(world, agent, client, new_client):
    answer, number = place(new_client(), world, agent)
    life = world.life_of(answer.json(), number)
    client.spend_all()
    for _ in range(CHANGES + READS):
        for message in (life.status("ringing", 1, 3), life.status("in-progress", 2, 6)):
            assert_free(world.gateway.deliver(message), 204)
        assert_free(client.ask("GET", "/health"), 200)
        assert_free(world.gateway.send("GET", "/health/ready"), 200)
    # A forger is refused, too, and not for the number of his attempts.
    forged = world.gateway.send(
        "POST",
        "/webhooks/twilio/status?call=x",
        headers=[("Content-Type", "application/x-www-form-urlencoded"), ("X-API-Key", client.secret)],
        body=b"a=b",
    )
    assert_free(forged, 403)


def test_a_refused_order_dials_nobody_and_leaves_its_key_free_until_the_window_ends(world, agent, early):
    """The one test here that waits for time to pass: for as long as `Retry-After` says, and no longer."""
    document, key = {"phone_number": world.numbers.take()}, ("Idempotency-Key", secrets.token_hex(8))
    order = lambda: early.ask("POST", f"/calls/{agent}", document, headers=[key])
    refused = order()
    told, at = int(refused.header("retry-after")), time.monotonic()
    assert_limited(refused, "changes")

    def taken():
        answer = order()
        if answer.status == 429:
            assert_limited(answer, "changes")
            assert world.twilio.creates_for(document["phone_number"]) == []
            return None
        return answer

    first = eventually(taken, within=WINDOW + 15, what="the end of the window")
    waited = time.monotonic() - at
    assert told - 2 <= waited <= told + 2, f"told to wait {told} s, waited {waited:.1f} s"
    assert first.status == 201 and first.header("idempotent-replayed") is None
    assert rest(first, "changes")[0] == CHANGES - 1
    again = order()
    assert (again.status, again.header("idempotent-replayed"), again.body) == (201, "true", first.body)
    assert len(world.twilio.creates_for(document["phone_number"])) == 1
    figure("rate limit, Retry-After", f"said {told} s, the window ended after {waited:.1f} s")


def test_a_limited_request_does_nothing(world, client):
    client.spend_changes()
    before = world.vendor_requests()
    for method, target in (("POST", "/agents"), ("POST", "/calls/nobody"), ("DELETE", "/agents/x")):
        assert_limited(client.ask(method, target, {"name": "x", "prompt": "x"}), "changes")
    assert world.vendor_requests() == before
