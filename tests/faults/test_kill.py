"""A process that dies at any instant loses nothing that was acknowledged, and leaves nothing that is not removed."""

import contextlib
import itertools
import os
import sqlite3
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from tests.faults import pusher
from tests.faults.wire import Wire, until
from tests.server import Server

pytestmark = pytest.mark.faults

BLOB = bytes(range(256)) * 4000
STEPS = ["begun", "in a chunk", "after a chunk", "in the last chunk", "after the blob", "after the manifest"]


def stored(server: Server, folder: str) -> list[Path]:
    return [path for path in (server.data / "storage" / folder).rglob("*") if path.is_file()]


def require_clean(server: Server, objects: int) -> None:
    """Check that a clean-up leaves the objects that rows refer to, and no upload."""

    def cleaned() -> bool:
        server.clean_up()
        return not stored(server, "uploads")

    until(cleaned)  # a claim of who died is honoured until its lease ends
    with contextlib.closing(sqlite3.connect(server.data / "ocireg.db")) as database, database:
        database.execute("UPDATE garbage SET due_at = 0")  # as if the time had passed
    server.clean_up()
    assert len(stored(server, "objects")) == objects + 1  # and the mark of the installation


@pytest.mark.parametrize("step", STEPS)
def test_a_server_killed_between_requests_goes_on_after_a_restart(tmp_path: Path, step: str) -> None:
    server = Server(tmp_path, workers=1, upload_lease=1)
    image = pusher.Image.of(BLOB)
    digest = Digest.of(BLOB)
    base = "/v2/a/b"
    with server:
        location = requests.post(f"{server.url}{base}/blobs/uploads/", timeout=30).headers["Location"]
        wire = Wire(server)
        if step == "in a chunk":
            wire.head("PATCH", location, Content_Length=len(BLOB))
            wire.send(BLOB[:600_000])
            until(lambda: sum(path.stat().st_size for path in stored(server, "uploads")))
        elif step != "begun":
            assert requests.patch(server.url + location, data=BLOB[:600_000], timeout=30).status_code == 202
        if step == "in the last chunk":
            wire.head("PUT", f"{location}?digest={digest}", Content_Length=len(BLOB) - 600_000)
            wire.send(BLOB[600_000:950_000])
            until(lambda: sum(path.stat().st_size for path in stored(server, "uploads")) > 600_000)
        if step in ("after the blob", "after the manifest"):
            pusher.push(server, "a/b", image, 500_000) if step == "after the manifest" else None
            if step == "after the blob":
                done = requests.put(f"{server.url}{location}?digest={digest}", data=BLOB[600_000:], timeout=30)
                assert done.status_code == 201
        server.kill()
        wire.close()
        server.start()
        pusher.check_never_half(server, "a/b", image)
        if step == "after the blob":
            head = requests.head(f"{server.url}{base}/blobs/{digest}", timeout=30)
            assert head.status_code == 200
        if step == "after the manifest":
            pusher.check(server, "a/b", image)
        pusher.push(server, "a/b", image, 500_000)
        pusher.check(server, "a/b", image)
        require_clean(server, objects=2)


@pytest.mark.faults
def test_a_worker_killed_at_any_step_towards_the_disk_leaves_a_push_that_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counter = tmp_path / "counter"
    monkeypatch.setenv("OCIREG_TEST_KILL", str(counter))
    deaths = 0
    server = Server(tmp_path, module="tests.faults.killable", workers=1, upload_lease=1, log_level="warning")
    with server:
        for number in itertools.count(1):
            image = pusher.Image.of(os.urandom(1000) * 100)
            counter.write_text(str(number))
            pusher.push(server, f"kill/at-{number}", image, 60_000)
            pusher.check(server, f"kill/at-{number}", image)
            if counter.exists():
                break
            deaths += 1
        counter.unlink()
        for count in range(1, number):
            assert requests.get(f"{server.url}/v2/kill/at-{count}/manifests/v1", timeout=30).status_code == 200
        require_clean(server, objects=2 * number)
    with capsys.disabled():
        print(f"\nkilled at each of {deaths} steps of a push")
    assert deaths > 20
