"""Seeded Twilio requests, genuine and not quite, each with the verdict of Twilio's own validator."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from twilio.request_validator import RequestValidator

PATHS = ("status", "status", "status", "voice", "voice", "fallback", "amd", "stream", "recording")
TEXTS = (
    "", " ", "+", "+padded+", " padded ", "A+B%2BC", "a=b&c=d", "Zoë 💥", "Ωμέγα", "日本語", "e\u0301", "\u212a", "%41", "100%",
    "line\r\nbreak", "tab\there", "\"quoted\"", "it's", "<&>", "\x00", "\x7f", "\u2028", "a" * 300, "~-._*", "[x]", "//", "?#",
)  # fmt: skip
QUERY_VALUES = (
    "",
    "1",
    "%7E",
    "~",
    "a+b",
    "a%20b",
    "a%2Bb",
    "%e2%98%83",
    "%E2%98%83",
    "it's",
    "(x)*!",
    "a%26b%3Dc",
    "a/b?c",
    "@:",
    "%25",
    "%c3%28",
)
QUERY_NAMES = ("x", "y", "z%20z", "q'", "%41", "Zz", "flag")
MUTATIONS = {"signature": 12, "body": 12, "url": 10, "token": 2}
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@dataclass
class SignedRequest:
    mutation: str
    method: str
    target: str
    body: bytes | None
    signature: str
    genuine: bool  # what Twilio's validator says of the public base URL with this target

    def headers(self):
        fields = [("X-Twilio-Signature", self.signature)]
        if self.body is not None:
            fields.append(("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"))
        return fields


def form_pairs(body):
    """The form as a receiver reads it. Raises UnicodeDecodeError where the text is not UTF-8."""
    return parse_qsl(body.decode("utf-8"), keep_blank_values=True, encoding="utf-8", errors="strict")


def other_port_form(url):
    """The same URL as the other of Twilio's two habits would sign it: with the port, or without."""
    address = urlsplit(url)
    if address.port:
        netloc = address.hostname
    else:
        netloc = f"{address.netloc}:{443 if address.scheme == 'https' else 80}"
    return url.replace(address.netloc, netloc, 1)


