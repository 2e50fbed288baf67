"""Rules for immutable tags, over the API."""

from collections.abc import Iterator
from typing import Any

import pytest

from ocireg.auth.manage.immutable import MOST_GLOBS, MOST_RULES
from ocireg.metadata.audit import SYSTEM, page
from tests.web.api.conftest import Api, pusher, said
from tests.web.installed import peopled
from tests.web.v2 import push

HERE = "/registries/acme/goods/immutable-tags"
RULE = {"tags": ["v*"], "repositories": ["web/*"], "exceptions": ["v0.*"], "fallback_tags": False}


@pytest.fixture(scope="module")
def goods(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The registry acme/goods with some tags, where ada is the admin, bob a member."""
    made = peopled(Api(tmp_path_factory.mktemp("goods")))
    made.manager.registries.create(SYSTEM, "acme/goods", visibility="private")
    for name, tags in (("web/api", ("v0.1", "v1", "latest")), ("lib", ("v1", "w1"))):
        for tag in tags:
            push.manifest(pusher(made), f"acme/goods/{name}", tag)
    yield made
    made.close()


@pytest.fixture
def api(goods: Api) -> Iterator[Api]:
    """It has no rule before, nor after."""
    yield goods
    for one in goods.manager.immutable.rules("acme/goods"):
        goods.manager.immutable.remove(SYSTEM, "acme/goods", one.id)


def test_a_rule_is_made_listed_shown_and_taken_away(api: Api) -> None:
    answer = api.ask("POST", HERE, "ada", json=RULE)
    made = answer.get_json()
    assert answer.status_code == 201
    assert {**made, "id": "", "created_at": ""} == {**RULE, "id": "", "created_at": ""}
    assert api.get(answer.headers["Location"].removeprefix("/api/v1"), "ada") == made
    assert api.get(HERE, "ada") == [made]
    assert api.ask("DELETE", f"{HERE}/{made['id']}", "ada").status_code == 204
    assert api.get(HERE, "ada") == []
    for method in ("GET", "DELETE"):
        assert said(api.ask(method, f"{HERE}/{made['id']}", "ada")) == [("rule", "not_found")]


def test_a_rule_needs_tags_alone(api: Api) -> None:
    made = api.post(HERE, {"tags": ["*"]}, "ada")
    assert (made["repositories"], made["exceptions"], made["fallback_tags"]) == ([], [], False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "tags"),
        ({"tags": []}, "tags"),
        ({"tags": [""]}, "tags"),
        ({"tags": ["a b"]}, "tags"),
        ({"tags": ["v/*"]}, "tags"),
        ({"tags": ["v*\n"]}, "tags"),
        ({"tags": ["v" * 129]}, "tags"),
        ({"tags": [f"v{number}" for number in range(MOST_GLOBS + 1)]}, "tags"),
        ({"tags": ["*"], "repositories": ["Web"]}, "repositories"),
        ({"tags": ["*"], "exceptions": ["<b>"]}, "exceptions"),
        ({"tags": ["*"], "fallback_tags": "yes"}, "fallback_tags"),
        ({"tags": ["*"], "id": "1"}, "id"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_is_no_rule_is_refused_by_field(api: Api, body: dict[str, Any], field: str) -> None:
    for path in (HERE, f"{HERE}-preview"):
        answer = api.ask("POST", path, "ada", json=body)
        assert answer.status_code == 422
        assert {one.partition(".")[0] for one, _ in said(answer)} == {field}


def test_a_rule_is_there_once_and_there_are_so_many_at_most(api: Api) -> None:
    for number in range(MOST_RULES):
        api.post(HERE, {"tags": [f"v{number}"]}, "ada")
    assert said(api.ask("POST", HERE, "ada", json={"tags": ["more"]})) == [("rules", "conflict")]
    api.manager.immutable.remove(SYSTEM, "acme/goods", api.get(HERE, "ada")[0]["id"])
    assert said(api.ask("POST", HERE, "ada", json={"tags": ["v1", "v1"]})) == [("tags", "conflict")]


def test_a_preview_says_which_tags_would_be_bound(api: Api) -> None:
    found = api.post(f"{HERE}-preview", RULE, "ada")
    assert found == {"tags": [{"repository": "acme/goods/web/api", "tag": "v1"}], "cut": False}
    everywhere = api.post(f"{HERE}-preview", {"tags": ["?1"]}, "ada")
    assert [(one["repository"], one["tag"]) for one in everywhere["tags"]] == [
        ("acme/goods/lib", "v1"),
        ("acme/goods/lib", "w1"),
        ("acme/goods/web/api", "v1"),
    ]
    assert api.get(HERE, "ada") == []


def test_tags_say_whether_they_are_immutable(api: Api) -> None:
    def bound() -> set[str]:
        listed = api.get("/repositories/acme/goods/web/api/-/tags", "bob")
        return {one["name"] for one in listed if one["immutable"]}

    assert bound() == set()
    made = api.post(HERE, RULE, "ada")
    assert bound() == {"v1"}
    assert api.get("/repositories/acme/goods/lib/-/tags/v1", "bob")["immutable"] is False
    api.ask("DELETE", f"{HERE}/{made['id']}", "ada")
    assert bound() == set()


def test_a_rule_of_another_registry_is_none(api: Api) -> None:
    made = api.post(HERE, RULE, "ada")
    for method in ("GET", "DELETE"):
        assert api.ask(method, f"/registries/root/immutable-tags/{made['id']}").status_code == 404
    assert api.get(HERE, "ada") == [made]


def test_rules_are_in_the_audit_log(api: Api) -> None:
    made = api.post(HERE, RULE, "ada")
    api.ask("DELETE", f"{HERE}/{made['id']}", "ada")
    for action in ("immutable.add", "immutable.remove"):
        (event, *_) = page(api.installed.database, before=None, limit=1, action=action)
        assert (event.actor, event.registry, event.organization, event.subject) == (
            "ada",
            "acme/goods",
            "acme",
            made["id"],
        )
        assert event.detail == {**{name: " ".join(one) for name, one in RULE.items() if isinstance(one, list)},
                                "fallback_tags": False}  # fmt: skip
