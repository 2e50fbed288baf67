"""Downloads: what counts for whom, when it is written, and that none is lost."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.errors import RegistryError
from ocireg.metadata import downloads as rows
from ocireg.metadata import postponed
from ocireg.metadata.database import Database
from ocireg.metadata.downloads import KEPT, Pulls
from ocireg.metadata.migrate import migrate
from ocireg.registry import downloads as module
from ocireg.registry.downloads import Downloads
from tests.faults.wire import until

INDEX, CHILD, ALONE, GONE = (f"sha256:{one * 64}" for one in "1234")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Two repositories with an index, its child and an image; in the second one the index does not name the child."""
    made = Database(tmp_path / "x.db", busy_timeout=0.05)
    migrate(made)
    with made.transaction():
        made.fetch("INSERT INTO repository (id, registry_id, name, created_at) VALUES (1, 1, 'a', 0), (2, 1, 'b', 0)")
        manifests = [
            (repository * 10 + number, repository, digest, f"{repository}{number}")
            for repository in (1, 2)
            for number, digest in enumerate((INDEX, CHILD, ALONE))
        ]
        made.run_many(
            "INSERT INTO manifest (id, repository_id, digest, size, media_type, key, annotations, pushed_at)"
            " VALUES (?, ?, ?, 1, 'x/y', ?, '{}', 0)",
            manifests,
        )
        edge = "INSERT INTO manifest_reference VALUES (?, 0, ?, ?, 'x/y', 1)"
        made.run_many(edge, [(10, "manifest", CHILD), (20, "layer", CHILD), (12, "layer", ALONE)])
        made.fetch("INSERT INTO image_parent (repository_id, digest, manifest_id) VALUES (1, ?, 10)", CHILD)
    yield made
    made.close()


@pytest.fixture
def other(database: Database) -> Iterator[Database]:
    """Another process's way to the same database."""
    made = Database(database.path)
    yield made
    made.close()


def add(database: Database, *pulled: Pulls) -> None:
    with database.transaction():
        rows.add(database, pulled)


def sums(database: Database) -> dict[str, int]:
    """Return what is counted, by manifest (``a1`` is of repository 1), repository and registry, where there is any."""
    found = database.fetch_all(
        "SELECT r.name || substr(m.digest, 8, 1), m.downloads FROM manifest m JOIN repository r ON r.id = repository_id"
        " UNION ALL SELECT name, downloads FROM repository UNION ALL SELECT 'root', downloads FROM registry"
    )
    return {name: count for name, count in found if count}


def test_what_an_index_of_its_repository_names_counts_for_itself_alone(database: Database) -> None:
    today = rows.today()
    add(database, Pulls(1, INDEX, today, 2, 5.0), Pulls(1, CHILD, today, 3, 6.0), Pulls(1, ALONE, today, 4, 7.0))
    assert sums(database) == {"a1": 2, "a2": 3, "a3": 4, "a": 6, "root": 6}
    add(database, Pulls(2, CHILD, today, 10, 8.0))
    assert sums(database) == {"a1": 2, "a2": 3, "a3": 4, "b2": 10, "a": 6, "b": 10, "root": 16}
    pulled = database.fetch_all("SELECT id, pulled_at FROM manifest WHERE pulled_at IS NOT NULL ORDER BY id")
    assert pulled == [(10, 5.0), (11, 6.0), (12, 7.0), (21, 8.0)]


def test_what_is_gone_by_now_counts_for_nothing(database: Database) -> None:
    add(database, Pulls(1, GONE, rows.today(), 1, 0.0), Pulls(9, ALONE, rows.today(), 1, 0.0))
    assert sums(database) == {}
    add(database)


def test_the_sums_stay_when_what_was_pulled_is_deleted_and_its_days_go(database: Database) -> None:
    add(database, Pulls(1, ALONE, rows.today(), 4, 0.0))
    with database.transaction():
        database.fetch("DELETE FROM manifest WHERE id = 12")
    assert sums(database) == {"a": 4, "root": 4}
    assert database.fetch("SELECT count(*) FROM download") == (0,)
    assert [one.count for one in rows.of_repository(database, "a", 1)] == [4]
    with database.transaction():
        database.fetch("DELETE FROM repository WHERE id = 1")
    assert database.fetch("SELECT count(*) FROM repository_download") == (0,)


def test_the_last_days_are_told_one_by_one_and_a_later_pull_stays_the_last(database: Database) -> None:
    today = rows.today()
    add(
        database, Pulls(1, ALONE, today, 1, 9.0), Pulls(1, ALONE, today - 2, 5, 3.0), Pulls(1, ALONE, today - 4, 7, 1.0)
    )
    add(database, Pulls(1, ALONE, today, 1, 8.0))
    assert [one.count for one in rows.of_manifest(database, 12, 5)] == [7, 0, 5, 0, 2]
    assert [one.count for one in rows.of_repository(database, "a", 3)] == [5, 0, 2]
    assert rows.of_repository(database, "nothing", 2) == rows.of_manifest(database, 99, 2)
    last = rows.of_manifest(database, 12, 1)[0].day
    assert last.isoformat() == time.strftime("%Y-%m-%d", time.gmtime(today * 86400))
    assert database.fetch("SELECT downloads, pulled_at FROM manifest WHERE id = 12") == (14, 9.0)
    assert len(rows.of_manifest(database, 12, 10**6)) == KEPT


def test_no_more_days_are_kept_than_can_be_asked_for(database: Database) -> None:
    today = rows.today()
    add(database, *(Pulls(1, ALONE, day, 1, 0.0) for day in range(today - KEPT - 3, today + 1)))
    for table in ("download", "repository_download"):
        assert database.fetch(f"SELECT count(*), min(day) FROM {table}") == (KEPT, today - KEPT + 1)
    assert sums(database) == {"a3": KEPT + 4, "a": KEPT + 4, "root": KEPT + 4}