class FormGenerator:
    """Makes requests out of one random generator: the same seed gives the same requests."""

    def __init__(self, random, *, base_url, account_sid, auth_token):
        self.random = random
        self.base_url = base_url
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.validator = RequestValidator(auth_token)

    def genuine(self):
        """A request as Twilio would send it, signed with or without the port."""
        while True:
            made = self._mutated(*self._genuine(), {"none": 3, "other port form": 2})
            if made is not None and made.genuine:
                return made

    def mutated(self):
        """A request of which something was changed. The oracle may still take it for genuine."""
        while True:
            made = self._mutated(*self._genuine(), MUTATIONS)
            if made is not None:
                return made

    def _genuine(self):
        path = self.random.choice(PATHS)
        method = "GET" if path == "voice" and self.random.random() < 0.4 else "POST"
        pairs = self._parameters(path)
        query = self._query()
        if method == "GET":
            query += [f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs]
            pairs = []
        target = f"/webhooks/twilio/{path}" + ("?" + "&".join(query) if query else "")
        return method, target, pairs

    def _parameters(self, path):
        hexadecimal = lambda: "".join(self.random.choice("0123456789abcdef") for _ in range(32))
        pairs = {
            "CallSid": "CA" + hexadecimal(),
            "AccountSid": self.account_sid,
            "From": "+12025550143",
            "To": f"+1212555{self.random.randint(100, 199):04d}",
            "CallStatus": self.random.choice(("initiated", "ringing", "in-progress", "completed", "teleported", "")),
            "Direction": self.random.choice(("outbound-api", "inbound")),
            "ApiVersion": "2010-04-01",
            "ToZip": "",
            "CallerName": self.random.choice(TEXTS),
        }
        if path == "status":
            pairs |= {"SequenceNumber": str(self.random.randint(0, 3)), "Timestamp": "Sun, 22 Nov 2026 11:46:07 +0000"}
        if path == "stream":
            pairs |= {
                "StreamSid": "MZ" + hexadecimal(),
                "StreamEvent": "stream-started",
                "Timestamp": "2026-11-22T11:46:19.204817Z",
            }
        for _ in range(self.random.randint(0, 4)):
            name = self.random.choice(("ZzNew", "a", "_x", "Zoë", "With Space", "A+B", "é", "SipHeader_X-Y", "0", "Z%"))
            pairs[name + str(self.random.randint(0, 99))] = self.random.choice(TEXTS) + self.random.choice(TEXTS)
        shuffled = list(pairs.items())
        self.random.shuffle(shuffled)
        return shuffled

    def _query(self):
        query = [
            f"{name}={self.random.choice(QUERY_VALUES)}"
            for name in self.random.sample(QUERY_NAMES, self.random.choice((0, 0, 1, 2, 3)))
        ]
        if self.random.random() < 0.5:
            query.insert(self.random.randint(0, len(query)), f"call=call_{self.random.getrandbits(64):x}")
        return query

    def _encoded(self, pairs):
        """The form on the wire, in one of the spellings that all decode alike."""
        spelling = self.random.choice(("plus", "plus", "percent", "lower", "everything"))

        def spell(text):
            if spelling == "plus":
                return quote_plus(text)
            if spelling == "percent":
                return quote(text, safe="")
            if spelling == "lower":
                return "".join(
                    (
                        character
                        if character.isascii() and character.isalnum()
                        else "".join(f"%{byte:02x}" for byte in character.encode())
                    )
                    for character in text
                )
            return "".join(f"%{byte:02X}" for byte in text.encode())

        return "&".join(f"{spell(name)}={spell(value)}" for name, value in pairs).encode()

    def _mutated(self, method, target, pairs, mutations):
        body = self._encoded(pairs) if method == "POST" else None
        url = self.base_url + target
        signature = self.validator.compute_signature(url, dict(pairs))
        mutation = self.random.choices(list(mutations), list(mutations.values()))[0]
        if mutation == "other port form":
            signature = self.validator.compute_signature(other_port_form(url), dict(pairs))
        elif mutation == "signature":
            signature = self._other_signature(signature, url, pairs)
        elif mutation == "url":
            signature = self.validator.compute_signature(self._other_url(url), dict(pairs))
        elif mutation == "token":
            signature = RequestValidator("0" * 32).compute_signature(url, dict(pairs))
        elif mutation == "body" and method == "POST":
            body = self._other_body(body)
        elif mutation == "body":
            position = self.random.randrange(target.index("?") + 1, len(target))
            target = target[:position] + self.random.choice("abcXYZ019") + target[position + 1 :]
        return self._judged(mutation, method, target, body, signature)

    def _judged(self, mutation, method, target, body, signature):
        """Asks the oracle. None where the request repeats a parameter, which the oracle is not asked about."""
        if target.endswith("?") or "#" in target:
            return None  # Twilio's Python code refuses its own signature of such URLs
        try:
            pairs = form_pairs(body) if body is not None else []
        except UnicodeDecodeError:
            return SignedRequest(mutation, method, target, body, signature, False)
        query = parse_qsl(urlsplit(self.base_url + target).query, keep_blank_values=True, errors="replace")
        names = [name for name, _ in (pairs if body is not None else query)]
        if len(set(names)) != len(names) or len({name for name, _ in query}) != len(query):
            return None
        genuine = self.validator.validate(self.base_url + target, dict(pairs), signature)
        account = dict(pairs if body is not None else query).get("AccountSid")
        # A message of another account, or of none, is refused although its signature holds.
        return SignedRequest(mutation, method, target, body, signature, genuine and account == self.account_sid)

    def _other_signature(self, signature, url, pairs):
        def changed(position):
            return signature[:position] + self.random.choice(BASE64) + signature[position + 1 :]

        digest = base64.b64decode(signature)
        alike = next(  # another text that decodes to the same bytes: the last character has spare bits
            signature[:26] + letter + "="
            for letter in BASE64
            if letter != signature[26] and base64.b64decode(signature[:26] + letter + "=") == digest
        )
        text = url + "".join(name + value for name, value in sorted(dict(pairs).items()))
        return self.random.choice(
            (
                changed(self.random.randrange(27)),
                alike,
                signature[:-1],
                signature + "=",
                signature.swapcase(),
                digest.hex(),
                signature + "," + signature,
                base64.urlsafe_b64encode(digest[::-1]).decode(),
                base64.b64encode(hmac.new(self.auth_token.encode(), text.encode(), hashlib.sha256).digest()).decode(),
                base64.b64encode(hmac.new(b"", text.encode(), hashlib.sha1).digest()).decode(),
                base64.b64encode(hashlib.sha1(text.encode()).digest()).decode(),
            )
        )

    def _other_url(self, url):
        address = urlsplit(url)
        return self.random.choice(
            (
                (
                    url.replace("https://", "http://", 1)
                    if address.scheme == "https"
                    else url.replace("http://", "https://", 1)
                ),
                url.replace(address.netloc, "evil.example.com", 1),
                url.replace(address.netloc, f"{address.hostname}:9443", 1),
                url.replace(address.netloc, address.netloc.upper(), 1),
                url + "#rc=2",
                url + ("&" if address.query else "?") + "extra=1",
                url.replace("?", "/?", 1) if address.query else url + "/",
                url.replace("%", "%25") if "%" in url else url + "%",
                self.base_url + "/webhooks/twilio/status",
            )
        )

    def _other_body(self, body):
        # Borders between names and values stay where they are: this is about other text.
        position = self.random.choice([n for n, byte in enumerate(body) if byte not in b"=&"])
        letter = bytes([self.random.choice(b"aZ09+%_-\xff\xc3")])
        return self.random.choice(
            (
                body[:position] + letter + body[position + 1 :],
                body[:position] + body[position + 1 :],
                body[:position] + letter + body[position:],
                body.replace(b"=&", b"&", 1),
                b"&" + body,
                body + b"&",
                body + b"&extra=",
                body + b"&extra=1",
                body[:position],
            )
        )
