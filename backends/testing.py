"""The suite that every driver passes.

Subclass it in a module of tests, with a fixture ``backend``::

    class TestMine(BackendContract):
        @pytest.fixture
        def backend(self) -> Backend:
            return MyBackend("mine:…")

Needs pytest, and nothing else of ocireg. After each test, what the test made is removed through the driver, and then
nothing may be left. ``elsewhere`` gives a second instance on the same store, which stands for another process; where
``url`` is given, a real other process goes on with a session too.
"""

import io
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backends.base import Backend, Session
from backends.errors import BackendError, InvalidKey, InvalidRange, NotFound, SessionBusy, SessionLost

KEY = "blobs/ab/abcdef"
OTHER = "blobs/ab/abcdef0"
DATA = bytes(range(256)) * 300

HOSTILE_KEYS = [
    "", "/", ".", "..", "../x", "a/../b", "a/..", "/a", "a/", "a//b", "a/./b", ".a", "a/.b", "A", "a b", "a\x00b",
    "a\nb",
    "a\\b", "a~b", "a:b", "%2e%2e", "é", "a" * 201, "a/" * 101 + "a",
]  # fmt: skip

_CONTINUE = """
import sys
from backends import Session, load
backend = load(sys.argv[1])
session = backend.append(Session.load(sys.argv[2]), [sys.stdin.buffer.read()])
print(session.dump(), end="")
"""


