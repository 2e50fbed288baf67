"""Clients push, delete and pull the same few blobs from several processes while garbage is collected without grace.

What was answered 200 to HEAD or 201 holds; what the tags point at in the end is whole; nothing else is left. The same
while workers are killed. ``.ci/long`` runs it for ten minutes; here it takes some seconds.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.faults.churn import Client
from tests.faults.wire import until
from tests.server import Server, environment

PROTECTION = 10.0
CLIENTS = 4

_KEPT = """
WITH RECURSIVE kept(id, repository, digest) AS (
    SELECT m.id, m.repository_id, m.digest FROM tag t JOIN manifest m ON m.id = t.manifest_id
    UNION
    SELECT c.id, c.repository_id, c.digest FROM kept k JOIN manifest_reference e ON e.manifest_id = k.id
    JOIN manifest c ON c.repository_id = k.repository AND c.digest = e.digest
    UNION
    SELECT r.id, r.repository_id, r.digest FROM kept k JOIN manifest r
    ON r.repository_id = k.repository AND r.subject = k.digest)
"""
_COLLECTED = "SELECT count(*) FROM audit_event WHERE action = 'manifest.collect'"
_LEFT = {
    "manifests": f"{_KEPT} SELECT count(*) FROM manifest WHERE id NOT IN (SELECT id FROM kept)",
    "links": f"""{_KEPT} SELECT count(*) FROM repository_blob l JOIN blob b ON b.id = l.blob_id WHERE NOT EXISTS (
        SELECT 1 FROM manifest_reference e JOIN kept k ON k.id = e.manifest_id
        WHERE k.repository = l.repository_id AND e.digest = b.digest)""",
    "blobs": "SELECT count(*) FROM blob WHERE id NOT IN (SELECT blob_id FROM repository_blob)",
    "queue": "SELECT (SELECT count(*) FROM manifest_candidate) + (SELECT count(*) FROM blob_candidate)",
    "garbage": "SELECT count(*) FROM garbage",
}


def left(server: Server) -> dict[str, int]:
    """Return what nothing keeps, with a connection of its own; no other may be open in this process."""
    with closing(sqlite3.connect(server.data / "ocireg.db")) as database:
        return left_in(server.data, lambda sql: database.execute(sql).fetchall())


def left_in(data: Path, ask: Callable[[str], list[tuple[Any, ...]]]) -> dict[str, int]:
    """Return what nothing keeps, by what it is; ``objects`` that no row knows, and those ``missing`` that one does."""
    found = {name: int(ask(sql)[0][0]) for name, sql in _LEFT.items()}
    keys = {row[0] for row in ask("SELECT key FROM blob UNION SELECT key FROM manifest")}
    root = data / "storage" / "objects"
    there = {f"{path.parent.parent.name}/{path.parent.name}/{path.name}" for path in root.rglob("*") if path.is_file()}
    there = {name for name in there if name.startswith(("blobs/", "manifests/"))}
    return found | {"objects": len(there - keys), "missing": len(keys - there)}


def churn(server: Server, number: int, seconds: float) -> subprocess.Popen[str]:
    """Start a client."""
    arguments = [server.url, f"c{number}", str(seconds), str(PROTECTION / 2)]
    command = [sys.executable, "-m", "tests.faults.churn", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())


def kill_some(server: Server, seconds: float, every: float) -> int:
    """Kill a worker every so often; return how many were."""
    chance, killed = random.Random(1), 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(every * chance.uniform(0.5, 1.5))
        if workers := server.workers():
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
                killed += 1
    return killed


def soak(folder: Path, seconds: float, *, kills: bool) -> dict[str, Any]:
    """Let clients loose on a server; return the figures."""
    settings: dict[str, Any] = {"gc_grace": 0, "gc_interval": "1s", "untagged_retention": "1s", "orphan_grace": "5s"}
    settings |= {"upload_protection": PROTECTION, "sweep_interval": "2s", "upload_lease": 1}
    server = Server(folder, workers=3, access_log="false", **settings)
    with server:
        clients = [churn(server, number, seconds) for number in range(CLIENTS)]
        killed = kill_some(server, seconds, 3.0) if kills else 0
        reports = [json.loads(client.communicate(timeout=seconds + 120)[0]) for client in clients]
        began = time.monotonic()
        with closing(sqlite3.connect(server.data / "ocireg.db")) as database, database:
            database.execute("UPDATE garbage SET due_at = 0")  # as if ten minutes had passed since a push was killed
        until(lambda: server.clean_up() and not any(left(server).values()), PROTECTION * 9)
        after = Client(server.url, "after", 0.0)
        for report in reports:
            for name, digest in report["tags"].items():
                repository, _, tag = name.partition(":")
                after.whole(repository, tag, digest)
        with closing(sqlite3.connect(server.data / "ocireg.db")) as database:
            tags = database.execute("SELECT count(*) FROM tag").fetchone()[0]
            collected = database.execute(_COLLECTED).fetchone()
        assert "Traceback" not in server.log.read_text(), server.log.read_text()[-3000:]
    count = sum((Counter(report["count"]) for report in reports), Counter[str]())
    losses = [loss for report in reports for loss in report["losses"]] + after.losses
    assert tags == sum(len(report["tags"]) for report in reports)
    return {
        "operations": sum(count.values()),
        **count,
        "tags": tags,
        "collected manifests": collected[0],
        "kills": killed,
        "lost": len(losses),
        "losses": losses[:5],
        "left over": sum(left(server).values()),
        "seconds until nothing was": round(time.monotonic() - began, 1),
    }


@pytest.mark.parametrize("kills", [False, True], ids=["calm", "killed"])
@pytest.mark.parametrize(
    "seconds",
    [pytest.param(15.0, marks=pytest.mark.faults), pytest.param(600.0, marks=pytest.mark.long)],
    ids=["short", "ten minutes"],
)
def test_nothing_that_was_acknowledged_is_lost_and_nothing_else_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seconds: float, kills: bool
) -> None:
    figures = soak(tmp_path, seconds, kills=kills)
    with capsys.disabled():
        print(f"\n{figures}")
    assert (figures["lost"], figures["left over"]) == (0, 0), figures["losses"]
    assert figures["collected manifests"] > 0
    assert bool(figures["kills"]) == kills
