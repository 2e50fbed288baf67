"""Who is let through ``/v2/``, and what the others are told that they can do about it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.auth.house import CONTAINERS, House
from tests.auth.house import house as built
from tests.web.basic import basic, bearer
from tests.web.v2 import push

HIDDEN, SHOWN, ROOT = "acme/containers/web", "acme/shown/web", "app"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all, with an image in each registry."""
    with built(tmp_path_factory.mktemp("house"), create_on_push="true") as made:
        client = made.client
        client.environ_base["HTTP_AUTHORIZATION"] = basic(made.token("admin"))["Authorization"]
        for name in (HIDDEN, SHOWN, ROOT):
            push.manifest(client, name, "1")
        yield made


def challenge(answer: TestResponse) -> dict[str, str]:
    """Return what a 401 says in its challenge."""
    assert answer.status_code == 401
    assert push.codes(answer) == ["UNAUTHORIZED"]
    kind, _, rest = answer.headers["WWW-Authenticate"].partition(" ")
    assert kind == "Bearer"
    parts = [one.partition("=") for one in rest.split('",')]
    return {name: value.strip('"') for name, _, value in parts}


def token(house: House, headers: dict[str, str], scope: str) -> str:
    """Get an access token."""
    answer = house.client.get("/token", query_string={"service": "ocireg", "scope": scope}, headers=headers)
    assert answer.status_code == 200
    assert answer.json is not None
    return str(answer.json["token"])


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v2/", None),
        ("GET", "/v2", None),
        ("GET", "/v2/_catalog", "registry:catalog:*"),
        ("GET", f"/v2/{HIDDEN}/manifests/1", f"repository:{HIDDEN}:pull"),
        ("HEAD", f"/v2/{HIDDEN}/manifests/1", f"repository:{HIDDEN}:pull"),
        ("PUT", f"/v2/{HIDDEN}/manifests/1", f"repository:{HIDDEN}:pull,push"),
        ("DELETE", f"/v2/{HIDDEN}/manifests/1", f"repository:{HIDDEN}:delete"),
        ("POST", f"/v2/{SHOWN}/blobs/uploads/", f"repository:{SHOWN}:pull,push"),
        ("GET", f"/v2/{SHOWN}/blobs/uploads/x", f"repository:{SHOWN}:pull,push"),
        ("GET", "/v2/nowhere/tags/list", "repository:nowhere:pull"),
        ("GET", "/v2/acme/shown/none/tags/list", "repository:acme/shown/none:pull"),
    ],
)
def test_nobody_is_told_which_token_to_get(house: House, method: str, path: str, scope: str | None) -> None:
    answer = house.client.open(path, method=method)
    if method == "HEAD":
        assert answer.status_code == 401
        return
    wanted = {"realm": "http://localhost/token", "service": "ocireg"} | ({"scope": scope} if scope else {})
    assert challenge(answer) == wanted


@pytest.mark.parametrize("path", [f"/v2/{SHOWN}/manifests/1", f"/v2/{SHOWN}/tags/list"])
def test_nobody_needs_a_login_for_what_is_public_and_there(house: House, path: str) -> None:
    assert house.client.get(path).status_code == 200
    nobodys = token(house, {}, f"repository:{SHOWN}:pull")
    assert house.client.get(path, headers=bearer(nobodys)).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic !!!",
        "Basic dG9rZW4=",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a=b",
        "Digest username=x",
        "Negotiate abc",
        "nonsense",
        "Basic dG9rZW46d3Jvbmc=",
        "Bearer " + "x" * 8001,
        "Basic //79",
    ],
)
@pytest.mark.parametrize("path", ["/v2/", f"/v2/{SHOWN}/manifests/1"])
def test_a_credential_that_is_not_good_is_refused_even_where_none_is_needed(
    house: House, authorization: str, path: str
) -> None:
    answer = house.client.get(path, headers={"Authorization": authorization})
    said = challenge(answer)
    assert said.get("error") == ("invalid_token" if authorization.startswith("Bearer") else None)


def test_basic_without_name_and_secret_is_nobody(house: House) -> None:
    assert house.client.get(f"/v2/{SHOWN}/manifests/1", headers=basic("", "")).status_code == 200
    assert house.client.get("/v2/", headers=basic("", "")).status_code == 401


