"""Every route and method, by everybody, on every kind of registry: what is on no row of the table is refused.

What is expected comes from the tables below and from nothing of the program's own.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from ocireg.app import create_app, initialise
from ocireg.auth.scopes import SCOPES
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_INDEX, OCI_MANIFEST
from ocireg.web.v2 import HANDLERS
from ocireg.web.v2.endpoints import ENDPOINTS
from tests.conftest import installation
from tests.security import api, pages
from tests.security.callers import CALLERS, MAY, shown
from tests.security.world import ANYONE, OTHER, PLACES, PRIVATE, PUBLIC, ROOT, TAG, Held, World
from tests.settings import settings_for

# What each request needs, what it is answered where it may be, and where the repository must not be seen to be there.
REQUESTS: dict[tuple[str, str], tuple[str, int, str]] = {
    ("blob", "GET"): ("r", 200, "404 BLOB_UNKNOWN"),
    ("blob", "HEAD"): ("r", 200, "404"),
    ("blob", "DELETE"): ("d", 202, "404 BLOB_UNKNOWN"),
    ("manifest", "GET"): ("r", 200, "404 NAME_UNKNOWN"),
    ("manifest", "HEAD"): ("r", 200, "404"),
    ("manifest", "PUT"): ("w", 201, "404 NAME_UNKNOWN"),
    ("manifest", "DELETE"): ("d", 202, "404 NAME_UNKNOWN"),
    ("tags", "GET"): ("r", 200, "404 NAME_UNKNOWN"),
    ("tags", "HEAD"): ("r", 200, "404"),
    ("referrers", "GET"): ("r", 200, "200"),  # of nothing there are none, and never 404
    ("referrers", "HEAD"): ("r", 200, "200"),
    ("uploads", "POST"): ("w", 202, "404 NAME_UNKNOWN"),
    ("upload", "GET"): ("w", 204, "404 NAME_UNKNOWN"),
    ("upload", "HEAD"): ("w", 204, "404"),
    ("upload", "PATCH"): ("w", 202, "404 NAME_UNKNOWN"),
    ("upload", "PUT"): ("w", 201, "404 NAME_UNKNOWN"),
    ("upload", "DELETE"): ("w", 204, "404 NAME_UNKNOWN"),
}
OF_NO_REPOSITORY = {("base", "GET"), ("base", "HEAD"), ("catalog", "GET"), ("catalog", "HEAD")}

# Every route of the application: "all" is everybody's, "credential" is for whoever's credential is good, "v2" is
# the rest of this module, "api" test_api_matrix.py, and "pages" test_pages_matrix.py.
ROUTES = {
    ("/healthz", "GET"): "all",
    ("/readyz", "GET"): "all",
    ("/token", "GET"): "credential",
    ("/token", "POST"): "credential",
    **{
        (rule, method): "v2"
        for rule in ("/v2", "/v2/", "/v2/<path:path>")
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    },
    **dict.fromkeys(api.ROUTES, "api"),
    **dict.fromkeys(pages.ROUTES, "pages"),
}


def request(name: str, resource: str, session: str) -> tuple[str, bytes]:
    """Return a path and a body that are good where the caller may."""
    held = Held.of(name)
    return {
        "blob": (f"/v2/{name}/blobs/{Digest.of(held.layer)}", b""),
        "manifest": (f"/v2/{name}/manifests/{TAG}", held.image),
        "tags": (f"/v2/{name}/tags/list", b""),
        "referrers": (f"/v2/{name}/referrers/{Digest.of(held.image)}", b""),
        "uploads": (f"/v2/{name}/blobs/uploads/", b""),
        "upload": (f"{session}?digest={Digest.of(b'pushed')}", b"pushed"),
    }[resource]


def outcome(answer: TestResponse) -> str:
    """Return what an answer says: its status, and why it refuses."""
    if answer.status_code < 400:
        return str(answer.status_code)
    if answer.status_code == 401:
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge.startswith('Bearer realm="https://registry.example.com/token",service="ocireg"')
        error = challenge.partition('error="')[2].rstrip('"')
        return f"401 {error}".strip()
    body = answer.get_json(silent=True)
    return f"{answer.status_code} {body['errors'][0]['code'] if body else ''}".strip()


def expected(who: str, how: str, place: int, row: tuple[str, int, str]) -> set[str]:
    """Return what may be answered, from the tables."""
    needs, success, absent = row
    may = MAY[who]
    if may is None:
        return {"401 invalid_token" if how == "Bearer" else "401"}
    if needs in may[place]:
        return {str(success)}
    if place != PLACES.index(ROOT) and "r" not in may[place] and needs in may[PLACES.index(ROOT)]:
        return {absent}
    if how == "Bearer":
        return {"401 insufficient_scope"}
    return {"401"} if who == "nobody" else {"403 DENIED", "403"}  # 403 alone answers HEAD


def tells(answer: TestResponse, path: str, name: str, sessions: dict[str, str]) -> list[str]:
    """Return what an answer says that the request did not: of this repository, or of any other's being there."""
    said = str(answer.headers) + answer.get_data(as_text=True)
    hidden = [*Held.of(name).digests, TAG, sessions[name].rpartition("/")[2], *(one for one in PLACES if one != name)]
    return [one for one in hidden if one in said and one not in path and f"/{one}" not in path]


@pytest.fixture(scope="module")
def sessions(world: World) -> dict[str, str]:
    """An upload of somebody's in each repository."""
    return {name: world.begin(name, world.secrets["instance admin"]) for name in PLACES}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize(("who", "how"), CALLERS)
