"""From a name and a secret to somebody: the secret alone says who, but of a password."""

import time

import pytest

from ocireg.auth import desk, identities, login, passwords, secrets
from ocireg.auth.access import Action, Target, may
from ocireg.auth.actor import Kind
from ocireg.auth.login import Refused, log_in
from ocireg.auth.roster import View
from ocireg.auth.scopes import EVERY_SCOPE, READ_PACKAGES
from ocireg.auth.signing import Reference
from ocireg.metadata import credentials
from ocireg.metadata.audit import SYSTEM
from tests.auth.house import CONTAINERS, PASSWORD, House

READ_ONLY = frozenset({READ_PACKAGES})
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqb2IifQ.c2lnbmF0dXJl"


def no_exchange(_view: View, _token: str) -> Reference:
    """Take no JWT."""
    raise AssertionError("this is no JWT")


@pytest.mark.parametrize("name", ["reader", "token", "buildkite", "", "somebody else", "admin"])
def test_an_api_token_is_its_users_whatever_name_is_given(house: House, name: str) -> None:
    secret = house.token("reader", [READ_PACKAGES], description="laptop")
    found = log_in(house.view, no_exchange, name, secret, None).actor
    assert (found.name, found.scopes, found.admin) == ("reader", READ_ONLY, False)
    assert found.credential.startswith("API token ")
    assert "laptop" in found.credential
    assert secret not in repr(found)


def test_a_registry_token_is_of_its_registry_alone(house: House) -> None:
    found = log_in(house.view, no_exchange, "x", house.registry_token(), None).actor
    assert (found.kind, found.scopes) == (Kind.REGISTRY_TOKEN, READ_ONLY)
    assert found.bound_to == house.id_of(CONTAINERS)
    assert "acme/containers" in found.name


def test_a_temporary_token_reads_one_registry_for_a_while(house: House) -> None:
    whose = house.log_in(house.token("reader"))
    secret = desk.temporary(house.view, whose, house.id_of(CONTAINERS))
    found = log_in(house.view, no_exchange, "x", secret, None).actor
    assert (found.id, found.scopes, found.bound_to) == (whose.actor.id, READ_ONLY, house.id_of(CONTAINERS))
    assert found.expires_at is not None
    assert found.expires_at <= time.time() + desk.TEMPORARY_LIFE


@pytest.mark.parametrize(
    ("name", "password", "good"),
    [
        ("reader", PASSWORD, True),
        ("reader", PASSWORD + " ", False),
        ("reader", PASSWORD.upper(), False),
        ("reader", "", False),
        ("Reader", PASSWORD, False),
        ("reader ", PASSWORD, False),
        ("", PASSWORD, False),
        ("writer", PASSWORD, False),
        ("nobody", PASSWORD, False),
        ("reader\0", PASSWORD, False),
        ("reader", "x" * (login.LONGEST + 1), False),
        ("reader", "\ud800" * 12, False),
    ],
)
def test_a_password_is_good_for_its_own_user(house: House, name: str, password: str, good: bool) -> None:
    house.manager.users.set_password(SYSTEM, "reader", PASSWORD)
    if good:
        found = log_in(house.view, no_exchange, name, password, None).actor
        assert (found.name, found.scopes, found.credential) == (name, EVERY_SCOPE, "password")
        return
    with pytest.raises(Refused):
        log_in(house.view, no_exchange, name, password, None)


