"""Weather for one purpose: every request of a kind meets the same fault."""

from .faults import Fault, answered


class Always:
    """Strikes all requests that create something: a call at Twilio, an agent call at Ultravox."""

    def __init__(self, fault):
        self.fault = fault

    def lets_in(self, handler):
        return True

    def fault_for(self, reached):
        creates = reached.method == "POST" and reached.path.endswith(("/Calls.json", "/calls"))
        return self.fault if creates else None


class Down:
    """Everything meets one fault, probes too: 503 unless it is another."""

    def __init__(self, fault=None):
        self.fault = fault or answered(503, {"code": 20503, "message": "Service unavailable", "status": 503})

    def lets_in(self, handler):
        return True

    def fault_for(self, reached):
        return self.fault


def closed_after(seconds):
    """Reads the request and closes the connection after a while, without having done anything."""

    def play(exchange):
        exchange.read()
        exchange.standin.stopping.wait(seconds)

    return Fault("closed late", play)
