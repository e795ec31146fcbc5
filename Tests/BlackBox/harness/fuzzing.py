"""Fuzz: seeded nonsense for a gateway, from bytes that are no HTTP to signed messages that make no sense.

Runs as a process of its own, so that several can use several cores: `python -m harness.fuzzing`, with a configuration
in JSON on standard input and a report in JSON on standard output.
"""

import base64
import hashlib
import hmac
import json
import random
import socket
import sys
import threading
import time
from collections import Counter
from urllib.parse import quote_plus, urlsplit

from .crowd import Connection, request

SHARES = {"bytes": 4, "heads": 8, "twilio": 34, "rest": 34, "ultravox": 20}
ALONE = ("bytes", "heads")  # these need a connection each
DEPTH = 16
SLOW = 5.0
TEXTS = (
    "",
    " ",
    "+",
    "Zoë 💥",
    "\x00",
    "a" * 400,
    "%",
    "%zz",
    "{{x}}",
    "<&>\"'",
    "\u2028",
    "٣",
    "-1",
    "1e9",
    "null",
    "\r\n",
)
TOKENS = ("{", "}", "[", "]", ",", ":", '"', '"a"', '"phone_number"', '"+12025550100"', "1", "-0", "1e999", "null", "true", '"\\ud800"', '"\\u0000"', "\ufeff", " ", "[" * 70, '{"a":' * 65)  # fmt: skip
WORDS = (
    b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"GET", b"POST", b"PRI * HTTP/2.0", b"Host: a", b"Host:", b"Content-Length: 5",
    b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"Transfer-Encoding: chunked", b"Transfer-Encoding: x",
    b"Connection: close", b"Connection: upgrade", b"Upgrade: h2c", b"Expect: 100-continue", b"\r\n", b"\n", b"\r", b"\x00",
    b" ", b"\t", b":", b"0\r\n\r\n", b"5\r\nabcde\r\n", b"ffffffffffffffff\r\n", b"/calls", b"/webhooks/twilio/status", b"%00",
    b"X: " + b"y" * 3000, b"\xff\xfe", b"\x16\x03\x01\x02\x00\x01\x00",
)  # fmt: skip


