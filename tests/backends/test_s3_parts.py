"""The S3 driver's parts, tails and take-overs, with parts of the least size that stores take."""

import hashlib
import os
import resource
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from backends import load
from backends.base import Session
from backends.errors import NoSpace, NotFound, SessionLost, TooLarge
from backends.s3_copy import marks_of
from backends.s3_sizes import EVEN, LEAST, MAX_PARTS, PART, growing
from backends.s3_state import SentPart, State
from backends.testing import SUCCESSOR, contested
from tests.backends.s3_place import Place
from tests.stores.proxy import Proxy, Rule

MIB = 1024 * 1024
KEY = "blobs/ab/abcdef"
DATA = os.urandom(MIB) * 21 + b"and a bit"


def pieces(data: bytes, size: int = 300_000) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def test_ten_thousand_parts_hold_five_tebibytes_even_if_the_first_are_cut_short() -> None:
    planned = [growing().planned(number) for number in range(1, MAX_PARTS + 1)]
    assert sum(planned[EVEN:]) + EVEN * LEAST >= 5 * 2**40
    assert planned == sorted(planned)
    assert planned[0] == PART
    assert max(planned) < 5 * 2**30


@pytest.mark.parametrize("size", [5 * MIB, 100 * 2**30, 5 * 2**40])
def test_what_is_copied_of_the_largest_upload_leaves_numbers_for_the_rest(size: int) -> None:
    marks = marks_of(size, State(), growing())
    assert (marks[0], marks[-1]) == (0, size)
    assert len(marks) - 1 <= EVEN
    assert all(LEAST <= stop - start <= 5 * 2**30 for start, stop in pairwise(marks))


@pytest.mark.faults
@pytest.mark.parametrize("uniform", ["", "uniform:5MiB", "uniform:8MiB"])
@pytest.mark.parametrize(
    "chunks",
    [
        [len(DATA)],
        [1, 1, len(DATA) - 2],
        [5 * MIB, 5 * MIB, 11 * MIB + 9],
        [5 * MIB - 1, 2, 3 * MIB, 7 * MIB, 6 * MIB + 8],
        [12 * MIB, 9 * MIB, 9],
    ],
)
def test_chunks_of_any_size_make_the_object(place: Place, chunks: list[int], uniform: str) -> None:
    backend = place.backend(part_size=uniform)
    session = backend.begin(KEY)
    done = 0
    for size in chunks:
        session = backend.append(Session.load(session.dump()), pieces(DATA[done : done + size]))
        done += size
        assert session.size == done
    backend.commit(session)
    body = place.store.client.get_object(Bucket=place.store.bucket, Key=f"{place.prefix}/{KEY}")["Body"]
    assert hashlib.sha256(body.read()).digest() == hashlib.sha256(DATA).digest()
    assert place.left() == ([f"{place.prefix}/{KEY}"], [])


@pytest.mark.parametrize(
    ("parts", "uniform", "asked"),
    [
        ([6 * MIB], "", ["POST"]),
        ([18 * MIB], "", ["POST", "DELETE"]),  # a tail below 5 MiB
        ([5 * MIB] * 12, "uniform:5MiB", ["POST"]),
    ],
)
def test_a_commit_is_one_request_however_many_parts_and_the_tail_is_removed_after_it(
    place: Place, proxy: Proxy, parts: list[int], uniform: str, asked: list[str]
) -> None:
    backend = place.backend(proxy.url, part_size=uniform)
    session = backend.append(backend.begin(KEY), map(bytes, parts))
    before = len(proxy.seen)
    backend.commit(session)
    assert [one.method for one in proxy.seen[before:]] == asked
    assert backend.stat(KEY).size == sum(parts)


def test_two_parts_are_under_way_while_the_client_still_sends(place: Place, proxy: Proxy) -> None:
    backend = place.backend(proxy.url, part_size="uniform:5MiB")
    seen: list[bool] = []

    def two_under_way() -> bool:
        until = time.monotonic() + 60
        while len([one for one in proxy.requests("PUT", "partNumber") if not one.ended]) < 2:
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True

    def chunks() -> Iterator[bytes]:
        yield from pieces(DATA[: 2 * MIB])
        proxy.gate.clear()  # from here on the store answers nothing
        yield from pieces(DATA[2 * MIB : 11 * MIB])
        seen.append(two_under_way())
        proxy.gate.set()
        yield from pieces(DATA[11 * MIB :])

    backend.commit(backend.append(backend.begin(KEY), chunks()))
    assert seen == [True]
    with backend.open(KEY) as reader:
        assert reader.read() == DATA


