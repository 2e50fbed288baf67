"""A repository: its tags."""

import pytest

from ocireg.metadata.audit import SYSTEM
from ocireg.web.pages.links import asking
from tests.web.installed import Api, Make, peopled
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import Open
from tests.web.pages.images import GOODS, NAME, OPEN, asked, fill, image, scans

CHART = "application/vnd.cncf.helm.config.v1+json"
IMAGE = "application/vnd.oci.image.config.v1+json"
HERE = f"/{NAME}"
TAGS = ["Z", "a_b", "axb", "latest"]

pytestmark = pytest.mark.usefixtures("acme")


@pytest.fixture(scope="module")
def acme(shared: Api) -> Api:
    """The organization acme with goods and open (public), where ada is the admin, and bob a member."""
    return furnished(shared)


def furnished(api: Api) -> Api:
    """Let there be these registries, and images."""
    api.manager.registries.create(SYSTEM, GOODS, name="Goods")
    api.manager.registries.create(SYSTEM, OPEN, name="Open", visibility="public")
    config = b'{"os": "linux", "architecture": "arm64", "variant": "v8"}'
    for tag in ("latest", "a_b", "axb", "Z"):
        image(api, NAME, tag, tag.encode(), IMAGE, config)
    image(api, f"{OPEN}/shop", "1.0.0", b"chart", CHART)
    image(api, f"{OPEN}/report", "1", b"report", "application/vnd.example")
    image(api, "tool", "1", b"tool", IMAGE)
    return api


def tags(browser: Browser, path: str = HERE) -> list[str]:
    """Return the tags on a page."""
    return [row[0] for row in browser.get(path).rows]


def test_tags_come_by_push_or_by_name(shared_as: Open) -> None:
    browser = shared_as("bob")
    assert tags(browser) == ["Z", "axb", "a_b", "latest"]
    assert browser.page
    assert tags(browser, HERE + browser.page.links["by name"]) == TAGS
    assert browser.page.links["newest first"] == "?"


def test_a_tag_is_shown_with_all_that_people_ask_for(acme: Api, shared_as: Open) -> None:
    page = shared_as("bob").get(f"{HERE}?q=latest")
    tag, digest, kind, size, pushed, pulled, downloads, actions = page.rows[0]
    stored = acme.get(f"/repositories/{NAME}/-/tags/latest")
    assert (tag, kind, pulled, downloads, actions) == ("latest", "Image linux/arm64/v8", "never", "0", "History")
    assert (digest, size) == (stored["digest"][:19], f"{stored['size']} Bytes")
    assert pushed.endswith("by admin")
    assert (page.links["latest"], page.links[digest]) == (f"{HERE}:latest", f"{HERE}@{stored['digest']}")
    assert page.links["History"] == f"{HERE}/-/history?tag=latest"


def test_a_repository_is_shown_with_how_it_is_pulled_and_how_often(acme: Api, shared_as: Open) -> None:
    page = shared_as("bob").get(HERE)
    assert "docker pull registry.example.com/acme/goods/web/api:Z" in page.text
    size = acme.get(f"/repositories/{NAME}")["size"]
    assert "Tags 4 Versions 4 Size" in page.text
    assert size > 0
    assert "0 in the last 30 days" in page.text
    plot = next(one for one in page.root.all("svg") if one.attributes.get("role") == "img" and list(one.all("desc")))
    assert len(list(plot.all("g"))) == 30
    assert [page.links[one] for one in ("acme", "goods")] == ["/acme", "/acme/goods"]


@pytest.mark.parametrize(
    ("name", "kind", "command"),
    [
        (f"{OPEN}/shop", "Helm chart", f"helm pull oci://registry.example.com/{OPEN}/shop --version 1.0.0"),
        (f"{OPEN}/report", "Artifact", f"oras pull registry.example.com/{OPEN}/report:1"),
    ],
)
def test_what_is_no_image_is_shown_as_what_it_is(shared_as: Open, name: str, kind: str, command: str) -> None:
    page = shared_as("").get(f"/{name}")
    assert page.rows[0][2] == kind
    assert kind in page.h1
    assert command in page.text


