"""The signed URL is the configured one: nothing in a request can move it, and nothing in a request comes out of us."""

import json
import re
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.request_validator import RequestValidator

from harness.crowd import request as as_bytes
from harness.figures import figure
from harness.raw import converse
from harness.unchanged import nothing_happens

EVIL = "attacker.example.net"
FORM = ("Content-Type", "application/x-www-form-urlencoded")

# What a client may send to make a server believe that it is somebody else: fields, and Host where it is not our own.
TRICKS = {
    "Host": ([], EVIL),
    "Host with port 443": ([], EVIL + ":443"),
    "Host with another port": ([], "gw.example.com:8443"),
    "X-Forwarded-Host": ([("X-Forwarded-Host", EVIL)], None),
    "X-Forwarded-Host, a list": ([("X-Forwarded-Host", f"{EVIL}, gw.example.com")], None),
    "X-Forwarded-Host twice": ([("X-Forwarded-Host", "gw.example.com"), ("X-Forwarded-Host", EVIL)], None),
    "X-Forwarded-Proto": ([("X-Forwarded-Proto", "http")], None),
    "X-Forwarded-Scheme and -Ssl": ([("X-Forwarded-Scheme", "http"), ("X-Forwarded-Ssl", "off")], None),
    "X-Forwarded-Port": ([("X-Forwarded-Port", "8443")], None),
    "X-Forwarded-Prefix": ([("X-Forwarded-Prefix", "/evil"), ("X-Script-Name", "/evil")], None),
    "Forwarded": ([("Forwarded", f"host={EVIL};proto=http")], None),
    "Forwarded, quoted": ([("Forwarded", f'for=1.2.3.4;host="{EVIL}";proto=https')], None),
    "Forwarded, a list": ([("Forwarded", f"host=gw.example.com;proto=https, host={EVIL};proto=http")], None),
    "X-Original-Host": ([("X-Original-Host", EVIL), ("X-Host", EVIL), ("X-Forwarded-Server", EVIL)], None),
    "X-Original-URL": ([("X-Original-URL", "/evil"), ("X-Rewrite-URL", "/evil")], None),
    "an absolute X-Original-URL": ([("X-Original-URL", f"https://{EVIL}/"), ("X-Forwarded-URI", f"//{EVIL}/")], None),
    "X-HTTP-Method-Override": ([("X-HTTP-Method-Override", "GET"), ("X-Method-Override", "GET")], None),
    "all of them": (
        [
            ("X-Forwarded-Host", EVIL),
            ("X-Forwarded-Proto", "http"),
            ("X-Forwarded-Port", "80"),
            ("X-Forwarded-Prefix", "/evil"),
            ("X-Original-URL", "/evil"),
            ("Forwarded", f"host={EVIL};proto=http"),
        ],
        EVIL,
    ),
}


def signed_urls(base, target):
    """The URLs for which an attacker could have had a message signed, or could sign one with a leaked test token."""
    path = urlsplit(target).path
    urls = [
        f"https://{EVIL}{target}",
        f"http://{EVIL}{target}",
        f"https://{EVIL}:8443{target}",
        f"http://gw.example.com{urlsplit(base).path}{target}",
        f"https://gw.example.com:8443{urlsplit(base).path}{target}",
        f"https://gw.example.com/evil{target}",
        "https://gw.example.com/evil",
        f"https://{EVIL}{urlsplit(base).path}{target}",
        base + path,
        base + "/evil",
        target,
    ]
    if urlsplit(base).path:
        urls.append(f"https://gw.example.com{target}")
    return urls


@pytest.fixture(scope="module", params=["https://gw.example.com", "https://gw.example.com/voice/eu-1"])
def world(request, start_world):
    return start_world(PUBLIC_BASE_URL=request.param)


@pytest.fixture(scope="module")
def agent(world):
    return world.new_agent()


@pytest.fixture(scope="module")
def order(world, agent):
    return world.order(agent)


@pytest.mark.parametrize("trick", TRICKS)
def test_a_signature_for_another_address_is_refused_whatever_the_headers_say(world, order, trick):
    headers, host = TRICKS[trick]
    genuine = order.life.status("ringing", 1, 3)
    target = genuine.target(world.gateway.public_base_url)
    validator = RequestValidator(world.credentials.auth_token)
    with nothing_happens(world, order):
        for url in signed_urls(world.gateway.public_base_url, target):
            # Signed as a POST, and as the GET that a method override would make of it.
            for parameters in (genuine.parameters, {}):
                fields = [("X-Twilio-Signature", validator.compute_signature(url, parameters)), FORM, *headers]
                body = urlencode(genuine.parameters).encode()
                answer = world.gateway.send("POST", target, headers=fields, body=body, host=host)
                assert (answer.status, answer.body) == (403, b""), (url, answer)


@pytest.mark.parametrize("trick", TRICKS)
def test_the_genuine_message_is_taken_whatever_the_headers_say(world, agent, trick):
    headers, host = TRICKS[trick]
    order = world.order(agent)
    genuine = order.life.status("ringing", 1, 3)
    target = genuine.target(world.gateway.public_base_url)
    fields = [*genuine.headers(), *headers]
    answer = world.gateway.send("POST", target, headers=fields, body=genuine.body(), host=host)
    assert answer.status == 204
    assert world.gateway.look_up(order.call["id"])["status"] == "ringing"


