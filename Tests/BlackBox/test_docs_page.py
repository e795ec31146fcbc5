"""`/docs` in a real browser: every request is on it, samples run as copied, requests can be tried, everybody can use it."""

import json
import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from harness.browser import audit, chromium, overflow, visit
from harness.prefix_proxy import PrefixProxy
from harness.process import description
from harness.waiting import eventually

IMAGES = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "docs", "images"))


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def docs(browser, world):
    """Opens the page of the module's gateway; waits until the reference is there."""

    def open_page(place="", **options):
        return opened(browser, world.gateway.origin, f"/docs{place}", **options)

    return open_page


class opened:  # noqa: N801, a context manager that reads as a verb
    def __init__(self, *arguments, **options):
        self._visit = visit(*arguments, **options)

    def __enter__(self):
        page = self._visit.__enter__()
        page.wait_for_selector("main:not([aria-busy])")
        return page

    def __exit__(self, *failure):
        return self._visit.__exit__(*failure)


def give_key(page, key):
    page.get_by_role("button", name=re.compile("API key", re.I)).first.click()
    page.get_by_label("API key", exact=True).fill(key)
    page.get_by_role("button", name="Done").click()


def open_trial(page, operation):
    page.locator(f"[data-try={operation}]").click()
    return page.get_by_role("dialog")


# What is served


def test_it_is_served_to_everybody_and_can_be_kept(world):
    page = world.gateway.send("GET", "/docs")
    assert (page.status, page.header("content-type")) == (200, "text/html; charset=utf-8")
    policy = dict(part.strip().split(" ", 1) for part in page.header("content-security-policy").split(";"))
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    files = re.findall(r'(?:href|src)="(docs/[^"]+)"', page.text)
    assert len(files) == len(set(files)) > 10
    for name in ["docs", *files]:
        answer = world.gateway.send("GET", f"/{name}")
        assert answer.status == 200 and answer.header("cache-control") == "no-cache", name
        assert answer.header("x-content-type-options") == "nosniff"
        tag = answer.header("etag")
        again = world.gateway.send("GET", f"/{name}", headers=[("If-None-Match", tag)])
        assert (again.status, again.body, again.header("etag")) == (304, b"", tag)
        head = world.gateway.send("HEAD", f"/{name}")
        assert (head.status, head.body, head.header("content-length")) == (200, b"", str(len(answer.body)))
        assert world.gateway.send("POST", f"/{name}").status == 405
    assert world.gateway.send("GET", "/docs/nothing.js").json()["code"] == "not_found"


def test_a_slash_at_the_end_leads_to_the_page(browser, world):
    assert world.gateway.send("GET", "/docs/").header("location") == "../docs"
    with opened(browser, world.gateway.origin, "/docs/") as page:
        assert page.url == f"{world.gateway.origin}/docs"
        expect(page.locator("#place_call")).to_be_attached()


# What is on it


def test_every_operation_parameter_member_and_error_is_on_it(docs):
    with docs() as page:
        ids = page.evaluate("() => [...document.querySelectorAll('main [id]')].map((element) => element.id)")
        text = page.evaluate("() => document.querySelector('main').textContent")
        entries = page.locator("nav a[data-place]").evaluate_all("(links) => links.map((link) => link.dataset.place)")
    wanted = set()
    for path, method, operation in description().operations():
        name = operation["operationId"]
        assert operation["summary"] in text and path in text, name
        assert name in entries, name
        wanted.add(name)
        for parameter in map(description().resolved, operation.get("parameters", [])):
            wanted.add(f"{name}.{parameter['name']}")
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = description().resolved(content["schema"])
            wanted |= {f"{name}.body.{member}" for member in schema.get("properties", {})}
            break
    wanted |= {f"error-{code}" for code in description().document["components"]["examples"]}
    assert len(wanted) > 150 and wanted <= set(ids), wanted - set(ids)
    tags = [f"tag-{tag['name']}" for tag in description().document["tags"]]
    assert [place for place in ids if place in tags] == tags


