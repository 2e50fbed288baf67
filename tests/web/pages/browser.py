"""Whoever looks at the pages: a browser without a script, that looks at each answer as it should look."""

from typing import Any
from urllib.parse import urljoin

from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import BufferedClient
from tests.web.installed import PASSWORD
from tests.web.pages.manners import check_headers, check_markup
from tests.web.pages.markup import Form, Page, parsed

REDIRECTS = 5


class Browser:
    """A browser: it keeps cookies, follows what leads on, and ``page`` is what it shows."""

    def __init__(self, app: Flask, url: str = "https://registry.example.com") -> None:
        self.client = BufferedClient(app, app.response_class, use_cookies=True)
        self.url = url
        self.page: Page | None = None

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        """Send a request as it is, and return the answer, whose headers are a page's."""
        headers = {"Referer": f"{self.url}/", **more.pop("headers", {})}
        answer = self.client.open(path, method=method, base_url=self.url, headers=headers, **more)
        check_headers(answer)
        return answer

    def get(self, path: str, status: int = 200) -> Page:
        """Go to a page, and where it leads."""
        return self._shown(path, self.ask("GET", path), status)

    def submit(self, form: Form | str, status: int = 200, **fields: Any) -> Page:
        """Send a form with these fields in place of its own, and follow where it leads.

        A path instead is that of a page's form, if the page shown has it, or else of a button somewhere.
        """
        shown = self.page or self.get("/")
        if isinstance(form, str):
            known = [one for one in shown.forms if one.action.partition("?")[0] == form and one.method == "post"]
            form = known[0] if len(known) == 1 else Form(form, "post", {"csrf_token": [shown.token]}, [])
        sent = {**form.fields, **{name.removesuffix("_"): value for name, value in fields.items()}}
        if form.method == "get":
            return self._shown(form.action, self.ask("GET", form.action, query_string=sent), status)
        return self._shown(form.action, self.ask("POST", form.action, data=sent), status)

    def sign_in(self, name: str, password: str = PASSWORD, next_: str = "/", status: int = 200) -> Page:
        """Sign in, by password or with an API token."""
        form = self.get(f"/login?next={next_}").form("/login")
        return self.submit(form, status, name=name, secret=password)

    def sign_out(self) -> Page:
        """Sign out."""
        return self.submit("/account/sign-out")

    @property
    def user(self) -> str:
        """Who has signed in, as the page shown says; "" of nobody."""
        assert self.page is not None
        links = [one for one in self.page.root.all("a") if one.attributes["href"] == "/account"]
        return links[0].text if links else ""

    @property
    def said(self) -> list[str]:
        """What the page says was done, or was not."""
        assert self.page is not None
        return [one.text for one in self.page.root.all() if one.attributes.get("role") in {"status", "alert"}]

    def _shown(self, path: str, answer: TestResponse, status: int) -> Page:
        for _ in range(REDIRECTS):
            if answer.status_code != 303:
                break
            path = urljoin(path, answer.headers["Location"])
            assert path.startswith("/"), f"it leads elsewhere: {path}"
            answer = self.ask("GET", path)
        assert answer.status_code == status, (path, answer.status_code, answer.get_data(as_text=True)[-3000:])
        assert answer.content_type == "text/html; charset=utf-8", answer.content_type
        self.page = parsed(answer.get_data(as_text=True), path, answer.status_code)
        check_markup(self.page)
        return self.page
