"""Retention policies over the API: set, previewed, followed, removed."""

import pytest

from tests.web.api.conftest import pusher, said
from tests.web.installed import Api
from tests.web.v2 import push

PATH = "/registries/root/retention"
POLICY = {"rules": [{"repositories": ["a/*"], "tags": ["v*"], "keep": {"last_pushed": 1}}], "untagged_after_days": 7}


def pushed(api: Api, *tags: str) -> None:
    """Push an image, a week ago."""
    client = pusher(api)
    for content in (b"layer", b"{}"):
        push.blob(client, "a/b", content)
    for tag in tags:
        push.manifest(client, "a/b", tag)
    with api.installed.database.transaction():
        api.installed.database.change("UPDATE tag SET pushed_at = pushed_at - 700000")


def test_a_policy_is_set_previewed_followed_and_removed(api: Api) -> None:
    pushed(api, "v1", "v2", "latest")
    for method, path in (("GET", PATH), ("DELETE", PATH), ("GET", f"{PATH}/run"), ("POST", f"{PATH}/run")):
        assert api.ask(method, path).status_code == 404
    tried = api.post(f"{PATH}/preview", {"policy": POLICY})
    assert {name: tried[name] for name in ("repositories", "tags", "kept", "deleted", "cut", "next")} == {
        "repositories": 1, "tags": 3, "kept": 2, "deleted": 1, "cut": False, "next": None
    }  # fmt: skip
    found = {one["tag"]: (one["verdict"], one["rule"], one["reason"]) for one in tried["verdicts"]}
    assert found == {
        "latest": ("keep", None, "no rule is about it"),
        "v1": ("delete", 1, "rule 1: number 2 by push, and 1 stay"),
        "v2": ("keep", 1, "number 1 of the last 1 pushed"),
    }
    assert api.ask("PUT", PATH, json=POLICY).get_json() == POLICY
    assert api.get(PATH) == POLICY
    going = api.post(f"{PATH}/preview", {"verdict": "delete", "repository": "a/b"})
    assert [one["tag"] for one in going["verdicts"]] == ["v1"]
    assert api.get(f"{PATH}/run") == {"asked": False, "ran_at": None, "last": None}
    answer = api.ask("POST", f"{PATH}/run")
    assert (answer.status_code, answer.get_json()["asked"]) == (202, True)
    retention = api.installed.registry.retention
    retention.asked(retention.turns.asked() or {})
    ran = api.get(f"{PATH}/run")
    assert ran["last"] == {"repositories": 1, "tags": 3, "deleted": 1, "unsettled": 0, "ended": False}
    assert ran["ran_at"]
    assert api.get("/audit-events?action=tag.expire")[0]["registry"] == "root"
    assert api.ask("DELETE", PATH).status_code == 204
    changes = api.get("/audit-events?action=retention.change")
    assert [one["detail"] for one in changes] == [{"removed": True}, {"rules": 1}]


def test_a_preview_is_paged(api: Api) -> None:
    pushed(api, "v1", "v2", "v3")
    first = api.post(f"{PATH}/preview", {"policy": POLICY, "per_page": 2})
    assert [one["tag"] for one in first["verdicts"]] == ["v1", "v2"]
    last = api.post(f"{PATH}/preview", {"policy": POLICY, "per_page": 2, "after": first["next"]})
    assert ([one["tag"] for one in last["verdicts"]], last["next"]) == (["v3"], None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rules": [{"keep": {}}]}, "rules.0.keep"),
        ({"rules": [{"keep": {"last_pushed": 0}}]}, "rules.0.keep.last_pushed"),
        ({"rules": [{"keep": {"always": False}}]}, "rules.0.keep.always"),
        ({"rules": [{"tags": ["a b"], "keep": {"always": True}}]}, "rules.0.tags.0"),
        ({"rules": [{"tags": []}]}, "rules.0.keep"),
        ({"untagged_after_days": -1}, "untagged_after_days"),
        ({"rule": []}, "rule"),
    ],
)
def test_what_is_no_policy_is_refused_by_its_field(api: Api, body: object, field: str) -> None:
    answer = api.ask("PUT", PATH, json=body)
    assert answer.status_code == 422
    assert field in [name for name, _ in said(answer)]
    assert api.ask("GET", PATH).status_code == 404
