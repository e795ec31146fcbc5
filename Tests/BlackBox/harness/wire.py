"""HTTP as bytes: nothing is normalised, repaired or sent twice on the way to the program under test."""

import http.client
import json
import socket
from urllib.parse import urlsplit


class Answer:
    """One HTTP answer. `headers` is a list of pairs, so that a repeated field is seen."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        """The field's value, or None. Names are compared without regard to case."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.header('content-type')} {self.text[:600]!r}>"


class Origin(str):
    """The origin of a server of which every answer is checked: `check` gets the method, the target and the answer."""

    def __new__(cls, text, check):
        origin = super().__new__(cls, text)
        origin.check = check
        return origin


def exchange(origin, method, target, *, headers=(), body=None, host=None, timeout=30.0):
    """One request on a connection of its own. `target` and the header pairs go out as they are."""
    address = urlsplit(origin)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host or address.netloc)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        elif method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", "0")
        connection.endheaders(body)
        response = connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()
    if isinstance(origin, Origin):
        origin.check(method, target, answer)
    return answer


def raw_exchange(origin, data, *, timeout=15.0):
    """Sends bytes that http.client would refuse to send and returns the status and body of the first answer.

    The server may answer and close before it has read everything; what it said is what counts. The status is None
    where it said nothing.
    """
    address = urlsplit(origin)
    with socket.create_connection((address.hostname, address.port), timeout=timeout) as connection:
        try:
            connection.sendall(data)
        except OSError:
            pass
        response = http.client.HTTPResponse(connection)
        try:
            response.begin()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return None, b""
