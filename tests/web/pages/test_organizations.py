"""Organizations: what each sees of one, and what its admins do."""

import pytest

from ocireg.metadata.audit import SYSTEM
from tests.web.installed import Api
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import Open

HOSTILE = "<img src=x onerror=alert(1)> & “co”"


def registries(api: Api, **visibilities: str) -> None:
    """Let acme have registries."""
    for slug, visibility in visibilities.items():
        api.manager.registries.create(SYSTEM, f"acme/{slug}", visibility=visibility, description=f"{slug} of acme")


def names(browser: Browser) -> list[str]:
    """Return the registries that a page lists."""
    assert browser.page is not None
    return [
        one.attributes["href"]
        for one in browser.page.root.all("a")
        if "stretched-link" in one.attributes.get("class", "")
    ]


@pytest.mark.parametrize(
    ("who", "shown", "tabs"),
    [
        ("", ["/acme/open"], ["Registries"]),
        ("eve", ["/acme/granted", "/acme/open"], ["Registries"]),
        ("bob", ["/acme/granted", "/acme/open", "/acme/shut"], ["Registries", "Members"]),
        ("ada", ["/acme/granted", "/acme/open", "/acme/shut"], ["Registries", "Members", "Settings"]),
        ("admin", ["/acme/granted", "/acme/open", "/acme/shut"], ["Registries", "Members", "Settings"]),
    ],
)
def test_each_sees_of_an_organization_what_they_may_see(
    api: Api, open_as: Open, who: str, shown: list[str], tabs: list[str]
) -> None:
    registries(api, shut="private", open="public", granted="private")
    api.manager.registries.grant(SYSTEM, "acme/granted", "eve", "read")
    browser = open_as(who)
    page = browser.get("/acme")
    assert (page.h1, names(browser)) == ("Acme", shown)
    assert [one.text for one in page.root.all("ul") if "nav-tabs" in one.attributes.get("class", "")] == [
        " ".join(tabs)
    ]
    assert ("New registry" in page.links) is (who in {"ada", "admin"})
    assert ("bob" in page.text) is False


def test_an_organization_that_shows_nothing_is_one_that_is_not_there(api: Api, open_as: Open) -> None:
    registries(api, shut="private")
    eve = open_as("eve")
    hidden = eve.get("/acme", 404)
    absent = eve.get("/nobodys", 404)
    assert hidden.text.replace("acme", "nobodys") == absent.text
    nobody = open_as()
    assert nobody.get("/acme").path == "/login?next=%2Facme"
    assert nobody.get("/nobodys").path == "/login?next=%2Fnobodys"
    for path in ("/acme/-/members", "/acme/-/settings", "/acme/-/new", "/acme/-/delete"):
        assert eve.get(path, 404).text.replace("acme", "nobodys") == absent.text


def test_the_registries_of_an_organization_come_by_pages_and_are_searched(api: Api, open_as: Open) -> None:
    registries(api, **{f"r{number:02}": "public" for number in range(32)})
    browser = open_as()
    page = browser.get("/acme")
    first = names(browser)
    browser.get(f"/acme{page.links['Next →']}")
    assert [*first, *names(browser)] == [f"/acme/r{number:02}" for number in range(32)]
    browser.get("/acme?q=r07")
    assert names(browser) == ["/acme/r07"]
    assert "Nothing found" in browser.get("/acme?q=%25").text


