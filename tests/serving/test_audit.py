"""What becomes of events that wait when a worker ends, by itself or not."""

import contextlib
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.faults.wire import Wire, until
from tests.server import Server

pytestmark = pytest.mark.faults

EVENTS = 40


def written(server: Server) -> list[int]:
    """Return the numbers of the events that are in the database, in the order of being written."""
    with contextlib.closing(sqlite3.connect(server.data / "ocireg.db")) as database:
        return [int(row[0]) for row in database.execute("SELECT subject FROM audit_event ORDER BY id")]


def note(server: Server, numbers: range) -> None:
    for number in numbers:
        assert requests.get(f"{server.url}/v2/?{number}", timeout=30).status_code == 200


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, module="tests.serving.noting", workers=2, grace_period="2s") as running:
        yield running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_stop_loses_nothing(server: Server, number: signal.Signals) -> None:
    assert server.process is not None
    note(server, range(EVENTS))
    server.process.send_signal(number)
    assert server.process.wait(20) == 0
    assert sorted(written(server)) == list(range(EVENTS))
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("again", [True, False], ids=["as told", "at the end of the grace period"])
def test_a_stop_that_cuts_requests_off_loses_nothing_either(server: Server, again: bool) -> None:
    assert server.process is not None
    wire = Wire(server)
    wire.head("POST", "/v2/a/b/blobs/uploads/?0", Content_Length=0)
    wire.head("PATCH", f"{wire.answer().headers['location']}?1", Content_Length=1000, Expect="100-continue")
    assert b"100 Continue" in wire.file.readline()
    note(server, range(2, EVENTS))
    os.killpg(server.process.pid, signal.SIGINT)
    until(lambda: "waiting up to 2 s for 1 request" in server.log.read_text())
    if again:
        os.killpg(server.process.pid, signal.SIGINT)
    assert server.process.wait(20) == 0
    wire.close()
    assert "1 request cut off" in server.log.read_text()
    assert sorted(written(server)) == list(range(EVENTS))


def test_a_worker_that_is_killed_loses_what_waited_and_no_more(server: Server) -> None:
    note(server, range(EVENTS))
    until(lambda: sorted(written(server)) == list(range(EVENTS)))
    note(server, range(EVENTS, EVENTS + 5))
    for pid in server.workers():
        os.kill(pid, signal.SIGKILL)
    server.wait_until_ready()
    note(server, range(100, 105))
    assert server.stop() == 0
    found = sorted(written(server))
    assert found[:EVENTS] == list(range(EVENTS))
    assert set(range(100, 105)) <= set(found)
    assert len(found) == len(set(found))


def test_a_database_that_is_locked_as_the_server_ends_is_said_and_waited_for_in_bounds(server: Server) -> None:
    with contextlib.closing(sqlite3.connect(server.data / "ocireg.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        note(server, range(EVENTS))
        assert server.stop() == 0
        other.execute("ROLLBACK")
    log = server.log.read_text()
    assert "could not be written in time" in log
    assert "SIGKILL" not in log
    assert "Traceback" not in log
