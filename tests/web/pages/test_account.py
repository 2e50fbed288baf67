"""One's own account: who one is, the password, API tokens, and browsers."""

import re
import time

import pytest

from ocireg.auth.scopes import SCOPES
from ocireg.metadata.audit import SYSTEM
from tests.web.installed import PASSWORD, Api
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import Open

OTHER = "another battery staple"
LIMITED = "You have signed in with a limited token"


def secret_of(browser: Browser) -> str:
    """Return the secret that a page shows."""
    assert browser.page is not None
    return next(one.text for one in browser.page.root.all("pre"))


def test_an_account_says_who_one_is_and_may_do_what(api: Api, open_as: Open) -> None:
    api.manager.registries.create(SYSTEM, "acme/app")
    api.manager.registries.grant(SYSTEM, "acme/app", "eve", "write")
    api.manager.registries.grant(SYSTEM, "root", "eve", "read")
    assert open_as("bob").get("/account").rows == [["acme", "member"]]
    page = open_as("eve").get("/account")
    assert page.h1 == "eve"
    assert page.rows == [["root", "read"], ["acme/app", "write"]]
    assert (page.links["root"], page.links["acme/app"]) == ("/root", "/acme/app")
    assert "Signed in with password" in page.text
    assert "Administers this installation" in open_as("admin").get("/account").text
    assert open_as().get("/account").path == "/login?next=%2Faccount"


def test_a_new_password_signs_out_what_knew_the_former_one_but_for_this_browser(api: Api, open_as: Open) -> None:
    here, elsewhere = open_as("ada"), open_as("ada")
    here.get("/account")
    here.submit("/account", present=PASSWORD, password=OTHER, again=OTHER)
    assert here.said[0].startswith("The password is changed.")
    assert here.user == "ada"
    elsewhere.get("/")
    assert elsewhere.user == ""
    assert len(api.manager.sessions.of_user("ada")) == 1
    assert api.ask("GET", "/user", "", auth=("ada", PASSWORD)).status_code == 401
    assert api.ask("GET", "/user", "", auth=("ada", OTHER)).status_code == 200


@pytest.mark.parametrize(
    ("present", "password", "again", "said"),
    [
        ("wrong", OTHER, OTHER, "that is neither your password nor an API token with all your rights"),
        (PASSWORD, "short", "short", "a password has at least 10 characters"),
        (PASSWORD, OTHER, "anothre battery staple", "The two are not the same."),
        ("", OTHER, OTHER, "This field is required."),
    ],
)
def test_a_password_is_not_changed_by_who_does_not_know_it_nor_by_a_slip(
    shared: Api, present: str, password: str, again: str, said: str
) -> None:
    browser = Browser(shared.app)
    browser.sign_in("bob")
    browser.get("/account")
    page = browser.submit("/account", 422, present=present, password=password, again=again)
    assert said in page.text
    assert OTHER not in page.source
    assert shared.ask("GET", "/user", "bob").status_code == 200


@pytest.mark.parametrize(("user", "scopes"), [("eve", list(SCOPES)), ("ada", ["read_packages", "write_organization"])])
def test_somebody_elses_token_or_a_lesser_one_changes_no_password(shared: Api, user: str, scopes: list[str]) -> None:
    secret = shared.manager.tokens.create(SYSTEM, user, scopes=scopes).secret
    browser = Browser(shared.app)
    browser.sign_in("ada")
    browser.get("/account")
    browser.submit("/account", 422, present=secret, password=OTHER, again=OTHER)
    assert shared.ask("GET", "/user", "ada").status_code == 200


def test_whoever_has_no_password_sets_one_with_a_token_and_stays_signed_in(api: Api) -> None:
    api.manager.users.set_password(SYSTEM, "eve", None)
    secret = api.manager.tokens.create(SYSTEM, "eve", scopes=SCOPES).secret
    browser = Browser(api.app)
    browser.sign_in("eve", secret)
    assert "Set a password" in browser.get("/account").text
    browser.submit("/account", present=secret, password=OTHER, again=OTHER)
    assert browser.user == "eve"
    assert [one.reference[0] for one in api.manager.sessions.of_user("eve")] == ["api"], "no second session"
    assert api.ask("GET", "/user", "", auth=("eve", OTHER)).status_code == 200


