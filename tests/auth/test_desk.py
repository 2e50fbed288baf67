"""The token end-point without HTTP: what is granted of what was asked for."""

import time
from dataclasses import replace

import pytest

from ocireg.auth import desk, identities
from ocireg.auth.actor import ANONYMOUS
from ocireg.auth.login import Login, resume
from ocireg.auth.scopes import DELETE_PACKAGES, READ_PACKAGES, WRITE_PACKAGES
from ocireg.metadata.audit import SYSTEM
from ocireg.oci.scope import parse_scopes
from tests.auth.house import CONTAINERS, House

NOBODY = Login(ANONYMOUS, identities.NOBODY)


def granted(house: House, login: Login, asked: str) -> dict[str, set[str]]:
    """Return what an access token says that it is for."""
    issued = desk.issue(house.view, house.settings, login, parse_scopes([asked]), offline=False)
    access = house.view.signer.read_access(issued.token)
    assert access is not None
    assert access.reference == login.reference
    assert issued.refresh_token is None
    named = [f"repository:{name}:{','.join(sorted(actions))}" for name, actions in access.granted.items()]
    assert issued.scope.split() == named + ["registry:catalog:*"] * access.catalog
    return {name: set(actions) for name, actions in access.granted.items()}


HIDDEN, SHOWN, ROOT = "acme/containers/app", "acme/shown/app", "app"


@pytest.mark.parametrize(
    ("who", "asked", "found"),
    [
        ("reader", f"repository:{HIDDEN}:pull", {HIDDEN: {"pull"}}),
        ("reader", f"repository:{HIDDEN}:pull,push", {HIDDEN: {"pull"}}),
        ("reader", f"repository:{HIDDEN}:*", {HIDDEN: {"pull"}}),
        ("reader", f"repository:{HIDDEN}:push", {}),
        ("writer", f"repository:{HIDDEN}:pull,push", {HIDDEN: {"pull", "push", "delete"}}),
        ("writer", f"repository:{HIDDEN}:delete", {HIDDEN: {"delete"}}),
        ("writer", f"repository:{HIDDEN}:pull", {HIDDEN: {"pull"}}),
        ("writer", f"repository:{HIDDEN}:*", {HIDDEN: {"pull", "push", "delete"}}),
        ("writer", f"repository:{HIDDEN}:fly", {}),
        ("writer", f"repository(plugin):{HIDDEN}:pull", {HIDDEN: {"pull"}}),
        ("writer", f"plugin:{HIDDEN}:pull", {}),
        ("writer", f"repository:{HIDDEN}:pull repository:{HIDDEN}:push", {HIDDEN: {"pull", "push", "delete"}}),
        ("stranger", f"repository:{HIDDEN}:pull,push", {}),
        ("stranger", f"repository:{SHOWN}:pull,push", {SHOWN: {"pull"}}),
        ("stranger", f"repository:{ROOT}:*", {}),
        ("other", f"repository:{HIDDEN}:* repository:umbrella/goods/x:*", {"umbrella/goods/x": {"pull"}}),
        ("admin", "registry:catalog:*", {}),
        ("reader", "repository:Upper:pull repository:../x:pull repository:a:b:pull", {}),
        ("reader", "", {}),
    ],
)
def test_what_is_granted_is_what_was_asked_for_and_may_be_done(
    house: House, who: str, asked: str, found: dict[str, set[str]]
) -> None:
    assert granted(house, house.log_in(house.token(who)), asked) == found


@pytest.mark.parametrize("asked", [HIDDEN, "acme/none/app", "umbrella/goods/app", ROOT, "nobody/none/app", "acme"])
def test_nobody_is_granted_what_is_not_public(house: House, asked: str) -> None:
    assert granted(house, NOBODY, f"repository:{asked}:pull,push repository:{SHOWN}:*") == {SHOWN: {"pull"}}


def test_a_token_that_lacks_a_scope_lacks_it_in_what_it_is_changed_for(house: House) -> None:
    for scope, action in ((READ_PACKAGES, "pull"), (WRITE_PACKAGES, "push"), (DELETE_PACKAGES, "delete")):
        login = house.log_in(house.token("admin", [scope]))
        assert granted(house, login, f"repository:{HIDDEN}:*") == {HIDDEN: {action}}


def test_a_hidden_name_and_a_missing_one_are_granted_alike(house: House) -> None:
    for who in ("stranger", "rooted", "reader"):
        login = house.log_in(house.token(who))
        hidden, missing = "umbrella/goods/x", "umbrella/none/x"
        found = granted(house, login, f"repository:{hidden}:*"), granted(house, login, f"repository:{missing}:*")
        assert found[0].get(hidden) == found[1].get(missing)


@pytest.mark.parametrize("life", [60, 300])
def test_an_access_token_lives_as_long_as_the_setting_says(house: House, life: int) -> None:
    settings = replace(house.settings, token_life=float(life))
    issued = desk.issue(house.view, settings, house.log_in(house.token("reader")), [], offline=True)
    assert issued.expires_in == life
    assert abs(issued.issued_at - time.time()) < 60


def test_no_token_outlives_the_credential_that_it_was_given_for(house: House) -> None:
    login = house.log_in(house.token("reader", lifetime=50.0))
    issued = desk.issue(house.view, house.settings, login, [], offline=True)
    assert issued.expires_in <= 50
    assert issued.refresh_token is not None
    assert house.view.signer.read_refresh(issued.refresh_token) == login.reference
    assert login.actor.expires_at is not None


def test_only_somebody_who_is_known_gets_a_refresh_token_and_only_who_asks(house: House) -> None:
    login = house.log_in(house.token("reader"))
    assert desk.issue(house.view, house.settings, login, [], offline=True).refresh_token
    assert desk.issue(house.view, house.settings, login, [], offline=False).refresh_token is None
    assert desk.issue(house.view, house.settings, NOBODY, [], offline=True).refresh_token is None


def test_what_a_token_was_given_for_is_asked_again_when_it_is_shown(house: House) -> None:
    """A level that was taken away is gone, whatever the token says; the login itself goes on."""
    login = house.log_in(house.token("writer"))
    assert granted(house, login, f"repository:{HIDDEN}:*")
    house.manager.registries.withdraw(SYSTEM, CONTAINERS, "writer")
    assert granted(house, resume(house.view, login.reference, None), f"repository:{HIDDEN}:*") == {}


def test_a_temporary_token_grants_pulls_of_one_registry(house: House) -> None:
    secret = desk.temporary(house.view, house.log_in(house.token("admin")), house.id_of(CONTAINERS))
    login = house.log_in(secret)
    assert granted(house, login, f"repository:{HIDDEN}:* repository:umbrella/goods/x:*") == {HIDDEN: {"pull"}}
