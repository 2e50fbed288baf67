"""Errors as people see them, and where they are led instead."""

from urllib.parse import quote, unquote

import pytest

from ocireg.errors import TOO_MANY_REQUESTS, RegistryError
from ocireg.metadata.audit import SYSTEM
from ocireg.web.doors import EVERYBODY
from ocireg.web.pages.section import Section
from tests.web.api.conftest import pusher
from tests.web.installed import Api, Make
from tests.web.pages.browser import Browser
from tests.web.v2 import push


@pytest.mark.parametrize(
    "path", ["/nothing/at/all/!", "/login/more", "/%00", "/<script>alert(1)</script>", "/favicon.ico", "/.."]
)
def test_what_is_no_page_is_a_page_that_says_so(shared: Api, path: str) -> None:
    page = Browser(shared.app).get(path, 404)
    assert page.h1 == "Nothing here"
    assert page.text.startswith("Nothing here There is no such page")
    assert page.links["All registries"] == "/"


@pytest.mark.parametrize("path", ["/v2/nothing", "/api/nothing", "/healthz/more", "/metrics"])
def test_programs_are_told_in_their_own_way(shared: Api, path: str) -> None:
    answer = shared.app.test_client().get(path)
    assert answer.status_code in {401, 404}
    assert answer.content_type == "application/json"


def test_a_page_that_fails_says_nothing_of_the_inside(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    api = make()
    section = Section("sample")

    @section.page("/sample", EVERYBODY)
    def fail(_asked: object) -> str:
        raise RuntimeError("the inside")

    api.app.register_blueprint(section)
    section.register_doors(api.app.extensions["ocireg.rules"])
    page = Browser(api.app).get("/sample", 500)
    assert page.h1 == "Something went wrong"
    assert "inside" not in page.source
    assert "the inside" in caplog.text


@pytest.fixture(scope="module")
def filled(shared: Api) -> Api:
    """An installation with an image in the root registry, and one in a private registry of acme's."""
    shared.manager.registries.create(SYSTEM, "acme/private")
    for name in ("library/app", "acme/private/app"):
        push.manifest(pusher(shared), name, "v1")
    return shared


@pytest.mark.parametrize(
    "path",
    [
        "/library/app",
        "/library/app:v1",
        "/library/app/-/x?q=1",
        "/library/app@sha256:" + "0" * 64,
        "/library/app%3Av1%0D%0ASet-Cookie%3A%20x",
        "/library/app/-/x%3Fy%23%C3%A9",
    ],
)
def test_a_name_that_docker_pull_takes_leads_to_the_root_registry(filled: Api, path: str) -> None:
    browser = Browser(filled.app)
    browser.sign_in("admin")
    answer = browser.ask("GET", path)
    assert answer.status_code == 303
    assert unquote(answer.headers["Location"]) == unquote(f"/root{path}")
    assert ("%3F" in path) == ("%3F" in answer.headers["Location"]), "it is a part of the path still"


@pytest.mark.parametrize("path", ["/account", "/admin/users", "/audit", "/account/tokens"])
def test_no_image_is_in_the_way_of_a_page_that_wants_a_login(make: Make, path: str) -> None:
    api = make()
    api.manager.registries.change(SYSTEM, "root", visibility="public")
    push.manifest(pusher(api), path[1:], "latest")
    assert Browser(api.app).get(f"/root{path}").h1.startswith(path[1:])
    assert Browser(api.app).ask("GET", path).headers["Location"].startswith("/login?next=")


def test_the_name_of_an_image_is_told_as_it_is(filled: Api) -> None:
    browser = Browser(filled.app)
    browser.sign_in("admin")
    page = browser.get("/acme/private/app/-/tags/gone/delete", 404)
    assert "acme/private/app has no tag 'gone'" in page.text


@pytest.mark.parametrize("path", ["/library/none", "/library/app/none", "/acme/private/none", "/root/library/none"])
def test_a_name_of_nothing_leads_nowhere(filled: Api, path: str) -> None:
    browser = Browser(filled.app)
    browser.sign_in("admin")
    assert browser.ask("GET", path).status_code == 404


@pytest.mark.parametrize("who", ["", "eve"])
@pytest.mark.parametrize(
    ("hidden", "absent"),
    [("/library/app", "/library/non"), ("/acme/private/app", "/acme/private/non"), ("/acme/private", "/acme/privato")],
)
def test_what_may_not_be_seen_is_answered_as_what_is_not_there(filled: Api, who: str, hidden: str, absent: str) -> None:
    browser = Browser(filled.app)
    if who:
        browser.sign_in(who)
    assert _told(browser, hidden) == _told(browser, absent)


def _told(browser: Browser, path: str) -> tuple[int, str, list[str]]:
    """Return what is answered, but for the name that was asked for, and for what no two pages have in common."""
    answer = browser.ask("GET", path)
    text = answer.get_data(as_text=True)
    lines = [line.replace(path[1:], "NAME") for line in text.splitlines() if "csrf_token" not in line]
    assert answer.status_code != 200
    return answer.status_code, answer.headers.get("Location", "").replace(quote(path, safe=""), "PATH"), lines


def test_an_error_of_the_registry_is_a_page_with_its_headers(make: Make) -> None:
    api = make()
    section = Section("sample")

    @section.page("/sample", EVERYBODY)
    def fail(_asked: object) -> str:
        raise RegistryError(TOO_MANY_REQUESTS, headers={"Retry-After": "7"})

    api.app.register_blueprint(section)
    section.register_doors(api.app.extensions["ocireg.rules"])
    answer = Browser(api.app).ask("GET", "/sample")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_where_the_database_does_not_answer_pages_say_so_and_sign_nobody_out(api: Api, browser: Browser) -> None:
    browser.sign_in("ada")
    kept = browser.client.get_cookie("__Host-ocireg_session", domain="registry.example.com")
    database = api.installed.database
    database.close()
    database.path.write_bytes(b"SQLite format 3\0" + b"\xff" * 100_000)
    api.installed.access.roster.forget()
    for method, path in (("GET", "/"), ("GET", "/login"), ("GET", "/account"), ("POST", "/account/theme")):
        answer = browser.ask(method, path)
        assert (path, answer.status_code, answer.content_type) == (path, 503, "text/html; charset=utf-8")
        assert "Not now" in answer.get_data(as_text=True)
    assert browser.ask("GET", "/library/app").status_code == 503
    assert browser.ask("GET", "/library/app/!").status_code == 404
    assert browser.client.get("/static/page.js").status_code == 200
    assert browser.client.get_cookie("__Host-ocireg_session", domain="registry.example.com") == kept
