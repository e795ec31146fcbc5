"""The documents for operators name everything that the program can say, and the files of deploy/ fit each other."""

import os
import re

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
RUNTIME_PACKAGES = "ca-certificates libcurl4 libsqlite3-0 libxml2"


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def sources():
    """All Swift text but that of the stand-ins."""
    return "\n".join(
        read(folder, name)
        for folder, _, names in os.walk(os.path.join(ROOT, "Sources"))
        for name in names
        if name.endswith(".swift") and "Sandbox" not in folder
    )


def words(path, enum):
    """The raw values of a Swift enum of strings."""
    declaration = rf"^( *)(?:package )?enum {enum}: String\b[^\n]*\{{\n(.*?)^\1\}}"
    body = re.search(declaration, read("Sources", *path.split("/")), re.M | re.S)[2]
    found = []
    for line in re.findall(r"^ *case (\w.*)$", body, re.M):
        for case in line.split(","):
            name, _, raw = case.partition("=")
            found.append(raw.strip().strip('"') or name.strip())
    assert found
    return found


def explained(document):
    """What stands as code in the first column of the document's tables."""
    rows = re.findall(r"^\| ([^|]*) \|", read("docs", document), re.M)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def assert_explained(names, document="troubleshooting.md"):
    missing = sorted(set(names) - explained(document))
    assert not missing, f"docs/{document} does not explain {missing}"


def test_every_problem_code_is_explained():
    early = re.findall(r'^ *"([a-z_]+)", "[A-Z]', read("Sources/Gateway/HTTP/Refusal+Problem.swift"), re.M)
    assert early
    assert_explained(words("Gateway/Errors/Problem.swift", "Code") + early)


def test_every_test_of_check_and_every_fault_is_explained():
    tests = re.findall(r'Finding\(\s*"([A-Za-z ]+)"', sources()) + ["signed probe"]
    assert len(set(tests)) > 6
    assert_explained(tests + words("CommandLineTool/Check/ProbeFault.swift", "Name"))


def test_every_reason_of_a_dead_letter_is_explained():
    assert_explained(
        words("CallDomain/Log/Applied.swift", "UselessReason")
        + words("TwilioAdapter/Webhooks/UselessWebhook.swift", "UselessWebhook")
        + words("UltravoxAdapter/Webhooks/UltravoxWebhook.swift", "Useless")
    )


def test_every_refusal_of_a_webhook_is_explained():
    verdicts = words("UltravoxAdapter/Webhooks/UltravoxWebhookVerifier.swift", "Verdict")
    twilio = re.findall(r'refused\("(\w+)"', read("Sources/Gateway/Controllers/TwilioWebhookController.swift"))
    assert twilio
    assert_explained([*twilio, *(verdict for verdict in verdicts if verdict != "ok")])


def test_every_warning_and_error_of_the_log_is_explained():
    messages = re.findall(r'logger\.(?:warning|error|critical)\(\s*((?:"[^"]*"\s*\+?\s*)+)', sources())
    assert len(messages) > 8
    assert_explained("".join(re.findall(r'"([^"]*)"', message)) for message in messages)


def test_every_metric_is_explained():
    text = sources()
    names = set(re.findall(r'"(switchboard_[a-z_]+_(?:total|seconds))":', text))
    names |= set(re.findall(r'(?:gauge|counter)\("(\w+)"', text))
    assert len(names) > 12
    assert_explained(names, "metrics.md")
    causes = re.findall(r'^ *case \.\w+: "(\w+)"$', read("Sources/CurlTransport/OutcomeMetrics.swift"), re.M)
    verdicts = words("Gateway/Controllers/WebhookVerdicts.swift", "Verdict")
    assert causes
    for word in causes + verdicts:
        assert f"`{word}`" in read("docs/metrics.md"), word


def test_every_alarm_is_explained():
    alarms = re.findall(r"^ *- alert: (\w+)$", read("deploy/prometheus/alarms.yml"), re.M)
    assert alarms
    assert_explained(alarms, "metrics.md")


def test_every_secret_has_a_file():
    entries = re.findall(r'^        "([A-Z_]+)",\n(.*?)^    \)', sources(), re.M | re.S)
    # A client's key is none of the gateway's, and a proxy seldom has a password.
    others = {"SWITCHBOARD_API_KEY", "UPSTREAM_PROXY"}
    secrets = {name for name, entry in entries if "secret: true" in entry} - others
    files = re.findall(r"^(\w+)_FILE=/etc/switchboard/secrets/(\w+)$", read("deploy/secret-files.env"), re.M)
    # The SID of Twilio's API key is no secret, and changes with its secret.
    assert secrets | {"TWILIO_API_KEY_SID"} == {name for name, _ in files} and "API_KEYS" in secrets
    assert all(file == name.lower() for name, file in files)
    assert_explained([file for _, file in files], "deployment.md")
    for path in ("deploy/compose.yaml", "deploy/systemd/switchboard.service"):
        assert "secret-files.env" in read(path)


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)?", text).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit or "s"]


def test_nobody_is_killed_before_the_end_of_a_stop():
    default = re.search(r'"SHUTDOWN_GRACE",\n.*\n *to: "(\w+)"', sources())[1]
    examples = [read("deploy/env", name) for name in os.listdir(os.path.join(ROOT, "deploy/env"))]
    graces = [default, *re.findall(r"^SHUTDOWN_GRACE=(\w+)$", "\n".join(examples), re.M)]
    patience = [
        re.search(r"^ *stop_grace_period: (\w+)$", read("deploy/compose.yaml"), re.M)[1],
        re.search(r"^TimeoutStopSec=(\w+)$", read("deploy/systemd/switchboard.service"), re.M)[1],
    ]
    assert min(map(seconds, patience)) >= max(map(seconds, graces)) + 2


def test_the_packages_are_the_same_everywhere():
    assert f"--no-install-recommends {RUNTIME_PACKAGES} " in read("deploy/Dockerfile")
    for document in ("deployment.md", "troubleshooting.md"):
        assert f"`apt-get install {RUNTIME_PACKAGES}`" in read("docs", document)


def test_links_between_the_documents_lead_somewhere():
    names = [name for name in os.listdir(os.path.join(ROOT, "docs")) if name.endswith(".md")]
    documents = ["README.md", *(f"docs/{name}" for name in names)]
    for document in documents:
        for target in re.findall(r"\]\(([^)\s]+)\)", read(document)):
            if re.match(r"\w+:", target):
                continue
            path, _, anchor = target.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(document), path)) if path else document
            assert os.path.exists(os.path.join(ROOT, path)), (document, target)
            if anchor:
                headings = re.findall(r"^#+ (.*)$", read(path), re.M)
                anchors = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
                assert anchor in anchors, (document, target)
