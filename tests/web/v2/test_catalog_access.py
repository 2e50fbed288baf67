"""What the catalog lists to whom: what may be pulled, and nothing else."""

from collections.abc import Iterator

import pytest

from ocireg.auth import desk
from ocireg.metadata.audit import SYSTEM
from tests.auth.house import CONTAINERS, House, opened
from tests.auth.house import house as built
from tests.web.basic import basic
from tests.web.v2 import push

HIDDEN, SHOWN, GOODS, ROOT = "acme/containers/web", "acme/shown/web", "umbrella/goods/web", "top/web"


def filled(house: House) -> None:
    """Push an image to each registry; the root registry is shown to everybody."""
    client = house.client
    client.environ_base["HTTP_AUTHORIZATION"] = basic(house.token("admin"))["Authorization"]
    for name in (HIDDEN, SHOWN, GOODS, ROOT):
        push.manifest(client, name, "1")
    house.manager.registries.change(SYSTEM, "root", visibility="public")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with built(tmp_path_factory.mktemp("house")) as made:
        filled(made)
        yield made


@pytest.fixture(scope="module")
def rootless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same without a root registry, which had one."""
    folder = tmp_path_factory.mktemp("rootless")
    with built(folder) as made:
        filled(made)
    with opened(folder, root_registry="false") as again:
        yield again


def catalog(house: House, secret: str) -> list[str]:
    """Return what is listed, and see that all of it can be pulled."""
    answer = house.client.get("/v2/_catalog", headers=basic(secret))
    assert answer.status_code == 200
    listed: list[str] = answer.get_json()["repositories"]
    for name in listed:
        assert house.client.get(f"/v2/{name}/tags/list", headers=basic(secret)).status_code == 200, name
    return listed


@pytest.mark.parametrize(
    ("who", "listed"),
    [
        ("admin", [HIDDEN, SHOWN, ROOT, GOODS]),
        ("member", [HIDDEN, SHOWN, ROOT]),
        ("other", [SHOWN, ROOT, GOODS]),
        ("stranger", [SHOWN, ROOT]),
    ],
)
def test_the_catalog_lists_what_may_be_pulled(house: House, rootless: House, who: str, listed: list[str]) -> None:
    assert catalog(house, house.token(who)) == listed
    assert catalog(rootless, rootless.token(who)) == [one for one in listed if one != ROOT]


@pytest.mark.parametrize("who", ["admin", "head", "member", "reader"])
def test_a_secret_for_one_registry_lists_that_one_and_what_everybody_may_pull(house: House, who: str) -> None:
    login = house.log_in(house.token(who))
    secret = desk.temporary(house.view, login, house.id_of(CONTAINERS))
    assert catalog(house, secret) == [HIDDEN, SHOWN, ROOT]


@pytest.mark.parametrize("who", ["member", "other", "stranger"])
def test_a_secret_for_a_registry_that_may_not_be_read_lists_what_everybody_may_pull(house: House, who: str) -> None:
    at = {"member": "umbrella/goods", "other": CONTAINERS, "stranger": CONTAINERS}[who]
    secret = desk.temporary(house.view, house.log_in(house.token(who)), house.id_of(at))
    assert catalog(house, secret) == [SHOWN, ROOT]
