"""The keys of issuers that rotate them, fail, are slow, and lie; every fetch is counted."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ocireg.auth.oidc import Fetcher, InvalidToken, IssuerUnavailable, Keys, Pace
from ocireg.auth.oidc.keys import MOST_WAITING
from tests.auth.oidc.issuer import DISCOVERY, JWKS, LOOPBACK, Answer, Issuer, private_key, public_jwk

PACE = Pace()
OUTAGE = Answer(503)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


@pytest.fixture
def keys(clock: Clock) -> Keys:
    """Keys by that clock, over real HTTP."""
    return Keys(Fetcher(LOOPBACK).get, clock=clock)


def test_keys_are_fetched_once_while_they_are_fresh(issuer: Issuer, keys: Keys, clock: Clock) -> None:
    for _ in range(5):
        assert keys.find(issuer.url, "one").kid == "one"
        clock.now += PACE.fresh / 5
    assert issuer.requests == [DISCOVERY, JWKS]
    clock.now += 1
    keys.find(issuer.url, "one")
    assert issuer.requests == [DISCOVERY, JWKS] * 2


def test_a_new_key_is_found_as_soon_as_a_token_names_it(issuer: Issuer, keys: Keys, clock: Clock) -> None:
    keys.find(issuer.url, "one")
    issuer.publish("two", private_key("ES256"))
    clock.now += PACE.pause
    assert keys.find(issuer.url, "two").algorithms == {"ES256"}
    assert issuer.count() == 2


def test_a_key_that_is_withdrawn_is_not_used_when_the_keys_are_fetched_again(
    issuer: Issuer, keys: Keys, clock: Clock
) -> None:
    keys.find(issuer.url, "one")
    issuer.publish("two", private_key("ES256"))
    del issuer.published["one"]
    assert keys.find(issuer.url, "one")
    clock.now += PACE.fresh + 1
    with pytest.raises(InvalidToken, match="the issuer has no key of the name"):
        keys.find(issuer.url, "one")


def test_invented_names_cost_the_issuer_one_fetch_a_minute(issuer: Issuer, keys: Keys, clock: Clock) -> None:
    for second in range(300):
        for number in range(3):
            with pytest.raises(InvalidToken) as caught:
                keys.find(issuer.url, f"invented-{second}-{number}")
            assert not isinstance(caught.value, IssuerUnavailable)
        clock.now += 1
    assert issuer.count() == 5
    keys.find(issuer.url, "one")
    assert issuer.count() == 5


def test_invented_names_cost_one_fetch_when_they_come_at_once(issuer: Issuer, keys: Keys, clock: Clock) -> None:
    keys.find(issuer.url, "one")
    clock.now += PACE.pause

    def invented(number: int) -> bool:
        with pytest.raises(InvalidToken):
            keys.find(issuer.url, str(number))
        return True

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(invented, range(64)))
    assert issuer.count() == 2


def test_keys_outlive_an_outage_of_their_issuer_by_hours(
    issuer: Issuer, keys: Keys, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    keys.find(issuer.url, "one")
    issuer.instead[DISCOVERY] = OUTAGE
    clock.now += PACE.stale
    with caplog.at_level(logging.WARNING):
        assert keys.find(issuer.url, "one").kid == "one"
    assert f"the keys of {issuer.url} cannot be fetched" in caplog.text
    with pytest.raises(IssuerUnavailable):
        keys.find(issuer.url, "two")
    clock.now += 1
    with pytest.raises(IssuerUnavailable, match="the answer is 503, not 200"):
        keys.find(issuer.url, "one")
    issuer.instead.clear()
    clock.now += PACE.failed
    assert keys.find(issuer.url, "one").kid == "one"


@pytest.mark.parametrize("path", [DISCOVERY, JWKS])
def test_a_failure_is_remembered_for_seconds(issuer: Issuer, keys: Keys, clock: Clock, path: str) -> None:
    issuer.instead[path] = OUTAGE
    for _ in range(15):
        with pytest.raises(IssuerUnavailable):
            keys.find(issuer.url, "one")
        clock.now += PACE.failed / 5
    assert issuer.count(path) == 3
    issuer.instead.clear()
    clock.now += PACE.failed
    assert keys.find(issuer.url, "one")


def test_in_an_outage_stale_keys_are_asked_for_again_at_the_pace_of_failures(
    issuer: Issuer, keys: Keys, clock: Clock
) -> None:
    keys.find(issuer.url, "one")
    issuer.instead[JWKS] = OUTAGE
    clock.now += PACE.fresh + 1
    for _ in range(15):
        assert keys.find(issuer.url, "one")
        clock.now += PACE.failed / 5
    assert issuer.count() == 1 + 3


def test_one_request_goes_out_for_all_that_wait_for_it(issuer: Issuer, clock: Clock) -> None:
    fetcher, waiting = Fetcher(LOOPBACK), threading.Barrier(MOST_WAITING)
    keys = Keys(fetcher.get, clock=clock)

    def find(_: int) -> str:
        waiting.wait(30)
        return keys.find(issuer.url, "one").kid

    with ThreadPoolExecutor(MOST_WAITING) as pool:
        assert list(pool.map(find, range(MOST_WAITING))) == ["one"] * MOST_WAITING
    assert issuer.requests == [DISCOVERY, JWKS]


class Gate:
    """An issuer's answer that waits until the test lets it go."""

    def __init__(self, issuer: Issuer) -> None:
        self.came, self._open = threading.Event(), threading.Event()
        issuer.instead[JWKS] = Answer(503, before=self._wait)

    def _wait(self) -> None:
        self.came.set()
        self._open.wait(30)

    def open(self) -> None:
        """Let it go."""
        self._open.set()


