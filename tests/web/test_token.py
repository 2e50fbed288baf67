"""``/token`` as clients use it: by GET and by POST, as somebody and as nobody; and what is wrong with a request."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from ocireg.auth import desk
from ocireg.metadata.audit import SYSTEM
from tests.auth.house import CONTAINERS, PASSWORD, House
from tests.web.basic import basic, bearer
from tests.web.v2 import push

HIDDEN, SHOWN = "acme/containers/web", "acme/shown/web"


def body(answer: TestResponse) -> dict[str, Any]:
    """Return what a token came with."""
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = answer.get_json()
    return found


def granted(house: House, token: str) -> dict[str, set[str]]:
    """Return what an access token is for."""
    access = house.view.signer.read_access(token)
    assert access is not None
    return {name: set(actions) for name, actions in access.granted.items()}


def test_a_get_answers_with_both_names_of_the_token_and_when_it_was_made(house: House) -> None:
    query = {"service": "ocireg", "scope": f"repository:{HIDDEN}:pull", "account": "reader", "client_id": "x"}
    found = body(house.client.get("/token", query_string=query, headers=basic(house.token("reader"))))
    assert set(found) == {"token", "access_token", "expires_in", "issued_at"}
    assert found["token"] == found["access_token"]
    assert found["expires_in"] == house.settings.token_life
    assert datetime.fromisoformat(found["issued_at"]).utcoffset() == timedelta(0)
    assert granted(house, found["token"]) == {HIDDEN: {"pull"}}


@pytest.mark.parametrize("headers", [{}, basic("", "")], ids=["nothing", "empty"])
def test_nobody_gets_a_token_for_what_is_public_and_none_to_come_again_with(
    house: House, headers: dict[str, str]
) -> None:
    query = {"scope": [f"repository:{SHOWN}:pull,push", f"repository:{HIDDEN}:pull"], "offline_token": "true"}
    found = body(house.client.get("/token", query_string=query, headers=headers))
    assert granted(house, found["token"]) == {SHOWN: {"pull"}}
    assert "refresh_token" not in found


def test_nobody_gets_nothing_that_is_hidden_and_that_is_no_error(house: House) -> None:
    found = body(house.client.get("/token", query_string={"scope": f"repository:{HIDDEN}:pull"}))
    assert granted(house, found["token"]) == {}


def test_several_scopes_are_granted_as_far_as_may_be_in_either_form(house: House) -> None:
    scopes = [f"repository:{HIDDEN}:pull,push", f"repository:{SHOWN}:pull", "repository:umbrella/goods/x:pull"]
    shown = basic(house.token("writer"))
    wanted = {HIDDEN: {"pull", "push", "delete"}, SHOWN: {"pull"}}
    for form in (scopes, [" ".join(scopes)]):
        found = body(house.client.get("/token", query_string={"scope": form}, headers=shown))
        assert granted(house, found["token"]) == wanted
    data = {"grant_type": "password", "username": "x", "password": house.token("writer"), "scope": " ".join(scopes)}
    posted = body(house.client.post("/token", data=data))
    assert granted(house, posted["access_token"]) == wanted
    assert posted["scope"] == f"repository:{HIDDEN}:delete,pull,push repository:{SHOWN}:pull"
    assert set(posted) == {"access_token", "scope", "expires_in", "issued_at"}


def test_a_refresh_token_is_given_where_it_is_asked_for_and_can_be_used_again_and_again(house: House) -> None:
    secret = house.token("reader")
    by_get = body(house.client.get("/token", query_string={"offline_token": "true"}, headers=basic(secret)))
    data = {"grant_type": "password", "username": "x", "password": secret, "access_type": "offline"}
    by_post = body(house.client.post("/token", data=data))
    for first in (by_get["refresh_token"], by_post["refresh_token"]):
        for _ in range(3):
            data = {"grant_type": "refresh_token", "refresh_token": first, "scope": f"repository:{HIDDEN}:pull"}
            again = body(house.client.post("/token", data=data))
            assert again["refresh_token"] == first, "docker keeps the first that it gets"
            assert granted(house, again["access_token"]) == {HIDDEN: {"pull"}}


def test_a_refresh_token_widens_nothing_and_ends_with_what_it_was_given_for(house: House) -> None:
    made = house.manager.tokens.create(SYSTEM, "writer", scopes=["read_packages"])
    headers = basic(made.secret)
    refresh = body(house.client.get("/token", query_string={"offline_token": "true"}, headers=headers))["refresh_token"]
    data = {"grant_type": "refresh_token", "refresh_token": refresh, "scope": f"repository:{HIDDEN}:pull,push"}
    assert granted(house, body(house.client.post("/token", data=data))["access_token"]) == {HIDDEN: {"pull"}}
    house.manager.tokens.revoke(SYSTEM, made.id)
    answer = house.client.post("/token", data=data)
    assert answer.status_code == 401
    assert push.codes(answer) == ["UNAUTHORIZED"]


@pytest.mark.parametrize("kind", ["password", "API token", "registry token", "temporary token"])
def test_every_kind_of_secret_logs_in_and_its_token_pulls(house: House, kind: str) -> None:
    client = house.client
    client.environ_base["HTTP_AUTHORIZATION"] = basic(house.token("admin"))["Authorization"]
    push.manifest(client, HIDDEN, "1")
    house.manager.users.set_password(SYSTEM, "reader", PASSWORD)
    secret = {
        "password": PASSWORD,
        "API token": house.token("reader"),
        "registry token": house.registry_token(),
        "temporary token": desk.temporary(house.view, house.log_in(house.token("reader")), house.id_of(CONTAINERS)),
    }[kind]
    scope = {"scope": f"repository:{HIDDEN}:pull,push"}
    token = body(house.client.get("/token", query_string=scope, headers=basic(secret, "reader")))["token"]
    assert house.client.get(f"/v2/{HIDDEN}/manifests/1", headers=bearer(token)).status_code == 200
    assert house.client.post(f"/v2/{HIDDEN}/blobs/uploads/", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    "authorization",
    ["Basic dG9rZW46d3Jvbmc=", "Basic !!!", "Basic //79", "Bearer x", "Negotiate x", "nonsense", "Digest a=b"],
)
def test_a_credential_that_is_not_good_gets_no_token_of_nobodys(house: House, authorization: str) -> None:
    answer = house.client.get("/token", headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert push.codes(answer) == ["UNAUTHORIZED"]
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 400),
        ({"grant_type": "authorization_code", "code": "x"}, 400),
        ({"grant_type": ""}, 400),
        ({"grant_type": "password"}, 401),
        ({"grant_type": "password", "username": "reader", "password": ""}, 401),
        ({"grant_type": "password", "username": "reader", "password": "wrong wrong wrong"}, 401),
        ({"grant_type": "password", "username": "", "password": ""}, 401),
        ({"grant_type": "refresh_token"}, 401),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 401),
        ({"grant_type": "refresh_token", "refresh_token": "x" * 9000}, 401),
        (b"\xff\xfe=\x80&grant_type=password", 400),
        (b"grant_type=password&username=%FF&password=%ff%fe", 401),
        (b"grant_type=password&username=a&password=%ED%A0%80", 401),
        (b"grant_type=password&username=%00&password=%00", 401),
        (b"&" * 2000, 400),
        (b"x" * (64 * 1024 + 1), 413),
        (b"grant_type=password&password=" + b"x" * 60_000, 401),
    ],
)
def test_a_form_that_is_not_right_is_refused_and_says_so(house: House, data: Any, status: int) -> None:
    answer = house.client.post("/token", data=data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert push.codes(answer)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data", "nonsense", ""])
def test_a_body_that_is_no_form_is_none(house: House, content_type: str) -> None:
    answer = house.client.post("/token", data=b'{"grant_type": "password"}', content_type=content_type)
    assert answer.status_code == 400
    assert push.codes(answer) == ["UNSUPPORTED"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_taken(house: House, method: str) -> None:
    assert house.client.open("/token", method=method).status_code == 405


@pytest.mark.parametrize("scope", ["", "nonsense", "repository:Upper:pull", "repository:../../x:*", "x" * 9000, "\0"])
def test_a_scope_that_is_none_is_left_out(house: House, scope: str) -> None:
    found = body(house.client.get("/token", query_string={"scope": scope}, headers=basic(house.token("admin"))))
    assert granted(house, found["token"]) == {}
