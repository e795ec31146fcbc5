"""Two calls that led the same life must read the same. This takes away what may differ."""

import datetime
import json


def parsed_time(text):
    """RFC 3339 in UTC with milliseconds, which is how the contract writes times; anything else is refused."""
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)


def looks_like_time(value):
    return isinstance(value, str) and len(value) == 24 and value.endswith("Z") and value[10:11] == "T"


def comparable(call, order):
    """`GET /calls/{id}` of `order`'s call without its ids, its place in the log and times of receipt.

    A time that a vendor gave becomes an offset to the life's begin; every other one becomes "received". Vendor times
    lie on whole milliseconds that no clock of ours read during the test, because they lie 100 s and more in the past.
    Timeline entries that have neither a status nor a vendor's time stand where their receipt put them: they are
    compared as a set, all others in their order.
    """
    life = order.life
    text = json.dumps({key: value for key, value in call.items() if key not in ("updated_at", "position")})
    for secret, name in (
        (call["id"], "<id>"),
        (life.call_sid, "<call sid>"),
        (life.ultravox_call["callId"], "<ultravox call>"),
        (life.stream_sid, "<stream sid>"),
        (life.recording_sid, "<recording sid>"),
        (order.number, "<number>"),
    ):
        text = text.replace(secret, name)
    document = _without_receipt_times(json.loads(text), life)
    for entry in document["timeline"]:
        # A detail may name the number with its last digits only.
        entry["detail"] = str(entry.get("detail")).replace(order.number[-4:], "<digits>")
    timeline = document.pop("timeline")
    ordered = [entry for entry in timeline if entry.get("status") or entry["at"] != "received"]
    others = [entry for entry in timeline if entry not in ordered]
    document["timeline"] = ordered
    document["timeline, by receipt alone"] = sorted(others, key=lambda entry: json.dumps(entry, sort_keys=True))
    return document


def _without_receipt_times(value, life):
    if isinstance(value, dict):
        return {key: _without_receipt_times(item, life) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_receipt_times(item, life) for item in value]
    if looks_like_time(value):
        offset = (parsed_time(value) - life.base).total_seconds()
        return offset if -1 <= offset <= 100 else "received"
    return value


def differences(expected, actual, path=""):
    """The places where two comparable calls differ, for a message that can be read."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return [
            line
            for key in sorted(set(expected) | set(actual))
            for line in differences(expected.get(key, "(absent)"), actual.get(key, "(absent)"), f"{path}.{key}")
        ]
    if expected == actual:
        return []
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [line for n, pair in enumerate(zip(expected, actual)) for line in differences(*pair, f"{path}[{n}]")]
    return [f"{path}: {expected!r} != {actual!r}"]
