"""A real browser, Debian's Chromium, and what it must not say or do while it shows a page."""

import contextlib
import os
import shutil

from playwright.sync_api import sync_playwright

HERE = os.path.dirname(os.path.abspath(__file__))
# As root Chromium has no sandbox of its own; /dev/shm is small in containers.
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none"]
VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@contextlib.contextmanager
def chromium():
    """The browser, which is started once and shared."""
    program = shutil.which("chromium")
    assert program, "chromium is not installed: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def visit(browser, origin, path, *, width=1440, height=900, dark=False, expected=(), **options):
    """A page of its own in a profile of its own. Fails where the page errs, breaks its policy or asks another origin.

    `expected` are parts of console messages that belong to the test, such as the status of an answer.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
        **options,
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.add_init_script(VIOLATIONS)
    complaints, requested = [], []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    try:
        page.goto(origin + path)
        yield page
        violations = page.evaluate("() => window.violations")
        unexpected = [text for text in complaints if not any(part in text for part in expected)]
        foreign = [url for url in requested if not url.startswith((origin + "/", "data:"))]
        assert (violations, unexpected, foreign) == ([], [], [])
    finally:
        context.close()


def audit(page):
    """The faults of accessibility of what the page shows now."""
    with open(os.path.join(HERE, "audit.js"), encoding="utf-8") as file:
        return page.evaluate(file.read())


def overflow(page):
    """How far the page is wider than the window, and what sticks out."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.scrollingElement.scrollWidth <= width) return [];
          const clips = (box) => box && box !== document.documentElement && (getComputedStyle(box).overflowX !== "visible" || clips(box.parentElement));
          return [...document.querySelectorAll("main *")]
            .filter((element) => element.getBoundingClientRect().right > width + 1 && !clips(element.parentElement))
            .map((element) => element.outerHTML.slice(0, 120));
        }"""
    )
