"""From the JWT of a job to what it may do here: by the URL of a registry and by that registry's policy."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.auth.actor import Actor, Kind
from ocireg.auth.login import Refused
from ocireg.errors import RegistryError
from ocireg.metadata.audit import SYSTEM
from tests.auth.house import CONTAINERS, GOODS, House
from tests.auth.house import house as built
from tests.auth.oidc.issuer import Answer, Issuer, issuer
from tests.web.basic import basic, bearer

URL = "https://registry.example.com"
AUDIENCE = f"{URL}/{CONTAINERS}"


@pytest.fixture(name="issuer")
def one_issuer() -> Iterator[Issuer]:
    with issuer() as made:
        yield made


@pytest.fixture
def house(tmp_path: Path, issuer: Issuer) -> Iterator[House]:
    """One that allows the issuer, with a policy on ``acme/containers`` for jobs on ``main``."""
    settings = {"url": URL, "oidc_issuers": issuer.url, "oidc_networks": "127.0.0.1", "oidc_session": "30m"}
    with built(tmp_path, **settings) as made:
        made.manager.registries.set_policy(SYSTEM, CONTAINERS, policy(issuer))
        yield made


def policy(issuer: Issuer, scopes: str = "read_packages, write_packages") -> str:
    return f"- iss: {issuer.url}\n  scopes: [{scopes}]\n  claims: {{ref: main}}\n"


def job(house: House, token: str) -> Actor:
    """Return who a job is."""
    return house.log_in(token).actor


def test_a_job_may_do_what_the_policy_of_its_registry_says(house: House, issuer: Issuer) -> None:
    found = job(house, issuer.token(aud=AUDIENCE))
    assert (found.kind, found.name, found.bound_to) == (Kind.OIDC, "job", house.id_of(CONTAINERS))
    assert found.scopes == frozenset({"read_packages", "write_packages"})
    assert found.expires_at is not None
    assert abs(found.expires_at - time.time() - 1800) < 60


@pytest.mark.parametrize(
    "aud",
    [
        URL,
        f"{URL}/",
        f"{URL}/{CONTAINERS}/",
        f"{URL}/{CONTAINERS}/web",
        f"{URL}//{CONTAINERS}",
        f"{URL}/acme",
        f"{URL}/{GOODS}",
        f"{URL}/acme/none",
        CONTAINERS,
        f"http://registry.example.com/{CONTAINERS}",
        f"https://registry.example.com.evil.example/{CONTAINERS}",
        f"https://localhost/{CONTAINERS}",
        [f"{URL}/{CONTAINERS}", f"{URL}/{GOODS}"],
        "",
    ],
)
def test_a_job_whose_audience_is_no_registry_with_a_policy_is_refused(
    house: House, issuer: Issuer, aud: object
) -> None:
    with pytest.raises(Refused):
        job(house, issuer.token(aud=aud))
    assert issuer.requests == [], "nobody is asked for keys before there is a registry"


def test_the_root_registry_has_the_url_itself(house: House, issuer: Issuer) -> None:
    house.manager.registries.set_policy(SYSTEM, "root", policy(issuer))
    assert job(house, issuer.token(aud=URL)).bound_to == house.id_of("root")


def test_a_job_that_no_statement_fits_is_refused_and_the_audit_log_says_why(house: House, issuer: Issuer) -> None:
    token = issuer.token(aud=AUDIENCE, ref="next")
    with pytest.raises(Refused, match="no statement of the policy of acme/containers fits"):
        job(house, token)
    house.installed.trail.close()
    (event,) = house.events("login.refused")
    assert "statement 1" in str(event.detail["reason"])
    assert token not in repr(event)
    assert token.rpartition(".")[2] not in repr(event)


def test_without_the_url_of_the_installation_no_jwt_is_good(tmp_path: Path, issuer: Issuer) -> None:
    with built(tmp_path, oidc_issuers=issuer.url, oidc_networks="127.0.0.1") as house:
        house.manager.registries.set_policy(SYSTEM, CONTAINERS, policy(issuer))
        with pytest.raises(Refused, match="the setting url names none"):
            job(house, issuer.token(aud=f"http://localhost/{CONTAINERS}"))


def test_a_policy_that_changed_judges_anew(house: House, issuer: Issuer) -> None:
    token = issuer.token(aud=AUDIENCE)
    assert job(house, token)
    house.manager.registries.set_policy(SYSTEM, CONTAINERS, policy(issuer, "read_packages"))
    assert job(house, token).scopes == frozenset({"read_packages"})
    house.manager.registries.set_policy(SYSTEM, CONTAINERS, "")
    with pytest.raises(Refused):
        job(house, token)


def test_a_jwt_is_verified_once_while_access_stays_and_ends_when_it_expires(
    house: House, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token(aud=AUDIENCE)
    first, asked = job(house, token), len(issuer.requests)
    assert job(house, token) == first
    assert len(issuer.requests) == asked
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(Refused, match="the JWT has expired"):
        job(house, token)


def test_an_issuer_that_does_not_answer_is_no_failed_login(house: House, issuer: Issuer) -> None:
    issuer.instead["/.well-known/openid-configuration"] = Answer(500)
    with pytest.raises(RegistryError) as failed:
        job(house, issuer.token(aud=AUDIENCE))
    assert failed.value.error.status == 503
    assert failed.value.headers["Retry-After"] == "15"
    house.installed.trail.close()
    assert house.events("login.refused") == []


def test_a_job_goes_on_after_its_jwt_and_not_after_its_session(
    house: House, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, scope = house.client, f"repository:{CONTAINERS}/web:pull,push"
    query = {"scope": scope, "offline_token": "true"}
    found = client.get("/token", query_string=query, headers=basic(issuer.token(aud=AUDIENCE))).get_json()
    assert found["expires_in"] in {1799, 1800}
    data = {"grant_type": "refresh_token", "refresh_token": found["refresh_token"], "scope": scope}
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began + 1200)
    later = client.post("/token", data=data).get_json()
    assert later["expires_in"] <= 600, "a refresh makes the session no longer"
    path = f"/v2/{CONTAINERS}/web/blobs/uploads/"
    assert client.post(path, headers=bearer(later["access_token"])).status_code == 202
    monkeypatch.setattr(time, "time", lambda: began + 1801)
    assert client.post(path, headers=bearer(later["access_token"])).status_code == 401
    assert client.post("/token", data=data).status_code == 401


def test_a_job_logs_in_where_somebody_else_has_failed_too_often(house: House, issuer: Issuer) -> None:
    for _ in range(house.settings.login_failures):
        with pytest.raises(Refused):
            house.log_in("wrong wrong wrong")
    with pytest.raises(RegistryError):
        house.log_in("wrong wrong wrong")
    assert job(house, issuer.token(aud=AUDIENCE)).kind is Kind.OIDC
