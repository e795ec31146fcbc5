"""Events are sent to whoever subscribed: signed, at least once, in their order, and not to addresses that are nobody's."""

import base64
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.figures import amount, figure
from harness.waiting import eventually
from standins.receiver import Receiver

SECRET = "whsec_" + base64.b64encode(os.urandom(32)).decode()
ENDS = {"call.completed", "call.busy", "call.no_answer", "call.failed", "call.canceled"}
CALLS = amount(12, 100)
SEED = 20261203
# Where no event may go, however it is written.
NOWHERE = [
    "http://hooks.example.com/",
    "ftp://hooks.example.com/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://localhost/",
    "https://LOCALHOST:8443/",
    "https://gateway.localhost/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://0.0.0.0/",
    "https://user:word@hooks.example.com/",
    "https://hooks.example.com/#here",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:70000/",
    "https:///path",
    "hooks.example.com",
    "",
    "https://hooks.example.com/" + "x" * 2048,
    "https://hooks.example.com/ x",
    "https://hööks.example.com/",
]


@pytest.fixture(scope="module")
def world(start_world):
    return start_world(ENVIRONMENT="development", CALLBACK_SECRET=SECRET, JOURNAL="sqlite:journal.sqlite")


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


@pytest.fixture
def receiver():
    receiver = Receiver()
    receiver.secret = SECRET
    yield receiver
    receiver.stop()


@pytest.fixture
def subscribe(world, receiver):
    """Makes subscriptions, and ends them."""
    ids = []

    def subscribed(**members):
        answer = world.gateway.call("POST", "/subscriptions", {"url": receiver.url(), "secret": SECRET, **members})
        assert answer.status == 201, answer
        ids.append(answer.json()["id"])
        assert answer.header("location") == f"/subscriptions/{ids[-1]}"
        return answer.json()

    yield subscribed
    for id in ids:
        assert world.gateway.call("DELETE", f"/subscriptions/{id}").status in (204, 404)


def deliver(world, *messages):
    for message in messages:
        assert world.gateway.deliver(message).status in (200, 204), message


def live(world, order):
    deliver(world, *order.life.completed())


def deliveries(world, query="limit=200"):
    found, cursor = [], ""
    while True:
        answer = world.gateway.call("GET", f"/deliveries?{query}{cursor}")
        assert answer.status == 200, answer
        found += answer.json()["data"]
        if answer.json()["next_cursor"] is None:
            return found
        cursor = f"&cursor={answer.json()['next_cursor']}"


def all_taken(receiver, call_id, last="call.billed"):
    return eventually(
        lambda: (events := receiver.of_call(call_id)) and last in [event.type for event in events] and events,
        what="the last event",
    )


def test_every_event_of_a_call_is_sent_once_signed_and_in_order(world, agent, receiver, subscribe):
    subscription = subscribed = subscribe()
    assert subscribed["secret"] == SECRET and subscribed["events"] is None
    order = world.order(agent, metadata={"order": "7731"})
    live(world, order)
    events = all_taken(receiver, order.call["id"])
    types = [event.type for event in events]
    assert types[0] == "call.pending" and sum(kind in ENDS for kind in types) == 1
    assert types.index("call.ringing") < types.index("call.answered") < types.index("call.completed")
    assert len({event.id for event in events}) == len(events)
    for event in events:
        assert event.data["metadata"] == {"order": "7731"} and "join_url" not in event.data
    expected = {"call.ringing": "ringing", "call.answered": "in-progress", "call.completed": "completed"}
    for event in events:
        if event.type in expected:
            assert event.data["status"] == expected[event.type]
    mine = lambda: [entry for entry in deliveries(world) if entry["call_id"] == order.call["id"]]
    # The receiver has the last one a moment before that is written down.
    sent = eventually(lambda: {entry["status"] for entry in mine()} == {"delivered"} and mine(), what="the deliveries")
    assert [entry["type"] for entry in reversed(sent)] == types
    assert {entry["subscription_id"] for entry in sent} == {subscription["id"]}
    assert [(len(entry["attempts"]), entry["attempts"][0]["status_code"]) for entry in sent] == [(1, 204)] * len(sent)