class Fuzzer:
    """Makes requests of the kinds above; the same seed makes the same ones."""

    def __init__(self, seed, config):
        self.random = random.Random(seed)
        self.config = config
        self.call_sids = [f"CA{n:032x}" for n in range(300)]

    def make(self, kind):
        return getattr(self, kind)()

    def bytes(self):
        if self.random.random() < 0.3:
            return self.random.randbytes(self.random.randint(1, 1500))
        return b"".join(
            self.random.choice(WORDS) + self.random.choice((b"", b" ", b"\r\n", b"\r\n\r\n"))
            for _ in range(self.random.randint(1, 12))
        )

    def heads(self):
        """A good request of which some bytes are changed, lost, doubled or inserted."""
        data = bytearray(self.make(self.random.choice(("twilio", "rest", "ultravox"))))
        end = data.find(b"\r\n\r\n") + 4
        for _ in range(self.random.randint(1, 4)):
            position = self.random.randrange(max(1, min(end, len(data))))
            way = self.random.randrange(5)
            if way == 0:
                data[position : position + 1] = bytes([self.random.randrange(256)])
            elif way == 1:
                del data[position : position + self.random.randint(1, 20)]
            elif way == 2:
                data[position:position] = self.random.choice(WORDS)
            elif way == 3:
                data[position:position] = data[position : position + self.random.randint(1, 40)]
            else:
                data[position : position + 1] = bytes([data[position] ^ (1 << self.random.randrange(8))])
        return bytes(data)

    def twilio(self):
        """A form that is nearly one of Twilio's, mostly signed as Twilio does."""
        path = self.random.choice(("status", "status", "voice", "fallback", "amd", "stream", "recording"))
        pairs = {
            "AccountSid": self.config["account_sid"],
            "CallSid": self.random.choice(self.call_sids),
            "CallStatus": self.random.choice(
                ("initiated", "ringing", "in-progress", "completed", "busy", "teleported")
            ),
            "Direction": self.random.choice(("inbound", "outbound-api", "outbound-dial", "")),
            "From": "+12025550143",
            "To": "+12125550123",
            "SequenceNumber": str(self.random.randint(-2, 9)),
            "Timestamp": self.random.choice(("Sun, 22 Nov 2026 11:46:07 +0000", "yesterday", "")),
            "StreamSid": "MZ" + "0" * 32,
            "StreamEvent": self.random.choice(("stream-started", "stream-stopped", "stream-error", "x")),
            "AnsweredBy": self.random.choice(("human", "machine_start", "unknown", "x")),
            "RecordingSid": "RE" + "1" * 32,
            "RecordingStatus": self.random.choice(("completed", "failed", "absent", "")),
            "RecordingDuration": self.random.choice(("7", "-7", "1e9", "99999999999999999999", "")),
            "CallDuration": self.random.choice(("7", "+7", "0x7", "99999999999999999999", "")),
        }
        for _ in range(self.random.randint(0, 4)):
            name = self.random.choice(list(pairs))
            way = self.random.randrange(4)
            if way == 0:
                pairs[name] = self.random.choice(TEXTS)
            elif way == 1:
                del pairs[name]
            elif way == 2:
                pairs[self.random.choice(TEXTS) + name[:3]] = self.random.choice(TEXTS)
            else:
                value = pairs[name]
                at = self.random.randint(0, len(value))
                pairs[name] = value[:at] + chr(self.random.choice((0, 10, 37, 43, 0x661, 0x1F4A5))) + value[at:]
        query = self.random.choice(
            ("", "", "?call=call_x", "?call=", "?call=a&call=b", "?call=%00", f"?call={'c' * 300}")
        )
        target = f"/webhooks/twilio/{path}{query}"
        encoded = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs.items())
        if self.random.random() < 0.1:
            encoded += self.random.choice(
                ("&", "&&", "&x", "&=", "&CallStatus=ringing", "&x=%", "&x=%ff", "&x=%zz", ";a=b")
            )
        text = self.config["base_url"] + target + "".join(name + pairs[name] for name in sorted(pairs))
        signed = hmac.new(self.config["auth_token"].encode(), text.encode(), hashlib.sha1).digest()
        headers = [
            (
                "Content-Type",
                self.random.choice(("application/x-www-form-urlencoded; charset=UTF-8",) * 9 + ("text/plain",)),
            ),
            ("X-Twilio-Signature", base64.b64encode(signed).decode()),
        ]
        return request("POST", target, headers, encoded.encode())

    def rest(self):
        """JSON that is broken, or fits no endpoint, with a good key."""
        body = None
        method, target = self.random.choice(
            (
                ("POST", "/calls/" + self.config["agent"]),
                ("POST", "/calls/" + self.config["agent"]),
                ("POST", "/agents"),
                ("PUT", "/agents/" + self.config["agent"]),
                ("GET", "/calls" + self.query()),
                ("GET", "/dead-letters" + self.query()),
                ("GET", "/calls/" + quote_plus(self.random.choice(TEXTS))),
                ("POST", f"/calls/{quote_plus(self.random.choice(TEXTS))}/hangup"),
                ("DELETE", "/calls/call_nothing"),
            )
        )
        headers = [("X-API-Key", self.config["api_key"])]
        if method in ("POST", "PUT"):
            body = self.json_text().encode("utf-8", "surrogatepass")
            headers.append(
                ("Content-Type", self.random.choice(("application/json",) * 9 + ("application/json; charset=x",)))
            )
            if self.random.random() < 0.1:
                headers.append(("Idempotency-Key", self.random.choice(("k", '"k"', "a b", "", "k" * 300))))
        return request(method, target, headers, body)

    def query(self):
        names = ("limit", "cursor", "status", "agent_id", "phone_number", "direction", "created_after", "x")
        parts = [
            f"{self.random.choice(names)}={quote_plus(self.random.choice(TEXTS))}"
            for _ in range(self.random.randint(0, 3))
        ]
        return "?" + "&".join(parts) if parts else ""

    def json_text(self):
        way = self.random.random()
        if way < 0.4:
            return "".join(self.random.choice(TOKENS) for _ in range(self.random.randint(1, 15)))
        # An order or an agent always lacks what it needs, so that none is carried out.
        document = {
            name: self.json_value(0)
            for name in self.random.sample(
                (
                    "template_context",
                    "metadata",
                    "ring_timeout_seconds",
                    "join",
                    "record",
                    "tools",
                    "x",
                    "machine_detection",
                ),
                3,
            )
        }
        document[self.random.choice(("phone_number", "name"))] = self.random.choice(("+1", "", 5, None, "a b", [], {}))
        text = json.dumps(document, ensure_ascii=self.random.random() < 0.5)
        if way < 0.7:
            at = self.random.randrange(len(text))
            text = text[:at] + self.random.choice(TOKENS) + text[at + self.random.randint(0, 3) :]
        return text

    def json_value(self, depth):
        way = self.random.randrange(8 if depth < 5 else 6)
        if way < 6:
            return self.random.choice((None, True, 0, -1, 1e300, 2**70, 0.1, self.random.choice(TEXTS), "x" * 1200))
        if way == 6:
            return [self.json_value(depth + 1) for _ in range(self.random.randint(0, 4))]
        return {
            self.random.choice(TEXTS) + str(n): self.json_value(depth + 1) for n in range(self.random.randint(0, 4))
        }

    def ultravox(self):
        """A body that is nearly one of Ultravox's, mostly signed as Ultravox does."""
        if self.random.random() < 0.3:
            body = self.json_text().encode("utf-8", "surrogatepass")
        else:
            call = {
                "callId": self.random.choice(("8d3a4b1c-6d5e-4f7a-8b9c-0d1e2f3a4b5c", "x", 5, None, "")),
                "joined": self.random.choice(("2026-11-22T11:46:07Z", "x", 5, None)),
                "ended": self.random.choice(("2026-11-22T11:46:07.123456Z", [], None)),
                "endReason": self.random.choice(("hangup", "unjoined", "x" * 300, 5)),
                "billedDuration": self.random.choice(("48s", "-48s", "1e9s", "s", 48, None)),
                "summary": self.random.choice(TEXTS),
                "metadata": self.random.choice(({}, None, {"switchboard_call_id": "x"}, {"a": self.json_value(0)}, [])),
            }
            event = self.random.choice(("call.started", "call.joined", "call.ended", "call.billed", "call.x", 5, None))
            body = json.dumps({"event": event, "call": self.random.choice((call, call, call, None, [], 5))}).encode()
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        timestamp = self.random.choice((now + "Z",) * 8 + (now + "+00:00", now, ""))
        signature = hmac.new(
            self.config["webhook_secret"].encode(), body + timestamp.encode(), hashlib.sha256
        ).hexdigest()
        headers = [("X-Ultravox-Webhook-Timestamp", timestamp), ("X-Ultravox-Webhook-Signature", signature)]
        return request("POST", "/webhooks/ultravox", headers, body)


