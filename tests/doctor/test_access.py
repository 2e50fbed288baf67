"""The diagnosis of access: keys, logins, policies, and what is open."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.auth import keys
from ocireg.auth.manage import Manager
from ocireg.auth.scopes import SCOPES
from ocireg.config import Settings
from ocireg.doctor import Finding, Verdict
from ocireg.installation import manager_over, open_database
from ocireg.metadata.audit import SYSTEM
from tests.doctor.examined import examined, made

POLICY = "[{iss: 'https://gitlab.com', claims: {ref: main}}]"
CHECKS = ("signing key", "logins", "open", "OIDC policies", "proxies")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation with a user admin, who has a token."""
    return made(tmp_path)


@pytest.fixture
def manager(settings: Settings) -> Iterator[Manager]:
    database = open_database(settings)
    yield manager_over(database, settings)
    database.close()


def access(folder: Path, **changes: object) -> dict[str, Finding]:
    """Return what is found about access."""
    found = examined(folder, storage="memory:", workers=1, **changes)
    return {name: found[name] for name in CHECKS}


@pytest.mark.usefixtures("settings")
def test_a_new_installation_passes(tmp_path: Path) -> None:
    assert {one.verdict for one in access(tmp_path).values()} == {Verdict.PASS}


def test_without_a_database_settings_alone_are_looked_at(tmp_path: Path) -> None:
    found = {name: one.verdict for name, one in access(tmp_path).items()}
    skipped = dict.fromkeys(("signing key", "logins", "OIDC policies"), Verdict.SKIP)
    assert found == skipped | {"open": Verdict.PASS, "proxies": Verdict.PASS}


@pytest.mark.usefixtures("settings")
def test_a_lost_key_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "data" / keys.FILE).unlink()
    found = access(tmp_path)["signing key"]
    assert (found.verdict, "ocireg init makes one" in found.advice) == (Verdict.FAIL, True)


@pytest.mark.usefixtures("settings")
def test_another_key_than_the_other_nodes_have_is_a_failure_that_shows_fingerprints_alone(tmp_path: Path) -> None:
    key = "k" * 40
    found = access(tmp_path, secret_key=key)["signing key"]
    assert found.verdict is Verdict.FAIL
    assert found.text == f"{keys.fingerprint(key)} signs, 1 verify"
    kept = (tmp_path / "data" / keys.FILE).read_text().strip()
    assert found.message.startswith(keys.fingerprint(kept))
    assert not any(secret in f"{found}" for secret in (key, kept))


@pytest.mark.usefixtures("settings")
def test_a_new_key_that_running_processes_have_not_taken_is_a_warning(tmp_path: Path) -> None:
    kept = (tmp_path / "data" / keys.FILE).read_text().strip()
    found = access(tmp_path, secret_key=f"{kept},{'k' * 40}")["signing key"]
    assert (found.verdict, found.advice) == (Verdict.WARN, "restart them")


@pytest.mark.usefixtures("settings")
def test_a_key_that_others_may_read_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "data" / keys.FILE).chmod(0o644)
    assert access(tmp_path)["signing key"].verdict is Verdict.WARN


@pytest.mark.parametrize(
    ("remedy", "verdict"),
    [("", Verdict.WARN), ("password", Verdict.PASS), ("token", Verdict.PASS), ("expired", Verdict.WARN)],
)
def test_somebody_who_administers_must_be_able_to_log_in(
    remedy: str, verdict: Verdict, tmp_path: Path, manager: Manager
) -> None:
    for one in manager.tokens.of_user("admin"):
        manager.tokens.revoke(SYSTEM, one.id)
    if remedy == "password":
        manager.users.set_password(SYSTEM, "admin", "long enough")
    elif remedy:
        lifetime = 1e-6 if remedy == "expired" else None
        manager.tokens.create(SYSTEM, "admin", scopes=SCOPES, lifetime=lifetime)
    assert access(tmp_path)["logins"].verdict is verdict


@pytest.mark.usefixtures("settings")
def test_what_is_open_is_warned_of(tmp_path: Path) -> None:
    found = access(tmp_path, open="true")
    assert (found["open"].verdict, found["logins"].verdict) == (Verdict.WARN, Verdict.PASS)


def test_a_policy_needs_the_url_that_tokens_name_and_issuers_that_are_allowed(tmp_path: Path, manager: Manager) -> None:
    manager.registries.set_policy(SYSTEM, "root", POLICY)
    assert "url is not set" in access(tmp_path)["OIDC policies"].message
    url = {"url": "http://127.0.0.1:1"}
    assert access(tmp_path, **url)["OIDC policies"].text == "1 of the registries have one"
    found = access(tmp_path, **url, oidc_issuers="github")["OIDC policies"]
    assert "that of root lets nobody in: statement 1, line 1" in found.message


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"url": "https://127.0.0.1:1"}, Verdict.WARN),
        ({"url": "https://127.0.0.1:1", "trusted_proxies": "127.0.0.1"}, Verdict.PASS),
        ({"url": "https://127.0.0.1:1", "tls_cert": "c.pem", "tls_key": "k.pem"}, Verdict.PASS),
        ({"url": "http://127.0.0.1:1"}, Verdict.PASS),
    ],
    ids=str,
)
def test_a_proxy_that_must_be_there_is_named(changes: dict[str, str], verdict: Verdict, tmp_path: Path) -> None:
    assert access(tmp_path, **changes)["proxies"].verdict is verdict


def test_nothing_is_made_by_looking(settings: Settings, tmp_path: Path) -> None:
    shutil.rmtree(settings.data)
    access(tmp_path)
    assert not settings.data.exists()