def test_a_subscription_may_want_some_types_alone(world, agent, receiver, subscribe):
    subscribe(events=["call.completed", "call.answered"])
    order = world.order(agent)
    live(world, order)
    events = all_taken(receiver, order.call["id"], "call.completed")
    assert [event.type for event in events] == ["call.answered", "call.completed"]


def test_an_order_may_say_where_its_own_events_go(world, agent, receiver):
    order = world.order(agent, callback_url=receiver.url("/of-this-order"))
    other = world.order(agent)
    live(world, order)
    live(world, other)
    events = all_taken(receiver, order.call["id"])
    assert {event.path for event in events} == {"/of-this-order"}
    assert receiver.of_call(other.call["id"]) == []


def test_without_a_secret_an_order_may_not(start_world):
    world = start_world()
    answer = world.place(world.new_agent(), callback_url="https://hooks.example.com/")[0]
    assert answer.status == 422 and answer.json()["errors"][0]["field"] == "callback_url"
    assert "CALLBACK_SECRET" in answer.json()["errors"][0]["message"]


def test_a_secret_is_made_up_shown_once_and_never_told_again(world, receiver):
    answer = world.gateway.call("POST", "/subscriptions", {"url": receiver.url()})
    secret = answer.json()["secret"]
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    listed = world.gateway.call("GET", "/subscriptions")
    assert answer.json()["id"] in [entry["id"] for entry in listed.json()["data"]]
    assert secret not in listed.text and secret not in world.gateway.output(10_000)
    receiver.secret = secret
    trial = world.gateway.call("POST", f"/subscriptions/{answer.json()['id']}/test")
    assert trial.status == 202 and trial.json()["type"] == "subscription.test"
    (event,) = eventually(lambda: receiver.taken, what="the trial")
    assert (event.type, event.id, event.data) == (
        "subscription.test",
        trial.json()["id"],
        {"subscription_id": answer.json()["id"]},
    )
    assert world.gateway.call("DELETE", f"/subscriptions/{answer.json()['id']}").status == 204
    assert world.gateway.call("DELETE", f"/subscriptions/{answer.json()['id']}").status == 404
    assert world.gateway.call("POST", f"/subscriptions/{answer.json()['id']}/test").status == 404


@pytest.mark.parametrize("way, code", [("500", 500), ("refuse", None), ("redirect", 302), ("later", 503), ("until", 503)])
def test_what_fails_is_sent_again_and_the_next_event_waits(world, agent, receiver, subscribe, way, code):
    seen = []

    def first_of_each(reached):
        seen.append(reached.header("webhook-id"))
        return way if seen.count(seen[-1]) == 1 and len(set(seen)) == 2 else None

    receiver.misbehave = first_of_each
    subscribe()
    order = world.order(agent)
    deliver(world, *order.life.completed()[:2])
    eventually(lambda: "call.ringing" in [event.type for event in receiver.of_call(order.call["id"])], what="the events")
    # The one that failed came before those behind it.
    ids = [event.id for event in receiver.of_call(order.call["id"])]
    assert len(ids) == len(set(ids))
    again = [id for id in seen if seen.count(id) == 2]
    assert len(set(again)) == 1 and seen[1] == seen[2] == again[0]
    (entry,) = [entry for entry in deliveries(world) if entry["id"] == again[0]]
    assert [attempt["status_code"] for attempt in entry["attempts"]] == [code, 204]
    assert entry["attempts"][0]["error"] and entry["attempts"][1]["error"] is None
    if way == "redirect":
        assert [request.path for request in receiver.requests(path_end="/elsewhere")] == []
    if way in ("later", "until"):
        first, second = (attempt["at"] for attempt in entry["attempts"])
        assert parsed(second) - parsed(first) >= 1.9


def parsed(text):
    import datetime

    return datetime.datetime.fromisoformat(text).timestamp()


def test_what_is_given_up_can_be_sent_by_hand(world, agent, receiver, subscribe):
    receiver.misbehave = lambda reached: "410"
    subscribe(events=["call.ringing"])
    order = world.order(agent)
    deliver(world, order.life.status("ringing", 1, 3))
    mine = lambda query: [entry for entry in deliveries(world, query) if entry["call_id"] == order.call["id"]]
    (failed,) = eventually(lambda: mine("status=failed"), what="the failure")
    assert failed["next_attempt_at"] is None and failed["attempts"][0]["status_code"] == 410
    receiver.misbehave = None
    answer = world.gateway.call("POST", f"/deliveries/{failed['id']}/retry")
    assert answer.status == 202 and answer.json()["status"] == "pending"
    (event,) = eventually(lambda: receiver.of_call(order.call["id"]), what="the event")
    assert event.id == failed["id"]
    eventually(lambda: mine("status=delivered"), what="the delivery")
    assert world.gateway.call("POST", "/deliveries/msg_00000000000000000000000000/retry").status == 404


