"""Every operation of the REST API, by everybody, on every place: what is on no row of the tables is refused.

Nothing is changed: whoever may is told that the body is nothing, or that what they have read is not what is there.
"""

import base64

import pytest
from werkzeug.test import TestResponse

from tests.security.api import ROOT_PATH, cells
from tests.security.callers import MAY
from tests.security.world import ANYONE, World

pytestmark = pytest.mark.faults

PLACES = {"organization", "registry", "repository"}


def outcome(answer: TestResponse) -> str:
    """Return what an answer says; of 404, whether it is what the path begins with that is not there."""
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith('Basic realm="ocireg"')
        return "401"
    if answer.status_code in {403, 404}:
        (error,) = answer.get_json()["errors"]
        return str(answer.status_code) if answer.status_code == 403 or error["field"] in PLACES else "may"
    return "may" if answer.status_code in {200, 202, 412, 422} else str(answer.status_code)


def ask(world: World, method: str, path: str, shown: str) -> TestResponse:
    """Ask for an operation in a way that changes nothing that is looked at here."""
    more = {"headers": {"If-Match": '"nothing"'}} if method in {"PUT", "PATCH", "DELETE"} else {}
    if shown:
        more.setdefault("headers", {})["Authorization"] = shown
    sent = {"json": {"nonsense": 1}} if method in {"PUT", "PATCH", "POST"} else {}
    return world.client.open(f"{ROOT_PATH}{path}", method=method, **more, **sent)  # type: ignore[arg-type] # any


@pytest.mark.parametrize("who", [*MAY, ANYONE])
def test_each_may_over_the_api_what_the_tables_say(world: World, who: str) -> None:
    shown = world.secrets[who] if who else ANYONE
    wanted = cells(who or "nobody")
    found = {(one.method, one.path): outcome(ask(world, one.method, one.path, shown)) for one in wanted}
    assert {
        (one.method, one.path): (found[one.method, one.path], one.wanted)
        for one in wanted
        if found[one.method, one.path] != one.wanted
    } == {}


@pytest.mark.parametrize("who", [who for who in MAY if who != "nobody"])
def test_a_secret_without_a_name_is_who_it_is_with_one_unless_it_is_a_password(world: World, who: str) -> None:
    name, _, secret = base64.b64decode(world.secrets[who].removeprefix("Basic ")).decode().partition(":")
    answer = ask(world, "GET", "/access-token", f"Bearer {secret}")
    assert answer.status_code == (200 if name == "x" and MAY[who] is not None else 401)


@pytest.mark.parametrize("who", MAY)
def test_an_access_token_of_the_token_end_point_is_nothing_to_the_api(world: World, who: str) -> None:
    for path in ("/access-token", "/registries", "/registries/acme/public", "/user"):
        assert ask(world, "GET", path, world.bearers[who]).status_code == 401


@pytest.mark.parametrize("who", MAY)
def test_what_is_hidden_is_said_not_to_be_there_in_the_words_of_what_is_not(world: World, who: str) -> None:
    for cell in cells(who):
        for place in ("evil", "acme"):
            other = place[::-1]
            if cell.wanted in {"404", "401"} and f"/{place}" in cell.path:
                hidden = ask(world, cell.method, cell.path, world.secrets[who])
                absent = ask(world, cell.method, cell.path.replace(place, other), world.secrets[who])
                assert hidden.status_code == absent.status_code == int(cell.wanted)
                assert hidden.get_data(as_text=True).replace(place, other) == absent.get_data(as_text=True)
