"""Which hosts everybody can reach: addresses at once, names when the resolver has answered."""

import threading
import time
from collections.abc import Callable

import pytest

from ocireg.web.v2 import hosts
from ocireg.web.v2.hosts import Hosts, addresses_of

PUBLIC = "93.184.215.14"


def until(call: Callable[[], bool]) -> None:
    """Wait until ``call`` is true."""
    end = time.monotonic() + 30
    while not call():
        assert time.monotonic() < end
        time.sleep(0.005)


def settle() -> None:
    """Wait until every question to the resolver has been answered."""
    until(lambda: not any(one.name == "resolver" for one in threading.enumerate()))


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what is said of hosts: threads of other tests may speak, too."""
    return [one.getMessage() for one in caplog.records if one.name == hosts.__name__]


@pytest.mark.parametrize(
    ("host", "public"),
    [
        (PUBLIC, True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("fd00::1", False),
        ("169.254.169.254", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("::", False),
        ("224.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        (f"::ffff:{PUBLIC}", True),
    ],
)
def test_an_address_is_judged_without_asking_anybody(host: str, *, public: bool) -> None:
    def never(_host: str) -> list[str]:
        raise AssertionError

    assert Hosts(never).is_public(host) is public


@pytest.mark.parametrize(
    ("addresses", "public"),
    [
        ([PUBLIC], True),
        ([PUBLIC, "2606:4700::1111"], True),
        ([PUBLIC, "10.0.0.1"], False),
        (["10.0.0.1"], False),
        ([], False),
    ],
)
def test_a_name_is_public_when_all_its_addresses_are(addresses: list[str], *, public: bool) -> None:
    found = Hosts(lambda _host: addresses)
    assert not found.is_public("store.example.com")
    settle()
    assert found.is_public("store.example.com") is public


def test_the_system_is_asked_for_names() -> None:
    assert set(addresses_of("localhost")) <= {"127.0.0.1", "::1"}


def test_a_name_that_cannot_be_resolved_is_not_public_and_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    found = Hosts()
    assert not found.is_public("store.invalid")
    settle()
    assert not any(found.is_public("store.invalid") for _ in range(100))
    settle()
    assert len(told(caplog)) == 1
    assert "store.invalid cannot be resolved" in caplog.text


@pytest.mark.parametrize("host", ["x" * 300 + ".example", ".", "a..b", ""])
def test_a_name_that_is_none_is_not_public(host: str, caplog: pytest.LogCaptureFixture) -> None:
    found = Hosts()
    assert not found.is_public(host)
    settle()
    assert not found.is_public(host)
    assert len(told(caplog)) == 1


def test_no_request_waits_for_a_resolver_that_hangs() -> None:
    answered, asked = threading.Event(), []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        answered.wait(30)
        return [PUBLIC]

    found = Hosts(resolve)
    assert not any(found.is_public("store.example.com") for _ in range(100))
    assert asked == ["store.example.com"]
    answered.set()
    until(lambda: found.is_public("store.example.com"))
    assert asked == ["store.example.com"]


def test_an_old_answer_holds_until_there_is_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, go_on = [[PUBLIC], ["10.0.0.1"]], threading.Semaphore(1)

    def resolve(_host: str) -> list[str]:
        assert go_on.acquire(timeout=30)
        return answers.pop(0)

    monkeypatch.setattr(hosts, "KNOWN_FOR", -1.0)  # every answer is old at once
    found = Hosts(resolve)
    until(lambda: found.is_public("store.example.com"))
    assert all(found.is_public("store.example.com") for _ in range(100))
    monkeypatch.setattr(hosts, "KNOWN_FOR", 300.0)
    go_on.release()
    until(lambda: not found.is_public("store.example.com"))
    assert answers == []


def test_only_so_many_names_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    monkeypatch.setattr(hosts, "MOST", 2)
    found = Hosts(resolve)
    for name in ("one.example", "two.example", "three.example"):
        until(lambda name=name: found.is_public(name))  # type: ignore[misc]
    assert asked == ["one.example", "two.example", "three.example"]
    assert not found.is_public("one.example")
