"""Twilio's Calls resource, from https://www.twilio.com/docs/voice/api/call-resource and the error dictionary."""

import base64
import datetime
import email.utils
import re
import secrets
from urllib.parse import urlencode, urlsplit

from .server import Reply, Standin

CREATE = set(
    "To From Url Twiml ApplicationSid Method FallbackUrl FallbackMethod StatusCallback StatusCallbackMethod "
    "StatusCallbackEvent Timeout TimeLimit SendDigits MachineDetection MachineDetectionTimeout "
    "MachineDetectionSpeechThreshold MachineDetectionSpeechEndThreshold MachineDetectionSilenceTimeout AsyncAmd "
    "AsyncAmdStatusCallback AsyncAmdStatusCallbackMethod Record RecordingChannels RecordingTrack "
    "RecordingStatusCallback RecordingStatusCallbackMethod RecordingStatusCallbackEvent RecordingConfigurationId Trim "
    "CallerId CallToken CallReason Byoc SipAuthUsername SipAuthPassword ClientNotificationUrl Passports".split()
)
UPDATE = set("Url Twiml Method Status FallbackUrl FallbackMethod StatusCallback StatusCallbackMethod TimeLimit".split())
REPEATABLE = {"StatusCallbackEvent", "RecordingStatusCallbackEvent"}
EVENTS = {"initiated", "ringing", "answered", "completed"}
OVER = {"completed", "busy", "no-answer", "failed", "canceled"}
E164 = re.compile(r"\+[1-9][0-9]{1,14}")


def rfc2822(moment):
    return email.utils.format_datetime(moment.astimezone(datetime.timezone.utc)).replace("GMT", "+0000")


