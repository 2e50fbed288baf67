"""What holds of every operation: what is taken, how it is answered, and what is said of it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ocireg.app import create_app
from tests.conftest import installation
from tests.web.api.conftest import Api, Make, pusher, said
from tests.web.v2 import push


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"name": "x"}', "application/json", 200),
        (b'{"name": "x"}', "application/json; charset=utf-8", 200),
        (b'{"name": "x"}', "text/plain", 415),
        (b'{"name": "x"}', "", 415),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b'{"name": "\xff"}', "application/json", 400),
        (b'{"name": "\\ud800"}', "application/json", 400),
        (b'{"name": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'"' + b"x" * 200_000 + b'"', "application/json", 413),
        (b"null", "application/json", 422),
        (b"[]", "application/json", 422),
        (json.dumps({f"f{number}": 1 for number in range(1000)}).encode(), "application/json", 422),
    ],
)
def test_a_body_is_json_of_a_bounded_size_and_nothing_else(
    api: Api, body: bytes, content_type: str, status: int
) -> None:
    answer = api.ask("PATCH", "/organizations/acme", data=body, content_type=content_type or None)
    assert answer.status_code == status
    if status != 200:
        assert 1 <= len(said(answer)) <= 20


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("per_page=-1", "per_page"),
        ("per_page=1.5", "per_page"),
        ("per_page=%D9%A1", "per_page"),
        ("per_page=" + "9" * 5000, "per_page"),
        ("per_page=1&per_page=2", "per_page"),
        ("page=2", "page"),
        ("after=", "after"),
        ("after=" + "x" * 301, "after"),
    ],
)
def test_a_query_that_cannot_be_is_refused_by_field(api: Api, query: str, field: str) -> None:
    answer = api.ask("GET", f"/organizations?{query}")
    assert (answer.status_code, [one for one, _ in said(answer)]) == (422, [field])


@pytest.mark.parametrize("query", ["after=%00", "before=%ff", "after=%27%20OR%201", "after=a&before=b"])
def test_any_text_is_a_cursor(api: Api, query: str) -> None:
    for path in ("/organizations", "/registries", "/users", "/audit-events", "/registries/root/packages"):
        assert api.ask("GET", f"{path}?{query}").status_code == 200


def test_what_is_not_changed_is_not_sent_again(api: Api) -> None:
    first = api.ask("GET", "/organizations/acme")
    etag = first.headers["ETag"]
    again = api.ask("GET", "/organizations/acme", headers={"If-None-Match": etag})
    assert (again.status_code, again.get_data(), again.headers["ETag"]) == (304, b"", etag)
    api.ask("PATCH", "/organizations/acme", json={"name": "Other"})
    assert api.ask("GET", "/organizations/acme", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_change_of_what_somebody_else_has_changed_is_refused(api: Api, method: str) -> None:
    etag = api.ask("GET", "/organizations/acme").headers["ETag"]
    api.ask("PATCH", "/organizations/acme", json={"name": "Other"})
    body = {"name": "Mine"} if method == "PATCH" else None
    refused = api.ask(method, "/organizations/acme", json=body, headers={"If-Match": etag})
    assert (refused.status_code, said(refused)) == (412, [("", "precondition_failed")])
    fresh = api.ask("GET", "/organizations/acme").headers["ETag"]
    assert api.ask(method, "/organizations/acme", json=body, headers={"If-Match": fresh}).status_code in {200, 204}


def test_a_list_is_compared_by_what_is_in_it(api: Api) -> None:
    etag = api.ask("GET", "/organizations").headers["ETag"]
    assert (
        api.ask("GET", "/organizations", "bob").headers["ETag"]
        == api.ask("GET", "/organizations", "ada").headers["ETag"]
    )
    api.post("/organizations", {"slug": "goods"})
    assert api.ask("GET", "/organizations").headers["ETag"] != etag


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/registries/acme", 404),
        ("PUT", "/organizations", 405),
        ("OPTIONS", "/organizations", 405),
        ("TRACE", "/organizations/acme", 405),
        ("DELETE", "/", 405),
    ],
)
def test_what_there_is_not_is_an_error_of_the_form_of_the_api(api: Api, method: str, path: str, status: int) -> None:
    answer = api.ask(method, path)
    assert answer.status_code == status
    assert said(answer)
    assert ("Allow" in answer.headers) == (status == 405)


def test_whoever_shows_nothing_is_told_to_log_in(api: Api) -> None:
    for path in ("/organizations", "/organizations/acme", "/organizations/none", "/registries/root", "/user"):
        answer = api.ask("GET", path, "")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="ocireg", charset="UTF-8", Bearer realm="ocireg"'
        assert said(answer) == [("", "unauthorized")]


def test_too_many_bad_secrets_have_to_wait(make: Make) -> None:
    api = make(login_failures=3)
    statuses = [api.ask("GET", "/user", secret=f"bad {number}").status_code for number in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    answer = api.ask("GET", "/user", secret="bad")
    assert (said(answer), "Retry-After" in answer.headers) == ([("", "too_many_requests")], True)


def test_nothing_is_changed_where_all_is_read_only(api: Api) -> None:
    api.app = create_app(replace(api.installed.settings, read_only=True))
    refused = api.ask("PATCH", "/organizations/acme", json={"name": "x"})
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")
    assert api.get("/organizations/acme")["name"] == "Acme"
    installation(api.app).trail.close()
    installation(api.app).database.close()


def test_where_everything_is_open_nobody_is_anybody(make: Make) -> None:
    api = make(open="true")
    assert api.ask("GET", "/registries", "", headers={"Authorization": "Bearer nonsense"}).status_code == 200
    for method, path in (("GET", "/user"), ("GET", "/users"), ("DELETE", "/access-token"), ("GET", "/registries/root")):
        assert api.ask(method, path, "").status_code == 403
    assert api.get("/registries/root/packages", "") == []


def test_a_push_whose_registry_cannot_be_named_so_is_refused_and_not_a_failure(make: Make) -> None:
    api = make(create_on_push="true")
    api.post("/organizations", {"slug": "acme"})
    answer = api.app.test_client().post("/v2/acme/a_b/app/blobs/uploads/", auth=("admin", "correct horse battery"))
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (400, "NAME_INVALID")


@pytest.fixture
def document(api: Api) -> dict[str, Any]:
    """The description, as anybody may have it."""
    found: dict[str, Any] = api.get("/openapi.json", "")
    return found


def test_the_description_has_every_operation_with_its_security_and_its_errors(
    api: Api, document: dict[str, Any]
) -> None:
    assert document["openapi"] == "3.1.0"
    rules = [one for one in api.app.url_map.iter_rules() if one.rule.startswith("/api/v1/")]
    routes = {(one.endpoint, method) for one in rules for method in one.methods or () if method != "HEAD"}
    described = [one for path in document["paths"].values() for name, one in path.items() if name != "parameters"]
    assert len(described) == len([one for one in routes if not one[0].startswith("api-description")])
    assert len({one["operationId"] for one in described}) == len(described)
    assert set(document["components"]["securitySchemes"]) == {"basic", "secret"}
    for one in described:
        assert {"basic": []} in one["security"]
        assert {"401", "429", "500"} <= set(one["responses"])
        assert one["summary"]
        assert one.get("tags")


def test_the_page_for_people_shows_all_of_it_without_scripts_and_from_here(api: Api, document: dict[str, Any]) -> None:
    answer = api.ask("GET", "/", "")
    text = answer.get_data(as_text=True)
    assert answer.content_type == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in text
    assert "style=" not in text
    assert "http" not in text.replace("https://token.actions.githubusercontent.com", "").replace("http-", "")
    for path in document["paths"]:
        assert path in text
    for name in document["components"]["schemas"]:
        assert f'id="{name}"' in text
    style = api.ask("GET", "/style.css", "")
    assert style.content_type == "text/css; charset=utf-8"
    assert api.ask("GET", "/", "", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_root_registry_that_is_switched_off_is_not_there(api: Api) -> None:
    push.manifest(pusher(api), "tool", "1")
    api.app = create_app(replace(api.installed.settings, root_registry=False))
    assert [one["path"] for one in api.get("/registries")] == api.get("/repositories") == []
    for path in ("/registries/root", "/registries/root/packages", "/repositories/tool", "/repositories/tool/-/tags"):
        assert api.ask("GET", path).status_code == 404
    installation(api.app).trail.close()
    installation(api.app).database.close()