def request_lines(world, target):
    """Ways to put an address into the request line itself, or to say it twice."""
    host = "Host: gw.example.com"
    return {
        "absolute form": (f"POST https://{EVIL}{target} HTTP/1.1", host),
        "absolute form, our own": (f"POST {world.gateway.public_base_url}{target} HTTP/1.1", host),
        "no scheme": (f"POST //{EVIL}{target} HTTP/1.1", host),
        "authority form": (f"CONNECT {EVIL}:443 HTTP/1.1", host),
        "userinfo in Host": (f"POST {target} HTTP/1.1", f"Host: gw.example.com@{EVIL}"),
        "a path in Host": (f"POST {target} HTTP/1.1", f"Host: {EVIL}/x"),
        "two Hosts": (f"POST {target} HTTP/1.1", f"{host}⏎Host: {EVIL}"),
        "a list in Host": (f"POST {target} HTTP/1.1", f"Host: gw.example.com, {EVIL}"),
        "no Host": (f"POST {target} HTTP/1.1", "X-Forwarded-Host: gw.example.com"),
        "a fragment": (f"POST {target}#@{EVIL} HTTP/1.1", host),
        "dots": (f"POST /x/..{target} HTTP/1.1", host),
        "an encoded slash": (f"POST {target.replace('/twilio', '%2ftwilio', 1)} HTTP/1.1", host),
        "a backslash": (f"POST {target.replace('/twilio', chr(92) + 'twilio', 1)} HTTP/1.1", host),
        "two slashes": (f"POST /{target} HTTP/1.1", host),
        "the prefix once more": (f"POST /voice/eu-1{target} HTTP/1.1", host),
    }


def test_an_address_in_the_request_line_is_refused(world, order):
    genuine = order.life.status("ringing", 1, 3)
    target = genuine.target(world.gateway.public_base_url)
    validator = RequestValidator(world.credentials.auth_token)
    body = urlencode(genuine.parameters)
    seen = {}
    for name, (line, host) in request_lines(world, target).items():
        written = line.split(" ")[1]
        urls = {genuine.url, f"https://{EVIL}{target}", written}
        if EVIL in written:  # else it would be genuine, by contract: signed for our address and what was asked for
            urls.add(world.gateway.public_base_url + written)
        for url in urls:
            head = f"{line}⏎{host}⏎{FORM[0]}: {FORM[1]}⏎Content-Length: {len(body)}⏎Connection: close⏎"
            head += f"X-Twilio-Signature: {validator.compute_signature(url, genuine.parameters)}⏎⏎"
            with nothing_happens(world, order):
                conversation = converse(world.gateway.origin, head + body)
            assert len(conversation.statuses) == 1, (name, url, conversation)
            seen.setdefault(name, set()).update(conversation.statuses)
    for name, statuses in seen.items():
        assert statuses <= {400, 403, 404}, seen
    figure(f"addresses in request lines, below {world.gateway.public_base_url}", f"{len(seen)} ways, all refused")


def test_addresses_that_go_out_are_the_configured_ones(world, agent):
    """Whoever orders, or asks for TwiML, cannot make us tell a vendor, or him, another address."""
    base = world.gateway.public_base_url
    for headers, host in TRICKS.values():
        number = world.numbers.take()
        document = json.dumps({"phone_number": number, "machine_detection": "detect", "record": True}).encode()
        fields = [("X-API-Key", world.gateway.api_key), ("Content-Type", "application/json"), *headers]
        answer = world.gateway.send("POST", f"/calls/{agent}", headers=fields, body=document, host=host)
        assert answer.status == 201
        assert EVIL not in str(answer.headers) + answer.text and "/evil" not in str(answer.headers) + answer.text
        assert answer.header("location") == f"/calls/{answer.json()['id']}"
        # https outside is https, whatever the way in looks like.
        assert answer.header("strict-transport-security")
        life = world.life_of(answer.json(), number)
        urls = [value for key, value in life.create.form if re.search("Url$|Callback$", key)]
        urls += [callback["url"] for callback in life.callbacks.values()]
        voice = life.voice()
        target = voice.target(base)
        twiml = world.gateway.send("POST", target, headers=[*voice.headers(), *headers], body=voice.body(), host=host)
        assert twiml.status == 200
        urls += re.findall(r'statusCallback="([^"]+)"', twiml.text)
        assert len(urls) >= 9 and all(url.startswith(base + "/webhooks/") for url in urls), urls
        assert EVIL not in twiml.text


def test_there_are_enough_of_them(world):
    combinations = len(TRICKS) * 2 * len(signed_urls(world.gateway.public_base_url, "/webhooks/twilio/status?call=x"))
    assert combinations >= 40
    figure(f"forged addresses, below {world.gateway.public_base_url}", f"{combinations} messages, all refused")


def test_bytes_on_the_wire_do_not_change_it_either(world, order):
    """The same, pipelined: an address that one message brought is not remembered for the next."""
    genuine = order.life.status("ringing", 1, 3)
    target = genuine.target(world.gateway.public_base_url)
    validator = RequestValidator(world.credentials.auth_token)
    evil = validator.compute_signature(f"https://{EVIL}{target}", genuine.parameters)
    first = as_bytes("GET", "/health/live", [("X-Forwarded-Host", EVIL), ("X-Forwarded-Proto", "https")], host=EVIL)
    forged = as_bytes("POST", target, [("X-Twilio-Signature", evil), FORM], genuine.body())
    last = as_bytes("GET", "/health/live", [("Connection", "close")])
    with nothing_happens(world, order):
        assert converse(world.gateway.origin, first + forged + last).statuses == [200, 403, 200]