def test_search_finds_operations_fields_and_errors(docs):
    with docs() as page:
        page.keyboard.press("/")
        box = page.get_by_role("combobox", name="Search the reference")
        expect(box).to_be_focused()
        for words, place in (
            ("place a call", "place_call"),
            ("hangup", "hang_up_call"),
            ("/dead-letters", "list_dead_letters"),
            ("ring_timeout", "place_call.body.ring_timeout_seconds"),
            ("number_busy", "error-number_busy"),
        ):
            box.fill(words)
            expect(page.locator(".hit[aria-selected=true]")).to_have_count(1)
            page.keyboard.press("Enter")
            expect(page.locator(f"[id='{place}']")).to_be_focused()
            assert page.url.endswith(f"#{place}")
            expect(page.locator(f"[id='{place}']")).to_be_in_viewport()
            page.keyboard.press("/")
        box.fill("call")
        first = page.locator(".hit[aria-selected=true]").inner_text()
        page.keyboard.press("ArrowDown")
        assert page.locator(".hit[aria-selected=true]").inner_text() != first
        page.keyboard.press("ArrowUp")
        assert page.locator(".hit[aria-selected=true]").inner_text() == first
        box.fill("<img src=x>")
        expect(page.locator("#no-hits")).to_contain_text("Nothing has “<img src=x>”")
        page.keyboard.press("Escape")
        expect(page.locator("#no-hits")).to_be_hidden()


def test_links_lead_to_places_and_back(docs):
    with docs("#set_dialing.body.waiting") as page:
        expect(page.locator("[id='set_dialing.body.waiting']")).to_be_in_viewport()
        page.locator("nav a[data-place=get_metrics]").click()
        expect(page.get_by_role("heading", name="Read the metrics")).to_be_in_viewport()
        expect(page.locator("nav a[aria-current]")).to_have_attribute("data-place", "get_metrics")
        page.go_back()
        expect(page.locator("[id='set_dialing.body.waiting']")).to_be_in_viewport()
        page.go_forward()
        expect(page.get_by_role("heading", name="Read the metrics")).to_be_in_viewport()


def test_folded_members_open_for_a_link(docs):
    with docs("#object-Call.conversation.end_reason") as page:
        expect(page.locator("[id='object-Call.conversation.end_reason']")).to_be_in_viewport()


# Samples


def copied(page, operation, language):
    panel = page.locator(f"#{operation} .samples .panel").first
    panel.get_by_role("tab", name=language).click()
    panel.get_by_role("button", name="Copy the request").click()
    expect(panel.get_by_role("button", name="Copy the request")).to_have_attribute("data-state", "done")
    return page.evaluate("() => navigator.clipboard.readText()")


def run(world, text, *program):
    environment = {"PATH": os.environ["PATH"], "SWITCHBOARD_API_KEY": world.credentials.api_key}
    return subprocess.run([*program, text], env=environment, capture_output=True, text=True, timeout=30)


def test_samples_run_as_they_are_copied(docs, world):
    world.order(world.new_agent())
    with docs() as page:
        for operation, told in (("list_calls", '"call_sid"'), ("get_health", '"vendors"'), ("get_liveness", '"status"')):
            shell = run(world, copied(page, operation, "curl"), "bash", "-c")
            assert shell.returncode == 0 and told in shell.stdout, shell
            python = run(world, copied(page, operation, "Python"), sys.executable, "-c")
            assert python.returncode == 0 and told in python.stdout, python
        # The agent of the example is not there; the answer says so.
        unknown = run(world, copied(page, "place_call", "curl"), "bash", "-c")
        assert '"code":"not_found"' in unknown.stdout, unknown
        unknown = run(world, copied(page, "place_call", "Python"), sys.executable, "-c")
        assert unknown.returncode == 1 and '"code":"not_found"' in unknown.stderr, unknown
        page.reload()
        expect(page.locator("#get_call").get_by_role("tab", name="Python")).to_have_attribute("aria-selected", "true")


