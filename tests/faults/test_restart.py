"""Stops, restarts and what outlives them."""

import sqlite3
import threading
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from tests.faults import pusher
from tests.faults.wire import Wire, until
from tests.server import Server

pytestmark = pytest.mark.faults


def test_a_push_under_way_ends_before_a_stop(tmp_path: Path) -> None:
    content = b"x" * 300_000
    with Server(tmp_path, workers=1) as server:
        wire = Wire(server)
        wire.head("POST", f"/v2/a/b/blobs/uploads/?digest={Digest.of(content)}", Content_Length=len(content))
        wire.send(content[:100_000])
        until(lambda: any(path.stat().st_size for path in (server.data / "storage" / "uploads").iterdir()))
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        wire.send(content[100_000:])
        assert wire.answer().status == 201
        wire.close()
        stopping.join()
        assert server.process is not None
        assert server.process.returncode == 0
        server.start()
        assert requests.get(f"{server.url}/v2/a/b/blobs/{Digest.of(content)}", timeout=30).content == content


def test_every_pull_agrees_when_all_copies_of_manifests_in_rows_are_emptied(tmp_path: Path) -> None:
    images = [pusher.Image.of(bytes([number]) * 1000) for number in range(10)]
    with Server(tmp_path, workers=1) as server:
        for number, image in enumerate(images):
            pusher.push(server, f"a/{number}", image, 1000)
        with sqlite3.connect(server.data / "ocireg.db") as database:
            emptied = database.execute("UPDATE manifest SET content = NULL").rowcount
        database.close()
        assert emptied == len(images)
        for number, image in enumerate(images):
            pusher.check(server, f"a/{number}", image)
            digest = Digest.of(image.manifest)
            answer = requests.get(f"{server.url}/v2/a/{number}/manifests/{digest}", timeout=30)
            assert (answer.content, answer.headers["Docker-Content-Digest"]) == (image.manifest, str(digest))


def test_memory_stays_bounded_while_large_blobs_come_and_go(tmp_path: Path) -> None:
    """Eight uploads of 48 MiB at once, and their pulls: the worker grows by less than one of them."""
    size, count = 48 * 2**20, 8

    with Server(tmp_path, workers=1, threads=16) as server:
        (worker,) = until(server.workers)

        def resident() -> int:
            status = Path(f"/proc/{worker}/status").read_text()
            return int(status.partition("VmHWM:")[2].split()[0]) * 1024

        requests.post(f"{server.url}/v2/a/b/blobs/uploads/?digest={Digest.of(b'warm')}", data=b"warm", timeout=30)
        before = resident()

        def one(number: int) -> None:
            content = bytes([number]) * size
            digest = Digest.of(content)
            url = f"{server.url}/v2/a/b/blobs"
            assert requests.post(f"{url}/uploads/?digest={digest}", data=content, timeout=120).status_code == 201
            assert requests.get(f"{url}/{digest}", timeout=120).content == content

        threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert resident() - before < size
