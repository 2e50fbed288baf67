"""What becomes of downloads that wait when a server is stopped."""

import contextlib
import signal
import sqlite3
from pathlib import Path

import pytest
import requests

from tests.server import Server
from tests.web.api.test_schema import push_image

pytestmark = pytest.mark.faults

PULLS = 30


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_loses_no_download(tmp_path: Path, number: signal.Signals) -> None:
    with Server(tmp_path, workers=2, downloads_interval="1h") as server:
        assert server.process is not None
        digest = push_image(server, "a/b", "v1", ("x", "y"))
        for one in range(PULLS):
            path = f"/v2/a/b/manifests/{digest if one % 2 else 'v1'}"
            assert requests.get(f"{server.url}{path}", timeout=30).status_code == 200
        server.process.send_signal(number)
        assert server.process.wait(20) == 0
        log = server.log.read_text()
    with contextlib.closing(sqlite3.connect(server.data / "ocireg.db")) as database:
        for sql in (
            "SELECT downloads FROM manifest",
            "SELECT downloads FROM repository",
            "SELECT downloads FROM registry",
            "SELECT sum(count) FROM download",
            "SELECT sum(count) FROM repository_download",
        ):
            assert database.execute(sql).fetchall() == [(PULLS,)], sql
    assert "Traceback" not in log
