"""The audit log over the API."""

from typing import Any

import pytest

from ocireg.metadata.audit import SYSTEM
from tests.web.api.conftest import Api, pusher
from tests.web.v2 import push


def actions(found: Any) -> list[str]:
    """Return the actions of events."""
    return [one["action"] for one in found]


def test_an_organizations_admin_reads_what_was_done_to_it_and_to_what_it_has(api: Api) -> None:
    api.manager.registries.create(SYSTEM, "acme/goods")
    client = pusher(api)
    push.manifest(client, "acme/goods/app", "1")
    push.manifest(client, "tool", "1")
    path = "/audit-events?organization=acme"
    found = api.get(path, "ada")
    assert {"organization.create", "member.add", "registry.create", "manifest.push"} <= set(actions(found))
    assert {one["repository"] for one in found if one["repository"]} == {"acme/goods/app"}
    pushed = next(one for one in found if one["action"] == "manifest.push")
    assert {"actor": "admin", "organization": "acme", "outcome": "ok"}.items() <= pushed.items()
    assert api.ask("GET", path, "bob").status_code == 403
    assert api.ask("GET", path, "eve").status_code == 404
    assert api.ask("GET", "/audit-events", "ada").status_code == 403
    assert "tool" in {one["repository"] for one in api.get("/audit-events")}


def test_an_organization_does_not_read_what_was_done_to_one_of_its_name_before(api: Api) -> None:
    api.post("/organizations", {"slug": "goods", "first_admin": "bob"})
    api.ask("DELETE", "/organizations/goods")
    api.post("/organizations", {"slug": "goods", "first_admin": "eve"})
    assert "organization.delete" not in actions(api.get("/audit-events?organization=goods", "eve"))
    since = "since=2000-01-01T00:00:00Z"
    assert "organization.delete" not in actions(api.get(f"/audit-events?organization=goods&{since}", "eve"))
    assert "organization.delete" in actions(api.get("/audit-events"))


def test_events_come_by_pages_both_ways_and_by_filters(api: Api) -> None:
    for name in ("one", "two", "six"):
        api.post("/users", {"name": name})
    path = "/audit-events?action=user.create&actor=admin"
    every = api.get(path)
    assert [one["subject"] for one in every] == ["six", "two", "one"]
    first = api.ask("GET", f"{path}&per_page=2")
    assert first.get_json() == every[:2]
    assert f'after={every[1]["id"]}>; rel="next"' in first.headers["Link"]
    second = api.ask("GET", f"{path}&per_page=2&after={every[1]['id']}")
    assert second.get_json() == every[2:]
    assert f'before={every[2]["id"]}>; rel="prev"' in second.headers["Link"]
    assert api.get(f"{path}&per_page=1&before={every[2]['id']}") == [every[1]]
    assert api.get(f"{path}&after={every[0]['id']}&before={every[2]['id']}") == [every[1]]
    assert api.get(f"{path}&until=2000-01-01T00:00:00Z") == []
    assert len(api.get(f"{path}&since=2000-01-01T00:00:00%2B02:00")) == 3


@pytest.mark.parametrize("query", ["action=nothing", "since=yesterday", "organization=NO", "outcome=ok"])
def test_a_filter_that_cannot_be_is_refused(api: Api, query: str) -> None:
    status = 404 if query.startswith("organization") else 422
    assert api.ask("GET", f"/audit-events?{query}").status_code == status