def test_samples_are_copied_over_plain_http_too(docs):
    with docs() as page:
        # What a browser leaves out where the page does not come over https or from this machine.
        page.evaluate("() => Object.defineProperty(Navigator.prototype, 'clipboard', {value: undefined})")
        page.locator("#list_calls").get_by_role("button", name="Copy the request").click()
        expect(page.locator("#list_calls").get_by_role("button", name="Copy the request")).to_be_focused()
        page.locator("#search").focus()
        page.keyboard.press("Control+v")
        expect(page.locator("#search")).to_have_value(re.compile("^curl http.*/calls"))


# Try it


def test_a_list_can_be_tried_with_the_key_of_the_tab(docs, world):
    with docs(expected=["401"]) as page:
        give_key(page, "wrong-key-wrong-key")
        dialog = open_trial(page, "list_calls")
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.locator(".result-line")).to_contain_text("401")
        dialog.get_by_label("API key").fill(world.credentials.api_key)
        dialog.get_by_label("limit").fill("2")
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.locator(".result-line")).to_contain_text("200")
        expect(dialog.locator(".result-headers")).to_contain_text("X-Request-ID")
        expect(dialog.locator(".result-headers")).to_contain_text('"reads"')
        expect(dialog.locator(".result-body")).to_contain_text('"next_cursor"')
        kept = page.evaluate("() => [JSON.stringify(sessionStorage), JSON.stringify(localStorage), document.cookie, location.href]")
        assert world.credentials.api_key in kept[0] and world.credentials.api_key not in "".join(kept[1:])
        page.reload()
        expect(page.locator("#key-state")).to_have_text("API key set")
        other = page.context.new_page()
        other.goto(page.url)
        expect(other.locator("#key-state")).to_have_text("Set API key")


def test_a_call_is_placed_after_a_question(docs, world):
    agent = world.new_agent()
    with docs() as page:
        give_key(page, world.credentials.api_key)
        number = world.numbers.take()
        dialog = open_trial(page, "place_call")
        dialog.get_by_label("Choose the id").select_option(agent)
        assert dialog.get_by_label("id string", exact=False).first.input_value() == agent
        dialog.get_by_text("Headers", exact=True).click()
        key = dialog.get_by_label("Idempotency-Key")
        first = key.input_value()
        assert len(first) == 32
        body = dialog.get_by_label("Body")
        body.fill('{"phone_number": ')
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.locator(".form-error")).to_contain_text("The body is not JSON")
        body.fill(json.dumps({"phone_number": number, "metadata": {"order": "7731"}}))
        dialog.get_by_role("button", name="Send").click()
        question = dialog.get_by_role("alert")
        expect(question).to_contain_text("This dials a real phone.")
        expect(question).to_contain_text(number)
        question.get_by_role("button", name="Cancel").click()
        expect(question).to_be_hidden()
        assert not world.twilio.creates_for(number)
        dialog.get_by_role("button", name="Send").click()
        question.get_by_role("button", name="Yes: place a call").click()
        expect(dialog.locator(".result-line")).to_contain_text("201")
        assert len(world.twilio.creates_for(number)) == 1
        assert key.input_value() != first, "the next order would repeat this one"
        call = re.search(r'"id": "(call_\w+)"', dialog.locator(".result-body").inner_text())[1]
        dialog.get_by_role("button", name="Next: look up a call").click()
        expect(dialog.get_by_role("heading", level=2)).to_contain_text("Look up a call")
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.locator(".result-body")).to_contain_text('"timeline"')
        expect(dialog.locator(".result-address")).to_contain_text(call)
        # The look-up as it was tried.
        dialog.get_by_role("button", name="Copy the request").click()
        expect(dialog.get_by_role("button", name="Copy the request")).to_have_attribute("data-state", "done")
        shell = run(world, page.evaluate("() => navigator.clipboard.readText()"), "bash", "-c")
        assert json.loads(shell.stdout)["id"] == call
        page.keyboard.press("Escape")
        dialog = open_trial(page, "stream_call_events")
        dialog.get_by_label("id string", exact=False).first.fill(call)
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.get_by_role("list", name="Events")).to_contain_text("call.pending")
        dialog.get_by_role("button", name="Stop").click()
        expect(dialog.locator(".live")).to_contain_text("Stopped after")
        page.keyboard.press("Escape")
        dialog = open_trial(page, "list_calls")
        dialog.get_by_label("metadata").fill("order=7731")
        dialog.get_by_label("status").fill("queued, ringing")
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.locator(".result-body")).to_contain_text(call)
        expect(dialog.locator(".result-address")).to_contain_text("?status=queued&status=ringing&metadata%5Border%5D=7731")


