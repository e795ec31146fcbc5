"""What stands in deploy/ fits the program: the dashboard's metrics, the proxy's configuration, the health command."""

import json
import os
import re
import subprocess

from harness.process import Program
from harness.proxies import PATH

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
METRIC = re.compile(r"\b(?:switchboard|process)_[a-z_]+")


def deployed(path):
    with open(os.path.join(ROOT, "deploy", path), encoding="utf-8") as file:
        return file.read()


def names_in(text):
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in METRIC.findall(text)}


def test_the_dashboard_shows_metrics_that_there_are(world):
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


def test_nginx_takes_its_configuration(tmp_path):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=gateway.example.com"]
        + ["-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    text = deployed("nginx/switchboard.conf")
    text = re.sub(r"/etc/letsencrypt/\S+/fullchain.pem", str(certificate), text)
    text = re.sub(r"/etc/letsencrypt/\S+/privkey.pem", str(key), text)
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    run = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-e", "stderr", "-c", str(tmp_path / "nginx.conf")],
        env={"PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


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
