"""Connections that were answered, and whose clients do not hang up."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ocireg.serving.lingering import LINGERING
from tests.faults.wire import Wire, until
from tests.server import Server, environment, stopped_at_the_end
from tests.serving.kernel import held, unread

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, workers=1, access_log="false") as running:
        yield running


def asked(server: Server) -> Wire:
    """Return a connection that wants to be ended after its answer."""
    wire = Wire(server)
    wire.head("GET", "/healthz", Connection="close")
    return wire


def answered(server: Server) -> Wire:
    """Return a connection that the server has ended, and the client has not."""
    wire = asked(server)
    assert wire.answer().status == 200
    assert wire.file.read() == b""
    return wire


def test_clients_that_do_not_hang_up_hold_up_nobody(server: Server) -> None:
    wires = [answered(server) for _ in range(LINGERING)]
    further = [asked(server) for _ in range(20)]
    assert requests.get(f"{server.url}/healthz", timeout=1.5).status_code == 200
    assert all(wire.answer().status == 200 and wire.file.read() == b"" for wire in further)
    assert sum(map(held, wires + further)) < LINGERING + len(further)
    for wire in wires + further:
        wire.close()


def test_one_that_lingers_does_not_stand_for_those_that_hung_up_after_it(server: Server) -> None:
    first = answered(server)
    for _ in range(LINGERING + 1):
        answered(server).close()
    last = answered(server)
    time.sleep(1)
    assert held(last)
    first.close()
    last.close()


def test_a_client_that_lingers_is_let_go_in_the_end(server: Server) -> None:
    wire = answered(server)
    wire.send(b"more")
    until(lambda: not unread(wire))
    assert held(wire)
    until(lambda: not held(wire))
    wire.close()


def test_those_that_linger_count_among_the_connections_of_a_worker(tmp_path: Path) -> None:
    """Of a worker that may have but few: the listener is left alone while they linger, and heard again after."""
    server = Server(tmp_path)
    command = [str(Path(sys.executable).parent / "gunicorn"), "-c", str(ROOT / "conf" / "gunicorn.conf.py")]
    with server.log.open("wb") as log:
        server.process = subprocess.Popen(
            [*command, "--worker-connections", "40", "--keep-alive", "1"],
            env=environment(**server.settings, workers=1, threads=4),
            stdout=log,
            stderr=log,
        )
    with stopped_at_the_end(server.process):
        server.wait_until_ready()
        wires = [answered(server) for _ in range(40)]
        late = Wire(server)
        late.head("GET", "/healthz")
        late.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            late.socket.recv(1)
        late.socket.settimeout(30)
        assert late.socket.recv(12) == b"HTTP/1.1 200"
        for wire in [*wires, late]:
            wire.close()
