"""Which tags of a registry are immutable, on its page, and what the pages of images say of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from ocireg.metadata.audit import SYSTEM
from ocireg.metadata.immutable_rules import Rule
from tests.web.installed import Api
from tests.web.pages.conftest import Open
from tests.web.pages.images import GOODS, NAME, image

HERE = f"/{GOODS}/-/immutable-tags"


@pytest.fixture(scope="module", autouse=True)
def goods_(shared: Api) -> None:
    """The registry acme/goods with an image, where ada is the admin, and bob a member."""
    shared.manager.registries.create(SYSTEM, GOODS, name="Goods")
    for tag in ("v1", "v2", "latest"):
        image(shared, NAME, tag, tag.encode())
    image(shared, NAME, "moved", b"before")
    image(shared, NAME, "moved", b"after")


@pytest.fixture(autouse=True)
def free(shared: Api) -> Iterator[None]:
    """There is no rule before, nor after."""
    yield
    for one in shared.manager.immutable.rules(GOODS):
        shared.manager.immutable.remove(SYSTEM, GOODS, one.id)


def bind(shared: Api, *tags: str) -> Rule:
    """Add a rule."""
    return shared.manager.immutable.add(SYSTEM, GOODS, Rule(tags))


def test_a_rule_is_tried_added_listed_and_removed(shared: Api, shared_as: Open) -> None:
    browser = shared_as("ada")
    page = browser.get(browser.get(f"/{GOODS}/-/settings").links["Immutable tags"])
    assert "No rules" in page.text
    typed: dict[str, Any] = {"tags": " v* release-? ", "repositories": "web/*", "exceptions": "v2"}
    page = browser.submit(f"{HERE}/preview", **typed)
    assert f"It would bind 1 tag: {NAME}:v1" in page.text
    assert shared.manager.immutable.rules(GOODS) == []
    page = browser.submit(page.form(HERE))
    assert browser.said == ["Tags are immutable now: v*, release-? in web/* except v2."]
    (rule,) = shared.manager.immutable.rules(GOODS)
    assert (rule.tags, rule.repositories, rule.exceptions) == (("v*", "release-?"), ("web/*",), ("v2",))
    assert "It binds 1 tag" in page.text
    assert page.links[f"{NAME}:v1"] == f"/{NAME}:v1"
    assert "1 rule says which tags" in browser.get(f"/{GOODS}/-/settings").text
    page = browser.get(browser.get(HERE).links["Remove…"])
    assert "The rule: v*, release-? in web/* except v2." in page.text
    browser.submit(page.path)
    assert browser.said == ["The rule is removed: v*, release-? in web/* except v2."]
    assert shared.manager.immutable.rules(GOODS) == []
    browser.get(page.path, 404)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"tags": "<b>"}, "is no glob for tags"),
        ({"tags": "v*", "repositories": "Web"}, "is no glob for repositories"),
        ({"tags": "v*", "exceptions": "a/b"}, "is no glob for exceptions"),
        ({"tags": ""}, "This field is required"),
        ({"tags": " ".join(f"v{number}" for number in range(11))}, "tags has at most 10 globs"),
    ],
)
@pytest.mark.parametrize("button", [HERE, f"{HERE}/preview"])
def test_what_is_no_rule_is_said_at_its_field(
    shared: Api, shared_as: Open, typed: dict[str, str], said: str, button: str
) -> None:
    browser = shared_as("ada")
    browser.get(HERE)
    assert said in browser.submit(button, 422, **typed).text
    assert shared.manager.immutable.rules(GOODS) == []


def test_of_two_rules_that_bind_a_tag_it_is_told_at_the_first(shared: Api, shared_as: Open) -> None:
    bind(shared, "v*")
    bind(shared, "v1")
    page = shared_as("ada").get(HERE)
    assert "It binds 2 tags" in page.text
    assert "It binds no tag that no rule before it binds" in page.text


def test_an_immutable_tag_is_marked_and_not_to_be_deleted(shared: Api, shared_as: Open) -> None:
    browser = shared_as("ada")
    page = browser.get(f"/{NAME}?sort=name")
    assert [row[-1] for row in page.rows] == ["History Delete"] * 4
    bind(shared, "v1", "moved")
    page = browser.get(f"/{NAME}?sort=name")
    assert [(row[0], row[-1]) for row in page.rows] == [
        ("latest", "History Delete"),
        ("moved immutable", "History"),
        ("v1 immutable", "History"),
        ("v2", "History Delete"),
    ]
    page = browser.get(f"/{NAME}/-/tags/v1/delete")
    assert "It is immutable, by a rule of the registry: v1, moved" in page.text
    assert [one.action for one in page.forms if "/-/tags/" in one.action] == []
    assert "is immutable" in browser.submit(f"/{NAME}/-/tags/v1/delete", 403).text
    history = browser.get(f"/{NAME}/-/history?tag=moved")
    assert [row[1] for row in history.rows] == ["moved immutable", "moved"]
    assert "Restore" not in history.text


def test_an_image_with_an_immutable_tag_says_why_it_stays(shared: Api, shared_as: Open) -> None:
    bind(shared, "v1")
    browser = shared_as("ada")
    for path, text in (
        (f"/{NAME}/-/settings", "this image keeps its name"),
        (f"/{NAME}/-/delete", "this image cannot be deleted"),
        (f"/{NAME}:v1/-/delete", "the tag cannot be deleted"),
        (f"/{NAME}:v1/-/delete", "It leads to this version, which cannot be deleted"),
    ):
        page = browser.get(path)
        assert text in page.text
        assert [one for one in page.forms if one.action == path] == []
    assert "is immutable, by a rule" in browser.submit(f"/{NAME}/-/settings", 422, to=f"{NAME}-2").text
    assert "is immutable, by a rule" in browser.submit(f"/{NAME}/-/delete", 422, name=NAME).text
    assert browser.get(f"/{NAME}").status == 200
    assert "remove these first" in browser.get(f"/{GOODS}/-/delete").text
    page = browser.submit(f"/{GOODS}/-/delete", 422, typed=GOODS, contents="y")
    assert "acme/goods has rules for immutable tags: remove these first" in page.text


def test_a_version_is_marked_by_the_tag_it_is_asked_for_by(shared: Api, shared_as: Open) -> None:
    bind(shared, "*")
    browser = shared_as("bob")
    page = browser.get(f"/{NAME}:v1")
    marks = [one.text for one in page.root.all("span") if "By the rule *" in one.attributes.get("title", "")]
    assert marks == ["immutable"]
    digest = shared.get(f"/repositories/{NAME}/-/tags/v1")["digest"]
    assert "By the rule" not in browser.get(f"/{NAME}@{digest}").source


@pytest.mark.parametrize(("who", "status"), [("bob", 403), ("eve", 404), ("admin", 200)])
def test_rules_are_for_admins(shared_as: Open, who: str, status: int) -> None:
    shared_as(who).get(HERE, status)