def test_whoever_answers_more_than_anybody_asked_has_taken_the_event(world, agent, receiver, subscribe):
    receiver.misbehave = lambda reached: "wordy"
    subscription = subscribe()
    trial = world.gateway.call("POST", f"/subscriptions/{subscription['id']}/test").json()
    look = lambda: world.gateway.call("GET", f"/deliveries/{trial['id']}").json()
    sent = eventually(lambda: (entry := look())["attempts"] and entry, what="the attempt")
    assert sent["status"] == "delivered" and [attempt["status_code"] for attempt in sent["attempts"]] == [200]


def test_deliveries_are_found_by_call_and_by_subscription(world, agent, receiver, subscribe):
    one, other = subscribe(events=["call.completed"]), subscribe(events=["call.ringing"])
    order, stranger = world.order(agent), world.order(agent)
    live(world, order)
    live(world, stranger)
    all_taken(receiver, order.call["id"], "call.completed")
    all_taken(receiver, stranger.call["id"], "call.completed")
    of_call = deliveries(world, f"call_id={order.call['id']}&limit=1")
    assert [(entry["type"], entry["subscription_id"]) for entry in of_call] == [
        ("call.completed", one["id"]),
        ("call.ringing", other["id"]),
    ]
    of_both = deliveries(world, f"call_id={order.call['id']}&subscription_id={one['id']}")
    assert [entry["id"] for entry in of_both] == [of_call[0]["id"]]
    assert {entry["call_id"] for entry in deliveries(world, f"subscription_id={other['id']}")} == {
        order.call["id"],
        stranger.call["id"],
    }
    assert deliveries(world, "subscription_id=sub_00000000000000000000000000") == []
    refused = world.gateway.call("GET", "/deliveries?call_id=7&subscription_id=8")
    assert refused.status == 422 and {error["field"] for error in refused.json()["errors"]} == {
        "call_id",
        "subscription_id",
    }


def test_one_subscription_and_one_delivery_are_looked_up(world, receiver, subscribe):
    subscription = subscribe(events=["call.busy"])
    secret = subscription.pop("secret")
    found = world.gateway.call("GET", f"/subscriptions/{subscription['id']}")
    assert (found.status, found.json()) == (200, subscription) and secret not in found.text
    trial = world.gateway.call("POST", f"/subscriptions/{subscription['id']}/test").json()
    look = lambda: world.gateway.call("GET", f"/deliveries/{trial['id']}")
    sent = eventually(lambda: (answer := look()).json()["status"] == "delivered" and answer, what="the trial")
    assert sent.status == 200 and sent.json() in deliveries(world, f"subscription_id={subscription['id']}")
    for path in ("/subscriptions/sub_00000000000000000000000000", "/subscriptions/x", "/deliveries/x"):
        assert world.gateway.call("GET", path).status == 404


def test_a_subscription_that_ends_takes_back_what_waits(world, agent, receiver, subscribe):
    receiver.misbehave = lambda reached: "500"
    subscription = subscribe()
    orders = [world.order(agent) for _ in range(20)]
    for order in orders:
        live(world, order)
    waiting = deliveries(world, f"subscription_id={subscription['id']}&status=pending&limit=200")
    assert len(waiting) > 150
    assert world.gateway.call("DELETE", f"/subscriptions/{subscription['id']}").status == 204
    assert deliveries(world, f"subscription_id={subscription['id']}&limit=200") == []
    receiver.misbehave = None
    assert world.gateway.call("POST", f"/deliveries/{waiting[-1]['id']}/retry").status == 404
    assert receiver.taken == []


