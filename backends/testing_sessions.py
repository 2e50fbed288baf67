"""The suite's part on upload sessions: appended to, continued, contested, committed, aborted."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from backends.base import Backend, Session
from backends.errors import BackendError, NotFound, SessionBusy, SessionLost
from backends.testing_base import DATA, KEY, OTHER, SUCCESSOR, Contract, Interrupted, broken, contested, pieces

_CONTINUE = """
import sys
from backends import Session, load
backend = load(sys.argv[1])
session = backend.append(Session.load(sys.argv[2]), [sys.stdin.buffer.read()])
print(session.dump(), end="")
"""


class SessionsContract(Contract):
    """See the module's text."""

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

    def test_who_takes_over_has_nothing_in_the_store_under_a_key_that_its_caller_does_not_know(
        self, backend: Backend
    ) -> None:
        session = backend.append(backend.begin(KEY), [DATA[:100]])
        seen: set[str] = set()

        def looking() -> Iterator[bytes]:
            yield DATA[100:]
            seen.update(one.session.key for one in backend.scan_uploads())
            seen.update(one.key for one in backend.scan())

        theirs = self.elsewhere(backend).append(contested(session), looking())
        assert {*seen, theirs.key} <= {KEY, SUCCESSOR}

    def test_a_writer_that_was_stopped_before_it_began_harms_its_successor_no_more(self, backend: Backend) -> None:
        session = backend.append(backend.begin(KEY), [DATA[:100]])
        theirs = self.elsewhere(backend).append(contested(session), [b"successor"])
        with suppress(BackendError):
            backend.append(session, [b"what a former writer sends when it wakes"])
        with suppress(BackendError):
            backend.append(session, [])
        theirs = self.elsewhere(backend).append(theirs, [b" goes on"])
        backend.commit(theirs)
        assert self.read(backend, theirs.key) == DATA[:100] + b"successor goes on"

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
