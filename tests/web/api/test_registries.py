"""Registries, their tokens, grants and policies over the API."""

import pytest

from ocireg.metadata.audit import SYSTEM
from tests.web.api.conftest import Api, Make, pusher, said
from tests.web.v2 import push

ISSUER = "https://token.actions.githubusercontent.com"
POLICY = f"- iss: {ISSUER}\n  claims:\n    repository: acme/app\n"


@pytest.fixture
def api(make: Make) -> Api:
    """The organization acme of ada with bob as its member, and in it goods (private) and open (public)."""
    found = make(oidc_issuers="github")
    for name in ("ada", "bob", "eve", "kay"):
        found.user(name)
    found.manager.organizations.create(SYSTEM, "acme", "Acme", admin="ada")
    found.manager.organizations.enrol(SYSTEM, "acme", "bob", "member")
    found.manager.registries.create(SYSTEM, "acme/goods", name="Goods")
    found.manager.registries.create(SYSTEM, "acme/open", visibility="public")
    found.manager.registries.grant(SYSTEM, "acme/goods", "kay", "admin")
    return found


def test_a_registry_is_made_shown_changed_and_deleted(api: Api) -> None:
    body = {"name": "Web Apps", "description": "What we run.", "emoji": "📦", "colour": "#1F6FEB"}
    made = api.ask("POST", "/organizations/acme/registries", "ada", body)
    assert made.status_code == 201
    assert made.headers["Location"] == "/api/v1/registries/acme/web-apps"
    shown = api.get("/registries/acme/web-apps", "bob")
    assert shown == made.get_json()
    assert shown == {
        "path": "acme/web-apps",
        "name": "Web Apps",
        "visibility": "private",
        "organization": "acme",
        "slug": "web-apps",
        "description": "What we run.",
        "emoji": "📦",
        "colour": "#1f6feb",
        "oidc": False,
        "created_at": shown["created_at"],
        "images": 0,
        "pushed_at": None,
        "downloads": 0,
    }
    changed = api.ask("PATCH", "/registries/acme/web-apps", "ada", {"visibility": "public", "description": ""})
    assert (changed.get_json()["visibility"], changed.get_json()["description"]) == ("public", "")
    assert api.get("/registries/acme/web-apps", "")["visibility"] == "public"
    assert api.ask("DELETE", "/registries/acme/web-apps", "ada").status_code == 204
    assert api.ask("GET", "/registries/acme/web-apps", "ada").status_code == 404


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("", ["acme/open"]),
        ("eve", ["acme/open"]),
        ("kay", ["acme/goods", "acme/open"]),
        ("bob", ["acme/goods", "acme/open"]),
        ("admin", ["root", "acme/goods", "acme/open"]),
    ],
)
def test_each_sees_the_registries_that_they_may_read(api: Api, who: str, paths: list[str]) -> None:
    assert [one["path"] for one in api.get("/registries", who)] == paths
    below = [one for one in paths if one != "root"]
    assert [one["path"] for one in api.get("/registries?organization=acme", who)] == below
    assert api.get("/registries?organization=nothing", who) == []


def test_the_pages_of_registries_begin_with_the_root(api: Api) -> None:
    first = api.ask("GET", "/registries?per_page=1")
    assert [one["path"] for one in first.get_json()] == ["root"]
    assert "after=root" in first.headers["Link"]
    assert [one["path"] for one in api.get("/registries?per_page=1&after=root")] == ["acme/goods"]
    assert [one["path"] for one in api.get("/registries?before=acme/goods")] == ["root"]


def test_the_root_registry_is_changed_and_never_deleted(api: Api) -> None:
    assert api.ask("PATCH", "/registries/root", json={"name": "Odds"}).get_json()["name"] == "Odds"
    answer = api.ask("DELETE", "/registries/root")
    assert (answer.status_code, said(answer)) == (409, [("registry", "conflict")])


def test_a_registry_with_repositories_goes_with_them_or_not_at_all(api: Api) -> None:
    client = pusher(api)
    push.manifest(client, "acme/goods/app", "1")
    refused = api.ask("DELETE", "/registries/acme/goods", "ada")
    assert (refused.status_code, said(refused)) == (409, [("registry", "conflict")])
    assert api.ask("DELETE", "/registries/acme/goods?contents=yes", "ada").status_code == 422
    assert api.ask("DELETE", "/registries/acme/goods?contents=true", "ada").status_code == 204


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"organization": "evil"}, [("organization", "unknown_field")]),
        ({"slug": "other"}, [("slug", "unknown_field")]),
        ({"policy": "x"}, [("policy", "unknown_field")]),
        ({"id": 1, "name": "x"}, [("id", "unknown_field")]),
        ({"visibility": "secret"}, [("visibility", "invalid")]),
        ({"colour": "red"}, [("colour", "invalid")]),
        ({"colour": "#1f6feb\n"}, [("colour", "invalid")]),
        ({"emoji": "x"}, [("emoji", "invalid")]),
        ({"name": ""}, [("name", "invalid")]),
        ({"name": None}, [("name", "invalid")]),
        ({"description": "x" * 501}, [("description", "invalid")]),
        ({"description": "a\u202eb"}, [("description", "invalid")]),
    ],
)
def test_what_a_registry_cannot_be_is_refused_and_nothing_is_changed(api: Api, body: object, errors: object) -> None:
    before = api.get("/registries/acme/goods")
    answer = api.ask("PATCH", "/registries/acme/goods", json=body)
    assert (answer.status_code, set(said(answer))) == (422, set(errors))  # type: ignore[call-overload]
    assert api.get("/registries/acme/goods") == before


