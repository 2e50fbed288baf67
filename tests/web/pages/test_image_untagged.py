"""What is in a repository without a tag: listed, and deleted for good."""

import pytest

from ocireg.metadata.audit import SYSTEM
from tests.web.api.conftest import pusher
from tests.web.installed import Api
from tests.web.pages.conftest import Open
from tests.web.pages.images import GOODS, NAME, image
from tests.web.v2 import push

HERE = f"/{NAME}/-/untagged"


@pytest.fixture
def old(api: Api) -> str:
    """A version whose tag has moved on, beside an index with its child; its digest."""
    api.manager.registries.create(SYSTEM, GOODS, name="Goods")
    digest = image(api, NAME, "1", b"old")
    image(api, NAME, "1", b"new")
    client, child = pusher(api), push.image(layers=(b"child",))
    push.blob(client, NAME, b"child")
    push.manifest(client, NAME, str(push.descriptor(child, "")["digest"]), child)
    push.manifest(client, NAME, "index", push.index(child))
    return digest


def test_what_no_tag_and_no_index_leads_to_is_listed(old: str, open_as: Open) -> None:
    page = open_as("bob").get(HERE)
    (row,) = page.rows
    assert (row[0], row[1], row[4], row[6]) == (old[:19], "Artifact", "never", "0")
    assert row[5] == "a month from now no tag leads to it"
    assert row[3].endswith("by admin")
    assert page.links[row[0]] == f"/{NAME}@{old}"
    assert "Delete" not in page.links


def test_it_is_deleted_once_somebody_has_said_so_twice(api: Api, old: str, open_as: Open) -> None:
    browser = open_as("ada")
    page = browser.get(browser.get(HERE).links["Delete"])
    assert old in page.text
    assert browser.ask("HEAD", page.path).status_code == 200, "who looks at the question has not answered it"
    assert "for good" in page.text
    browser.submit(page.path)
    assert browser.said == ["The version is deleted."]
    assert browser.page
    assert (browser.page.path, browser.page.rows) == (HERE, [])
    assert "Nothing is untagged" in browser.page.text
    assert api.get("/audit-events?action=manifest.delete")[0]["actor"] == "ada"
    browser.get(f"{HERE}/{old}/delete", status=404)


def test_what_has_a_tag_by_now_is_not_deleted_with_it(api: Api, old: str, open_as: Open) -> None:
    browser = open_as("ada")
    browser.get(f"{HERE}/{old}/delete")
    image(api, NAME, "again", b"old")
    page = browser.submit(f"{HERE}/{old}/delete", status=409)
    assert "It is tagged 'again' now" in page.text
    assert api.get(f"/repositories/{NAME}/-/tags/again")["digest"] == old


def test_with_the_last_version_goes_the_page(api: Api, old: str, open_as: Open) -> None:
    image(api, f"{GOODS}/only", "1", b"one")
    client, digest = pusher(api), str(api.get(f"/repositories/{GOODS}/only/-/tags/1")["digest"])
    client.delete(f"/v2/{GOODS}/only/manifests/1")
    browser = open_as("ada")
    browser.get(f"/{GOODS}/only/-/untagged/{digest}/delete")
    assert browser.submit(f"/{GOODS}/only/-/untagged/{digest}/delete").path == f"/{GOODS}"
    browser.get(f"/{GOODS}/only", status=404)
    assert old in browser.get(HERE).source


@pytest.mark.parametrize("digest", ["sha256:x", f"sha256:{0:064}", "md5:abc"])
def test_what_is_not_there_is_not_deleted(old: str, open_as: Open, digest: str) -> None:
    assert old not in open_as("ada").get(f"{HERE}/{digest}/delete", status=404).text