def test_a_registry_is_made_with_the_slug_of_its_name_or_another(api: Api, open_as: Open) -> None:
    browser = open_as("ada")
    browser.get("/acme/-/new")
    page = browser.submit("/acme/-/new", name="Web & API", description=HOSTILE, emoji="🐳", colour="#1f6feb")
    assert page.path == "/acme/web-api/-/publish"
    assert HOSTILE in page.text
    made = api.manager.registries.get("acme/web-api")
    assert (made.name, made.emoji, made.colour, made.public) == ("Web & API", "🐳", "#1f6feb", False)
    browser.get("/acme/-/new")
    browser.submit("/acme/-/new", name="Web & API", slug="other", visibility="public")
    assert api.manager.registries.get("acme/other").public


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "???"}, "the name has no letter or digit of which a slug could be made"),
        ({"name": "Taken"}, "there is a registry 'acme/taken' already"),
        ({"name": "x", "slug": "No Slug"}, "slug is lower-case letters and digits"),
        ({"name": "x", "emoji": "ab"}, "emoji is one emoji, or nothing"),
        ({"name": "x", "colour": "red;}"}, "colour is as #1f6feb, or nothing"),
        ({"name": "x", "visibility": "half"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_with_a_registry_is_said_and_nothing_is_made(
    shared: Api, fields: dict[str, str], said: str
) -> None:
    known = {one.slug for one in shared.manager.registries.every("acme")}
    if "taken" not in known:
        shared.manager.registries.create(SYSTEM, "acme/taken")
    browser = Browser(shared.app)
    browser.sign_in("ada")
    browser.get("/acme/-/new")
    page = browser.submit("/acme/-/new", 422, **fields)
    assert said in page.text
    assert page.form("/acme/-/new").fields["name"] == [fields["name"]]
    assert {one.slug for one in shared.manager.registries.every("acme")} == {"taken"}


def test_members_come_change_and_go(api: Api, open_as: Open) -> None:
    browser = open_as("ada")
    page = browser.get("/acme/-/members")
    assert [row[0] for row in page.rows] == ["ada", "bob"]
    browser.submit(page.form("/acme/-/members"), user="eve", role="member")
    assert browser.said == ["eve is a member of acme."]
    row = next(one for one in browser.get("/acme/-/members").forms if one.fields.get("user") == ["eve"])
    browser.submit(row, role="admin")
    assert ("eve", "admin") in [(one.user, one.standing) for one in api.manager.organizations.members("acme")]
    assert "This is you" not in browser.get("/acme/-/members/eve/remove").text
    browser.submit("/acme/-/members/eve/remove")
    assert browser.said == ["eve belongs to acme no more."]
    assert "This is you" in browser.get("/acme/-/members/ada/remove").text
    browser.get("/acme/-/members/eve/remove", 404)


def test_members_read_who_the_others_are_and_change_nothing(api: Api, open_as: Open) -> None:
    page = open_as("bob").get("/acme/-/members")
    assert page.rows == [["ada", "admin"], ["bob", "member"]]
    assert [one.action for one in page.forms if one.action.startswith("/acme")] == []
    open_as("bob").submit("/acme/-/members", 403, user="eve", role="admin")
    assert len(api.manager.organizations.members("acme")) == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"user": "nobody"}, "there is no user 'nobody'"),
        ({"user": ""}, "This field is required."),
        ({"user": "eve", "role": "owner"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_with_a_member_is_said(shared: Api, fields: dict[str, str], said: str) -> None:
    browser = Browser(shared.app)
    browser.sign_in("ada")
    form = browser.get("/acme/-/members").form("/acme/-/members")
    assert said in browser.submit(form, 422, **fields).text


def test_an_organization_gets_another_name(api: Api, open_as: Open) -> None:
    browser = open_as("ada")
    browser.get("/acme/-/settings")
    page = browser.submit("/acme/-/settings", name=HOSTILE)
    assert (page.h1, page.title.startswith(f"Settings of {HOSTILE}")) == (HOSTILE, True)
    assert "This field is required." in browser.submit("/acme/-/settings", 422, name="").text
    assert api.manager.organizations.get("acme").name == HOSTILE


def test_an_organization_goes_when_its_slug_is_typed_and_it_is_empty(api: Api, open_as: Open) -> None:
    registries(api, app="private")
    browser = open_as("ada")
    assert "It has registries" in browser.get("/acme/-/delete").text
    assert "acme has registries: acme/app" in browser.submit("/acme/-/delete", 422, typed="acme").text
    api.manager.registries.delete(SYSTEM, "acme/app")
    assert "that is not acme" in browser.submit("/acme/-/delete", 422, typed="Acme").text
    page = browser.submit("/acme/-/delete", typed="acme")
    assert (page.path, browser.said) == ("/", ["The organization acme is deleted."])
    browser.get("/acme", 404)


@pytest.mark.parametrize("path", ["/metrics/-/new", "/api/-/members", "/static", "/admin-", "/ACME", "/a_b", "/-/new"])
def test_what_no_organization_can_be_called_is_no_page(shared: Api, path: str) -> None:
    answer = shared.app.test_client().get(path)
    assert answer.status_code in {401, 404}
    assert "Location" not in answer.headers