def test_what_was_sent_stays_when_its_subscription_ends(world, receiver, subscribe):
    subscription = subscribe()
    trial = world.gateway.call("POST", f"/subscriptions/{subscription['id']}/test").json()
    look = lambda: world.gateway.call("GET", f"/deliveries/{trial['id']}").json()
    eventually(lambda: look()["status"] == "delivered", what="the trial")
    assert world.gateway.call("DELETE", f"/subscriptions/{subscription['id']}").status == 204
    assert (look()["status"], look()["url"]) == ("delivered", None)
    answer = world.gateway.call("POST", f"/deliveries/{trial['id']}/retry")
    assert answer.status == 404 and "subscription has ended" in answer.json()["detail"]


def test_a_dead_receiver_holds_up_no_other(world, agent, receiver, subscribe):
    dead = Receiver()
    dead.secret = SECRET
    dead.misbehave = lambda reached: "silent"
    try:
        # However many receivers it is.
        subscribe(url=dead.url())
        subscribe(url=dead.url("/another"))
        subscribe()
        orders = [world.order(agent, callback_url=dead.url("/of-an-order")) for _ in range(10)]
        began = time.monotonic()
        for order in orders:
            live(world, order)
        for order in orders:
            all_taken(receiver, order.call["id"])
        assert time.monotonic() - began < 10
        assert len(dead.seen) <= 4, "more requests at the same time than a server gets"
    finally:
        dead.stop()


@pytest.mark.parametrize("url", NOWHERE)
def test_addresses_that_are_nobodys_are_refused(start_world, public_world, url):
    answer = public_world.gateway.call("POST", "/subscriptions", {"url": url})
    assert answer.status == 422, answer
    assert [error["field"] for error in answer.json()["errors"]] == ["url"]
    order = public_world.place(public_world.agent, callback_url=url)[0]
    if url:
        assert order.status == 422 and order.json()["errors"][0]["field"] == "callback_url", order


@pytest.fixture(scope="module")
def public_world(start_world):
    world = start_world(CALLBACK_SECRET=SECRET)
    world.agent = world.new_agent()
    yield world
    assert world.gateway.call("GET", "/subscriptions").json()["data"] == []


def test_erasure_takes_what_was_sent_of_the_call(world, agent, receiver, subscribe):
    subscribe(events=["call.completed"])
    order = world.order(agent)
    live(world, order)
    all_taken(receiver, order.call["id"], "call.completed")
    assert [entry for entry in deliveries(world) if entry["call_id"] == order.call["id"]]
    assert world.gateway.call("DELETE", f"/calls/{order.call['id']}").status == 204
    assert [entry for entry in deliveries(world) if entry["call_id"] == order.call["id"]] == []


@pytest.mark.alone
def test_all_arrives_although_the_receiver_fails_and_the_gateway_is_killed(start_world):
    generator = random.Random(SEED)
    ways = ["500", "refuse", "redirect", "slow", "later", *amount([], ["silent"])]
    receiver = Receiver()
    receiver.secret = SECRET
    # A chance for each attempt, whatever event it is of.
    receiver.misbehave = lambda reached: generator.choice(ways) if generator.random() < 0.15 else None
    world = start_world(ENVIRONMENT="development", CALLBACK_SECRET=SECRET, JOURNAL="sqlite:journal.sqlite")
    try:
        agent = world.new_agent()
        assert world.gateway.call("POST", "/subscriptions", {"url": receiver.url(), "secret": SECRET}).status == 201
        orders = [world.order(agent) for _ in range(CALLS)]
        half = [order.life.completed() for order in orders]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda life: deliver(world, *life[: len(life) // 2]), half))
        world.gateway.kill()
        world.gateway = world.gateway.again()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda life: deliver(world, *life[len(life) // 2 :]), half))
        eventually(
            lambda: not deliveries(world, "status=pending&limit=200"), within=amount(60, 400), what="all deliveries"
        )
        sent = deliveries(world)
        assert {entry["status"] for entry in sent} == {"delivered"}
        taken = {event.id for event in receiver.taken}
        assert {entry["id"] for entry in sent} <= taken
        for order in orders:
            firsts = list(dict.fromkeys(event.id for event in receiver.of_call(order.call["id"])))
            assert firsts == [e["id"] for e in reversed(sent) if e["call_id"] == order.call["id"]], "out of order"
        repeated = len(receiver.taken) - len(taken)
        figure(
            "deliveries",
            f"{len(sent)} events of {len(orders)} calls in {len(receiver.ledger)} requests, in order, {repeated} twice",
        )
    finally:
        receiver.stop()
