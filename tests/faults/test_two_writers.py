"""Two writers of one upload: one of them wins, whole; a writer that was stopped changes nothing when it wakes."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from tests.faults.wire import Wire, until
from tests.server import Server, stop
from tests.stores.homes import Home

pytestmark = pytest.mark.faults

FIRST, OTHER = b"1" * 9_200_000, b"2" * 9_200_000
SOME = 9_000_000
"""More than a part in any store."""


@pytest.fixture
def server(tmp_path: Path, home: Home) -> Iterator[Server]:
    with Server(tmp_path, workers=2, threads=8, upload_lease="5s", sweep_interval="1h", **home.settings) as running:
        running.wait_for_workers(2)
        yield running


def begin(server: Server) -> str:
    return requests.post(f"{server.url}/v2/a/b/blobs/uploads/", timeout=30).headers["Location"]


def finish(server: Server, location: str, content: bytes) -> None:
    digest = Digest.of(content)
    answer = requests.put(f"{server.url}{location}?digest={digest}", timeout=30)
    assert answer.status_code == 201, answer.text
    assert requests.get(f"{server.url}/v2/a/b/blobs/{digest}", timeout=30).content == content


@pytest.mark.parametrize("ranged", [True, False], ids=["with Content-Range", "streamed"])
def test_the_slower_of_two_patches_at_one_offset_gets_416_before_a_byte_of_it_is_stored(
    server: Server, home: Home, ranged: bool
) -> None:
    location = begin(server)
    headers = {"Content_Range": f"0-{len(FIRST) - 1}"} if ranged else {}
    one, two = Wire(server), Wire(server)
    one.head("PATCH", location, Content_Length=len(FIRST), **headers)
    one.send(FIRST[:SOME])
    until(lambda: home.leftovers(server))
    two.head("PATCH", location, Content_Length=len(OTHER), **headers)
    two.send(OTHER[:1000])
    refused = two.answer()
    assert (refused.status, refused.codes) == (416, ["BLOB_UPLOAD_INVALID"])
    assert refused.headers["range"] == "0-0"
    one.send(FIRST[SOME:])
    assert one.answer().status == 202
    one.close()
    two.close()
    finish(server, location, FIRST)


def test_many_patches_at_one_offset_at_once_leave_the_bytes_of_one(server: Server) -> None:
    for _ in range(5):
        location = begin(server)
        bodies = [bytes([number]) * 300_000 for number in range(6)]
        statuses: dict[int, int] = {}
        gate = threading.Barrier(len(bodies))

        def patch(
            number: int,
            location: str = location,
            bodies: list[bytes] = bodies,
            statuses: dict[int, int] = statuses,
            gate: threading.Barrier = gate,
        ) -> None:
            gate.wait()
            answer = requests.patch(
                server.url + location,
                data=bodies[number],
                headers={"Content-Range": f"0-{len(bodies[number]) - 1}"},
                timeout=60,
            )
            statuses[number] = answer.status_code

        threads = [threading.Thread(target=patch, args=(number,)) for number in range(len(bodies))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        winners = [number for number, status in statuses.items() if status == 202]
        assert len(winners) == 1
        assert set(statuses.values()) == {202, 416}
        finish(server, location, bodies[winners[0]])


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_stopped_writer_that_wakes_after_another_took_over_changes_nothing(
    server: Server, home: Home, method: str
) -> None:
    location = begin(server)
    one, two = server.workers()
    stop(two)
    slow = Wire(server)
    target = f"{location}?digest={Digest.of(FIRST)}" if method == "PUT" else location
    slow.head(method, target, Content_Length=len(FIRST), Content_Range=f"0-{len(FIRST) - 1}")
    slow.send(FIRST[:SOME])
    until(lambda: home.leftovers(server))
    stop(one)
    os.kill(two, signal.SIGCONT)
    rest = threading.Thread(target=slow.send, args=(FIRST[SOME:],))  # of which sockets take what they have room for
    rest.start()

    answers: list[str] = []

    def taken_over() -> bool:
        answer = requests.patch(
            server.url + location,
            data=OTHER,
            headers={"Content-Range": f"0-{len(OTHER) - 1}"},
            timeout=30,
        )
        answers.append(f"{answer.status_code} {answer.text} {answer.headers.get('Range')}")
        return answer.status_code == 202

    until(taken_over, why=answers)
    os.kill(one, signal.SIGCONT)
    woken = slow.answer()
    assert woken.status == 416
    rest.join()
    slow.close()
    finish(server, location, OTHER)
    assert requests.head(f"{server.url}/v2/a/b/blobs/{Digest.of(FIRST)}", timeout=30).status_code == 404
    server.clean_up()
    assert home.leftovers(server) == []
    assert home.objects(server) == [OTHER]


def test_an_upload_goes_on_in_another_worker_process(server: Server) -> None:
    content = os.urandom(900_000)
    one, two = server.workers()

    def alone(pid: int, other: int) -> None:
        """Let ``pid`` be the only process that can answer."""
        os.kill(pid, signal.SIGCONT)
        stop(other)

    try:
        alone(one, two)
        location = begin(server)
        for turn, first in enumerate(range(0, len(content), 300_000)):
            alone(*((two, one), (one, two))[turn % 2])
            piece = content[first : first + 300_000]
            answer = requests.patch(
                server.url + location,
                data=piece,
                headers={"Content-Range": f"{first}-{first + len(piece) - 1}"},
                timeout=30,
            )
            assert answer.status_code == 202
        alone(one, two)
        finish(server, location, content)
    finally:
        for pid in (one, two):
            os.kill(pid, signal.SIGCONT)
    until(lambda: server.served("PUT", location) == [one])  # the log is written after the answer
    until(lambda: sorted(server.served("PATCH", location)) == sorted([two, one, two]))
    assert server.served("POST", "/v2/a/b/blobs/uploads/") == [one]