class Report:
    def __init__(self):
        self.lock = threading.Lock()
        self.statuses = {kind: Counter() for kind in SHARES}
        self.slowest = {kind: 0.0 for kind in SHARES}
        self.failures = []

    def add(self, kind, status, seconds, data):
        with self.lock:
            self.statuses[kind][str(status)] += 1
            self.slowest[kind] = max(self.slowest[kind], seconds)
            # What is not HTTP/1.1 may be answered 501 or 505.
            broken = status is not None and status >= 500 and not (kind in ALONE and status in (501, 505))
            if (broken or seconds > SLOW or (status is None and kind not in ALONE)) and len(self.failures) < 20:
                self.failures.append(
                    {
                        "kind": kind,
                        "status": status,
                        "seconds": round(seconds, 3),
                        "request": base64.b64encode(data).decode(),
                    }
                )


def alone(origin, kind, data, report):
    """A request on a connection of its own, which is then ended from this side; the first answer counts."""
    address = urlsplit(origin)
    since = time.monotonic()
    status = None
    with socket.create_connection((address.hostname, address.port), timeout=SLOW + 1) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while more := connection.recv(65_536):
                received = (received + more)[:64]
            if received.startswith(b"HTTP/1."):
                status = int(received[9:12])
        except (ConnectionError, BrokenPipeError):
            pass
        except TimeoutError:
            pass  # told by the time that it took
    report.add(kind, status, time.monotonic() - since, data)


def pipelined(origin, kinds, requests, connection, report):
    """Many requests on a kept connection. Returns the connection, or None if the server ended it."""
    connection = connection or Connection(origin, SLOW * 3)
    since = time.monotonic()
    answered = 0
    try:
        connection.send(b"".join(requests))
        for kind, data in zip(kinds, requests):
            answer = connection.answer(since)
            if answer is None:
                break
            report.add(kind, answer.status, answer.seconds, data)
            answered += 1
    except (ConnectionError, BrokenPipeError):
        pass
    if answered == len(requests):
        return connection
    connection.close()
    # What the server left unanswered is tried by itself: each of these is well-formed HTTP and has a right to an answer.
    for kind, data in zip(kinds[answered:], requests[answered:]):
        single = Connection(origin, SLOW * 3)
        try:
            since = time.monotonic()
            single.send(data)
            answer = single.answer(since)
            report.add(kind, answer and answer.status, time.monotonic() - since, data)
        except ConnectionError:
            report.add(kind, None, time.monotonic() - since, data)
        finally:
            single.close()
    return None


def work(config, seed, count, report, problems):
    fuzzer = Fuzzer(seed, config)
    kinds = fuzzer.random.choices(list(SHARES), list(SHARES.values()), k=count)
    connection, waiting = None, []
    try:
        for kind in kinds:
            data = fuzzer.make(kind)
            if kind in ALONE:
                alone(config["origin"], kind, data, report)
                continue
            waiting.append((kind, data))
            if len(waiting) == DEPTH:
                connection = pipelined(config["origin"], *map(list, zip(*waiting)), connection, report)
                waiting = []
        if waiting:
            connection = pipelined(config["origin"], *map(list, zip(*waiting)), connection, report)
    except BaseException as error:
        problems.append(repr(error))
    finally:
        if connection:
            connection.close()


def main():
    config = json.load(sys.stdin)
    report, problems = Report(), []
    threads = [
        threading.Thread(
            target=work,
            args=(config, f"{config['seed']} {n}", config["count"] // config["threads"], report, problems),
        )
        for n in range(config["threads"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(
        {
            "statuses": report.statuses,
            "slowest": report.slowest,
            "failures": report.failures,
            "problems": problems,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
