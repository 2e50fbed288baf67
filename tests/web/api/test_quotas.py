"""Quotas over the REST API: set, shown, and by whom."""

from collections.abc import Iterator

import pytest

from ocireg.metadata.audit import SYSTEM
from tests.web.api.conftest import pusher
from tests.web.installed import Api, peopled
from tests.web.v2 import push

REGISTRY, ORGANIZATION = "/registries/acme/goods", "/organizations/acme"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An installation whose acme has a registry with a blob in it."""
    api = peopled(Api(tmp_path_factory.mktemp("filled")))
    api.manager.registries.create(SYSTEM, "acme/goods")
    push.blob(pusher(api), "acme/goods/app", b"." * 850)
    yield api
    api.close()


@pytest.fixture
def goods(filled: Api) -> Api:
    """The same, without quotas."""
    filled.manager.quotas.set_registry(SYSTEM, "acme/goods", None)
    filled.manager.quotas.set_organization(SYSTEM, "acme", None)
    return filled


def test_a_quota_is_set_and_shown_with_what_uses_most(goods: Api) -> None:
    assert goods.get(f"{REGISTRY}/usage", "ada")["quota"] is None
    answer = goods.ask("PUT", f"{REGISTRY}/quota", "ada", json={"quota": 1000})
    assert answer.get_json() == {"size": 850, "quota": 1000, "percent": 85}
    shown = goods.get(f"{REGISTRY}/usage", "ada")
    assert shown["largest"] == [{"name": "acme/goods/app", "size": 850}]
    assert (shown["size"], shown["quota"], shown["percent"], shown["blobs"]) == (850, 1000, 85, 1)
    goods.ask("PUT", f"{ORGANIZATION}/quota", "admin", json={"quota": 8500})
    registry = {"path": "acme/goods", "size": 850, "quota": 1000, "percent": 85}
    wanted = {"size": 850, "quota": 8500, "percent": 10, "registries": [registry]}
    assert goods.get(f"{ORGANIZATION}/usage", "bob") == wanted
    assert goods.get("/usage", "admin")["registries"] == [registry]
    goods.ask("PUT", f"{REGISTRY}/quota", "ada", json={"quota": None})
    assert goods.get(f"{REGISTRY}/usage", "ada")["percent"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"quota": -1}, 422),
        ({"quota": 2**63}, 422),
        ({"quota": 1.5}, 422),
        ({"quota": "10GB"}, 422),
        ({"quota": True}, 422),
        ({"quota": 5, "size": 5}, 422),
        ({"quota": 5001}, 409),
        ({"quota": 5000}, 200),
        ({"quota": 0}, 200),
    ],
)
def test_a_quota_is_a_number_of_bytes_not_above_that_of_the_organization(
    goods: Api, body: dict[str, object], status: int
) -> None:
    goods.manager.quotas.set_organization(SYSTEM, "acme", 5000)
    assert goods.ask("PUT", f"{REGISTRY}/quota", "ada", json=body).status_code == status


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("ada", REGISTRY, 200),
        ("bob", REGISTRY, 403),
        ("eve", REGISTRY, 404),
        ("ada", ORGANIZATION, 403),
        ("admin", ORGANIZATION, 200),
        ("ada", "/registries/root", 404),
        ("admin", "/registries/root", 200),
    ],
)
def test_who_administers_what_is_above_sets_a_quota(goods: Api, who: str, path: str, status: int) -> None:
    goods.manager.registries.grant(SYSTEM, "acme/goods", "bob", "admin")
    assert goods.ask("PUT", f"{path}/quota", who, json={"quota": 10**9}).status_code == status