def test_events_are_shown_as_they_arrive_also_behind_a_prefix(browser, world):
    proxy = PrefixProxy(world.gateway.origin, "/phone/gw")
    try:
        with opened(browser, proxy.origin, "/phone/gw/docs") as page:
            assert f"{proxy.origin}/phone/gw" in page.locator(".addresses").inner_text()
            give_key(page, world.credentials.api_key)
            dialog = open_trial(page, "get_health")
            dialog.get_by_role("button", name="Send").click()
            expect(dialog.locator(".result-body")).to_contain_text('"vendors"')
            page.keyboard.press("Escape")
            dialog = open_trial(page, "stream_events")
            dialog.get_by_role("button", name="Send").click()
            expect(dialog.locator(".live")).to_contain_text("waiting for events")
            proxy.tell(": still here\n\nevent: call.ringing\nid: 7\ndata: {\"data\":\ndata: 1}\n\nevent: half")
            events = dialog.get_by_role("list", name="Events").get_by_role("listitem")
            expect(events).to_have_count(1)
            expect(events.first).to_contain_text("call.ringing")
            expect(events.first).to_contain_text('"data": 1')
            proxy.tell("\ndata: 2\n\n")
            expect(events).to_have_count(2)
            expect(dialog.locator(".live")).to_contain_text("Live: 2 events")
            dialog.get_by_role("button", name="Stop").click()
            expect(dialog.locator(".live")).to_contain_text("Stopped after 2 events")
            # The next words find nobody.
            eventually(lambda: proxy.tell(": gone?\n\n") or proxy.left.is_set(), within=10, what="the end of the stream")
            assert proxy.keys == [world.credentials.api_key]
    finally:
        proxy.stop()


# Everybody can use it


def test_it_can_be_used_with_the_keyboard_alone(docs, world):
    with docs() as page:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("/")
        page.keyboard.type("read the emergency switch")
        page.keyboard.press("Enter")
        expect(page.locator("#get_dialing")).to_be_focused()
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("() => document.activeElement.dataset.try") == "get_dialing":
                break
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_label("API key")).to_be_focused()
        page.keyboard.type(world.credentials.api_key)
        page.keyboard.press("Enter")
        expect(dialog.locator(".result-line")).to_contain_text("200")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page.locator("[data-try=get_dialing]")).to_be_focused()
        # Languages are tabs: the arrows choose.
        tab = page.locator("#get_dialing").get_by_role("tab", name="curl")
        tab.focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#get_dialing").get_by_role("tab", name="Python")).to_be_focused()
        expect(page.locator("#get_dialing .samples .code").first).to_contain_text("import json")


