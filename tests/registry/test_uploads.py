"""Upload sessions whose end fails, is repeated, or is met by another request: on a real store and database."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.errors import DIGEST_INVALID, STORAGE_FULL, UNAVAILABLE, UPLOAD_OUT_OF_ORDER, UPLOAD_UNKNOWN, RegistryError
from ocireg.metadata import garbage
from ocireg.oci.digest import Digest
from ocireg.registry.claims import Chunk
from tests.registry.usecases import DATA, DIGEST, EXPIRY, LEASE, NOTHING, Registry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    made = Registry(tmp_path)
    yield made
    made.database.close()


def test_an_end_that_the_database_refused_is_repeated_and_succeeds(registry: Registry) -> None:
    upload = registry.pushed()
    with contextlib.ExitStack() as stack:
        registry.store.after = lambda name: stack.enter_context(registry.locked()) if name == "commit" else None
        with pytest.raises(RegistryError) as refused:
            registry.uploads.finish("a/b", upload, NOTHING, DIGEST)
    assert refused.value.error is UNAVAILABLE
    registry.store.after = lambda _: None
    time.sleep(LEASE)  # the claim could not be given up either
    assert registry.uploads.status("a/b", upload).size == len(DATA)
    assert registry.uploads.finish("a/b", upload, NOTHING, DIGEST) == len(DATA)
    assert registry.content() == DATA


def test_a_last_chunk_sent_again_after_such_an_end_is_not_stored_twice(registry: Registry) -> None:
    upload = registry.uploads.start("a/b").id
    with contextlib.ExitStack() as stack:
        registry.store.after = lambda name: stack.enter_context(registry.locked()) if name == "commit" else None
        with pytest.raises(RegistryError):
            registry.uploads.finish("a/b", upload, Chunk([DATA]), DIGEST)
    registry.store.after = lambda _: None
    time.sleep(LEASE)
    assert registry.uploads.finish("a/b", upload, Chunk([DATA]), DIGEST) == len(DATA)
    assert registry.content() == DATA


def test_a_second_end_during_the_first_ones_commit_leaves_the_blob(registry: Registry) -> None:
    upload = registry.pushed()
    committed, go_on = threading.Event(), threading.Event()

    def hold(name: str) -> None:
        if name == "commit" and threading.current_thread() is first:
            committed.set()
            assert go_on.wait(60)

    registry.store.after = hold
    outcome: list[object] = []

    def end() -> None:
        try:
            outcome.append(registry.uploads.finish("a/b", upload, NOTHING, DIGEST))
        except RegistryError as error:
            outcome.append(error)

    first = threading.Thread(target=end)
    first.start()
    assert committed.wait(60)
    # While the store is at work the claim is kept alive; a process that was stopped would have lost it by now.
    with registry.database.transaction():
        registry.database.fetch("UPDATE upload SET claim_until = 0 RETURNING id")
    try:
        second = registry.uploads.finish("a/b", upload, NOTHING, DIGEST)
    finally:
        go_on.set()
        first.join(60)
    assert (second, outcome) == (len(DATA), [len(DATA)])
    assert registry.content() == DATA


def test_a_settled_upload_takes_no_more(registry: Registry) -> None:
    upload = registry.pushed()
    with contextlib.ExitStack() as stack:
        registry.store.after = lambda name: stack.enter_context(registry.locked()) if name == "commit" else None
        with pytest.raises(RegistryError):
            registry.uploads.finish("a/b", upload, NOTHING, DIGEST)
    registry.store.after = lambda _: None
    with pytest.raises(RegistryError) as refused:
        registry.uploads.append("a/b", upload, Chunk([b"more"]))
    assert refused.value.error is UPLOAD_OUT_OF_ORDER
    registry.uploads.cancel("a/b", upload)
    registry.sweep.run(grace=0)
    assert [found.key for found in registry.store.scan("blobs/")] == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_no_sweep_takes_an_object_between_its_commit_and_its_row(registry: Registry, moment: str) -> None:
    upload = registry.pushed()
    reports = []

    def sweep(name: str) -> None:
        if name == "commit":
            reports.append(registry.sweep.run(grace=0))

    setattr(registry.store, moment, sweep)
    registry.uploads.finish("a/b", upload, NOTHING, DIGEST)
    assert [bool(report) for report in reports] == [False]
    assert registry.content() == DATA


def test_an_upload_does_not_expire_while_bytes_arrive(registry: Registry) -> None:
    upload = registry.uploads.start("a/b").id

    def slowly() -> Iterator[bytes]:
        until = time.monotonic() + EXPIRY * 1.3
        while time.monotonic() < until:
            yield b"x"
            time.sleep(0.05)
        assert registry.uploads.status("a/b", upload).size == 0
        assert not registry.sweep.run()

    assert registry.uploads.append("a/b", upload, Chunk(slowly())).size > 10


def test_a_database_that_is_busy_for_longer_than_a_lease_costs_no_byte(registry: Registry) -> None:
    upload = registry.uploads.start("a/b").id

    def pieces() -> Iterator[bytes]:
        yield DATA[:5000]
        with registry.locked():
            for _ in range(5):
                time.sleep(LEASE / 2)
                yield b""
        yield DATA[5000:]

    assert registry.uploads.append("a/b", upload, Chunk(pieces())).size == len(DATA)
    registry.uploads.finish("a/b", upload, NOTHING, DIGEST)
    assert registry.content() == DATA


def test_a_claim_lives_while_the_store_is_at_work_and_not_while_the_client_is_silent(registry: Registry) -> None:
    upload = registry.pushed()
    registry.store.before = lambda name: time.sleep(LEASE * 3) if name == "commit" else None
    seen: list[str] = []

    def meanwhile() -> None:
        time.sleep(LEASE * 2)
        try:
            registry.uploads.append("a/b", upload, Chunk([b"x"], len(DATA)))
        except RegistryError as error:
            seen.append(error.error.code)

    thread = threading.Thread(target=meanwhile)
    thread.start()
    registry.uploads.finish("a/b", upload, NOTHING, DIGEST)
    thread.join(60)
    assert seen == ["BLOB_UPLOAD_INVALID"]

    silent = registry.uploads.start("a/b").id

    def silence() -> Iterator[bytes]:
        time.sleep(LEASE * 2.5)
        assert registry.uploads.append("a/b", silent, Chunk([b"theirs"], 0)).size == 6
        yield b"mine"

    with pytest.raises(RegistryError) as refused:
        registry.uploads.append("a/b", silent, Chunk(silence()))
    assert refused.value.error is UPLOAD_OUT_OF_ORDER
    assert registry.uploads.status("a/b", silent).size == 6


def test_an_upload_given_up_during_a_chunk_is_unknown(registry: Registry) -> None:
    upload = registry.uploads.start("a/b").id

    def given_up() -> Iterator[bytes]:
        yield b"some"
        registry.uploads.cancel("a/b", upload)

    with pytest.raises(RegistryError) as refused:
        registry.uploads.append("a/b", upload, Chunk(given_up()))
    assert refused.value.error is UPLOAD_UNKNOWN


def test_a_body_that_does_not_fit_above_the_low_water_mark_is_refused_before_it_is_read(tmp_path: Path) -> None:
    registry = Registry(tmp_path, low_water=1)
    upload = registry.pushed()

    def never() -> Iterator[bytes]:
        yield pytest.fail("the body was read")

    too_much = Chunk(never(), None, 2**60)
    for call in (
        lambda: registry.uploads.append("a/b", upload, too_much),
        lambda: registry.uploads.finish("a/b", upload, too_much, DIGEST),
    ):
        with pytest.raises(RegistryError) as refused:
            call()
        assert refused.value.error is STORAGE_FULL
    registry.uploads.finish("a/b", upload, NOTHING, DIGEST)
    assert registry.content() == DATA
    registry.database.close()


def test_a_cancel_that_comes_after_the_end_leaves_the_blob(registry: Registry) -> None:
    upload = registry.pushed()
    registry.uploads.finish("a/b", upload, NOTHING, DIGEST)
    with pytest.raises(RegistryError) as refused:
        registry.uploads.cancel("a/b", upload)
    assert refused.value.error is UPLOAD_UNKNOWN
    registry.sweep.run(grace=0)
    assert registry.content() == DATA


def test_garbage_that_is_in_use_after_all_is_kept(registry: Registry) -> None:
    upload = registry.pushed()
    registry.uploads.finish("a/b", upload, NOTHING, DIGEST)
    key = registry.blobs.find("a/b", DIGEST).key
    with registry.database.transaction():
        garbage.add(registry.database, key, after=0)
    assert registry.sweep.run(grace=0).garbage == 0
    assert registry.content() == DATA


def test_a_digest_first_named_at_the_end_that_is_wrong_leaves_nothing(registry: Registry) -> None:
    upload = registry.pushed()
    with pytest.raises(RegistryError) as refused:
        registry.uploads.finish("a/b", upload, NOTHING, Digest.of(b"something else", "sha512"))
    assert refused.value.error is DIGEST_INVALID
    registry.sweep.run(grace=0)
    assert [found.key for found in registry.store.scan("blobs/")] == []
    with pytest.raises(RegistryError):
        registry.uploads.status("a/b", upload)


def test_an_upload_that_could_not_begin_leaves_nothing(registry: Registry) -> None:
    with registry.locked(), pytest.raises(RegistryError):
        registry.uploads.start("a/b")
    assert list(registry.store.scan_uploads()) == []