def test_bytes_of_a_failed_append_do_not_reach_a_commit(place: Place, proxy: Proxy) -> None:
    """The part that held the tail was overwritten by the append that failed: it is put back from its side object."""
    backend = place.backend(proxy.url)
    session = backend.append(backend.begin(KEY), pieces(DATA[: 6 * MIB]))
    session = backend.append(session, pieces(DATA[6 * MIB : 8 * MIB]))
    assert session.state["tail"]

    def broken() -> Iterator[bytes]:
        yield from pieces(DATA[8 * MIB :] * 2)
        until = time.monotonic() + 60
        while len(proxy.requests("PUT", "partNumber=2")) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        raise OSError("the client's doing")

    with pytest.raises(OSError, match="client"):
        backend.append(session, broken())
    assert len(proxy.requests("PUT", "partNumber=2")) >= 2
    backend.commit(backend.append(session, []))
    with backend.open(KEY) as reader:
        assert reader.read() == DATA[: 8 * MIB]
    assert place.left() == ([f"{place.prefix}/{KEY}"], [])


@pytest.mark.faults
@pytest.mark.parametrize("uniform", ["", "uniform:5MiB"])
@pytest.mark.parametrize("more", [b"", b"m", DATA])
@pytest.mark.parametrize("before", [0, 7, 5 * MIB, 12 * MIB])
def test_a_session_taken_over_shares_nothing_with_the_former(
    place: Place, uniform: str, before: int, more: bytes
) -> None:
    backend, other = place.backend(part_size=uniform), place.backend(part_size=uniform)
    session = backend.append(backend.begin(KEY), pieces(DATA[:before]))
    woken, stalled = threading.Event(), threading.Event()
    outcome: list[object] = []

    def slow() -> Iterator[bytes]:
        yield from pieces(DATA[: 6 * MIB])
        stalled.set()
        assert woken.wait(60)
        yield from pieces(DATA)

    def former() -> None:
        try:
            mine = backend.append(session, slow())
            backend.commit(mine)
            outcome.append(mine)
        except SessionLost as error:
            outcome.append(error)

    thread = threading.Thread(target=former)
    thread.start()
    assert stalled.wait(60)
    theirs = other.append(contested(session), pieces(more))
    woken.set()
    thread.join(60)
    assert theirs.key == SUCCESSOR
    other.commit(theirs)
    with other.open(theirs.key) as reader:
        assert reader.read() == DATA[:before] + more
    (mine,) = outcome
    if isinstance(mine, Session):
        with backend.open(KEY) as reader:
            assert reader.read() == DATA[:before] + DATA[: 6 * MIB] + DATA
        backend.delete(KEY)
    for upload in list(backend.scan_uploads()):
        backend.abort(upload.session)
    names, uploads = place.left()
    assert uploads == []
    assert set(names) <= {f"{place.prefix}/{theirs.key}", f"{place.prefix}/{KEY}"}


def test_a_take_over_that_failed_can_be_repeated(place: Place, proxy: Proxy) -> None:
    backend = place.backend(proxy.url)
    session = backend.append(backend.begin(KEY), pieces(DATA[: 12 * MIB]))
    proxy.rules = [Rule("500", "PUT", "partNumber", times=100)]
    with pytest.raises(Exception, match="InternalError"):
        backend.append(contested(session), [b"more"])
    proxy.rules = []
    theirs = backend.append(contested(session), [b"more"])
    backend.commit(theirs)
    with backend.open(theirs.key) as reader:
        assert reader.read() == DATA[: 12 * MIB] + b"more"
    with pytest.raises(NotFound):
        backend.stat(KEY)


def test_eight_uploads_share_a_budget_for_three(place: Place) -> None:
    backend = place.backend(buffer="16MiB")
    failures: list[BaseException] = []

    def one(number: int) -> None:
        try:
            key = f"blobs/ab/{number}"
            session = backend.append(backend.begin(key), pieces(DATA))
            backend.commit(session)
            with backend.open(key) as reader:
                assert reader.read() == DATA
        except BaseException as error:  # noqa: BLE001 - reported below
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []


def test_a_full_disk_of_temporary_files_leaves_no_half_of_an_upload(place: Place) -> None:
    backend = place.backend(part_size="uniform:40MiB")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, before[1]))
    try:
        with pytest.raises(NoSpace, match="TMPDIR"):
            backend.append(backend.begin(KEY), pieces(DATA))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert place.left() == ([], [])


def test_a_part_beyond_the_last_is_refused_before_anything_is_sent(place: Place, proxy: Proxy) -> None:
    backend = place.backend(proxy.url, part_size="uniform:5MiB")
    assert backend.limits.size == MAX_PARTS * 5 * MIB
    full = State("some-upload", (SentPart("etag", 5 * MIB),) * MAX_PARTS).session(KEY)
    with pytest.raises(TooLarge, match=f"more than {MAX_PARTS * 5 * MIB} bytes"):
        backend.append(full, [b"x"])
    assert proxy.seen == []


def test_a_bucket_may_be_shared_with_others(place: Place) -> None:
    """Their multipart uploads are seen, since nobody can tell whose they are; their names are no keys of ours."""
    client, bucket = place.store.client, place.store.bucket
    theirs = client.create_multipart_upload(Bucket=bucket, Key=f"{place.prefix}/Their Backup")["UploadId"]
    try:
        assert list(load(place.url()).scan_uploads()) == []
    finally:
        client.abort_multipart_upload(Bucket=bucket, Key=f"{place.prefix}/Their Backup", UploadId=theirs)
