"""No door without a rule."""

import pytest
from flask import Flask

from ocireg.errors import DENIED, RegistryError
from ocireg.web import errors
from ocireg.web.rules import PUBLIC, Rules
from tests.auth.house import House


def small(rules: Rules) -> Flask:
    """Return an application with one route, for programs: ``/v2/door``."""
    app = Flask("small")
    rules.register(app)
    errors.register(app)
    app.add_url_rule("/v2/door", "door", lambda: "open", methods=["GET", "POST"])
    return app


def shut() -> None:
    """Let nobody through."""
    raise RegistryError(DENIED, "it is shut")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_a_route_that_says_nothing_is_shut(method: str) -> None:
    assert small(Rules()).test_client().open("/v2/door", method=method).status_code == 403


def test_a_route_is_open_as_far_as_its_rule_is() -> None:
    rules = Rules()
    client = small(rules).test_client()
    rules.add("door", PUBLIC)
    assert client.get("/v2/door").data == b"open"
    rules.add("door", shut)
    assert client.get("/v2/door").status_code == 403
    assert rules.of("door") is shut
    assert rules.of("window") is None


def test_where_there_is_no_door_nothing_is_asked() -> None:
    client = small(Rules()).test_client()
    assert client.get("/v2/window").status_code == 404
    assert client.delete("/v2/door").status_code == 405


def test_every_route_of_the_application_has_a_rule(house: House) -> None:
    rules: Rules = house.app.extensions["ocireg.rules"]
    assert [one.endpoint for one in house.app.url_map.iter_rules() if rules.of(one.endpoint) is None] == []


def test_a_route_that_somebody_adds_without_one_is_shut(house: House) -> None:
    house.app.add_url_rule("/new", "new", lambda: "open")
    answer = house.client.get("/new")
    assert answer.status_code == 403
    assert b"open" not in answer.data
