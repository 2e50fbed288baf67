"""An upload begun by one process, continued by a second and ended by a third, each killed where it stood."""

import os
import random
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from tests.faults.wire import Wire, until
from tests.server import Server
from tests.stores.homes import Home

pytestmark = pytest.mark.faults

MIB = 1024 * 1024
CONTENT = random.Random(5).randbytes(21 * MIB + 5)

CHUNKS = {
    "tiny": [b"a", b"b"],
    "on no boundary": [CONTENT[: 7 * MIB + 1], CONTENT[7 * MIB + 1 : 7 * MIB + 3], CONTENT[7 * MIB + 3 :]],
    "large": [CONTENT[: 12 * MIB], CONTENT[12 * MIB :]],
}


@pytest.mark.parametrize("algorithm", ["sha256", pytest.param("sha512", marks=pytest.mark.long)])
@pytest.mark.parametrize("chunks", CHUNKS)
def test_every_chunk_by_another_process_after_a_kill(tmp_path: Path, home: Home, chunks: str, algorithm: str) -> None:
    content = b"".join(CHUNKS[chunks])
    digest = Digest.of(content, algorithm)
    server = Server(tmp_path, workers=1, upload_lease=1, **home.settings)
    pids = set()

    def anew() -> None:
        if server.process is not None:
            server.kill()
        server.start()
        pids.update(server.workers())

    with server:
        location = requests.post(
            f"{server.url}/v2/a/b/blobs/uploads/?digest-algorithm={algorithm}", timeout=30
        ).headers["Location"]
        done = 0
        for chunk in CHUNKS[chunks]:
            anew()
            headers = {"Content-Range": f"{done}-{done + len(chunk) - 1}"}
            answer = requests.patch(server.url + location, data=chunk, headers=headers, timeout=60)
            assert answer.status_code == 202, answer.text
            done += len(chunk)
        anew()
        answer = requests.put(f"{server.url}{location}?digest={digest}", timeout=60)
        assert answer.status_code == 201, answer.text
        assert requests.get(f"{server.url}/v2/a/b/blobs/{digest}", timeout=60).content == content
        assert len(pids) == len(CHUNKS[chunks]) + 1
        assert os.getpid() not in pids
        assert home.objects(server) == [content]
        server.clean_up()
        assert home.leftovers(server) == []


def test_a_kill_in_the_middle_of_a_chunk_costs_that_chunk_alone(tmp_path: Path, home: Home) -> None:
    """The lease of the dead runs out, and the next request goes on in an upload of its own."""
    digest = Digest.of(CONTENT)
    server = Server(tmp_path, workers=1, upload_lease=1, **home.settings)
    with server:
        location = requests.post(f"{server.url}/v2/a/b/blobs/uploads/", timeout=30).headers["Location"]
        answer = requests.patch(server.url + location, data=CONTENT[: 11 * MIB], timeout=60)
        assert answer.status_code == 202
        wire = Wire(server)
        wire.head("PATCH", location, Content_Length=10 * MIB)
        wire.send(b"x" * (9 * MIB))
        until(lambda: len(home.leftovers(server)) != 0)
        server.kill()
        wire.close()
        server.start()

        def goes_on() -> bool:
            headers = {"Content-Range": f"{11 * MIB}-{len(CONTENT) - 1}"}
            rest = CONTENT[11 * MIB :]
            return requests.patch(server.url + location, data=rest, headers=headers, timeout=60).status_code == 202

        until(goes_on)
        answer = requests.put(f"{server.url}{location}?digest={digest}", timeout=60)
        assert answer.status_code == 201, answer.text
        assert requests.get(f"{server.url}/v2/a/b/blobs/{digest}", timeout=60).content == CONTENT
        server.clean_up()
        assert home.leftovers(server) == []
        assert home.objects(server) == [CONTENT]
