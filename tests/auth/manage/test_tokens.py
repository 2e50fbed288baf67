"""API tokens and registry tokens: the secret is shown once, and what was another's cannot be touched."""

import math
import time

import pytest

from ocireg.auth import secrets
from ocireg.auth.manage import tokens as module
from ocireg.auth.manage.errors import Invalid, Unknown
from ocireg.auth.scopes import READ_PACKAGES, SCOPES
from tests.auth.house import BY, CONTAINERS, GOODS, SHOWN, House


def test_a_secret_is_told_once_and_is_nowhere_afterwards(house: House) -> None:
    made = house.manager.tokens.create(BY, "reader", scopes=[READ_PACKAGES], description="laptop")
    other = house.manager.tokens.create_for_registry(BY, CONTAINERS, "cluster")
    assert made.secret.startswith(secrets.API_TOKEN)
    assert other.secret.startswith(secrets.REGISTRY_TOKEN)
    house.database.fetch("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = house.database.path.read_bytes()
    for secret in (made.secret, other.secret):
        assert secret.encode() not in kept
        assert secret.rpartition("_")[2].encode() not in kept
    (listed,) = house.manager.tokens.of_user("reader")
    assert (listed.id, listed.description, listed.scopes) == (made.id, "laptop", "read_packages")
    assert made.secret not in repr((listed, house.events("token.create"), house.events("registry_token.create")))


def test_every_secret_is_another(house: House) -> None:
    made = [house.manager.tokens.create(BY, "reader", scopes=SCOPES) for _ in range(5)]
    assert len({one.secret for one in made}) == len({one.id for one in made}) == 5


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read_everything"]}, "scopes"),
        ({"scopes": ["READ_PACKAGES"]}, "scopes"),
        ({"lifetime": 0.0}, "expires"),
        ({"lifetime": -1.0}, "expires"),
        ({"lifetime": math.nan}, "expires"),
        ({"lifetime": math.inf}, "expires"),
        ({"lifetime": 1e300}, "expires"),
        ({"networks": "not a network"}, "networks"),
        ({"networks": "192.0.2.0/33"}, "networks"),
        ({"description": "two\nlines"}, "description"),
        ({"description": "x" * 501}, "description"),
    ],
)
def test_what_cannot_be_is_refused_by_field(house: House, what: dict[str, object], field: str) -> None:
    """A life that is no number would be kept as none, and none means for ever."""
    with pytest.raises(Invalid) as refused:
        house.manager.tokens.create(BY, "reader", **{"scopes": [READ_PACKAGES], **what})  # type: ignore[arg-type] # as it comes
    assert refused.value.field == field
    assert house.manager.tokens.of_user("reader") == []


def test_a_token_expires_when_it_was_said(house: House) -> None:
    house.manager.tokens.create(BY, "reader", scopes=SCOPES, lifetime=3600.0)
    (kept,) = house.manager.tokens.of_user("reader")
    assert kept.expires_at is not None
    assert abs(kept.expires_at - time.time() - 3600) < 60


def test_a_token_is_revoked_by_its_identifier_alone(house: House) -> None:
    made = house.manager.tokens.create(BY, "reader", scopes=SCOPES)
    for wrong in ("", "0" * 16, made.secret, made.id.upper() + "x", secrets.digest(made.secret)):
        with pytest.raises(Unknown):
            house.manager.tokens.revoke(BY, wrong)
    house.manager.tokens.revoke(BY, made.id)
    assert house.manager.tokens.of_user("reader") == []


def test_a_token_of_another_registry_is_not_there(house: House) -> None:
    made = house.manager.tokens.create_for_registry(BY, CONTAINERS)
    api = house.manager.tokens.create(BY, "reader", scopes=SCOPES)
    for path, token in ((GOODS, made.id), ("root", made.id), (CONTAINERS, ""), (CONTAINERS, api.id)):
        with pytest.raises(Unknown):
            house.manager.tokens.revoke_for_registry(BY, path, token)
    with pytest.raises(Unknown):
        house.manager.tokens.revoke(BY, made.id)
    assert [one.id for one in house.manager.tokens.of_registry(CONTAINERS)] == [made.id]
    house.manager.tokens.revoke_for_registry(BY, CONTAINERS, made.id)
    assert house.manager.tokens.of_registry(CONTAINERS) == []


def test_a_public_registry_has_no_use_for_a_token(house: House) -> None:
    with pytest.raises(Invalid, match="acme/shown is public"):
        house.manager.tokens.create_for_registry(BY, SHOWN)


def test_events_say_which_organization_a_registry_token_is_of(house: House) -> None:
    made = house.manager.tokens.create_for_registry(BY, CONTAINERS)
    house.manager.tokens.revoke_for_registry(BY, CONTAINERS, made.id)
    for action in ("registry_token.create", "registry_token.revoke"):
        (event,) = house.events(action)
        assert (event.organization, event.registry, event.subject) == ("acme", CONTAINERS, made.id)


def test_there_is_an_end_of_tokens(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    for _ in range(2):
        house.token("reader")
        house.registry_token()
    with pytest.raises(Invalid, match="reader has 2 tokens"):
        house.token("reader")
    with pytest.raises(Invalid, match="acme/containers has 2 tokens"):
        house.registry_token()
    house.token("writer")


def test_tokens_of_nobody_are_unknown(house: House) -> None:
    for change in (
        lambda: house.manager.tokens.create(BY, "nobody", scopes=SCOPES),
        lambda: house.manager.tokens.of_user("nobody"),
        lambda: house.manager.tokens.create_for_registry(BY, "acme/none"),
        lambda: house.manager.tokens.of_registry("acme/none"),
    ):
        with pytest.raises(Unknown):
            change()
