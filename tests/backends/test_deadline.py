"""One deadline for all that a request asks of a store, by a clock that the tests turn."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from backends import Backend, load
from backends.deadline import SILENCE, Deadline, in_context, left, one_deadline, timeouts
from backends.errors import Unavailable
from backends.retry import Retrying, patiently
from backends.testing import KEY
from tests.backends.gcs.place import small
from tests.stores.gcs import GcsStore
from tests.stores.proxy import Proxy, Rule
from tests.stores.proxy import proxy as running_proxy

ABOUT_BUCKETS = re.compile(r"/storage/v1/b/[^/?]+\?")
"""What Google's library asks beside the requests, for its traces."""


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("elapsed", "given"),
    [(0, (5, 20)), (0.1, (3, 12)), (10, (3, 12)), (10.1, (1, 4)), (20, (1, 4)), (20.1, None), (1000, None)],
)
def test_a_request_is_given_no_more_than_what_is_left(
    clock: Clock, elapsed: float, given: tuple[float, float] | None
) -> None:
    deadline = Deadline(clock)
    assert deadline.timeouts() == (5, 20)
    clock.now += elapsed
    assert deadline.is_over_in(0) == (given is None)
    assert deadline.is_over_in(SILENCE)
    if given is None:
        with pytest.raises(Unavailable, match="there is no time"):
            deadline.timeouts()
    else:
        assert deadline.timeouts() == pytest.approx(given)
        assert elapsed + sum(given) <= SILENCE


def test_it_does_not_run_while_a_client_sends(clock: Clock) -> None:
    deadline = Deadline(clock, held=True)
    chunks = deadline.watch([b"1", b"2"])
    for _ in range(2):
        next(chunks)
        clock.now += 100
        assert deadline.timeouts() == (5, 20)
    clock.now -= 90  # ten seconds after the last chunk it is known to have been the last
    assert list(chunks) == []
    assert deadline.left == 15
    assert deadline.began == 1100


def test_a_store_that_was_slow_and_answered_is_asked_once_more(clock: Clock) -> None:
    deadline = Deadline(clock)
    deadline.run_since(clock.now - 500)
    assert deadline.timeouts() == (1, 4)
    clock.now += 5
    deadline.run_since(clock.now - 500)
    assert deadline.is_over_in(0)


def test_all_that_is_asked_within_shares_it_in_other_threads_too(clock: Clock) -> None:
    with one_deadline(Deadline(clock)) as outer, ThreadPoolExecutor(1) as pool:
        assert timeouts() == (5, 20)
        clock.now += 12
        with one_deadline() as inner:
            assert inner is outer
        assert patiently(timeouts) == (1, 4)
        assert pool.submit(in_context(timeouts)).result() == (1, 4)
        assert pool.submit(timeouts).result() == (5, 20)
        assert left() == 13
    assert timeouts() == (5, 20)


def test_nothing_is_tried_again_after_it(clock: Clock) -> None:
    asked = 0

    def silent() -> None:
        nonlocal asked
        asked += 1
        clock.now += sum(timeouts())
        raise Unavailable("silence")

    with one_deadline(Deadline(clock)), pytest.raises(Unavailable, match="silence"):
        patiently(silent)
    assert asked == 1
    assert clock.now == 1000 + SILENCE


@pytest.fixture(params=["s3", "gcs"])
def silenced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Backend, Proxy]:
    """A driver as the registry has it, behind a proxy; the time of a request is short here."""
    monkeypatch.setattr("backends.deadline.SILENCE", 2.0)
    if request.param == "s3":
        place = request.getfixturevalue("place")
        proxy: Proxy = request.getfixturevalue("proxy")
        return Retrying(place.backend(proxy.url)), proxy
    store: GcsStore = request.getfixturevalue("fake_gcs")
    proxy = request.getfixturevalue("gcs_proxy")
    return Retrying(small(store, store.new_bucket(), proxy.url)), proxy


@pytest.fixture
def gcs_proxy(fake_gcs: GcsStore) -> object:
    with running_proxy(fake_gcs.endpoint) as running:
        yield running


@pytest.mark.parametrize("late", [True, False])
def test_a_commit_on_a_silent_store_asks_it_no_more_than_there_is_time_for(
    silenced: tuple[Backend, Proxy], *, late: bool
) -> None:
    """What asked three times, each with all of the time, asks once; or a second time with the rest of it."""
    backend, proxy = silenced
    session = backend.append(backend.begin(KEY), [b"some bytes"])
    assert session.received is not None
    session = replace(session, received=time.monotonic() - 1000 if late else None)
    proxy.seen.clear()
    proxy.rules = [Rule("silence", "POST", times=1000), Rule("silence", "GET", times=1000)]
    with pytest.raises(Unavailable):
        backend.commit(session)
    asked = [one.target for one in proxy.seen if not ABOUT_BUCKETS.search(one.target)]
    assert 1 <= len(asked) <= 2, asked
    proxy.rules = []
    backend.commit(replace(session, received=time.monotonic() - 1000))
    with backend.open(session.key) as reader:
        assert reader.read() == b"some bytes"


def test_a_store_that_failed_while_a_client_sent_has_little_time_to_clean_up(clock: Clock) -> None:
    deadline = Deadline(clock, held=True)
    next(deadline.watch([b"1", b"2"]))
    clock.now += SILENCE
    deadline.run()
    assert deadline.timeouts() == (1, 4)


@pytest.mark.parametrize("end", ["commit", "abort"])
def test_how_an_upload_ends_is_asked_in_the_time_that_is_left_since_its_last_byte(
    silenced: tuple[Backend, Proxy], end: str
) -> None:
    backend, _ = silenced
    session = replace(backend.append(backend.begin(KEY), [b"some bytes"]), received=time.monotonic() - 0.5)
    with one_deadline() as deadline:
        getattr(backend, end)(session)
        assert deadline.began == session.received


def test_a_stream_that_fails_ends_when_it_fails(clock: Clock) -> None:
    """A client that stalled has not waited for the store meanwhile."""

    def broken() -> Iterator[bytes]:
        yield b"1"
        clock.now += 100
        raise OSError

    deadline = Deadline(clock, held=True)
    with pytest.raises(OSError):  # noqa: PT011 - it is that one
        list(deadline.watch(broken()))
    deadline.run()
    assert deadline.left == SILENCE


def test_what_is_stored_of_a_session_has_no_clock_in_it() -> None:
    store = load("memory:")
    session = replace(store.append(store.begin(KEY), [b"x"]), received=5.0)
    assert "received" not in session.dump()
    assert session == replace(session, received=None)
