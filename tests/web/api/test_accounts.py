"""Users, the caller's own account, and what the caller has shown."""

import pytest

from ocireg.auth.scopes import SCOPES
from ocireg.metadata.audit import SYSTEM
from tests.web.api.conftest import PASSWORD, Api, said
from tests.web.pages.browser import Browser

OTHER = "another battery staple"


def token(api: Api, user: str, *scopes: str, **more: object) -> str:
    """Make a token of a user; return its secret."""
    return api.manager.tokens.create(SYSTEM, user, scopes=scopes or SCOPES, **more).secret  # type: ignore[arg-type]


def test_users_come_change_and_go(api: Api) -> None:
    made = api.ask("POST", "/users", json={"name": "kay", "password": OTHER})
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/users/kay")
    assert {"name": "kay", "admin": False, "password": True}.items() <= made.get_json().items()
    assert [one["name"] for one in api.get("/users?per_page=2&after=bob")] == ["eve", "kay"]
    assert api.ask("PATCH", "/users/kay", json={"admin": True}).get_json()["admin"] is True
    assert api.ask("PATCH", "/users/kay", json={"password": None, "admin": False}).get_json()["password"] is False
    assert api.ask("DELETE", "/users/kay").status_code == 204
    assert api.ask("GET", "/users/kay").status_code == 404


def test_the_last_admin_stays(api: Api) -> None:
    assert api.ask("DELETE", "/users/admin").status_code == 409
    assert api.ask("PATCH", "/users/admin", json={"admin": False}).status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/users", None),
        ("POST", "/users", {"name": "kay", "admin": True}),
        ("POST", "/users", {"name": "kay"}),
        ("PATCH", "/users/ada", {"admin": True}),
        ("DELETE", "/users/bob", None),
    ],
)
def test_users_are_for_whoever_administers_the_instance(api: Api, method: str, path: str, body: object) -> None:
    assert api.ask(method, path, "ada", body).status_code == 403
    assert api.ask(method, path, "", body).status_code == 401
    assert [one["name"] for one in api.get("/users")] == ["ada", "admin", "bob", "eve"]


@pytest.mark.parametrize("body", [{"admin": True}, {"name": "root"}, {"password": OTHER, "admin": True}, {"id": "x"}])
def test_nobody_makes_more_of_themselves(api: Api, body: object) -> None:
    before = api.get("/user", "ada")
    assert api.ask("PATCH", "/user", "ada", body).status_code == 422
    assert api.get("/user", "ada") == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/users", {"name": "kay", "admin": True}),
        ("PATCH", "/users/ada", {"password": OTHER}),
        ("PATCH", "/users/ada", {"admin": True}),
    ],
)
def test_a_token_of_an_admin_with_a_scope_makes_nobody_an_admin(api: Api, method: str, path: str, body: object) -> None:
    narrow = token(api, "admin", "write_organization", "read_organization")
    assert api.ask(method, path, json=body, secret=narrow).status_code == 403
    assert api.ask("POST", "/users", json={"name": "lou"}, secret=narrow).status_code == 201
    assert api.ask(method, path, json=body, secret=token(api, "admin")).status_code in {200, 201}


def test_an_account_is_shown_and_its_password_changed(api: Api) -> None:
    shown = api.get("/user", "ada")
    assert shown["organizations"] == [{"organization": "acme", "role": "admin"}]
    assert api.ask("PATCH", "/user", "ada", {"password": OTHER}).status_code == 200
    assert api.ask("GET", "/user", "ada").status_code == 401
    assert api.ask("GET", "/user", "", auth=("ada", OTHER)).status_code == 200
    short = api.ask("PATCH", "/user", "bob", {"password": "short"})
    assert (short.status_code, set(said(short))) == (422, {("password", "invalid")})
    assert PASSWORD not in short.get_data(as_text=True)


