"""A repository is given another name, or deleted."""

import pytest

from ocireg.metadata.audit import SYSTEM
from tests.web.installed import Api
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import Open
from tests.web.pages.images import GOODS, NAME, OPEN, image
from tests.web.pages.markup import Page

HERE = f"/{NAME}/-/settings"


@pytest.fixture
def acme(api: Api) -> Api:
    """The organization acme with an image in goods, where eve may write, and open, where she may not."""
    for path in (GOODS, OPEN):
        api.manager.registries.create(SYSTEM, path)
    api.manager.registries.grant(SYSTEM, GOODS, "eve", "write")
    image(api, NAME, "1", b"one")
    image(api, f"{GOODS}/taken", "1", b"one")
    return api


def move(browser: Browser, to: str, status: int = 200) -> Page:
    """Send the form with a new name."""
    browser.get(HERE)
    return browser.submit(HERE, status, to=to)


@pytest.mark.parametrize("to", [f"{GOODS}/server", f"{OPEN}/web/api", "api"])
def test_a_repository_is_moved(acme: Api, open_as: Open, to: str) -> None:
    browser = open_as("admin")
    page = move(browser, to)
    assert page.path == (f"/{to}" if "/" in to else f"/root/{to}")
    assert browser.said == [f"{NAME} is {to} now."]
    assert [row[0] for row in page.rows] == ["1"]
    browser.get(f"/{NAME}", status=404)
    assert acme.get("/audit-events?action=repository.move")[0]["actor"] == "admin"


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("", "This field is required."),
        ("Not A Name", "a repository name is parts of lower-case letters and digits"),
        (f"{GOODS}/taken", "there is a repository acme/goods/taken already"),
        (f"{OPEN}/web/api", "there is no place for acme/open/web/api, or none that you may push to"),
        ("acme/none/api", "there is no place for acme/none/api, or none that you may push to"),
        ("elsewhere", "there is no place for elsewhere, or none that you may push to"),
        ("a" * 256, "Field cannot be longer than 255 characters."),
        ("<script>", "a repository name is parts of"),
    ],
)
def test_where_it_cannot_go_is_said_at_the_field(acme: Api, open_as: Open, to: str, message: str) -> None:
    browser = open_as("eve")
    page = move(browser, to, 422)
    assert message in page.text
    assert acme.get(f"/repositories/{NAME}")["tags"] == 1
    assert page.form(HERE).fields["to"] == [to]


def test_a_repository_is_deleted_by_its_name(acme: Api, open_as: Open) -> None:
    browser = open_as("eve")
    page = browser.get(browser.get(HERE).links["Delete this image"])
    assert "1 tag and 1 version" in page.text
    for wrong in ("web/api", f"{NAME} ", NAME.upper()):
        assert f"that is not {NAME}" in browser.submit(page.path, 422, name=wrong).text
    assert browser.submit(page.path, name=NAME).path == f"/{GOODS}"
    assert browser.said == [f"{NAME} is deleted."]
    browser.get(f"/{NAME}", status=404)
    assert acme.get("/audit-events?action=repository.delete")[0]["actor"] == "eve"


def test_readers_have_no_settings(acme: Api, open_as: Open) -> None:
    browser = open_as("bob")
    assert "Settings" not in browser.get(f"/{NAME}").links
    browser.get(HERE, status=403)
    assert acme.get(f"/repositories/{NAME}")["tags"] == 1
