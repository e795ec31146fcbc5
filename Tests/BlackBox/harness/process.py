"""The built executable as a child process: started, watched through its output, stopped by its own id."""

import functools
import json
import os
import re
import subprocess
import tempfile
import threading

from .openapi import Description, parsed
from .waiting import eventually
from .wire import Origin, exchange

ADDRESS = re.compile(r"127\.0\.0\.1:(\d{2,5})")
PORT = re.compile(r"\bport=(\d{2,5})")


def executable():
    """The program under test: SWITCHBOARD_BIN, else the debug build of this checkout."""
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
    path = os.environ.get("SWITCHBOARD_BIN") or os.path.join(".build", "debug", "switchboard")
    return path if os.path.isabs(path) else os.path.join(root, path)


class Program:
    """A subcommand of the executable with exactly the environment that is given to it.

    `under` is a command that starts it and hands its process over, such as `strace -D`.
    """

    def __init__(self, arguments, environment, directory, under=()):
        binary = executable()
        if not os.access(binary, os.X_OK):
            raise AssertionError(f"no executable at {binary}: build it, or set SWITCHBOARD_BIN")
        # Nothing of the tester's own environment may configure the program, beyond what finding libraries takes.
        inherited = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        self.directory = directory
        self.lines = []
        self.keeps_lines = True  # a test that makes very many of them may say no
        self._may_read = threading.Event()
        self._may_read.set()
        self._process = subprocess.Popen(
            [*under, binary, *arguments],
            cwd=directory,
            env={**inherited, "HOME": str(directory), "SWIFT_BACKTRACE": "enable=no", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._readers = [
            threading.Thread(target=self._read, args=(stream,), daemon=True)
            for stream in (self._process.stdout, self._process.stderr)
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream):
        for line in stream:
            if self.keeps_lines:
                self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
            self._may_read.wait()

    def leave_output(self):
        """Reads no more of the program's output, as a log collector that hangs."""
        self._may_read.clear()

    def close_output(self):
        """Closes this end of the program's output, as a log collector that has died."""
        nothing = os.open(os.devnull, os.O_RDONLY)
        for stream in (self._process.stdout, self._process.stderr):
            os.dup2(nothing, stream.fileno())
        os.close(nothing)

    def take_output(self):
        """Reads on."""
        self._may_read.set()

    @property
    def pid(self):
        return self._process.pid

    @property
    def alive(self):
        return self._process.poll() is None

    def output(self, last=40):
        return "\n".join(self.lines[-last:])

    def require_alive(self):
        if not self.alive:
            self._read_to_end()
        assert self.alive, f"the program ended with {self._process.returncode}:\n{self.output()}"

    def wait_for(self, find, *, within=60.0, what):
        """Waits until `find` makes something of the output lines so far."""

        def look():
            found = find(list(self.lines))
            if found is None:
                self.require_alive()
            return found

        try:
            return eventually(look, within=within, what=what)
        except AssertionError as error:
            raise AssertionError(f"{error}; the program's last lines:\n{self.output()}") from None

    def end(self, within=30.0):
        """Waits until the process has ended by itself, and returns its exit code."""
        status = self._process.wait(within)
        self._read_to_end()
        return status

    def stop(self, within=30.0):
        """Asks the process to end and returns its exit code. Kills it if it does not comply."""
        if self.alive:
            self._process.terminate()
            try:
                self._process.wait(within)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
        self._read_to_end()
        return self._process.returncode

    def kill(self):
        """Ends the process as a power cut would, but for what the operating system has not written to the disk yet."""
        self._process.kill()
        self._process.wait(10)
        self._read_to_end()

    def _read_to_end(self):
        self.take_output()
        for reader in self._readers:
            reader.join(5)


def listening_port(lines):
    """The port in the log line that says where the server listens, else None."""
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if isinstance(entry, dict):
            places = [entry, *(value for value in entry.values() if isinstance(value, dict))]
            for place in places:
                for key in ("port", "http.port", "server.port"):
                    if str(place.get(key, "")).isdigit() and int(place[key]) > 0:
                        return int(place[key])
        if "listening" in line.lower():
            address = ADDRESS.search(line) or PORT.search(line)
            if address:
                return int(address.group(1))
    return None


@functools.cache
def description():
    """What the executable says of its API. A gateway of its own is asked, so that no test's gateway sees the request."""
    environment = {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": os.urandom(16).hex(),
        "TWILIO_PHONE_NUMBER": "+12025550143",
        "ULTRAVOX_API_KEY": os.urandom(16).hex(),
        "PUBLIC_BASE_URL": "https://gw.example.com",
        "API_KEYS": f"test:{os.urandom(16).hex()}",
        # Nobody is there.
        "TWILIO_BASE_URL": "http://127.0.0.1:1",
        "ULTRAVOX_BASE_URL": "http://127.0.0.1:1",
        "HOST": "127.0.0.1",
        "PORT": "0",
        "JOURNAL": "none",
        "SHUTDOWN_GRACE": "0s",
    }
    with tempfile.TemporaryDirectory() as directory:
        program = Program(["serve"], environment, directory)
        try:
            port = program.wait_for(listening_port, what="the line that says where the gateway listens")
            answer = exchange(f"http://127.0.0.1:{port}", "GET", "/openapi.json")
        finally:
            program.stop()
    assert answer.status == 200, answer
    return Description(parsed(answer.body))


class Gateway(Program):
    """`switchboard serve`, with the stand-ins as its vendors. Every answer to `exchange` is compared with the description."""

    def __init__(self, environment, directory, under=()):
        check = description().check
        super().__init__(["serve"], environment, directory, under)
        self.environment = environment
        self.public_base_url = environment["PUBLIC_BASE_URL"]
        try:
            port = self.wait_for(listening_port, what="the line that says where the gateway listens")
            self.origin = Origin(f"http://127.0.0.1:{port}", check)
            eventually(self._is_ready, within=30, what="a ready gateway")
        except BaseException:
            self.stop()
            raise

    def again(self, under=(), **settings):
        """The next gateway in the same directory, with the same settings but those given."""
        return Gateway({**self.environment, **settings}, self.directory, under)

    def _is_ready(self):
        self.require_alive()
        try:
            return exchange(self.origin, "GET", "/health/ready").status == 200
        except OSError:
            return False

    @property
    def api_key(self):
        return self.environment["API_KEYS"].split(",")[0].partition(":")[2]

    def send(self, method, target, *, headers=(), body=None, host=None):
        """A request as it stands: no key, no content type of our own."""
        return exchange(self.origin, method, target, headers=headers, body=body, host=host)

    def call(self, method, target, document=None, *, headers=()):
        """A REST request with the API key, and a JSON body where there is one."""
        body = None if document is None else json.dumps(document).encode()
        fields = [("X-API-Key", self.api_key), *headers]
        if body is not None:
            fields.append(("Content-Type", "application/json"))
        return exchange(self.origin, method, target, headers=fields, body=body)

    def look_up(self, call_id):
        """The Call as `GET /calls/{id}` shows it."""
        answer = self.call("GET", f"/calls/{call_id}")
        assert answer.status == 200, answer
        return answer.json()

    def create_agent(self, name, **config):
        answer = self.call("POST", "/agents", {"name": name, "prompt": "You are brief.", **config})
        assert answer.status == 201, answer
        return answer.json()

    def deliver(self, message):
        """Delivers a vendor's message to this gateway, whatever public name it was addressed to."""
        return self.send(
            message.method, message.target(self.public_base_url), headers=message.headers(), body=message.body()
        )


class SandboxProcess(Program):
    """`switchboard sandbox` on free ports."""

    def __init__(self, environment, directory):
        super().__init__(["sandbox", "--twilio-port", "0", "--ultravox-port", "0"], environment, directory)
        try:
            self.wait_for(
                lambda lines: True if "ready" in (l.strip() for l in lines) else None, what="the line `ready`"
            )
        except BaseException:
            self.stop()
            raise
        self.twilio = self._origin("twilio")
        self.ultravox = self._origin("ultravox")

    def _origin(self, vendor):
        for line in self.lines:
            match = re.fullmatch(rf"{vendor} (http://127\.0\.0\.1:\d+)/?", line.strip())
            if match:
                return match.group(1)
        raise AssertionError(f"the sandbox did not print its {vendor} origin:\n{self.output()}")