def started(act: Callable[[], Any]) -> threading.Thread:
    """Run something in a thread that is refused in the end."""

    def run() -> None:
        with pytest.raises(IssuerUnavailable):
            act()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_a_slow_issuer_holds_up_nobody_elses_and_few_of_its_own(
    issuer: Issuer, other: Issuer, keys: Keys, clock: Clock
) -> None:
    gate = Gate(issuer)
    threads = [started(lambda: keys.find(issuer.url, "one")) for _ in range(MOST_WAITING)]
    try:
        assert gate.came.wait(30)
        assert keys.find(other.url, "one").kid == "one"
        refused = None
        while refused is None:  # until as many wait as may
            attempt = started(lambda: keys.find(issuer.url, "one"))
            attempt.join(0.2)
            refused = None if attempt.is_alive() else attempt
            threads.append(attempt)
    finally:
        gate.open()
        for one in threads:
            one.join(30)
    assert not any(one.is_alive() for one in threads)
    assert issuer.count() == 1
    assert clock.now == 1000.0


def test_stale_keys_are_used_without_waiting_while_another_fetches(issuer: Issuer, keys: Keys, clock: Clock) -> None:
    keys.find(issuer.url, "one")
    gate = Gate(issuer)
    clock.now += PACE.fresh + 1
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(keys.find, issuer.url, "one")
        try:
            assert gate.came.wait(30)
            assert keys.find(issuer.url, "one").kid == "one"
            assert not first.done()
        finally:
            gate.open()
        assert first.result(30).kid == "one"


def test_so_many_issuers_are_remembered_the_last_used_ones(clock: Clock) -> None:
    asked: list[str] = []

    def get(url: str) -> dict[str, Any]:
        asked.append(url)
        if url.endswith(DISCOVERY):
            return {"issuer": url.removesuffix(DISCOVERY), "jwks_uri": "https://keys.example.com"}
        return {"keys": [public_jwk(private_key("ES256"), "one")]}

    keys = Keys(get, clock=clock, most_issuers=2)
    for name in ("a", "b", "a", "c", "a", "b"):
        keys.find(f"https://{name}", "one")
    assert [one.removesuffix(DISCOVERY)[-1] for one in asked if one.endswith(DISCOVERY)] == ["a", "b", "c", "b"]


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://gitlab.com"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": 1},
        {"jwks_uri": ["http://127.0.0.1/keys"]},
        {"jwks_uri": ""},
        {"jwks_uri": "/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://example.com/keys"},
        {"jwks_uri": "https://user@127.0.0.1/keys"},
        {"jwks_uri": "http://127.0.0.1/a b"},
        {"jwks_uri": "http://127.0.0.1/é"},
    ],
    ids=str,
)
def test_a_discovery_that_speaks_for_another_or_leads_elsewhere_is_refused(
    issuer: Issuer, keys: Keys, document: dict[str, Any]
) -> None:
    issuer.document = document
    with pytest.raises(IssuerUnavailable) as caught:
        keys.find(issuer.url, "one")
    assert "\n" not in str(caught.value)
    assert issuer.requests == [DISCOVERY]


def test_an_issuer_of_https_has_no_keys_by_http(issuer: Issuer, clock: Clock) -> None:
    def get(url: str) -> dict[str, Any]:
        return {"issuer": "https://issuer.example.com", "jwks_uri": issuer.url + JWKS} if "well-known" in url else {}

    with pytest.raises(IssuerUnavailable, match="jwks_uri is no URL that may be fetched"):
        Keys(get, clock=clock).find("https://issuer.example.com", "one")


def test_keys_may_be_elsewhere_than_their_issuer(issuer: Issuer, other: Issuer, keys: Keys) -> None:
    issuer.document = {"jwks_uri": other.url + JWKS}
    other.published = {"two": dict(other.published["one"], kid="two")}
    assert keys.find(issuer.url, "two").kid == "two"


def test_keys_elsewhere_are_judged_by_their_address(issuer: Issuer, keys: Keys) -> None:
    issuer.document = {"jwks_uri": "https://169.254.169.254/latest/meta-data"}
    with pytest.raises(IssuerUnavailable, match=r"169\.254\.169\.254, which is not of the internet"):
        keys.find(issuer.url, "one")


def test_a_slash_at_the_end_of_an_issuer_is_part_of_its_name_alone(issuer: Issuer, keys: Keys) -> None:
    issuer.document = {"issuer": issuer.url + "/"}
    assert keys.find(issuer.url + "/", "one")
    with pytest.raises(IssuerUnavailable, match="it describes another issuer"):
        keys.find(issuer.url, "one")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{}", "it is not a set of keys"),
        (b'{"keys": []}', "it has no key that can be used"),
        (b"[]", "it is not a JSON object"),
        (b'{"keys": [' + b"0," * 150_000 + b"0]}", "the answer is larger than 256 KiB"),
    ],
    ids=["nothing", "empty", "a list", "too large"],
)
def test_what_is_no_set_of_keys_is_told(issuer: Issuer, keys: Keys, body: bytes, reason: str) -> None:
    issuer.instead[JWKS] = Answer(body=body)
    with pytest.raises(IssuerUnavailable, match=reason):
        keys.find(issuer.url, "one")
