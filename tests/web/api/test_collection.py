"""Garbage collection over the API, and why a package is there."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from ocireg.metadata.audit import SYSTEM
from tests.web.api.conftest import Api, Make, pusher
from tests.web.v2 import push

NAME = "acme/goods/app"


@pytest.fixture
def api(make: Make) -> Api:
    """The organization acme of ada with bob as its member, and in it goods."""
    found = make()
    for name in ("ada", "bob"):
        found.user(name)
    found.manager.organizations.create(SYSTEM, "acme", "Acme", admin="ada")
    found.manager.organizations.enrol(SYSTEM, "acme", "bob", "member")
    found.manager.registries.create(SYSTEM, "acme/goods", name="Goods")
    return found


@pytest.fixture
def client(api: Api) -> FlaskClient:
    """Whoever pushes: the admin."""
    return pusher(api)


def why(api: Api) -> Any:
    (package,) = api.get("/registries/acme/goods/packages", "bob")
    return api.get(f"/registries/acme/goods/packages/{package['id']}/why", "bob")


def test_a_package_is_kept_by_its_tag_and_goes_some_time_after_that(api: Api, client: FlaskClient) -> None:
    digest = push.manifest(client, NAME, "1.0")
    assert why(api) == {
        "kept": True,
        "chain": [{"how": "", "digest": digest}],
        "tag": "1.0",
        "reason": None,
        "since": None,
        "goes_at": None,
        "bytes_at": None,
        "protected_until": why(api)["protected_until"],
    }
    client.delete(f"/v2/{NAME}/manifests/1.0")
    found = why(api)
    assert (found["kept"], found["reason"], found["tag"]) == (False, "deleted", None)
    assert found["since"] < found["protected_until"] < found["goes_at"] < found["bytes_at"]


def test_those_who_read_the_instance_see_what_waits(api: Api, client: FlaskClient) -> None:
    assert api.get("/gc") == {
        "running": False,
        "began_at": None,
        "ended_at": None,
        "last": None,
        "next_due": None,
        "waiting": [],
    }
    push.manifest(client, NAME, "1.0")
    client.delete(f"/v2/{NAME}/manifests/1.0")
    api.installed.registry.collector.run()
    found = api.get("/gc")
    assert [(one["reason"], one["count"]) for one in found["waiting"]] == [("deleted", 1), ("pushed", 2)]
    assert found["next_due"] is not None
    assert (found["last"]["manifests"], found["running"]) == (0, False)


@pytest.mark.parametrize("who", ["ada", "bob"])
def test_others_do_not(api: Api, who: str) -> None:
    assert api.ask("GET", "/gc", who).status_code == 403


def test_whoever_administers_the_instance_has_it_collected_soon(api: Api) -> None:
    turns = api.installed.registry.collector.turns
    assert turns.asked() is None
    assert api.ask("POST", "/gc", json={"now": True}).status_code == 202
    assert turns.asked() == {"now": True}
    api.installed.registry.collector.asked({"now": True})
    assert turns.asked() is None


@pytest.mark.parametrize("who", ["ada", "bob"])
def test_others_have_not(api: Api, who: str) -> None:
    assert api.ask("POST", "/gc", who, json={}).status_code == 403
