"""What stands in deploy/ fits the program: the dashboard's metrics, the proxy's configuration, the health command."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.process import Program
from harness.proxies import PATH
from harness.raw import converse
from harness.waiting import eventually

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
METRIC = re.compile(r"\b(?:switchboard|process)_[a-z_]+")


def deployed(path):
    with open(os.path.join(ROOT, "deploy", path), encoding="utf-8") as file:
        return file.read()


def names_in(text):
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in METRIC.findall(text)}


def test_the_dashboard_and_the_alarms_know_metrics_that_there_are(world):
    order = world.order(world.new_agent())
    for message in order.life.completed():
        world.gateway.deliver(message)
    world.gateway.send("GET", "http://nonsense/")
    answer = world.gateway.call("GET", "/metrics")
    assert answer.status == 200 and answer.header("content-type").startswith("text/plain; version=0.0.4")
    shown = set()
    for panel in json.loads(deployed("grafana/switchboard.json"))["panels"]:
        for target in panel.get("targets", []):
            shown |= names_in(target["expr"])
    shown |= names_in(deployed("prometheus/alarms.yml"))
    assert len(shown) > 10
    assert shown <= names_in(answer.text), shown - names_in(answer.text)
    assert world.gateway.send("GET", "/metrics").status == 401


def test_metrics_say_what_happened(start_world):
    world = start_world()
    agent = world.new_agent()
    order = world.order(agent)
    for message in order.life.completed():
        world.gateway.deliver(message)
    for n in range(200):
        world.gateway.send("GET", f"/no/such/{n}")
    text = world.gateway.call("GET", "/metrics").text
    for line in (
        'switchboard_orders_total{outcome="created"} 1',
        'switchboard_calls{status="completed"} 1',
        'switchboard_upstream_requests_total{vendor="twilio",endpoint="create",outcome="2xx"} 1',
        'switchboard_http_requests_total{route="NotFound",method="GET",status="404"} 200',
        'switchboard_webhooks_total{vendor="twilio",kind="voice",verdict="applied"} 1',
        'switchboard_breaker_open{vendor="ultravox"} 0',
        "switchboard_dialing_enabled 1",
    ):
        assert line in text.splitlines(), (line, text)


class Echo(BaseHTTPRequestHandler):
    """Answers with the target and the body as they arrived."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = json.dumps([self.path, body.decode("latin-1"), self.headers["X-Twilio-Signature"]]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def folder():
    """A short path: a Unix socket's may not be long."""
    path = tempfile.mkdtemp(prefix="deploy-")
    yield path
    shutil.rmtree(path, ignore_errors=True)


def certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=gateway.example.com"]
        + ["-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"],
        check=True,
        capture_output=True,
    )
    with open(f"{folder}/both.pem", "w", encoding="utf-8") as both:
        for name in ("fullchain.pem", "privkey.pem"):
            with open(f"{folder}/{name}", encoding="utf-8") as file:
                both.write(file.read())


def nginx(folder, *, prefix):
    """The command that runs nginx with the configuration as it is shipped, or as its comments say for a prefix."""
    text = deployed("nginx/switchboard.conf")
    if prefix:
        text = re.sub(r"^( *)# (location /voice/.*|    proxy_pass .*target;|\})$", r"\1\2", text, flags=re.M)
        assert "\n    location /voice/ {\n        proxy_pass http://switchboard$switchboard_target;\n    }\n" in text
    certificate(folder)
    text = re.sub(r"/etc/letsencrypt/live/[^/]+|/var/log/nginx", folder, text)
    # What only root may open, and write to.
    text = text.replace("listen 443 ssl", f"listen unix:{folder}/s4 ssl").replace("[::]:443", f"unix:{folder}/s6")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    text = f"daemon off;\nmaster_process off;\npid {folder}/pid;\nevents {{}}\nhttp {{\n{paths}{text}\n}}\n"
    with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as file:
        file.write(text)
    return [shutil.which("nginx", path=PATH) or "nginx", "-p", folder, "-e", "stderr", "-c", f"{folder}/nginx.conf"]