class TwilioStandin(Standin):
    """Creates, fetches, lists and updates calls of one account. It sends no webhooks: the tests do."""

    def __init__(self, account_sid, auth_token, phone_number):
        self.account_sid = account_sid
        self.phone_number = phone_number
        self.calls = {}
        self.recordings = set()  # the sids of those that are there: the tests say which
        self.well_answered = []  # sids of calls whose create got the 201 it deserved
        self.on_call = None  # told of every call that came into being, with its create, before that is answered
        self.complaints = []  # what the real API would not have liked in an otherwise valid request
        self.change_token(auth_token)
        self.api_keys = set()  # what else `Authorization` may be
        self.has_voice = True
        super().__init__()

    def change_token(self, auth_token):
        """From here on requests must show this token."""
        self.credentials = "Basic " + base64.b64encode(f"{self.account_sid}:{auth_token}".encode()).decode()

    def add_api_key(self, sid, secret):
        self.api_keys.add("Basic " + base64.b64encode(f"{sid}:{secret}".encode()).decode())

    @property
    def creates(self):
        """The ledger's create requests, answered or not."""
        return self.requests("POST", "/Calls.json")

    def creates_for(self, number):
        return [entry for entry in self.creates if entry.field("To") == number]

    def has_answered(self, reached, reply):
        if reply.status == 201:
            reached.made = reply.document["sid"]
            if self.on_call:
                self.on_call(reached, reply.document["sid"])
            if reached.fault in (None, "201 slow", "answered, then closed"):
                self.well_answered.append(reply.document["sid"])

    def answer(self, reached):
        root = f"/2010-04-01/Accounts/{self.account_sid}"
        if reached.header("Authorization") not in {self.credentials, *self.api_keys}:
            return self._error(401, 20003, "Authenticate")
        if not reached.path.startswith(root + "/") or not reached.path.endswith(".json"):
            return self._missing(reached)
        resource = reached.path[len(root) : -len(".json")]
        if (
            reached.method == "POST"
            and (reached.header("Content-Type") or "").split(";")[0] != "application/x-www-form-urlencoded"
        ):
            return self._error(400, 21201, "No 'To' number is specified")
        with self.lock:
            if resource == "/Calls":
                return self._create(reached) if reached.method == "POST" else self._list(reached)
            if resource == "/IncomingPhoneNumbers" and reached.method == "GET":
                return self._numbers(reached)
            if resource == "/OutgoingCallerIds" and reached.method == "GET":
                return Reply(200, {"outgoing_caller_ids": [], "page": 0, "page_size": 50})
            match = re.fullmatch(r"/Recordings/(RE[0-9a-f]{32})", resource)
            if match:
                return self._delete_recording(match.group(1), reached)
            match = re.fullmatch(r"/Calls/(CA[0-9a-f]{32})", resource)
            call = self.calls.get(match.group(1)) if match else None
            if call is None:
                return self._missing(reached)
            if reached.method == "GET":
                return Reply(200, call)
            if reached.method == "POST":
                return self._update(call, reached)
            if reached.method == "DELETE":
                if call["status"] not in OVER:
                    return self._error(400, 20009, "Cannot delete this resource before it is complete")
                del self.calls[call["sid"]]
                return Reply(204)
            return self._error(405, 20004, "Method not allowed")

    def set_status(self, sid, status):
        with self.lock:
            self.calls[sid]["status"] = status

    def _delete_recording(self, sid, reached):
        """https://www.twilio.com/docs/voice/api/recording#delete-a-recording-resource"""
        if reached.method != "DELETE":
            return self._error(405, 20004, "Method not allowed")
        if sid not in self.recordings:
            return self._missing(reached)
        self.recordings.remove(sid)
        return Reply(204)

    def _numbers(self, reached):
        """The numbers of the account: one. https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource"""
        asked = dict(reached.query).get("PhoneNumber", self.phone_number)
        number = {
            "phone_number": self.phone_number,
            "account_sid": self.account_sid,
            "capabilities": {"voice": self.has_voice, "sms": True, "mms": False, "fax": False},
        }
        numbers = [number] if asked == self.phone_number else []
        return Reply(200, {"incoming_phone_numbers": numbers, "page": 0, "page_size": 50})

    def _create(self, reached):
        to, sender = reached.field("To"), reached.field("From")
        if not to:
            return self._error(400, 21201, "No 'To' number is specified")
        if not E164.fullmatch(to):
            return self._error(400, 21211, f"The phone number you are attempting to call, {to}, is not valid.")
        if not sender:
            return self._error(400, 21213, "No 'From' number is specified")
        if sender != self.phone_number:
            return self._error(400, 21210, f"The source phone number provided, {sender}, is not yet verified.")
        if not (reached.field("Url") or reached.field("Twiml") or reached.field("ApplicationSid")):
            return self._error(400, 21205, "Url parameter is required.")
        if reached.field("Url") and not urlsplit(reached.field("Url")).hostname:
            return self._error(400, 21205, f"Url is not a valid URL: {reached.field('Url')}")
        if not (reached.field("Timeout") or "60").isdigit() or int(reached.field("Timeout") or 60) > 600:
            return self._error(400, 21208, "Invalid Timeout")
        for name in sorted({name for name, _ in reached.form}):
            if name not in CREATE:
                self.complaints.append(f"unknown parameter {name}")
            if name not in REPEATABLE and len(reached.fields(name)) > 1:
                self.complaints.append(f"parameter {name} is repeated")
        for event in reached.fields("StatusCallbackEvent"):
            if event not in EVENTS:
                self.complaints.append(f"21626: StatusCallbackEvent {event!r}")
        for name in ("Url", "FallbackUrl", "StatusCallback", "AsyncAmdStatusCallback", "RecordingStatusCallback"):
            address = urlsplit(reached.field(name) or "https://absent.example.com/")
            if not address.scheme or not address.hostname or "_" in address.hostname:
                self.complaints.append(f"21205: {name} is {reached.field(name)!r}")
        sid = "CA" + secrets.token_hex(16)
        self.calls[sid] = self._object(sid, to, sender)
        return Reply(201, self.calls[sid])

    def _object(self, sid, to, sender):
        path = f"/2010-04-01/Accounts/{self.account_sid}/Calls/{sid}"
        absent = (
            "date_created date_updated parent_call_sid start_time end_time duration price answered_by forwarded_from "
            "group_sid caller_name trunk_sid annotation"
        ).split()
        return {
            **dict.fromkeys(absent),
            "sid": sid,
            "account_sid": self.account_sid,
            "to": to,
            "to_formatted": to,
            "from": sender,
            "from_formatted": sender,
            "phone_number_sid": "PN" + "0" * 32,
            "status": "queued",
            "price_unit": "USD",
            "direction": "outbound-api",
            "api_version": "2010-04-01",
            "queue_time": "0",
            "uri": path + ".json",
            "subresource_uris": {
                name: f"{path}/{name.title().replace('_', '')}.json"
                for name in ("notifications", "recordings", "streams", "payments", "siprec", "transcriptions", "events")
            },
        }

    def _update(self, call, reached):
        status = reached.field("Status")
        unknown = {name for name, _ in reached.form} - UPDATE
        if unknown:
            self.complaints.append(f"unknown parameters in an update: {sorted(unknown)}")
        if call["status"] in OVER:
            return self._error(400, 21220, "Call is not in-progress. Cannot redirect.")
        if status == "completed":
            call["status"] = "completed" if call["status"] == "in-progress" else "canceled"
        elif status == "canceled" and call["status"] in ("queued", "ringing"):
            call["status"] = "canceled"
        if call["status"] in OVER:
            call["end_time"] = rfc2822(datetime.datetime.now(datetime.timezone.utc))
            call["duration"] = "0"
        return Reply(200, call)

    def _list(self, reached):
        wanted = dict(reached.query)
        page_size = max(1, min(1000, int(wanted.get("PageSize") or 50)))
        page = int(wanted.get("Page") or 0)
        found = [
            call
            for call in reversed(self.calls.values())
            if all(call[key.lower()] == wanted[key] for key in ("To", "From", "Status") if key in wanted)
        ]
        base = f"/2010-04-01/Accounts/{self.account_sid}/Calls.json"
        filters = {key: value for key, value in wanted.items() if key not in ("Page", "PageToken")}

        def address(number):
            token = {"PageToken": f"PACA{number}"} if number else {}
            return f"{base}?{urlencode({**filters, 'PageSize': page_size, 'Page': number, **token})}"

        chosen = found[page * page_size : (page + 1) * page_size]
        return Reply(
            200,
            {
                "calls": chosen,
                "page": page,
                "page_size": page_size,
                "start": page * page_size,
                "end": page * page_size + max(0, len(chosen) - 1),
                "uri": address(page),
                "first_page_uri": address(0),
                "previous_page_uri": address(page - 1) if page else None,
                "next_page_uri": address(page + 1) if (page + 1) * page_size < len(found) else None,
            },
        )

    def _missing(self, reached):
        return self._error(404, 20404, f"The requested resource {reached.path} was not found")

    @staticmethod
    def _error(status, code, message):
        more_info = f"https://www.twilio.com/docs/errors/{code}"
        return Reply(status, {"code": code, "message": message, "more_info": more_info, "status": status})