@pytest.mark.parametrize("secret", ["ocireg_", "ocireg_" + "0" * 48, "ocireg_registry_" + "0" * 48])
def test_a_token_that_there_is_not_is_never_compared_as_a_password(
    house: House, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setattr(passwords, "fits", lambda *_: pytest.fail("it was"))
    with pytest.raises(Refused, match="there is no such token"):
        log_in(house.view, no_exchange, "reader", secret, None)


@pytest.mark.parametrize(
    ("secret", "taken"),
    [(JWT, True), (JWT + ".x", False), (JWT.replace(".", "", 1), False), ("e" + JWT, False), ("x" * 20, False)],
)
def test_what_has_the_form_of_a_jwt_goes_to_the_exchange_and_nothing_else_does(
    house: House, secret: str, taken: bool
) -> None:
    asked: list[str] = []

    def exchange(_view: View, token: str) -> Reference:
        asked.append(token)
        return identities.NOBODY

    if taken:
        assert log_in(house.view, exchange, "token", secret, None).actor.kind is Kind.ANONYMOUS
    else:
        with pytest.raises(Refused):
            log_in(house.view, exchange, "token", secret, None)
    assert asked == ([secret] if taken else [])


@pytest.mark.parametrize("cut", [0, 1, 30])
def test_a_temporary_token_that_was_cut_is_none(house: House, cut: int) -> None:
    secret = desk.temporary(house.view, house.log_in(house.token("reader")), house.id_of(CONTAINERS))
    shown = secret[: len(secrets.TEMPORARY_TOKEN)] if cut == 0 else secret[:-cut]
    with pytest.raises(Refused, match="the temporary token is not good"):
        log_in(house.view, no_exchange, "x", shown, None)


def test_a_token_is_good_from_its_networks_and_until_it_expires(house: House) -> None:
    secret = house.token("reader", networks="192.0.2.0/24", lifetime=3600.0)
    assert log_in(house.view, no_exchange, "x", secret, "192.0.2.9").actor.name == "reader"
    for elsewhere in ("198.51.100.1", None):
        with pytest.raises(Refused, match="is not for this address"):
            log_in(house.view, no_exchange, "x", secret, elsewhere)
    brief = house.token("reader", lifetime=1e-6)
    with pytest.raises(Refused, match="has expired"):
        log_in(house.view, no_exchange, "x", brief, "192.0.2.9")


def test_every_login_ends_with_what_it_was_given_for(house: House) -> None:
    """What is remembered of a login is dropped when anything about access changes; what it was for is looked up."""
    manager = house.manager
    manager.users.set_password(SYSTEM, "reader", PASSWORD)
    token = manager.tokens.create(SYSTEM, "reader", scopes=[READ_PACKAGES])
    registry_token = manager.tokens.create_for_registry(SYSTEM, CONTAINERS)
    temporary = desk.temporary(house.view, house.log_in(token.secret), house.id_of(CONTAINERS))
    secrets_shown = (PASSWORD, token.secret, registry_token.secret, temporary)
    for secret in secrets_shown:
        log_in(house.view, no_exchange, "reader", secret, None)
    manager.users.set_password(SYSTEM, "reader", PASSWORD + "2")
    manager.tokens.revoke(SYSTEM, token.id)
    manager.tokens.revoke_for_registry(SYSTEM, CONTAINERS, registry_token.id)
    for secret in secrets_shown:
        with pytest.raises(Refused):
            log_in(house.view, no_exchange, "reader", secret, None)


@pytest.mark.parametrize("how", ["password", "API token", "temporary"])
def test_a_deleted_user_is_nobody_and_neither_is_the_next_of_that_name(house: House, how: str) -> None:
    house.manager.users.set_password(SYSTEM, "reader", PASSWORD)
    token = house.token("reader")
    shown = {
        "password": PASSWORD,
        "API token": token,
        "temporary": desk.temporary(house.view, house.log_in(token), house.id_of(CONTAINERS)),
    }[how]
    before = log_in(house.view, no_exchange, "reader", shown, None)
    house.manager.users.delete(SYSTEM, "reader")
    house.manager.users.create(SYSTEM, "reader", password="another password")
    with pytest.raises(Refused):
        log_in(house.view, no_exchange, "reader", shown, None)
    assert identities.resolve(house.view, before.reference) is None
    assert house.actor("reader").id != before.actor.id, "an upload of the former one is not the new one's"


def test_a_good_password_is_compared_once_while_access_stays_and_a_bad_one_each_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.manager.users.set_password(SYSTEM, "reader", PASSWORD)
    compared: list[str] = []
    real = passwords.fits

    def fits(password: str, kept: str | None) -> bool:
        compared.append(password)
        return real(password, kept)

    monkeypatch.setattr(passwords, "fits", fits)
    view = house.view
    for _ in range(3):
        log_in(view, no_exchange, "reader", PASSWORD, None)
    assert compared == [PASSWORD]
    for _ in range(3):
        with pytest.raises(Refused):
            log_in(view, no_exchange, "reader", "wrong wrong wrong", None)
    assert compared[1:] == ["wrong wrong wrong"] * 3
    assert PASSWORD not in repr(view.__dict__), "what is remembered tells nothing"


def test_the_last_use_of_a_token_is_noted_once_in_a_while(house: House) -> None:
    secret = house.token("reader")
    digest = secrets.digest(secret)
    log_in(house.view, no_exchange, "x", secret, None)
    first = credentials.api_token(house.database, digest=digest)
    assert first is not None
    assert first.last_used_at is not None
    house.installed.access.roster.forget()
    house.manager.users.create(SYSTEM, "somebody")  # what was remembered is dropped
    log_in(house.view, no_exchange, "x", secret, None)
    assert credentials.api_token(house.database, digest=digest) == first


def test_a_token_of_an_admin_does_what_its_scopes_say_and_no_more(house: House) -> None:
    actor = house.log_in(house.token("admin", [READ_PACKAGES])).actor
    target = Target(house.organization("acme"), house.id_of(CONTAINERS))
    assert actor.admin
    assert {one for one in Action if may(actor, one, target)} == {Action.PULL}
