"""The pages on storage: what is in use of what may be, who may change that, and when people are warned."""

import pytest

from ocireg.metadata.audit import SYSTEM
from tests.web.installed import Api
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import Open
from tests.web.pages.pushed import Pusher
from tests.web.v2 import push

REGISTRY, ORGANIZATION = "/acme/goods/-/quota", "/acme/-/quota"


@pytest.fixture(scope="module")
def opened(goods: Api) -> Open:
    """Gives the browser of each, signed in once."""
    known: dict[str, Browser] = {}

    def of(name: str) -> Browser:
        if name not in known:
            known[name] = Browser(goods.app)
            known[name].sign_in(name)
        return known[name]

    return of


@pytest.fixture(scope="module", autouse=True)
def _something_in_it(pushes: Pusher) -> None:
    push.blob(pushes.client, "acme/goods/app", b"." * 10_000)


@pytest.fixture(autouse=True)
def _without_quotas(goods: Api) -> None:
    goods.manager.quotas.set_organization(SYSTEM, "acme", None)
    for path in ("acme/goods", "root"):
        goods.manager.quotas.set_registry(SYSTEM, path, None)


@pytest.mark.parametrize(
    ("who", "path", "status", "changes"),
    [
        ("ada", REGISTRY, 200, True),
        ("admin", REGISTRY, 200, True),
        ("bob", REGISTRY, 403, False),
        ("ada", ORGANIZATION, 200, False),
        ("bob", ORGANIZATION, 200, False),
        ("admin", ORGANIZATION, 200, True),
        ("admin", "/root/-/quota", 200, True),
    ],
)
def test_a_quota_is_changed_by_who_administers_what_is_above(
    opened: Open, who: str, path: str, status: int, changes: bool
) -> None:
    page = opened(who).get(path, status)
    assert any("quota" in one.fields for one in page.forms) is changes
    if changes:
        opened(who).submit(path, quota="20 kB")
        page = opened(who).get(path)
        assert "19.5 KiB" in page.text
        assert page.form().fields["quota"] == ["20 kB"]


@pytest.mark.parametrize(
    ("quota", "said"),
    [("plenty", "wanted a number of bytes"), ("3TB", "no registry has more"), ("1" * 41, "Field cannot be longer")],
)
def test_a_quota_that_cannot_be_is_said_at_its_field(goods: Api, opened: Open, quota: str, said: str) -> None:
    goods.manager.quotas.set_organization(SYSTEM, "acme", 10**12)
    assert said in opened("ada").submit(REGISTRY, status=422, quota=quota).text
    assert goods.manager.quotas.of_registry("acme/goods")[0].quota is None


@pytest.mark.parametrize(
    ("quota", "said"), [(100_000, None), (11_000, "would pass it are refused"), (10_000, "until something is deleted")]
)
def test_people_are_warned_from_85_per_cent_on(goods: Api, opened: Open, quota: int, said: str | None) -> None:
    goods.manager.quotas.set_registry(SYSTEM, "acme/goods", quota)
    for path in (REGISTRY, "/acme/goods"):
        text = opened("ada").get(path).text
        assert ("of the quota of acme/goods" in text) is (said is not None)
        assert said is None or said in text
    assert "of the quota of" not in opened("bob").get("/acme/goods").text
    goods.manager.quotas.set_registry(SYSTEM, "acme/goods", None)
    goods.manager.quotas.set_organization(SYSTEM, "acme", quota)
    assert ("of the quota of organization acme" in opened("bob").get("/acme").text) is (said is not None)


def test_what_uses_most_is_named_and_settings_lead_there(opened: Open) -> None:
    ada = opened("ada")
    assert "9.8 KiB" in ada.get(REGISTRY).text
    assert ada.get(REGISTRY).links["app"] == "/acme/goods/app"
    assert ada.get(ORGANIZATION).links["acme/goods"] == "/acme/goods"
    assert ada.get("/acme/goods/-/settings").links["Storage and quota"] == REGISTRY
    assert ada.get("/acme/-/settings").links["Storage and quota"] == ORGANIZATION
    assert opened("bob").get("/acme").links["Storage"] == ORGANIZATION
    assert opened("admin").get("/admin").links["acme/goods"] == REGISTRY