def test_a_token_is_made_with_its_limits_and_revoked(api: Api) -> None:
    body = {"scopes": ["read_packages"], "description": "laptop", "networks": "127.0.0.0/8", "expires_in": 3600}
    made = api.ask("POST", "/user/tokens", "ada", body)
    assert made.status_code == 201
    secret, path = made.get_json()["secret"], f"/user/tokens/{made.get_json()['id']}"
    shown = api.get(path, "ada")
    assert (shown["scopes"], shown["networks"], shown["description"]) == (["read_packages"], "127.0.0.0/8", "laptop")
    assert shown["expires_at"].endswith("Z")
    assert api.get("/user/tokens", "ada") == [shown]
    assert api.get("/user/tokens", "bob") == []
    assert api.ask("GET", path, "bob").status_code == api.ask("DELETE", path, "bob").status_code == 404
    known = api.get("/access-token", secret=secret)
    assert {"kind": "API token", "name": "ada", "scopes": ["read_packages"], "networks": "127.0.0.0/8"}.items() <= (
        known.items()
    )
    assert api.ask("DELETE", path, "ada").status_code == 204
    assert api.ask("GET", "/user", secret=secret).status_code == 401


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"scopes"}),
        ({"scopes": []}, {"scopes"}),
        ({"scopes": ["admin"]}, {"scopes.0"}),
        ({"scopes": ["read_packages", "read_packages"]}, {"scopes"}),
        ({"scopes": "read_packages"}, {"scopes"}),
        ({"scopes": ["read_packages"], "expires_in": 0}, {"expires_in"}),
        ({"scopes": ["read_packages"], "expires_in": "5"}, {"expires_in"}),
        ({"scopes": ["read_packages"], "expires_in": True}, {"expires_in"}),
        ({"scopes": ["read_packages"], "networks": "everywhere"}, {"networks"}),
        ({"scopes": ["read_packages"], "user": "admin"}, {"user"}),
    ],
)
def test_what_cannot_be_a_token_is_refused_by_field(api: Api, body: object, fields: set[str]) -> None:
    answer = api.ask("POST", "/user/tokens", "ada", body)
    assert (answer.status_code, {field for field, _ in said(answer)}) == (422, fields)


@pytest.mark.parametrize("limits", [{"networks": "127.0.0.1"}, {"lifetime": 60.0}, {"scopes": ["write_organization"]}])
def test_a_token_with_limits_makes_no_token_and_no_password(api: Api, limits: dict[str, object]) -> None:
    given = {"scopes": SCOPES, **limits}
    secret = api.manager.tokens.create(SYSTEM, "admin", **given).secret  # type: ignore[arg-type] # any
    wanted = [("POST", "/user/tokens", {"scopes": ["read_packages"]}), ("PATCH", "/user", {"password": OTHER})]
    for method, path, body in wanted:
        assert api.ask(method, path, json=body, secret=secret).status_code == 403
    assert api.get("/user", secret=secret)["name"] == "admin"


def test_a_token_revokes_itself_whatever_its_scopes(api: Api) -> None:
    secret = token(api, "ada", "read_audit_events")
    assert api.ask("DELETE", "/access-token", secret=secret).status_code == 204
    assert api.ask("GET", "/access-token", secret=secret).status_code == 401
    assert api.ask("DELETE", "/access-token", "ada").status_code == 409


def test_a_token_of_a_registry_says_what_it_is_and_revokes_itself(api: Api) -> None:
    made = api.manager.tokens.create_for_registry(SYSTEM, "root", "the cluster")
    shown = api.get("/access-token", secret=made.secret)
    assert (shown["kind"], shown["id"], shown["registry"]) == ("registry token", made.id, "root")
    assert api.ask("GET", "/user", secret=made.secret).status_code == 403
    assert api.ask("DELETE", "/access-token", secret=made.secret).status_code == 204
    assert api.ask("GET", "/access-token", secret=made.secret).status_code == 401


