"""The trail: what is written in the background, what is lost and said to be, and how it ends."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.auth import audit as module
from ocireg.auth.audit import BATCH, Trail
from ocireg.metadata import audit, postponed
from ocireg.metadata.audit import Author, Event, StoredEvent
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import migrate
from tests.faults.wire import until

ALICE = Author("alice", "password", "192.0.2.1", "docker/28")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "x.db", busy_timeout=0.05)
    migrate(made)
    yield made
    made.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """Another process's way to the same database."""
    made = Database(tmp_path / "x.db")
    yield made
    made.close()


def login(number: int = 0) -> Event:
    return Event("login", ALICE, subject=str(number))


def written(database: Database) -> list[StoredEvent]:
    """Return all events in the order of being written."""
    return audit.following(database, after=0, limit=100_000)


def numbers(database: Database) -> list[int]:
    return [int(one.subject or 0) for one in written(database) if one.action == "login"]


def test_what_is_noted_is_written_soon_in_its_order_and_with_its_time(database: Database) -> None:
    trail = Trail(database, pulls=False)
    for number in range(3):
        trail.note(login(number))
    until(lambda: numbers(database) == [0, 1, 2])
    times = [one.at for one in written(database)]
    assert times == sorted(times)
    assert times[0] > 1e9
    trail.close()


def test_a_close_loses_nothing(database: Database) -> None:
    trail = Trail(database, pulls=False)
    for number in range(3 * BATCH + 7):
        trail.note(login(number))
    trail.close()
    assert numbers(database) == list(range(3 * BATCH + 7))
    trail.close()


def test_what_comes_after_a_close_is_written_too(database: Database) -> None:
    trail = Trail(database, pulls=False)
    for number in range(3):
        trail.note(login(number))
        trail.close()
    assert numbers(database) == [0, 1, 2]


def test_a_trail_without_events_has_no_thread(database: Database) -> None:
    before = set(threading.enumerate())
    trail = Trail(database, pulls=False)
    trail.note(Event("blob.pull", ALICE))
    assert not [one.name for one in set(threading.enumerate()) - before if "audit" in one.name]
    trail.close()
    assert written(database) == []


@pytest.mark.parametrize("pulls", [True, False])
def test_pulls_are_written_where_they_are_wanted(database: Database, pulls: bool) -> None:
    trail = Trail(database, pulls=pulls)
    for action in ("manifest.pull", "blob.pull", "login"):
        trail.note(Event(action, ALICE))
    trail.close()
    assert [one.action for one in written(database)] == ["manifest.pull", "blob.pull"] * pulls + ["login"]


def test_a_locked_database_is_tried_again_and_nothing_is_lost(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.05)
    trail = Trail(database, pulls=False)
    with other.transaction():
        for number in range(10):
            trail.note(login(number))
        until(lambda: caplog.text.count("will be tried again: database is locked") >= 2)
        trail.note(login(10))
    until(lambda: numbers(database) == list(range(11)))
    trail.close()


def test_of_more_than_can_wait_the_oldest_go_and_the_loss_is_told(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.05)
    trail = Trail(database, pulls=False, most=4)
    with other.transaction():
        for number in range(10):
            trail.note(login(number))
        until(lambda: "tried again" in caplog.text)
        trail.note(login(10))
    trail.close()
    assert numbers(database) == [7, 8, 9, 10]
    lost = [one for one in written(database) if one.action == "audit.lost"]
    assert sum(int(str(one.detail["events"])) for one in lost) == 7
    assert {(one.actor, one.detail["process"]) for one in lost} == {("system", os.getpid())}


def test_a_close_does_not_wait_for_ever_and_says_what_is_lost(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(postponed, "PATIENCE", 0.2)
    trail = Trail(database, pulls=False)
    with other.transaction():
        for number in range(3):
            trail.note(login(number))
        trail.close()
    assert "could not be written in time: 3" in caplog.text
    until(lambda: numbers(database) == [0, 1, 2])  # the process lives on here


def test_events_that_no_database_takes_do_not_hold_up_the_others(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.05)
    trail = Trail(database, pulls=False)
    trail.note(Event("login", Author(5, "", "", ""), subject="0"))  # type: ignore[arg-type] # a mistake of ours
    until(lambda: "dropped: 1" in caplog.text)
    trail.note(login(1))
    trail.close()
    assert [(one.action, one.detail.get("events")) for one in written(database)] == [("audit.lost", 1), ("login", None)]


def test_without_a_thread_an_event_waits_for_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    trail = Trail(database, pulls=False)

    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", fail)
        trail.note(login(0))
    assert "have to wait: can't start new thread" in caplog.text
    trail.note(login(1))
    trail.close()
    assert numbers(database) == [0, 1]


def test_many_threads_note_at_once(database: Database) -> None:
    trail = Trail(database, pulls=False)

    def note(first: int) -> None:
        for number in range(first, first + 100):
            trail.note(login(number))

    threads = [threading.Thread(target=note, args=(first,)) for first in range(0, 1600, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trail.close()
    assert sorted(numbers(database)) == list(range(1600))


FORKING = """
import os, sys
from pathlib import Path
from ocireg.auth.audit import Trail
from ocireg.metadata.audit import SYSTEM, Event
from ocireg.metadata.database import Database

database = Database(Path(sys.argv[1]))
trail = Trail(database, pulls=False)
trail.note(Event("login", SYSTEM, subject="0"))  # waits for a second
child = os.fork()
if child:
    os.waitpid(child, 0)
else:
    trail.note(Event("login", SYSTEM, subject="1"))
"""


def test_a_forked_process_writes_its_own_events_at_its_end_and_not_those_of_its_parent(
    database: Database, tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", FORKING, str(tmp_path / "x.db")], check=True)
    assert numbers(database) == [1, 0]
