"""The life of one phone call as both vendors tell it: signed messages, to be delivered in any order."""

import datetime
import hashlib
import hmac
import json
import secrets
import time
import uuid
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit, urlunsplit

from twilio.request_validator import RequestValidator

from .twilio_api import rfc2822

SUMMARY = "Jane Smith confirmed the Tuesday appointment and had no further questions."
SHORT_SUMMARY = "Appointment confirmed."


def without_fragment(url):
    """Twilio neither sends nor signs the fragment, which holds its connection overrides."""
    return urlunsplit(urlsplit(url)._replace(fragment=""))


class TwilioMessage:
    """A webhook of Twilio: a form, signed by Twilio's own code for the URL that the gateway gave to Twilio."""

    def __init__(self, kind, url, parameters, auth_token, *, vendor_time=None, method="POST"):
        self.kind = kind
        self.url = without_fragment(url)
        self.parameters = dict(parameters)
        self.auth_token = auth_token
        self.vendor_time = vendor_time
        self.method = method

    def signature(self):
        return RequestValidator(self.auth_token).compute_signature(self.url, self.parameters)

    def body(self):
        return urlencode(self.parameters).encode()

    def headers(self):
        return [
            ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),
            ("User-Agent", "TwilioProxy/1.1"),
            ("Accept", "*/*"),
            ("X-Home-Region", "us1"),
            ("I-Twilio-Idempotency-Token", str(uuid.uuid4())),
            ("X-Twilio-Signature", self.signature()),
        ]

    def target(self, public_base_url):
        """Path and query as they reach the gateway behind its public address."""
        assert self.url.startswith(public_base_url), f"{self.url} is not below {public_base_url}"
        return self.url[len(public_base_url) :]

    def __repr__(self):
        return f"<twilio {self.kind} {self.parameters.get('CallStatus', '')}>"


def ultravox_signature(secret, body, timestamp):
    """Lower-case hex HMAC-SHA256 over the body and, without anything between, the timestamp."""
    return hmac.new(secret.encode(), body + timestamp.encode(), hashlib.sha256).hexdigest()


def timestamp_now(offset=datetime.timedelta()):
    return (datetime.datetime.now(datetime.timezone.utc) + offset).isoformat(timespec="microseconds")


class UltravoxMessage:
    """A webhook of Ultravox: JSON, signed when it is sent, because the signature covers the time of sending."""

    def __init__(self, event, url, call, secret, *, vendor_time=None):
        self.kind = event
        self.url = url
        self.document = {"event": event, "call": call}
        self.secret = secret
        self.vendor_time = vendor_time
        self.method = "POST"

    def body(self):
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":")).encode()

    def headers(self):
        timestamp = timestamp_now()
        return [
            ("Content-Type", "application/json"),
            ("X-Ultravox-Webhook-Timestamp", timestamp),
            ("X-Ultravox-Webhook-Signature", ultravox_signature(self.secret, self.body(), timestamp)),
        ]

    target = TwilioMessage.target

    def __repr__(self):
        return f"<ultravox {self.kind}>"


