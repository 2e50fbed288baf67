"""Signing in and out, and the theme."""

import pytest

from ocireg.auth.scopes import SCOPES
from ocireg.metadata.audit import SYSTEM
from tests.web.installed import PASSWORD, Api, Make
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import Open

WRONG = "The user name or the password is not right."
ELSEWHERE = (
    "//evil.example/",
    "https://evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/a\r\nSet-Cookie: x=y",
    "/\tevil",
    "",
)


def test_a_user_signs_in_by_password_and_is_led_on(browser: Browser) -> None:
    page = browser.sign_in("ada", next_="/login")
    assert (page.path, browser.user) == ("/", "ada")


@pytest.mark.parametrize("name", ["ada", "x", "token"])
def test_a_user_signs_in_with_an_api_token_which_says_who_it_is(api: Api, browser: Browser, name: str) -> None:
    token = api.manager.tokens.create(SYSTEM, "ada", scopes=SCOPES)
    browser.sign_in(name, token.secret)
    assert browser.user == "ada"
    (session,) = api.manager.sessions.of_user("ada")
    assert session.reference == ["api", token.id]


@pytest.mark.parametrize(
    ("name", "secret"), [("ada", "wrong"), ("nobody", PASSWORD), ("ada", "ocireg_wrong"), ("x", "ocireg_wrong")]
)
def test_what_is_wrong_is_told_in_the_same_words_whoever_it_is(shared: Api, name: str, secret: str) -> None:
    browser = Browser(shared.app)
    page = browser.sign_in(name, secret, status=422)
    assert (browser.said, browser.user) == ([WRONG], "")
    assert secret not in page.source


def test_a_name_or_a_secret_that_is_missing_is_told_at_its_field(shared: Api) -> None:
    browser = Browser(shared.app)
    page = browser.sign_in("", "", status=422)
    assert page.text.count("This field is required.") == 2


def test_a_registry_token_signs_nobody_in(api: Api, browser: Browser) -> None:
    api.manager.registries.create(SYSTEM, "acme/private")
    token = api.manager.tokens.create_for_registry(SYSTEM, "acme/private")
    page = browser.sign_in("x", token.secret, status=422)
    assert "pages want a user's password or an API token" in page.text
    assert browser.user == ""


def test_whoever_guesses_waits(make: Make) -> None:
    api = make(login_failures=3)
    browser = Browser(api.app)
    for _ in range(3):
        browser.sign_in("admin", "wrong", status=422)
    page = browser.sign_in("admin", PASSWORD, status=429)
    assert page.h1 == "Too fast"
    assert "too many failed logins" in page.text.lower()
    token = api.manager.tokens.create(SYSTEM, "admin", scopes=SCOPES)
    browser.sign_in("admin", token.secret)
    assert browser.user == "admin"


def test_whoever_has_signed_in_is_not_asked_again(browser: Browser) -> None:
    browser.sign_in("ada")
    assert browser.get("/login?next=/login").path == "/"


@pytest.mark.parametrize("where", ELSEWHERE)
def test_nothing_leads_off_the_site(shared: Api, where: str) -> None:
    browser = Browser(shared.app)
    query = {"next": where}
    browser.get("/login")
    assert browser.page is not None
    for path, fields in (
        ("/login", {"name": "eve", "secret": PASSWORD}),
        ("/account/theme", {"theme": "dark", "next": where}),
    ):
        answer = browser.ask("POST", path, query_string=query, data={"csrf_token": browser.page.token, **fields})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        browser.get("/")
    answer = browser.ask("GET", "/login", query_string=query)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_page_that_was_looked_for_is_there_after_signing_in(shared: Api) -> None:
    page = Browser(shared.app).sign_in("ada", next_="/%3Fq%3Da%26b")
    assert page.path == "/?q=a&b"


def test_signing_out_ends_every_copy_of_the_cookie(api: Api, browser: Browser) -> None:
    browser.sign_in("ada")
    copy = Browser(api.app)
    for name, value in _cookies(browser).items():
        copy.client.set_cookie(name, value, domain="registry.example.com")
    copy.get("/")
    assert copy.user == "ada"
    browser.sign_out()
    assert (browser.user, browser.said) == ("", ["You have signed out."])
    copy.get("/")
    assert copy.user == ""
    assert api.manager.sessions.of_user("ada") == []


def test_signing_out_where_nobody_is_in_is_nothing(browser: Browser) -> None:
    browser.get("/")
    assert browser.sign_out().path == "/"
    assert browser.said == []


def test_a_browser_keeps_its_theme_over_signing_in_and_out(browser: Browser) -> None:
    browser.get("/")
    for step in (lambda: None, lambda: browser.sign_in("ada"), browser.sign_out):
        step()
        page = browser.submit("/account/theme", theme="dark")
        assert next(page.root.all("html")).attributes["data-bs-theme"] == "dark"
    page = browser.submit("/account/theme", theme='"><script>')
    assert next(page.root.all("html")).attributes["data-bs-theme"] == "dark"


def test_who_came_and_went_is_in_the_audit_log(api: Api, browser: Browser) -> None:
    browser.sign_in("ada", "wrong", status=422)
    browser.sign_in("ada")
    browser.sign_out()
    api.installed.trail.close()
    told = api.installed.database.fetch(
        "SELECT group_concat(action) FROM (SELECT action FROM audit_event WHERE actor = 'ada')"
    )
    assert told == ("login.refused,login,session.end",)


def test_signing_in_again_leaves_nothing_of_the_former_form_good(open_as: Open) -> None:
    browser = open_as()
    before = browser.get("/").token
    browser.sign_in("ada")
    assert browser.page is not None
    answer = browser.ask("POST", "/account/theme", data={"csrf_token": before, "theme": "dark"})
    assert answer.status_code == 400


def _cookies(browser: Browser) -> dict[str, str]:
    found = browser.client.get_cookie("__Host-ocireg_session", domain="registry.example.com")
    assert found is not None
    return {found.key: found.value}
