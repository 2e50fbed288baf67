"""The checks of pages find what they look for, on pages that are made to be at fault."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import axe
from tests.browser.chromium import INSTALL
from tests.browser.layout import fits
from tests.browser.looks import NARROW, WIDE, Look
from tests.browser.visitor import Visitor
from tests.stores.process import require

PAGE = '<!doctype html><html lang="en"><title>A page</title><meta name="viewport" content="width=device-width"><main>'
LONG = "W" * 200
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"


@contextmanager
def served(body: str, **headers: str) -> Iterator[str]:
    """Serve a page at ``/``, and nothing elsewhere; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path in {"/", "/favicon.ico"}
            self.send_response(200 if found else 404)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            with suppress(ConnectionError):  # the browser has seen enough
                self.end_headers()
                self.wfile.write((PAGE + (body if found else "Nothing is here")).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))  # seconds between looks for the end
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def opened(browser: Browser, body: str, look: Look) -> Iterator[Page]:
    """Open a page that has no fault of the kinds that a visitor notes."""
    with served(body) as url, Visitor(browser, url, look=look) as visitor:
        yield visitor.visit("/")


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p style='color: red'>styled<img src=/there-is-none>", "answered by 404: GET"),
        ("<img src=https://elsewhere.example/x.png>", "another host: GET https://elsewhere.example/x.png"),
        ("<img src=http://127.0.0.1:1/x.png>", "another host: GET http://127.0.0.1:1/x.png"),
        ("<iframe src=/frame></iframe>", "Content Security Policy"),
    ],
    ids=["missing image", "other host", "other port", "forbidden frame"],
)
def test_a_visitor_notes_what_fails_to_load(browser: Browser, body: str, fault: str, javascript: bool) -> None:
    policy = POLICY if "iframe" in body else "img-src *"
    with served(body, Content_Security_Policy=policy) as url:
        visitor = Visitor(browser, url, javascript=javascript)
        with pytest.raises(AssertionError, match=fault):
            visitor.visit("/")
        visitor.close()


@pytest.mark.parametrize(
    ("body", "policy", "fault"),
    [
        ("<script>alert(1)</script>", "", "dialog: alert 1"),
        ("<script>alert(1)</script>", POLICY, "Content Security Policy"),
        ("<script>throw new Error('broken')</script>", "", "script: .*broken"),
        ("<script>Promise.reject(new Error('late'))</script>", "", "script: .*late"),
        ("<script>console.error('complaint')</script>", "", "console: complaint"),
        ("<p style='color: red'>styled", "default-src 'none'", "Content Security Policy"),
    ],
    ids=["dialog", "script that is kept off", "error", "rejection", "complaint", "style that is kept off"],
)
def test_a_visitor_notes_what_scripts_do(browser: Browser, body: str, policy: str, fault: str) -> None:
    headers = {"Content_Security_Policy": policy} if policy else {}
    with served(body, **headers) as url:
        visitor = Visitor(browser, url)
        with pytest.raises(AssertionError, match=fault):
            visitor.visit("/")
        visitor.close()


def test_a_page_that_should_be_an_error_is_no_fault(browser: Browser) -> None:
    with served("") as url, Visitor(browser, url) as visitor:
        visitor.visit("/nowhere", status=404)
        with pytest.raises(AssertionError, match="answered by 404"):
            visitor.visit("/elsewhere")
        visitor.faults.clear()


def test_a_visitor_pastes_what_was_copied(browser: Browser) -> None:
    button = (
        "<button onclick='navigator.clipboard.writeText(`docker pull`).then(() => this.textContent = `Copied`)'>Copy"
    )
    with served(button) as url, Visitor(browser, url, clipboard=True) as visitor:
        visitor.visit("/").get_by_role("button").click()
        expect(visitor.page.get_by_text("Copied")).to_be_visible()
        assert visitor.copied() == "docker pull"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (f"<p id=far>{LONG}", "wider than the window.*p#far"),
        ("<div style='width: 400px' class='a b'>x</div>", r"wider than the window.*div.a.b"),
        (f"<p id=cut style='overflow: hidden'>{LONG}", "cut: p#cut"),
        (f"<p id=cut style='overflow: clip; text-overflow: ellipsis; white-space: nowrap'>{'w ' * 200}", "cut: p#cut"),
        (f"<p id=low style='overflow: hidden; height: 1em'>{'w ' * 200}", "cut: p#low"),
    ],
    ids=["long word", "wide box", "cut word", "ellipsis", "cut lines"],
)
def test_what_does_not_fit_is_named(browser: Browser, body: str, fault: str) -> None:
    with opened(browser, body, Look("light", NARROW)) as page, pytest.raises(AssertionError, match=fault):
        fits(page)


@pytest.mark.parametrize(
    "body",
    [
        f"<pre style='overflow: auto'>{LONG}</pre>",
        f"<p style='overflow-wrap: anywhere'>{LONG}",
        f"<p style='overflow: hidden' title='{LONG}'>{LONG}",
        f"<p style='position: absolute; overflow: hidden; width: 1px; height: 1px'>{LONG}",
        f"<label>Name <input value='{LONG}'></label>",
        f"<details><summary>More</summary><pre style='overflow: hidden'>{LONG}</pre></details>",
    ],
    ids=["scrolls", "wraps", "titled", "for screen readers", "field", "closed"],
)
def test_what_can_be_seen_fits(browser: Browser, body: str) -> None:
    with opened(browser, body, Look("light", NARROW)) as page:
        fits(page)


@pytest.mark.parametrize(
    ("body", "look", "fault"),
    [
        ("<h1>Title</h1><input>", Look("light", WIDE), r"critical label: .*\n.*input"),
        ("<h1>Title</h1><button></button>", Look("light", WIDE), r"critical button-name: .*\n.*button"),
        ("<h1>Title</h1><p id=pale>Words<style>@media (prefers-color-scheme: dark) {p {color: #ddd}}</style>",
         Look("dark", WIDE), r"serious color-contrast: .*\n.*#pale"),
        ("<h1>Title</h1><p id=pale>Words<style>@media (max-width: 400px) {p {color: #ddd}}</style>",
         Look("light", NARROW), r"serious color-contrast: .*\n.*#pale"),
    ],
    ids=["label", "name", "pale in the dark", "pale where it is narrow"],
)  # fmt: skip
def test_axe_names_the_rule_and_the_element(browser: Browser, body: str, look: Look, fault: str) -> None:
    with opened(browser, body, look) as page, pytest.raises(AssertionError, match=fault):
        axe(page)


def test_axe_examines_a_page_whose_policy_keeps_scripts_off(browser: Browser) -> None:
    with (
        served("<h1>Title</h1><input>", Content_Security_Policy=POLICY) as url,
        Visitor(browser, url) as visitor,
        pytest.raises(AssertionError, match="critical label"),
    ):
        axe(visitor.visit("/"))


def test_letters_and_emoji_are_drawn(browser: Browser) -> None:
    """An emoji in colour, which a box for a missing one is not; and two letters of two shapes."""
    draw = """text => {
      const canvas = Object.assign(document.createElement("canvas"), {width: 60, height: 60});
      const context = canvas.getContext("2d");
      context.font = "40px sans-serif"; context.fillText(text, 0, 45);
      return [...context.getImageData(0, 0, 60, 60).data];
    }"""
    with opened(browser, "", Look("light", WIDE)) as page:
        emoji, one, other = (page.evaluate(draw, text) for text in ("🚀", "A", "B"))
    coloured = sum(len(set(emoji[at : at + 3])) > 1 for at in range(0, len(emoji), 4))
    if one == other or coloured < 100:
        require(None, INSTALL)