def test_a_token_of_a_registry_is_shown_once_reads_and_is_revoked(api: Api) -> None:
    made = api.ask("POST", "/registries/acme/goods/tokens", "kay", {"description": "the cluster"})
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    body = made.get_json()
    (listed,) = api.get("/registries/acme/goods/tokens", "kay")
    assert (listed["id"], listed["description"]) == (body["id"], "the cluster")
    assert "secret" not in listed
    assert api.get(f"/registries/acme/goods/tokens/{body['id']}", "kay") == listed
    assert api.get("/access-token", secret=body["secret"])["registry"] == "acme/goods"
    assert api.ask("GET", "/registries/acme/goods", secret=body["secret"]).status_code == 403  # it may pull, no more
    assert api.ask("DELETE", f"/registries/root/tokens/{body['id']}").status_code == 404
    assert api.ask("DELETE", f"/registries/acme/goods/tokens/{body['id']}", "kay").status_code == 204
    assert api.ask("GET", "/access-token", secret=body["secret"]).status_code == 401
    assert api.ask("POST", "/registries/acme/open/tokens", "ada", {}).status_code == 409


def test_grants_come_change_and_go(api: Api) -> None:
    path = "/registries/acme/goods/grants"
    assert api.ask("PUT", f"{path}/eve", "kay", {"level": "read"}).get_json() == {"user": "eve", "level": "read"}
    assert api.get("/registries/acme/goods", "eve")["slug"] == "goods"
    assert api.get(path, "kay") == [{"user": "eve", "level": "read"}, {"user": "kay", "level": "admin"}]
    assert api.get(f"{path}/eve", "kay") == {"user": "eve", "level": "read"}
    assert api.ask("GET", path, "eve").status_code == 403
    assert api.ask("DELETE", f"{path}/eve", "kay").status_code == 204
    assert api.ask("GET", "/registries/acme/goods", "eve").status_code == 404
    assert api.ask("PUT", f"{path}/nobody", "kay", {"level": "read"}).status_code == 404
    assert api.ask("PUT", f"{path}/eve", "kay", {"level": "owner"}).status_code == 422
    assert api.ask("GET", f"{path}/bob", "kay").status_code == 404


def test_a_policy_is_set_tested_shown_and_removed(api: Api) -> None:
    path = "/registries/acme/goods/policy"
    assert api.ask("GET", path, "kay").status_code == 404
    assert api.ask("PUT", path, "kay", {"policy": POLICY}).get_json() == {"policy": POLICY}
    assert api.get("/registries/acme/goods", "bob")["oidc"] is True
    won = api.post(f"{path}/test", {"iss": ISSUER, "claims": {"repository": "acme/app"}}, "kay")
    assert (won["granted"], won["statement"], won["scopes"]) == (True, 1, ["read_packages", "write_packages"])
    lost = api.post(f"{path}/test", {"iss": ISSUER, "claims": {"repository": "evil/app"}}, "kay")
    assert (lost["granted"], lost["statement"]) == (False, None)
    assert "acme/app" in lost["outcomes"][0]["reason"]
    other = api.post(f"{path}/test", {"iss": ISSUER, "policy": "[]"}, "kay")
    assert other == {"granted": False, "statement": None, "scopes": [], "outcomes": []}
    assert api.ask("DELETE", path, "kay").status_code == 204
    assert api.ask("DELETE", path, "kay").status_code == 404


def test_a_policy_with_faults_is_refused_with_each_statement_named(api: Api) -> None:
    text = (
        f"- iss: {ISSUER}\n  claims: {{a: 1}}\n- iss: https://evil.example.com\n  claims: {{a: 1}}\n- scopes: [all]\n"
    )
    answer = api.ask("PUT", "/registries/acme/goods/policy", "kay", {"policy": text})
    assert answer.status_code == 422
    messages = [one["message"] for one in answer.get_json()["errors"]]
    assert any(one.startswith("statement 2, line 3") for one in messages)
    assert any(one.startswith("statement 3") for one in messages)
    assert api.ask("PUT", "/registries/acme/goods/policy", "kay", {"policy": " "}).status_code == 422
