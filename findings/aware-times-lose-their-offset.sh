#!/usr/bin/env bash
# A time with an offset, 12:00+05:30, is read as 12:00 UTC by Twilio's and by Standard Webhooks' Python library.
#
# Guess:    a datetime that carries its offset is one instant; a library that writes it in UTC converts it, so
#           12:00+05:30 and 06:30+00:00 give the same query and the same signature.
# Happens:  both keep the clock face and replace the offset.
#           twilio: calls.list(start_time_after=…) asks for StartTime>=12:00:00Z; 5.5 hours of calls are missing
#           from the answer, without an error (east of Greenwich; west of it, too many come).
#           standardwebhooks: sign() signs a time 5.5 hours off; with the true seconds in webhook-timestamp the
#           receiver finds no matching signature, and only servers that do not run in UTC are hit.
# Matters:  a comparison with the vendor's list of calls, run by somebody in local time, misses calls; callbacks
#           that are signed so pass every test on a machine in UTC.
# Version:  twilio 9.13.0, standardwebhooks 1.1.0.
# Output seen:
#   twilio, 06:30+00:00: StartTime>=2026-03-01T06:30:00Z
#   twilio, 12:00+05:30: StartTime>=2026-03-01T12:00:00Z
#   standardwebhooks, now in +00:00: accepted
#   standardwebhooks, now in +05:30: refused, No matching signature found
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check twilio==9.13.0 standardwebhooks==1.1.0

cat > "$dir/run.py" <<'PYTHON'
import base64
from datetime import datetime, timedelta, timezone

from standardwebhooks import Webhook, WebhookVerificationError
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

EAST = timezone(timedelta(hours=5, minutes=30))


class Recorder(HttpClient):
    """Keeps the query instead of sending it, and answers with an empty list."""

    def __init__(self):
        super().__init__(None, False)

    def request(self, method, url, params=None, **options):
        self.params = params
        return Response(200, '{"calls": []}')


instant = datetime(2026, 3, 1, 6, 30, tzinfo=timezone.utc)
for moment in (instant, instant.astimezone(EAST)):
    recorder = Recorder()
    Client("AC" + "0" * 32, "token", http_client=recorder).calls.list(start_time_after=moment)
    print("twilio, %s%s: StartTime>=%s" % (
        moment.strftime("%H:%M"), moment.isoformat()[-6:], recorder.params["StartTime>"]))

webhook = Webhook("whsec_" + base64.b64encode(b"0" * 32).decode())
instant = datetime.now(timezone.utc)
for moment in (instant, instant.astimezone(EAST)):
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": webhook.sign("msg_1", moment, '{"type":"call.ended"}'),
    }
    try:
        webhook.verify('{"type":"call.ended"}', headers)
        outcome = "accepted"
    except WebhookVerificationError as refusal:
        outcome = "refused, %s" % refusal
    print("standardwebhooks, now in %s: %s" % (moment.isoformat()[-6:], outcome))
PYTHON

cat > "$dir/expected" <<'EXPECTED'
twilio, 06:30+00:00: StartTime>=2026-03-01T06:30:00Z
twilio, 12:00+05:30: StartTime>=2026-03-01T12:00:00Z
standardwebhooks, now in +00:00: accepted
standardwebhooks, now in +05:30: refused, No matching signature found
EXPECTED

"$dir/venv/bin/python" "$dir/run.py" > "$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" || { echo "CHANGED: a library treats a time with an offset otherwise (see the lines above)"; exit 1; }