def test_downloads_are_written_when_the_interval_is_over_and_not_before(database: Database) -> None:
    downloads = Downloads(database, interval=0.05)
    for _ in range(3):
        downloads.count(1, ALONE)
    until(lambda: sums(database) == {"a3": 3, "a": 3, "root": 3})
    downloads.count(1, ALONE)
    until(lambda: sums(database) == {"a3": 4, "a": 4, "root": 4})
    downloads.close()
    slow = Downloads(database, interval=3600)
    slow.count(1, ALONE)
    assert sums(database)["a3"] == 4
    slow.close()
    assert sums(database)["a3"] == 5


def test_where_nothing_may_be_written_nothing_is_counted(database: Database) -> None:
    before = set(threading.enumerate())
    downloads = Downloads(database, interval=0.01, enabled=False)
    downloads.count(1, ALONE)
    assert set(threading.enumerate()) <= before
    downloads.close()
    assert sums(database) == {}


def test_many_do_not_wait_for_the_interval(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 3)
    downloads = Downloads(database, interval=3600)
    for digest in (INDEX, CHILD, ALONE):
        downloads.count(1, digest)
    until(lambda: sums(database) == {"a1": 1, "a2": 1, "a3": 1, "a": 2, "root": 2})
    downloads.close()


def test_many_are_written_piece_by_piece_and_what_fails_waits_with_the_rest(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "PIECE", 2)
    downloads = Downloads(database, interval=0.05)
    with other.transaction():
        for digest in (INDEX, CHILD, ALONE, GONE):
            downloads.count(1, digest)
        until(lambda: "will be written later" in caplog.text)
    until(lambda: sums(database) == {"a1": 1, "a2": 1, "a3": 1, "a": 2, "root": 2})
    downloads.close()


def test_what_no_thread_was_to_be_had_for_is_written_at_the_end(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    downloads = Downloads(database, interval=3600)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        downloads.count(1, ALONE)
        downloads.close()
        assert "downloads that could not be written in time: 1" in caplog.text
    downloads.close()
    assert sums(database) == {"a3": 1, "a": 1, "root": 1}


def test_a_locked_database_is_tried_again_and_nothing_is_lost(
    database: Database, other: Database, caplog: pytest.LogCaptureFixture
) -> None:
    downloads = Downloads(database, interval=0.05)
    with other.transaction():
        downloads.count(1, ALONE)
        until(lambda: caplog.text.count("will be written later: database is locked") >= 2)
        downloads.count(1, ALONE)
        downloads.count(1, INDEX)
    until(lambda: sums(database) == {"a1": 1, "a3": 2, "a": 3, "root": 3})
    downloads.close()


def test_of_more_manifests_than_can_wait_the_others_are_not_counted_and_the_log_says_so(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    downloads = Downloads(database, interval=3600, most=2)
    for digest in (INDEX, CHILD, ALONE, ALONE, INDEX):
        downloads.count(1, digest)
    downloads.close()
    assert sums(database) == {"a1": 2, "a2": 1, "a": 2, "root": 2}
    assert "not counted, since those of 2 manifests wait: 2" in caplog.text


def test_what_no_database_takes_does_not_hold_up_the_others(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    downloads = Downloads(database, interval=0.05)
    downloads.count(1, b"x")  # type: ignore[arg-type] # a mistake of ours
    until(lambda: "dropped: 1" in caplog.text)
    downloads.count(1, ALONE)
    downloads.close()
    assert sums(database) == {"a3": 1, "a": 1, "root": 1}


def test_what_waits_twice_is_closed_in_the_time_of_one_and_what_is_lost_is_said(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(postponed, "PATIENCE", 0.2)
    both = [Downloads(database, interval=3600) for _ in range(2)]
    with other.transaction():
        for one in both:
            one.count(1, ALONE)
        postponed.close(*both)
    assert caplog.text.count("downloads that could not be written in time: 1") == 2
    until(lambda: sums(database) == {"a3": 2, "a": 2, "root": 2})  # the process lives on here


def test_many_threads_count_at_once(database: Database) -> None:
    downloads = Downloads(database, interval=0.01)

    def pull() -> None:
        for _ in range(200):
            downloads.count(1, ALONE)
            downloads.count(2, ALONE)

    threads = [threading.Thread(target=pull) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    downloads.close()
    assert sums(database) == {"a3": 1600, "b3": 1600, "a": 1600, "b": 1600, "root": 3200}


def test_a_transaction_that_fails_counts_nothing_twice(database: Database, other: Database) -> None:
    pulled = Pulls(1, ALONE, rows.today(), 1, 0.0)
    with other.transaction(), pytest.raises(RegistryError):
        add(database, pulled)
    add(database, pulled)
    assert sums(database) == {"a3": 1, "a": 1, "root": 1}


FORKING = """
import os, sys
from pathlib import Path
from ocireg.metadata.database import Database
from ocireg.registry.downloads import Downloads

downloads = Downloads(Database(Path(sys.argv[1])), interval=3600)
downloads.count(1, sys.argv[2])
child = os.fork()
if child:
    os.waitpid(child, 0)
else:
    downloads.count(1, sys.argv[2])
    downloads.count(1, sys.argv[2])
"""


def test_a_forked_process_writes_its_own_at_its_end_and_not_those_of_its_parent(database: Database) -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORKING, str(database.path), ALONE]
    subprocess.run(command, check=True)
    assert sums(database) == {"a3": 3, "a": 3, "root": 3}
