"""How often something may be tried, on a clock of the test's."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.auth import throttle
from ocireg.auth.throttle import SLOTS, FailedLogins, Throttle, client_key


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_key_waits_after_its_limit_and_no_other_does() -> None:
    clock = Clock()
    counted = Throttle(3, 60, clock=clock)
    for _ in range(3):
        assert counted.check("a") is None
        counted.hit("a")
    wait = counted.check("a")
    assert wait is not None
    assert 60 <= wait <= 60 + 60 / SLOTS
    assert counted.check("b") is None
    clock.now += wait
    assert counted.check("a") is None


def test_a_wait_ends_when_the_first_hit_is_a_window_old_and_not_the_last() -> None:
    clock = Clock()
    counted = Throttle(2, 60, clock=clock)
    counted.hit("a")
    clock.now += 30
    counted.hit("a")
    wait = counted.check("a")
    assert wait is not None
    assert 30 <= wait <= 30 + 60 / SLOTS
    clock.now += wait
    assert counted.take("a") is None
    assert counted.take("a") is not None


def test_a_hit_above_the_limit_makes_the_wait_longer() -> None:
    clock = Clock()
    counted = Throttle(1, 60, clock=clock)
    counted.hit("a")
    clock.now += 30
    counted.hit("a")
    wait = counted.check("a")
    assert wait is not None
    assert wait >= 60


def test_a_key_that_is_cleared_begins_anew() -> None:
    counted = Throttle(1, 60)
    counted.hit("a")
    assert counted.check("a") is not None
    counted.clear("a")
    counted.clear("never seen")
    assert counted.check("a") is None


@given(
    limit=st.integers(1, 5),
    pauses=st.lists(st.floats(0, 40, allow_nan=False) | st.just(0.0), min_size=1, max_size=60),
)
def test_never_more_than_the_limit_pass_in_any_window_and_a_wait_is_never_in_vain(
    limit: int, pauses: list[float]
) -> None:
    clock = Clock()
    counted = Throttle(limit, 60, clock=clock)
    passed: list[float] = []
    for pause in pauses:
        clock.now += pause
        wait = counted.take("a")
        if wait is None:
            passed.append(clock.now)
        else:
            assert 0 <= wait <= 60 + 60 / SLOTS + 1e-6
            assert len([one for one in passed if clock.now - one <= 60 + 60 / SLOTS + 1e-6]) >= limit
    for first, last in zip(passed, passed[limit:], strict=False):
        assert last - first >= 60 - 1e-6


@given(keys=st.lists(st.text(max_size=200), max_size=100))
def test_memory_is_bounded_whatever_the_keys_are(keys: list[str]) -> None:
    counted = Throttle(2, 60, most=8, clock=Clock())
    for key in keys:
        counted.take(key)
        counted.check(key)
        counted.hit(key + "\ud800" * 200)
        assert len(counted) <= 8
    assert all(len(key) <= throttle.LONGEST_KEY for key in counted._hits)  # noqa: SLF001 - what is held


def test_what_is_checked_is_not_remembered_and_what_was_used_last_is_kept() -> None:
    counted = Throttle(1, 60, most=2, clock=Clock())
    for key in "abc":
        counted.check(key)
    assert len(counted) == 0
    counted.hit("a")
    counted.hit("b")
    assert counted.check("a") is not None
    counted.hit("c")
    assert [counted.check(key) is None for key in "abc"] == [False, True, False]


def test_of_many_threads_at_once_no_more_than_the_limit_pass() -> None:
    counted = Throttle(50, 3600)
    passed: list[int] = []

    def ask() -> None:
        passed.extend(1 for _ in range(20) if counted.take("a") is None)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 50


def test_an_address_that_fails_waits_with_every_account() -> None:
    logins = FailedLogins(3, 60, clock=Clock())
    for account in "abc":
        assert logins.check(account, "192.0.2.1") is None
        logins.failed(account, "192.0.2.1")
    assert logins.check("d", "192.0.2.1") is not None
    assert logins.check("d", "192.0.2.2") is None


def test_an_account_under_attack_from_many_addresses_lets_its_owner_in_and_each_attacker_try_but_once() -> None:
    clock = Clock()
    logins = FailedLogins(3, 60, clock=clock)
    attackers = [f"198.51.100.{number}" for number in range(50)]
    guesses = 0
    for _ in range(10):
        for one in attackers:
            if logins.check("alice", one) is None:
                guesses += 1
                logins.failed("alice", one)
    assert guesses == len(attackers)
    assert logins.check("alice", "192.0.2.1") is None
    logins.succeeded("alice", "192.0.2.1")
    assert logins.check("alice", "192.0.2.1") is None
    logins.failed("alice", "192.0.2.1")  # a slip of the owner's
    wait = logins.check("alice", "192.0.2.1")
    assert wait is not None
    clock.now += wait
    assert logins.check("alice", "192.0.2.1") is None


def test_an_owner_who_slips_below_the_limit_need_not_wait() -> None:
    logins = FailedLogins(3, 60, clock=Clock())
    for _ in range(2):
        logins.failed("alice", "192.0.2.1")
        assert logins.check("alice", "192.0.2.1") is None
    logins.failed("alice", "192.0.2.1")
    assert logins.check("alice", "192.0.2.1") is not None


def test_an_account_of_ones_own_buys_no_further_guesses_at_anothers() -> None:
    logins = FailedLogins(3, 60, clock=Clock())
    for _ in range(3):
        logins.failed("alice", "198.51.100.1")
        logins.succeeded("mallory", "198.51.100.1")
    assert logins.check("alice", "198.51.100.1") is not None


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_an_ipv6_client_is_its_64(address: str, key: str) -> None:
    assert client_key(address) == key
