"""Every page, by everybody who can sign in, on every place: what is on no row of the tables is refused.

Nothing is changed: what is sent is let through the door where all is read-only, and goes no further.
"""

import base64
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from ocireg.app import create_app
from tests.conftest import installation
from tests.security.pages import NO_VISITORS, VISITORS, Cell, cells
from tests.security.world import World
from tests.settings import settings_for
from tests.web.pages.browser import Browser

pytestmark = pytest.mark.faults

NOT_THERE = ("There is no organization", "There is no registry", "There is no repository")


@pytest.fixture(scope="module")
def still(world: World) -> Iterator[Flask]:
    """The same installation, in a process that changes nothing."""
    made = create_app(settings_for(world.folder, **{**world.given, "read_only": "true"}))
    yield made
    installation(made).trail.close()
    installation(made).database.close()


def visitor(world: World, app: Flask, who: str) -> Browser:
    """Return a browser that somebody has signed in with."""
    browser = Browser(app)
    browser.get("/login")
    if who != "nobody":
        name, _, secret = base64.b64decode(world.secrets[who].removeprefix("Basic ")).decode().partition(":")
        browser.sign_in(name, secret)
        assert browser.user == ("admin" if name == "x" else name)
    return browser


def ask(browser: Browser, cell: Cell) -> TestResponse:
    """Ask for a page, or send what a page of ours would."""
    assert browser.page is not None
    sent = {"data": {"csrf_token": browser.page.token}} if cell.method == "POST" else {}
    return browser.ask(cell.method, cell.path, **sent)


def outcome(answer: TestResponse) -> str:
    """Return what an answer says; of 404, whether it is what the path begins with that is not there."""
    said = answer.get_data(as_text=True)
    if answer.status_code == 303:
        return "login" if answer.headers["Location"].startswith("/login") else "may"
    if answer.status_code == 404:
        return "404" if any(one in said for one in NOT_THERE) else "may"
    if answer.status_code == 405:
        assert "read-only" in said
    return "may" if answer.status_code in {200, 405, 409, 422} else str(answer.status_code)


@pytest.mark.parametrize("who", VISITORS)
def test_each_may_on_the_pages_what_the_tables_say(world: World, still: Flask, who: str) -> None:
    browser = visitor(world, still, who)
    found = {}
    for one in cells(who):
        if one.path.startswith(("/login", "/account/sign-out")):
            continue  # they change who this is
        found[one] = outcome(ask(browser, one))
    assert {one: said for one, said in found.items() if said != one.wanted} == {}


@pytest.mark.parametrize("who", ["nobody", "writer", "registry admin", "instance admin"])
def test_a_page_without_its_contents_is_answered_as_with_them(world: World, still: Flask, who: str) -> None:
    browser = visitor(world, still, who)
    for one in cells(who):
        if one.method == "GET":
            shown, bare = (browser.ask(method, one.path) for method in ("GET", "HEAD"))
            said = [(answer.status_code, answer.headers.get("Location")) for answer in (shown, bare)]
            assert said[0] == said[1], one.path
            assert bare.get_data() == b""


@pytest.mark.parametrize("who", VISITORS)
def test_a_page_of_what_is_hidden_is_that_of_what_is_not_there(world: World, still: Flask, who: str) -> None:
    browser = visitor(world, still, who)
    for cell in cells(who):
        for place in ("evil", "acme"):
            if cell.wanted in {"404", "login"} and cell.path.startswith(f"/{place}/"):
                other = Cell(cell.method, cell.path.replace(place, place[::-1]), cell.wanted)
                hidden, absent = (_said(ask(browser, one), name) for one, name in ((cell, place), (other, place[::-1])))
                assert hidden == absent


def _said(answer: TestResponse, place: str) -> tuple[object, ...]:
    """Return an answer, but for the name that was asked for, and for what no two pages have in common."""
    text = answer.get_data(as_text=True)
    lines = [line.replace(place, "PLACE") for line in text.splitlines() if "csrf_token" not in line]
    return answer.status_code, answer.headers.get("Location", "").replace(place, "PLACE"), lines


@pytest.mark.parametrize("who", NO_VISITORS)
def test_whose_credential_is_none_of_a_users_cannot_sign_in(world: World, still: Flask, who: str) -> None:
    name, _, secret = base64.b64decode(world.secrets[who].removeprefix("Basic ")).decode().partition(":")
    browser = Browser(still)
    browser.sign_in(name, secret, status=422)
    assert browser.user == ""
    assert browser.get("/").path == "/"
    assert browser.user == ""


@pytest.mark.parametrize("who", ["instance admin", "stranger"])
def test_what_is_shown_to_programs_is_nothing_to_the_pages(world: World, still: Flask, who: str) -> None:
    browser = Browser(still)
    for shown in (world.secrets[who], world.bearers[who]):
        for cell in cells("nobody"):
            if cell.method == "GET" and cell.wanted == "login":
                answer = browser.ask("GET", cell.path, headers={"Authorization": shown})
                assert outcome(answer) == "login"
