"""Twilio's own HTTP client, pointed at another origin."""

from twilio.http.http_client import TwilioHttpClient


class RewritingHttpClient(TwilioHttpClient):
    """Sends what Twilio's library would send to https://api.twilio.com to `origin` instead, changing nothing else."""

    def __init__(self, origin):
        super().__init__(timeout=20)
        self.origin = origin
        self.session.trust_env = False  # no proxy of the tester's environment stands between

    def request(self, method, url, *arguments, **named):
        assert url.startswith("https://api.twilio.com/"), url
        return super().request(method, self.origin + url.removeprefix("https://api.twilio.com"), *arguments, **named)
