"""When a credential is good, and what is left of somebody who is cut down to one registry."""

import time

import pytest

from ocireg.auth.access import Action, Target, may
from ocireg.auth.actor import ANONYMOUS, ANYBODY, Actor, user
from ocireg.auth.scopes import Level
from ocireg.config.networks import Networks

READER = user("reader", "1", "password", levels={1: Level.READ, 2: Level.READ})


@pytest.mark.parametrize(
    ("networks", "address", "good"),
    [
        ("", None, True),
        ("", "192.0.2.1", True),
        ("192.0.2.0/24", "192.0.2.1", True),
        ("192.0.2.0/24", "::ffff:192.0.2.1", True),
        ("192.0.2.0/24", "198.51.100.1", False),
        ("192.0.2.0/24", "2001:db8::1", False),
        ("192.0.2.0/24", None, False),
        ("192.0.2.0/24", "", False),
        ("192.0.2.0/24", "no address", False),
        ("198.51.100.1, 2001:db8::/32", "2001:db8::1", True),
    ],
)
def test_a_credential_is_good_from_its_networks_alone(networks: str, address: str | None, good: bool) -> None:
    assert user("a", "1", "token", networks=Networks.parse(networks)).fault(address) == (
        "" if good else "is not for this address"
    )


@pytest.mark.parametrize(("ago", "good"), [(60, False), (0, False), (-60, True)])
def test_a_credential_is_good_until_it_expires(ago: float, good: bool) -> None:
    assert user("a", "1", "token", expires_at=time.time() - ago).fault(None) == ("" if good else "has expired")


@pytest.mark.parametrize(("actor", "known"), [(ANONYMOUS, False), (ANYBODY, False), (READER, True)])
def test_whoever_showed_a_credential_is_known(actor: Actor, known: bool) -> None:
    assert actor.is_known is known


def test_somebody_cut_down_stays_the_same_and_ends_no_later() -> None:
    cut = user("a", "1", "API token 7", expires_at=1000.0).reading_only(1, 2000.0)
    assert (cut.id, cut.expires_at, cut.bound_to) == ("user:1", 1000.0, 1)
    assert READER.reading_only(1, 2000.0).expires_at == 2000.0
    assert cut.credential == "temporary token by API token 7"


def test_somebody_cut_down_to_one_registry_cannot_be_cut_down_to_another() -> None:
    """Whoever shows a temporary token may ask for another one: it must not open a door that the first did not."""
    twice = READER.reading_only(1, 2e9).reading_only(2, 2e9)
    assert not any(may(twice, Action.PULL, Target(None, one)) for one in (1, 2))
    same = READER.reading_only(1, 2e9).reading_only(1, 2e9)
    assert may(same, Action.PULL, Target(None, 1))