@pytest.mark.parametrize(
    "limit", [{"scopes": ["read_registries"]}, {"networks": "127.0.0.0/8"}, {"lifetime": 3600.0}], ids=str
)
def test_a_limited_token_shows_no_more_of_an_account_than_who_it_is(shared: Api, limit: dict[str, object]) -> None:
    made = shared.manager.tokens.create(SYSTEM, "ada", **{"scopes": SCOPES, **limit})  # type: ignore[arg-type]
    browser = Browser(shared.app)
    browser.sign_in("ada", made.secret)
    page = browser.get("/account")
    assert LIMITED in page.text
    assert "API tokens" not in page.links
    for path in ("/account/tokens", "/account/tokens/new", f"/account/tokens/{made.id}/revoke", "/account/sessions"):
        assert "takes a password, or a token with every scope" in browser.get(path, 403).text


def test_a_token_is_made_with_what_was_chosen_and_its_secret_is_shown_once(api: Api, open_as: Open) -> None:
    browser = open_as("ada")
    browser.get("/account/tokens/new")
    chosen = {
        "description": "the <b>build</b>",
        "scopes": ["read_packages", "write_packages"],
        "expires": "7",
    }
    page = browser.submit("/account/tokens/new", 200, **chosen, networks="127.0.0.0/8")
    secret = secret_of(browser)
    line = f"echo {secret} | docker login registry.example.com -u ada --password-stdin"
    assert [one.text for one in page.root.all("pre")] == [secret, line]
    (made,) = api.manager.tokens.of_user("ada")
    assert (made.scopes, made.networks) == ("read_packages write_packages", "127.0.0.0/8")
    assert made.expires_at is not None
    assert made.expires_at - made.created_at == pytest.approx(7 * 86400, abs=60)
    assert api.get("/user", "", secret=secret)["name"] == "ada"
    page = browser.get("/account/tokens")
    assert page.rows[0][0].startswith("the <b>build</b>")
    assert secret not in page.source


@pytest.mark.parametrize(
    ("query", "scopes"),
    [
        ("", ["read_packages"]),
        ("?scope=read_packages&scope=write_packages", ["read_packages", "write_packages"]),
        ("?scope=nonsense", ["read_packages"]),
    ],
)
def test_a_link_names_the_scopes_that_a_token_is_made_for(open_as: Open, query: str, scopes: list[str]) -> None:
    page = open_as("ada").get(f"/account/tokens/new{query}")
    assert re.findall(r'value="(\w+)" checked', page.source) == scopes


@pytest.mark.parametrize(
    ("expires", "days", "lifetime"), [("never", "", None), ("other", "2", 2 * 86400.0), ("365", "2", 365 * 86400.0)]
)
def test_a_token_lives_as_long_as_was_said(
    api: Api, open_as: Open, expires: str, days: str, lifetime: float | None
) -> None:
    browser = open_as("ada")
    browser.get("/account/tokens/new")
    browser.submit("/account/tokens/new", expires=expires, days=days)
    (made,) = api.manager.tokens.of_user("ada")
    assert made.scopes == "read_packages", "the least is chosen beforehand"
    found = None if made.expires_at is None else made.expires_at - made.created_at
    assert found == (None if lifetime is None else pytest.approx(lifetime, abs=60))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("scopes", [], "choose one at least"),
        ("scopes", ["fly"], "is not a valid choice"),
        ("networks", "the office", "the office"),
        ("expires", "other", "say how many days"),
        ("expires", "1000", "Not a valid choice"),
        ("days", "0", "Number must be between 1 and 3660"),
        ("days", "1e9", "Not a valid integer value"),
        ("description", "two\nlines", "description is one line"),
    ],
)
def test_what_is_wrong_with_a_token_is_said_and_what_was_filled_in_stays(
    shared: Api, field: str, value: object, said: str
) -> None:
    browser = Browser(shared.app)
    browser.sign_in("ada")
    before = len(shared.manager.tokens.of_user("ada"))
    browser.get("/account/tokens/new")
    filled = {"description": "kept", "scopes": ["delete_packages"], field: value}
    page = browser.submit("/account/tokens/new", 422, **filled)
    assert said in page.text
    again = page.form("/account/tokens/new")
    assert field == "description" or again.fields["description"] == ["kept"]
    assert field == "scopes" or again.fields["scopes"] == ["delete_packages"]
    assert len(shared.manager.tokens.of_user("ada")) == before


