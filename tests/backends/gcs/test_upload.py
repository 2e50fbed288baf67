"""Parts, folds, take-overs, and what a session may name."""

from typing import Any

import pytest

from backends import Session
from backends.errors import NotFound, SessionLost
from backends.gcs import GcsBackend
from backends.testing import DATA, KEY, SUCCESSOR, contested
from backends.testing_base import Interrupted, broken, pieces
from tests.backends.gcs.place import PART, STREAM, both, parts, read, small
from tests.stores.gcs import GcsStore
from tests.stores.proxy import Proxy


@pytest.mark.parametrize(
    ("store", "count"),
    [("emulator", 33), *(("fake_gcs", count) for count in (1, 31, 32, 33, 62, 63, 64, 100))],
    indirect=["store"],
)
def test_a_stream_of_any_number_of_parts_is_committed_by_one_compose(
    backend: GcsBackend, proxy: Proxy, bucket: str, store: GcsStore, count: int
) -> None:
    data = STREAM[: count * PART - 1]
    session = backend.append(backend.begin(KEY), pieces(data, 777))
    assert len(parts(session)) <= 32
    assert len(store.names(bucket)) == len(parts(session))
    proxy.seen.clear()
    backend.commit(session)
    assert len(proxy.requests("POST", "/compose")) == 1
    assert len(proxy.requests("POST", "")) == 1
    assert read(backend, KEY) == data
    assert store.names(bucket) == [KEY]


def test_many_small_appends_leave_few_parts(backend: GcsBackend, bucket: str, store: GcsStore) -> None:
    session = backend.begin(KEY)
    for piece in pieces(STREAM[:350], 5):
        session = backend.append(Session.load(session.dump()), [piece])
        assert len(parts(session)) <= 32
        assert len(store.names(bucket)) <= 33 + 32  # a value, and what the one before it needs
    backend.commit(session)
    assert read(backend, KEY) == STREAM[:350]
    assert store.names(bucket) == [KEY]


def test_an_append_repeated_after_a_fold_finds_all_it_needs(backend: GcsBackend, bucket: str, store: GcsStore) -> None:
    old = backend.append(backend.begin(KEY), [STREAM[:30_000]])
    new = backend.append(old, [STREAM[30_000:50_000]])
    assert {name for name, _ in parts(old)}.isdisjoint(name for name, _ in parts(new))
    again = backend.append(old, [b"another end"])  # its caller died before storing the new one
    backend.commit(again)
    assert read(backend, KEY) == STREAM[:30_000] + b"another end"
    assert store.names(bucket) == [KEY]


@pytest.mark.parametrize("before", [1, 30_000, 40_000])
def test_a_take_over_shares_nothing_with_the_former_writer(backend: GcsBackend, before: int) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:before]])
    theirs = backend.append(contested(session), [b"theirs"])
    mine = backend.append(session, [STREAM[before:90_000]])
    theirs = backend.append(theirs, [STREAM[:50_000]])
    backend.commit(mine)
    backend.commit(theirs)
    assert mine.key == KEY
    assert theirs.key == SUCCESSOR
    assert read(backend, mine.key) == STREAM[:90_000]
    assert read(backend, theirs.key) == STREAM[:before] + b"theirs" + STREAM[:50_000]


@pytest.mark.parametrize("at", [0, 5000, 70_000])
def test_a_stream_that_breaks_leaves_what_was_there_and_no_more(
    backend: GcsBackend, bucket: str, store: GcsStore, at: int
) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:2500]])
    before = store.names(bucket)
    with pytest.raises(Interrupted):
        backend.append(session, broken(STREAM, at))
    with pytest.raises(Interrupted):
        backend.append(contested(session), broken(STREAM, at))
    assert store.names(bucket) == before


@both
@pytest.mark.parametrize("size", [8 * 2**20, 8 * 2**20 + 1])
def test_what_is_put_may_be_large(backend: GcsBackend, size: int) -> None:
    backend.put(KEY, bytes(size))
    assert backend.stat(KEY).size == size


def test_a_part_that_was_tampered_with_is_not_committed(backend: GcsBackend, bucket: str, store: GcsStore) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:2500]])
    store.put(bucket, {store.names(bucket)[0]: b"short"})
    with pytest.raises(SessionLost):
        backend.commit(session)
    with pytest.raises(NotFound):
        backend.stat(KEY)


def test_nothing_does_not_replace_an_object(fake_gcs: GcsStore) -> None:
    backend = small(fake_gcs, fake_gcs.new_bucket())
    backend.put(KEY, DATA)
    with pytest.raises(SessionLost):
        backend.commit(backend.begin(KEY))
    assert read(backend, KEY) == DATA


@pytest.mark.parametrize(
    "change",
    [
        {"upload": "../other"}, {"upload": 5}, {"upload": None},
        {"parts": [["../../x", 2500]]}, {"parts": [["0" * 16, "2500"]]}, {"parts": [["0" * 16]]}, {"parts": [5]},
        {"parts": 5}, {"parts": []}, {"parts": [["0" * 16, 2499]]}, {"parts": [["0" * 16, 50]] * 50},
        {"stale": ["../x"]}, {"stale": [5]}, {"stale": None},
    ],
)  # fmt: skip
def test_a_session_names_nothing_but_its_own(backend: GcsBackend, change: dict[str, Any]) -> None:
    session = backend.append(backend.begin(KEY), [STREAM[:2500]])
    odd = Session(KEY, session.size, {**session.state, **change})
    with pytest.raises(SessionLost):
        backend.append(odd, [b"x"])
    with pytest.raises(SessionLost):
        backend.commit(odd)
