"""Somebody with a browser, who notes whatever goes wrong while they look at pages."""

from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, Response, StorageState
from playwright.sync_api import Error as PageHasGone

from tests.browser.looks import DESK, HEIGHT, Look

PATIENCE = 30_000
"""Milliseconds that anything on a page may take."""
FAILED_LOAD = "Failed to load resource"
"""How the console begins to say that an answer was an error, which the answer itself says already."""
NO_HOST = {"about", "blob", "data"}
"""Schemes of addresses that are asked nowhere."""


class Visitor:
    """One person's window and cookies, at one installation.

    ``faults`` is what has gone wrong so far: errors on the console (a violation of the content security policy is one),
    errors of scripts, requests that failed or were answered by an error, requests to anybody else, dialogs (which only
    a stored attack opens here).
    """

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        look: Look = DESK,
        javascript: bool = True,
        clipboard: bool = False,
        cookies: StorageState | None = None,
    ) -> None:
        self.url = url
        self.faults: list[str] = []
        self._pardoned: set[str] = set()
        self._context = browser.new_context(
            base_url=url,
            viewport={"width": look.width, "height": HEIGHT},
            color_scheme=look.colours,
            reduced_motion="reduce",
            java_script_enabled=javascript,
            locale="en-GB",
            timezone_id="UTC",
            permissions=["clipboard-read", "clipboard-write"] if clipboard else [],
            storage_state=cookies,
        )
        self._context.set_default_timeout(PATIENCE)
        self._context.on("console", self._console)
        self._context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        self._context.on("request", self._request)
        self._context.on("requestfailed", self._failed)
        self._context.on("response", self._response)
        self._context.on("dialog", self._dialog)
        self.page: Page = self._context.new_page()

    def visit(self, path: str, status: int = 200) -> Page:
        """Open a page, which must be answered by that status and without a fault; return it when all is loaded."""
        if status >= 400:
            self.pardon(path)
        answer = self.page.goto(path)
        assert answer is not None, f"{path} is on the page that was open already"
        assert answer.status == status, f"{path} is answered by {answer.status}"
        self.check()
        return self.page

    def sign_in(self, name: str, password: str) -> None:
        """Sign in by the form."""
        page = self.visit("/login")
        page.get_by_label("User name").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        self.check()

    def see(self, look: Look) -> None:
        """Let the open page look so from now on."""
        self.page.emulate_media(color_scheme=look.colours, reduced_motion="reduce")
        self.page.set_viewport_size({"width": look.width, "height": HEIGHT})

    def begin_anew(self) -> None:
        """Let the window be as a new one is, for another page: what is pardoned, how it looks, where the mouse is."""
        self._pardoned.clear()
        self.see(DESK)
        self.page.mouse.move(0, 0)

    def cookies(self) -> StorageState:
        """Return the cookies, for another window of the same person."""
        return self._context.storage_state()

    def pardon(self, path: str) -> None:
        """Let a path be answered by errors from now on, whatever its query: as a form is that is filled in wrongly."""
        self._pardoned.add(self.url + path.partition("?")[0])

    def check(self) -> None:
        """Fail if anything has gone wrong."""
        self.page.wait_for_load_state()
        with suppress(PageHasGone):
            self.page.evaluate("0")  # an answer of the page comes after whatever it had to tell before
        assert not self.faults, "\n".join(self.faults)

    def copied(self) -> str:
        """Return what the page has copied last, for a visitor who lets it use the ``clipboard``."""
        text: str = self.page.evaluate("navigator.clipboard.readText()")
        return text

    def close(self) -> None:
        """Close the window and forget the cookies."""
        self._context.close()

    def __enter__(self) -> Self:
        """Be there while the block lasts."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Fail if anything has gone wrong that was not asked about, unless something fails already."""
        try:
            if kind is None:
                self.check()
        finally:
            self.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(FAILED_LOAD):
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        there, here = urlsplit(request.url), urlsplit(self.url)
        if there.scheme not in NO_HOST and (there.scheme, there.netloc) != (here.scheme, here.netloc):
            self.faults.append(f"another host: {request.method} {request.url}")

    def _failed(self, request: Request) -> None:
        """Note a request without an answer; what is given up for a download or another page is none."""
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.method} {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.url.partition("?")[0] not in self._pardoned:
            self.faults.append(f"answered by {response.status}: {response.request.method} {response.url}")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.type} {dialog.message}")
        dialog.dismiss()