def test_a_repository_of_the_root_registry_is_pulled_without_that_in_its_name(shared_as: Open) -> None:
    page = shared_as("admin").get("/root/tool")
    assert "docker pull registry.example.com/tool:1" in page.text
    assert (page.links["root"], page.links["1"], page.links["Delete"]) == (
        "/root",
        "/root/tool:1",
        "/root/tool/-/tags/1/delete",
    )


@pytest.mark.parametrize(
    ("text", "wanted"), [("_", ["a_b"]), ("%", []), ("X", ["axb"]), ("<b>'\"", []), ("a" * 3000, [])]
)
def test_tags_are_searched_for_as_it_is_written(shared_as: Open, text: str, wanted: list[str]) -> None:
    found = shared_as("bob").get(HERE + asking(sort="name", q=text))
    assert [row[0] for row in found.rows] == wanted
    assert ("Nothing found" in found.text) == (not wanted)
    assert 'name="sort" value="name"' in found.source


@pytest.mark.parametrize(("who", "deletes"), [("bob", False), ("ada", True), ("admin", True)])
def test_who_may_not_delete_is_not_offered_it(shared_as: Open, who: str, deletes: bool) -> None:
    links = shared_as(who).get(HERE).links
    assert ("Delete" in links) == ("Settings" in links) == deletes
    shared_as(who).get(f"{HERE}/-/tags/Z/delete", status=200 if deletes else 403)


@pytest.mark.parametrize("query", ["?after=x", "?before=~", "?after=nan~x", "?sort=name&after=%00", "?before=1e999~"])
def test_a_link_that_is_none_of_ours_leads_to_a_page_all_the_same(shared_as: Open, query: str) -> None:
    shared_as("bob").get(HERE + query)


def test_a_tag_is_deleted_and_restored(make: Make) -> None:
    api = furnished(peopled(make()))
    browser = Browser(api.app)
    browser.sign_in("ada")
    page = browser.get(browser.get(HERE).links["Delete"])
    assert page.path.endswith("/delete")
    browser.get(f"{HERE}/-/tags/latest/delete")
    assert browser.ask("HEAD", f"{HERE}/-/tags/latest/delete").status_code == 200, "nobody has answered yet"
    browser.submit(f"{HERE}/-/tags/latest/delete")
    assert browser.page
    assert browser.page.path == HERE
    assert "latest" not in tags(browser)
    browser.get(f"{HERE}/-/tags/latest/delete", status=404)
    history = browser.get(f"{HERE}/-/history?tag=latest")
    assert history.rows[0][1:4] == ["latest", "deleted", "ada"]
    browser.submit(f"{HERE}/-/tags/latest/restore")
    assert browser.said == ["The tag latest is restored."]
    assert tags(browser)[0] == "latest"
    assert [row[2].endswith("now") for row in browser.get(f"{HERE}/-/history?tag=latest").rows] == [True, False, True]


def test_a_page_of_many_tags_asks_no_more_than_one_of_few(make: Make) -> None:
    api = furnished(peopled(make()))
    browser = Browser(api.app)
    browser.sign_in("bob")
    paths = [HERE, f"{HERE}?sort=name", f"{HERE}?q=n00", f"{HERE}/-/untagged", f"{HERE}/-/history"]
    fill(api, 0, 40)
    few = [len(asked(browser, path)) for path in paths]
    fill(api, 40, 10_000)
    many = [asked(browser, path) for path in paths]
    assert [len(one) for one in many] == few
    assert max(few[:3] + few[4:]) <= 9
    assert few[3] <= 9 + 30 * 4  # what would keep each of a page is looked for on a way of its own
    assert [scans(api, one) for one in many] == [[]] * len(paths)
    for path in paths[:2]:
        first = tags(browser, path)
        assert browser.page
        second = tags(browser, HERE + browser.page.links["Next →"])
        assert not set(first) & set(second)
        assert tags(browser, HERE + browser.page.links["← Previous"]) == first
