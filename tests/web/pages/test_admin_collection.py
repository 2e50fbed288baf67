"""Garbage collection on the pages: of the instance, of a version, in lists of what no tag leads to."""

import re

import pytest

from ocireg.metadata.audit import SYSTEM
from tests.web.api.conftest import pusher
from tests.web.installed import Api
from tests.web.pages.conftest import Open
from tests.web.pages.images import GOODS, NAME, image

HERE = "/admin/collection"
A_DAY = "(a day|23 hours)"


@pytest.fixture
def digest(api: Api) -> str:
    """An image whose only tag is deleted; another is there whose tag stays."""
    api.manager.registries.create(SYSTEM, GOODS, name="Goods")
    found = image(api, NAME, "1", b"one")
    image(api, NAME, "2", b"two")
    pusher(api).delete(f"/v2/{NAME}/manifests/1")
    return found


def test_the_page_says_what_waits_and_how_the_last_one_went(api: Api, digest: str, open_as: Open) -> None:
    assert digest
    page = open_as("admin").get(HERE)
    assert "None has ended yet." in page.text
    assert ["Deleted by somebody, or with what it was a part of", "1"] in [row[:2] for row in page.rows]
    api.installed.registry.collector.run()
    assert "None has ended yet." not in open_as("admin").get(HERE).text


def test_a_trial_names_what_would_go_and_removes_nothing(api: Api, digest: str, open_as: Open) -> None:
    database = api.installed.database
    with database.transaction():
        database.change("UPDATE manifest SET protected_until = 0")
    browser = open_as("admin")
    browser.get(HERE)
    assert "0 manifests and 0 blobs" in browser.submit(f"{HERE}/trial", status=200).text  # its grace is not over
    assert digest[:19] in browser.submit(f"{HERE}/trial", status=200, now="1").links
    assert api.get(f"/repositories/{NAME}/-/tags/1/history")[0]["digest"] is None
    assert open_as("bob").get(f"/{NAME}@{digest}").status == 200


@pytest.mark.parametrize(("path", "asked"), [("start", {"now": False}), ("now", {"now": True})])
def test_a_button_has_it_collected_soon(
    api: Api, digest: str, open_as: Open, path: str, asked: dict[str, bool]
) -> None:
    assert digest
    browser = open_as("admin")
    browser.get(HERE)
    browser.submit(f"{HERE}/{path}")
    assert api.installed.registry.collector.turns.asked() == asked


def test_a_version_says_what_keeps_it_or_when_it_goes(digest: str, open_as: Open) -> None:
    browser = open_as("bob")
    assert "It stays for as long as the tag 2 does." in browser.get(f"/{NAME}:2").text
    assert re.search(f"It goes {A_DAY} from now, unless a tag leads to it again", browser.get(f"/{NAME}@{digest}").text)


def test_lists_of_what_no_tag_leads_to_say_when_it_goes(digest: str, open_as: Open) -> None:
    browser = open_as("bob")
    assert "its last tag was deleted" in browser.get(f"/{NAME}/-/untagged").rows[0][5]
    deleted, former = (row[2] for row in browser.get(f"/{NAME}/-/history?tag=1").rows)
    assert deleted == "deleted"
    assert re.fullmatch(f"{digest[:19]} goes {A_DAY} from now", former)