def haproxy(folder):
    """The command that runs haproxy with the configuration as it is shipped."""
    certificate(folder)
    text = deployed("haproxy/switchboard.cfg").replace("/etc/haproxy/certs/gateway.pem", f"{folder}/both.pem")
    text = text.replace("bind :443 ", f"bind unix@{folder}/s4 ")
    with open(f"{folder}/haproxy.cfg", "w", encoding="utf-8") as file:
        file.write(text)
    return [shutil.which("haproxy", path=PATH) or "haproxy", "-db", "-f", f"{folder}/haproxy.cfg"]


@contextlib.contextmanager
def running(folder, command, address):
    """The path of the socket where a shipped configuration listens, without TLS; behind it is `address`."""
    with open(command[-1], encoding="utf-8") as file:
        text = file.read()
    assert "127.0.0.1:8080" in text
    text = text.replace("127.0.0.1:8080", address)
    text = re.sub(r"(/s4) ssl\b.*?(;?)$", r"\1\2", text, flags=re.M)
    with open(command[-1], "w", encoding="utf-8") as file:
        file.write(text)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: os.path.exists(f"{folder}/s4") or process.poll() is not None, what="a listening proxy")
        assert process.poll() is None, "the proxy ended"
        yield f"{folder}/s4"
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def in_front_of_an_echo(command, folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        with running(folder, command, f"127.0.0.1:{server.server_address[1]}") as socket:
            yield socket
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("prefix", [False, True], ids=["as it is", "with a prefix"])
def test_nginx_takes_its_configuration(folder, prefix):
    run = subprocess.run(
        [*nginx(folder, prefix=prefix), "-t"], env={"PATH": PATH}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_haproxy_takes_its_configuration(folder):
    run = subprocess.run([*haproxy(folder), "-c"], env={"PATH": PATH}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "WARNING" not in run.stderr.upper(), run.stderr


# Each would be written otherwise by somebody who reads it.
TARGETS = (
    "/webhooks/twilio/status?b=%7e%2B%2f&a=x+y&empty=&a=",
    "/webhooks/twilio/status",
    "/webhooks//twilio/../twilio/st%61tus?",
    "/calls/%2e%2e%2fhealth?phone_number=%2B12125550100",
    "/?/voice/?",
)


@pytest.mark.parametrize("prefix", ["", "/voice"])
def test_nginx_changes_nothing_but_the_prefix(folder, prefix):
    with in_front_of_an_echo(nginx(folder, prefix=bool(prefix)), folder) as socket:
        for body in ("Name=Zo%c3%AB+%26+co&Empty=", "x" * (1 << 20)):
            for target in TARGETS:
                (answer,) = converse(
                    socket,
                    f"POST {prefix}{target} HTTP/1.1⏎Host: gateway.example.com⏎X-Twilio-Signature: a+b/c=⏎"
                    f"Connection: close⏎Content-Length: {len(body)}⏎⏎{body}",
                ).answers
                assert answer.status == 200 and answer.json() == [target, body, "a+b/c="], (target, answer)
                assert answer.header("server") == "nginx"  # without a version
        too_large = f"POST {prefix}/ HTTP/1.1⏎Host: a⏎Connection: close⏎Content-Length: {(1 << 20) + 1}⏎⏎"
        (answer,) = converse(socket, too_large, finish=True).answers
        assert answer.status == 413
    with open(f"{folder}/switchboard.log", encoding="utf-8") as file:
        log = file.read()
    assert log.count(f'"POST {prefix}/webhooks/twilio/status" 200 ') == 4 and "12125550100" not in log, log


def test_haproxy_changes_nothing(folder):
    with in_front_of_an_echo(haproxy(folder), folder) as socket:
        for body in ("Name=Zo%c3%AB+%26+co&Empty=", "x" * (1 << 20)):
            for target in TARGETS:
                (answer,) = converse(
                    socket,
                    f"POST {target} HTTP/1.1⏎Host: gateway.example.com⏎X-Twilio-Signature: a+b/c=⏎"
                    f"Connection: close⏎Content-Length: {len(body)}⏎⏎{body}",
                ).answers
                assert answer.status == 200 and answer.json() == [target, body, "a+b/c="], (target, answer)


def test_the_health_command_tells_whether_the_gateway_is_up(world, tmp_path):
    def status(*arguments):
        program = Program(["health", *arguments], {}, tmp_path)
        try:
            return program.end(within=30)
        finally:
            program.stop()

    assert status("--url", world.gateway.origin) == 0
    assert status("--url", world.gateway.origin, "--ready") == 0
    assert status("--url", "http://127.0.0.1:9") == 1