def test_tokens_are_listed_the_newest_first_by_pages(api: Api, open_as: Open) -> None:
    for number in range(32):
        api.manager.tokens.create(SYSTEM, "ada", scopes=["read_packages"], description=f"token {number}")
    browser = open_as("ada")
    page = browser.get("/account/tokens")
    shown = [row[0].split()[1] for row in page.rows]
    assert len(shown) == 30
    page = browser.get(f"/account/tokens{page.links['Next →']}")
    shown += [row[0].split()[1] for row in page.rows]
    assert shown == [str(number) for number in reversed(range(32))]
    assert len(browser.get(f"/account/tokens{page.links['← Previous']}").rows) == 30


def test_a_token_is_revoked_after_a_question_and_its_browsers_are_signed_out(api: Api, open_as: Open) -> None:
    made = api.manager.tokens.create(SYSTEM, "ada", scopes=SCOPES, description="laptop")
    by_token = Browser(api.app)
    by_token.sign_in("ada", made.secret)
    assert "This browser" in by_token.get("/account/tokens").text
    path = f"/account/tokens/{made.id}/revoke"
    assert "You have signed in here with this very token" in by_token.get(path).text
    browser = open_as("ada")
    page = browser.get(path)
    assert page.h1 == "Revoke the token “laptop”?"
    assert "this very token" not in page.text
    browser.submit(path)
    assert browser.said == ["the token “laptop” is revoked: it is good for nothing any more."]
    by_token.get("/")
    assert by_token.user == ""
    assert len(api.manager.sessions.of_user("ada")) == 1
    browser.get(path, 404)


def test_nobody_sees_or_revokes_the_token_of_somebody_else(shared: Api) -> None:
    made = shared.manager.tokens.create(SYSTEM, "eve", scopes=SCOPES, description="of eve")
    browser = Browser(shared.app)
    browser.sign_in("admin")
    assert "of eve" not in browser.get("/account/tokens").source
    path = f"/account/tokens/{made.id}/revoke"
    hidden = browser.get(path, 404).text
    assert browser.get(f"/account/tokens/{'0' * 16}/revoke", 404).text == hidden.replace(made.id, "0" * 16)
    browser.submit(path, 404)
    assert [one.id for one in shared.manager.tokens.of_user("eve") if one.id == made.id] == [made.id]


def test_browsers_are_listed_and_signed_out_each_for_itself(api: Api, open_as: Open) -> None:
    here, elsewhere = open_as("ada"), open_as("ada")
    page = here.get("/account/sessions")
    ends = [one.action for one in page.forms if one.action.endswith("/end")]
    assert len(ends) == 2
    mine = next(one for one in page.root.all("li") if "This browser" in one.text)
    own = next(one.attributes["action"] for one in mine.all("form"))
    other = next(one for one in ends if one != own)
    page = here.submit(other)
    assert here.said == ["That browser is signed out."]
    elsewhere.get("/")
    assert elsewhere.user == ""
    here.submit(other, 404)
    here.get("/account/sessions")
    here.submit(own)
    assert (here.user, here.said) == ("", ["You have signed out."])
    assert api.manager.sessions.of_user("ada") == []


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18 Safari/605", "Safari on macOS"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("", "It does not say what it is"),
    ],
)
def test_a_browser_is_called_what_people_call_it(api: Api, agent: str, shown: str) -> None:
    browser = Browser(api.app)
    token = browser.get("/login").token
    sent = {"csrf_token": token, "name": "ada", "secret": PASSWORD}
    browser.ask("POST", "/login", data=sent, headers={"User-Agent": agent})
    page = browser.get("/account/sessions")
    assert next(page.root.all("h3")).text == f"{shown} This browser"


def test_nobody_signs_the_browser_of_somebody_else_out(shared: Api) -> None:
    theirs, mine = Browser(shared.app), Browser(shared.app)
    theirs.sign_in("eve")
    mine.sign_in("admin")
    (session,) = (one.id for one in shared.manager.sessions.of_user("eve"))
    mine.submit(f"/account/sessions/{session}/end", 404)
    theirs.get("/")
    assert theirs.user == "eve"


def test_a_session_lives_no_longer_than_the_token_that_it_began_with(api: Api) -> None:
    made = api.manager.tokens.create(SYSTEM, "ada", scopes=SCOPES, lifetime=600.0)
    Browser(api.app).sign_in("ada", made.secret)
    (session,) = api.manager.sessions.of_user("ada")
    assert session.expires_at <= time.time() + 600
