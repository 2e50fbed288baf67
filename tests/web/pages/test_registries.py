"""The first page: which registries somebody sees, and what it tells those who see none."""

import re

import pytest

from ocireg.metadata.audit import SYSTEM
from ocireg.web.pages.links import asking
from tests.web.installed import Api, Make, peopled
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import Open
from tests.web.pages.images import GOODS, NAME, OPEN, asked, image, scans

pytestmark = pytest.mark.usefixtures("acme")

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}"
PUBLIC = "100% open_source Public"


@pytest.fixture(scope="module")
def acme(shared: Api) -> Api:
    """The organization acme with goods (private) and open (public), where ada is the admin, and bob a member."""
    return furnished(shared)


@pytest.fixture
def changed(make: Make) -> Api:
    """The same, for a test that changes it."""
    return furnished(peopled(make()))


def furnished(api: Api) -> Api:
    """Let there be these registries, and an image."""
    create = api.manager.registries.create
    create(SYSTEM, GOODS, name="Goods", emoji="🚢", colour="#1f6feb", description="We run it.")
    create(SYSTEM, OPEN, name="100% open_source", visibility="public", description=HOSTILE)
    create(SYSTEM, "acme/plain", name="Plain")
    for tag in ("1", "2"):
        image(api, NAME, tag, tag.encode())
    return api


def names(browser: Browser, path: str = "/") -> list[str]:
    """Return the names of the registries on a page."""
    browser.get(path)
    return shown(browser)


def shown(browser: Browser) -> list[str]:
    """Return those on the page that is shown."""
    assert browser.page
    return [one.text for one in browser.page.root.all("h2") if next(one.all("a"), None)]


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        ("", [PUBLIC]),
        ("eve", [PUBLIC]),
        ("bob", ["Goods", PUBLIC, "Plain"]),
        ("ada", ["Goods", PUBLIC, "Plain"]),
        ("admin", ["Root registry", "Goods", PUBLIC, "Plain"]),
    ],
)
def test_everybody_sees_what_is_public_and_what_they_may_read(shared_as: Open, who: str, wanted: list[str]) -> None:
    assert names(shared_as(who)) == wanted


def test_a_registry_is_shown_with_its_organization_and_figures(shared_as: Open) -> None:
    page = shared_as("bob").get("/")
    item = next(one for one in page.root.all("li") if "Goods" in one.attributes.get("data-row", ""))
    assert re.fullmatch(r"🚢 Goods acme / goods We run it\. Images 1 Last pushed .+ Downloads 0", item.text)
    assert (page.links["acme"], page.links["Goods"]) == ("/acme", "/acme/goods")


def test_what_somebody_wrote_is_text(shared_as: Open) -> None:
    assert HOSTILE in shared_as("").get("/").text
    assert f"No registry has “{HOSTILE}” in its name" in shared_as("").get(f"/{asking(q=HOSTILE)}").text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("GOOD", ["Goods"]),
        ("acme/p", ["Plain"]),
        ("%", [PUBLIC]),
        ("n_s", [PUBLIC]),
        ("o_d", []),
        ("\\", []),
        ("'\"<b>", []),
        ("a" * 5000, []),
    ],
)
def test_a_search_is_for_the_text_as_it_is_written(shared_as: Open, text: str, wanted: list[str]) -> None:
    browser = shared_as("ada")
    page = browser.get("/")
    found = browser.submit(next(one for one in page.forms if one.method == "get"), q=text)
    assert shown(browser) == wanted
    assert ("Nothing found" in found.text) == (not wanted)


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        ("", {}),
        ("bob", {}),
        ("ada", {"New registry": "/acme/-/new"}),
        ("admin", {"New registry": "/acme/-/new", "New organization": "/admin/new-organization"}),
    ],
)
def test_who_may_make_something_is_led_there(shared_as: Open, who: str, wanted: dict[str, str]) -> None:
    links = shared_as(who).get("/").links
    assert {text: link for text, link in links.items() if text.startswith("New ")} == wanted


def test_who_has_just_installed_it_is_told_how_to_push(make: Make) -> None:
    browser = Browser(make().app)
    assert "No public registries" in browser.get("/").text
    assert browser.page
    assert "docker push" not in browser.page.text
    assert browser.page.links["Sign in"] == "/login"
    page = browser.sign_in("admin")
    for command in (
        "docker login registry.example.com -u admin",
        "docker tag my-image registry.example.com/my-image:1.0",
        "docker push registry.example.com/my-image:1.0",
    ):
        assert command in page.text
    assert page.links["API token"] == "/account/tokens/new?scope=read_packages&scope=write_packages"


def test_where_everything_is_open_the_first_push_takes_no_login(make: Make) -> None:
    page = Browser(make(open="true").app).get("/")
    assert "docker push registry.example.com/my-image:1.0" in page.text
    assert "docker login" not in page.text


def test_without_a_root_registry_the_first_step_is_an_organization(make: Make) -> None:
    api = make(root_registry="false")
    api.user("eve")
    admin, eve = Browser(api.app), Browser(api.app)
    assert admin.sign_in("admin").links["make one"] == "/admin/new-organization"
    assert "No registries for you" in eve.sign_in("eve").text
    assert names(admin) == names(eve) == []


def test_the_root_registry_is_listed_once_there_is_an_image_or_for_who_may_push(changed: Api) -> None:
    changed.manager.registries.grant(SYSTEM, "root", "eve", "read")
    changed.manager.registries.grant(SYSTEM, "root", "bob", "write")
    eve, bob = Browser(changed.app), Browser(changed.app)
    eve.sign_in("eve")
    bob.sign_in("bob")
    assert "Root registry" not in names(eve)
    assert names(bob)[0] == "Root registry"
    image(changed, "tool", "1", b"one")
    assert names(eve)[0] == "Root registry"
    assert "Root registry" not in names(Browser(changed.app))
    changed.manager.registries.change(SYSTEM, "root", name="Everything else")
    assert names(eve)[0] == "Everything else"


def test_many_registries_are_pages_that_ask_no_more_than_few(changed: Api) -> None:
    browser = Browser(changed.app)
    browser.sign_in("admin")
    few = asked(browser, "/")
    for number in range(62):
        changed.manager.registries.create(SYSTEM, f"acme/z{number:02}", name=f"Z{number:02}")
    many = asked(browser, "/")
    assert len(many) == len(few) <= 6
    assert [one for one in scans(changed, many) if "registry_path" not in one and "_slug" not in one] == []
    first = names(browser)
    assert (len(first), first[0]) == (30, "Root registry")
    assert browser.page
    assert "← Previous" not in browser.page.links
    second = names(browser, f"/{browser.page.links['Next →']}")
    third = names(browser, f"/{browser.page.links['Next →']}")
    assert [*first, *second, *third][4:] == [f"Z{one:02}" for one in range(62)]
    assert names(browser, f"/{browser.page.links['← Previous']}") == second
    assert names(browser, f"/{browser.page.links['← Previous']}") == first
    assert names(browser, "/?q=Z")[0] == "Z00"
    assert browser.page.links["Next →"] == "?after=acme%2Fz29&q=Z"


def test_of_several_organizations_each_is_named_where_a_registry_is_made(changed: Api) -> None:
    changed.manager.organizations.create(SYSTEM, "more", "More", admin="ada")
    links = Browser(changed.app).sign_in("ada").links
    assert (links["in acme"], links["in more"]) == ("/acme/-/new", "/more/-/new")