def test_the_audit_finds_what_is_wrong(docs):
    with docs() as page:
        page.evaluate(
            """() => {
              const make = (name, text) => { const one = document.createElement(name); one.textContent = text; document.querySelector("main").prepend(one); return one; };
              make("p", "faint").style.color = "color-mix(in srgb, gray 60%, white)";
              make("button", "").style.padding = "20px";
              make("h6", "deep");
              make("a", "nowhere").href = "#nowhere";
            }"""
        )
        faults = sorted(re.match(r"[a-z ]+", fault)[0].strip() for fault in audit(page))
    assert faults == ["a contrast of", "a control without a name", "a heading of level", "a link leads nowhere"]


# What is folded in what is folded is made when it is first shown.
UNFOLD = """() => {
  const boxes = [...document.querySelectorAll("main details")];
  const isDone = boxes.every((box) => box.open && box.childElementCount > 1);
  boxes.forEach((box) => { box.open = true; });
  return isDone;
}"""


def faults(page):
    """What is wrong with the page as it is now, in light and in dark."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {fault}" for fault in audit(page)]
    return found


@pytest.mark.parametrize("width", [390, 1440])
def test_everybody_can_read_it(docs, world, width):
    with docs(width=width, height=844) as page:
        assert faults(page) == []
        eventually(lambda: page.evaluate(UNFOLD), within=20, what="a page without folds")
        assert faults(page) == []
        assert overflow(page) == []
    with docs(width=width, height=844) as page:
        page.get_by_role("combobox", name="Search the reference").fill("call")
        expect(page.locator(".hit").first).to_be_visible()
        assert faults(page) == []
        page.keyboard.press("Escape")
        if width == 390:
            page.get_by_role("button", name="Menu").click()
            expect(page.get_by_role("navigation", name="Contents")).to_be_visible()
            assert faults(page) == []
            page.keyboard.press("Escape")
            expect(page.get_by_role("button", name="Menu")).to_be_focused()
        give_key(page, world.credentials.api_key)
        dialog = open_trial(page, "place_call")
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.get_by_role("alert")).to_be_visible()
        assert faults(page) == []
        dialog.get_by_role("button", name="Cancel").click()
        page.keyboard.press("Escape")
        dialog = open_trial(page, "list_agents")
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.locator(".result-line")).to_contain_text("200")
        assert faults(page) == []


def test_colors_follow_the_system_until_somebody_chooses(docs):
    background = "() => getComputedStyle(document.documentElement).backgroundColor"
    with docs(dark=True) as page:
        dark = page.evaluate(background)
        page.emulate_media(color_scheme="light")
        light = page.evaluate(background)
        assert light != dark
        page.get_by_role("button", name="Colors: as the system").click()
        page.get_by_role("button", name="Colors: light").click()
        expect(page.get_by_role("button", name="Colors: dark")).to_be_visible()
        assert page.evaluate(background) == dark
        page.reload()
        assert page.evaluate(background) == dark


def test_a_description_that_cannot_be_loaded_is_said(browser, world):
    with visit(browser, world.gateway.origin, "/docs/icon.svg", expected=["503", "Failed to load"]) as page:
        page.route("**/openapi.json", lambda route: route.fulfill(status=503, body=""))
        page.goto(f"{world.gateway.origin}/docs")
        expect(page.get_by_role("alert")).to_contain_text("answered 503")
        assert audit(page) == []
        page.unroute("**/openapi.json")
        page.route("**/openapi.json", lambda route: route.abort())
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("alert")).to_contain_text("did not answer")
        page.unroute("**/openapi.json")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Switchboard API")


# Pictures


@pytest.mark.skipif(not os.environ.get("UPDATE_IMAGES"), reason="UPDATE_IMAGES=1 draws docs/images anew")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height", "place"), [(390, 844, ""), (1440, 900, "#place_call")], ids=["390", "1440"])
def test_pictures_are_drawn(docs, width, height, place, dark):
    with docs(place, width=width, height=height, dark=dark) as page:
        path = os.path.join(IMAGES, f"docs-{width}-{'dark' if dark else 'light'}.png")
        page.screenshot(path=path)
    assert os.path.getsize(path) < 300_000
