"""Organizations and members over the API."""

import pytest

from tests.web.api.conftest import Api, said


def test_an_organization_is_made_shown_renamed_and_deleted(api: Api) -> None:
    made = api.ask("POST", "/organizations", json={"slug": "goods", "name": "Goods", "first_admin": "eve"})
    assert made.status_code == 201
    assert made.headers["Location"] == "/api/v1/organizations/goods"
    assert {"slug": "goods", "name": "Goods"}.items() <= made.get_json().items()
    assert api.get("/organizations/goods", "eve") == made.get_json()
    assert api.ask("PATCH", "/organizations/goods", "eve", {"name": "More"}).get_json()["name"] == "More"
    assert api.ask("DELETE", "/organizations/goods", "eve").status_code == 204
    assert api.ask("GET", "/organizations/goods").status_code == 404


@pytest.mark.parametrize(
    ("who", "slugs"), [("admin", ["acme", "evil"]), ("ada", ["acme"]), ("bob", ["acme"]), ("eve", ["evil"])]
)
def test_each_sees_the_organizations_that_they_belong_to(api: Api, who: str, slugs: list[str]) -> None:
    api.post("/organizations", {"slug": "evil", "first_admin": "eve"})
    assert [one["slug"] for one in api.get("/organizations", who)] == slugs


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("slug", "missing_field")]),
        ({"slug": "Acme"}, [("slug", "invalid")]),
        ({"slug": "acme\n"}, [("slug", "invalid")]),
        ({"slug": 5}, [("slug", "invalid")]),
        ({"slug": "new", "name": "two\nlines"}, [("name", "invalid")]),
        ({"slug": "new", "id": 7}, [("id", "unknown_field")]),
        ({"slug": "new", "created_at": 7}, [("created_at", "unknown_field")]),
        ({"slug": "api"}, [("organization", "invalid")]),
        ({"slug": "root"}, [("organization", "invalid")]),
        ([], [("", "invalid")]),
    ],
)
def test_what_cannot_be_an_organization_is_refused_by_field(api: Api, body: object, errors: list[object]) -> None:
    answer = api.ask("POST", "/organizations", json=body)
    assert answer.status_code == 422
    assert said(answer) == errors


def test_a_name_that_is_taken_is_a_conflict(api: Api) -> None:
    answer = api.ask("POST", "/organizations", json={"slug": "acme"})
    assert (answer.status_code, said(answer)) == (409, [("organization", "conflict")])


def test_members_come_change_and_go(api: Api) -> None:
    assert api.get("/organizations/acme/members", "bob") == [
        {"user": "ada", "role": "admin"},
        {"user": "bob", "role": "member"},
    ]
    put = api.ask("PUT", "/organizations/acme/members/eve", "ada", {"role": "member"})
    assert (put.status_code, put.get_json()) == (200, {"user": "eve", "role": "member"})
    assert api.get("/organizations/acme/members/eve", "eve")["role"] == "member"
    assert api.ask("DELETE", "/organizations/acme/members/eve", "ada").status_code == 204
    assert api.ask("GET", "/organizations/acme", "eve").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/organizations/acme", {"name": "x"}),
        ("DELETE", "/organizations/acme", None),
        ("PUT", "/organizations/acme/members/bob", {"role": "admin"}),
        ("DELETE", "/organizations/acme/members/ada", None),
        ("POST", "/organizations", {"slug": "mine"}),
    ],
)
def test_who_may_see_and_not_change_is_told_so(api: Api, method: str, path: str, body: object) -> None:
    assert api.ask(method, path, "bob", body).status_code == 403


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_organization_of_others_is_answered_as_one_that_is_not_there(api: Api, method: str) -> None:
    body = {"name": "x"} if method == "PATCH" else None
    hidden, absent = (api.ask(method, f"/organizations/{one}", "eve", body) for one in ("acme", "acne"))
    assert hidden.status_code == absent.status_code == 404
    assert hidden.get_data(as_text=True).replace("acme", "acne") == absent.get_data(as_text=True)


def test_lists_come_by_pages_and_back(api: Api) -> None:
    for number in range(5):
        api.post("/organizations", {"slug": f"o{number}"})
    first = api.ask("GET", "/organizations?per_page=2")
    assert first.headers["Link"] == '</api/v1/organizations?per_page=2&after=o0>; rel="next"'
    second = api.ask("GET", "/organizations?per_page=2&after=o0")
    assert [one["slug"] for one in second.get_json()] == ["o1", "o2"]
    assert 'before=o1>; rel="prev"' in second.headers["Link"]
    back = api.ask("GET", "/organizations?per_page=2&before=o1")
    assert back.get_json() == first.get_json()
    assert "prev" not in back.headers["Link"]
    last = api.ask("GET", "/organizations?per_page=2&after=o2")
    assert [one["slug"] for one in last.get_json()] == ["o3", "o4"]
    assert "next" not in last.headers["Link"]