class Interrupted(Exception):  # noqa: N818 - an event
    """What a stream of the suite raises in the middle."""


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Yield ``data`` in pieces of ``size`` bytes."""
    for first in range(0, len(data), size):
        yield data[first : first + size]


def broken(data: bytes, at: int) -> Iterator[bytes]:
    """Yield the first ``at`` bytes, then raise ``Interrupted``."""
    yield from pieces(data[:at], 1000)
    raise Interrupted


def contested(session: Session) -> Session:
    """Return the session as who takes it over from a writer that never came back."""
    return replace(session, contested=True)


class BackendContract:
    """See the module's text. A subclass may set ``many`` lower for a store where 10,000 objects take long."""

    many = 10_000
    url: str | None = None
    """Where another process finds the same store; None where there is no such place."""

    @pytest.fixture
    def backend(self) -> Backend:
        """Return an empty store."""
        raise NotImplementedError

    def elsewhere(self, backend: Backend) -> Backend:
        """Return another instance on the same store; the same one where there cannot be another."""
        return backend

    def address(self, backend: Backend) -> str | None:  # noqa: ARG002
        """Return the URL under which another process finds this store."""
        return self.url

    @pytest.fixture(autouse=True)
    def _nothing_is_left(self, backend: Backend) -> Iterator[None]:
        yield
        for upload in list(backend.scan_uploads()):
            backend.abort(upload.session)
        self.delete_many(backend, [found.key for found in backend.scan()])
        assert list(backend.scan_uploads()) == []
        assert list(backend.scan()) == []

    def read(self, backend: Backend, key: str, start: int = 0, stop: int | None = None) -> bytes:
        """Read and close."""
        with backend.open(key, start, stop) as reader:
            return reader.read()

    # Objects

    @pytest.mark.parametrize("size", [0, 1, 1000, len(DATA)])
    def test_what_is_put_comes_back(self, backend: Backend, size: int) -> None:
        backend.put(KEY, DATA[:size])
        assert self.read(backend, KEY) == DATA[:size]
        found = backend.stat(KEY)
        assert (found.key, found.size) == (KEY, size)
        assert abs(datetime.now(UTC) - found.modified) < timedelta(hours=1)

    def test_a_put_replaces_what_was_there(self, backend: Backend) -> None:
        backend.put(KEY, DATA)
        backend.put(KEY, b"new")
        assert self.read(backend, KEY) == b"new"

    def test_what_is_not_there_is_not_found(self, backend: Backend) -> None:
        with pytest.raises(NotFound):
            backend.stat(KEY)
        with pytest.raises(NotFound):
            backend.open(KEY)
        backend.put(KEY, DATA)
        for near in ("blobs", "blobs/ab", OTHER, KEY[:-1], KEY + "/x"):
            with pytest.raises(NotFound):
                backend.stat(near)
            with pytest.raises(NotFound):
                backend.open(near)

    def test_a_delete_takes_one_object_and_may_be_repeated(self, backend: Backend) -> None:
        backend.put(KEY, DATA)
        backend.put(OTHER, DATA)
        for _ in range(2):
            backend.delete(KEY)
            with pytest.raises(NotFound):
                backend.stat(KEY)
        for near in ("blobs", "blobs/ab", "never"):
            backend.delete(near)
        assert self.read(backend, OTHER) == DATA

    @pytest.mark.parametrize(
        ("start", "stop"),
        [(0, None), (0, 1), (0, 0), (1, 1000), (999, 1000), (len(DATA) - 1, None), (len(DATA), None), (5, 10**9)],
    )
    def test_a_range_is_half_open_and_ends_with_the_object(
        self, backend: Backend, start: int, stop: int | None
    ) -> None:
        backend.put(KEY, DATA)
        assert self.read(backend, KEY, start, stop) == DATA[start:stop]
        with backend.open(KEY, start, stop) as reader:
            assert b"".join(iter(lambda: reader.read(77), b"")) == DATA[start:stop]

    @pytest.mark.parametrize(("start", "stop"), [(len(DATA) + 1, None), (10, 5), (-1, None)])
    def test_a_range_that_begins_past_the_end_is_refused(self, backend: Backend, start: int, stop: int | None) -> None:
        backend.put(KEY, DATA)
        with pytest.raises(InvalidRange):
            backend.open(KEY, start, stop)

    def test_a_reader_is_a_file_at_its_place_or_says_that_it_is_none(self, backend: Backend) -> None:
        backend.put(KEY, DATA)
        with backend.open(KEY, 100, 200) as reader:
            try:
                descriptor = reader.fileno()
            except io.UnsupportedOperation:
                return
            with open(descriptor, "rb", closefd=False) as file:
                assert file.read(100) == DATA[100:200]

    def test_a_url_serves_the_object_or_is_none(self, backend: Backend) -> None:
        backend.put(KEY, DATA)
        url = backend.url(KEY, 60, "application/octet-stream", "attachment")
        assert url is None or url.startswith(("http://", "https://"))

    @pytest.mark.parametrize("key", HOSTILE_KEYS)
    def test_a_hostile_key_is_refused_by_every_operation(self, backend: Backend, key: str) -> None:
        for call in (backend.stat, backend.open, backend.delete, backend.begin):
            with pytest.raises(InvalidKey):
                call(key)
        with pytest.raises(InvalidKey):
            backend.put(key, b"")
        with pytest.raises(InvalidKey):
            backend.url(key, 60, "text/plain", "inline")

    # Scans

    def test_a_scan_is_in_byte_order_of_whole_keys(self, backend: Backend) -> None:
        keys = ["a-b", "a/b", "a.b", "a0", "ab/c", "ab-c", "b/a/c", "b/a-c", "b/a0", "z"]
        for key in keys:
            backend.put(key, key.encode())
        assert [one.key for one in backend.scan()] == sorted(keys)
        assert [one.size for one in backend.scan()] == [len(key) for key in sorted(keys)]
        for prefix in ("a", "a/", "b/a", "b/", "x", "ab"):
            assert [one.key for one in backend.scan(prefix)] == sorted(k for k in keys if k.startswith(prefix))
        for after in (*keys, "", "a", "b/a/", "zz"):
            assert [one.key for one in backend.scan("", after)] == sorted(k for k in keys if k > after)

    def test_many_keys_are_scanned_in_order_and_once(self, backend: Backend) -> None:
        keys = [f"many/{'b' if n % 8 else 'a'}/{n * 7919 % self.many:06}" for n in range(self.many)]
        self.put_many(backend, keys)
        assert [one.key for one in backend.scan("many/")] == sorted(keys)
        middle = sorted(keys)[self.many // 2]
        assert sum(1 for _ in backend.scan("many/", middle)) == self.many - self.many // 2 - 1

    def put_many(self, backend: Backend, keys: list[str]) -> None:
        """Make empty objects; a driver whose ``put`` is slow by design may have a quicker way."""
        for key in keys:
            backend.put(key, b"")

    def delete_many(self, backend: Backend, keys: list[str]) -> None:
        """Remove objects; likewise."""
        for key in keys:
            backend.delete(key)

    # Upload sessions

    @pytest.mark.parametrize("size", [1, 7, 1000, len(DATA)])
    def test_an_upload_in_one_append_is_an_object(self, backend: Backend, size: int) -> None:
        session = backend.append(backend.begin(KEY), pieces(DATA, size))
        assert (session.key, session.size) == (KEY, len(DATA))
        backend.commit(session)
        assert self.read(backend, KEY) == DATA
        assert list(backend.scan_uploads()) == []

    def test_nothing_is_visible_before_commit(self, backend: Backend) -> None:
        session = backend.append(backend.begin(KEY), [DATA])
        with pytest.raises(NotFound):
            backend.stat(KEY)
        assert list(backend.scan()) == []
        backend.commit(session)
        assert [one.key for one in backend.scan()] == [KEY]

    @pytest.mark.parametrize("chunks", [[], [b""], [b"", b""]])
    def test_the_empty_object_can_be_uploaded(self, backend: Backend, chunks: list[bytes]) -> None:
        backend.commit(backend.append(backend.begin(KEY), chunks))
        assert self.read(backend, KEY) == b""

    def test_chunks_may_be_any_kind_of_bytes_and_change_afterwards(self, backend: Backend) -> None:
        buffer = bytearray(DATA[:1000])

        def reused() -> Iterator[bytes | bytearray | memoryview]:
            yield memoryview(buffer)
            buffer[:] = DATA[1000:2000]
            yield buffer
            yield memoryview(buffer)[:0]

        backend.commit(backend.append(backend.begin(KEY), reused()))
        assert self.read(backend, KEY) == DATA[:2000]

    @pytest.mark.parametrize("sizes", [[1] * 20, [10, 1000, 0, 65536], [70000, 6800]])
    def test_a_session_goes_on_elsewhere_after_a_trip_through_json(self, backend: Backend, sizes: list[int]) -> None:
        session = backend.begin(KEY)
        done = 0
        for size in sizes:
            session = self.elsewhere(backend).append(Session.load(session.dump()), [DATA[done : done + size]])
            done += size
            assert session.size == done
        self.elsewhere(backend).commit(Session.load(session.dump()))
        assert self.read(backend, KEY) == DATA[:done]

    def test_a_session_goes_on_in_another_process(self, backend: Backend) -> None:
        address = self.address(backend)
        if address is None:
            pytest.skip("this store lives in one process")
        session = backend.append(backend.begin(KEY), [DATA[:1000]])
        command = [sys.executable, "-c", _CONTINUE, address, session.dump()]
        done = subprocess.run(command, input=DATA[1000:], stdout=subprocess.PIPE, check=True)  # noqa: S603
        session = Session.load(done.stdout.decode())
        assert session.size == len(DATA)
        backend.commit(session)
        assert self.read(backend, KEY) == DATA

    def test_the_count_is_of_what_came_not_of_what_was_meant(self, backend: Backend) -> None:
        short = backend.append(backend.begin(KEY), pieces(DATA[:10], 3))
        assert short.size == 10
        long = backend.append(short, pieces(DATA[10:], 1000))
        assert long.size == len(DATA)
        backend.commit(long)
        assert self.read(backend, KEY) == DATA

    @pytest.mark.parametrize("at", [0, 1, 5000, len(DATA)])
    def test_an_exception_in_the_middle_leaves_the_session_as_it_was(self, backend: Backend, at: int) -> None:
        session = backend.append(backend.begin(KEY), [DATA[:100]])
        with pytest.raises(Interrupted):
            backend.append(session, broken(DATA[100:], at))
        with pytest.raises(NotFound):
            backend.stat(KEY)
        session = backend.append(session, [DATA[100:]])
        backend.commit(session)
        assert self.read(backend, KEY) == DATA

    def test_what_was_there_before_an_exception_can_be_committed(self, backend: Backend) -> None:
        session = backend.append(backend.begin(KEY), [DATA[:100]])
        with pytest.raises(Interrupted):
            backend.append(session, broken(DATA, 5000))
        backend.commit(backend.append(session, []))
        assert self.read(backend, KEY) == DATA[:100]

    def test_an_append_repeated_from_the_same_value_replaces_the_first(self, backend: Backend) -> None:
        session = backend.append(backend.begin(KEY), [DATA[:100]])
        backend.append(session, [b"x" * 9999])  # its caller died before storing what it returned
        again = self.elsewhere(backend).append(contested(Session.load(session.dump())), [b"shorter"])
        assert again.size == 107
        assert not again.contested
        backend.commit(again)
        assert self.read(backend, again.key) == DATA[:100] + b"shorter"

    @pytest.mark.parametrize("before", [0, 100])
    @pytest.mark.parametrize("loser_first", [True, False])
    def test_a_session_left_behind_is_lost_or_is_itself_and_harms_nobody(
        self, backend: Backend, before: int, *, loser_first: bool
    ) -> None:
        session = backend.append(backend.begin(KEY), [DATA[:before]])
        mine = backend.append(session, [b"mine"])
        theirs = self.elsewhere(backend).append(contested(session), [b"theirs"])
        if not loser_first:
            backend.commit(theirs)
        try:
            backend.commit(mine)
            assert mine.key != theirs.key
            assert self.read(backend, mine.key) == DATA[:before] + b"mine"
        except (SessionLost, SessionBusy):
            pass
        if loser_first:
            backend.commit(theirs)
        backend.abort(mine)
        assert self.read(backend, theirs.key) == DATA[:before] + b"theirs"

    def test_a_contested_session_of_which_nothing_is_left_to_append_can_be_committed(self, backend: Backend) -> None:
        session = backend.append(backend.begin(KEY), [DATA])
        backend.append(session, [b"lost"])
        theirs = self.elsewhere(backend).append(contested(session), [])
        backend.commit(theirs)
        assert self.read(backend, theirs.key) == DATA

    def test_a_stalled_writer_and_its_successor_share_nothing(self, backend: Backend) -> None:
        session = backend.append(backend.begin(KEY), [DATA[:100]])
        stalled, woken = threading.Event(), threading.Event()
        outcome: list[Session | BackendError] = []

        def slow() -> Iterator[bytes]:
            yield b"slow "
            stalled.set()
            assert woken.wait(60)
            yield b"writer"

        def first() -> None:
            try:
                outcome.append(backend.append(session, slow()))
            except BackendError as error:
                outcome.append(error)

        thread = threading.Thread(target=first)
        thread.start()
        assert stalled.wait(60)
        try:
            theirs: Session | None = self.elsewhere(backend).append(contested(session), [b"successor"])
        except SessionBusy:
            theirs = None
        woken.set()
        thread.join(60)
        if theirs is not None:
            backend.commit(theirs)
            assert self.read(backend, theirs.key) == DATA[:100] + b"successor"
        (mine,) = outcome
        if isinstance(mine, Session) and (theirs is None or mine.key != theirs.key):
            backend.commit(mine)
            assert self.read(backend, mine.key) == DATA[:100] + b"slow writer"
        assert theirs is not None or isinstance(mine, Session)

    def test_two_writers_of_one_key_leave_the_whole_of_one(self, backend: Backend) -> None:
        one = backend.append(backend.begin(KEY), [b"1" * 5000])
        two = self.elsewhere(backend).append(self.elsewhere(backend).begin(KEY), [b"2" * 3000])
        backend.commit(one)
        self.elsewhere(backend).commit(two)
        assert self.read(backend, KEY) in (b"1" * 5000, b"2" * 3000)

    def test_a_commit_repeated_is_no_error_and_changes_nothing(self, backend: Backend) -> None:
        session = backend.append(backend.begin(KEY), [DATA])
        backend.commit(session)
        self.elsewhere(backend).commit(Session.load(session.dump()))
        assert self.read(backend, KEY) == DATA

    def test_a_committed_session_takes_no_more(self, backend: Backend) -> None:
        session = backend.append(backend.begin(KEY), [DATA])
        backend.commit(session)
        with pytest.raises(SessionLost):
            backend.append(session, [b"more"])
        assert self.read(backend, KEY) == DATA

    def test_an_aborted_session_is_lost_and_leaves_nothing(self, backend: Backend) -> None:
        session = backend.append(backend.begin(KEY), [DATA])
        for _ in range(2):
            backend.abort(session)
        assert list(backend.scan_uploads()) == []
        with pytest.raises(SessionLost):
            backend.append(session, [b"more"])
        with pytest.raises(SessionLost):
            backend.commit(session)
        with pytest.raises(NotFound):
            backend.stat(KEY)

    def test_an_abort_after_commit_leaves_the_object(self, backend: Backend) -> None:
        session = backend.append(backend.begin(KEY), [DATA])
        backend.commit(session)
        backend.abort(session)
        assert self.read(backend, KEY) == DATA

    def test_uploads_under_way_are_found_and_can_be_aborted(self, backend: Backend) -> None:
        begun = {backend.append(backend.begin(key), [DATA]).key for key in (KEY, OTHER)}
        found = list(self.elsewhere(backend).scan_uploads())
        assert begun <= {one.session.key for one in found}
        assert all(abs(datetime.now(UTC) - one.modified) < timedelta(hours=1) for one in found)
        for one in found:
            self.elsewhere(backend).abort(one.session)
        assert list(backend.scan_uploads()) == []

    @pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"key":1,"size":0,"state":{}}', '{"key":"a","size":-1}'])
    def test_what_is_no_session_is_not_taken_for_one(self, backend: Backend, text: str) -> None:  # noqa: ARG002
        with pytest.raises(SessionLost):
            Session.load(text)

    def test_a_session_of_nobody_is_lost(self, backend: Backend) -> None:
        stray = Session(KEY, 5)
        with pytest.raises(SessionLost):
            backend.append(stray, [b"x"])
        with pytest.raises(SessionLost):
            backend.commit(stray)

    def test_many_uploads_at_once_do_not_mix(self, backend: Backend) -> None:
        failures: list[BaseException] = []

        def one(number: int) -> None:
            try:
                data = bytes([number]) * 50_000
                session = backend.begin(f"blobs/00/{number}")
                for piece in pieces(data, 10_000):
                    session = backend.append(session, [piece])
                    time.sleep(0)
                backend.commit(session)
                assert self.read(backend, session.key) == data
            except BaseException as error:  # noqa: BLE001 - reported below
                failures.append(error)

        threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
