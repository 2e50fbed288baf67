"""What a browser keeps: which cookie, where it goes, and what ends it."""

import time

import pytest
from flask import session

from ocireg.app import create_app
from ocireg.auth.keys import KEPT
from ocireg.auth.manage import keys
from ocireg.auth.scopes import SCOPES
from ocireg.metadata import sessions
from ocireg.metadata.audit import SYSTEM
from ocireg.web.asked import Asked
from ocireg.web.doors import KNOWN
from ocireg.web.pages.section import Section
from ocireg.web.pages.sessions import Sessions
from tests.conftest import installation
from tests.web.installed import PASSWORD, Api, Make
from tests.web.pages.browser import Browser

NAME = "__Host-ocireg_session"


def cookie(browser: Browser) -> str:
    """Return what the browser keeps."""
    found = browser.client.get_cookie(NAME, domain="registry.example.com")
    assert found is not None
    return found.value


def test_the_cookie_is_for_https_for_no_script_and_for_our_own_pages(shared: Api) -> None:
    answer = Browser(shared.app).ask("GET", "/login")
    _, *flags = answer.headers["Set-Cookie"].split("; ")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert not [one for one in flags if one.startswith("Domain")]


def test_a_cookie_that_a_neighbouring_host_could_set_is_nobodys(shared: Api) -> None:
    browser, victim = Browser(shared.app), Browser(shared.app)
    browser.sign_in("eve")
    victim.client.set_cookie("ocireg_session", cookie(browser), domain="example.com")
    victim.get("/")
    assert victim.user == ""


def test_over_plain_http_the_cookie_is_one_too(make: Make) -> None:
    browser = Browser(make(url="").app, "http://localhost")
    answer = browser.ask("GET", "/login")
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert answer.headers["Set-Cookie"].startswith("ocireg_session=")
    browser.sign_in("admin")
    assert browser.user == "admin"


@pytest.mark.parametrize(
    "path",
    ["/v2/", "/v2/_catalog", "/api/v1/registries", "/api/v1/", "/token", "/healthz", "/readyz", "/static/style.css"],
)
def test_nothing_but_pages_is_told_a_cookie_or_asks_for_one(shared: Api, path: str) -> None:
    browser = Browser(shared.app)
    browser.sign_in("admin")
    kept = cookie(browser)
    answer = browser.client.get(path, base_url=browser.url)
    assert "Set-Cookie" not in answer.headers
    assert cookie(browser) == kept
    nobody = shared.app.test_client().get(path, base_url=browser.url)
    assert answer.status_code == nobody.status_code, "a cookie is nobody's credential there"


def test_a_page_sends_no_cookie_again_that_has_not_changed(shared: Api) -> None:
    browser = Browser(shared.app)
    browser.sign_in("ada")
    browser.get("/")
    assert "Set-Cookie" not in browser.ask("GET", "/").headers


def test_the_cookie_has_no_secret_that_was_shown_and_the_database_not_the_cookies(shared: Api) -> None:
    browser = Browser(shared.app)
    browser.sign_in("ada")
    with shared.app.test_request_context("/", headers={"Cookie": f"{NAME}={cookie(browser)}"}):
        assert session["secret"]
        assert PASSWORD not in str(dict(session))
        kept = session["secret"]
    assert shared.installed.database.fetch("SELECT id FROM login_session WHERE id = ?", kept) is None


@pytest.mark.parametrize("how", ["password", "token", "user", "session", "admin"])
def test_a_session_ends_with_what_it_was_begun_with(api: Api, browser: Browser, how: str) -> None:
    token = api.manager.tokens.create(SYSTEM, "ada", scopes=SCOPES)
    browser.sign_in("ada", token.secret if how == "token" else PASSWORD)
    if how == "password":
        api.manager.users.set_password(SYSTEM, "ada", f"{PASSWORD} again")
    elif how == "token":
        api.manager.tokens.revoke(SYSTEM, token.id)
    elif how == "user":
        api.manager.organizations.enrol(SYSTEM, "acme", "bob", "admin")
        api.manager.users.delete(SYSTEM, "ada")
    elif how == "session":
        (session,) = api.manager.sessions.of_user("ada")
        api.manager.sessions.end(SYSTEM, "ada", session.id)
    else:  # what ends nothing
        api.manager.users.set_admin(SYSTEM, "ada", admin=True)
    browser.get("/")
    assert browser.user == ("ada" if how == "admin" else "")


def test_a_session_with_a_token_for_other_addresses_is_nobodys(api: Api, browser: Browser) -> None:
    token = api.manager.tokens.create(SYSTEM, "ada", scopes=SCOPES, networks="10.0.0.0/8")
    form = browser.get("/login").form("/login")
    there = {"environ_overrides": {"REMOTE_ADDR": "10.1.2.3"}}
    sent = {**form.fields, "name": "ada", "secret": token.secret}
    assert browser.ask("POST", "/login", data=sent, **there).status_code == 303
    assert ">ada<" in browser.ask("GET", "/", **there).get_data(as_text=True).replace(" ", "").replace("</svg>", ">")
    browser.get("/")
    assert browser.user == ""