class Life:
    """Generates the messages of one call out of the two requests with which the gateway created it.

    `create` is the ledger entry of the Twilio call, `agent_call` that of the Ultravox call. Vendor times lie in the
    recent past, a whole second apart, so that none coincides with a time of receipt.
    """

    def __init__(self, *, create, agent_call, twilio_call_sid, ultravox_call, auth_token, account_sid, stream_url=None):
        self.create = create
        self.auth_token = auth_token
        self.account_sid = account_sid
        self.call_sid = twilio_call_sid
        self.ultravox_call = ultravox_call
        self.callbacks = agent_call.json().get("callbacks", {}) if agent_call else {}
        self.base = datetime.datetime.fromtimestamp(int(time.time()) - 200, datetime.timezone.utc)
        self.stream_sid = "MZ" + secrets.token_hex(16)
        self.recording_sid = "RE" + secrets.token_hex(16)
        self.stream_url = stream_url or self._beside("stream")

    def _beside(self, name):
        """The address of another webhook of the same call."""
        address = urlsplit(without_fragment(self.create.field("StatusCallback")))
        return urlunsplit(address._replace(path=address.path.rsplit("/", 1)[0] + "/" + name))

    def at(self, seconds):
        return self.base + datetime.timedelta(seconds=seconds)

    def common(self):
        """What every call webhook of Twilio carries, geography included; some of it empty, as in real ones."""
        to, sender = self.create.field("To"), self.create.field("From")
        geography = {
            f"{side}{item}": value
            for side in ("To", "Called", "From", "Caller")
            for item, value in (("City", "NEW YORK"), ("State", "NY"), ("Zip", ""), ("Country", "US"))
        }
        return {
            **geography,
            "CallSid": self.call_sid,
            "AccountSid": self.account_sid,
            "To": to,
            "Called": to,
            "From": sender,
            "Caller": sender,
            "ApiVersion": "2010-04-01",
            "Direction": "outbound-api",
        }

    def status(self, call_status, sequence, seconds, **extra):
        moment = self.at(seconds)
        parameters = {
            **self.common(),
            "CallStatus": call_status,
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(sequence),
            "Timestamp": rfc2822(moment),
            **extra,
        }
        return TwilioMessage(
            "status", self.create.field("StatusCallback"), parameters, self.auth_token, vendor_time=moment
        )

    def voice(self):
        return TwilioMessage(
            "voice", self.create.field("Url"), {**self.common(), "CallStatus": "in-progress"}, self.auth_token
        )

    def fallback(self, error_code="11200"):
        """Twilio could not use what the voice webhook answered."""
        parameters = {
            **self.common(),
            "CallStatus": "in-progress",
            "ErrorCode": error_code,
            "ErrorUrl": self.create.field("Url"),
        }
        return TwilioMessage("fallback", self.create.field("FallbackUrl"), parameters, self.auth_token)

    def stream(self, event, seconds):
        moment = self.at(seconds) + datetime.timedelta(milliseconds=204)
        parameters = {
            "AccountSid": self.account_sid,
            "CallSid": self.call_sid,
            "StreamSid": self.stream_sid,
            "StreamName": self.stream_sid,
            "StreamEvent": event,
            "Timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.") + "204000Z",
        }
        return TwilioMessage("stream", self.stream_url, parameters, self.auth_token, vendor_time=moment)

    def machine_detection(self, answered_by="human"):
        parameters = {
            "CallSid": self.call_sid,
            "AccountSid": self.account_sid,
            "AnsweredBy": answered_by,
            "MachineDetectionDuration": "3214",
        }
        return TwilioMessage("amd", self.create.field("AsyncAmdStatusCallback"), parameters, self.auth_token)

    def recording(self, seconds, duration):
        parameters = {
            "AccountSid": self.account_sid,
            "CallSid": self.call_sid,
            "RecordingSid": self.recording_sid,
            "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{self.account_sid}/Recordings/{self.recording_sid}",
            "RecordingStatus": "completed",
            "RecordingDuration": str(duration),
            "RecordingChannels": "2",
            "RecordingStartTime": rfc2822(self.at(seconds)),
            "RecordingSource": "OutboundAPI",
            "RecordingTrack": "both",
            "ErrorCode": "0",
        }
        url = self.create.field("RecordingStatusCallback")
        return TwilioMessage("recording", url, parameters, self.auth_token, vendor_time=self.at(seconds))

    def ultravox(self, kind, *, joined=None, ended=None, reason=None, billed=None):
        """`kind` is joined, ended or billed; the times are seconds after the life's begin."""

        def moment(seconds):
            return None if seconds is None else self.at(seconds).strftime("%Y-%m-%dT%H:%M:%S.000000Z")

        call = {
            **self.ultravox_call,
            "joinUrl": None,
            "joined": moment(joined),
            "ended": moment(ended),
            "endReason": reason,
            "billedDuration": billed,
        }
        if joined is not None:
            call["clientVersion"] = "phone(api_v0)"
            call["metadata"] = {
                **call["metadata"],
                "ultravox.twilio.call_sid": self.call_sid,
                "ultravox.twilio.stream_sid": self.stream_sid,
                "ultravox.twilio.account_sid": self.account_sid,
            }
            if ended is not None:
                call["shortSummary"], call["summary"] = SHORT_SUMMARY, SUMMARY
        if billed is not None:
            free = billed == "0s"
            call["billingStatus"] = "BILLING_STATUS_FREE_ZERO_EFFECTIVE_DURATION" if free else "BILLING_STATUS_BILLED"
            call["billedSideInputTokens"] = call["billedSideOutputTokens"] = 0
        callback = self.callbacks[kind]
        when = self.at(ended if ended is not None else joined)
        return UltravoxMessage(f"call.{kind}", callback["url"], call, callback["secrets"][0], vendor_time=when)

    # Whole lives. Offsets are seconds after `base`; each ends with the only answer a caller should ever read.

    def completed(self):
        """Rings at 3 s, answered at 11 s, the agent hangs up, over at 58 s after 47 s of talk."""
        messages = [
            self.status("initiated", 0, 0),
            self.status("ringing", 1, 3, StirStatus="B"),
            self.status("in-progress", 2, 11, StirStatus="B"),
            self.voice(),
            self.stream("stream-started", 12),
            self.ultravox("joined", joined=13),
            self.stream("stream-stopped", 57),
            self.status("completed", 3, 58, CallDuration="47", Duration="1", SipResponseCode="200"),
            self.ultravox("ended", joined=13, ended=56, reason="agent_hangup"),
            self.ultravox("billed", joined=13, ended=56, reason="agent_hangup", billed="48s"),
        ]
        if self.create.field("AsyncAmdStatusCallback"):
            messages.insert(6, self.machine_detection())
        if self.create.field("RecordingStatusCallback"):
            messages.append(self.recording(11, 47))
        return messages

    def busy(self):
        return self._unanswered("busy", 9, "486")

    def no_answer(self):
        return self._unanswered("no-answer", 33, "487")

    def canceled(self):
        return self._unanswered("canceled", 13, "487")

    def failed(self):
        """A number that does not exist: it never rings."""
        over = self.status("failed", 1, 2, CallDuration="0", Duration="0", SipResponseCode="404")
        return [self.status("initiated", 0, 0), over, *self._unjoined(60)]

    def _unanswered(self, terminal, seconds, sip_response_code):
        return [
            self.status("initiated", 0, 0),
            self.status("ringing", 1, 3),
            self.status(terminal, 2, seconds, CallDuration="0", Duration="0", SipResponseCode=sip_response_code),
            *self._unjoined(60),
        ]

    def _unjoined(self, seconds):
        return [
            self.ultravox("ended", ended=seconds, reason="unjoined"),
            self.ultravox("billed", ended=seconds, reason="unjoined", billed="0s"),
        ]


class Inbound(Life):
    """Somebody calls our number. There is no create: the addresses are those set for the number at Twilio."""

    def __init__(self, *, base_url, caller, our_number, auth_token, account_sid, call_sid=None):
        addresses = {
            "Url": f"{base_url}/webhooks/twilio/voice",
            "FallbackUrl": f"{base_url}/webhooks/twilio/fallback",
            "StatusCallback": f"{base_url}/webhooks/twilio/status",
            "To": our_number,
            "From": caller,
        }
        super().__init__(
            create=SimpleNamespace(field=addresses.get),
            agent_call=None,
            twilio_call_sid=call_sid or "CA" + secrets.token_hex(16),
            ultravox_call={},
            auth_token=auth_token,
            account_sid=account_sid,
        )

    def common(self):
        return {**super().common(), "Direction": "inbound"}

    def voice(self):
        return TwilioMessage(
            "voice", self.create.field("Url"), {**self.common(), "CallStatus": "ringing"}, self.auth_token
        )

    def meet(self, agent_call, ultravox_call):
        """The agent call that the gateway created for this caller."""
        self.ultravox_call = ultravox_call
        self.callbacks = agent_call.json()["callbacks"]