def test_each_may_what_the_table_says_and_is_told_nothing_else(
    world: World, sessions: dict[str, str], who: str, how: str, name: str
) -> None:
    place, authorization = PLACES.index(name), shown(world, who, how)
    may = MAY[who]
    found: dict[str, str] = {}
    wanted: dict[str, set[str]] = {}
    for (resource, method), row in REQUESTS.items():
        pushes = may is not None and "w" in may[place]
        session = world.begin(name, authorization) if resource == "upload" and pushes else sessions[name]
        path, body = request(name, resource, session)
        sent = {"data": body, "content_type": OCI_MANIFEST} if method in {"PUT", "PATCH", "POST"} else {}
        answer = world.ask(method, path, authorization, **sent)
        cell = f"{method} {resource}"
        found[cell], wanted[cell] = outcome(answer), expected(who, how, place, row)
        if row[0] not in (may or [""] * 4)[place]:
            assert tells(answer, path, name, sessions) == [], cell
            if found[cell] == "200" and method == "GET":
                assert answer.get_json() == {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}
        elif method == "DELETE" and resource != "upload":
            world.fill(name)
    assert {cell: one for cell, one in found.items() if one not in wanted[cell]} == {}, wanted


@pytest.mark.parametrize(("who", "how"), CALLERS)
def test_the_catalog_lists_what_each_may_pull(world: World, who: str, how: str) -> None:
    answers = [world.ask(method, "/v2/_catalog", shown(world, who, how)) for method in ("GET", "HEAD")]
    may = MAY[who]
    if may is None or how == "nothing" or (who, how) == ("nobody", "Basic"):
        assert [outcome(one)[:3] for one in answers] == ["401", "401"]
        return
    assert [one.status_code for one in answers] == [200, 200]
    listed = sorted(name for name, letters in zip(PLACES, may, strict=True) if "r" in letters)
    assert answers[0].get_json() == {"repositories": listed}


@pytest.mark.parametrize(("who", "how"), CALLERS)
def test_the_base_lets_in_whoever_has_shown_something_good(world: World, who: str, how: str) -> None:
    good = MAY[who] is not None and (who != "nobody" or how == "Bearer")
    for path in ("/v2", "/v2/"):
        for method in ("GET", "HEAD"):
            assert world.ask(method, path, shown(world, who, how)).status_code == (200 if good else 401)


@pytest.mark.parametrize(("who", "how"), CALLERS)
def test_the_other_routes_are_everybodys_or_for_good_credentials(world: World, who: str, how: str) -> None:
    bodies = {}
    for (path, method), whose in ROUTES.items():
        if whose == "all":
            answer = world.ask(method, path, shown(world, who, how))
            bodies[path] = (answer.status_code, answer.get_json())
    assert bodies["/healthz"] == (200, {"status": "ok"})
    assert bodies["/readyz"] == (200, {"status": "ready"})
    for path in pages.FILES.values():
        assert world.ask("GET", path, shown(world, who, how)).status_code == 200
    answer = world.ask("GET", "/token", shown(world, who, how))
    good = MAY[who] is not None and how != "Bearer"
    assert answer.status_code == (200 if good else 401)


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "BREW"])
def test_a_method_that_is_none_tells_nothing(world: World, method: str) -> None:
    for authorization in (ANYONE, world.secrets["stranger"], world.secrets["instance admin"]):
        paths = (f"/v2/{PRIVATE}/manifests/{TAG}", "/v2/acme/nothing/app/manifests/x")
        answers = [world.ask(method, path, authorization) for path in paths]
        assert [one.status_code for one in answers] == [405, 405]
        assert answers[0].get_data() == answers[1].get_data()


def test_the_tables_have_every_route_and_every_request(world: World) -> None:
    rules = {(one.rule, method) for one in world.app.url_map.iter_rules() for method in one.methods or ()}
    assert {one for one in rules if one[1] not in {"HEAD", "OPTIONS"}} == set(ROUTES)
    heads = {(resource, "HEAD") for resource, method in HANDLERS if method == "GET"}
    assert set(REQUESTS) | OF_NO_REPOSITORY == set(HANDLERS) | heads
    assert {(row.resource, row.method) for row in ENDPOINTS} == set(HANDLERS)
    assert {f"token {one}" for one in SCOPES} <= set(MAY)
    assert set(world.secrets) == set(world.bearers) == set(MAY)


@pytest.fixture
def with_a_door(tmp_path: Path) -> Iterator[Flask]:
    """An application with a route that somebody has forgotten to give a rule."""
    settings = settings_for(tmp_path, open="false", admin_token="x" * 30)
    initialise(settings)
    app = create_app(settings)
    app.add_url_rule("/door", "door", lambda: "open", methods=["GET", "POST"])
    yield app
    installation(app).database.close()


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
def test_a_route_without_a_rule_is_shut_for_everybody(with_a_door: Flask, method: str) -> None:
    client = with_a_door.test_client()
    assert client.get("/v2/", auth=("admin", "x" * 30)).status_code == 200
    for authorization in (None, ("admin", "x" * 30)):
        answer = client.open("/door", method=method, auth=authorization)
        assert answer.status_code == 403
        assert b"open" not in answer.get_data()


def test_every_route_has_a_rule(world: World) -> None:
    rules = world.app.extensions["ocireg.rules"]
    assert [one.endpoint for one in world.app.url_map.iter_rules() if rules.of(one.endpoint) is None] == []


def test_the_world_is_as_it_was(world: World) -> None:
    for name in (PRIVATE, PUBLIC, ROOT, OTHER):
        answer = world.ask("GET", f"/v2/{name}/manifests/{TAG}", world.secrets["instance admin"])
        assert answer.get_data() == Held.of(name).image
