"""The retention policy of a registry on its page: a form, a preview, the last run."""

from dataclasses import replace
from typing import Any

import pytest

from ocireg.metadata.audit import SYSTEM
from ocireg.registry.retention.policy import Keep, Policy, Rule
from tests.web.installed import Api
from tests.web.pages.browser import Browser
from tests.web.pages.markup import Page
from tests.web.pages.pushed import Pusher

PATH = "/acme/goods/-/retention"
NAME = "acme/goods/app"
LAST_ONE = Policy((Rule(keep=Keep(last_pushed=1)),))


@pytest.fixture(scope="module")
def ada(goods: Api, pushes: Pusher) -> Browser:
    """The admin of a registry in which a week ago there were three tags of an image."""
    for number in (1, 2, 3):
        pushes.image(NAME, f"v{number}", str(number).encode())
    database = goods.installed.database
    with database.transaction():
        database.change("UPDATE tag SET pushed_at = pushed_at - 700000")
    browser = Browser(goods.app)
    browser.sign_in("ada")
    return browser


@pytest.fixture(autouse=True)
def no_policy(goods: Api) -> None:
    """Each test begins without a policy."""
    goods.installed.registry.retention.remove(SYSTEM, goods.manager.registries.get("acme/goods"))


def policy(api: Api) -> Any:
    found = api.installed.registry.retention.of(api.manager.registries.get("acme/goods"))
    return None if found is None else found.policy


def previewed(browser: Browser, page: Page, shown: str = "") -> Page:
    """Press the button of a preview, or one that shows other verdicts."""
    return browser.submit(replace(page.form(PATH), action=f"{PATH}/preview"), shown=shown)


def keep(api: Api) -> None:
    api.installed.registry.retention.set(SYSTEM, api.manager.registries.get("acme/goods"), LAST_ONE)


def test_rules_are_written_changed_and_removed(goods: Api, ada: Browser) -> None:
    assert "Retention…" in ada.get("/acme/goods/-/settings").links
    ada.get(PATH)
    fields: dict[str, Any] = {
        "rules-0-tags": "pr-*, tmp-*",
        "rules-0-last_pushed": "3",
        "rules-0-pulled_within_days": "14",
    }
    ada.submit(PATH, **fields)
    assert ada.said[0].startswith("The retention policy is saved.")
    kept = Rule(tags=("pr-*", "tmp-*"), keep=Keep(last_pushed=3, pulled_within_days=14))
    assert policy(goods) == Policy((kept,))
    more: dict[str, Any] = {"rules-1-repositories": "web/*", "rules-1-always": "y", "untagged_after_days": "0"}
    ada.submit(PATH, **more)
    assert policy(goods) == Policy((kept, Rule(("web/*",), ("*",), Keep(always=True))), 0)
    gone: dict[str, Any] = {"rules-0-tags": "", "rules-0-last_pushed": "", "rules-0-pulled_within_days": ""}
    ada.submit(PATH, **gone, untagged_after_days="")
    assert policy(goods) == Policy((Rule(("web/*",), ("*",), Keep(always=True)),))
    ada.submit(ada.get(ada.page.links["Remove it…"] if ada.page else "").path)
    assert policy(goods) is None
    assert "has no retention policy any more" in ada.said[0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rules-0-tags": "v*"}, "say what stays"),
        ({"rules-0-tags": "<script>", "rules-0-always": "y"}, "fits no name"),
        ({"rules-0-last_pushed": "0"}, "between 1 and 100000"),
        ({"rules-0-last_pushed": "x"}, "Not a valid integer"),
        ({"untagged_after_days": "-1"}, "between 0 and 36500"),
    ],
)
def test_what_is_no_policy_is_told_at_its_field_and_not_saved(
    goods: Api, ada: Browser, fields: dict[str, str], said: str
) -> None:
    ada.get(PATH)
    assert said in ada.submit(PATH, 422, **fields).text
    assert "Not saved" in ada.submit(f"{PATH}/preview", 422, **fields).text
    assert policy(goods) is None


def test_a_preview_says_of_each_tag_what_becomes_of_it_and_saves_nothing(goods: Api, ada: Browser) -> None:
    text = previewed(ada, ada.get(f"{PATH}?example=releases")).text
    assert "0 of 3 tags would be deleted, 3 stay" in text
    assert "number 2 of the last 10 pushed" in text
    assert "Not saved" in text
    assert policy(goods) is None
    keep(goods)
    page = previewed(ada, ada.get(PATH))
    assert [row[:3] for row in page.rows] == [
        ["v1 app", "delete", "rule 1: number 3 by push, and 1 stay"],
        ["v2 app", "delete", "rule 1: number 2 by push, and 1 stay"],
        ["v3 app", "keep", "rule 1: number 1 of the last 1 pushed"],
    ]
    assert "Not saved" not in page.text
    assert [row[0] for row in previewed(ada, page, "keep").rows] == ["v3 app"]
    assert [row[0] for row in previewed(ada, page, f"delete {NAME}:v1").rows] == ["v2 app"]


def test_a_run_is_asked_for_and_how_it_went_is_shown(goods: Api, ada: Browser) -> None:
    ada.submit(f"{PATH}/run", 404)
    keep(goods)
    ada.get(PATH)
    ada.submit(f"{PATH}/run")
    assert "A run was asked for" in ada.get(PATH).text
    retention = goods.installed.registry.retention
    with goods.installed.database.transaction():
        goods.installed.database.change("UPDATE tag SET pushed_at = pushed_at + 700000")
    assert retention.asked(retention.turns.asked() or {}).deleted == 0, "they were pushed a moment ago"
    assert "0 of 3 tags deleted, in 1 image." in ada.get(PATH).text
    with goods.installed.database.transaction():
        goods.installed.database.change("UPDATE tag SET pushed_at = pushed_at - 700000")


def test_who_may_not_change_it_is_not_shown_it(bob: Browser) -> None:
    bob.get(PATH, 403)