def test_an_access_token_is_no_secret_and_a_secret_is_no_access_token(api: Api) -> None:
    client = api.app.test_client()
    access = client.get("/token", auth=("admin", PASSWORD)).get_json()["token"]
    assert client.get("/v2/", headers={"Authorization": f"Bearer {access}"}).status_code == 200
    refused = api.ask("GET", "/user", secret=access)
    assert refused.status_code == 401
    assert "Basic" in refused.headers["WWW-Authenticate"]
    secret = token(api, "admin")
    assert api.ask("GET", "/user", secret=secret).status_code == 200
    assert client.get("/v2/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


@pytest.mark.parametrize("secret", [PASSWORD, "ocireg_" + "0" * 48, "eyJ.eyJ.x", "eyJhbGciOiJub25lIn0.e30.", "\xff"])
def test_what_is_no_secret_is_refused_by_bearer(api: Api, secret: str) -> None:
    assert api.ask("GET", "/user", secret=secret).status_code == 401


def test_an_admin_makes_and_revokes_tokens_of_others(api: Api) -> None:
    made = api.ask("POST", "/users/bob/tokens", json={"scopes": ["read_packages"]})
    assert made.status_code == 201
    assert api.get("/access-token", secret=made.get_json()["secret"])["name"] == "bob"
    path = f"/users/bob/tokens/{made.get_json()['id']}"
    assert made.headers["Location"] == f"/api/v1{path}"
    assert api.get("/users/bob/tokens") == [api.get(path)]
    assert api.ask("GET", path.replace("bob", "ada")).status_code == 404
    assert api.ask("DELETE", path, "bob").status_code == 403
    assert api.ask("DELETE", path).status_code == 204
    assert api.ask("GET", "/access-token", secret=made.get_json()["secret"]).status_code == 401


def test_sessions_of_the_pages_are_listed_and_ended(api: Api) -> None:
    for name in ("ada", "ada", "eve"):
        Browser(api.app).sign_in(name)
    listed = api.get("/user/sessions", "ada")
    assert {one.id for one in api.manager.sessions.of_user("ada")} == {one["id"] for one in listed}
    assert set(listed[0]) == {"id", "address", "agent", "created_at", "expires_at"}
    assert [one["id"] for one in api.get("/user/sessions?per_page=1", "ada")] == [listed[0]["id"]]
    (theirs,) = api.get("/user/sessions", "eve")
    assert api.ask("DELETE", f"/user/sessions/{theirs['id']}", "ada").status_code == 404
    assert api.ask("DELETE", f"/user/sessions/{listed[0]['id']}", "ada").status_code == 204
    assert [one["id"] for one in api.get("/user/sessions", "ada")] == [listed[1]["id"]]
    assert len(api.get("/user/sessions", "eve")) == 1


def test_a_temporary_token_pulls_from_one_registry_and_makes_no_other(api: Api) -> None:
    for path in ("acme/goods", "acme/others"):
        api.manager.registries.create(SYSTEM, path)
    made = api.ask("POST", "/access-token/temporary", "bob", json={"registry": "acme/goods"})
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    secret = made.get_json()["secret"]
    known = api.get("/access-token", secret=secret)
    assert (known["kind"], known["registry"], known["scopes"]) == ("temporary token", "acme/goods", ["read_packages"])
    assert api.ask("GET", "/registries/acme/goods/packages", secret=secret).status_code == 200
    assert api.ask("GET", "/registries/acme/others/packages", secret=secret).status_code in {403, 404}
    again = api.ask("POST", "/access-token/temporary", secret=secret, json={"registry": "acme/goods"})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("who", "registry", "status"),
    [("eve", "acme/goods", 404), ("bob", "acme/absent", 404), ("bob", "nonsense", 404), ("bob", "root", 404)],
)
def test_a_temporary_token_is_for_a_registry_that_may_be_read(api: Api, who: str, registry: str, status: int) -> None:
    api.manager.registries.create(SYSTEM, "acme/goods")
    answer = api.ask("POST", "/access-token/temporary", who, json={"registry": registry})
    assert answer.status_code == status
