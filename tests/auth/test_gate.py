"""What the web asks of access: who fails too often waits, and what happens is noted without a secret."""

import time
from dataclasses import replace

import pytest

from ocireg.auth import first, keys
from ocireg.auth.login import Refused
from ocireg.auth.manage.keys import rotate
from ocireg.auth.throttle import SLOTS
from ocireg.errors import RegistryError
from ocireg.metadata.audit import SYSTEM
from tests.auth.house import PASSWORD, House, opened

HERE, THERE = "192.0.2.7", "198.51.100.8"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqb2IifQ.c2lnbmF0dXJl"


def fail(house: House, name: str = "reader", address: str | None = HERE, times: int = 1) -> None:
    """Fail to log in."""
    for _ in range(times):
        with pytest.raises(Refused):
            house.log_in("wrong wrong wrong", name, address)


def refusal(house: House, secret: str, name: str = "reader", address: str | None = HERE) -> RegistryError:
    """Return why one must wait."""
    with pytest.raises(RegistryError) as refused:
        house.log_in(secret, name, address)
    assert refused.value.error.status == 429
    return refused.value


@pytest.fixture(name="house")
def with_password(house: House) -> House:
    """Let the reader have a password."""
    house.manager.users.set_password(SYSTEM, "reader", PASSWORD)
    return house


def test_an_address_that_failed_too_often_waits_with_whatever_account(house: House) -> None:
    limit, window = house.settings.login_failures, house.settings.login_window
    for number in range(limit):
        fail(house, f"somebody-{number}")
    wait = int(refusal(house, PASSWORD).headers["Retry-After"])
    assert 1 <= wait <= window + window / SLOTS + 1
    house.log_in(PASSWORD, "reader", THERE)


def test_whoever_waits_may_still_show_a_token_of_ours_and_guess_none(house: House) -> None:
    fail(house, times=house.settings.login_failures)
    assert house.log_in(house.token("reader"), "reader", HERE).actor.name == "reader"
    refusal(house, "ocireg_" + "0" * 48)
    refusal(house, JWT)


def test_a_wait_ends_no_sooner_than_it_says(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounded down, whoever does as told would be refused once more."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    counted = type(house.gate)(house.settings, house.installed.access.roster, house.installed.trail, lambda *_: ())
    monkeypatch.setattr(counted, "_failures", type(counted._failures)(1, 7.0, lambda: now[0]))  # noqa: SLF001 - a clock
    with pytest.raises(Refused):
        counted.log_in("reader", "wrong wrong wrong", HERE, "")
    with pytest.raises(RegistryError) as refused:
        counted.log_in("reader", PASSWORD, HERE, "")
    now[0] += int(refused.value.headers["Retry-After"])
    assert counted.log_in("reader", PASSWORD, HERE, "").actor.name == "reader"


def test_requests_for_tokens_are_counted_by_address(house: House) -> None:
    for _ in range(house.settings.token_requests):
        house.gate.count_token_request(HERE)
    with pytest.raises(RegistryError, match="too many requests for tokens") as refused:
        house.gate.count_token_request(HERE)
    assert int(refused.value.headers["Retry-After"]) >= 1
    house.gate.count_token_request(THERE)
    house.gate.count_token_request(None)


@pytest.mark.parametrize("secret", ["ocireg_" + "1" * 48, "ocireg_registry_" + "2" * 48, JWT, "x" * 200])
def test_a_secret_in_the_place_of_the_name_is_not_kept(house: House, secret: str) -> None:
    with pytest.raises(Refused):
        house.log_in("x" * 20, secret)
    house.installed.trail.close()
    (event,) = house.events("login.refused")
    assert event.actor == f"(no name: {len(secret)} characters)"
    assert secret not in repr(event)


def test_the_operators_token_in_the_place_of_the_name_is_not_kept(house: House) -> None:
    chosen = "5d41402abc4b2a76b9719d911017c592"
    first.let_somebody_in(house.database, replace(house.settings, admin_token=chosen))
    with pytest.raises(Refused):
        house.log_in("admin", chosen)
    house.installed.trail.close()
    (event,) = house.events("login.refused")
    assert event.actor == f"(no name: {len(chosen)} characters)"


@pytest.mark.parametrize("name", ["reader", "Somebody Else", "somebody@example.com", ""])
def test_the_name_that_was_claimed_is_noted_and_the_secret_is_not(house: House, name: str) -> None:
    with pytest.raises(Refused):
        house.log_in("a secret that is wrong", name)
    house.installed.trail.close()
    (event,) = house.events("login.refused")
    assert (event.actor, event.outcome, event.address) == (name, "refused", HERE)
    assert "a secret that is wrong" not in repr(event)


def test_logins_by_one_credential_from_one_address_are_one_event_for_a_while(house: House) -> None:
    secret = house.token("reader", description="laptop")
    for _ in range(5):
        house.log_in(secret, address=HERE)
    house.log_in(secret, address=THERE)
    house.installed.trail.close()
    events = house.events("login")
    assert {(one.actor, one.address) for one in events} == {("reader", HERE), ("reader", THERE)}
    assert len(events) == 2
    assert secret not in repr(events)


def test_a_refresh_token_and_an_access_token_are_not_taken_for_each_other(house: House) -> None:
    issued = house.gate.issue(house.log_in(house.token("reader")), [], offline=True)
    assert issued.refresh_token
    assert house.gate.resume(issued.refresh_token, HERE).actor.name == "reader"
    assert house.gate.bearer(issued.token, HERE).actor.name == "reader"
    with pytest.raises(Refused):
        house.gate.resume(issued.token, HERE)
    with pytest.raises(Refused):
        house.gate.bearer(issued.refresh_token, HERE)


def test_a_token_by_a_key_that_another_process_began_to_sign_with_is_good_at_once(house: House) -> None:
    keys.make(house.settings)
    secret = house.token("reader")
    with opened(house.settings.data.parent) as other:
        before = house.view
        rotate(other.database, other.settings, SYSTEM)
        issued = other.gate.issue(other.log_in(secret), [], offline=True)
        assert issued.refresh_token
        assert before.signer.read_access(issued.token) is None
        for _ in range(2):  # the second time it is known already
            assert house.gate.bearer(issued.token, HERE).actor.name == "reader"
            assert house.gate.resume(issued.refresh_token, HERE).actor.name == "reader"