@pytest.mark.parametrize("who", ["reader", "stranger", "admin"])
def test_whoever_is_known_is_let_in_to_the_base(house: House, who: str) -> None:
    secret = house.token(who)
    assert house.client.get("/v2/", headers=basic(secret)).json == {}
    assert house.client.get("/v2/", headers=bearer(token(house, basic(secret), ""))).json == {}


def test_a_secret_that_does_not_suffice_is_denied_and_not_asked_for_again(house: House) -> None:
    answer = house.client.put(f"/v2/{HIDDEN}/manifests/1", headers=basic(house.token("reader")))
    assert answer.status_code == 403
    assert push.codes(answer) == ["DENIED"]
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize(
    ("given", "method", "good"),
    [("pull", "GET", True), ("push", "GET", False), ("pull", "DELETE", False), ("pull,push", "GET", True)],
)
def test_a_token_is_good_for_what_it_was_given_for(house: House, given: str, method: str, good: bool) -> None:
    shown = bearer(token(house, basic(house.token("writer")), f"repository:{HIDDEN}:{given}"))
    answer = house.client.open(f"/v2/{HIDDEN}/manifests/1", method=method, headers=shown)
    if good:
        assert answer.status_code == 200
    else:
        assert challenge(answer)["error"] == "insufficient_scope"
    other = house.client.get(f"/v2/{SHOWN}/manifests/1", headers=shown)
    assert challenge(other)["error"] == "insufficient_scope"


def test_the_catalog_shows_what_may_be_read_and_needs_its_own_scope(house: House) -> None:
    catalog = "registry:catalog:*"
    for who, names in (
        ("reader", [HIDDEN, SHOWN]),
        ("stranger", [SHOWN]),
        ("rooted", [SHOWN, ROOT]),
        ("admin", [HIDDEN, SHOWN, ROOT]),
        ("other", [SHOWN]),
    ):
        secret = basic(house.token(who))
        for shown in (secret, bearer(token(house, secret, catalog))):
            answer = house.client.get("/v2/_catalog", headers=shown)
            assert answer.json == {"repositories": names}, who
        without = house.client.get("/v2/_catalog", headers=bearer(token(house, secret, f"repository:{HIDDEN}:pull")))
        assert challenge(without)["error"] == "insufficient_scope"
    nobodys = house.client.get("/v2/_catalog", headers=bearer(token(house, {}, catalog)))
    assert nobodys.json == {"repositories": [SHOWN]}


@pytest.mark.parametrize("name", ["acme/my_registry/x", "acme/my.registry/x", f"acme/{'r' * 64}/x"])
def test_a_push_that_names_what_no_registry_can_be_called_is_told_so(house: House, name: str) -> None:
    """Such a part is lawful in the name of a repository, and not in that of a registry."""
    answer = house.client.post(f"/v2/{name}/blobs/uploads/", headers=basic(house.token("head")))
    assert answer.status_code == 400
    assert push.codes(answer) == ["NAME_INVALID"]


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_what_goes_on_with_an_upload_makes_no_registry(house: House, method: str) -> None:
    path = f"/v2/acme/unmade/x/blobs/uploads/{'0' * 32}?digest=sha256:{'0' * 64}"
    answer = house.client.open(path, method=method, headers=basic(house.token("head")))
    assert answer.status_code == 404
    assert push.codes(answer) == ["BLOB_UPLOAD_UNKNOWN"]
    assert "acme/unmade" not in [one.path for one in house.manager.registries.every("acme")]


def test_a_push_makes_the_registry_that_it_names(tmp_path: Path) -> None:
    with built(tmp_path, create_on_push="true") as house:
        client = house.client
        client.environ_base["HTTP_AUTHORIZATION"] = basic(house.token("head"))["Authorization"]
        push.manifest(client, "acme/made/x", "1")
        assert client.get("/v2/acme/made/x/tags/list").json == {"name": "acme/made/x", "tags": ["1"]}
        assert not house.manager.registries.get("acme/made").public
        assert house.events("registry.create")[0].actor == "head"


def test_where_all_is_open_nothing_that_is_shown_can_be_wrong(tmp_path: Path) -> None:
    with built(tmp_path, open="true") as house:
        client = house.client
        for shown in ({}, basic("wrong"), bearer("wrong"), {"Authorization": "nonsense"}):
            assert client.get("/v2/", headers=shown).status_code == 200
        push.manifest(client, f"{CONTAINERS}/x", "1")