def test_a_session_ends_after_its_life(make: Make) -> None:
    browser = Browser(make(session_life=1).app)
    browser.sign_in("admin")
    copy = cookie(browser)
    time.sleep(1.1)
    browser.client.set_cookie(NAME, copy, domain="registry.example.com")
    browser.get("/")
    assert browser.user == ""


def test_a_session_outlives_new_keys_as_long_as_its_own_is_kept(api: Api, browser: Browser) -> None:
    browser.sign_in("ada")
    first, settings = cookie(browser), api.installed.settings
    for _ in range(KEPT):
        assert browser.get("/").path == "/"
        assert browser.user == "ada"
        keys.rotate(api.installed.database, settings, SYSTEM)
        api.installed.access.roster.now(afresh=True)
    browser.get("/")
    assert browser.user == ""
    browser.sign_in("ada")
    assert cookie(browser) != first
    assert browser.user == "ada"


def test_a_form_that_is_open_outlives_new_keys(api: Api, browser: Browser) -> None:
    browser.sign_in("ada")
    form = browser.get("/account/tokens/new").form("/account/tokens/new")
    keys.rotate(api.installed.database, api.installed.settings, SYSTEM)
    api.installed.access.roster.now(afresh=True)
    page = browser.submit(form, description="laptop", scopes="read_packages")
    assert "The token is made" in page.text


def test_the_keys_of_one_request_are_not_those_of_another_under_way(api: Api, browser: Browser) -> None:
    section = Section("sample")
    known, roster = [], api.installed.access.roster

    @section.page("/sample", KNOWN)
    def keep(_asked: Asked) -> str:
        known.append(roster.now().keys)
        keys.rotate(api.installed.database, api.installed.settings, SYSTEM)
        roster.now(afresh=True)
        assert Browser(api.app).get("/login").h1 == "Sign in", "it is signed with the new one"
        session["theme"] = "dark"
        return "kept"

    api.app.register_blueprint(section)
    section.register_doors(api.app.extensions["ocireg.rules"])
    browser.sign_in("ada")
    browser.ask("GET", "/sample")
    interface = api.app.session_interface
    assert isinstance(interface, Sessions)
    with api.app.test_request_context("/"):
        session.signing = known[0]  # type: ignore[attr-defined] # that of pages has it
        assert interface.get_signing_serializer(api.app).loads(cookie(browser))["theme"] == "dark"


def test_a_key_that_another_process_made_just_now_is_known(api: Api, browser: Browser) -> None:
    other = create_app(api.installed.settings)
    second = Browser(other)
    second.get("/login")
    keys.rotate(api.installed.database, api.installed.settings, SYSTEM)
    api.installed.access.roster.now(afresh=True)
    browser.sign_in("ada")
    second.client.set_cookie(NAME, cookie(browser), domain="registry.example.com")
    second.get("/")
    assert second.user == "ada"
    installation(other).trail.close()
    installation(other).database.close()


def test_who_is_where_a_token_is_not_good_can_sign_out_all_the_same(api: Api, browser: Browser) -> None:
    token = api.manager.tokens.create(SYSTEM, "ada", scopes=SCOPES, networks="10.0.0.0/8")
    there = {"environ_overrides": {"REMOTE_ADDR": "10.1.2.3"}}
    sent = {**browser.get("/login").form("/login").fields, "name": "ada", "secret": token.secret}
    browser.ask("POST", "/login", data=sent, **there)
    assert len(api.manager.sessions.of_user("ada")) == 1
    browser.get("/")
    assert browser.user == ""
    browser.submit("/account/sign-out")
    assert browser.said == ["You have signed out."]
    assert api.manager.sessions.of_user("ada") == []


def test_who_was_signed_out_elsewhere_a_moment_ago_signs_out(api: Api, browser: Browser) -> None:
    browser.sign_in("ada")
    (found,) = api.manager.sessions.of_user("ada")
    with api.installed.database.transaction():
        sessions.remove(api.installed.database, found.id)  # as another process does: this one learns of it later
    browser.sign_out()
    assert (browser.user, browser.said) == ("", ["You have signed out."])


def test_a_cookie_of_another_installation_is_nothing(make: Make) -> None:
    first, other = make(), make()
    browser, stranger = Browser(first.app), Browser(other.app)
    browser.sign_in("admin")
    stranger.client.set_cookie(NAME, cookie(browser), domain="registry.example.com")
    stranger.get("/")
    assert stranger.user == ""


@pytest.mark.parametrize("value", ["", "nonsense", "a.b.c", "x" * 3900, ".eJwNonsense.aaaa.bbbb", "%00", '"'])
def test_a_cookie_that_is_none_of_ours_is_no_cookie(shared: Api, value: str) -> None:
    browser = Browser(shared.app)
    browser.client.set_cookie(NAME, value, domain="registry.example.com")
    browser.get("/")
    assert browser.user == ""


def test_every_process_knows_who_has_signed_in_at_one(api: Api, browser: Browser) -> None:
    browser.sign_in("ada")
    other = create_app(api.installed.settings)
    second = Browser(other)
    second.client.set_cookie(NAME, cookie(browser), domain="registry.example.com")
    second.get("/")
    assert second.user == "ada"
    installation(other).trail.close()
    installation(other).database.close()
