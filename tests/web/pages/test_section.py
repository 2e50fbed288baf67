"""What every page has in common: who sends a form, how much, and where nothing may change."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.routing import Rule

from ocireg.app import create_app
from ocireg.web.doors import KNOWN
from ocireg.web.pages import SECTIONS
from ocireg.web.pages.section import FORM_LIMIT, Section
from tests.conftest import installation
from tests.web.installed import PASSWORD, Api
from tests.web.pages.browser import Browser

VALUES = {
    "organization:organization": "acme",
    "slug:registry": "private",
    "image:repository": "acme/private/app",
    "repository:repository": "app",
    "tag:tag": "v1",
    "slug:name": "acme",
    "tag:reference": "v1",
    "digest:digest": f"sha256:{'0' * 64}",
    "digest:reference": f"sha256:{'0' * 64}",
}
"""What the parts of paths may be; all others are texts."""


def forms(api: Api) -> list[str]:
    """Return the path of each form and button of the pages."""
    ours = tuple(f"{one.name}." for one in SECTIONS)
    rules: list[Rule] = [one for one in api.app.url_map.iter_rules() if one.endpoint.startswith(ours)]
    return [
        re.sub(r"<([^>]+)>", lambda found: VALUES.get(found[1], "0" * 16), one.rule)
        for one in rules
        if "POST" in (one.methods or ())
    ]


@pytest.mark.parametrize("who", ["", "admin"])
def test_no_form_is_taken_that_was_not_shown_to_who_sends_it(shared: Api, who: str) -> None:
    browser, other = Browser(shared.app), Browser(shared.app)
    if who:
        browser.sign_in(who)
    paths = forms(shared)
    assert len(paths) >= 3
    for path in paths:
        for sent in ({}, {"csrf_token": ""}, {"csrf_token": "nonsense"}, {"csrf_token": other.get("/").token}):
            answer = browser.ask("POST", path, data=sent)
            assert (path, answer.status_code) == (path, 400)
    if who:
        browser.get("/")
        assert browser.user == who, "signing out is a form too"


def test_a_form_that_comes_from_another_site_is_not_taken(shared: Api) -> None:
    browser = Browser(shared.app)
    token = browser.get("/login").token
    for referrer in ("https://evil.example/", "http://registry.example.com/", ""):
        sent = {"csrf_token": token, "name": "ada", "secret": PASSWORD}
        answer = browser.ask("POST", "/login", data=sent, headers={"Referer": referrer})
        assert answer.status_code == 400


def test_a_form_may_be_as_long_as_a_policy_and_no_longer(shared: Api) -> None:
    browser = Browser(shared.app)
    token = browser.get("/login").token
    for length, status in ((FORM_LIMIT - 1000, 303), (FORM_LIMIT + 1, 413)):
        answer = browser.ask("POST", "/account/theme", data={"csrf_token": token, "theme": "dark", "x": "x" * length})
        assert answer.status_code == status


@pytest.fixture
def reading(api: Api) -> Iterator[Flask]:
    """An application where nothing may change."""
    made = create_app(replace(api.installed.settings, read_only=True))
    yield made
    installation(made).trail.close()
    installation(made).database.close()


def test_where_all_is_read_only_people_sign_in_and_out_and_choose_a_theme(reading: Flask) -> None:
    browser = Browser(reading)
    browser.sign_in("admin")
    assert browser.user == "admin"
    page = browser.submit("/account/theme", theme="dark")
    assert next(page.root.all("html")).attributes["data-bs-theme"] == "dark"
    browser.sign_out()
    assert browser.user == ""


@pytest.mark.parametrize("changes", [True, False])
def test_what_changes_something_is_refused_where_all_is_read_only(reading: Flask, *, changes: bool) -> None:
    section = Section("sample")
    section.action("/sample", KNOWN, changes=changes)(lambda _asked: "done")
    reading.register_blueprint(section)
    section.register_doors(reading.extensions["ocireg.rules"])
    browser = Browser(reading)
    browser.sign_in("admin")
    assert browser.page is not None
    answer = browser.ask("POST", "/sample", data={"csrf_token": browser.page.token})
    assert answer.status_code == (405 if changes else 200)


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_a_method_that_is_none_of_a_page_tells_nothing(shared: Api, method: str) -> None:
    browser = Browser(shared.app)
    for path in ("/", "/login", "/account/theme"):
        answer = browser.ask(method, path)
        assert answer.status_code == 405
        assert answer.content_type == "text/html; charset=utf-8"


def test_a_page_can_be_asked_for_without_its_contents(shared: Api) -> None:
    answer = Browser(shared.app).ask("HEAD", "/login")
    assert (answer.status_code, answer.get_data()) == (200, b"")


@pytest.mark.parametrize("path", ["/static/page.js", "/static/style.css", "/bootstrap/static/css/bootstrap.min.css"])
def test_files_of_all_pages_are_kept_by_browsers_and_are_what_they_say(shared: Api, path: str) -> None:
    answer = shared.app.test_client().get(path)
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype in {"text/javascript", "text/css"}
    cached = re.search(r"max-age=(\d+)", answer.headers.get("Cache-Control", ""))
    assert path.startswith("/bootstrap") or (cached and int(cached[1]) >= 86400)
